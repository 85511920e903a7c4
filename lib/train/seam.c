#include "train/seam.h"

#include <string.h>

/* How far a sprite is rolled along x and y. */
typedef struct {
  size_t x, y;
} shift;

static shift half_of(const pm_sprite_format *f, pm_tiling tiling) {
  return (shift){tiling & PM_TILE_X ? f->width / 2 : 0, tiling & PM_TILE_Y ? f->height / 2 : 0};
}

/* Whether a pixel lies in the strip of a quarter of the size around the middle, where the rolled edges meet. */
static bool near_middle(size_t at, size_t size) {
  const size_t reach = size / 8 ? size / 8 : 1;
  return at + reach >= size / 2 && at < size / 2 + reach;
}

static bool in_seam(const pm_sprite_format *f, pm_tiling tiling, size_t y, size_t x) {
  return (tiling & PM_TILE_X && near_middle(x, f->width)) || (tiling & PM_TILE_Y && near_middle(y, f->height));
}

static int32_t index_of_floats(const pm_model_facts *model, const float *colour) {
  const size_t channels = model->format.channels;
  unsigned char rgba[4] = {0, 0, 0, 255};
  for (size_t c = 0; c < channels; c++)
    rgba[c] = (unsigned char)(colour[c] * 255 + 0.5f);
  return (int32_t)pm_palette_find(&model->palette, rgba);
}

/* Rolling by half the width swaps the halves: it is the right one again that mirrors. */
static void mirror_rightwards(pm_hints *hints, const pm_sprite_format *f) {
  const size_t W = f->width;
  for (size_t row = 0; row < hints->count * f->height; row++)
    for (size_t x = 0; x < W / 2; x++) {
      int32_t *left = hints->pixel + row * W + x, *right = hints->pixel + row * W + W - 1 - x;
      if (*left != PM_HINT_MIRRORED)
        continue;
      *left = *right;
      *right = PM_HINT_MIRRORED;
    }
}

pm_hints pm_hints_of_seam(pm_arena *arena, const pm_model_facts *model, const float *sprites, size_t n,
                          const pm_hints *also, pm_tiling tiling) {
  const pm_sprite_format *f = &model->format;
  const size_t H = f->height, W = f->width;
  const shift by = half_of(f, tiling);
  pm_hints hints = pm_hints_new(arena, f, n);
  hints.banned = also ? also->banned : NULL;
  hints.classes = also ? also->classes : NULL;
  for (size_t i = 0; i < n * H * W; i++) {
    const size_t y = i / W % H, x = i % W, from = (i / W / H * H + (y + H - by.y) % H) * W + (x + W - by.x) % W;
    if (!in_seam(f, tiling, y, x))
      hints.pixel[i] = index_of_floats(model, sprites + from * f->channels);
    else if (also)
      hints.pixel[i] = also->pixel[from % (also->count * H * W)];
  }
  mirror_rightwards(&hints, f);
  return hints;
}

void pm_roll_back(float *sprites, size_t n, const pm_sprite_format *f, pm_tiling tiling) {
  const size_t H = f->height, W = f->width, C = f->channels;
  const shift by = half_of(f, tiling);
  pm_arena *scratch = pm_arena_new();
  float *rolled = pm_alloc(scratch, H * W * C, sizeof *rolled);
  for (size_t k = 0; k < n; k++, sprites += H * W * C) {
    memcpy(rolled, sprites, H * W * C * sizeof *rolled);
    for (size_t i = 0; i < H * W; i++)
      memcpy(sprites + ((i / W + H - by.y) % H * W + (i % W + W - by.x) % W) * C, rolled + i * C, C * sizeof *sprites);
  }
  pm_arena_free(scratch);
}
