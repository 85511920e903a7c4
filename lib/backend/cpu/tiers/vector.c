/* Compiled once for each tier with -DPM_TIER=…; plain loops that the compiler turns into vectors. */
#include "backend/cpu/tiers/parts.h"

#include <math.h>

static void add(float *out, const float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] + b[i];
}

static void mul(float *out, const float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] * b[i];
}

static void affine(float *out, const float *x, float scale, float shift, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = scale * x[i] + shift;
}

static void relu(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

static void relu_grad(float *dx, const float *y, const float *dy, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = y[i] > 0 ? dy[i] : 0;
}

static void exp_all(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = exp_one(x[i]);
}

static void sigmoid(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = sigmoid_one(x[i]);
}

static void sigmoid_grad(float *dx, const float *y, const float *dy, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = dy[i] * y[i] * (1.0f - y[i]);
}

static void add_bias(float *out, const float *x, const float *b, size_t rows, size_t C) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      out[r * C + c] = x[r * C + c] + b[c];
}

static void sum_rows(float *sum, const float *x, size_t rows, size_t C) {
  memset(sum, 0, C * sizeof *sum);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      sum[c] += x[r * C + c];
}

static void square_deviations(float *sum, const float *x, const float *mean, size_t rows, size_t C) {
  memset(sum, 0, C * sizeof *sum);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++) {
      float d = x[r * C + c] - mean[c];
      sum[c] += d * d;
    }
}

static void normalise(float *y, const float *x, const float *mean, const float *scale, const float *shift, size_t rows,
                      size_t C) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      y[r * C + c] = (x[r * C + c] - mean[c]) * scale[c] + shift[c];
}

static void deviation_products(float *sum, const float *x, const float *mean, const float *dy, size_t rows, size_t C) {
  memset(sum, 0, 2 * C * sizeof *sum);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++) {
      float d = dy[r * C + c];
      sum[c] += d;
      sum[C + c] += d * (x[r * C + c] - mean[c]);
    }
}

static void batchnorm_grad(float *dx, const float *x, const float *mean, const float *dy, const float *a,
                           const float *b, const float *k, size_t rows, size_t C) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < C; c++)
      dx[r * C + c] = a[c] * dy[r * C + c] + b[c] * (x[r * C + c] - mean[c]) + k[c];
}

static float squared_error(const float *x, const float *target, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float d = x[i + l] - target[i + l];
      lane[l] += d * d;
    }
  for (; i < n; i++) {
    float d = x[i] - target[i];
    lane[i % LANES] += d * d;
  }
  return sum_lanes(lane);
}

static void squared_error_grad(float *dx, const float *x, const float *target, float scale, size_t n) {
  for (size_t i = 0; i < n; i++)
    dx[i] = scale * (x[i] - target[i]);
}

static inline float bce_one(float z, float target) {
  float size = z < 0 ? -z : z;
  return (z > 0 ? z : 0) - z * target + log1p_unit(exp_one(-size));
}

static float bce(const float *z, const float *target, size_t n) {
  float lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += bce_one(z[i + l], target[i + l]);
  for (; i < n; i++)
    lane[i % LANES] += bce_one(z[i], target[i]);
  return sum_lanes(lane);
}

static void bce_grad(float *dz, const float *z, const float *target, float scale, size_t n) {
  for (size_t i = 0; i < n; i++)
    dz[i] = scale * (sigmoid_one(z[i]) - target[i]);
}

static void adam(float *p, float *m, float *v, const float *gradient, pm_adam_constants k, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float d = gradient[i] + k.decay * p[i];
    m[i] = k.beta1 * m[i] + k.rest1 * d;
    v[i] = k.beta2 * v[i] + k.rest2 * (d * d);
    p[i] = k.keep * p[i] - k.step * m[i] / (sqrtf(v[i]) / k.root + k.epsilon);
  }
}

static void moving_average(float *average, const float *x, float decay, size_t n) {
  for (size_t i = 0; i < n; i++)
    average[i] = decay * average[i] + (1.0f - decay) * x[i];
}

const pm_vector TIER(vector) = {
    .name = TEXT(PM_TIER),
    .tiles = &TIER(tiles),
    .winograd = &TIER(winograd),
    .add = add,
    .mul = mul,
    .affine = affine,
    .relu = relu,
    .relu_grad = relu_grad,
    .exp = exp_all,
    .sigmoid = sigmoid,
    .sigmoid_grad = sigmoid_grad,
    .add_bias = add_bias,
    .sum_rows = sum_rows,
    .square_deviations = square_deviations,
    .normalise = normalise,
    .deviation_products = deviation_products,
    .batchnorm_grad = batchnorm_grad,
    .squared_error = squared_error,
    .squared_error_grad = squared_error_grad,
    .bce = bce,
    .bce_grad = bce_grad,
    .adam = adam,
    .moving_average = moving_average,
    .silu = TIER(silu),
    .silu_grad = TIER(silu_grad),
    .gelu = TIER(gelu),
    .gelu_grad = TIER(gelu_grad),
    .normalise_silu = TIER(normalise_silu),
    .silu_products = TIER(silu_products),
    .squares = TIER(squares),
    .absolute_error = TIER(absolute_error),
    .absolute_error_grad = TIER(absolute_error_grad),
    .combine = TIER(combine),
    .dropout = TIER(dropout),
    .softmax = TIER(softmax),
    .softmax_grad = TIER(softmax_grad),
    .cross_entropy = TIER(cross_entropy),
    .cross_entropy_grad = TIER(cross_entropy_grad),
    .softmax_causal = TIER(softmax_causal),
    .normalise_rows = TIER(normalise_rows),
    .normalise_rows_grad = TIER(normalise_rows_grad),
    .sum_listed = TIER(sum_listed),
    .add_to_listed = TIER(add_to_listed),
};
