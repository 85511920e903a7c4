#include "track/tracker.h"

#include "core/file.h"
#include "core/options.h"
#include "report/score_lines.h"
#include "track/tracked.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FILE = 2147483647, MOST_TAGS = 8 };
static const char identity[] = "pixelmill.training";

struct pm_tracker {
  pm_arena *arena;
  pm_mlflow *server;
  const char *folder;
  pm_tracker_settings settings;
  int lock; /* the folder, opened; -1: not yet */
  char key[65];
  pm_mlflow_experiment experiment; /* id NULL: not asked yet */
  pm_tracked tracked;              /* training NULL: no run yet */
  pm_mlflow_run run;               /* what the server has; id NULL: not asked since something failed */
  bool tagged, knows_data;         /* whether our tags, and those of its data, were sent */
  bool checked;                    /* whether the server was asked for the files that the note names */
  const char *named;               /* the run that the report tells of */
  pm_tracker_report report;
};

static void unlock(void *object) {
  pm_tracker *t = object;
  if (t->lock >= 0)
    close(t->lock);
}

pm_tracker *pm_tracker_new(pm_arena *arena, pm_mlflow *server, const char *folder, pm_tracker_settings settings) {
  pm_tracker *t = pm_alloc(arena, 1, sizeof *t);
  *t = (pm_tracker){.arena = arena, .server = server, .folder = folder, .settings = settings, .lock = -1};
  pm_arena_defer(arena, unlock, t);
  return t;
}

/* The folder itself bears the lock: no file is left behind. */
static void lock_folder(pm_tracker *t) {
  if (t->lock >= 0)
    return;
  t->lock = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (t->lock < 0)
    pm_fail(PM_FAILED, t->folder, "cannot be opened: %s", strerror(errno));
  if (flock(t->lock, LOCK_EX | LOCK_NB))
    pm_fail(PM_FAILED, t->folder, "another track is sending this training run; wait for it to end");
}

static void note(pm_tracker *t, pm_arena *scratch) {
  pm_tracked_write(scratch, t->folder, pm_mlflow_address(t->server), t->settings.experiment, &t->tracked);
}

/* ---- which run */

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* A training that was begun anew in the folder leaves the run of the one before as it is; but it runs no more. */
static bool leave_old_run(pm_tracker *t, pm_arena *scratch) {
  pm_mlflow_run old;
  if (!pm_mlflow_get_run(t->server, scratch, t->tracked.run, &old))
    return false;
  if (old.id && !old.deleted && strcmp(old.status, "RUNNING") == 0 &&
      !pm_mlflow_set_status(t->server, old.id, "KILLED", now()))
    return false;
  pm_say(0, "%s: holds another training than that of run %s; it becomes a run of its own", t->folder, t->tracked.run);
  t->tracked = (pm_tracked){0};
  return true;
}

static const char *user(void) {
  const struct passwd *entry = getpwuid(getuid());
  const char *name = getenv("USER");
  return name && *name ? name : entry ? entry->pw_name : "unknown";
}

/* What is known from the beginning. */
static size_t first_tags(pm_arena *scratch, const pm_tracker *t, const pm_training *training, pm_mlflow_pair *tag) {
  const char *method = "";
  for (size_t i = 0; i < training->config.entries; i++)
    if (strcmp(training->config.entry[i].key, "method") == 0)
      method = training->config.entry[i].value;
  size_t n = 0;
  tag[n++] = (pm_mlflow_pair){identity, t->key};
  tag[n++] = (pm_mlflow_pair){"mlflow.user", user()};
  tag[n++] = (pm_mlflow_pair){"mlflow.source.type", "LOCAL"};
  tag[n++] = (pm_mlflow_pair){"mlflow.source.name", pm_format(scratch, "pixelmill %s", method)};
  if (*training->tier)
    tag[n++] = (pm_mlflow_pair){"pixelmill.tier", training->tier};
  memcpy(tag + n, t->settings.tag, t->settings.tags * sizeof *tag);
  return n + t->settings.tags;
}

/* Sets t->tracked.run: as noted, else as found by its tag (the note was lost, or the answer to its creation), else
 * made.
 */
