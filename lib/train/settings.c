#include "train/settings.h"

#include "nn/backend.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define AT(field) offsetof(pm_train_settings, field)

const pm_option pm_train_keys[] = {
    {"name", 0, PM_TEXT, AT(name), "run", 0, 0, NULL, NULL, "name of the training run"},
    {"method", 0, PM_TEXT, AT(method), NULL, 0, 0, NULL, NULL, "method that the config is for"},
    {"seed", 0, PM_UNSIGNED, AT(seed), "1", 0, 0, NULL, NULL, "seed of weights, batches and noise"},
    {"precision", 0, PM_CHOICE, AT(precision), "fp32", 0, 0, PM_PRECISIONS, NULL,
     "precision of the operands of matrix products and convolutions; auto: bf16 where the processor has instructions "
     "for it"},
    {"data.held_out", 0, PM_REAL, AT(held_out), "0.1", 0, 0.5, NULL, NULL, "share of the sprites kept out of training"},
    {"augment.flip", 0, PM_REAL, AT(flip), "0.5", 0, 1, "auto", "X|auto",
     "probability of mirroring a sprite left to right; auto: 0.5, or 0 where mirror images do not look like the other "
     "sprites and the method is not conditioned on mirroring"},
    {"augment.palette_swap", 0, PM_REAL, AT(palette_swap), "0", 0, 1, NULL, NULL,
     "probability of permuting a sprite's colours, all but the background"},
    {"augment.shift", 0, PM_INTEGER, AT(shift), "0", 0, 8, NULL, NULL, "shift sprites by up to this many pixels"},
    {"training.epochs", 0, PM_INTEGER, AT(epochs), "1000", 1, 1e9, NULL, NULL,
     "length in epochs, passes over the training sprites"},
    {"training.steps", 0, PM_INTEGER, AT(steps), "0", 0, 1e9, NULL, NULL, "length in steps; 0: by training.epochs"},
    {"training.batch", 0, PM_INTEGER, AT(batch), "32", 1, 65536, NULL, NULL, "sprites per step"},
    {"training.micro_batches", 0, PM_INTEGER, AT(micro_batches), "1", 1, 65536, NULL, NULL,
     "micro-batches that a batch is computed in, one after the other or in several processes"},
    {"training.optimizer", 0, PM_CHOICE, AT(optimizer), "adam", 0, 0, "adam|adamw", NULL, "optimizer"},
    {"training.learning_rate", 0, PM_REAL, AT(learning_rate), "1e-3", 0, 10, NULL, NULL, "learning rate"},
    {"training.beta1", 0, PM_REAL, AT(beta1), "0.9", 0, 0.999999, NULL, NULL,
     "Adam's decay of the running average of the gradient"},
    {"training.beta2", 0, PM_REAL, AT(beta2), "0.999", 0, 0.99999999, NULL, NULL,
     "Adam's decay of the running average of its square"},
    {"training.epsilon", 0, PM_REAL, AT(epsilon), "1e-8", 1e-30, 1, NULL, NULL,
     "Adam's epsilon, added to the square root of that average"},
    {"training.weight_decay", 0, PM_REAL, AT(weight_decay), "0", 0, 10, NULL, NULL, "weight decay"},
    {"training.decay_of", 0, PM_CHOICE, AT(decay_of), "all", 0, 0, "all|matrices", NULL,
     "which parameters decay: all, or only those of two dimensions or more, so neither biases nor normalisations"},
    {"training.schedule", 0, PM_CHOICE, AT(schedule), "constant", 0, 0, "constant|linear|cosine", NULL,
     "decay of the learning rate"},
    {"training.final_rate", 0, PM_REAL, AT(final_rate), "0", 0, 1, NULL, NULL,
     "where a decaying learning rate ends, as a share of training.learning_rate"},
    {"training.warmup_steps", 0, PM_INTEGER, AT(warmup_steps), "0", 0, 1e9, NULL, NULL,
     "steps of learning-rate warm-up, from zero"},
    {"training.clip_norm", 0, PM_REAL, AT(clip_norm), "0", 0, 1e9, NULL, NULL,
     "gradient clipping: largest norm of the gradient; 0: no limit"},
    {"training.average", 0, PM_REAL, AT(average), "0", 0, 0.999999, NULL, NULL,
     "weight averaging: decay of the moving average (EMA) of the weights, which becomes the model; 0: none"},
    {"training.keep", 0, PM_CHOICE, AT(keep), "last", 0, 0, "last|best", NULL,
     "the step whose weights become the model: the last, or the one with the fewest held-out bits per pixel (the "
     "lowest held-out loss where the method computes no bits)"},
    {"training.calibrate", 0, PM_FLAG, AT(calibrate), NULL, 0, 0, NULL, NULL,
     "temperature calibration: divide the logits by the temperature at which the held-out sprites take the fewest "
     "bits; for methods with exact bits"},
    {"training.stop_after", 0, PM_INTEGER, AT(stop_after), "0", 0, 1e6, NULL, NULL,
     "early stopping: end when the held-out bits or loss have not fallen for this many measurements, and keep the "
     "best; 0: do not stop early"},
    {"output.grid_every", 0, PM_INTEGER, AT(grid_every), "675", 0, 1e9, NULL, NULL,
     "steps from one grid of samples to the next; 0: none"},
    {"output.checkpoint_every", 0, PM_INTEGER, AT(checkpoint_every), "1350", 1, 1e9, NULL, NULL,
     "steps from one checkpoint to the next"},
    {"output.held_out_every", 0, PM_INTEGER, AT(held_out_every), "270", 0, 1e9, NULL, NULL,
     "steps from one measurement on the held-out sprites to the next; 0: none"},
    {0},
};

