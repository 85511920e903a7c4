/* A training run as its folder tells it, complete or not: how far it is, how it ended, and when. */
#ifndef PM_TRACK_TRAINING_H
#define PM_TRACK_TRAINING_H

#include "io/config.h"
#include "report/metrics.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  PM_TRAINING_RUNS,    /* a trainer holds the folder */
  PM_TRAINING_DONE,    /* there is a model */
  PM_TRAINING_STOPPED, /* by a signal, as its log says; it can be resumed */
  PM_TRAINING_FAILED,  /* it ended without a model, for another reason or without a word */
} pm_training_state;

/* What log.txt says of one call of a trainer. Times are milliseconds since 1970. */
typedef struct {
  int64_t begun, first; /* when, and behind which step */
  int64_t ended, last;  /* the same of its end; ended 0: not told */
} pm_training_session;

typedef struct {
  const char *folder, *name; /* name: that of the settings */
  pm_training_state state;
  pm_config config;
  pm_metrics metrics;
  const char *tier; /* of the processor, as the log has it: "avx512 SkylakeX"; "" if it does not say */
  int64_t begun;    /* when the first trainer was called */
  int64_t touched;  /* when the newest row was written */
  int64_t ended;    /* when the last line of the log was written */
  size_t sessions;
  pm_training_session *session; /* [sessions] */
  /* Names this training: SHA-256 of its settings (but for how long it is, which may grow) and of the first line of its
   * log. Resuming changes neither, starting again does. */
  char key[65];
} pm_training;

/* False if there is no such training run yet: no folder, or no metrics in it. Damaged files fail with status 3.
 * Everything in the arena; files are only read. */
bool pm_training_read(pm_arena *arena, const char *folder, pm_training *training);

/* "grids/000400.png", …, in the order of their steps: pictures of samples. */
pm_text_list pm_training_grids(pm_arena *arena, const char *folder);

/* About when a step was taken: from the sessions, and evenly within each. */
int64_t pm_training_time(const pm_training *training, double step);

/* The metadata of its model, else of its checkpoint: SHA-256 of the sprites, version of the program; NULL where they
 * are not known yet. */
typedef struct {
  const char *data_hash, *version;
} pm_training_facts;
pm_training_facts pm_training_facts_read(pm_arena *arena, const pm_training *training);

#ifdef __cplusplus
}
#endif
#endif
