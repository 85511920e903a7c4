#include "track/mlflow.h"

#include "core/sizes.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* Bytes of texts in one request: MLflow takes a million in all. */
enum { MOST_TEXT = 400000 };

static const char uploads[] = "/api/2.0/mlflow-artifacts/artifacts";

struct pm_mlflow {
  pm_http *http;
  const char *address;
  pm_arena *arena; /* of the problem's text and of what one call needs */
  pm_arena **scratch;
  const char *problem;
};

pm_mlflow *pm_mlflow_open(pm_arena *arena, pm_http_settings settings) {
  pm_mlflow *m = pm_alloc(arena, 1, sizeof *m);
  *m = (pm_mlflow){.http = pm_http_open(arena, settings), .address = settings.base, .arena = arena};
  m->scratch = pm_scratch_new(arena);
  return m;
}

const char *pm_mlflow_problem(const pm_mlflow *m) {
  return m->problem;
}

const char *pm_mlflow_address(const pm_mlflow *m) {
  return m->address;
}

/* ---- answers */

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

static const char *reason(long status) {
  static const struct {
    long status;
    const char *words;
  } reasons[] = {{400, "Bad Request"},      {401, "Unauthorized"},        {403, "Forbidden"},
                 {404, "Not Found"},        {429, "Too Many Requests"},   {500, "Internal Server Error"},
                 {502, "Bad Gateway"},      {503, "Service Unavailable"}, {504, "Gateway Timeout"},
                 {413, "Content Too Large"}};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].status == status)
      return reasons[i].words;
  return "";
}

/* What came back, in words: "answers 500 Internal Server Error: database is locked". */
static const char *answer_in_words(pm_arena *arena, const pm_http_answer *a, const json_t *json) {
  const char *said = text_of(json, "message"), *more = *said ? pm_mlflow_cut(arena, said, 400) : "";
  return pm_format(arena, "answers %ld%s%s%s%s", a->status, *reason(a->status) ? " " : "", reason(a->status),
                   *more ? ": " : "", more);
}

PM_NORETURN static void refuse_kind(const pm_mlflow *m, const char *path, const pm_http_answer *a) {
  pm_fail(PM_FAILED, m->address,
          "answers %s where an MLflow server answers JSON (%s, status %ld); expected the address that MLflow prints "
          "when it starts",
          *a->type ? a->type : "something", path, a->status);
}

static bool may_pass(long status) {
  return status >= 500 || status == 429 || status == 408;
}

/* Ends the program if the answer is final; false, with the problem noted, if another try may go better. True with
 * `*json` else, which is NULL where the server says that what was asked for is not there, and where an upload is
 * answered by nothing but the status. */
static bool judge(pm_mlflow *m, const char *path, const pm_http_answer *a, json_t **json) {
  json_error_t error;
  *json = a->length ? json_loadb(a->body, a->length, 0, &error) : NULL;
  bool says_json = strstr(a->type, "json") != NULL;
  const char *code = text_of(*json, "error_code");
  if (a->problem && a->hopeless)
    pm_fail(PM_FAILED, m->address, "%s", a->problem);
  if (a->problem || may_pass(a->status)) {
    m->problem = a->problem ? a->problem : answer_in_words(*m->scratch, a, *json);
    json_decref(*json);
    return false;
  }
  if (a->status >= 300 && a->status < 400)
    pm_fail(PM_FAILED, m->address,
            "redirects to %s; expected the server's own address, which credentials may be sent to",
            a->location ? a->location : "another address");
  if (a->status == 401 || a->status == 403)
    pm_fail(PM_FAILED, m->address,
            "%s; expected credentials that it takes, in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD or in "
            "MLFLOW_TRACKING_TOKEN",
            answer_in_words(m->arena, a, *json));
  if (a->status == 404 && strcmp(code, "RESOURCE_DOES_NOT_EXIST") == 0) {
    json_decref(*json);
    *json = NULL;
    return true;
  }
  if (a->status >= 400 && *code)
    pm_fail(PM_FAILED, m->address, "%s", answer_in_words(m->arena, a, *json));
  bool empty = a->length == 0 && strncmp(path, uploads, strlen(uploads)) == 0;
  if (says_json && !*json && !empty) {
    m->problem = "answers JSON that is cut off or damaged";
    return false;
  }
  if (a->status >= 400 || !(json_is_object(*json) || empty))
    refuse_kind(m, path, a);
  return true;
}