typedef struct {
  const pm_option *table[2];
  void *into[2];
} both;

static both tables(pm_run_settings *s) {
  return (both){{pm_train_keys, s->method->keys}, {&s->train, s->model}};
}

static pm_run_settings defaults(pm_arena *arena, const pm_method *method) {
  pm_run_settings s = {.method = method, .model = pm_alloc(arena, 1, method->settings_size)};
  pm_options_reset(pm_train_keys, &s.train);
  pm_options_reset(method->keys, s.model);
  return s;
}

static void check_method(const pm_run_settings *s, const char *place) {
  if (!s->train.method || strcmp(s->train.method, s->method->name) != 0)
    pm_fail(PM_BAD_INPUT, place, "this is a config for %s; expected 'method: %s'",
            s->train.method ? s->train.method : "no method", s->method->name);
}

pm_run_settings pm_run_settings_read(pm_arena *arena, const pm_method *method, const char *path, const char *preset,
                                     const pm_text_list *set) {
  pm_run_settings s = defaults(arena, method);
  both t = tables(&s);
  pm_config config = pm_config_read(arena, path, preset, set, method->name);
  for (size_t i = 0; i < config.entries; i++) /* first, so that another method's keys are not called unknown */
    if (strcmp(config.entry[i].key, "method") == 0)
      s.train.method = config.entry[i].value;
  check_method(&s, path);
  pm_config_apply(arena, &config, t.table, t.into, 2);
  return s;
}

pm_run_settings pm_run_settings_parse(pm_arena *arena, const pm_method *method, const char *text, const char *place) {
  pm_run_settings s = defaults(arena, method);
  both t = tables(&s);
  pm_config config = pm_config_parse(arena, text, strlen(text), place);
  pm_config_apply(arena, &config, t.table, t.into, 2);
  check_method(&s, place);
  return s;
}

bool pm_run_settings_override(pm_arena *arena, pm_run_settings *s, const char *key, const char *value,
                              const char *option) {
  const pm_option *row = pm_option_find(s->method->keys, key);
  char problem[256];
  if (!row)
    return false;
  if (!pm_option_set(arena, row, s->model, value, problem))
    pm_wrong_usage("%s: %s", option, problem);
  return true;
}

/* Keys that came when models had been trained already: an effective config does not name them where they have their
 * defaults, so that the same settings give the same bytes and the same key as before. */
static const char *const later_keys[] = {"training.micro_batches"};

/* pm_train_keys without the rows that a config of these settings does not name. */
static const pm_option *named_rows(pm_arena *arena, const pm_train_settings *s) {
  size_t n = 0, kept = 0;
  while (pm_train_keys[n].name)
    n++;
  pm_option *rows = pm_alloc(arena, n + 1, sizeof *rows);
  for (size_t i = 0; i < n; i++) {
    const pm_option *row = &pm_train_keys[i];
    bool later = false;
    for (size_t k = 0; k < sizeof later_keys / sizeof *later_keys; k++)
      later |= strcmp(row->name, later_keys[k]) == 0;
    if (!later || strcmp(pm_option_text(arena, row, s), row->initial) != 0)
      rows[kept++] = *row;
  }
  return rows;
}

const char *pm_run_settings_text(pm_arena *arena, const pm_run_settings *settings, bool length) {
  pm_run_settings s = *settings;
  both t = tables(&s);
  if (!length) {
    s.train.epochs = 1;
    s.train.steps = 0;
  }
  t.table[0] = named_rows(arena, &s.train);
  return pm_config_text(arena, t.table, t.into, 2);
}

double pm_learning_rate(const pm_train_settings *s, int64_t step, int64_t steps) {
  const double pi = 3.14159265358979323846;
  if (step < s->warmup_steps)
    return s->learning_rate * (double)(step + 1) / (double)s->warmup_steps;
  int64_t rest = steps - s->warmup_steps;
  double done = rest > 0 ? (double)(step - s->warmup_steps) / (double)rest : 0;
  if (s->schedule == PM_CONSTANT)
    return s->learning_rate;
  double fallen = s->schedule == PM_LINEAR ? 1 - done : 0.5 * (1 + cos(pi * done));
  return s->learning_rate * (s->final_rate + (1 - s->final_rate) * fallen);
}

double pm_average_decay(const pm_train_settings *s, int64_t step) {
  double early = (1 + (double)step) / (10 + (double)step);
  return early < s->average ? early : s->average;
}
