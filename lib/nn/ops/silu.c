/* y = x sigmoid(x); dx = dy s (1 + x (1 - s)) with s = sigmoid(x), from x itself. */
#include "nn/ops/elementwise.h"

static void silu_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, silu_grad, NULL, 0, node->in[0], dout[0]);
}

static void silu_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *y = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    y[i] = (real)(x[i] / (1 + exp(-(double)x[i])));
}

static void silu_grad_reference(const pm_call *call) {
  const real *x = call->in[PM_SILU_GRAD_X], *dy = call->in[PM_SILU_GRAD_DY];
  real *dx = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++) {
    double s = 1 / (1 + exp(-(double)x[i]));
    dx[i] = (real)(dy[i] * s * (1 + x[i] * (1 - s)));
  }
}

const pm_op PM_OP(silu) = {"silu", infer_alike, silu_gradient, silu_reference, 1, NULL};
const pm_op PM_OP(silu_grad) = {"silu_grad", infer_alike, NULL, silu_grad_reference, 1 + PM_SILU_GRAD_DY, NULL};
