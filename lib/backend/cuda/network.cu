/* Normalisation, and what is done with pictures between convolutions. */
#include "backend/cuda/column_sums.cuh"
#include "backend/cuda/kernels.h"
#include "backend/cuda/launch.cuh"

/* ---- pictures ---- */

void pm_cuda_upsample_nearest(const pm_call *call) {
  const item f = (item)attributes<pm_upsample_attributes>(call)->factor;
  const item W = dim(call->node->out[0], 2), C = dim(call->node->out[0], 3);
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    item c = i % C, column = i / C % W, r = i / C / W; /* rows of pictures keep their order: n H + y */
    y[i] = x[(r / f * (W / f) + column / f) * C + c];
  });
}

void pm_cuda_upsample_nearest_grad(const pm_call *call) {
  const item f = (item)attributes<pm_upsample_attributes>(call)->factor;
  const item W = dim(call->node->out[0], 2), C = dim(call->node->out[0], 3);
  const float *dy = in(call, 0);
  float *dx = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    item c = i % C, column = i / C % W, r = i / C / W;
    float sum = 0;
    for (item k = 0; k < f * f; k++)
      sum += dy[((r * f + k / f) * W * f + column * f + k % f) * C + c];
    dx[i] = sum;
  });
}

void pm_cuda_pad2d(const pm_call *call) {
  const pm_margins *m = attributes<pm_margins>(call);
  const pm_value *small = call->node->in[0], *large = call->node->out[0];
  const item top = (item)m->top, left = (item)m->left, h = dim(small, 1), w = dim(small, 2), H = dim(large, 1),
             W = dim(large, 2), C = dim(small, 3);
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(large), [=] __device__(item i) {
    item c = i % C, column = i / C % W - left, row = i / C / W % H - top, n = i / C / W / H; /* wraps above h and w */
    y[i] = row < h && column < w ? x[((n * h + row) * w + column) * C + c] : 0;
  });
}

void pm_cuda_crop2d(const pm_call *call) {
  const pm_margins *m = attributes<pm_margins>(call);
  const pm_value *large = call->node->in[0], *small = call->node->out[0];
  const item top = (item)m->top, left = (item)m->left, h = dim(small, 1), w = dim(small, 2), H = dim(large, 1),
             W = dim(large, 2), C = dim(small, 3);
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(small), [=] __device__(item i) {
    item c = i % C, column = i / C % w, row = i / C / w % h, n = i / C / w / h;
    y[i] = x[((n * H + row + top) * W + column + left) * C + c];
  });
}

/* ---- batch normalisation: sums of two numbers for each channel ---- */

enum { TWO = 2 };

/* Of part blockIdx.y: sums of one(r, c) and of two(r, c) for its rows r, at partial[part] and partial[parts + part]. */
template <class F>
static __device__ void two_sums(item rows, item columns, item part, double *partial, double (*shared)[WARP + 1],
                                F terms) {
  const item c = blockIdx.x * WARP + threadIdx.x % WARP;
  item end = (blockIdx.y + 1) * part;
  if (end > rows)
    end = rows;
  double one = 0, two = 0;
  if (c < columns)
    for (item r = blockIdx.y * part + threadIdx.x / WARP; r < end; r += LANES)
      terms((size_t)r * columns + c, c, &one, &two);
  one = sum_lanes(one, shared);
  two = sum_lanes(two, shared);
  if (threadIdx.x < WARP && c < columns) {
    partial[(size_t)blockIdx.y * columns + c] = one;
    partial[(size_t)(gridDim.y + blockIdx.y) * columns + c] = two;
  }
}

/* Sums of x and of its square. */
struct moments {
  const float *x;
  __device__ void operator()(size_t i, item, double *one, double *two) const {
    *one += (double)x[i];
    *two += (double)x[i] * (double)x[i];
  }
};
static __global__ void __launch_bounds__(BLOCK)
    moments_of_part(moments terms, item rows, item columns, item part, double *partial) {
  __shared__ double shared[LANES][WARP + 1];
  two_sums(rows, columns, part, partial, shared, terms);
}

size_t pm_cuda_batchnorm_workspace(const pm_node *node) {
  return column_sums_bytes(rows(node->in[0]), columns(node->in[0]), TWO);
}

static __device__ float inverse_deviation(float variance, float epsilon) {
  return 1 / sqrtf(variance + epsilon);
}

void pm_cuda_batchnorm(const pm_call *call) {
  const float epsilon = (float)attributes<pm_batchnorm_attributes>(call)->epsilon;
  const pm_value *value = call->node->in[PM_BATCHNORM_X];
  const item n = rows(value), C = columns(value), parts = parts_of(n);
  const float *x = in(call, PM_BATCHNORM_X), *gamma = in(call, PM_BATCHNORM_GAMMA), *beta = in(call, PM_BATCHNORM_BETA);
  float *y = out(call, PM_BATCHNORM_Y), *mean = out(call, PM_BATCHNORM_MEAN),
        *variance = out(call, PM_BATCHNORM_VARIANCE);
  double *partial = workspace(call);
  launch(call, dim3(pieces(C, WARP), parts), BLOCK, moments_of_part, moments{x}, n, C, rows_of_part(n), partial);
  for_each_warp(call, C, [=] __device__(item c, item lane) {
    double m = sum_parts(partial, parts, C, c, lane) / n;
    double squares = sum_parts(partial + (size_t)parts * C, parts, C, c, lane) / n;
    if (lane == 0) {
      mean[c] = (float)m;
      variance[c] = (float)fmax(squares - m * m, 0.0);
    }
  });
  for_each(call, pm_count(value), [=] __device__(item i) {
    item c = i % C;
    y[i] = gamma[c] * (x[i] - mean[c]) * inverse_deviation(variance[c], epsilon) + beta[c];
  });
}

