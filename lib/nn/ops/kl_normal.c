/* KL divergence of N(mu, exp(logvar)) from N(0, 1): dmu = mu, dlogvar = (exp(logvar) - 1) / 2, each over the row's
 * length. */
#include "nn/ops/rowwise_loss.h"

static void kl_normal_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_KL_NORMAL_MU] =
      PM_APPLY(g, kl_normal_grad, NULL, 0, node->in[PM_KL_NORMAL_MU], node->in[PM_KL_NORMAL_LOGVAR], dout[0]);
  din[PM_KL_NORMAL_LOGVAR] = pm_output_of(din[PM_KL_NORMAL_MU], PM_KL_NORMAL_GRAD_DLOGVAR);
}

static void kl_normal_reference(const pm_call *call) {
  const real *mu = call->in[PM_KL_NORMAL_MU], *logvar = call->in[PM_KL_NORMAL_LOGVAR];
  real *loss = call->out[0];
  size_t row = loss_row(call->node->in[PM_KL_NORMAL_MU]);
  for (size_t n = 0; n < pm_count(call->node->out[0]); n++) {
    double sum = 0;
    for (size_t i = n * row; i < (n + 1) * row; i++)
      sum += 1 + (double)logvar[i] - (double)mu[i] * mu[i] - exp((double)logvar[i]);
    loss[n] = (real)(-0.5 * sum / (double)row);
  }
}

static void kl_normal_grad_infer(pm_graph *g, pm_node *node) {
  const pm_value *mu = node->in[PM_KL_NORMAL_GRAD_MU];
  node->out[PM_KL_NORMAL_GRAD_DMU] = pm_new_value(g, PM_F32, mu->shape);
  node->out[PM_KL_NORMAL_GRAD_DLOGVAR] = pm_new_value(g, PM_F32, mu->shape);
  node->outs = 2;
}

static void kl_normal_grad_reference(const pm_call *call) {
  const real *mu = call->in[PM_KL_NORMAL_GRAD_MU], *logvar = call->in[PM_KL_NORMAL_GRAD_LOGVAR],
             *dloss = call->in[PM_KL_NORMAL_GRAD_DLOSS];
  real *dmu = call->out[PM_KL_NORMAL_GRAD_DMU], *dlogvar = call->out[PM_KL_NORMAL_GRAD_DLOGVAR];
  size_t row = loss_row(call->node->in[PM_KL_NORMAL_GRAD_MU]);
  for (size_t i = 0; i < pm_count(call->node->in[PM_KL_NORMAL_GRAD_MU]); i++) {
    double d = dloss[i / row] / (double)row;
    dmu[i] = (real)(d * mu[i]);
    dlogvar[i] = (real)(d * 0.5 * (exp((double)logvar[i]) - 1));
  }
}

const pm_op PM_OP(kl_normal) = {"kl_normal", infer_loss, kl_normal_gradient, kl_normal_reference, 0, NULL};
const pm_op PM_OP(kl_normal_grad) = {"kl_normal_grad", kl_normal_grad_infer, NULL, kl_normal_grad_reference, 0, NULL};
