#include "track/training.h"

#include "core/compare.h"
#include "core/file.h"
#include "io/safetensors.h"
#include "train/run_folder.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { MOST_LOG = 64 << 20 };

/* ---- log.txt */

static const char began[] = ", steps ", stopped[] = "stopped by a signal at step ";

/* "2026-11-28 11:58:24  TEXT", by the clock on the wall: the time, and `*text` where the text begins; 0 if it is none.
 */
static int64_t stamp_of(const char *line, const char **text) {
  struct tm t = {.tm_isdst = -1};
  int length = 0;
  if (sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d  %n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec,
             &length) != 6 ||
      !length)
    return 0;
  t.tm_year -= 1900;
  t.tm_mon -= 1;
  *text = line + length;
  time_t seconds = mktime(&t);
  return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

/* "…, steps 0 to 3600, avx512 SkylakeX, bf16, seed 1" */
static bool session_begins(pm_arena *arena, const char *text, int64_t *first, const char **tier) {
  int64_t last;
  int length = 0;
  const char *at = strstr(text, began);
  if (!at || sscanf(at + strlen(began), "%" SCNd64 " to %" SCNd64 ", %n", first, &last, &length) != 2 || !length)
    return false;
  at += (int)strlen(began) + length;
  *tier = pm_format(arena, "%.*s", (int)strcspn(at, ","), at);
  return true;
}

/* "3600 steps in 334.8 s (…", or "stopped by a signal at step 12 of 3600 after 1.5 s; …" */
static bool session_ends(const char *text, pm_training_session *s) {
  int64_t step;
  double seconds;
  if (sscanf(text, "%" SCNd64 " step%*[s] in %lf s", &step, &seconds) == 2)
    s->last = s->first + step;
  else if (strncmp(text, stopped, strlen(stopped)) == 0 &&
           sscanf(text + strlen(stopped), "%" SCNd64 " of %*d after %lf s", &step, &seconds) == 2)
    s->last = step;
  else
    return false;
  s->ended = s->begun + (int64_t)(seconds * 1000);
  return true;
}

/* `was_stopped`: whether the last trainer said that a signal had stopped it. */
static void read_log(pm_arena *arena, pm_training *t, char *log, bool *was_stopped) {
  size_t capacity = 0;
  for (char *line = log, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = 0;
    const char *text;
    int64_t time = stamp_of(line, &text), first;
    if (!time)
      continue;
    t->ended = time;
    if (session_begins(arena, text, &first, &t->tier)) {
      t->session = pm_grow(arena, t->session, &capacity, t->sessions + 1, sizeof *t->session);
      t->session[t->sessions++] = (pm_training_session){.begun = time, .first = first};
      *was_stopped = false;
    } else if (t->sessions && session_ends(text, &t->session[t->sessions - 1]))
      *was_stopped = strncmp(text, stopped, strlen(stopped)) == 0;
  }
}

/* ---- the folder */

