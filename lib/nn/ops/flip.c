/* Mirrors a sprite left to right with some probability. */
#include "nn/ops/augment.h"

#include <string.h>

static void flip_infer(pm_graph *g, pm_node *node) {
  infer_augment(g, node);
  node->out[PM_FLIP_MIRRORED] = pm_new_value(g, PM_I32, pm_shape_of(1, node->in[PM_FLIP_X]->shape.dim[0]));
  node->outs = 2;
}

static void flip_reference(const pm_call *call) {
  const pm_augment_attributes *a = call->node->attributes;
  sprite_sizes s = sprite_sizes_of(call->node->in[PM_FLIP_X]);
  const unsigned char *x = call->in[PM_FLIP_X];
  unsigned char *out = call->out[PM_FLIP_Y];
  int32_t *mirrored = call->out[PM_FLIP_MIRRORED];
  for (size_t i = 0; i < s.n; i++) {
    uint32_t draw[4];
    augment_draws(draw, call, "flip", 0, i);
    bool mirror = pm_unit_float(draw[0]) < (float)a->probability;
    mirrored[i] = mirror;
    for (size_t y = 0; y < s.height; y++)
      for (size_t col = 0; col < s.width; col++) {
        size_t row = (i * s.height + y) * s.width, from = mirror ? s.width - 1 - col : col;
        memcpy(out + (row + col) * s.channels, x + (row + from) * s.channels, s.channels);
      }
  }
}

const pm_op PM_OP(flip) = {"flip", flip_infer, NULL, flip_reference, 0, NULL};
