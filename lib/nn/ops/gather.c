/* Takes items of a resident set by their numbers. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void gather_infer(pm_graph *g, pm_node *node) {
  const pm_value *index = node->in[PM_GATHER_INDEX];
  pm_shape shape = node->in[PM_GATHER_DATA]->shape;
  assert(index->dtype == PM_I32 && index->shape.rank == 1);
  shape.dim[0] = index->shape.dim[0];
  node->out[0] = pm_new_value(g, node->in[PM_GATHER_DATA]->dtype, shape);
  node->outs = 1;
}

static void gather_reference(const pm_call *call) {
  const pm_value *data = call->node->in[PM_GATHER_DATA];
  const int32_t *index = call->in[PM_GATHER_INDEX];
  size_t n = call->node->in[PM_GATHER_INDEX]->shape.dim[0];
  size_t size = data->dtype == PM_F32 ? sizeof(real) : pm_dtype_size(data->dtype);
  size_t bytes = pm_count(data) / data->shape.dim[0] * size;
  for (size_t i = 0; i < n; i++)
    memcpy((char *)call->out[0] + i * bytes, (const char *)call->in[PM_GATHER_DATA] + (size_t)index[i] * bytes, bytes);
}

const pm_op PM_OP(gather) = {"gather", gather_infer, NULL, gather_reference, 0, NULL};
