#include "nn/ops/elementwise.h"

static void lookup_rows_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->shape.rank == 1 && node->in[1]->dtype == PM_I32 && node->in[1]->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, node->in[1]->shape);
  node->outs = 1;
}

static void lookup_rows_reference(const pm_call *call) {
  const real *table = call->in[0];
  const int32_t *index = call->in[1];
  real *out = call->out[0];
  for (size_t n = 0; n < pm_count(call->node->in[1]); n++) {
    assert(index[n] >= 0 && (size_t)index[n] < pm_count(call->node->in[0]));
    out[n] = table[index[n]];
  }
}

const pm_op PM_OP(lookup_rows) = {"lookup_rows", lookup_rows_infer, NULL, lookup_rows_reference, 0, NULL};
