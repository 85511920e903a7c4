/* The ops as functions that append a node to a graph and return its (first) output. Shapes in brackets; N is the batch.
 * Each is defined in nn/ops/NAME.c. */
#ifndef PM_NN_OPS_H
#define PM_NN_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PM_APPLY(g, name, attributes, size, ...)                                                                       \
  pm_apply(g, &pm_op_##name##_float, (pm_value *const[]){__VA_ARGS__},                                                 \
           (int)(sizeof((pm_value *const[]){__VA_ARGS__}) / sizeof(pm_value *)), attributes, size)

/* ---- element by element; shapes equal ---- */

static inline pm_value *pm_plus(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, add, NULL, 0, a, b);
}
static inline pm_value *pm_times(pm_graph *g, pm_value *a, pm_value *b) {
  return PM_APPLY(g, mul, NULL, 0, a, b);
}
static inline pm_value *pm_relu(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, relu, NULL, 0, x);
}
static inline pm_value *pm_sigmoid(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sigmoid, NULL, 0, x);
}
static inline pm_value *pm_exp(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, exp, NULL, 0, x);
}

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
static inline pm_value *pm_add_bias(pm_graph *g, pm_value *x, pm_value *b) {
  return PM_APPLY(g, add_bias, NULL, 0, x, b);
}
/* [C]: the sum over all but the last axis. */
static inline pm_value *pm_sum_rows(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, sum_rows, NULL, 0, x);
}
/* Scalar: the mean of v[0 … count - 1], v[N]; `count` a PM_I64 scalar, or NULL for all. */
static inline pm_value *pm_mean_rows(pm_graph *g, pm_value *v, pm_value *count) {
  return PM_APPLY(g, mean_rows, NULL, 0, v, count);
}
/* a + w * (b - a), w[N] for a, b [N,…] */
static inline pm_value *pm_lerp_rows(pm_graph *g, pm_value *a, pm_value *b, pm_value *w) {
  return PM_APPLY(g, lerp_rows, NULL, 0, a, b, w);
}
/* The same items in another order of axes: out dimension d is x's dimension axis[d]. */
typedef struct {
  int axis[PM_MAX_RANK];
} pm_permute_attributes;
static inline pm_value *pm_permute(pm_graph *g, pm_value *x, pm_permute_attributes a) {
  return PM_APPLY(g, permute, &a, sizeof a, x);
}

/* ---- linear and convolution ---- */

/* x[…,I] w[O,I]^T + b[O] -> […,O]; b may be NULL. */
static inline pm_value *pm_linear(pm_graph *g, pm_value *x, pm_value *w, pm_value *b) {
  return PM_APPLY(g, linear, NULL, 0, x, w, b);
}

/* x[N,H,W,I], w[kh,kw,I,O], b[O] or NULL -> [N,H',W',O], H' = (H + 2 padding - kh) / stride + 1. */
typedef struct {
  int stride, padding;
  size_t height, width; /* of conv2d's input; for the gradient with respect to it */
} pm_conv2d_attributes;
static inline pm_value *pm_conv2d(pm_graph *g, pm_value *x, pm_value *w, pm_value *b, int stride, int padding) {
  pm_conv2d_attributes a = {stride, padding, x->shape.dim[1], x->shape.dim[2]};
  return PM_APPLY(g, conv2d, &a, sizeof a, x, w, b);
}
/* The gradient of conv2d with respect to its input, [N,height,width,I] from y[N,H',W',O]: as an op of its own this is
 * the transposed convolution. */
static inline pm_value *pm_conv2d_grad_input(pm_graph *g, pm_value *y, pm_value *w, pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_input, &a, sizeof a, y, w);
}
/* w[kh,kw,I,O] is only looked at for its shape. */
static inline pm_value *pm_conv2d_grad_weight(pm_graph *g, pm_value *x, pm_value *dy, pm_value *w,
                                              pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_weight, &a, sizeof a, x, dy, w);
}

/* ---- normalisation: Ioffe and Szegedy, "Batch Normalization", 2015 ---- */

typedef struct {
  double epsilon, momentum;
} pm_batchnorm_attributes;
/* By the batch's own mean and (biased) variance over all but the last axis; outputs y, mean[C], variance[C]. */
static inline pm_value *pm_batchnorm(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta,
                                     pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm, &a, sizeof a, x, gamma, beta);
}
/* running += momentum * (batch's - running), the variance unbiased for `rows` rows; counts up `batches`. Updates the
 * states. */
typedef struct {
  double momentum;
  size_t rows;
} pm_batchnorm_update_attributes;
static inline void pm_batchnorm_update(pm_graph *g, pm_value *running_mean, pm_value *running_var, pm_value *batches,
                                       pm_value *mean, pm_value *variance, pm_batchnorm_update_attributes a) {
  PM_APPLY(g, batchnorm_update, &a, sizeof a, running_mean, running_var, batches, mean, variance);
}
/* By given mean and variance. No gradient. */
static inline pm_value *pm_batchnorm_use(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta, pm_value *mean,
                                         pm_value *variance, pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm_use, &a, sizeof a, x, gamma, beta, mean, variance);
}

/* ---- losses, one number a row: [N] from [N,…] ---- */

