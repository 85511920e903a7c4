/* Sums, products and activations, element by element; and what works on rows and columns. */
#include "backend/cuda/column_sums.cuh"
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"

/* ---- element by element ---- */

void pm_cuda_add(const pm_call *call) {
  const float *a = in(call, PM_ADD_A), *b = in(call, PM_ADD_B);
  const result y = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y.put(i, a[i] + b[i]); });
}

void pm_cuda_mul(const pm_call *call) {
  const float *a = in(call, PM_MUL_A), *b = in(call, PM_MUL_B);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = a[i] * b[i]; });
}

void pm_cuda_affine(const pm_call *call) {
  const pm_affine_attributes *a = attributes<pm_affine_attributes>(call);
  const float *x = in(call, 0), scale = (float)a->scale, shift = (float)a->shift;
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = scale * x[i] + shift; });
}

void pm_cuda_relu(const pm_call *call) {
  const float *x = in(call, 0);
  const result y = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y.put(i, x[i] < 0 ? 0 : x[i]); });
}

void pm_cuda_relu_grad(const pm_call *call) {
  const float *y = in(call, PM_RELU_GRAD_Y), *dy = in(call, PM_RELU_GRAD_DY);
  const result dx = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { dx.put(i, y[i] > 0 ? dy[i] : 0); });
}

void pm_cuda_exp(const pm_call *call) {
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = expf(x[i]); });
}

static __device__ float sigmoid_of(float x) {
  return 1 / (1 + expf(-x));
}

void pm_cuda_sigmoid(const pm_call *call) {
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = sigmoid_of(x[i]); });
}

void pm_cuda_sigmoid_grad(const pm_call *call) {
  const float *y = in(call, PM_SIGMOID_GRAD_Y), *dy = in(call, PM_SIGMOID_GRAD_DY);
  float *dx = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { dx[i] = dy[i] * y[i] * (1 - y[i]); });
}

void pm_cuda_silu(const pm_call *call) {
  const float *x = in(call, 0);
  const result y = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y.put(i, x[i] * sigmoid_of(x[i])); });
}

void pm_cuda_silu_grad(const pm_call *call) {
  const float *x = in(call, PM_SILU_GRAD_X), *dy = in(call, PM_SILU_GRAD_DY);
  const result dx = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    float s = sigmoid_of(x[i]);
    dx.put(i, dy[i] * s * (1 + x[i] * (1 - s)));
  });
}

/* The normal distribution's cumulative, by the complement so that its lower tail keeps its digits. */
static __device__ float cumulative_of(float x) {
  return 0.5f * erfcf(-x * 0.70710678f);
}

void pm_cuda_gelu(const pm_call *call) {
  const float *x = in(call, 0);
  const result y = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y.put(i, x[i] * cumulative_of(x[i])); });
}

void pm_cuda_gelu_grad(const pm_call *call) {
  const float *x = in(call, PM_GELU_GRAD_X), *dy = in(call, PM_GELU_GRAD_DY);
  const result dx = result_of(call);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    float density = 0.39894228f * expf(-0.5f * x[i] * x[i]);
    dx.put(i, dy[i] * (cumulative_of(x[i]) + x[i] * density));
  });
}

void pm_cuda_clamp(const pm_call *call) {
  const pm_clamp_attributes *a = attributes<pm_clamp_attributes>(call);
  const float *x = in(call, 0), low = (float)a->low, high = (float)a->high;
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
  });
}

void pm_cuda_clamp_grad(const pm_call *call) {
  const pm_clamp_attributes *a = attributes<pm_clamp_attributes>(call);
  const float *x = in(call, PM_CLAMP_GRAD_X), *dy = in(call, PM_CLAMP_GRAD_DY), low = (float)a->low,
              high = (float)a->high;
  float *dx = out(call, 0);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { dx[i] = x[i] < low || x[i] > high ? 0 : dy[i]; });
}

void pm_cuda_fill(const pm_call *call) {
  const float number = (float)attributes<pm_fill_attributes>(call)->number;
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = number; });
}

/* ---- rows and columns ---- */

void pm_cuda_add_bias(const pm_call *call) {
  const float *x = in(call, PM_ADD_BIAS_X), *b = in(call, PM_ADD_BIAS_B);
  float *y = out(call, 0);
  const item C = columns(call->node->in[PM_ADD_BIAS_X]);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = x[i] + b[i % C]; });
}

size_t pm_cuda_sum_rows_workspace(const pm_node *node) {
  return column_sums_bytes(rows(node->in[0]), columns(node->in[0]), 1);
}

void pm_cuda_sum_rows(const pm_call *call) {
  sum_columns(call, in(call, 0), rows(call->node->in[0]), columns(call->node->in[0]), out(call, 0));
}

static __global__ void __launch_bounds__(BLOCK) mean_of(const float *v, item n, const int64_t *counted, float *mean) {
  __shared__ double shared[WARPS];
  const item most = counted ? (item)*counted : n;
  double sum = 0;
  for (item i = threadIdx.x; i < most; i += BLOCK)
    sum += (double)v[i];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0)
    *mean = (float)(sum / most);
}

