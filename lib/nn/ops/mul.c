#include "nn/ops/elementwise.h"

static void mul_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_MUL_A] = pm_times(g, dout[0], node->in[PM_MUL_B]);
  din[PM_MUL_B] = pm_times(g, dout[0], node->in[PM_MUL_A]);
}

static void mul_reference(const pm_call *call) {
  const real *a = call->in[PM_MUL_A], *b = call->in[PM_MUL_B];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = a[i] * b[i];
}

const pm_op PM_OP(mul) = {"mul", infer_alike, mul_gradient, mul_reference, 1 + PM_MUL_A, NULL};
