/* What networks are made of: linear layers, convolutions, what is done with pictures between them, normalisation. See
 * ops.h. */
#ifndef PM_NN_NETWORK_OPS_H
#define PM_NN_NETWORK_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- linear and convolution ---- */

/* x[…,I] w[O,I]^T + b[O] -> […,O]; b may be NULL. */
enum { PM_LINEAR_X, PM_LINEAR_W, PM_LINEAR_B };
static inline pm_value *pm_linear(pm_graph *g, pm_value *x, pm_value *w, pm_value *b) {
  return PM_APPLY(g, linear, NULL, 0, x, w, b);
}
enum { PM_LINEAR_GRAD_INPUT_DY, PM_LINEAR_GRAD_INPUT_W };
enum { PM_LINEAR_GRAD_WEIGHT_X, PM_LINEAR_GRAD_WEIGHT_DY };

/* Several linear layers side by side, numbers first … first + G - 1 of them: x[R,G,I], w[all,O,I], b[all,O] or NULL ->
 * [R,G,O], y[r,k] = w[first + k] x[r,k] + b[first + k]. Gradients only for all of them. */
typedef struct {
  size_t first;
} pm_grouped_linear_attributes;
enum { PM_GROUPED_LINEAR_X, PM_GROUPED_LINEAR_W, PM_GROUPED_LINEAR_B };
static inline pm_value *pm_grouped_linear(pm_graph *g, pm_value *x, pm_value *w, pm_value *b, size_t first) {
  pm_grouped_linear_attributes a = {first};
  return PM_APPLY(g, grouped_linear, &a, sizeof a, x, w, b);
}
enum { PM_GROUPED_LINEAR_GRAD_INPUT_DY, PM_GROUPED_LINEAR_GRAD_INPUT_W };
enum { PM_GROUPED_LINEAR_GRAD_WEIGHT_X, PM_GROUPED_LINEAR_GRAD_WEIGHT_DY };

/* x[N,H,W,I], w[kh,kw,I,O], b[O] or NULL -> [N,H',W',O], H' = (H + 2 padding - kh) / stride + 1. */
typedef struct {
  int stride, padding;
  size_t height, width; /* of conv2d's input; for the gradient with respect to it */
} pm_conv2d_attributes;
enum { PM_CONV2D_X, PM_CONV2D_W, PM_CONV2D_B };
static inline pm_value *pm_conv2d(pm_graph *g, pm_value *x, pm_value *w, pm_value *b, int stride, int padding) {
  pm_conv2d_attributes a = {stride, padding, x->shape.dim[1], x->shape.dim[2]};
  return PM_APPLY(g, conv2d, &a, sizeof a, x, w, b);
}
/* The gradient of conv2d with respect to its input, [N,height,width,I] from y[N,H',W',O]: as an op of its own this is
 * the transposed convolution. */
enum { PM_CONV2D_GRAD_INPUT_DY, PM_CONV2D_GRAD_INPUT_W };
static inline pm_value *pm_conv2d_grad_input(pm_graph *g, pm_value *y, pm_value *w, pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_input, &a, sizeof a, y, w);
}
/* w[kh,kw,I,O] is only looked at for its shape. */
enum { PM_CONV2D_GRAD_WEIGHT_X, PM_CONV2D_GRAD_WEIGHT_DY, PM_CONV2D_GRAD_WEIGHT_W };
static inline pm_value *pm_conv2d_grad_weight(pm_graph *g, pm_value *x, pm_value *dy, pm_value *w,
                                              pm_conv2d_attributes a) {
  return PM_APPLY(g, conv2d_grad_weight, &a, sizeof a, x, dy, w);
}

/* ---- pictures ---- */

/* Each pixel of x[N,H,W,C] as a square of factor x factor pixels: [N, factor H, factor W, C]. */
typedef struct {
  size_t factor;
} pm_upsample_attributes;
static inline pm_value *pm_upsample_nearest(pm_graph *g, pm_value *x, size_t factor) {
  pm_upsample_attributes a = {factor};
  return PM_APPLY(g, upsample_nearest, &a, sizeof a, x);
}
/* Rows and columns of zeros around x[N,H,W,C]: [N, top + H + bottom, left + W + right, C]; and as many taken away. */
typedef struct {
  size_t top, left, bottom, right;
} pm_margins;
static inline pm_value *pm_pad2d(pm_graph *g, pm_value *x, pm_margins m) {
  return PM_APPLY(g, pad2d, &m, sizeof m, x);
}
static inline pm_value *pm_crop2d(pm_graph *g, pm_value *x, pm_margins m) {
  return PM_APPLY(g, crop2d, &m, sizeof m, x);
}

