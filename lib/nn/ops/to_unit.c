/* Bytes to [0,1]: the way of sprites of many colours into a model. */
#include "nn/ops/elementwise.h"

static void to_unit_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->dtype == PM_U8);
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void to_unit_reference(const pm_call *call) {
  const unsigned char *x = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->in[0]); i < n; i++)
    out[i] = (real)x[i] / 255;
}

const pm_op PM_OP(to_unit) = {"to_unit", to_unit_infer, NULL, to_unit_reference, 0, NULL};
