/* What the augmentations share: draws for one sprite of the batch, and how a sprite lies in memory. */
#ifndef PM_NN_OPS_AUGMENT_H
#define PM_NN_OPS_AUGMENT_H

#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

typedef struct {
  size_t n, height, width, channels; /* channels 1 for palette indices */
} sprite_sizes;

static inline sprite_sizes sprite_sizes_of(const pm_value *x) {
  const size_t *d = x->shape.dim;
  return (sprite_sizes){d[0], d[1], d[2], x->shape.rank == 4 ? d[3] : 1};
}

/* Four draws for slot `i` of the batch. */
static inline void augment_draws(uint32_t draw[4], const pm_call *call, const char *purpose, uint32_t block, size_t i) {
  const draw_source d = draw_source_of(call, PM_AUGMENT_DRAWS);
  draw_bits(draw, &d, pm_purpose(purpose), draw_slot(&d, i), block);
}

static inline void infer_augment(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_AUGMENT_X];
  assert(x->dtype == PM_U8 && (x->shape.rank == 3 || x->shape.rank == 4));
  node->out[0] = pm_new_value(g, PM_U8, x->shape);
  node->outs = 1;
}

#endif
