#include "io/tensor.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensors are read and written as they lie in memory, which must be little endian"
#endif

size_t pm_dtype_size(pm_dtype dtype) {
  switch (dtype) {
  case PM_U8:
    return 1;
  case PM_I32:
  case PM_F32:
    return 4;
  case PM_I64:
  case PM_F64:
    return 8;
  }
  assert(!"dtype");
  return 0;
}

const char *pm_dtype_name(pm_dtype dtype) {
  switch (dtype) {
  case PM_U8:
    return "u8";
  case PM_I32:
    return "i32";
  case PM_I64:
    return "i64";
  case PM_F32:
    return "f32";
  case PM_F64:
    return "f64";
  }
  assert(!"dtype");
  return "?";
}

size_t pm_shape_count(pm_shape shape) {
  assert(shape.rank >= 0 && shape.rank <= PM_MAX_RANK);
  /* Zeros are left to the end: a product of some of the sizes then never wraps either, whatever code it is in. */
  size_t count = 1;
  int empty = 0;
  for (int i = 0; i < shape.rank; i++) {
    if (shape.dim[i])
      count = pm_multiply(NULL, count, shape.dim[i]);
    else
      empty = 1;
  }
  return empty ? 0 : count;
}

int pm_shape_equal(pm_shape a, pm_shape b) {
  if (a.rank != b.rank)
    return 0;
  for (int i = 0; i < a.rank; i++)
    if (a.dim[i] != b.dim[i])
      return 0;
  return 1;
}

const char *pm_shape_text(pm_arena *arena, pm_shape shape) {
  char text[PM_MAX_RANK * 22 + 3];
  size_t length = 0;
  text[length++] = '[';
  for (int i = 0; i < shape.rank; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%zu", i ? ", " : "", shape.dim[i]);
  memcpy(text + length, "]", 2);
  return pm_copy_text(arena, text);
}

pm_shape pm_shape_of(int rank, ...) {
  assert(rank >= 0 && rank <= PM_MAX_RANK);
  pm_shape shape = {.rank = rank};
  va_list sizes;
  va_start(sizes, rank);
  for (int i = 0; i < rank; i++)
    shape.dim[i] = va_arg(sizes, size_t);
  va_end(sizes);
  return shape;
}

pm_tensor pm_tensor_new(pm_arena *arena, pm_dtype dtype, pm_shape shape) {
  pm_tensor tensor = {dtype, shape, NULL};
  tensor.data = pm_alloc(arena, pm_shape_count(shape), pm_dtype_size(dtype));
  return tensor;
}

bool pm_tensor_is_finite(const pm_tensor *tensor, size_t *first) {
  const float *single = tensor->data;
  const double *twice = tensor->data;
  if (tensor->dtype != PM_F32 && tensor->dtype != PM_F64)
    return true;
  for (size_t i = 0, n = pm_shape_count(tensor->shape); i < n; i++)
    if (tensor->dtype == PM_F32 ? !isfinite(single[i]) : !isfinite(twice[i])) {
      *first = i;
      return false;
    }
  return true;
}
