/* Writes scalars into a row of a log in device memory, so that a step need not be waited for to know its loss. */
#include "nn/ops/elementwise.h"

static void record_reference(const pm_call *call) {
  const pm_shape shape = call->node->in[PM_RECORD_LOG]->shape;
  real *log = call->out[0];
  size_t row = (size_t) * (const int64_t *)call->in[PM_RECORD_ROW] % shape.dim[0];
  for (int k = PM_RECORD_SCALARS; k < call->node->ins; k++)
    log[row * shape.dim[1] + (size_t)(k - PM_RECORD_SCALARS)] = *(const real *)call->in[k];
}

static void record_infer(pm_graph *g, pm_node *node) {
  const pm_value *log = node->in[PM_RECORD_LOG];
  assert(log->shape.rank == 2 && log->shape.dim[1] >= (size_t)(node->ins - PM_RECORD_SCALARS));
  (void)log;
  infer_update(g, node);
}

const pm_op PM_OP(record) = {"record", record_infer, NULL, record_reference, 0, NULL};
