#include "backend/cuda/launch.cuh"
#include "backend/cuda/ranks.h"
#include "parallel/tree.h"

#include <float.h>

/* As the host's threads treat them (core/tasks.h). */
static __device__ float flushed(float x) {
  return fabsf(x) < FLT_MIN ? copysignf(0.0f, x) : x;
}

struct parts_on_card {
  pm_call call;
  float *parts; /* [n,count] */
  size_t count;
};

static void add_on_card(void *context, size_t to, size_t from) {
  const parts_on_card *p = (const parts_on_card *)context;
  float *sum = p->parts + to * p->count;
  const float *added = p->parts + from * p->count;
  for_each(&p->call, p->count,
           [=] __device__(item i) { sum[i] = flushed(flushed(sum[i]) + flushed(added[i])); });
}

void pm_cuda_sum_parts(float *parts, size_t n, size_t count, cudaStream_t queue) {
  parts_on_card p = {{}, parts, count};
  p.call.queue = queue;
  pm_sum_in_order(0, n, add_on_card, &p);
}
