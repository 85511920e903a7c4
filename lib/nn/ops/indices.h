/* What the ops between palette indices and planes share. */
#ifndef PM_NN_OPS_INDICES_H
#define PM_NN_OPS_INDICES_H

#include "nn/ops/elementwise.h"

/* PM_U8 […] -> PM_F32 […,K] */
static inline void infer_planes(pm_graph *g, pm_node *node, size_t K) {
  pm_shape shape = node->in[0]->shape;
  assert(node->in[0]->dtype == PM_U8 && shape.rank < PM_MAX_RANK);
  shape.dim[shape.rank++] = K;
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

/* PM_F32 […,K] -> PM_U8 […] */
static inline void infer_indices(pm_graph *g, pm_node *node) {
  pm_shape shape = node->in[0]->shape;
  assert(shape.rank >= 1);
  shape.rank--;
  shape.dim[shape.rank] = 0;
  node->out[0] = pm_new_value(g, PM_U8, shape);
  node->outs = 1;
}

#endif
