/* Group normalisation, alone or with the SiLU behind it: a block for each group of each sample. The gradient computes
 * SiLU's input again; gamma's and beta's gradients are sums of the samples' shares. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"

struct norms {
  item pixels, C, G, width; /* width: channels of a group */
  float epsilon;
  bool silu;
};

static norms norm_of(const pm_call *call, bool silu) {
  const pm_groupnorm_attributes *a = attributes<pm_groupnorm_attributes>(call);
  const pm_value *x = call->node->in[PM_GROUPNORM_X];
  const item C = columns(x), G = (item)a->groups;
  return {rows(x) / dim(x, 0), C, G, C / G, (float)a->epsilon, silu};
}

static_assert((int)PM_GROUPNORM_X == (int)PM_GROUPNORM_GRAD_X, "norm_of takes both");

static item groups_of(const pm_call *call, norms s) {
  return dim(call->node->in[PM_GROUPNORM_X], 0) * s.G;
}

/* The group's item i, counted pixel by pixel: its place, and its channel. */
static __device__ item channel_of(const norms &s, item i) {
  return blockIdx.x % s.G * s.width + i % s.width;
}
static __device__ size_t place_of(const norms &s, item i) {
  return (size_t)(blockIdx.x / s.G * s.pixels + i / s.width) * s.C + channel_of(s, i);
}

static __global__ void __launch_bounds__(BLOCK)
    normalise_group(norms s, const float *x, const float *gamma, const float *beta, result y, float *mean,
                    float *variance) {
  __shared__ double shared[WARPS];
  const item items = s.pixels * s.width;
  double sum = 0, squares = 0;
  for (item i = threadIdx.x; i < items; i += blockDim.x)
    sum += (double)x[place_of(s, i)];
  const float m = (float)(block_sum(sum, shared) / items);
  for (item i = threadIdx.x; i < items; i += blockDim.x) {
    float d = x[place_of(s, i)] - m;
    squares += (double)d * (double)d;
  }
  const float v = (float)(block_sum(squares, shared) / items), scale = 1 / sqrtf(v + s.epsilon);
  for (item i = threadIdx.x; i < items; i += blockDim.x) {
    const item c = channel_of(s, i);
    const size_t at = place_of(s, i);
    float z = gamma[c] * (x[at] - m) * scale + beta[c];
    y.put(at, s.silu ? z / (1 + expf(-z)) : z);
  }
  if (threadIdx.x == 0) {
    mean[blockIdx.x] = m;
    variance[blockIdx.x] = v;
  }
}

static void normalise(const pm_call *call, norms s) {
  const float *x = in(call, PM_GROUPNORM_X), *gamma = in(call, PM_GROUPNORM_GAMMA), *beta = in(call, PM_GROUPNORM_BETA);
  const result y = result_of(call);
  float *mean = out(call, PM_GROUPNORM_MEAN), *variance = out(call, PM_GROUPNORM_VARIANCE);
  launch(call, groups_of(call, s), block_for((size_t)s.pixels * s.width), normalise_group, s, x, gamma, beta, y, mean,
         variance);
}

void pm_cuda_groupnorm(const pm_call *call) {
  normalise(call, norm_of(call, false));
}
void pm_cuda_groupnorm_silu(const pm_call *call) {
  normalise(call, norm_of(call, true));
}

static_assert((int)PM_GROUPNORM_Y == 0 && (int)PM_GROUPNORM_GRAD_DX == 0, "result_of gives result 0");

/* ---- gradient ---- */

struct norm_grad {
  norms s;
  const float *x, *gamma, *beta, *mean, *variance, *dy;
};

/* xhat and dz of an item: dy itself, or with SiLU behind the norm dy silu'(z). */
static __device__ float gradient_of_z(const norm_grad &g, item i, float m, float scale, float *xhat) {
  const size_t at = place_of(g.s, i);
  const item c = channel_of(g.s, i);
  *xhat = (g.x[at] - m) * scale;
  if (!g.s.silu)
    return g.dy[at];
  float z = g.gamma[c] * *xhat + g.beta[c], sigmoid = 1 / (1 + expf(-z));
  return g.dy[at] * sigmoid * (1 + z * (1 - sigmoid));
}

/* Sums of dz and of dz xhat over the pixels, of `some` channels of the group from `first` on, each by several threads;
 * what they find is in shared, by thread, and added up by the first `some` threads. */
