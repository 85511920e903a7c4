/* track: training runs to an MLflow server. */
#include "core/clock.h"
#include "core/file.h"
#include "core/options.h"
#include "track/address.h"
#include "track/tensorboard.h"
#include "track/tracker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  const char *server, *experiment, *tensorboard;
  pm_text_list names, tags;
  bool follow, artifacts, model;
  double every, patience, timeout;
  pm_common common;
} settings;

#define AT(field) offsetof(settings, field)

static const pm_option options[] = {
    {"server", 0, PM_TEXT, AT(server), NULL, 0, 0, NULL, "URL",
     "address of the MLflow server, as it prints it; default: MLFLOW_TRACKING_URI"},
    {"experiment", 0, PM_TEXT, AT(experiment), NULL, 0, 0, NULL, "NAME",
     "the experiment that the runs go to, made if it is not there; default: MLFLOW_EXPERIMENT_NAME, else pixelmill"},
    {"name", 0, PM_LIST, AT(names), NULL, 0, 0, NULL, "TEXT",
     "name of a run on the server; the first is for the first RUN_DIR, and so on (default: the name in its settings)"},
    {"tag", 0, PM_LIST, AT(tags), NULL, 0, 0, NULL, "KEY=VALUE", "a tag for all runs"},
    {"tensorboard", 0, PM_TEXT, AT(tensorboard), NULL, 0, 0, NULL, "DIR",
     "instead of sending anything, write an event file of TensorBoard for each training run, DIR/NAME/events…: "
     "metrics, "
     "scores, grids"},
    {"follow", 'f', PM_FLAG, AT(follow), NULL, 0, 0, NULL, NULL,
     "go on while the training goes on, and end when it has ended"},
    {"every", 0, PM_REAL, AT(every), "2", 0.01, 3600, NULL, "SECONDS", "with --follow: how often to look"},
    {"artifacts", 0, PM_FLAG, AT(artifacts), "true", 0, 0, NULL, NULL,
     "send files, too: grids, log, settings, scores, the model"},
    {"model", 0, PM_FLAG, AT(model), "true", 0, 0, NULL, NULL, "send the model among the files"},
    {"patience", 0, PM_REAL, AT(patience), "60", 0, 86400, NULL, "SECONDS",
     "how long to try again when the server is down or fails; while a training is followed, as long as it lasts"},
    {"timeout", 0, PM_REAL, AT(timeout), "30", 0.1, 3600, NULL, "SECONDS", "how long to wait for an answer"},
    {0}};

static const pm_tool tool = {
    .name = "track",
    .summary = "send training runs to an MLflow server",
    .operands = "RUN_DIR...",
    .options = options,
    .common_offset = offsetof(settings, common),
    .min_operands = 1,
    .max_operands = -1,
    .description =
        "Makes an MLflow run of each training run: its settings become parameters, each column of metrics.tsv and each "
        "measure of scores.tsv a metric, and grids/, log.txt, config.yaml, scores.tsv, nearest.png and the model "
        "artifacts. Tags name the user, the processor tier, and the SHA-256 of the sprites. Prints the address of each "
        "run.\n\n"
        "It sends what the server does not have yet. So it may be stopped at any time, and the same command sends the "
        "rest; nothing is sent twice. A resumed training goes on in the same run, and one that was begun anew in the "
        "folder becomes another. tracked.json in the folder notes which run it is and which files were sent.\n\n"
        "Of the metrics only finite values are sent. The training run is only read.\n\n"
        "Environment: MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME, MLFLOW_TRACKING_USERNAME with "
        "MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_INSECURE_TLS, "
        "MLFLOW_TRACKING_SERVER_CERT_PATH, and the proxy variables of curl.",
    .examples = "track --server http://127.0.0.1:5000 runs/mine/vae-mse\n"
                "track --follow --experiment mine --tag sheet=dungeon runs/mine/patch-ar\n"
                "track --tensorboard events runs/mine/vae-mse runs/mine/vae-bce && tensorboard --logdir events",
};

static pm_mlflow_pair *parse_tags(pm_arena *arena, const pm_text_list *list) {
  pm_mlflow_pair *tag = pm_alloc(arena, list->count, sizeof *tag);
  for (size_t i = 0; i < list->count; i++) {
    char *key = pm_copy_text(arena, list->item[i]), *value = strchr(key, '=');
    if (!value || value == key)
      pm_wrong_usage("--tag %s: expected KEY=VALUE", key);
    *value++ = 0;
    tag[i] = (pm_mlflow_pair){key, value};
  }
  return tag;
}

static const char *experiment_name(const settings *s) {
  const char *name = s->experiment ? s->experiment : getenv("MLFLOW_EXPERIMENT_NAME");
  return name && *name ? name : "pixelmill";
}

static void pause_for(double seconds) {
  nanosleep(&(struct timespec){(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)}, NULL);
}

/* ---- one run until there is nothing more to send */

/* A time in which the server does not do what it is asked. */
typedef struct {
  double begun; /* 0: it does */
  size_t tries;
} outage;

/* Waits before the next try, or ends the program. */
static void bear(const settings *s, const pm_mlflow *server, bool trains, outage *o) {
  static const double first = 0.1, longest = 10;
  double at = pm_seconds_now();
  if (o->tries++ == 0) {
    o->begun = at;
    if (s->patience > 0 || trains)
      pm_warn(pm_mlflow_address(server), "%s; trying again", pm_mlflow_problem(server));
  }
  double left = o->begun + s->patience - at, wait = fmin(longest, first * pow(2, (double)o->tries - 1));
  if (trains) {
    pause_for(wait);
    return;
  }
  if (left <= 0)
    pm_fail(PM_FAILED, pm_mlflow_address(server),
            "%s; given up after %s. Nothing is lost: the same command sends the rest", pm_mlflow_problem(server),
            pm_counted(pm_arena_new(), o->tries, "try"));
  pause_for(fmin(wait, left));
}

