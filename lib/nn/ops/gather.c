/* Takes items of a resident set by their numbers. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void gather_infer(pm_graph *g, pm_node *node) {
  pm_shape shape = node->in[0]->shape;
  assert(node->in[1]->dtype == PM_I32 && node->in[1]->shape.rank == 1);
  shape.dim[0] = node->in[1]->shape.dim[0];
  node->out[0] = pm_new_value(g, node->in[0]->dtype, shape);
  node->outs = 1;
}

static void gather_reference(const pm_call *call) {
  const pm_value *data = call->node->in[0];
  const int32_t *index = call->in[1];
  size_t n = call->node->in[1]->shape.dim[0];
  size_t size = data->dtype == PM_F32 ? sizeof(real) : pm_dtype_size(data->dtype);
  size_t bytes = pm_count(data) / data->shape.dim[0] * size;
  for (size_t i = 0; i < n; i++)
    memcpy((char *)call->out[0] + i * bytes, (const char *)call->in[0] + (size_t)index[i] * bytes, bytes);
}

const pm_op PM_OP(gather) = {"gather", gather_infer, NULL, gather_reference, 0, NULL};
