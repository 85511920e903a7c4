#include "nn/ops/elementwise.h"

static void add_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  (void)g, (void)node;
  din[0] = din[1] = dout[0];
}

static void add_reference(const pm_call *call) {
  const real *a = call->in[0], *b = call->in[1];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = a[i] + b[i];
}

const pm_op PM_OP(add) = {"add", infer_alike, add_gradient, add_reference, 1, NULL};
