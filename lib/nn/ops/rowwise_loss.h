/* What the losses share: one number for each row of [N,…], and a gradient shaped like the rows. */
#ifndef PM_NN_OPS_ROWWISE_LOSS_H
#define PM_NN_OPS_ROWWISE_LOSS_H

#include "nn/ops/elementwise.h"

static inline void infer_loss(pm_graph *g, pm_node *node) {
  assert(pm_shape_equal(node->in[0]->shape, node->in[1]->shape));
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, node->in[0]->shape.dim[0]));
  node->outs = 1;
}

static inline void infer_loss_grad(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

/* Items in one row. */
static inline size_t loss_row(const pm_value *x) {
  return pm_count(x) / x->shape.dim[0];
}

#endif
