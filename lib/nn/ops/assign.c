/* state = x: a program's result kept for its next run; and state = 0. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void assign_infer(pm_graph *g, pm_node *node) {
  const pm_value *state = node->in[PM_ASSIGN_STATE];
  assert(pm_count(state) == pm_count(node->in[PM_ASSIGN_X]) && state->dtype == node->in[PM_ASSIGN_X]->dtype);
  (void)state;
  infer_update(g, node);
}

static void assign_reference(const pm_call *call) {
  pm_dtype dtype = call->node->in[PM_ASSIGN_X]->dtype;
  memcpy(call->out[0], call->in[PM_ASSIGN_X],
         pm_count(call->node->in[PM_ASSIGN_X]) * (dtype == PM_F32 ? sizeof(real) : pm_dtype_size(dtype)));
}

const pm_op PM_OP(assign) = {"assign", assign_infer, NULL, assign_reference, 0, NULL};

static void clear_reference(const pm_call *call) {
  const pm_value *state = call->node->in[0];
  memset(call->out[0], 0, pm_count(state) * (state->dtype == PM_F32 ? sizeof(real) : pm_dtype_size(state->dtype)));
}

const pm_op PM_OP(clear) = {"clear", infer_update, NULL, clear_reference, 0, NULL};
