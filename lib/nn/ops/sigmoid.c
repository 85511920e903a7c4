/* y = 1 / (1 + exp(-x)); dx = dy y (1 - y). */
#include "nn/ops/elementwise.h"

static void sigmoid_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, sigmoid_grad, NULL, 0, node->out[0], dout[0]);
}

static void sigmoid_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *y = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    y[i] = (real)(1 / (1 + exp(-(double)x[i])));
}

static void sigmoid_grad_reference(const pm_call *call) {
  const real *y = call->in[PM_SIGMOID_GRAD_Y], *dy = call->in[PM_SIGMOID_GRAD_DY];
  real *dx = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dx[i] = dy[i] * y[i] * (1 - y[i]);
}

const pm_op PM_OP(sigmoid) = {"sigmoid", infer_alike, sigmoid_gradient, sigmoid_reference, 1, NULL};
const pm_op PM_OP(sigmoid_grad) = {"sigmoid_grad",         infer_alike, NULL, sigmoid_grad_reference,
                                   1 + PM_SIGMOID_GRAD_DY, NULL};
