/* What writes memory that outlives a run: the update of a training step, and states. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"

struct adam {
  const float *gradient, *rate;
  const int64_t *step;
  float *p, *m, *v;
  double beta1, beta2;
  float epsilon, decay;
  bool decoupled;
};

/* The two corrections of a step, and the rate, are the same for all: one thread of a block computes them. */
static __global__ void __launch_bounds__(BLOCK) adam_items(adam a, item n) {
  __shared__ float common[3];
  if (threadIdx.x == 0) {
    const double rate = (double)*a.rate, t = (double)*a.step + 1;
    common[0] = (float)(rate / (1 - pow(a.beta1, t)));
    common[1] = (float)(1 / sqrt(1 - pow(a.beta2, t)));
    common[2] = (float)(1 - rate * (double)a.decay);
  }
  __syncthreads();
  const float step = common[0], root = common[1], keep = common[2], b1 = (float)a.beta1, b2 = (float)a.beta2,
              rest1 = (float)(1 - a.beta1), rest2 = (float)(1 - a.beta2);
  for (item i = blockIdx.x * BLOCK + threadIdx.x; i < n; i += gridDim.x * BLOCK) {
    float p = a.p[i], d = a.gradient[i];
    if (a.decoupled)
      p *= keep;
    else
      d += a.decay * p;
    const float m = b1 * a.m[i] + rest1 * d, v = b2 * a.v[i] + rest2 * d * d;
    a.m[i] = m;
    a.v[i] = v;
    a.p[i] = p - step * m / (sqrtf(v) * root + a.epsilon);
  }
}

enum { ADAM_BLOCKS = 2048 };

void pm_cuda_adam(const pm_call *call) {
  const pm_adam_attributes *how = attributes<pm_adam_attributes>(call);
  const item n = count(call->node->in[PM_ADAM_PARAMETERS]);
  const adam a = {in(call, PM_ADAM_GRADIENTS),
                  in(call, PM_ADAM_RATE),
                  in(call, PM_ADAM_STEP),
                  out(call, PM_ADAM_PARAMETERS),
                  out(call, PM_ADAM_M),
                  out(call, PM_ADAM_V),
                  how->beta1,
                  how->beta2,
                  (float)how->epsilon,
                  (float)how->decay,
                  how->decoupled};
  launch(call, (item)pm_smaller(pieces(n, BLOCK), ADAM_BLOCKS), BLOCK, adam_items, a, n);
}

/* Some of an op's ranges, as an argument of a kernel. */
enum { RANGES = 100 };
struct some_ranges {
  item n, offset[RANGES], items[RANGES];
};

static __global__ void __launch_bounds__(BLOCK)
    decay_ranges(some_ranges ranges, float *p, float *gradient, const float *rate, double decay, bool decoupled) {
  const float keep = (float)(1 - (double)*rate * decay), added = (float)decay;
  for (item r = blockIdx.y; r < ranges.n; r += gridDim.y)
    for (item i = blockIdx.x * BLOCK + threadIdx.x; i < ranges.items[r]; i += gridDim.x * BLOCK) {
      const item at = ranges.offset[r] + i;
      if (decoupled)
        p[at] *= keep;
      else
        gradient[at] += added * p[at];
    }
}

enum { DECAY_BLOCKS = 32 };

void pm_cuda_weight_decay(const pm_call *call) {
  const pm_weight_decay_attributes *a = attributes<pm_weight_decay_attributes>(call);
  float *p = out(call, PM_WEIGHT_DECAY_PARAMETERS), *gradient = out(call, PM_WEIGHT_DECAY_GRADIENTS);
  const float *rate = in(call, PM_WEIGHT_DECAY_RATE);
  for (size_t first = 0; first < a->ranges; first += RANGES) {
    some_ranges some = {(item)pm_smaller(a->ranges - first, RANGES), {0}, {0}};
    for (item r = 0; r < some.n; r++) {
      some.offset[r] = (item)a->range[first + r].offset;
      some.items[r] = (item)a->range[first + r].count;
    }
    launch(call, dim3(DECAY_BLOCKS, some.n), BLOCK, decay_ranges, some, p, gradient, rate, a->decay, a->decoupled);
  }
}

