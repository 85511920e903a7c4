/* model.safetensors: exactly the model's state_dict, and in its metadata all that is needed to use it and to know where
 * it came from. */
#ifndef PM_TRAIN_MODEL_FILE_H
#define PM_TRAIN_MODEL_FILE_H

#include "io/palette.h"
#include "io/safetensors.h"
#include "nn/store.h"
#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The metadata of a model file. */
typedef struct {
  const char *method;    /* its name */
  const char *config;    /* effective, as pm_config_text */
  const char *data_hash; /* of the sprites it was trained on */
  pm_sprite_format format;
  pm_palette palette;
  /* Pixels of each colour [format.colours] and sprites of each class [format.classes] that it was trained on; the
   * format's shares are these over their sum. NULL: not known. */
  const uint64_t *colour_counts, *class_counts;
  const char *const *class_names; /* [format.classes], or NULL */
  int64_t step;                   /* steps trained */
} pm_model_facts;

/* Adds every slot under `prefix` + its name; parameters from `parameters`, float states from `states` (blocks laid out
 * as the store's own, e.g. its averages), counters from where they lie. */
void pm_model_add_slots(pm_arena *arena, pm_safetensors *file, const char *prefix, pm_store *store,
                        pm_buffer *parameters, pm_buffer *states);
/* The way back. Strict: a missing tensor, or one of another type or shape, fails with status 3. */
void pm_model_take_slots(const pm_safetensors *file, const char *prefix, pm_store *store, pm_buffer *parameters,
                         pm_buffer *states, const char *place);

/* What is said for all classes in turn, and for none in particular, where else a class is named. */
#define PM_EACH_CLASS_NAME "each"
#define PM_ANY_CLASS_NAME "any"

/* The lines of a text as names of classes. Another number of them than `classes` fails with status 3, and, with its
 * line, so does a name that no class could be asked for by: an empty one, a second of the same, one of the two above.
 */
const char *const *pm_class_names(pm_arena *arena, const char *text, size_t classes, const char *place);
/* The same of a file. */
const char *const *pm_class_names_read(pm_arena *arena, const char *path, size_t classes);
/* The way back: a name a line, without a newline behind the last. */
const char *pm_class_names_text(pm_arena *arena, const char *const *names, size_t classes);

/* Each of n counts over their sum, which is not 0; in the arena. NULL of NULL. */
const float *pm_shares(pm_arena *arena, const uint64_t *counts, size_t n);

void pm_model_write(pm_arena *arena, const char *path, const pm_model_facts *facts, pm_store *store,
                    pm_buffer *parameters, pm_buffer *states);

typedef struct {
  const char *place;
  pm_model_facts facts;
  pm_safetensors file;
} pm_model;

/* Status 3 if it is not a model of ours, or damaged; then with what helps, where a checkpoint lies beside it. */
pm_model pm_model_read(pm_arena *arena, const char *path);
/* The same, with the SHA-256 of the whole file, which is read once: it may be a pipe. */
pm_model pm_model_read_hashed(pm_arena *arena, const char *path, char sha256[65]);
/* The share of its data that it was not trained on: data.held_out of its config. */
double pm_model_held_out(pm_arena *arena, const pm_model *model);
/* Fails with status 3 unless the tensors are those of the store's slots. Needs no sealed store: so a file that claims
 * to be larger than it is has no memory asked for. */
void pm_model_check(const pm_model *model, const pm_store *store);
/* Weights into a sealed store, checked as above; strict both ways: a tensor that the model has no place for is refused,
 * too. */
void pm_model_load(const pm_model *model, pm_store *store);

#ifdef __cplusplus
}
#endif
#endif
