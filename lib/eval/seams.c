#include "eval/seams.h"

void pm_seam_bits(pm_arena *arena, const pm_context_code *code, const pm_indexed *sprites, pm_tiling tiling,
                  double *bits) {
  const size_t H = sprites->height, W = sprites->width;
  unsigned char *rolled = pm_alloc(arena, sprites->count, H * W);
  bool *beside = pm_alloc(arena, H * W, sizeof *beside);
  for (size_t i = 0; i < sprites->count; i++)
    pm_roll_half(rolled + i * H * W, sprites->index + i * H * W, H, W, 1, tiling, false);
  for (size_t p = 0; p < H * W; p++)
    beside[p] = pm_beside_seam(p / W, p % W, H, W, 1, tiling);
  pm_context_code_bits(code, &(pm_indexed){sprites->count, H, W, rolled}, beside, bits);
}
