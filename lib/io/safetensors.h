/* .safetensors (https://github.com/huggingface/safetensors): 8 bytes little-endian header length, JSON header, data.
 * Header JSON by jansson. */
#ifndef PM_IO_SAFETENSORS_H
#define PM_IO_SAFETENSORS_H

#include "core/file.h"
#include "io/tensor.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name;
  pm_tensor tensor;
  /* For writing: where it is set, it gives the items when they are written, and tensor.data is not looked at: so a file
   * that is larger than memory should hold twice is written piece by piece. */
  void (*fetch)(const void *context, void *items);
  const void *context;
} pm_named_tensor;

typedef struct {
  const char *key, *value;
} pm_metadata;

typedef struct {
  pm_named_tensor *tensor;
  size_t tensors, tensor_capacity;
  pm_metadata *metadata; /* sorted by key after reading */
  size_t entries, entry_capacity;
} pm_safetensors;

/* Checked before use: header at most 16 MB and inside the file; types U8 I32 I64 F32 F64; offsets sorted, without hole
 * or overlap, ending at the file's end; no duplicate keys; sizes that fit their shape; weights finite unless
 * `allow_non_finite`. Any breach fails with status 3 and its place. Works on "-" too. Memory from the arena. */
pm_safetensors pm_safetensors_read(pm_arena *arena, const char *path, bool allow_non_finite);
/* The same, finite, with the SHA-256 of the whole file, which is read once: it may be a pipe. */
pm_safetensors pm_safetensors_read_hashed(pm_arena *arena, const char *path, char sha256[65]);

/* The tensor with its items: where they lie, or fetched into the arena. */
pm_tensor pm_safetensors_fetch(pm_arena *arena, const pm_named_tensor *tensor);

/* NULL if absent. */
const pm_tensor *pm_safetensors_find(const pm_safetensors *file, const char *name);
const char *pm_safetensors_metadata(const pm_safetensors *file, const char *key);

/* Building one: names, keys and tensors are kept by reference, the values of metadata copied. */
void pm_safetensors_add(pm_arena *arena, pm_safetensors *file, const char *name, pm_tensor tensor);
void pm_safetensors_add_fetched(pm_arena *arena, pm_safetensors *file, const char *name, pm_dtype dtype, pm_shape shape,
                                void (*fetch)(const void *context, void *items), const void *context);
void pm_safetensors_note(pm_arena *arena, pm_safetensors *file, const char *key, const char *value);

/* Tensors in the order added, metadata sorted by key, header padded with blanks to 8 bytes: equal content gives equal
 * bytes. */
void pm_safetensors_write(pm_output *output, const pm_safetensors *file);

#ifdef __cplusplus
}
#endif
#endif
