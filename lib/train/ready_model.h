/* A model file made ready for use: its settings understood, its weights on a backend. */
#ifndef PM_TRAIN_READY_MODEL_H
#define PM_TRAIN_READY_MODEL_H

#include "train/inference.h"
#include "train/model_file.h"
#include "train/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_store *store;
  pm_inference *inference;
} pm_ready_model;

/* `settings` are the file's, perhaps changed since, of the file's method; both must outlive the result. With hints
 * (else NULL) new sprites follow them, as pm_inference_follow has it. Status 3 where settings, sprites and tensors do
 * not fit each other. */
pm_ready_model pm_model_make_ready(pm_arena *arena, const pm_backend *backend, const pm_model *model,
                                   const pm_run_settings *settings, const pm_hints *hints, size_t particles);
void pm_ready_model_free(pm_ready_model *ready);

/* The file at `path` as what a model of `method` is built on. Status 3 if it is not of the method's base. To be freed
 * after all graphs that borrow from it. */
pm_base *pm_base_read(pm_arena *arena, const pm_backend *backend, const pm_method *method, const char *path);
void pm_base_free(pm_base *base); /* may be NULL */

#ifdef __cplusplus
}
#endif
#endif
