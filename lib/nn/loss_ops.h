/* Losses. See ops.h. */
#ifndef PM_NN_LOSS_OPS_H
#define PM_NN_LOSS_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- losses, one number a row: [N] from [N,…] ---- */

/* Mean over the row of (x - target)^2. No gradient for the target. */
enum { PM_LOSS_X, PM_LOSS_TARGET };
static inline pm_value *pm_squared_error(pm_graph *g, pm_value *x, pm_value *target) {
  return PM_APPLY(g, squared_error, NULL, 0, x, target);
}
enum { PM_LOSS_GRAD_X, PM_LOSS_GRAD_TARGET, PM_LOSS_GRAD_DLOSS };
/* Mean over the row of the binary cross-entropy of sigmoid(logits) and the target, computed from the logits. */
static inline pm_value *pm_bce(pm_graph *g, pm_value *logits, pm_value *target) {
  return PM_APPLY(g, bce, NULL, 0, logits, target);
}
/* Mean over the row of |x - target|; the gradient is 0 where they are equal. No gradient for the target. */
static inline pm_value *pm_absolute_error(pm_graph *g, pm_value *x, pm_value *target) {
  return PM_APPLY(g, absolute_error, NULL, 0, x, target);
}
/* Mean over the row of -log softmax(logits)[index]: logits [N,…,K], index PM_U8 or PM_I32 [N,…], all
 * below K. */
enum { PM_CROSS_ENTROPY_LOGITS, PM_CROSS_ENTROPY_INDEX };
static inline pm_value *pm_cross_entropy(pm_graph *g, pm_value *logits, pm_value *index) {
  return PM_APPLY(g, cross_entropy, NULL, 0, logits, index);
}
enum { PM_CROSS_ENTROPY_GRAD_LOGITS, PM_CROSS_ENTROPY_GRAD_INDEX, PM_CROSS_ENTROPY_GRAD_DLOSS };
/* -0.5 * mean over the row of (1 + logvar - mu^2 - exp(logvar)): Kingma and Welling, "Auto-Encoding Variational Bayes",
 * 2014, appendix B, as a mean. */
enum { PM_KL_NORMAL_MU, PM_KL_NORMAL_LOGVAR };
static inline pm_value *pm_kl_normal(pm_graph *g, pm_value *mu, pm_value *logvar) {
  return PM_APPLY(g, kl_normal, NULL, 0, mu, logvar);
}
enum { PM_KL_NORMAL_GRAD_MU, PM_KL_NORMAL_GRAD_LOGVAR, PM_KL_NORMAL_GRAD_DLOSS };
enum { PM_KL_NORMAL_GRAD_DMU, PM_KL_NORMAL_GRAD_DLOGVAR }; /* outputs */

#ifdef __cplusplus
}
#endif
#endif
