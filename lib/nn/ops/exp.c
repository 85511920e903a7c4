#include "nn/ops/elementwise.h"

static void exp_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_times(g, dout[0], node->out[0]);
}

static void exp_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = (real)exp((double)x[i]);
}

const pm_op PM_OP(exp) = {"exp", infer_alike, exp_gradient, exp_reference, 1, NULL};