static void begin(pm_mlflow *m) {
  pm_scratch_free(m->scratch);
  m->scratch = pm_scratch_new(m->arena);
  m->problem = NULL;
}

static bool get(pm_mlflow *m, const char *path, json_t **json) {
  pm_http_request request = {.method = "GET", .path = path};
  pm_http_answer a = pm_http_send(m->http, *m->scratch, &request);
  return judge(m, path, &a, json);
}

/* Takes the body. */
static bool post(pm_mlflow *m, const char *path, json_t *body, json_t **json) {
  char *text = json_dumps(body, JSON_COMPACT);
  if (!text)
    pm_fail(PM_FAILED, NULL, "out of memory, or a text that is no UTF-8 (request to %s)", path);
  pm_http_request request = {
      .method = "POST", .path = path, .type = "application/json", .body = text, .length = strlen(text)};
  pm_http_answer a = pm_http_send(m->http, *m->scratch, &request);
  free(text);
  json_decref(body);
  return judge(m, path, &a, json);
}

/* The same where only success counts; a thing that is not there is an error, too. */
static bool post_and_forget(pm_mlflow *m, const char *path, json_t *body) {
  json_t *json;
  if (!post(m, path, body, &json))
    return false;
  if (!json)
    pm_fail(PM_FAILED, m->address, "no longer has the run that is being sent");
  json_decref(json);
  return true;
}

/* A text that the answer must hold; another kind of server's has none. */
static const char *demand(const pm_mlflow *m, pm_arena *arena, const json_t *object, const char *key,
                          const char *path) {
  const char *text = text_of(object, key);
  if (!*text)
    pm_fail(PM_FAILED, m->address, "answers JSON without '%s' (%s), expected what an MLflow server answers", key, path);
  return pm_copy_text(arena, text);
}

/* ---- texts */

const char *pm_mlflow_cut(pm_arena *arena, const char *text, size_t characters) {
  const char *at = text;
  while (*at) {
    if (((unsigned char)*at & 0xc0) != 0x80 && characters-- == 0)
      return pm_format(arena, "%.*s", (int)(at - text), text);
    at++;
  }
  return text;
}

/* What is no UTF-8 (a file's name, a setting) becomes '?', since JSON cannot hold it. */
static json_t *json_text(const char *text) {
  json_t *json = json_string(text);
  if (json)
    return json;
  pm_arena *scratch = pm_arena_new();
  char *plain = pm_copy_text(scratch, text);
  for (char *at = plain; *at; at++)
    if ((unsigned char)*at >= 0x80)
      *at = '?';
  json = json_string(plain);
  pm_arena_free(scratch);
  return json;
}

/* ---- experiments */

static const char by_name[] = "/api/2.0/mlflow/experiments/get-by-name";

static bool look_up(pm_mlflow *m, pm_arena *arena, const char *name, pm_mlflow_experiment *e) {
  json_t *json;
  begin(m);
  *e = (pm_mlflow_experiment){0};
  const char *path = pm_format(*m->scratch, "%s?experiment_name=%s", by_name, pm_http_escape(*m->scratch, name));
  if (!get(m, path, &json))
    return false;
  if (!json)
    return true;
  const json_t *experiment = json_object_get(json, "experiment");
  e->id = demand(m, arena, experiment, "experiment_id", by_name);
  e->artifacts = pm_copy_text(arena, text_of(experiment, "artifact_location"));
  if (strcmp(text_of(experiment, "lifecycle_stage"), "deleted") == 0)
    pm_fail(PM_FAILED, m->address,
            "the experiment '%s' was deleted there; restore it (mlflow experiments restore "
            "--experiment-id %s), or choose another with --experiment",
            name, e->id);
  json_decref(json);
  return true;
}