static bool find_run(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  const char *id;
  if (t->tracked.training)
    return true;
  if (!pm_mlflow_find_run(t->server, scratch, t->experiment.id, (pm_mlflow_pair){identity, t->key}, &id))
    return false;
  if (!id) {
    pm_mlflow_pair *tag = pm_alloc(scratch, MOST_TAGS + t->settings.tags, sizeof *tag);
    size_t n = first_tags(scratch, t, training, tag);
    const char *name = t->settings.name ? t->settings.name : training->name;
    if (!pm_mlflow_create_run(t->server, scratch, t->experiment.id, name, training->begun, tag, n, &id))
      return false;
    t->tagged = true;
  }
  t->tracked = (pm_tracked){.training = pm_copy_text(t->arena, t->key), .run = pm_copy_text(t->arena, id)};
  note(t, scratch);
  return true;
}

/* What the server has of it. A run that is gone for good (the server's store is another one) is made again. */
static bool ask_server(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  if (t->run.id)
    return true;
  if (!find_run(t, scratch, training) || !pm_mlflow_get_run(t->server, t->arena, t->tracked.run, &t->run))
    return false;
  if (!t->run.id) {
    pm_warn(t->folder, "%s no longer has run %s; everything is sent again", pm_mlflow_address(t->server),
            t->tracked.run);
    t->tracked = (pm_tracked){0};
    if (!find_run(t, scratch, training) || !pm_mlflow_get_run(t->server, t->arena, t->tracked.run, &t->run))
      return false;
  }
  if (t->run.deleted)
    pm_fail(PM_FAILED, t->folder,
            "its run %s was deleted on %s; restore it (mlflow runs restore --run-id %s), or remove %s/tracked.json to "
            "make another",
            t->run.id, pm_mlflow_address(t->server), t->run.id, t->folder);
  return true;
}

static bool settle_run(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  if (strcmp(t->key, training->key) != 0) {
    bool first = !*t->key;
    memcpy(t->key, training->key, sizeof t->key);
    t->run = (pm_mlflow_run){0};
    t->tagged = t->knows_data = t->checked = false;
    if (first)
      t->tracked = pm_tracked_read(t->arena, t->folder, pm_mlflow_address(t->server), t->settings.experiment);
  }
  if (!t->experiment.id) {
    if (!pm_mlflow_find_experiment(t->server, t->arena, t->settings.experiment, &t->experiment))
      return false;
    if (t->settings.artifacts)
      pm_mlflow_check_artifacts(t->server, t->experiment.artifacts);
  }
  if (t->tracked.training && strcmp(t->tracked.training, t->key) != 0 && !leave_old_run(t, scratch))
    return false;
  return ask_server(t, scratch, training);
}

/* ---- parameters and tags */

static const char *param_there(const pm_tracker *t, const char *key) {
  for (size_t i = 0; i < t->run.params; i++)
    if (strcmp(t->run.param[i].key, key) == 0)
      return t->run.param[i].value;
  return NULL;
}

static bool send_params(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  size_t n = 0;
  pm_mlflow_pair *params = pm_alloc(scratch, training->config.entries, sizeof *params);
  t->report.cut = 0;
  for (size_t i = 0; i < training->config.entries; i++) {
    const pm_config_entry *e = &training->config.entry[i];
    const char *there = param_there(t, e->key), *value = pm_mlflow_cut(scratch, e->value, PM_MLFLOW_PARAM);
    t->report.cut += value != e->value;
    if (!there)
      params[n++] = (pm_mlflow_pair){e->key, value};
    else if (strcmp(there, value) != 0 && !t->tagged)
      pm_warn(t->folder, "%s is %s now; the run keeps %s, since MLflow does not let parameters change", e->key, value,
              there);
  }
  if (!n)
    return true;
  if (!pm_mlflow_log_params(t->server, t->run.id, params, n))
    return false;
  t->run.param = pm_alloc(t->arena, training->config.entries, sizeof *t->run.param);
  t->run.params = training->config.entries;
  for (size_t i = 0; i < t->run.params; i++)
    t->run.param[i] = (pm_mlflow_pair){pm_copy_text(t->arena, training->config.entry[i].key),
                                       pm_copy_text(t->arena, training->config.entry[i].value)};
  return true;
}

/* Those of a run that was there before, which may have other tags now; and what is known from the first checkpoint on.
 */
