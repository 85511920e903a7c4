/* What the ops between palette indices and planes share, and the backends' kernels of them. */
#ifndef PM_NN_OPS_INDICES_H
#define PM_NN_OPS_INDICES_H

#include "core/inline.h"
#include "nn/ops/elementwise.h"

/* PM_U8 […] -> PM_F32 […,K] */
static inline void infer_planes(pm_graph *g, pm_node *node, size_t K) {
  pm_shape shape = node->in[0]->shape;
  assert(node->in[0]->dtype == PM_U8 && shape.rank < PM_MAX_RANK);
  shape.dim[shape.rank++] = K;
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

/* Which index below K has the bits nearest to x[bits]: that of its signs, if that is below K. Else all are tried:
 * |x - c|^2 = |x|^2 - 2 x c + bits for c of ±1, so the nearest has the largest product; the lowest of equals. */
PM_INLINE size_t index_of_bits(const real *x, size_t bits, size_t K) {
  size_t signs = 0, best = 0;
  real best_product = 0;
  for (size_t b = 0; b < bits; b++)
    signs |= (size_t)(x[b] > 0) << b;
  if (signs < K)
    return signs;
  for (size_t index = 0; index < K; index++) {
    real product = 0;
    for (size_t b = 0; b < bits; b++)
      product += (index >> b & 1) ? x[b] : -x[b];
    if (index == 0 || product > best_product) {
      best = index;
      best_product = product;
    }
  }
  return best;
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
