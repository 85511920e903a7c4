/* y = max(x, 0). Its gradient reads y, so that x need not be kept. */
#include "nn/ops/elementwise.h"

static void relu_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, relu_grad, NULL, 0, node->out[0], dout[0]);
}

static void relu_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *y = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    y[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN, so that a training that diverges shows it */
}

static void relu_grad_reference(const pm_call *call) {
  const real *y = call->in[PM_RELU_GRAD_Y], *dy = call->in[PM_RELU_GRAD_DY];
  real *dx = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dx[i] = y[i] > 0 ? dy[i] : 0;
}

const pm_op PM_OP(relu) = {"relu", infer_alike, relu_gradient, relu_reference, 1, NULL};
const pm_op PM_OP(relu_grad) = {"relu_grad", infer_alike, NULL, relu_grad_reference, 1 + PM_RELU_GRAD_DY, NULL};
