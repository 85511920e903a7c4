/* state = x: a program's result kept for its next run; and state = 0. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void assign_infer(pm_graph *g, pm_node *node) {
  assert(pm_count(node->in[0]) == pm_count(node->in[1]) && node->in[0]->dtype == node->in[1]->dtype);
  infer_update(g, node);
}

static void assign_reference(const pm_call *call) {
  pm_dtype dtype = call->node->in[1]->dtype;
  memcpy(call->out[0], call->in[1],
         pm_count(call->node->in[1]) * (dtype == PM_F32 ? sizeof(real) : pm_dtype_size(dtype)));
}

const pm_op PM_OP(assign) = {"assign", assign_infer, NULL, assign_reference, 0, NULL};

static void clear_reference(const pm_call *call) {
  const pm_value *state = call->node->in[0];
  memset(call->out[0], 0, pm_count(state) * (state->dtype == PM_F32 ? sizeof(real) : pm_dtype_size(state->dtype)));
}

const pm_op PM_OP(clear) = {"clear", infer_update, NULL, clear_reference, 0, NULL};
