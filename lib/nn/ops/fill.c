#include "nn/ops/elementwise.h"

static void fill_infer(pm_graph *g, pm_node *node) {
  const pm_fill_attributes *a = node->attributes;
  node->out[0] = pm_new_value(g, PM_F32, a->shape);
  node->outs = 1;
}

static void fill_reference(const pm_call *call) {
  const pm_fill_attributes *a = call->node->attributes;
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = (real)a->number;
}

const pm_op PM_OP(fill) = {"fill", fill_infer, NULL, fill_reference, 0, NULL};
