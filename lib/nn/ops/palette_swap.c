/* Permutes the colours that a sprite uses among themselves, all but the background. */
#include "nn/ops/augment.h"

static void swap_one(const unsigned char *x, unsigned char *out, size_t pixels, int background, const pm_call *call,
                     size_t slot) {
  unsigned char map[256], used[256];
  bool seen[256] = {false};
  size_t n = 0;
  for (int c = 0; c < 256; c++)
    map[c] = (unsigned char)c;
  for (size_t p = 0; p < pixels; p++)
    if (!seen[x[p]] && x[p] != background) {
      seen[x[p]] = true;
      used[n++] = x[p];
    }
  unsigned char order[256];
  for (size_t k = 0; k < n; k++)
    order[k] = used[k];
  for (size_t k = n; k > 1; k--) {
    uint32_t draw[4];
    augment_draws(draw, call, "palette swap", (uint32_t)k, slot);
    size_t j = (size_t)((uint64_t)draw[0] * k >> 32);
    unsigned char kept = order[k - 1];
    order[k - 1] = order[j];
    order[j] = kept;
  }
  for (size_t k = 0; k < n; k++)
    map[used[k]] = order[k];
  for (size_t p = 0; p < pixels; p++)
    out[p] = map[x[p]];
}

static void palette_swap_infer(pm_graph *g, pm_node *node) {
  assert(node->in[PM_AUGMENT_X]->shape.rank == 3);
  infer_augment(g, node);
}

static void palette_swap_reference(const pm_call *call) {
  const pm_augment_attributes *a = call->node->attributes;
  sprite_sizes s = sprite_sizes_of(call->node->in[PM_AUGMENT_X]);
  size_t pixels = s.height * s.width;
  for (size_t i = 0; i < s.n; i++) {
    const unsigned char *x = (const unsigned char *)call->in[PM_AUGMENT_X] + i * pixels;
    unsigned char *out = (unsigned char *)call->out[0] + i * pixels;
    uint32_t draw[4];
    augment_draws(draw, call, "palette swap", 0, i);
    if (pm_unit_float(draw[0]) < (float)a->probability)
      swap_one(x, out, pixels, a->background, call, i);
    else
      for (size_t p = 0; p < pixels; p++)
        out[p] = x[p];
  }
}

const pm_op PM_OP(palette_swap) = {"palette_swap", palette_swap_infer, NULL, palette_swap_reference, 0, NULL};