void pm_cuda_mean_rows(const pm_call *call) {
  const float *v = in(call, PM_MEAN_ROWS_V);
  const int64_t *counted = in(call, PM_MEAN_ROWS_COUNT);
  float *mean = out(call, 0);
  launch(call, 1, BLOCK, mean_of, v, count(call->node->in[PM_MEAN_ROWS_V]), counted, mean);
}

void pm_cuda_mean_rows_grad(const pm_call *call) {
  const int64_t *counted = in(call, PM_MEAN_ROWS_GRAD_COUNT);
  const float *dmean = in(call, PM_MEAN_ROWS_GRAD_DMEAN);
  float *dv = out(call, 0);
  const item N = count(call->node->out[0]);
  for_each(call, N, [=] __device__(item i) {
    item n = counted ? (item)*counted : N;
    dv[i] = i < n ? *dmean / (float)n : 0;
  });
}

void pm_cuda_lerp_rows(const pm_call *call) {
  const float *a = in(call, PM_LERP_ROWS_A), *b = in(call, PM_LERP_ROWS_B), *w = in(call, PM_LERP_ROWS_W);
  float *y = out(call, 0);
  const item n = count(call->node->out[0]), row = n / dim(call->node->out[0], 0);
  for_each(call, n, [=] __device__(item i) { y[i] = a[i] + w[i / row] * (b[i] - a[i]); });
}

void pm_cuda_combine_rows(const pm_call *call) {
  const float *x = in(call, PM_COMBINE_ROWS_X), *y = in(call, PM_COMBINE_ROWS_Y), *a = in(call, PM_COMBINE_ROWS_A),
              *b = in(call, PM_COMBINE_ROWS_B);
  float *z = out(call, 0);
  const item n = count(call->node->out[0]), row = n / dim(call->node->out[0], 0);
  for_each(call, n, [=] __device__(item i) {
    float first = a[i / row] * x[i];
    z[i] = y ? first + b[i / row] * y[i] : first;
  });
}

void pm_cuda_concat(const pm_call *call) {
  const float *a = in(call, PM_CONCAT_A), *b = in(call, PM_CONCAT_B);
  float *y = out(call, 0);
  const item A = columns(call->node->in[PM_CONCAT_A]), B = columns(call->node->in[PM_CONCAT_B]), C = A + B;
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    item r = i / C, c = i % C;
    y[i] = c < A ? a[r * A + c] : b[r * B + c - A];
  });
}

void pm_cuda_slice_columns(const pm_call *call) {
  const pm_slice_columns_attributes *a = attributes<pm_slice_columns_attributes>(call);
  const float *x = in(call, 0);
  float *y = out(call, 0);
  const item from = (item)a->from, kept = (item)a->count, C = columns(call->node->in[0]);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = x[i / kept * C + from + i % kept]; });
}

void pm_cuda_add_vector(const pm_call *call) {
  const float *x = in(call, PM_ADD_VECTOR_X), *v = in(call, PM_ADD_VECTOR_V);
  const result y = result_of(call);
  const item n = count(call->node->out[0]), C = columns(call->node->out[0]), sample = n / dim(call->node->out[0], 0);
  for_each(call, n, [=] __device__(item i) { y.put(i, x[i] + v[i / sample * C + i % C]); });
}

void pm_cuda_sum_pixels(const pm_call *call) {
  const float *x = in(call, 0);
  float *y = out(call, 0);
  const item C = columns(call->node->in[0]), pixels = rows(call->node->in[0]) / dim(call->node->in[0], 0);
  for_each_warp(call, pm_count(call->node->out[0]), [=] __device__(item i, item lane) {
    const float *from = x + (size_t)(i / C) * pixels * C + i % C;
    double sum = 0;
    for (item p = lane; p < pixels; p += WARP)
      sum += (double)from[(size_t)p * C];
    sum = warp_sum(sum);
    if (lane == 0)
      y[i] = (float)sum;
  });
}

struct axes {
  item size[PM_MAX_RANK], stride[PM_MAX_RANK]; /* of the result's axes: how many, and how far apart in x */
  int rank;
};

void pm_cuda_permute(const pm_call *call) {
  const pm_permute_attributes *a = attributes<pm_permute_attributes>(call);
  const pm_shape *shape = &call->node->in[0]->shape;
  item stride[PM_MAX_RANK] = {0}, step = 1;
  for (int d = shape->rank - 1; d >= 0; d--) {
    stride[d] = step;
    step *= (item)shape->dim[d];
  }
  axes to = {{0}, {0}, shape->rank};
  for (int d = 0; d < shape->rank; d++) {
    to.size[d] = (item)shape->dim[a->axis[d]];
    to.stride[d] = stride[a->axis[d]];
  }
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    item from = 0, rest = i;
    for (int d = to.rank - 1; d >= 0; d--) {
      from += rest % to.size[d] * to.stride[d];
      rest /= to.size[d];
    }
    y[i] = x[from];
  });
}