/* The server refuses a second one of the name: then somebody else has just made it, or a try of ours whose answer was
 * lost, and looking again finds it. */
static bool create_experiment(pm_mlflow *m, const char *name) {
  begin(m);
  json_t *body = json_pack("{s:o}", "name", json_text(name)), *json;
  char *text = json_dumps(body, JSON_COMPACT);
  static const char path[] = "/api/2.0/mlflow/experiments/create";
  pm_http_request request = {
      .method = "POST", .path = path, .type = "application/json", .body = text, .length = strlen(text)};
  pm_http_answer a = pm_http_send(m->http, *m->scratch, &request);
  free(text);
  json_decref(body);
  if (a.status == 400 && strstr(a.body, "RESOURCE_ALREADY_EXISTS"))
    return true;
  if (!judge(m, path, &a, &json))
    return false;
  json_decref(json);
  return true;
}

bool pm_mlflow_find_experiment(pm_mlflow *m, pm_arena *arena, const char *name, pm_mlflow_experiment *e) {
  if (!look_up(m, arena, name, e))
    return false;
  if (e->id)
    return true;
  if (!create_experiment(m, name) || !look_up(m, arena, name, e))
    return false;
  if (!e->id)
    pm_fail(PM_FAILED, m->address, "has no experiment '%s' though it has just been made", name);
  return true;
}

/* ---- runs */

bool pm_mlflow_find_run(pm_mlflow *m, pm_arena *arena, const char *experiment, pm_mlflow_pair tag, const char **id) {
  static const char path[] = "/api/2.0/mlflow/runs/search";
  json_t *json;
  begin(m);
  const char *filter = pm_format(*m->scratch, "tags.`%s` = '%s'", tag.key, tag.value);
  if (!post(m, path,
            json_pack("{s:[s],s:s,s:i,s:s}", "experiment_ids", experiment, "filter", filter, "max_results", 1,
                      "run_view_type", "ACTIVE_ONLY"),
            &json))
    return false;
  const json_t *run = json_array_get(json_object_get(json, "runs"), 0);
  *id = run ? demand(m, arena, json_object_get(run, "info"), "run_id", path) : NULL;
  json_decref(json);
  return true;
}

static json_t *pairs(pm_arena *arena, const pm_mlflow_pair *pair, size_t n, size_t characters) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(list, json_pack("{s:o,s:o}", "key", json_text(pair[i].key), "value",
                                          json_text(pm_mlflow_cut(arena, pair[i].value, characters))));
  return list;
}

bool pm_mlflow_create_run(pm_mlflow *m, pm_arena *arena, const char *experiment, const char *name, int64_t begun,
                          const pm_mlflow_pair *tags, size_t n, const char **id) {
  static const char path[] = "/api/2.0/mlflow/runs/create";
  json_t *json;
  begin(m);
  json_t *body = json_pack("{s:s,s:o,s:I,s:o}", "experiment_id", experiment, "run_name", json_text(name), "start_time",
                           (json_int_t)begun, "tags", pairs(*m->scratch, tags, n, PM_MLFLOW_TAG));
  if (!post(m, path, body, &json))
    return false;
  if (!json)
    pm_fail(PM_FAILED, m->address, "no longer has the experiment %s", experiment);
  *id = demand(m, arena, json_object_get(json_object_get(json, "run"), "info"), "run_id", path);
  json_decref(json);
  return true;
}

