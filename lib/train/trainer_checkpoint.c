/* checkpoint.safetensors: the whole state of a training, and the one point of commitment. What is in the folder beside
 * it (metrics behind the offset that it names, newer grids) is made again. */
#include "train/trainer_parts.h"

#include "core/attempt.h"
#include "core/file.h"
#include "core/number.h"
#include "train/model_file.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char format_name[] = "pixelmill checkpoint 1";

/* A block parallel to the parameters or states, and how its tensors are called in the file. */
typedef struct {
  const char *prefix, *parameters, *states;
} part;

static const part parts[] = {
    {"model.", "parameters", "states"},        {"adam_m.", "adam m", NULL},      {"adam_v.", "adam v", NULL},
    {"average.", "average", "average states"}, {"best.", "best", "best states"},
};

static pm_buffer *block(const trainer *t, const char *name) {
  return name ? pm_store_find_buffer(t->store, name) : NULL;
}

/* What a training must agree in to go on from a checkpoint; the length may grow. */
typedef struct {
  const char *key, *value, *what;
} agreement;

enum { AGREEMENTS = 6, TIER = AGREEMENTS - 1 };

static void agreements(const trainer *t, pm_arena *arena, agreement list[AGREEMENTS]) {
  list[0] = (agreement){"method", t->settings->method->name, "method"};
  list[1] =
      (agreement){"recipe", pm_format(arena, "%d", t->settings->method->recipe), "version of the method's recipe"};
  /* A learning rate that falls to zero at the end depends on where that is. */
  bool length = t->settings->train.schedule != PM_CONSTANT;
  list[2] = (agreement){"config", pm_run_settings_text(arena, t->settings, length), "config"};
  list[3] = (agreement){"data_sha256", t->data->hash, "data"};
  list[4] = (agreement){"beside_sha256", t->data->hash_beside, "palette, labels or names of classes"};
  list[TIER] = (agreement){"tier", t->backend->tier(t->backend), "processor tier"};
}

/* A loss can be a number though the update behind it was none: such weights never take the place of good ones. */
static void check_finite(const trainer *t, pm_arena *arena, const char *name, const pm_tensor *tensor) {
  if (!pm_tensor_is_finite(tensor, &(size_t){0}))
    trainer_diverged(t, pm_format(arena, "'%s' is not finite", name), t->step);
}

/* Counters of the training run's progress. */
static const char *const counters[] = {"step",       "metrics_size", "best_step",       "since_best",
                                       "best_value", "temperature",  "best_temperature"};

/* SHA-256 over everything in the file but the hash itself: it reveals damage that leaves the numbers finite. */
static const char *content_hash(const trainer *t, pm_arena *arena, const pm_safetensors *file) {
  const char *text = "";
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
    const char *number = pm_safetensors_metadata(file, counters[i]);
    if (number)
      text = pm_format(arena, "%s%s%s", text, *text ? " " : "", number);
  }
  for (size_t i = 0; i < file->tensors; i++) {
    char hex[65];
    pm_arena *scratch = pm_arena_new();
    const pm_named_tensor *named = &file->tensor[i];
    pm_tensor tensor = pm_safetensors_fetch(scratch, named);
    check_finite(t, scratch, named->name, &tensor);
    pm_sha256(tensor.data, pm_shape_count(tensor.shape) * pm_dtype_size(tensor.dtype), hex);
    text = pm_format(arena, "%s\n%s %s", text, named->name, hex);
    pm_arena_free(scratch);
  }
  char *hash = pm_alloc(arena, 65, 1);
  pm_sha256(text, strlen(text), hash);
  return hash;
}

