/* What the augmentations share: draws for one sprite of the batch, and how a sprite lies in memory. */
#ifndef PM_NN_OPS_AUGMENT_H
#define PM_NN_OPS_AUGMENT_H

#include "core/random.h"
#include "nn/ops/elementwise.h"

typedef struct {
  size_t n, height, width, channels; /* channels 1 for palette indices */
} sprite_sizes;

static inline sprite_sizes sprite_sizes_of(const pm_value *x) {
  const size_t *d = x->shape.dim;
  return (sprite_sizes){d[0], d[1], d[2], x->shape.rank == 4 ? d[3] : 1};
}

/* Four draws for slot `i` of the batch; in[1] is the seed, in[2] the step. */
static inline void augment_draws(uint32_t draw[4], const pm_call *call, const char *purpose, uint32_t block, size_t i) {
  uint64_t seed = (uint64_t) * (const int64_t *)call->in[1];
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  const uint32_t counter[4] = {block, (uint32_t)i, (uint32_t) * (const int64_t *)call->in[2], pm_purpose(purpose)};
  pm_philox4x32(counter, key, draw);
}

static inline void infer_augment(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[0];
  assert(x->dtype == PM_U8 && (x->shape.rank == 3 || x->shape.rank == 4));
  node->out[0] = pm_new_value(g, PM_U8, x->shape);
  node->outs = 1;
}

#endif