static bool send_tags(pm_tracker *t, pm_arena *scratch, const pm_training *training, const pm_training_facts *facts) {
  pm_mlflow_pair *tag = pm_alloc(scratch, MOST_TAGS + t->settings.tags, sizeof *tag);
  size_t n = t->tagged ? 0 : first_tags(scratch, t, training, tag);
  bool knows_data = facts->data_hash != NULL;
  if (knows_data && !t->knows_data) {
    tag[n++] = (pm_mlflow_pair){"pixelmill.data_sha256", facts->data_hash};
    tag[n++] = (pm_mlflow_pair){"pixelmill.version", facts->version ? facts->version : pm_version};
  }
  if (n && !pm_mlflow_set_tags(t->server, t->run.id, tag, n))
    return false;
  t->tagged = true;
  t->knows_data = knows_data;
  return true;
}

/* ---- metrics */

/* The newest value that the server has; NULL if none. */
static pm_mlflow_metric *newest(const pm_tracker *t, const char *key) {
  for (size_t i = 0; i < t->run.metrics; i++)
    if (strcmp(t->run.metric[i].key, key) == 0)
      return &t->run.metric[i];
  return NULL;
}

/* MLflow takes letters, digits and these; a slash would make a group of it. */
static const char *metric_key(pm_arena *arena, const char *name) {
  static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. ";
  char *key = pm_format(arena, "%.200s", *name ? name : "_");
  for (char *at = key; *at; at++)
    if (!strchr(taken, *at) || (at == key && *at == '.'))
      *at = '_';
  return key;
}

typedef struct {
  pm_mlflow_metric *metric;
  size_t count, capacity;
} metric_list;

static void add_metric(pm_arena *scratch, metric_list *list, pm_mlflow_metric metric) {
  list->metric = pm_grow(scratch, list->metric, &list->capacity, list->count + 1, sizeof *list->metric);
  list->metric[list->count++] = metric;
}

/* Of each column what lies behind the newest step that the server has. Each is in the order of its steps, so whatever
 * of it arrives, the newest step tells how much. */
static void new_rows(const pm_tracker *t, pm_arena *scratch, const pm_training *training, metric_list *list) {
  for (size_t k = 0; k < training->metrics.columns; k++) {
    const pm_series *s = &training->metrics.series[k];
    const char *key = metric_key(scratch, s->name);
    const pm_mlflow_metric *last = newest(t, key);
    for (size_t i = 0; i < s->count; i++)
      if (!last || s->step[i] > (double)last->step)
        add_metric(scratch, list,
                   (pm_mlflow_metric){key, s->value[i], (int64_t)s->step[i], pm_training_time(training, s->step[i])});
  }
}

/* scores.tsv as metrics, each where the server has another value or none. At step 0, which MLflow's pages draw as bars,
 * not as a curve of one point. */
static void new_scores(const pm_tracker *t, pm_arena *scratch, const pm_training *training, metric_list *list) {
  static const char held[] = "held-out:";
  const char *path = pm_join(scratch, t->folder, "scores.tsv");
  if (training->state != PM_TRAINING_DONE || !pm_file_exists(path))
    return;
  pm_score_lines scores = pm_score_lines_read(scratch, path);
  int64_t time = now();
  for (size_t i = 0; i < scores.count; i++) {
    const char *measure = scores.line[i].measure;
    bool about_held = strncmp(measure, held, strlen(held)) == 0;
    const char *key = pm_format(scratch, "scores/%s%s", about_held ? "held-out/" : "",
                                metric_key(scratch, measure + (about_held ? strlen(held) : 0)));
    const pm_mlflow_metric *last = newest(t, key);
    if (!last || last->value != scores.line[i].value)
      add_metric(scratch, list, (pm_mlflow_metric){key, scores.line[i].value, 0, time});
  }
}

/* What was sent is the newest that the server has. */
static void take_over(pm_tracker *t, const metric_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    pm_mlflow_metric *last = newest(t, list->metric[i].key);
    if (!last) {
      pm_mlflow_metric *more = pm_alloc(t->arena, t->run.metrics + 1, sizeof *more);
      memcpy(more, t->run.metric, t->run.metrics * sizeof *more);
      t->run.metric = more;
      last = &more[t->run.metrics++];
      last->key = pm_copy_text(t->arena, list->metric[i].key);
    }
    last->value = list->metric[i].value;
    last->step = list->metric[i].step;
  }
  t->report.values += list->count;
}

static bool send_metrics(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  metric_list list = {0};
  new_rows(t, scratch, training, &list);
  new_scores(t, scratch, training, &list);
  if (!pm_mlflow_log_metrics(t->server, t->run.id, list.metric, list.count))
    return false;
  take_over(t, &list);
  t->report.not_finite = 0;
  for (size_t k = 0; k < training->metrics.columns; k++)
    t->report.not_finite += training->metrics.series[k].not_finite;
  return true;
}