static void read_run(const pm_mlflow *m, pm_arena *arena, const json_t *answer, const char *path, pm_mlflow_run *run) {
  const json_t *whole = json_object_get(answer, "run"), *info = json_object_get(whole, "info"),
               *data = json_object_get(whole, "data"), *params = json_object_get(data, "params"),
               *metrics = json_object_get(data, "metrics");
  run->id = demand(m, arena, info, "run_id", path);
  run->artifacts = pm_copy_text(arena, text_of(info, "artifact_uri"));
  run->status = pm_copy_text(arena, text_of(info, "status"));
  run->deleted = strcmp(text_of(info, "lifecycle_stage"), "deleted") == 0;
  run->params = json_array_size(params);
  run->param = pm_alloc(arena, run->params, sizeof *run->param);
  for (size_t i = 0; i < run->params; i++) {
    const json_t *param = json_array_get(params, i);
    run->param[i] =
        (pm_mlflow_pair){pm_copy_text(arena, text_of(param, "key")), pm_copy_text(arena, text_of(param, "value"))};
  }
  run->metrics = json_array_size(metrics);
  run->metric = pm_alloc(arena, run->metrics, sizeof *run->metric);
  for (size_t i = 0; i < run->metrics; i++) {
    const json_t *metric = json_array_get(metrics, i);
    run->metric[i] = (pm_mlflow_metric){.key = pm_copy_text(arena, text_of(metric, "key")),
                                        .value = json_number_value(json_object_get(metric, "value")),
                                        .step = json_integer_value(json_object_get(metric, "step")),
                                        .time = json_integer_value(json_object_get(metric, "timestamp"))};
  }
}

bool pm_mlflow_get_run(pm_mlflow *m, pm_arena *arena, const char *id, pm_mlflow_run *run) {
  static const char path[] = "/api/2.0/mlflow/runs/get";
  json_t *json;
  begin(m);
  *run = (pm_mlflow_run){0};
  if (!get(m, pm_format(*m->scratch, "%s?run_id=%s", path, pm_http_escape(*m->scratch, id)), &json))
    return false;
  if (json)
    read_run(m, arena, json, path, run);
  json_decref(json);
  return true;
}

/* ---- what a run is given */

static const char log_batch[] = "/api/2.0/mlflow/runs/log-batch";

bool pm_mlflow_log_metrics(pm_mlflow *m, const char *id, const pm_mlflow_metric *metric, size_t n) {
  for (size_t first = 0; first < n; first += PM_MLFLOW_METRICS) {
    json_t *list = json_array();
    for (size_t i = first; i < pm_smaller(n, first + PM_MLFLOW_METRICS); i++)
      json_array_append_new(list,
                            json_pack("{s:o,s:f,s:I,s:I}", "key", json_text(metric[i].key), "value", metric[i].value,
                                      "step", (json_int_t)metric[i].step, "timestamp", (json_int_t)metric[i].time));
    begin(m);
    if (!post_and_forget(m, log_batch, json_pack("{s:s,s:o}", "run_id", id, "metrics", list)))
      return false;
  }
  return true;
}

/* In requests of at most PM_MLFLOW_PAIRS pairs and about MOST_TEXT bytes. */
static bool log_pairs(pm_mlflow *m, const char *id, const char *what, const pm_mlflow_pair *pair, size_t n,
                      size_t characters) {
  for (size_t first = 0, end; first < n; first = end) {
    size_t bytes = 0;
    for (end = first; end < n && end - first < PM_MLFLOW_PAIRS && (end == first || bytes < MOST_TEXT); end++)
      bytes += strlen(pair[end].key) + strlen(pair[end].value);
    begin(m);
    json_t *list = pairs(*m->scratch, pair + first, end - first, characters);
    if (!post_and_forget(m, log_batch, json_pack("{s:s,s:o}", "run_id", id, what, list)))
      return false;
  }
  return true;
}

bool pm_mlflow_log_params(pm_mlflow *m, const char *id, const pm_mlflow_pair *params, size_t n) {
  return log_pairs(m, id, "params", params, n, PM_MLFLOW_PARAM);
}

