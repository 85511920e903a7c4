/* Brings an MLflow run up to what a training run's folder holds. Works by difference: it asks the server what it has
 * and sends the rest, so it can be stopped anywhere and called again. */
#ifndef PM_TRACK_TRACKER_H
#define PM_TRACK_TRACKER_H

#include "track/mlflow.h"
#include "track/training.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *experiment; /* its name */
  const char *name;       /* of the MLflow run; NULL: that in the settings */
  size_t tags;
  const pm_mlflow_pair *tag; /* [tags], besides our own */
  bool artifacts, model;     /* whether to send files, and the model among them */
} pm_tracker_settings;

typedef struct pm_tracker pm_tracker;

/* Takes a lock on the folder, so that two do not send the same; fails with status 1 if another process has it. A folder
 * that is not there yet is locked when it is. */
pm_tracker *pm_tracker_new(pm_arena *arena, pm_mlflow *server, const char *folder, pm_tracker_settings settings);

/* False if the server did not do all that it was asked (pm_mlflow_problem): to be called again. */
bool pm_tracker_sync(pm_tracker *tracker);

typedef struct {
  bool there; /* whether the folder holds a training run; nothing else counts if not */
  pm_training_state state;
  const char *name;     /* of the MLflow run */
  const char *address;  /* where a browser finds it */
  size_t values, files; /* sent by this process */
  size_t not_finite;    /* values that were left out */
  size_t cut;           /* parameters that were cut to what MLflow takes */
} pm_tracker_report;

/* Of the last sync that returned true. */
pm_tracker_report pm_tracker_tell(const pm_tracker *tracker);

#ifdef __cplusplus
}
#endif
#endif
