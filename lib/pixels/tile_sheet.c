#include "pixels/tile_sheet.h"

#include "core/sizes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t length_of(size_t tiles, size_t tile, const pm_tile_grid *g) {
  return 2 * g->margin + tiles * tile + (tiles - 1) * g->spacing;
}

static void set_columns(pm_tile_grid *g, size_t columns) {
  g->columns = columns;
  g->rows = pm_pieces(g->count, columns);
  g->width = length_of(columns, g->tile_width, g);
  g->height = length_of(g->rows, g->tile_height, g);
}

pm_tile_grid pm_tile_grid_of(size_t count, size_t width, size_t height, const pm_tile_look *look, bool *gaps) {
  assert(count > 0 && look->scale >= 1);
  pm_tile_grid g = {.count = count,
                    .tile_width = width * (size_t)look->scale,
                    .tile_height = height * (size_t)look->scale,
                    .spacing = (size_t)(look->spacing + 2 * look->extrude),
                    .margin = (size_t)(look->margin + look->extrude)};
  set_columns(&g, look->columns ? pm_smaller((size_t)look->columns, count) : 1);
  while (!look->columns && g.columns < count && g.width < g.height)
    set_columns(&g, g.columns + 1);
  if (g.width > PM_IMAGE_MOST_SIDE || g.height > PM_IMAGE_MOST_SIDE || g.width * g.height > PM_IMAGE_MOST_PIXELS)
    pm_fail(PM_BAD_INPUT, NULL,
            "the sheet would have %zu x %zu pixels, expected at most %d a side and %d in all: choose a smaller scale, "
            "other columns or fewer sprites",
            g.width, g.height, PM_IMAGE_MOST_SIDE, PM_IMAGE_MOST_PIXELS);
  *gaps = look->margin || g.columns * g.rows > count || (look->spacing && count > 1);
  return g;
}

/* The place in the tile whose pixel stands at `at`, which may lie `extrude` before or behind it. */
static size_t inside(size_t at, size_t extrude, size_t side) {
  return at < extrude ? 0 : pm_smaller(at - extrude, side - 1);
}

pm_image pm_tile_sheet(pm_arena *arena, const pm_strip *strip, const pm_tile_grid *g, const pm_tile_look *look) {
  size_t bytes = pm_image_pixel_bytes(&strip->image), pixels = g->width * g->height, scale = (size_t)look->scale;
  size_t extrude = (size_t)look->extrude, sprite = strip->width * strip->height;
  pm_image sheet = {
      .width = g->width, .height = g->height, .colours = strip->image.colours, .palette = strip->image.palette};
  unsigned char *to = pm_alloc(arena, pixels, bytes);
  if (strip->image.index)
    sheet.index = memset(to, (int)strip->clear, pixels);
  else
    sheet.rgba = to;
  for (size_t i = 0; i < strip->count; i++) {
    const unsigned char *from = pm_image_pixels(&strip->image) + i * sprite * bytes;
    size_t left = pm_tile_x(g, i) - extrude, top = pm_tile_y(g, i) - extrude;
    for (size_t y = 0; y < g->tile_height + 2 * extrude; y++)
      for (size_t x = 0; x < g->tile_width + 2 * extrude; x++) {
        size_t from_y = inside(y, extrude, g->tile_height) / scale, from_x = inside(x, extrude, g->tile_width) / scale;
        memcpy(to + ((top + y) * g->width + left + x) * bytes, from + (from_y * strip->width + from_x) * bytes, bytes);
      }
  }
  return sheet;
}

static void make_safe(char *name) {
  static const char unsafe[] = "/\\:*?\"<>|";
  for (char *c = name; *c; c++)
    if (strchr(unsafe, *c) || (unsigned char)*c < ' ' || *c == 127 || (c == name && (*c == '.' || *c == '-')))
      *c = '_';
}

const char *const *pm_tile_names(pm_arena *arena, size_t count, const char *const *class_name) {
  char last[32];
  int digits = snprintf(last, sizeof last, "%zu", count - 1);
  digits = digits < 3 ? 3 : digits;
  const char **names = pm_alloc(arena, count, sizeof *names);
  for (size_t i = 0; i < count; i++) {
    char *name = pm_format(arena, "%s%s%0*zu", class_name ? class_name[i] : "", class_name ? "-" : "", digits, i);
    make_safe(name);
    names[i] = name;
  }
  return names;
}