bool pm_mlflow_set_tags(pm_mlflow *m, const char *id, const pm_mlflow_pair *tags, size_t n) {
  return log_pairs(m, id, "tags", tags, n, PM_MLFLOW_TAG);
}

bool pm_mlflow_set_status(pm_mlflow *m, const char *id, const char *status, int64_t ended) {
  begin(m);
  json_t *body = json_pack("{s:s,s:s}", "run_id", id, "status", status);
  if (ended)
    json_object_set_new(body, "end_time", json_integer((json_int_t)ended));
  return post_and_forget(m, "/api/2.0/mlflow/runs/update", body);
}

/* ---- artifacts */

static const char scheme[] = "mlflow-artifacts:";

/* The path behind the scheme, without slashes at its beginning; NULL if the address is of another kind, or another
 * host's. */
static const char *proxied(const pm_mlflow *m, const char *artifacts) {
  if (strncmp(artifacts, scheme, strlen(scheme)) != 0)
    return NULL;
  const char *path = artifacts + strlen(scheme), *host = strstr(m->address, "://") + 3;
  if (strncmp(path, "//", 2) == 0 && path[2] != '/') {
    size_t length = strcspn(host, "/");
    if (strncmp(path + 2, host, length) != 0 || path[2 + length] != '/')
      return NULL;
    path += 2 + length;
  }
  return path + strspn(path, "/");
}

void pm_mlflow_check_artifacts(const pm_mlflow *m, const char *artifacts) {
  if (!proxied(m, artifacts))
    pm_fail(PM_FAILED, m->address,
            "its artifacts lie in %s, which only programs with access to that place can write; expected an experiment "
            "whose artifacts go through the server (mlflow-artifacts:), as those made by 'mlflow server' without "
            "--default-artifact-root; --no-artifacts sends everything else",
            *artifacts ? artifacts : "no place that it names");
}

bool pm_mlflow_has_artifact(pm_mlflow *m, const char *id, const char *path, bool *has) {
  static const char list[] = "/api/2.0/mlflow/artifacts/list";
  json_t *json;
  begin(m);
  const char *slash = strrchr(path, '/'),
             *folder = slash ? pm_format(*m->scratch, "%.*s", (int)(slash - path), path) : "";
  const char *query = pm_format(*m->scratch, "%s?run_id=%s&path=%s", list, pm_http_escape(*m->scratch, id),
                                pm_http_escape(*m->scratch, folder));
  if (!get(m, query, &json))
    return false;
  *has = false;
  size_t index;
  const json_t *file;
  json_array_foreach(json_object_get(json, "files"), index, file) {
    if (strcmp(text_of(file, "path"), path) == 0)
      *has = true;
  }
  json_decref(json);
  return true;
}

bool pm_mlflow_put_artifact(pm_mlflow *m, const char *artifacts, const char *path, const char *type, const void *bytes,
                            size_t length) {
  json_t *json;
  begin(m);
  const char *at = uploads, *folder = proxied(m, artifacts);
  pm_mlflow_check_artifacts(m, artifacts);
  for (const char *part = pm_format(*m->scratch, "%s/%s", folder, path); *part;) { /* slashes stay */
    size_t n = strcspn(part, "/");
    at = pm_format(*m->scratch, "%s/%s", at, pm_http_escape(*m->scratch, pm_format(*m->scratch, "%.*s", (int)n, part)));
    part += n + (part[n] == '/');
  }
  pm_http_request request = {
      .method = "PUT", .path = at, .type = type, .body = bytes, .length = length, .upload = true};
  pm_http_answer a = pm_http_send(m->http, *m->scratch, &request);
  if (!judge(m, at, &a, &json))
    return false;
  if (a.status == 404)
    pm_fail(PM_FAILED, m->address, "has no place for the artifact %s", path);
  json_decref(json);
  return true;
}
