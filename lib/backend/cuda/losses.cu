/* Losses: a block for each row. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"

/* term(x, target) of each item, averaged over the row. */
template <class F>
static __device__ void mean_of_row(const float *x, const float *target, item row, float *loss, double *shared, F term) {
  const size_t at = (size_t)blockIdx.x * row;
  double sum = 0;
  for (item i = threadIdx.x; i < row; i += blockDim.x)
    sum += term(x[at + i], target[at + i]);
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0)
    loss[blockIdx.x] = (float)(sum / row);
}

struct squared_error_term {
  __device__ double operator()(float x, float target) const { return (double)(x - target) * (double)(x - target); }
};
struct absolute_error_term {
  __device__ double operator()(float x, float target) const { return fabs((double)x - (double)target); }
};
struct bce_term {
  __device__ double operator()(float z, float target) const {
    return (double)(z > 0 ? z : 0) - (double)z * (double)target + (double)log1pf(expf(-fabsf(z)));
  }
};
struct kl_term {
  __device__ double operator()(float mu, float logvar) const {
    return -0.5 * (1 + (double)logvar - (double)mu * (double)mu - (double)expf(logvar));
  }
};

static __global__ void squared_error_rows(const float *x, const float *target, item row, float *loss) {
  __shared__ double shared[WARPS];
  mean_of_row(x, target, row, loss, shared, squared_error_term());
}
static __global__ void absolute_error_rows(const float *x, const float *target, item row, float *loss) {
  __shared__ double shared[WARPS];
  mean_of_row(x, target, row, loss, shared, absolute_error_term());
}
static __global__ void bce_rows(const float *x, const float *target, item row, float *loss) {
  __shared__ double shared[WARPS];
  mean_of_row(x, target, row, loss, shared, bce_term());
}
static __global__ void kl_rows(const float *x, const float *target, item row, float *loss) {
  __shared__ double shared[WARPS];
  mean_of_row(x, target, row, loss, shared, kl_term());
}

static item row_of(const pm_value *x) {
  return count(x) / dim(x, 0);
}

static void run_rows(const pm_call *call, void (*kernel)(const float *, const float *, item, float *)) {
  const float *x = in(call, PM_LOSS_X), *target = in(call, PM_LOSS_TARGET);
  float *loss = out(call, 0);
  const item row = row_of(call->node->in[PM_LOSS_X]);
  launch(call, count(call->node->out[0]), block_for(row), kernel, x, target, row, loss);
}

void pm_cuda_squared_error(const pm_call *call) {
  run_rows(call, squared_error_rows);
}
void pm_cuda_absolute_error(const pm_call *call) {
  run_rows(call, absolute_error_rows);
}
void pm_cuda_bce(const pm_call *call) {
  run_rows(call, bce_rows);
}
static_assert((int)PM_LOSS_X == (int)PM_KL_NORMAL_MU && (int)PM_LOSS_TARGET == (int)PM_KL_NORMAL_LOGVAR,
              "run_rows takes both");
void pm_cuda_kl_normal(const pm_call *call) {
  run_rows(call, kl_rows);
}

void pm_cuda_squared_error_grad(const pm_call *call) {
  const float *x = in(call, PM_LOSS_GRAD_X), *target = in(call, PM_LOSS_GRAD_TARGET),
              *dloss = in(call, PM_LOSS_GRAD_DLOSS);
  float *dx = out(call, 0);
  const item row = row_of(call->node->in[PM_LOSS_GRAD_X]);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { dx[i] = dloss[i / row] * 2 / (float)row * (x[i] - target[i]); });
}

void pm_cuda_absolute_error_grad(const pm_call *call) {
  const float *x = in(call, PM_LOSS_GRAD_X), *target = in(call, PM_LOSS_GRAD_TARGET),
              *dloss = in(call, PM_LOSS_GRAD_DLOSS);
  float *dx = out(call, 0);
  const item row = row_of(call->node->in[PM_LOSS_GRAD_X]);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    float d = dloss[i / row] / (float)row;
    dx[i] = x[i] > target[i] ? d : x[i] < target[i] ? -d : 0;
  });
}

