/* Rows of a learned table, and its gradient: the rows' gradients added in the order of the batch. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void embedding_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->shape.rank == 2 && node->in[1]->dtype == PM_I32 && node->in[1]->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(2, node->in[1]->shape.dim[0], pm_columns(node->in[0])));
  node->outs = 1;
}

static void embedding_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, embedding_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
}

static void embedding_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[0]), N = pm_count(call->node->in[1]);
  const real *table = call->in[0];
  const int32_t *index = call->in[1];
  for (size_t n = 0; n < N; n++) {
    assert(index[n] >= 0 && (size_t)index[n] < pm_rows(call->node->in[0]));
    memcpy((real *)call->out[0] + n * D, table + (size_t)index[n] * D, D * sizeof *table);
  }
}

/* In: table (for its shape), index, dy. */
static void embedding_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void embedding_grad_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[0]), N = pm_count(call->node->in[1]);
  const int32_t *index = call->in[1];
  const real *dy = call->in[2];
  real *dtable = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dtable[i] = 0;
  for (size_t n = 0; n < N; n++)
    for (size_t d = 0; d < D; d++)
      dtable[(size_t)index[n] * D + d] += dy[n * D + d];
}

const pm_op PM_OP(embedding) = {"embedding", embedding_infer, embedding_gradient, embedding_reference, 0, NULL};
const pm_op PM_OP(embedding_grad) = {"embedding_grad", embedding_grad_infer, NULL, embedding_grad_reference, 0, NULL};
