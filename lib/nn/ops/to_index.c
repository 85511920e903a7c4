/* floor(u n) for u in (0, 1): a continuous draw as one of n steps of a schedule. */
#include "nn/ops/elementwise.h"

static void to_index_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_I32, node->in[0]->shape);
  node->outs = 1;
}

static void to_index_reference(const pm_call *call) {
  const size_t steps = *(const size_t *)call->node->attributes;
  const real *u = call->in[0];
  int32_t *index = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++) {
    size_t k = (size_t)(u[i] * (real)steps);
    index[i] = (int32_t)(k < steps ? k : steps - 1); /* u n may round up to n */
  }
}

const pm_op PM_OP(to_index) = {"to_index", to_index_infer, NULL, to_index_reference, 0, NULL};