void pm_cuda_bce_grad(const pm_call *call) {
  const float *z = in(call, PM_LOSS_GRAD_X), *target = in(call, PM_LOSS_GRAD_TARGET),
              *dloss = in(call, PM_LOSS_GRAD_DLOSS);
  float *dz = out(call, 0);
  const item row = row_of(call->node->in[PM_LOSS_GRAD_X]);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { dz[i] = dloss[i / row] / (float)row * (1 / (1 + expf(-z[i])) - target[i]); });
}

void pm_cuda_kl_normal_grad(const pm_call *call) {
  const float *mu = in(call, PM_KL_NORMAL_GRAD_MU), *logvar = in(call, PM_KL_NORMAL_GRAD_LOGVAR),
              *dloss = in(call, PM_KL_NORMAL_GRAD_DLOSS);
  float *dmu = out(call, PM_KL_NORMAL_GRAD_DMU), *dlogvar = out(call, PM_KL_NORMAL_GRAD_DLOGVAR);
  const item row = row_of(call->node->in[PM_KL_NORMAL_GRAD_MU]);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    float d = dloss[i / row] / (float)row;
    dmu[i] = d * mu[i];
    dlogvar[i] = d * 0.5f * expm1f(logvar[i]);
  });
}

/* ---- cross-entropy ---- */

/* Indices of PM_U8 or PM_I32. */
struct indices {
  const void *at;
  bool bytes;
  __device__ item operator[](item r) const {
    return bytes ? ((const unsigned char *)at)[r] : (item)((const int32_t *)at)[r];
  }
};

static indices indices_of(const pm_call *call, int k) {
  return {call->in[k], call->node->in[k]->dtype == PM_U8};
}

/* The largest of x[K], and the sum of exp(x - largest), by a warp. */
struct exponentials {
  float top, sum;
};
static __device__ exponentials exponentials_of(const float *x, item K, item lane) {
  float top = -INFINITY;
  double sum = 0;
  for (item k = lane; k < K; k += WARP)
    top = x[k] > top ? x[k] : top;
  top = warp_largest(top);
  for (item k = lane; k < K; k += WARP)
    sum += (double)expf(x[k] - top);
  return {top, (float)warp_sum(sum)};
}

static __global__ void __launch_bounds__(BLOCK)
    cross_entropy_rows(const float *x, indices index, item K, item pixels, float *loss) {
  __shared__ double shared[WARPS];
  const item lane = threadIdx.x % WARP;
  double sum = 0;
  for (item p = threadIdx.x / WARP; p < pixels; p += blockDim.x / WARP) {
    const item r = blockIdx.x * pixels + p;
    const float *logits = x + (size_t)r * K;
    const exponentials e = exponentials_of(logits, K, lane);
    if (lane == 0)
      sum += (double)(e.top - logits[index[r]]) + (double)logf(e.sum);
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0)
    loss[blockIdx.x] = (float)(sum / pixels);
}

void pm_cuda_cross_entropy(const pm_call *call) {
  const pm_value *logits = call->node->in[PM_CROSS_ENTROPY_LOGITS];
  const item K = columns(logits), N = count(call->node->out[0]), pixels = rows(logits) / N;
  const float *x = in(call, PM_CROSS_ENTROPY_LOGITS);
  float *loss = out(call, 0);
  launch(call, N, block_for((size_t)pixels * WARP), cross_entropy_rows, x, indices_of(call, PM_CROSS_ENTROPY_INDEX), K,
         pixels, loss);
}

void pm_cuda_cross_entropy_grad(const pm_call *call) {
  const pm_value *logits = call->node->in[PM_CROSS_ENTROPY_GRAD_LOGITS];
  const item K = columns(logits), n = rows(logits), pixels = n / dim(logits, 0);
  const float *x = in(call, PM_CROSS_ENTROPY_GRAD_LOGITS), *dloss = in(call, PM_CROSS_ENTROPY_GRAD_DLOSS);
  const indices index = indices_of(call, PM_CROSS_ENTROPY_GRAD_INDEX);
  float *dx = out(call, 0);
  for_each_warp(call, n, [=] __device__(item r, item lane) {
    const float *from = x + (size_t)r * K;
    const exponentials e = exponentials_of(from, K, lane);
    const float d = dloss[r / pixels] / (float)pixels;
    const item label = index[r];
    for (item k = lane; k < K; k += WARP)
      dx[(size_t)r * K + k] = d * (expf(from[k] - e.top) / e.sum - (k == label ? 1.0f : 0.0f));
  });
}
