/* Categorical sampling by a block: nn/ops/categorical.h without its sort. Where an item stands among the sorted logits
 * is counted: how many are larger, or equal and before it. */
#ifndef PM_BACKEND_CUDA_CATEGORICAL_CUH
#define PM_BACKEND_CUDA_CATEGORICAL_CUH

#include "backend/cuda/random.cuh"

struct draw_choice {
  double temperature, top_p;
  item top;
  uint32_t purpose;
};

static inline draw_choice choice_of(const pm_draw_index_attributes *a) {
  return {a->temperature, a->top_p, (item)a->top, a->purpose};
}

static __device__ inline item place_among(const float *x, item K, item k) {
  item before = 0;
  for (item j = 0; j < K; j++)
    before += x[j] > x[k] || (x[j] == x[k] && j < k);
  return before;
}

/* The largest of all threads' x; shared[BLOCK]. */
static __device__ inline double block_largest(double x, double *shared) {
  __syncthreads();
  shared[threadIdx.x] = x;
  __syncthreads();
  for (unsigned i = 0; i < blockDim.x; i++)
    x = shared[i] > x ? shared[i] : x;
  return x;
}

/* The smallest logit that may still be drawn: least_allowed_logit. Of those up to place `top`, the last whose sum of
 * all before it is below top_p of the sum of those up to `top`. */
static __device__ inline double least_logit(const float *x, item K, draw_choice how, double largest, double *shared) {
  const bool some_k = how.top && how.top<K, some_p = how.top_p> 0 && how.top_p < 1;
  const item allowed = some_k ? how.top : K;
  double least = INFINITY, total = 0;
  if (!some_k && !some_p)
    return -INFINITY;
  for (item k = threadIdx.x; some_p && k < K; k += blockDim.x)
    total += place_among(x, K, k) < allowed ? exp(((double)x[k] - largest) / how.temperature) : 0;
  if (some_p)
    total = block_sum(total, shared);
  for (item k = threadIdx.x; k < K; k += blockDim.x) {
    const item place = place_among(x, K, k);
    double before = 0;
    for (item j = 0; some_p && place && j < K; j++)
      before += x[j] > x[k] || (x[j] == x[k] && j < k) ? exp(((double)x[j] - largest) / how.temperature) : 0;
    if (place < allowed && (place == 0 || !some_p || before < how.top_p * total))
      least = (double)x[k] < least ? (double)x[k] : least;
  }
  return -block_largest(-least, shared);
}

/* draw_category: the index at which the running sum of the weights passes u of their total. weights[K] is scratch;
 * shared[BLOCK]. All threads of the block take part. */
static __device__ inline void draw_category_of(const float *x, item K, draw_choice how, double u, double *weights,
                                               double *shared, int32_t *index) {
  double largest = -INFINITY;
  for (item k = threadIdx.x; k < K; k += blockDim.x)
    largest = (double)x[k] > largest ? (double)x[k] : largest;
  largest = block_largest(largest, shared);
  const double least = least_logit(x, K, how, largest, shared);
  for (item k = threadIdx.x; k < K; k += blockDim.x)
    weights[k] = (double)x[k] >= least ? exp(((double)x[k] - largest) / how.temperature) : 0;
  __syncthreads();
  if (threadIdx.x)
    return;
  double total = 0, sum = 0;
  item drawn = 0;
  for (item k = 0; k < K; k++)
    total += weights[k];
  for (item k = 0; k < K; k++) {
    if (!((double)x[k] >= least))
      continue;
    sum += weights[k];
    drawn = k;
    if (u * total < sum)
      break;
  }
  *index = (int32_t)drawn;
}

#endif
