/* Binary cross-entropy from logits z: max(z, 0) - z t + log(1 + exp(-|z|)), which is -t log p - (1 - t) log(1 - p) for
 * p = sigmoid(z) without its overflow; dz = p - t. */
#include "nn/ops/rowwise_loss.h"

static void bce_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_LOSS_X] = PM_APPLY(g, bce_grad, NULL, 0, node->in[PM_LOSS_X], node->in[PM_LOSS_TARGET], dout[0]);
}

static void bce_reference(const pm_call *call) {
  const real *z = call->in[PM_LOSS_X], *target = call->in[PM_LOSS_TARGET];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[PM_LOSS_X]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += (z[i] > 0 ? z[i] : 0) - (double)z[i] * target[i] + log1p(exp(-fabs((double)z[i])));
    loss[n] = (real)(sum / (double)row);
  }
}

static void bce_grad_reference(const pm_call *call) {
  const real *z = call->in[PM_LOSS_GRAD_X], *target = call->in[PM_LOSS_GRAD_TARGET],
             *dloss = call->in[PM_LOSS_GRAD_DLOSS];
  real *dz = call->out[0];
  size_t row = loss_row(call->node->in[PM_LOSS_GRAD_X]);
  for (size_t i = 0; i < pm_count(call->node->in[PM_LOSS_GRAD_X]); i++)
    dz[i] = (real)(dloss[i / row] / (double)row * (1 / (1 + exp(-(double)z[i])) - target[i]));
}

const pm_op PM_OP(bce) = {"bce", infer_loss, bce_gradient, bce_reference, 0, NULL};
const pm_op PM_OP(bce_grad) = {"bce_grad", infer_loss_grad, NULL, bce_grad_reference, 0, NULL};
