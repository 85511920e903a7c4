/* scale * x + shift, both fixed when the graph is built. */
#include "nn/ops/elementwise.h"

static void affine_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_affine_attributes *a = node->attributes;
  din[0] = pm_affine(g, dout[0], a->scale, 0);
}

static void affine_reference(const pm_call *call) {
  const pm_affine_attributes *a = call->node->attributes;
  const real *x = call->in[0], scale = (real)a->scale, shift = (real)a->shift;
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = scale * x[i] + shift;
}

const pm_op PM_OP(affine) = {"affine", infer_alike, affine_gradient, affine_reference, 1, NULL};
