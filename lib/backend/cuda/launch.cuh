/* What the kernels share: operands, launches, sums over warps and blocks in an order that shapes alone decide.
 *
 * A backend's kernel is a function of a call that puts work into the call's queue and returns: it cannot follow the
 * address of an operand, not even of a scalar. Numbers of items are unsigned: no value has 2^31. Kernels that are
 * templates have no shared memory (the tests' emulation fills it with NaNs, and cannot there). */
#ifndef PM_BACKEND_CUDA_LAUNCH_CUH
#define PM_BACKEND_CUDA_LAUNCH_CUH

#include <cuda_runtime.h>

/* The library's functions in headers, for the card, too: core/inline.h. */
#define PM_INLINE __host__ __device__ static inline

#include "backend/cuda/bf16.cuh"
#include "backend/cuda/device.h"
#include "core/sizes.h"
#include "nn/ops.h"

typedef unsigned item;

enum { WARP = 32, BLOCK = 256, WARPS = BLOCK / WARP };

/* ---- operands ---- */

/* An address without a type, which becomes whichever pointer it is given to. */
struct operand {
  void *at;
  template <class T> operator T *() const { return (T *)at; }
};

static inline operand in(const pm_call *call, int k) {
  return {(void *)call->in[k]};
}
static inline operand out(const pm_call *call, int k) {
  return {call->out[k]};
}
static inline operand workspace(const pm_call *call, size_t offset = 0) {
  return {(char *)call->workspace + offset};
}
template <class T> static const T *attributes(const pm_call *call) {
  return (const T *)call->node->attributes;
}
static inline item count(const pm_value *x) {
  return (item)pm_count(x);
}
static inline item rows(const pm_value *x) {
  return (item)pm_rows(x);
}
static inline item columns(const pm_value *x) {
  return (item)pm_columns(x);
}
static inline item dim(const pm_value *x, int d) {
  return (item)x->shape.dim[d];
}
static inline item pieces(size_t items, size_t size) {
  return (item)pm_pieces(items, size);
}

/* ---- launches ---- */

template <class... P, class... A>
static void launch(const pm_call *call, dim3 grid, dim3 block, void (*kernel)(P...), A... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.stream = (cudaStream_t)call->queue;
  pm_cuda_check(cudaLaunchKernelEx(&config, kernel, arguments...), call->node ? call->node->op->name : "a conversion");
}

template <class F> __global__ void __launch_bounds__(BLOCK) each_item(item n, F f) {
  item i = blockIdx.x * BLOCK + threadIdx.x;
  if (i < n)
    f(i);
}

/* f(i) for i < n, each in a thread of its own. */
template <class F> static void for_each(const pm_call *call, size_t n, F f) {
  assert(n < (size_t)1 << 31);
  launch(call, pieces(n, BLOCK), BLOCK, each_item<F>, (item)n, f);
}

/* f(i, lane) for i < n, each by the 32 threads of a warp. */
template <class F> __global__ void __launch_bounds__(BLOCK) each_warp(item n, F f) {
  item i = blockIdx.x * WARPS + threadIdx.x / WARP;
  if (i < n)
    f(i, threadIdx.x % WARP);
}

template <class F> static void for_each_warp(const pm_call *call, size_t n, F f) {
  assert(n < (size_t)1 << 31);
  launch(call, pieces(n, WARPS), BLOCK, each_warp<F>, (item)n, f);
}

/* ---- results that are wanted in bfloat16, too ---- */

/* Where a kernel's result 0 goes. A step that can write it in bfloat16 beside (`makes` in cuda.c) has one output more
 * than its node. */
struct result {
  float *y;
  bf16 *rounded; /* or NULL */
  __device__ void put(size_t i, float x) const {
    y[i] = x;
    if (rounded)
      round_into(rounded + i, x);
  }
};
static inline result result_of(const pm_call *call) {
  return {out(call, 0), call->node->outs < PM_MAX_OUT ? out(call, call->node->outs) : operand{NULL}};
}

/* ---- sums ---- */

/* The warp's sum, in every thread the same bits. */
template <class T> static __device__ T warp_sum(T x) {
  for (int by = WARP / 2; by > 0; by /= 2)
    x += __shfl_xor_sync(0xffffffffu, x, by);
  return x;
}

template <class T> static __device__ T warp_largest(T x) {
  for (int by = WARP / 2; by > 0; by /= 2) {
    T other = __shfl_xor_sync(0xffffffffu, x, by);
    x = other > x ? other : x;
  }
  return x;
}

/* The block's sum, in every thread the same bits; `shared` has an item for each of its warps. All threads take part. */
template <class T> static __device__ T block_sum(T x, T *shared) {
  const unsigned warps = blockDim.x / WARP, lane = threadIdx.x % WARP;
  x = warp_sum(x);
  __syncthreads(); /* the sum before may still be read */
  if (lane == 0)
    shared[threadIdx.x / WARP] = x;
  __syncthreads();
  T sum = 0;
  for (unsigned w = 0; w < warps; w++)
    sum += shared[w];
  return sum;
}

/* Threads for a block that goes through `items`: as many as there are, up to BLOCK. */
static inline item block_for(size_t items) {
  return (item)(pm_smaller(pieces(items, WARP), (size_t)WARPS) * WARP);
}

#endif
