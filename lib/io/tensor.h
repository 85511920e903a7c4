/* A typed array on the host: what .npy and .safetensors hold and the tools exchange. C order, little endian. */
#ifndef PM_IO_TENSOR_H
#define PM_IO_TENSOR_H

#include "core/memory.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PM_U8, PM_I32, PM_I64, PM_F32, PM_F64 } pm_dtype;

enum { PM_MAX_RANK = 8 };

typedef struct {
  int rank; /* 0: a scalar */
  size_t dim[PM_MAX_RANK];
} pm_shape;

typedef struct {
  pm_dtype dtype;
  pm_shape shape;
  void *data; /* pm_shape_count(shape) items; NULL is never used, an empty tensor has a valid pointer */
} pm_tensor;

size_t pm_dtype_size(pm_dtype dtype);
/* "u8", "i32", … for people. */
const char *pm_dtype_name(pm_dtype dtype);
/* Number of items; the product is checked (status 3). */
size_t pm_shape_count(pm_shape shape);
int pm_shape_equal(pm_shape a, pm_shape b);
/* "[16, 3, 3]" in the arena. */
const char *pm_shape_text(pm_arena *arena, pm_shape shape);
/* pm_shape_of(3, 16, 3, 3) */
pm_shape pm_shape_of(int rank, ...); /* each size as size_t */
/* Zeroed memory from the arena. */
pm_tensor pm_tensor_new(pm_arena *arena, pm_dtype dtype, pm_shape shape);
/* Whether all items are finite numbers, as integers are; if not, *first is the place of the first that is none. */
bool pm_tensor_is_finite(const pm_tensor *tensor, size_t *first);

#ifdef __cplusplus
}
#endif
#endif
