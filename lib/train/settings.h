/* The config keys that all methods share. */
#ifndef PM_TRAIN_SETTINGS_H
#define PM_TRAIN_SETTINGS_H

#include "io/config.h"
#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_ADAM, PM_ADAMW };
enum { PM_CONSTANT, PM_LINEAR, PM_COSINE };
enum { PM_DECAY_ALL, PM_DECAY_MATRICES };
enum { PM_KEEP_LAST, PM_KEEP_BEST };

typedef struct {
  const char *name, *method;
  uint64_t seed;
  int precision; /* pm_precision */
  double held_out;
  double flip; /* NAN: auto */
  double palette_swap;
  int64_t shift;
  int64_t epochs, steps, batch, micro_batches;
  int optimizer;
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  int decay_of;
  int schedule;
  double final_rate;
  int64_t warmup_steps;
  double clip_norm, average;
  int keep;
  bool calibrate;
  int64_t stop_after;
  int64_t grid_every, checkpoint_every, held_out_every;
} pm_train_settings;

extern const pm_option pm_train_keys[];

/* A run's settings: the shared ones and the method's own, from config file, preset and --set. */
typedef struct {
  pm_train_settings train;
  const pm_method *method;
  void *model; /* the method's own struct */
} pm_run_settings;

/* Reads and checks them; `place` in errors is the config's. A config whose `method` is another one's fails with
 * status 3. */
pm_run_settings pm_run_settings_read(pm_arena *arena, const pm_method *method, const char *config, const char *preset,
                                     const pm_text_list *set);

/* From the effective config in a model file or checkpoint. */
pm_run_settings pm_run_settings_parse(pm_arena *arena, const pm_method *method, const char *text, const char *place);

/* One key, after the fact: what `sample` changes of how a model is used. False if the method has no such key; a value
 * that it refuses fails with status 2; `option` names where the user said it. */
bool pm_run_settings_override(pm_arena *arena, pm_run_settings *settings, const char *key, const char *value,
                              const char *option);

/* The effective config, complete and sorted: equal settings, equal text. Without the length of the training if `length`
 * is false: what a resumed training must agree in. */
const char *pm_run_settings_text(pm_arena *arena, const pm_run_settings *settings, bool length);

/* Whether the lowest measurement on the held-out sprites decides which step's weights become the model. */
static inline bool pm_keeps_best(const pm_train_settings *settings) {
  return settings->keep == PM_KEEP_BEST || settings->stop_after > 0;
}

/* Learning rate of step `step` of `steps`: warm-up from 0, then by the schedule. */
double pm_learning_rate(const pm_train_settings *settings, int64_t step, int64_t steps);

/* The share of the old average that is kept at a step: training.average, less at the beginning, so that the first
 * weights fade. */
double pm_average_decay(const pm_train_settings *settings, int64_t step);

#ifdef __cplusplus
}
#endif
#endif
