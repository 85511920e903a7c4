/* A model as a page holds it: what `sample` reads from model.safetensors, without JSON and YAML, which need libraries
 * that WebAssembly lacks. make-page.c writes it; studio.c and page.js read it; docs/studio.md describes it.
 *
 * Lines of text up to an empty one, in this order, each a key and its values with one blank between:
 *
 *   pixelmill page model 1
 *   method NAME
 *   precision fp32|bf16|auto
 *   sprite HEIGHT WIDTH CHANNELS
 *   set KEY VALUE                      each setting of the method
 *   colour RED GREEN BLUE ALPHA SHARE  each of the palette, 0 … 255; the share that the training sprites have of it, or
 * - class SHARE NAME                   each tensor NAME fp32|bf16 ITEMS        each weight, in the file's shape
 *   training COUNT                     sprites that the model learned from; 0: they are not in the page
 *
 * Behind it, little endian and without gaps: the tensors' items; for each training sprite its number in the data set,
 * then for each the first that is the same up to what eval/copies.h makes no difference of, both u32; their palette
 * indices, u8 [COUNT,H,W]. */
#ifndef PM_STUDIO_PAGE_MODEL_H
#define PM_STUDIO_PAGE_MODEL_H

#include "core/memory.h"
#include "train/model_file.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PM_PAGE_MODEL_MAGIC "pixelmill page model 1"
#define PM_PAGE_MODEL_PLACE "the page's model"

typedef struct {
  const char *name;
  bool bf16;
  size_t items;
  const unsigned char *data; /* not aligned */
} pm_page_tensor;

typedef struct {
  const pm_method *method;
  int precision;          /* pm_precision */
  pm_model_facts facts;   /* of which `format` and `palette` alone are known */
  const char *const *set; /* [2 * sets]: key, value */
  pm_page_tensor *tensor;
  size_t sets, tensors, training;
  const uint32_t *number, *origin;     /* [training] */
  const unsigned char *training_index; /* [training,H,W] */
} pm_page_model;

/* What bytes[length] hold, which outlive the result; memory from the arena. Status 3 if they are anything else. */
pm_page_model pm_page_model_read(pm_arena *arena, const unsigned char *bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
