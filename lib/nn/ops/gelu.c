/* y = x Phi(x), Phi the normal distribution's cumulative: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016,
 * the exact form; dx = dy (Phi(x) + x phi(x)), from x itself. */
#include "nn/ops/elementwise.h"

static double cumulative(double x) {
  return 0.5 * (1 + erf(x * 0.70710678118654752440));
}

static void gelu_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, gelu_grad, NULL, 0, node->in[0], dout[0]);
}

static void gelu_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *y = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    y[i] = (real)(x[i] * cumulative(x[i]));
}

static void gelu_grad_reference(const pm_call *call) {
  const real *x = call->in[PM_GELU_GRAD_X], *dy = call->in[PM_GELU_GRAD_DY];
  real *dx = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++) {
    double density = 0.39894228040143267794 * exp(-0.5 * (double)x[i] * (double)x[i]);
    dx[i] = (real)(dy[i] * (cumulative(x[i]) + x[i] * density));
  }
}

const pm_op PM_OP(gelu) = {"gelu", infer_alike, gelu_gradient, gelu_reference, 1, NULL};
const pm_op PM_OP(gelu_grad) = {"gelu_grad", infer_alike, NULL, gelu_grad_reference, 1 + PM_GELU_GRAD_DY, NULL};
