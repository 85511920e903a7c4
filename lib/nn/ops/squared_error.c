#include "nn/ops/rowwise_loss.h"

static void squared_error_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_LOSS_X] = PM_APPLY(g, squared_error_grad, NULL, 0, node->in[PM_LOSS_X], node->in[PM_LOSS_TARGET], dout[0]);
}

static void squared_error_reference(const pm_call *call) {
  const real *x = call->in[PM_LOSS_X], *target = call->in[PM_LOSS_TARGET];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[PM_LOSS_X]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += (x[i] - target[i]) * (x[i] - target[i]);
    loss[n] = (real)(sum / (double)row);
  }
}

static void squared_error_grad_reference(const pm_call *call) {
  const real *x = call->in[PM_LOSS_GRAD_X], *target = call->in[PM_LOSS_GRAD_TARGET],
             *dloss = call->in[PM_LOSS_GRAD_DLOSS];
  real *dx = call->out[0];
  size_t row = loss_row(call->node->in[PM_LOSS_GRAD_X]);
  for (size_t i = 0; i < pm_count(call->node->in[PM_LOSS_GRAD_X]); i++)
    dx[i] = dloss[i / row] * 2 / (real)row * (x[i] - target[i]);
}

const pm_op PM_OP(squared_error) = {"squared_error",         infer_loss, squared_error_gradient,
                                    squared_error_reference, 0,          NULL};
const pm_op PM_OP(squared_error_grad) = {
    "squared_error_grad", infer_loss_grad, NULL, squared_error_grad_reference, 0, NULL};