/* ---- files */

static bool send_file(pm_tracker *t, pm_arena *arena, const char *name, const char *as) {
  char sha256[65];
  size_t length;
  const char *path = pm_join(arena, t->folder, name);
  if (!pm_file_exists(path))
    return true;
  pm_arena *scratch = pm_arena_new();
  const unsigned char *bytes = pm_read_file(scratch, path, MOST_FILE, &length);
  pm_sha256(bytes, length, sha256);
  bool done = pm_tracked_has(&t->tracked, as, sha256);
  if (!done) {
    const char *type = pm_has_suffix(name, ".png")           ? "image/png"
                       : pm_has_suffix(name, ".safetensors") ? "application/octet-stream"
                                                             : "text/plain; charset=utf-8";
    done = pm_mlflow_put_artifact(t->server, t->run.artifacts, as, type, bytes, length);
    if (done) {
      t->report.files++;
      pm_tracked_add(t->arena, &t->tracked, as, sha256);
      note(t, scratch);
    }
  }
  pm_arena_free(scratch);
  return done;
}

static bool send_files(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  static const char *const texts[] = {"config.yaml", "log.txt", "scores.tsv", "nearest.png"};
  if (!t->settings.artifacts)
    return true;
  pm_text_list list = pm_training_grids(scratch, t->folder);
  for (size_t i = 0; i < list.count; i++)
    if (!send_file(t, scratch, list.item[i], list.item[i]))
      return false;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (!send_file(t, scratch, texts[i], texts[i]))
      return false;
  return training->state != PM_TRAINING_DONE || !t->settings.model ||
         send_file(t, scratch, "model.safetensors", "model/model.safetensors");
}

/* Of what the note says was sent, what the server no longer has is forgotten, and so sent again. */
static bool check_files(pm_tracker *t) {
  size_t kept = 0;
  if (t->checked)
    return true;
  for (size_t i = 0; i < t->tracked.files; i++) {
    bool has = true;
    if (t->settings.artifacts && !pm_mlflow_has_artifact(t->server, t->run.id, t->tracked.file[i].path, &has))
      return false;
    if (has)
      t->tracked.file[kept++] = t->tracked.file[i];
  }
  t->tracked.files = kept;
  t->checked = true;
  return true;
}

/* ---- all of it */

static bool send_status(pm_tracker *t, const pm_training *training) {
  static const char *const words[] = {"RUNNING", "FINISHED", "KILLED", "FAILED"};
  const char *word = words[training->state];
  if (strcmp(t->run.status, word) == 0)
    return true;
  if (!pm_mlflow_set_status(t->server, t->run.id, word, training->state == PM_TRAINING_RUNS ? 0 : training->ended))
    return false;
  t->run.status = word;
  return true;
}

static bool send_all(pm_tracker *t, pm_arena *scratch, const pm_training *training) {
  if (!settle_run(t, scratch, training) || !check_files(t))
    return false;
  pm_training_facts facts = {0};
  if (!t->knows_data)
    facts = pm_training_facts_read(scratch, training);
  return send_params(t, scratch, training) && send_tags(t, scratch, training, &facts) &&
         send_metrics(t, scratch, training) && send_files(t, scratch, training) && send_status(t, training);
}

static void name_run(pm_tracker *t, const pm_training *training) {
  if (t->named == t->tracked.run)
    return;
  t->named = t->tracked.run;
  t->report.name = pm_copy_text(t->arena, t->settings.name ? t->settings.name : training->name);
  t->report.address =
      pm_format(t->arena, "%s/#/experiments/%s/runs/%s", pm_mlflow_address(t->server), t->experiment.id, t->run.id);
}

bool pm_tracker_sync(pm_tracker *t) {
  pm_arena *scratch = pm_arena_new();
  pm_training training;
  t->report.there = pm_training_read(scratch, t->folder, &training);
  bool done = true;
  if (t->report.there) {
    lock_folder(t);
    done = send_all(t, scratch, &training);
    t->report.state = training.state;
  }
  if (!done)
    t->run = (pm_mlflow_run){0}; /* what of it arrived is asked first, next time */
  else if (t->report.there) {
    name_run(t, &training);
  }
  pm_arena_free(scratch);
  return done;
}

pm_tracker_report pm_tracker_tell(const pm_tracker *t) {
  return t->report;
}