static int64_t modified(const char *path) {
  struct stat status;
  if (stat(path, &status))
    return 0;
#ifdef __APPLE__
  struct timespec at = status.st_mtimespec;
#else
  struct timespec at = status.st_mtim;
#endif
  return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* A trainer that begins makes the file, then writes its first line. */
static bool has_line(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && status.st_size > 0;
}

/* Settings that may grow when a training run goes on. */
static bool is_length(const char *key) {
  return strcmp(key, "training.steps") == 0 || strcmp(key, "training.epochs") == 0;
}

static void name_training(pm_arena *arena, pm_training *t, const char *log) {
  const char *text = pm_format(arena, "%.*s", (int)strcspn(log, "\n"), log);
  for (size_t i = 0; i < t->config.entries; i++)
    if (!is_length(t->config.entry[i].key))
      text = pm_format(arena, "%s\n%s: %s", text, t->config.entry[i].key, t->config.entry[i].value);
  pm_sha256(text, strlen(text), t->key);
}

static const char *setting(const pm_training *t, const char *key) {
  for (size_t i = 0; i < t->config.entries; i++)
    if (strcmp(t->config.entry[i].key, key) == 0)
      return t->config.entry[i].value;
  return NULL;
}

/* Whether it runs is asked first: then what lies there afterwards is all that there will be. */
bool pm_training_read(pm_arena *arena, const char *folder, pm_training *t) {
  const char *metrics = pm_join(arena, folder, "metrics.tsv"), *config = pm_join(arena, folder, "config.yaml"),
             *log = pm_join(arena, folder, "log.txt");
  *t = (pm_training){.folder = folder, .tier = ""};
  bool held = pm_run_folder_held(arena, folder), was_stopped = false;
  size_t length;
  if (!pm_file_exists(metrics) || !pm_file_exists(config) || !has_line(metrics))
    return false;
  char *text = (char *)pm_read_file(arena, config, MOST_LOG, &length);
  t->config = pm_config_parse(arena, text, length, config);
  text = pm_file_exists(log) ? (char *)pm_read_file(arena, log, MOST_LOG, NULL) : pm_copy_text(arena, "");
  name_training(arena, t, text);
  t->touched = modified(metrics);
  read_log(arena, t, text, &was_stopped);
  t->metrics = pm_metrics_read(arena, metrics, true);
  t->name = setting(t, "name");
  if (!t->name || !*t->name)
    t->name = pm_base_name(folder);
  t->begun = t->sessions ? t->session[0].begun : t->touched;
  t->ended = t->ended ? t->ended : t->touched;
  t->state = held                                                          ? PM_TRAINING_RUNS
             : pm_file_exists(pm_join(arena, folder, "model.safetensors")) ? PM_TRAINING_DONE
             : was_stopped                                                 ? PM_TRAINING_STOPPED
                                                                           : PM_TRAINING_FAILED;
  /* A trainer that has just begun writes the log behind the other files; before it, the training has no name. */
  return !held || (t->sessions && t->metrics.rows);
}

pm_text_list pm_training_grids(pm_arena *arena, const char *folder) {
  pm_text_list list = {0};
  DIR *at = opendir(pm_join(arena, folder, "grids"));
  if (!at)
    return list;
  for (struct dirent *entry; (entry = readdir(at));)
    if (pm_is_grid_name(entry->d_name))
      pm_text_list_add(arena, &list, pm_join(arena, "grids", entry->d_name));
  closedir(at);
  if (list.count)
    qsort(list.item, list.count, sizeof *list.item, pm_compare_text);
  return list;
}

/* ---- times */

/* Milliseconds that a step takes in session k; 0 if that is not to be told. */
static double pace(const pm_training *t, size_t k) {
  const pm_training_session *s = &t->session[k];
  if (s->ended && s->last > s->first)
    return (double)(s->ended - s->begun) / (double)(s->last - s->first);
  if (k + 1 == t->sessions && t->touched > s->begun && t->metrics.last_step > (double)s->first)
    return (double)(t->touched - s->begun) / (t->metrics.last_step - (double)s->first);
  return 0;
}

int64_t pm_training_time(const pm_training *t, double step) {
  if (!t->sessions)
    return t->touched;
  size_t k = t->sessions - 1;
  while (k > 0 && (double)t->session[k].first >= step)
    k--;
  const pm_training_session *s = &t->session[k];
  double milliseconds = pace(t, k), behind = step - (double)s->first;
  /* One that was killed says no end: the pace of the last, and not beyond the beginning of the next. */
  if (milliseconds == 0)
    milliseconds = pace(t, t->sessions - 1);
  int64_t time = s->begun + (int64_t)(fmax(behind, 0) * milliseconds);
  return k + 1 < t->sessions && time > s[1].begun ? s[1].begun : time;
}

/* ---- what it was trained on */

pm_training_facts pm_training_facts_read(pm_arena *arena, const pm_training *t) {
  static const char *const files[] = {"model.safetensors", "checkpoint.safetensors"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    const char *path = pm_join(arena, t->folder, files[i]);
    if (!pm_file_exists(path))
      continue;
    pm_safetensors file = pm_safetensors_read(arena, path, true);
    pm_training_facts facts = {.data_hash = pm_safetensors_metadata(&file, "data_sha256"),
                               .version = pm_safetensors_metadata(&file, "version")};
    return facts;
  }
  return (pm_training_facts){0};
}