static __device__ void sums_of_channels(const norm_grad &g, item first, item some, float m, float scale,
                                        double (*shared)[BLOCK], double *one, double *two) {
  const item lanes = blockDim.x / some, lane = threadIdx.x / some, c = first + threadIdx.x % some;
  *one = *two = 0;
  for (item p = lane; lane < lanes && p < g.s.pixels; p += lanes) {
    float xhat, dz = gradient_of_z(g, p * g.s.width + c, m, scale, &xhat);
    *one += (double)dz;
    *two += (double)dz * (double)xhat;
  }
  __syncthreads();
  shared[0][threadIdx.x] = *one;
  shared[1][threadIdx.x] = *two;
  __syncthreads();
  for (item k = 1; threadIdx.x < some && k < lanes; k++) {
    *one += shared[0][k * some + threadIdx.x];
    *two += shared[1][k * some + threadIdx.x];
  }
}

/* share[sample][2][C]: the sample's part of dgamma and dbeta. dx may lie where dy does. */
static __global__ void __launch_bounds__(BLOCK) gradient_of_group(norm_grad g, result dx, float *share) {
  __shared__ double shared[2][BLOCK], sums[WARPS];
  const norms &s = g.s;
  const item n = blockIdx.x / s.G, items = s.pixels * s.width;
  const float m = g.mean[blockIdx.x], scale = 1 / sqrtf(g.variance[blockIdx.x] + s.epsilon);
  double all_one = 0, all_two = 0; /* weighted by gamma */
  for (item first = 0; first < s.width; first += blockDim.x) {
    const item some = s.width - first < blockDim.x ? s.width - first : blockDim.x;
    double one, two;
    sums_of_channels(g, first, some, m, scale, shared, &one, &two);
    if (threadIdx.x < some) {
      const item c = blockIdx.x % s.G * s.width + first + threadIdx.x;
      share[(size_t)(2 * n) * s.C + c] = (float)two;
      share[(size_t)(2 * n + 1) * s.C + c] = (float)one;
      all_one += (double)g.gamma[c] * one;
      all_two += (double)g.gamma[c] * two;
    }
  }
  const float mean_one = (float)(block_sum(all_one, sums) / items),
              mean_two = (float)(block_sum(all_two, sums) / items);
  for (item i = threadIdx.x; i < items; i += blockDim.x) {
    float xhat, dz = gradient_of_z(g, i, m, scale, &xhat);
    dx.put(place_of(s, i), scale * (g.gamma[channel_of(s, i)] * dz - mean_one - xhat * mean_two));
  }
}

size_t pm_cuda_groupnorm_grad_workspace(const pm_node *node) {
  const pm_value *x = node->in[PM_GROUPNORM_GRAD_X];
  return 2 * x->shape.dim[0] * pm_columns(x) * sizeof(float);
}

static void find_gradients(const pm_call *call, norms s) {
  const norm_grad g = {s,
                       in(call, PM_GROUPNORM_GRAD_X),
                       in(call, PM_GROUPNORM_GRAD_GAMMA),
                       in(call, PM_GROUPNORM_GRAD_BETA),
                       in(call, PM_GROUPNORM_GRAD_MEAN),
                       in(call, PM_GROUPNORM_GRAD_VARIANCE),
                       in(call, PM_GROUPNORM_GRAD_DY)};
  const result dx = result_of(call);
  float *dgamma = out(call, PM_GROUPNORM_GRAD_DGAMMA), *dbeta = out(call, PM_GROUPNORM_GRAD_DBETA),
        *share = workspace(call);
  const item C = s.C, N = groups_of(call, s) / s.G;
  launch(call, groups_of(call, s), block_for((size_t)s.pixels * s.width), gradient_of_group, g, dx, share);
  for_each_warp(call, C, [=] __device__(item c, item lane) {
    double two = 0, one = 0;
    for (item n = lane; n < N; n += WARP) {
      two += (double)share[(size_t)(2 * n) * C + c];
      one += (double)share[(size_t)(2 * n + 1) * C + c];
    }
    two = warp_sum(two);
    one = warp_sum(one);
    if (lane == 0) {
      dgamma[c] = (float)two;
      dbeta[c] = (float)one;
    }
  });
}

void pm_cuda_groupnorm_grad(const pm_call *call) {
  find_gradients(call, norm_of(call, false));
}
void pm_cuda_groupnorm_silu_grad(const pm_call *call) {
  find_gradients(call, norm_of(call, true));
}
