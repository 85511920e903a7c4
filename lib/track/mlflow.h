/* An MLflow tracking server by its REST interface, version 2.0 (https://mlflow.org/docs/latest/rest-api.html).
 *
 * What the server refuses for good ends the program with status 1 and the reason: wrong credentials, another kind of
 * server, a redirect, a request that it does not accept. What may pass (it is down, answers 500, breaks off) makes a
 * function return false; pm_mlflow_problem then says what it was. Whether the server did what was asked is not known
 * then, so whoever tries again looks first (pm_mlflow_get_run). */
#ifndef PM_TRACK_MLFLOW_H
#define PM_TRACK_MLFLOW_H

#include "track/http.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the server takes at most: characters of a value, items of a request. */
enum {
  PM_MLFLOW_PARAM = 6000,
  PM_MLFLOW_TAG = 5000,
  PM_MLFLOW_METRICS = 1000,
  PM_MLFLOW_PAIRS = 100,
};

typedef struct pm_mlflow pm_mlflow;

pm_mlflow *pm_mlflow_open(pm_arena *arena, pm_http_settings settings);
/* Why the last call returned false; valid until the next one. */
const char *pm_mlflow_problem(const pm_mlflow *server);
/* Its address, for messages. */
const char *pm_mlflow_address(const pm_mlflow *server);

/* A parameter or a tag. */
typedef struct {
  const char *key, *value;
} pm_mlflow_pair;

typedef struct {
  const char *key;
  double value;       /* finite */
  int64_t step, time; /* milliseconds since 1970 */
} pm_mlflow_metric;

typedef struct {
  const char *id, *artifacts; /* artifacts: where those of its runs lie, "mlflow-artifacts:/1" */
} pm_mlflow_experiment;

typedef struct {
  const char *id;        /* NULL: the server has no such run */
  const char *artifacts; /* "mlflow-artifacts:/1/ID/artifacts" */
  const char *status;    /* "RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED" */
  bool deleted;
  size_t params, metrics;
  pm_mlflow_pair *param;    /* [params] */
  pm_mlflow_metric *metric; /* [metrics]: the newest value of each key, by step */
} pm_mlflow_run;

/* The experiment of that name, which is made if there is none. One that was deleted ends the program. */
bool pm_mlflow_find_experiment(pm_mlflow *server, pm_arena *arena, const char *name, pm_mlflow_experiment *experiment);

/* The id of the run of an experiment that has this tag; NULL if there is none. */
bool pm_mlflow_find_run(pm_mlflow *server, pm_arena *arena, const char *experiment, pm_mlflow_pair tag,
                        const char **id);
bool pm_mlflow_create_run(pm_mlflow *server, pm_arena *arena, const char *experiment, const char *name, int64_t begun,
                          const pm_mlflow_pair *tags, size_t n, const char **id);
bool pm_mlflow_get_run(pm_mlflow *server, pm_arena *arena, const char *id, pm_mlflow_run *run);

/* As many requests as it takes, in the order given. */
bool pm_mlflow_log_metrics(pm_mlflow *server, const char *id, const pm_mlflow_metric *metrics, size_t n);
/* Values are cut to what the server takes. */
bool pm_mlflow_log_params(pm_mlflow *server, const char *id, const pm_mlflow_pair *params, size_t n);
bool pm_mlflow_set_tags(pm_mlflow *server, const char *id, const pm_mlflow_pair *tags, size_t n);
/* ended 0: it has not. */
bool pm_mlflow_set_status(pm_mlflow *server, const char *id, const char *status, int64_t ended);

/* Status 1 unless artifacts go through the server (mlflow-artifacts:), which is the only way that needs no other
 * program: "file:…" is a folder of the server's own machine. */
void pm_mlflow_check_artifacts(const pm_mlflow *server, const char *artifacts);
bool pm_mlflow_has_artifact(pm_mlflow *server, const char *id, const char *path, bool *has);
/* `artifacts` of the run; replaces what is there. */
bool pm_mlflow_put_artifact(pm_mlflow *server, const char *artifacts, const char *path, const char *type,
                            const void *bytes, size_t length);

/* A text cut to so many characters (UTF-8); in the arena, or the text itself if it is short enough. */
const char *pm_mlflow_cut(pm_arena *arena, const char *text, size_t characters);

#ifdef __cplusplus
}
#endif
#endif
