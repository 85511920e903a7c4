/* Rows of a learned table, and its gradient: the rows' gradients added in the order of the batch. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void embedding_infer(pm_graph *g, pm_node *node) {
  const pm_value *table = node->in[PM_EMBEDDING_TABLE], *index = node->in[PM_EMBEDDING_INDEX];
  assert(table->shape.rank == 2 && index->dtype == PM_I32 && index->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(2, index->shape.dim[0], pm_columns(table)));
  node->outs = 1;
}

static void embedding_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_EMBEDDING_TABLE] =
      PM_APPLY(g, embedding_grad, NULL, 0, node->in[PM_EMBEDDING_TABLE], node->in[PM_EMBEDDING_INDEX], dout[0]);
}

static void embedding_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[PM_EMBEDDING_TABLE]), N = pm_count(call->node->in[PM_EMBEDDING_INDEX]);
  const real *table = call->in[PM_EMBEDDING_TABLE];
  const int32_t *index = call->in[PM_EMBEDDING_INDEX];
  for (size_t n = 0; n < N; n++) {
    assert(index[n] >= 0 && (size_t)index[n] < pm_rows(call->node->in[PM_EMBEDDING_TABLE]));
    memcpy((real *)call->out[0] + n * D, table + (size_t)index[n] * D, D * sizeof *table);
  }
}

static void embedding_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_EMBEDDING_GRAD_TABLE]->shape);
  node->outs = 1;
}

static void embedding_grad_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[PM_EMBEDDING_GRAD_TABLE]), N = pm_count(call->node->in[PM_EMBEDDING_GRAD_INDEX]);
  const int32_t *index = call->in[PM_EMBEDDING_GRAD_INDEX];
  const real *dy = call->in[PM_EMBEDDING_GRAD_DY];
  real *dtable = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dtable[i] = 0;
  for (size_t n = 0; n < N; n++)
    for (size_t d = 0; d < D; d++)
      dtable[(size_t)index[n] * D + d] += dy[n * D + d];
}

const pm_op PM_OP(embedding) = {"embedding", embedding_infer, embedding_gradient, embedding_reference, 0, NULL};
const pm_op PM_OP(embedding_grad) = {"embedding_grad", embedding_grad_infer, NULL, embedding_grad_reference, 0, NULL};
