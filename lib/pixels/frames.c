#include "pixels/frames.h"

#include "pixels/sheet_fit.h"

#include <string.h>

/* A tile, and whatever comes behind it, follows the one before without a gap. */
static pm_image without_gaps(pm_arena *arena, const pm_image *sheet, pm_grid grid, size_t across, size_t down) {
  const size_t width = across * grid.x.tile, height = down * grid.y.tile;
  unsigned char *rgba = pm_alloc(arena, pm_multiply(NULL, width, height), 4);
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++) {
      const size_t from_y = grid.y.margin + y + y / grid.y.tile * grid.y.spacing;
      const size_t from_x = grid.x.margin + x + x / grid.x.tile * grid.x.spacing;
      memcpy(rgba + 4 * (y * width + x), pm_image_pixel(sheet, from_y, from_x), 4);
    }
  return pm_image_from_rgba(arena, width, height, rgba);
}

const pm_image *pm_join_frames(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                               const bool *cut, pm_slice_options *o) {
  const pm_grid grid = pm_slice_grid(o);
  const size_t columns = (size_t)o->frames[0], rows = (size_t)o->frames[1];
  pm_image *joined = pm_alloc(arena, n, sizeof *joined);
  for (size_t s = 0; s < n; s++) {
    size_t rest, across = pm_grid_tiles(sheets[s].width, grid.x, &rest);
    size_t down = pm_grid_tiles(sheets[s].height, grid.y, &rest);
    if (!cut[s])
      continue;
    if (across % columns || down % rows)
      pm_fail(PM_BAD_INPUT, places[s],
              "its %zu x %zu tiles do not divide into sprites of %zu x %zu frames (--frames); expected multiples",
              across, down, columns, rows);
    joined[s] = without_gaps(arena, &sheets[s], grid, across, down);
  }
  for (int axis = 0; axis < 2; axis++) {
    o->tile[axis] *= o->frames[axis];
    o->margin[axis] = o->spacing[axis] = 0;
  }
  return joined;
}

/* Frame number k of n of the sprite that begins at `from`, as rows of `bytes` for each pixel. */
static void copy_frame(unsigned char *to, const unsigned char *from, const pm_sprites *s, const pm_sprites *split,
                       size_t k, size_t bytes) {
  const size_t across = s->width / split->width, x0 = k % across * split->width, y0 = k / across * split->height;
  for (size_t y = 0; y < split->height; y++)
    memcpy(to + y * split->width * bytes, from + ((y0 + y) * s->width + x0) * bytes, split->width * bytes);
}

pm_sprites pm_split_frames(pm_arena *arena, const pm_sprites *s, const int64_t frames[2], const char *place) {
  const size_t columns = (size_t)frames[0], rows = (size_t)frames[1], each = columns * rows;
  if (each == 1)
    return *s;
  if (s->width % columns || s->height % rows)
    pm_fail(PM_BAD_INPUT, place, "sprites of %zu x %zu pixels do not divide into %zu x %zu frames (--frames)", s->width,
            s->height, columns, rows);
  const size_t bytes = s->index ? 1 : 4, sprite = s->width * s->height * bytes;
  const unsigned char *from = s->index ? s->index : s->rgba;
  unsigned char *to = pm_alloc(arena, s->count, sprite);
  pm_sprites split = *s;
  split.count = s->count * each;
  split.width = s->width / columns;
  split.height = s->height / rows;
  *(s->index ? &split.index : &split.rgba) = to;
  for (size_t i = 0; i < split.count; i++)
    copy_frame(to + i * (sprite / each), from + i / each * sprite, s, &split, i % each, bytes);
  return split;
}
