/* Moves a sprite by up to a few pixels; background moves in. */
#include "nn/ops/augment.h"

#include <string.h>

/* -distance … distance */
static ptrdiff_t offset(uint32_t draw, int distance) {
  return (ptrdiff_t)((uint64_t)draw * (uint64_t)(2 * distance + 1) >> 32) - distance;
}

static void shift_reference(const pm_call *call) {
  const pm_augment_attributes *a = call->node->attributes;
  sprite_sizes s = sprite_sizes_of(call->node->in[PM_AUGMENT_X]);
  const unsigned char *x = call->in[PM_AUGMENT_X];
  unsigned char *out = call->out[0];
  memset(out, a->background, pm_count(call->node->out[0]));
  for (size_t i = 0; i < s.n; i++) {
    uint32_t draw[4];
    augment_draws(draw, call, "shift", 0, i);
    ptrdiff_t dy = offset(draw[0], a->distance), dx = offset(draw[1], a->distance);
    for (ptrdiff_t y = 0; y < (ptrdiff_t)s.height; y++)
      for (ptrdiff_t col = 0; col < (ptrdiff_t)s.width; col++) {
        ptrdiff_t fy = y - dy, fx = col - dx;
        if (fy < 0 || fx < 0 || fy >= (ptrdiff_t)s.height || fx >= (ptrdiff_t)s.width)
          continue;
        size_t picture = i * s.height * s.width;
        memcpy(out + (picture + (size_t)y * s.width + (size_t)col) * s.channels,
               x + (picture + (size_t)fy * s.width + (size_t)fx) * s.channels, s.channels);
      }
  }
}

const pm_op PM_OP(shift) = {"shift", infer_augment, NULL, shift_reference, 0, NULL};
