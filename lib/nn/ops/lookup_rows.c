#include "nn/ops/elementwise.h"

static void lookup_rows_infer(pm_graph *g, pm_node *node) {
  const pm_value *index = node->in[PM_LOOKUP_ROWS_INDEX];
  assert(node->in[PM_LOOKUP_ROWS_TABLE]->shape.rank == 1 && index->dtype == PM_I32 && index->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, index->shape);
  node->outs = 1;
}

static void lookup_rows_reference(const pm_call *call) {
  const real *table = call->in[PM_LOOKUP_ROWS_TABLE];
  const int32_t *index = call->in[PM_LOOKUP_ROWS_INDEX];
  real *out = call->out[0];
  for (size_t n = 0; n < pm_count(call->node->in[PM_LOOKUP_ROWS_INDEX]); n++) {
    assert(index[n] >= 0 && (size_t)index[n] < pm_count(call->node->in[PM_LOOKUP_ROWS_TABLE]));
    out[n] = table[index[n]];
  }
}

const pm_op PM_OP(lookup_rows) = {"lookup_rows", lookup_rows_infer, NULL, lookup_rows_reference, 0, NULL};