void trainer_write_checkpoint(trainer *t) {
  pm_arena *scratch = pm_arena_new();
  pm_safetensors file = {0};
  agreement list[AGREEMENTS];
  char value[32];
  agreements(t, scratch, list);
  trainer_flush_metrics(t);
  pm_run_folder_sync_metrics(&t->folder);
  pm_safetensors_note(scratch, &file, "format", format_name);
  pm_safetensors_note(scratch, &file, "step", pm_format(scratch, "%" PRId64, t->step));
  pm_safetensors_note(scratch, &file, "metrics_size", pm_format(scratch, "%" PRIu64, t->folder.metrics_size));
  if (t->best) {
    pm_safetensors_note(scratch, &file, "best_step", pm_format(scratch, "%" PRId64, t->best_step));
    pm_safetensors_note(scratch, &file, "since_best", pm_format(scratch, "%" PRId64, t->since_best));
    pm_safetensors_note(scratch, &file, "best_value", pm_write_float(value, t->best_value));
  }
  if (t->best && t->calibrated) {
    pm_safetensors_note(scratch, &file, "temperature", pm_write_float(value, t->temperature));
    pm_safetensors_note(scratch, &file, "best_temperature", pm_write_float(value, t->best_temperature));
  }
  for (size_t i = 0; i < AGREEMENTS; i++)
    pm_safetensors_note(scratch, &file, list[i].key, list[i].value);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    pm_model_add_slots(scratch, &file, parts[i].prefix, t->store, block(t, parts[i].parameters),
                       block(t, parts[i].states));
  pm_safetensors_note(scratch, &file, "content_sha256", content_hash(t, scratch, &file));
  pm_output *output = pm_output_open(scratch, t->folder.checkpoint, true);
  pm_safetensors_write(output, &file);
  pm_output_commit(output);
  pm_arena_free(scratch);
  t->good_checkpoint = t->step;
}

/* A line of a config without its indentation, behind the section that it stands in: training.batch: 32. */
static const char *full_line(pm_arena *arena, const char *section, const char *line, size_t length) {
  size_t indent = strspn(line, " "), name = strcspn(section, ":\n");
  if (!indent)
    return pm_format(arena, "%.*s", (int)length, line);
  return pm_format(arena, "%.*s.%.*s", (int)name, section, (int)(length - indent), line + indent);
}

/* The first line in which two configs differ, as "'training.batch: 32' there, 'training.batch: 16' here"; in the
 * arena. */
static const char *first_difference(pm_arena *arena, const char *there, const char *here) {
  for (const char *section = there; *there && *here;) {
    size_t a = strcspn(there, "\n"), b = strcspn(here, "\n");
    if (a != b || memcmp(there, here, a) != 0)
      return pm_format(arena, "'%s' there, '%s' here", full_line(arena, section, there, a),
                       full_line(arena, section, here, b));
    if (*there != ' ')
      section = there;
    there += a + (there[a] == '\n');
    here += b + (here[b] == '\n');
  }
  return "one of them has more keys";
}

/* NULL if the training can go on from this file, else why not. */
static const char *disagreement(const trainer *t, const pm_safetensors *file, pm_arena *arena, int64_t step,
                                uint64_t metrics, bool on_any_tier) {
  agreement list[AGREEMENTS];
  agreements(t, arena, list);
  for (size_t i = 0; i < AGREEMENTS; i++) {
    const char *there = pm_safetensors_metadata(file, list[i].key);
    if (!there)
      return pm_format(arena, "an unknown %s", list[i].what);
    if (strcmp(there, list[i].value) == 0 || (i == TIER && on_any_tier))
      continue;
    bool is_config = strcmp(list[i].key, "config") == 0;
    return is_config ? pm_format(arena, "another config: %s", first_difference(arena, there, list[i].value))
                     : pm_format(arena, "another %s: %s there, %s here", list[i].what, there, list[i].value);
  }
  if (step > t->steps)
    return pm_format(arena, "%" PRId64 " steps done, more than the %" PRId64 " that this one is to have", step,
                     t->steps);
  uint64_t there = pm_run_folder_metrics_there(&t->folder);
  if (there < metrics)
    return pm_format(arena,
                     "less in metrics.tsv (%" PRIu64 " bytes) than when its checkpoint was written (%" PRIu64 " bytes)",
                     there, metrics);
  return NULL;
}

static const char *note(const pm_safetensors *file, const char *key, const char *place) {
  const char *text = pm_safetensors_metadata(file, key);
  if (!text)
    pm_fail(PM_BAD_INPUT, place, "is no checkpoint of pixelmill: '%s' is missing", key);
  return text;
}

static int64_t number(const pm_safetensors *file, const char *key, const char *place) {
  const char *text = note(file, key, place);
  int64_t value;
  if (!pm_parse_integer(text, 0, INT64_MAX, &value))
    pm_fail(PM_BAD_INPUT, place, "'%s' is '%s'; expected a number", key, text);
  return value;
}

