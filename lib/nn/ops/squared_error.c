#include "nn/ops/rowwise_loss.h"

static void squared_error_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, squared_error_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
}

static void squared_error_reference(const pm_call *call) {
  const real *x = call->in[0], *target = call->in[1];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[0]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += (x[i] - target[i]) * (x[i] - target[i]);
    loss[n] = (real)(sum / (double)row);
  }
}

/* In: x, target, dloss[N]. */
static void squared_error_grad_reference(const pm_call *call) {
  const real *x = call->in[0], *target = call->in[1], *dloss = call->in[2];
  real *dx = call->out[0];
  size_t row = loss_row(call->node->in[0]);
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++)
    dx[i] = dloss[i / row] * 2 / (real)row * (x[i] - target[i]);
}

const pm_op PM_OP(squared_error) = {"squared_error",         infer_loss, squared_error_gradient,
                                    squared_error_reference, 0,          NULL};
const pm_op PM_OP(squared_error_grad) = {
    "squared_error_grad", infer_loss_grad, NULL, squared_error_grad_reference, 0, NULL};
