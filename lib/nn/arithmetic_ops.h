/* Sums, products and activations, element by element; and what works on rows and columns. See ops.h. */
#ifndef PM_NN_ARITHMETIC_OPS_H
#define PM_NN_ARITHMETIC_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- element by element; shapes equal ---- */

enum { PM_ADD_A, PM_ADD_B };
static inline pm_value *pm_plus(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, add, NULL, 0, a, b);
}
enum { PM_MUL_A, PM_MUL_B };
static inline pm_value *pm_times(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, mul, NULL, 0, a, b);
}
static inline pm_value *pm_relu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, relu, NULL, 0, x);
}
enum { PM_RELU_GRAD_Y, PM_RELU_GRAD_DY };
static inline pm_value *pm_sigmoid(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sigmoid, NULL, 0, x);
}
enum { PM_SIGMOID_GRAD_Y, PM_SIGMOID_GRAD_DY };
static inline pm_value *pm_exp(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, exp, NULL, 0, x);
}

/* x sigmoid(x): Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units", 2018. */
static inline pm_value *pm_silu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, silu, NULL, 0, x);
}
enum { PM_SILU_GRAD_X, PM_SILU_GRAD_DY };
/* x Phi(x), Phi the cumulative normal distribution: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016. */
static inline pm_value *pm_gelu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, gelu, NULL, 0, x);
}
enum { PM_GELU_GRAD_X, PM_GELU_GRAD_DY };
/* x held within low … high; the gradient is 1 inside, bounds included, and 0 outside. */
typedef struct {
  double low, high;
} pm_clamp_attributes;
static inline pm_value *pm_clamp(pm_graph *g, pm_value *x, double low, double high) {
  pm_clamp_attributes a = {low, high};
  return PM_APPLY(g, clamp, &a, sizeof a, x);
}
enum { PM_CLAMP_GRAD_X, PM_CLAMP_GRAD_DY };

/* scale * x + shift */
typedef struct {
  double scale, shift;
} pm_affine_attributes;
static inline pm_value *pm_affine(pm_graph *g, pm_value *x, double scale, double shift) {
  pm_affine_attributes a = {scale, shift};
  return PM_APPLY(g, affine, &a, sizeof a, x);
}

/* A value of this shape whose items are all `number`. */
typedef struct {
  pm_shape shape;
  double number;
} pm_fill_attributes;
static inline pm_value *pm_fill(pm_graph *g, pm_shape shape, double number) {
  pm_fill_attributes a = {shape, number};
  return pm_apply(g, &pm_op_fill_float, NULL, 0, &a, sizeof a);
}

/* ---- rows and columns ---- */

/* x[…,C] + b[C] */
enum { PM_ADD_BIAS_X, PM_ADD_BIAS_B };
static inline pm_value *pm_add_bias(pm_graph *g, pm_value *x, pm_value *b) {
  return PM_APPLY(g, add_bias, NULL, 0, x, b);
}
/* [C]: the sum over all but the last axis. */
static inline pm_value *pm_sum_rows(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sum_rows, NULL, 0, x);
}
/* Scalar: the mean of v[0 … count - 1], v[N]; `count` a PM_I64 scalar, or NULL for all. */
enum { PM_MEAN_ROWS_V, PM_MEAN_ROWS_COUNT };
static inline pm_value *pm_mean_rows(pm_graph *g, pm_value *v, pm_value *count) {
  return PM_APPLY(g, mean_rows, NULL, 0, v, count);
}
enum { PM_MEAN_ROWS_GRAD_V, PM_MEAN_ROWS_GRAD_COUNT, PM_MEAN_ROWS_GRAD_DMEAN };
/* a + w * (b - a), w[N] for a, b [N,…] */
enum { PM_LERP_ROWS_A, PM_LERP_ROWS_B, PM_LERP_ROWS_W };
static inline pm_value *pm_lerp_rows(pm_graph *g, pm_value *a, pm_value *b, pm_value *w) {
  return PM_APPLY(g, lerp_rows, NULL, 0, a, b, w);
}
/* a[n] x[n,…] + b[n] y[n,…] for a, b [N]: a step along a schedule. No gradient for a and b. */
enum { PM_COMBINE_ROWS_X, PM_COMBINE_ROWS_Y, PM_COMBINE_ROWS_A, PM_COMBINE_ROWS_B };
static inline pm_value *pm_combine_rows(pm_graph *g, pm_value *x, pm_value *y, pm_value *a, pm_value *b) {
  return PM_APPLY(g, combine_rows, NULL, 0, x, y, a, b);
}
/* a[n] x[n,…] */
static inline pm_value *pm_scale_rows(pm_graph *g, pm_value *x, pm_value *a) {
  return PM_APPLY(g, combine_rows, NULL, 0, x, NULL, a, NULL);
}
/* a[…,A] and b[…,B] side by side: […,A+B]. */
enum { PM_CONCAT_A, PM_CONCAT_B };
static inline pm_value *pm_concat(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, concat, NULL, 0, a, b);
}
/* Columns from … from + count - 1 of x[…,C]: […,count]. */
typedef struct {
  size_t from, count;
} pm_slice_columns_attributes;
static inline pm_value *pm_slice_columns(pm_graph *g, pm_value *x, size_t from, size_t count) {
  pm_slice_columns_attributes a = {from, count};
  return PM_APPLY(g, slice_columns, &a, sizeof a, x);
}
/* x[N,…,C] + v[N,C], the same v at every pixel. */
enum { PM_ADD_VECTOR_X, PM_ADD_VECTOR_V };
static inline pm_value *pm_add_vector(pm_graph *g, pm_value *x, pm_value *v) {
  return PM_APPLY(g, add_vector, NULL, 0, x, v);
}
/* [N,C] from x[N,…,C]: the sum over the pixels. */
static inline pm_value *pm_sum_pixels(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sum_pixels, NULL, 0, x);
}
/* The same items in another order of axes: out dimension d is x's dimension axis[d]. */
typedef struct {
  int axis[PM_MAX_RANK];
} pm_permute_attributes;
static inline pm_value *pm_permute(pm_graph *g, pm_value *x, pm_permute_attributes a) {
  return PM_APPLY(g, permute, &a, sizeof a, x);
}

#ifdef __cplusplus
}
#endif
#endif