typedef struct {
  const trainer *t;
  pm_arena *arena;
  pm_safetensors file;
  int64_t step;
  uint64_t metrics;
} checkpoint;

static void read_checkpoint(void *context) {
  checkpoint *c = context;
  const char *path = c->t->folder.checkpoint;
  c->file = pm_safetensors_read(c->arena, path, false);
  const char *format = note(&c->file, "format", path);
  if (strcmp(format, format_name) != 0)
    pm_fail(PM_BAD_INPUT, path, "format '%s'; expected '%s'", format, format_name);
  const char *hash = content_hash(c->t, c->arena, &c->file);
  if (strcmp(hash, note(&c->file, "content_sha256", path)) != 0)
    pm_fail(PM_BAD_INPUT, path, "damaged: the SHA-256 of its content is not the one that it records");
  c->step = number(&c->file, "step", path);
  c->metrics = (uint64_t)number(&c->file, "metrics_size", path);
}

static void restore(trainer *t, const pm_safetensors *file) {
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    pm_model_take_slots(file, parts[i].prefix, t->store, block(t, parts[i].parameters), block(t, parts[i].states),
                        t->folder.checkpoint);
}

static float real_number(const pm_safetensors *file, const char *key, const char *place) {
  const char *text = note(file, key, place);
  double value;
  if (!pm_parse_real(text, -INFINITY, INFINITY, &value))
    pm_fail(PM_BAD_INPUT, place, "'%s' is '%s'; expected a number", key, text);
  return (float)value;
}

static void restore_best(trainer *t, const pm_safetensors *file) {
  const char *place = t->folder.checkpoint;
  t->best_value = real_number(file, "best_value", place);
  if (t->calibrated) {
    t->temperature = real_number(file, "temperature", place);
    t->best_temperature = real_number(file, "best_temperature", place);
  }
  t->best_step = number(file, "best_step", place);
  t->since_best = number(file, "since_best", place);
}

PM_NORETURN static void refuse(const trainer *t, const char *what, bool only_the_tier) {
  pm_fail(PM_BAD_INPUT, t->folder.path, "holds %s; --restart starts again, another -o keeps both%s", what,
          only_the_tier ? ", --other-tier goes on with it, but not to the same bytes" : "");
}

bool trainer_resume(trainer *t, pm_resume mode) {
  const bool refuses = mode == PM_RESUME_OR_REFUSE || mode == PM_RESUME_ON_ANY_TIER;
  if (mode == PM_ALWAYS_RESTART || !pm_file_exists(t->folder.checkpoint)) {
    const char *lost = pm_run_folder_at_stake(&t->folder);
    if (lost && refuses)
      refuse(t, lost, false);
    pm_run_folder_clear(&t->folder);
    return false;
  }
  pm_arena *scratch = pm_arena_new();
  checkpoint c = {.t = t, .arena = scratch};
  const char *damage = pm_attempt(scratch, read_checkpoint, &c);
  if (damage && refuses)
    pm_fail(PM_BAD_INPUT, NULL, "%s; training cannot resume from it: --restart starts again", damage);
  const char *why = damage ? pm_format(scratch, "a checkpoint that cannot be read (%s)", damage)
                           : disagreement(t, &c.file, scratch, c.step, c.metrics, mode == PM_RESUME_ON_ANY_TIER);
  if (why && refuses)
    refuse(t, pm_format(scratch, "a training run with %s", why),
           !damage && !disagreement(t, &c.file, scratch, c.step, c.metrics, true));
  if (!why) {
    restore(t, &c.file);
    if (t->best)
      restore_best(t, &c.file);
    t->step = t->logged = t->good_checkpoint = c.step;
    pm_run_folder_begin_metrics(&t->folder, c.metrics, "");
    const char *tier = note(&c.file, "tier", t->folder.checkpoint);
    if (strcmp(tier, t->backend->tier(t->backend)) != 0)
      pm_run_folder_log(&t->folder, "the steps before %" PRId64 " were done on another processor tier: %s", c.step,
                        tier);
  } else {
    pm_say(0, "the folder holds a training run with %s: starting again", why);
    pm_run_folder_clear(&t->folder);
  }
  pm_arena_free(scratch);
  return !why;
}
