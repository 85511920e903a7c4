#include "nn/ops/rowwise_loss.h"

static void absolute_error_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, absolute_error_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
}

static void absolute_error_reference(const pm_call *call) {
  const real *x = call->in[0], *target = call->in[1];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[0]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += fabs((double)x[i] - target[i]);
    loss[n] = (real)(sum / (double)row);
  }
}

/* In: x, target, dloss[N]. */
static void absolute_error_grad_reference(const pm_call *call) {
  const real *x = call->in[0], *target = call->in[1], *dloss = call->in[2];
  real *dx = call->out[0];
  size_t row = loss_row(call->node->in[0]);
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++) {
    real d = dloss[i / row] / (real)row;
    dx[i] = x[i] > target[i] ? d : x[i] < target[i] ? -d : 0;
  }
}

const pm_op PM_OP(absolute_error) = {"absolute_error",         infer_loss, absolute_error_gradient,
                                     absolute_error_reference, 0,          NULL};
const pm_op PM_OP(absolute_error_grad) = {
    "absolute_error_grad", infer_loss_grad, NULL, absolute_error_grad_reference, 0, NULL};
