#include "nn/ops/elementwise.h"

static void mul_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_times(g, dout[0], node->in[1]);
  din[1] = pm_times(g, dout[0], node->in[0]);
}

static void mul_reference(const pm_call *call) {
  const real *a = call->in[0], *b = call->in[1];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = a[i] * b[i];
}

const pm_op PM_OP(mul) = {"mul", infer_alike, mul_gradient, mul_reference, 1, NULL};
