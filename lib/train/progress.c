#include "train/progress.h"

#include "core/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

pm_progress pm_progress_start(const char *what, int64_t begin, int64_t total) {
  bool terminal = isatty(2);
  double start = pm_seconds_now();
  return (pm_progress){.what = what,
                       .begin = begin,
                       .total = total,
                       .started = start,
                       .shown = start,
                       .interval = terminal ? 0.2 : 15,
                       .terminal = terminal};
}

double pm_progress_seconds(const pm_progress *p) {
  return pm_seconds_now() - p->started;
}

double pm_progress_rate(const pm_progress *p, int64_t done) {
  double seconds = pm_progress_seconds(p);
  return seconds > 0 ? (double)(done - p->begin) / seconds : 0;
}

static void duration(char text[32], double seconds) {
  long s = (long)(seconds + 0.5);
  if (s >= 3600)
    snprintf(text, 32, "%ld h %02ld min", s / 3600, s / 60 % 60);
  else if (s >= 60)
    snprintf(text, 32, "%ld min %02ld s", s / 60, s % 60);
  else
    snprintf(text, 32, "%ld s", s);
}

void pm_progress_show(pm_progress *p, int64_t done, const char *note) {
  double time = pm_seconds_now();
  if (pm_verbosity() < 0 || time - p->shown < p->interval)
    return;
  p->shown = time;
  double rate = pm_progress_rate(p, done);
  char left[32];
  duration(left, rate > 0 ? (double)(p->total - done) / rate : 0);
  fprintf(stderr, "%s%s: %" PRId64 " of %" PRId64 " %s, %.0f a second, %s left%s%s%s", p->terminal ? "\r" : "",
          pm_tool_name(), done, p->total, p->what, rate, left, note && *note ? "; " : "", note ? note : "",
          p->terminal ? "\033[K" : "\n");
  p->line_open = p->terminal;
}

void pm_progress_clear(pm_progress *p) {
  if (p->line_open)
    fputs("\r\033[K", stderr);
  p->line_open = false;
}
