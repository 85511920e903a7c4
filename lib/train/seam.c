#include "train/seam.h"

#include <assert.h>
#include <string.h>

/* How much is drawn anew: a quarter of a side, on each side of the seam. In an eighth the model finds no way from one
 * edge to the other too often. */
enum { REACH_SHARE = 4 };

/* One drawing: of sprites rolled along some axes either all that lies near their middle, or the middle square alone. */
typedef struct {
  pm_tiling rolled;
  bool square;
} pass;

static size_t reach_of(size_t size) {
  return size / REACH_SHARE ? size / REACH_SHARE : 1;
}

static bool drawn_anew(const pm_sprite_format *f, const pass *p, size_t y, size_t x) {
  const bool by_x = pm_beside_seam(y, x, f->height, f->width, reach_of(f->width), PM_TILE_X);
  const bool by_y = pm_beside_seam(y, x, f->height, f->width, reach_of(f->height), PM_TILE_Y);
  return p->square ? by_x && by_y : (by_x && p->rolled & PM_TILE_X) || (by_y && p->rolled & PM_TILE_Y);
}

static int32_t index_of_floats(const pm_model_facts *model, const float *colour) {
  const size_t channels = model->format.channels;
  unsigned char rgba[4] = {0, 0, 0, 255};
  for (size_t c = 0; c < channels; c++)
    rgba[c] = (unsigned char)(colour[c] * 255 + 0.5f);
  return (int32_t)pm_palette_find(&model->palette, rgba);
}

/* Rolling by half the width swaps the halves: it is the right one again that mirrors. */
static void mirror_rightwards(int32_t *map, const pm_sprite_format *f) {
  const size_t W = f->width;
  for (size_t row = 0; row < f->height; row++)
    for (size_t x = 0; x < W / 2; x++) {
      int32_t *left = map + row * W + x, *right = map + row * W + W - 1 - x;
      if (*left != PM_HINT_MIRRORED)
        continue;
      *left = *right;
      *right = PM_HINT_MIRRORED;
    }
}

/* map[H,W], rolled: what `also` says where the sprite is drawn anew, and else the sprite itself. */
static void fix_rest(int32_t *map, const pm_model_facts *model, const float *rolled, const pass *p) {
  const pm_sprite_format *f = &model->format;
  for (size_t i = 0; i < f->height * f->width; i++)
    if (!drawn_anew(f, p, i / f->width, i % f->width))
      map[i] = index_of_floats(model, rolled + i * f->channels);
  mirror_rightwards(map, f);
}

static void roll_all(float *sprites, size_t n, const pm_sprite_format *f, pm_tiling tiling, bool back) {
  const size_t size = f->height * f->width * f->channels;
  pm_arena *scratch = pm_arena_new();
  float *from = pm_alloc(scratch, size, sizeof *from);
  for (size_t k = 0; k < n; k++) {
    memcpy(from, sprites + k * size, size * sizeof *from);
    pm_roll_half(sprites + k * size, from, f->height, f->width, f->channels * sizeof *from, tiling, back);
  }
  pm_arena_free(scratch);
}

static void draw_pass(pm_arena *arena, const pm_model_facts *model, float *sprites, const pm_hints *also, const pass *p,
                      pm_seam_draw draw, void *context) {
  const pm_sprite_format *f = &model->format;
  const size_t n = also->count, pixels = f->height * f->width;
  pm_hints hints = pm_hints_new(arena, f, n);
  hints.banned = also->banned;
  hints.classes = also->classes;
  roll_all(sprites, n, f, p->rolled, false);
  for (size_t k = 0; k < n; k++) {
    int32_t *map = hints.pixel + k * pixels;
    pm_roll_half(map, also->pixel + k * pixels, f->height, f->width, sizeof *map, p->rolled, false);
    fix_rest(map, model, sprites + k * pixels * f->channels, p);
  }
  draw(context, &hints, sprites);
  roll_all(sprites, n, f, p->rolled, true);
}

void pm_close_seams(pm_arena *arena, const pm_model_facts *model, float *sprites, size_t n, const pm_hints *also,
                    pm_tiling tiling, pm_seam_draw draw, void *context) {
  const pass first = {tiling, false}, ends[] = {{PM_TILE_X, true}, {PM_TILE_Y, true}};
  assert(also->count == n && tiling);
  draw_pass(arena, model, sprites, also, &first, draw, context);
  for (size_t k = 0; k < 2 && tiling == PM_TILE_XY; k++)
    draw_pass(arena, model, sprites, also, &ends[k], draw, context);
}