void pm_cuda_moving_average(const pm_call *call) {
  const float *x = in(call, PM_MOVING_AVERAGE_X), *decay = in(call, PM_MOVING_AVERAGE_DECAY);
  float *average = out(call, 0);
  for_each(call, pm_count(call->node->in[PM_MOVING_AVERAGE_AVERAGE]),
           [=] __device__(item i) { average[i] = *decay * average[i] + (1 - *decay) * x[i]; });
}

/* ---- the norm of all gradients, in two stages ---- */

enum { NORM_PARTS = 256, FEW_ITEMS = 4096 };

static item norm_parts(item n) {
  return (item)pm_smaller(pieces(n, FEW_ITEMS), NORM_PARTS);
}

static __global__ void __launch_bounds__(BLOCK) squares_of_part(const float *x, item n, double *partial) {
  __shared__ double shared[WARPS];
  double sum = 0;
  for (item i = blockIdx.x * BLOCK + threadIdx.x; i < n; i += gridDim.x * BLOCK)
    sum += (double)x[i] * (double)x[i];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}

/* Every block adds the parts up, in the same order. */
static __global__ void __launch_bounds__(BLOCK)
    scale_to_norm(float *x, item n, const double *partial, item parts, double most) {
  __shared__ double shared[WARPS];
  double squares = threadIdx.x < parts ? partial[threadIdx.x] : 0;
  const double norm = sqrt(block_sum(squares, shared));
  const float scale = (float)(most / norm);
  for (item i = blockIdx.x * BLOCK + threadIdx.x; norm > most && i < n; i += gridDim.x * BLOCK)
    x[i] *= scale;
}
static_assert((int)NORM_PARTS <= (int)BLOCK, "a thread for each part");

size_t pm_cuda_clip_norm_workspace(const pm_node *node) {
  return norm_parts(count(node->in[0])) * sizeof(double);
}

void pm_cuda_clip_norm(const pm_call *call) {
  const double most = attributes<pm_clip_norm_attributes>(call)->norm;
  const item n = count(call->node->in[0]), parts = norm_parts(n);
  float *x = out(call, 0);
  double *partial = workspace(call);
  launch(call, parts, BLOCK, squares_of_part, (const float *)x, n, partial);
  launch(call, parts, BLOCK, scale_to_norm, x, n, (const double *)partial, parts, most);
}

/* ---- states ---- */

struct some_scalars {
  const float *at[PM_MAX_IN];
};

void pm_cuda_record(const pm_call *call) {
  const pm_value *value = call->node->in[PM_RECORD_LOG];
  const item L = dim(value, 0), K = dim(value, 1);
  some_scalars scalars = {};
  for (int k = PM_RECORD_SCALARS; k < call->node->ins; k++)
    scalars.at[k - PM_RECORD_SCALARS] = in(call, k);
  const int64_t *row = in(call, PM_RECORD_ROW);
  float *log = out(call, 0);
  for_each(call, (size_t)(call->node->ins - PM_RECORD_SCALARS),
           [=] __device__(item k) { log[(item)((uint64_t)*row % L) * K + k] = *scalars.at[k]; });
}

void pm_cuda_assign(const pm_call *call) {
  const pm_value *x = call->node->in[PM_ASSIGN_X];
  pm_cuda_check(cudaMemcpyAsync(call->out[0], call->in[PM_ASSIGN_X], pm_count(x) * pm_dtype_size(x->dtype),
                                cudaMemcpyDeviceToDevice, (cudaStream_t)call->queue),
                "assign");
}

void pm_cuda_clear(const pm_call *call) {
  const pm_value *state = call->node->in[0];
  pm_cuda_check(
      cudaMemsetAsync(call->out[0], 0, pm_count(state) * pm_dtype_size(state->dtype), (cudaStream_t)call->queue),
      "clear");
}

/* ---- runs that are counted on the card ---- */

void pm_cuda_add_one(void *scalar, void *queue) {
  pm_call call = {};
  int64_t *number = (int64_t *)scalar;
  call.queue = queue;
  for_each(&call, 1, [=] __device__(item) { *number += 1; });
}
