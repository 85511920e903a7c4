/* KL divergence of N(mu, exp(logvar)) from N(0, 1): dmu = mu, dlogvar = (exp(logvar) - 1) / 2, each over the row's
 * length. */
#include "nn/ops/rowwise_loss.h"

static void kl_normal_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, kl_normal_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
  din[1] = pm_output_of(din[0], 1);
}

static void kl_normal_reference(const pm_call *call) {
  const real *mu = call->in[0], *logvar = call->in[1];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[0]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += 1 + (double)logvar[i] - (double)mu[i] * mu[i] - exp((double)logvar[i]);
    loss[n] = (real)(-0.5 * sum / (double)row);
  }
}

/* In: mu, logvar, dloss[N]. Out: dmu, dlogvar. */
static void kl_normal_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->out[1] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 2;
}

static void kl_normal_grad_reference(const pm_call *call) {
  const real *mu = call->in[0], *logvar = call->in[1], *dloss = call->in[2];
  real *dmu = call->out[0], *dlogvar = call->out[1];
  size_t row = loss_row(call->node->in[0]);
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++) {
    double d = dloss[i / row] / (double)row;
    dmu[i] = (real)(d * mu[i]);
    dlogvar[i] = (real)(d * 0.5 * (exp((double)logvar[i]) - 1));
  }
}

const pm_op PM_OP(kl_normal) = {"kl_normal", infer_loss, kl_normal_gradient, kl_normal_reference, 0, NULL};
const pm_op PM_OP(kl_normal_grad) = {"kl_normal_grad", kl_normal_grad_infer, NULL, kl_normal_grad_reference, 0, NULL};