/* ---- normalisation: Ioffe and Szegedy, "Batch Normalization", 2015 ---- */

typedef struct {
  double epsilon;
} pm_batchnorm_attributes;
/* By the batch's own mean and (biased) variance over all but the last axis; outputs y, mean[C], variance[C]. */
enum { PM_BATCHNORM_X, PM_BATCHNORM_GAMMA, PM_BATCHNORM_BETA };
enum { PM_BATCHNORM_Y, PM_BATCHNORM_MEAN, PM_BATCHNORM_VARIANCE }; /* outputs */
static inline pm_value *pm_batchnorm(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta,
                                     pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm, &a, sizeof a, x, gamma, beta);
}
enum {
  PM_BATCHNORM_GRAD_X,
  PM_BATCHNORM_GRAD_GAMMA,
  PM_BATCHNORM_GRAD_MEAN,
  PM_BATCHNORM_GRAD_VARIANCE,
  PM_BATCHNORM_GRAD_DY
};
enum { PM_BATCHNORM_GRAD_DX, PM_BATCHNORM_GRAD_DGAMMA, PM_BATCHNORM_GRAD_DBETA }; /* outputs */
/* running += momentum * (batch's - running), the variance unbiased for `rows` rows; counts up `batches`. Updates the
 * states. */
typedef struct {
  double momentum;
  size_t rows;
} pm_batchnorm_update_attributes;
/* The first three are updated: they are the outputs, too. */
enum {
  PM_BATCHNORM_UPDATE_RUNNING_MEAN,
  PM_BATCHNORM_UPDATE_RUNNING_VAR,
  PM_BATCHNORM_UPDATE_BATCHES,
  PM_BATCHNORM_UPDATE_MEAN,
  PM_BATCHNORM_UPDATE_VARIANCE
};
static inline void pm_batchnorm_update(pm_graph *g, pm_value *running_mean, pm_value *running_var, pm_value *batches,
                                       pm_value *mean, pm_value *variance, pm_batchnorm_update_attributes a) {
  PM_APPLY(g, batchnorm_update, &a, sizeof a, running_mean, running_var, batches, mean, variance);
}
/* By given mean and variance. No gradient. */
enum {
  PM_BATCHNORM_USE_X,
  PM_BATCHNORM_USE_GAMMA,
  PM_BATCHNORM_USE_BETA,
  PM_BATCHNORM_USE_MEAN,
  PM_BATCHNORM_USE_VARIANCE
};
static inline pm_value *pm_batchnorm_use(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta, pm_value *mean,
                                         pm_value *variance, pm_batchnorm_attributes a) {
  return PM_APPLY(g, batchnorm_use, &a, sizeof a, x, gamma, beta, mean, variance);
}

/* Wu and He, "Group Normalization", 2018. By the mean and (biased) variance of each sample's `groups` groups of
 * channels over all pixels of x[N,…,C]; then gamma[C], beta[C]. Outputs y, mean[N,groups], variance[N,groups]. */
typedef struct {
  size_t groups;
  double epsilon;
} pm_groupnorm_attributes;
enum { PM_GROUPNORM_X, PM_GROUPNORM_GAMMA, PM_GROUPNORM_BETA };
enum { PM_GROUPNORM_Y, PM_GROUPNORM_MEAN, PM_GROUPNORM_VARIANCE }; /* outputs */
static inline pm_value *pm_groupnorm(pm_graph *g, pm_value *x, pm_value *gamma, pm_value *beta,
                                     pm_groupnorm_attributes a) {
  return PM_APPLY(g, groupnorm, &a, sizeof a, x, gamma, beta);
}
enum {
  PM_GROUPNORM_GRAD_X,
  PM_GROUPNORM_GRAD_GAMMA,
  PM_GROUPNORM_GRAD_BETA,
  PM_GROUPNORM_GRAD_MEAN,
  PM_GROUPNORM_GRAD_VARIANCE,
  PM_GROUPNORM_GRAD_DY
};
enum { PM_GROUPNORM_GRAD_DX, PM_GROUPNORM_GRAD_DGAMMA, PM_GROUPNORM_GRAD_DBETA }; /* outputs */

#ifdef __cplusplus
}
#endif
#endif
