/* How far a long piece of work has come: a line that is written over on a terminal, a line now and then elsewhere. */
#ifndef PM_TRAIN_PROGRESS_H
#define PM_TRAIN_PROGRESS_H

#include "core/fail.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *what; /* "steps" */
  int64_t begin, total;
  double started, shown, interval; /* seconds */
  bool terminal, line_open;
} pm_progress;

pm_progress pm_progress_start(const char *what, int64_t begin, int64_t total);
/* Call it as often as you like; it shows something when it is time. `note` follows the figures. */
void pm_progress_show(pm_progress *progress, int64_t done, const char *note);
/* Leaves the line, so that other lines may follow. */
void pm_progress_clear(pm_progress *progress);
/* Units per second since the start. */
double pm_progress_rate(const pm_progress *progress, int64_t done);
double pm_progress_seconds(const pm_progress *progress);

#ifdef __cplusplus
}
#endif
#endif