/* Sums of dy and of dy (x - mean). */
struct batchnorm_products {
  const float *x, *dy, *mean;
  __device__ void operator()(size_t i, item c, double *one, double *two) const {
    *one += (double)dy[i];
    *two += (double)dy[i] * ((double)x[i] - (double)mean[c]);
  }
};
static __global__ void __launch_bounds__(BLOCK)
    products_of_part(batchnorm_products terms, item rows, item columns, item part, double *partial) {
  __shared__ double shared[LANES][WARP + 1];
  two_sums(rows, columns, part, partial, shared, terms);
}

size_t pm_cuda_batchnorm_grad_workspace(const pm_node *node) {
  return column_sums_bytes(rows(node->in[PM_BATCHNORM_GRAD_X]), columns(node->in[PM_BATCHNORM_GRAD_X]), TWO);
}

void pm_cuda_batchnorm_grad(const pm_call *call) {
  const float epsilon = (float)attributes<pm_batchnorm_attributes>(call)->epsilon;
  const pm_value *value = call->node->in[PM_BATCHNORM_GRAD_X];
  const item n = rows(value), C = columns(value), parts = parts_of(n);
  const float *x = in(call, PM_BATCHNORM_GRAD_X), *gamma = in(call, PM_BATCHNORM_GRAD_GAMMA),
              *mean = in(call, PM_BATCHNORM_GRAD_MEAN), *variance = in(call, PM_BATCHNORM_GRAD_VARIANCE),
              *dy = in(call, PM_BATCHNORM_GRAD_DY);
  float *dx = out(call, PM_BATCHNORM_GRAD_DX), *dgamma = out(call, PM_BATCHNORM_GRAD_DGAMMA),
        *dbeta = out(call, PM_BATCHNORM_GRAD_DBETA);
  double *partial = workspace(call);
  launch(call, dim3(pieces(C, WARP), parts), BLOCK, products_of_part, batchnorm_products{x, dy, mean}, n, C,
         rows_of_part(n), partial);
  for_each_warp(call, C, [=] __device__(item c, item lane) {
    double one = sum_parts(partial, parts, C, c, lane);
    double two = sum_parts(partial + (size_t)parts * C, parts, C, c, lane);
    if (lane == 0) {
      dbeta[c] = (float)one;
      dgamma[c] = (float)two * inverse_deviation(variance[c], epsilon);
    }
  });
  for_each(call, pm_count(value), [=] __device__(item i) {
    item c = i % C;
    float s = inverse_deviation(variance[c], epsilon), xhat = (x[i] - mean[c]) * s;
    dx[i] = gamma[c] * s * (dy[i] - dbeta[c] / (float)n - xhat * (dgamma[c] / (float)n));
  });
}

void pm_cuda_batchnorm_update(const pm_call *call) {
  const pm_batchnorm_update_attributes *a = attributes<pm_batchnorm_update_attributes>(call);
  const float momentum = (float)a->momentum, unbiased = a->rows > 1 ? (float)a->rows / (float)(a->rows - 1) : 1;
  const float *mean = in(call, PM_BATCHNORM_UPDATE_MEAN), *variance = in(call, PM_BATCHNORM_UPDATE_VARIANCE);
  float *running_mean = out(call, PM_BATCHNORM_UPDATE_RUNNING_MEAN),
        *running_var = out(call, PM_BATCHNORM_UPDATE_RUNNING_VAR);
  int64_t *batches = out(call, PM_BATCHNORM_UPDATE_BATCHES);
  for_each(call, pm_count(call->node->in[PM_BATCHNORM_UPDATE_RUNNING_MEAN]), [=] __device__(item c) {
    running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean[c];
    running_var[c] = (1 - momentum) * running_var[c] + momentum * (variance[c] * unbiased);
    if (c == 0)
      ++*batches;
  });
}

void pm_cuda_batchnorm_use(const pm_call *call) {
  const float epsilon = (float)attributes<pm_batchnorm_attributes>(call)->epsilon;
  const item C = columns(call->node->in[PM_BATCHNORM_USE_X]);
  const float *x = in(call, PM_BATCHNORM_USE_X), *gamma = in(call, PM_BATCHNORM_USE_GAMMA),
              *beta = in(call, PM_BATCHNORM_USE_BETA), *mean = in(call, PM_BATCHNORM_USE_MEAN),
              *variance = in(call, PM_BATCHNORM_USE_VARIANCE);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    item c = i % C;
    y[i] = (x[i] - mean[c]) * (gamma[c] * inverse_deviation(variance[c], epsilon)) + beta[c];
  });
}
