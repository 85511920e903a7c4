#include "backend/cuda/launch.cuh"
#include "backend/cuda/ranks.h"

#include <float.h>

/* As the host's threads treat them (core/tasks.h). */
static __device__ float flushed(float x) {
  return fabsf(x) < FLT_MIN ? copysignf(0.0f, x) : x;
}

static void add_part(const pm_call *call, float *to, const float *from, size_t n) {
  for_each(call, n, [=] __device__(item i) { to[i] = flushed(flushed(to[i]) + flushed(from[i])); });
}

static void sum_with(const pm_call *call, float *parts, size_t n, size_t count) {
  if (n < 2)
    return;
  size_t first = 1;
  while (2 * first < n)
    first *= 2;
  sum_with(call, parts, first, count);
  sum_with(call, parts + first * count, n - first, count);
  add_part(call, parts, parts + first * count, count);
}

void pm_cuda_sum_parts(float *parts, size_t n, size_t count, cudaStream_t queue) {
  pm_call call = {};
  call.queue = queue;
  sum_with(&call, parts, n, count);
}