/* Mean over the row of (x - target)^2. No gradient for the target. */
static inline pm_value *pm_squared_error(pm_graph *g, pm_value *x, pm_value *target) {
  return PM_APPLY(g, squared_error, NULL, 0, x, target);
}
/* Mean over the row of the binary cross-entropy of sigmoid(logits) and the target, computed from the logits. */
static inline pm_value *pm_bce(pm_graph *g, pm_value *logits, pm_value *target) {
  return PM_APPLY(g, bce, NULL, 0, logits, target);
}
/* -0.5 * mean over the row of (1 + logvar - mu^2 - exp(logvar)): Kingma and Welling, "Auto-Encoding Variational Bayes",
 * 2014, appendix B, as a mean. */
static inline pm_value *pm_kl_normal(pm_graph *g, pm_value *mu, pm_value *logvar) {
  return PM_APPLY(g, kl_normal, NULL, 0, mu, logvar);
}

/* ---- data: seed and step are PM_I64 scalars; each draw is a pure function of (seed, step, slot in the batch) ---- */

/* [batch] PM_I32: the items of batch number `step`, when each epoch deals `items` items out in a new random order and
 * drops the last, incomplete batch. */
typedef struct {
  size_t items, batch;
} pm_shuffle_attributes;
static inline pm_value *pm_shuffle(pm_graph *g, pm_value *seed, pm_value *step, size_t items, size_t batch) {
  pm_shuffle_attributes a = {items, batch};
  return PM_APPLY(g, shuffle, &a, sizeof a, seed, step);
}
/* data[index[i]] for data [n,…], of any type. */
static inline pm_value *pm_gather(pm_graph *g, pm_value *data, pm_value *index) {
  return PM_APPLY(g, gather, NULL, 0, data, index);
}
/* Augmentations of PM_U8 sprites [N,H,W] (palette indices) or [N,H,W,C]. */
typedef struct {
  double chance;  /* flip, palette_swap: of a sprite */
  int distance;   /* shift: at most, in pixels, each way on each axis */
  int background; /* shift: what moves in (palette index, or all channels); palette_swap: the colour that stays */
} pm_augment_attributes;
/* Mirrored left to right. */
static inline pm_value *pm_flip(pm_graph *g, pm_value *x, pm_value *seed, pm_value *step, double chance) {
  pm_augment_attributes a = {chance, 0, 0};
  return PM_APPLY(g, flip, &a, sizeof a, x, seed, step);
}
static inline pm_value *pm_shift(pm_graph *g, pm_value *x, pm_value *seed, pm_value *step, int distance,
                                 int background) {
  pm_augment_attributes a = {0, distance, background};
  return PM_APPLY(g, shift, &a, sizeof a, x, seed, step);
}
/* The colours that a sprite uses, permuted among themselves; palette indices only. */
static inline pm_value *pm_palette_swap(pm_graph *g, pm_value *x, pm_value *seed, pm_value *step, double chance,
                                        int background) {
  pm_augment_attributes a = {chance, 0, background};
  return PM_APPLY(g, palette_swap, &a, sizeof a, x, seed, step);
}
/* table[x] for x PM_U8 [N,H,W] and table [K,C]: [N,H,W,C]. */
static inline pm_value *pm_colour_lookup(pm_graph *g, pm_value *x, pm_value *table) {
  return PM_APPLY(g, colour_lookup, NULL, 0, x, table);
}
/* PM_U8 -> PM_F32, 0 … 255 to [0,1]. */
static inline pm_value *pm_to_unit(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, to_unit, NULL, 0, x);
}

/* [N,…] of standard normal numbers: row i is a pure function of (seed, purpose, step, first + i); first a PM_I64
 * scalar. */
typedef struct {
  pm_shape shape;
  uint32_t purpose;
} pm_normal_attributes;
static inline pm_value *pm_normal(pm_graph *g, pm_shape shape, uint32_t purpose, pm_value *seed, pm_value *step,
                                  pm_value *first) {
  pm_normal_attributes a = {shape, purpose};
  return PM_APPLY(g, normal, &a, sizeof a, seed, step, first);
}

/* ---- the update of a step; all in place on whole blocks ---- */

/* Kingma and Ba, "Adam", 2015; with `decoupled` decay Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019. rate a PM_F32 scalar; step counts from 0. */
typedef struct {
  double beta1, beta2, epsilon, decay;
  bool decoupled;
} pm_adam_attributes;
static inline void pm_adam(pm_graph *g, pm_value *parameters, pm_value *gradients, pm_value *m, pm_value *v,
                           pm_value *rate, pm_value *step, pm_adam_attributes a) {
  PM_APPLY(g, adam, &a, sizeof a, parameters, gradients, m, v, rate, step);
}
/* average = decay * average + (1 - decay) * x; decay a PM_F32 scalar. */
static inline void pm_moving_average(pm_graph *g, pm_value *average, pm_value *x, pm_value *decay) {
  PM_APPLY(g, moving_average, NULL, 0, average, x, decay);
}
/* Scales the block so that its Euclidean norm is at most `scale` of the attributes. */
static inline void pm_clip_norm(pm_graph *g, pm_value *gradients, double norm) {
  pm_affine_attributes a = {norm, 0};
  PM_APPLY(g, clip_norm, &a, sizeof a, gradients);
}
/* log[row, k] = scalars[k] for log [L,K]; row a PM_I64 scalar, taken modulo L. At most 6 scalars. */
void pm_record(pm_graph *g, pm_value *log, pm_value *row, pm_value *const *scalars, int n);

#ifdef __cplusplus
}
#endif
#endif
