/* What the ops that work item by item share. */
#ifndef PM_NN_OPS_ELEMENTWISE_H
#define PM_NN_OPS_ELEMENTWISE_H

#include "nn/ops.h"

/* One output shaped like input 0; all inputs of that shape. */
static inline void infer_alike(pm_graph *g, pm_node *node) {
  for (int i = 1; i < node->ins; i++)
    assert(pm_shape_equal(node->in[0]->shape, node->in[i]->shape));
  node->out[0] = pm_new_value(g, node->in[0]->dtype, node->in[0]->shape);
  node->outs = 1;
}

/* The output is input 0 itself, updated in place. */
static inline void infer_update(pm_graph *g, pm_node *node) {
  (void)g;
  assert(node->in[0]->buffer);
  node->out[0] = node->in[0];
  node->outs = 1;
}

#endif