PM_NORETURN static void refuse_folder(pm_arena *arena, const char *folder) {
  const char *why = !pm_file_exists(folder)                        ? "there is no such folder"
                    : !pm_file_exists(pm_join(arena, folder, ".")) ? "is a file"
                                                                   : "there is no metrics.tsv in it, or no config.yaml";
  pm_fail(PM_BAD_INPUT, folder, "%s, expected the folder of a training run", why);
}

static void summarize(pm_arena *arena, const char *folder, const pm_tracker_report *r) {
  static const char *const state[] = {"is still training: --follow, or the same command later, sends the rest",
                                      "training is complete", "training was stopped and can be resumed",
                                      "training ended without a model"};
  pm_say(0, "%s: %s and %s sent; %s", folder, pm_counted(arena, r->values, "value"),
         pm_counted(arena, r->files, "file"), state[r->state]);
  if (r->not_finite)
    pm_warn(folder, "left out %s that %s not finite (nan or inf)", pm_counted(arena, r->not_finite, "value"),
            r->not_finite == 1 ? "is" : "are");
  if (r->cut)
    pm_warn(folder, "%s cut to the %d characters that MLflow takes", pm_counted(arena, r->cut, "parameter"),
            PM_MLFLOW_PARAM);
}

static void track(pm_arena *arena, const settings *s, pm_mlflow *server, const char *folder, pm_tracker_settings how) {
  pm_tracker *tracker = pm_tracker_new(arena, server, folder, how);
  outage trouble = {0};
  double begun = pm_seconds_now();
  for (;;) {
    bool done = pm_tracker_sync(tracker);
    pm_tracker_report r = pm_tracker_tell(tracker);
    bool trains = s->follow && r.there && r.state == PM_TRAINING_RUNS;
    if (!done) {
      bear(s, server, trains, &trouble);
      continue;
    }
    if (trouble.tries)
      pm_say(0, "%s: answers again", pm_mlflow_address(server));
    trouble = (outage){0};
    if (!r.there && (!s->follow || pm_seconds_now() - begun >= s->patience))
      refuse_folder(arena, folder);
    if (r.there && !trains) {
      summarize(arena, folder, &r);
      pm_output *out = pm_output_open(arena, NULL, false);
      pm_output_print(out, "%s\n", r.address);
      pm_output_commit(out);
      return;
    }
    pause_for(s->every);
  }
}

/* ---- TensorBoard */

/* One file a run, which the next call replaces. `taken`: the names of those before. */
static void write_events(pm_arena *arena, const settings *s, const char *folder, const char *name,
                         pm_text_list *taken) {
  pm_training training;
  if (!pm_training_read(arena, folder, &training))
    refuse_folder(arena, folder);
  name = name ? name : training.name;
  for (size_t i = 0; i < taken->count; i++)
    if (strcmp(taken->item[i], name) == 0)
      pm_wrong_usage("two training runs are named '%s'; --name gives another", name);
  pm_text_list_add(arena, taken, name);
  if (!*name || strchr(name, '/') || strspn(name, ".") == strlen(name))
    pm_wrong_usage("--name '%s': expected the name of a folder", name);
  const char *into = pm_join(arena, s->tensorboard, name);
  pm_make_folder(into);
  const char *path = pm_join(arena, into, "events.out.tfevents.0000000000.pixelmill");
  pm_output *out = pm_output_open(arena, path, true);
  pm_tensorboard_write(arena, out, &training);
  pm_output_commit(out);
  pm_say(0, "wrote %s", path);
}

static void write_all_events(pm_arena *arena, const settings *s, char **folders, size_t n) {
  static const char *const of_servers[] = {"server",    "experiment", "tag",      "follow",  "every",
                                           "artifacts", "model",      "patience", "timeout", NULL};
  pm_refuse_given(&s->common, of_servers, "for a server; --tensorboard writes files");
  pm_text_list taken = {0};
  for (size_t i = 0; i < n; i++)
    write_events(arena, s, folders[i], i < s->names.count ? s->names.item[i] : NULL, &taken);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **folders = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  if (s.names.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.names.count, "name"),
                   pm_counted(arena, n, "run"));
  if (s.tensorboard) {
    write_all_events(arena, &s, folders, n);
    pm_arena_free(arena);
    return PM_DONE;
  }
  if (s.follow && n > 1)
    pm_wrong_usage("--follow is for one training run, and %zu are given", n);
  pm_tracker_settings how = {.experiment = experiment_name(&s),
                             .tags = s.tags.count,
                             .tag = parse_tags(arena, &s.tags),
                             .artifacts = s.artifacts,
                             .model = s.model};
  pm_http_settings http = pm_tracking_server(arena, s.server);
  http.timeout = s.timeout;
  for (size_t i = 0; i < n; i++) /* before anything is sent */
    if (!s.follow && !pm_file_exists(pm_join(arena, folders[i], "metrics.tsv")))
      refuse_folder(arena, folders[i]);
  pm_mlflow *server = pm_mlflow_open(arena, http);
  for (size_t i = 0; i < n; i++) {
    how.name = i < s.names.count ? s.names.item[i] : NULL;
    track(arena, &s, server, folders[i], how);
  }
  pm_arena_free(arena);
  return PM_DONE;
}
