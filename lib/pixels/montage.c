#include "pixels/montage.h"

#include "pixels/font.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
  LINE_LEADING = 2,                                           /* font pixels between two lines of a caption */
  NARROWEST_CAPTION = 24 * (PM_FONT_WIDTH + PM_FONT_SPACING), /* font pixels */
};

/* What follows from the options and is the same for all groups; lengths in pixels of the picture. */
typedef struct {
  size_t scale, columns, gap, text_scale, text_width; /* text_width: at which captions are wrapped, in font pixels */
  unsigned char background[3], ink[3];
  bool keep_alpha;
} layout;

typedef struct {
  size_t width, height;
  unsigned char *rgba;
} canvas;

/* One line of a caption: from *text, at most `width` font pixels, broken behind a blank where there is one. Returns its
 * length in bytes without blanks at the end and moves *text to the next line's start. */
static size_t take_line(const char **text, size_t width) {
  const char *start = *text, *at = start, *last_fit = start, *last_blank = NULL;
  while (*at && *at != '\n') {
    const char *before = at;
    unsigned code = pm_font_next(&at);
    if (pm_font_measure(start, (size_t)(at - start)) > width && code != ' ' && before > start)
      break;
    if (code == ' ')
      last_blank = before;
    last_fit = at;
  }
  bool whole = *last_fit == 0 || *last_fit == '\n';
  const char *end = whole || !last_blank || last_blank == start ? last_fit : last_blank;
  *text = end;
  if (whole)
    *text += *end == '\n';
  else
    while (**text == ' ')
      ++*text;
  while (end > start && end[-1] == ' ')
    end--;
  return (size_t)(end - start);
}

static size_t line_height(const layout *l) {
  return (PM_FONT_HEIGHT + LINE_LEADING) * l->text_scale;
}

static bool has_caption(const pm_montage_group *group) {
  return group->caption && *group->caption;
}

/* Above a caption, so that it is seen to belong to what is below it. */
static size_t space_above(const layout *l, bool first) {
  return l->gap + (first ? 0 : line_height(l) / 2);
}

static size_t caption_height(const pm_montage_group *group, const layout *l, bool first) {
  size_t lines = 0;
  if (has_caption(group))
    for (const char *text = group->caption; *text; lines++)
      take_line(&text, l->text_width);
  return lines ? space_above(l, first) + lines * line_height(l) : 0;
}

static size_t columns_of(const pm_montage_group *group, const layout *l) {
  size_t n = group->sprites.count;
  return l->columns == 0 || n < l->columns ? n : l->columns;
}

static size_t rows_of(const pm_montage_group *group, const layout *l) {
  size_t columns = columns_of(group, l);
  return columns ? (group->sprites.count + columns - 1) / columns : 0;
}

/* Grid with a gap on each side; saturates far above the limits instead of overflowing. */
static size_t grid_length(size_t cells, size_t side, const layout *l) {
  double length = (double)l->gap + (double)cells * ((double)side * (double)l->scale + (double)l->gap);
  return length > 1e9 ? (size_t)1000000000 : (size_t)length;
}

static void fill_rgba(canvas *c, size_t x, size_t y, size_t width, size_t height, const unsigned char rgba[4]) {
  for (size_t j = y; j < y + height; j++)
    for (size_t i = x; i < x + width; i++)
      memcpy(c->rgba + 4 * (j * c->width + i), rgba, 4);
}

static void fill(canvas *c, size_t x, size_t y, size_t width, size_t height, const unsigned char rgb[3]) {
  const unsigned char rgba[4] = {rgb[0], rgb[1], rgb[2], 255};
  fill_rgba(c, x, y, width, height, rgba);
}

static void draw_line(canvas *c, const layout *l, size_t x, size_t y, const char *text, size_t length) {
  for (const char *at = text; at < text + length;) {
    pm_glyph glyph = pm_font_glyph(pm_font_next(&at));
    for (int row = 0; row < PM_FONT_HEIGHT; row++)
      for (int column = 0; column < glyph.width; column++)
        if (glyph.row[row] >> column & 1)
          fill(c, x + (size_t)column * l->text_scale, y + (size_t)row * l->text_scale, l->text_scale, l->text_scale,
               l->ink);
    x += (size_t)(glyph.width + PM_FONT_SPACING) * l->text_scale;
  }
}

static void draw_sprite(canvas *c, const layout *l, size_t x0, size_t y0, const pm_sprites *sprites, size_t i) {
  for (size_t y = 0; y < sprites->height; y++)
    for (size_t x = 0; x < sprites->width; x++) {
      const unsigned char *colour = pm_sprites_pixel(sprites, i, y, x);
      if (l->keep_alpha) {
        fill_rgba(c, x0 + x * l->scale, y0 + y * l->scale, l->scale, l->scale, colour);
        continue;
      }
      unsigned char rgb[3];
      for (int k = 0; k < 3; k++)
        rgb[k] = (unsigned char)((colour[k] * colour[3] + l->background[k] * (255 - colour[3]) + 127) / 255);
      fill(c, x0 + x * l->scale, y0 + y * l->scale, l->scale, l->scale, rgb);
    }
}

/* Draws the group below `y`; returns where the next one begins. */
static size_t draw_group(canvas *c, const layout *l, size_t y, const pm_montage_group *group, bool first) {
  if (has_caption(group)) {
    y += space_above(l, first);
    for (const char *text = group->caption; *text; y += line_height(l)) {
      const char *line = text;
      size_t length = take_line(&text, l->text_width);
      draw_line(c, l, l->gap, y, line, length);
    }
  }
  const pm_sprites *sprites = &group->sprites;
  size_t columns = columns_of(group, l), rows = rows_of(group, l);
  for (size_t i = 0; i < sprites->count; i++)
    draw_sprite(c, l, l->gap + i % columns * (sprites->width * l->scale + l->gap),
                y + l->gap + i / columns * (sprites->height * l->scale + l->gap), sprites, i);
  return y + (rows ? grid_length(rows, sprites->height, l) - l->gap : 0);
}

/* The width that all groups share: that of the widest grid, or of a caption that is wrapped no narrower than it must
 * be. */
static size_t plan_width(const pm_montage_group *groups, size_t n, layout *l) {
  size_t grids = 2 * l->gap + 1, captions = 0;
  for (size_t g = 0; g < n; g++) {
    const char *at = has_caption(&groups[g]) ? groups[g].caption : "";
    for (size_t length = strcspn(at, "\n");; at += length + 1, length = strcspn(at, "\n")) {
      size_t width = pm_font_measure(at, length);
      captions = width > captions ? width : captions;
      if (at[length] == 0)
        break;
    }
    size_t columns = columns_of(&groups[g], l);
    size_t width = columns ? grid_length(columns, groups[g].sprites.width, l) : 0;
    grids = width > grids ? width : grids;
  }
  size_t least = captions < NARROWEST_CAPTION ? captions : (size_t)NARROWEST_CAPTION;
  size_t inner = (grids - 2 * l->gap) / l->text_scale;
  l->text_width = inner > least ? inner : least;
  size_t needed = 2 * l->gap + least * l->text_scale;
  return grids > needed ? grids : needed;
}

static layout layout_of(pm_montage_options o) {
  assert(o.scale >= 1 && o.columns >= 0 && o.gap >= 0);
  /* Letters of 2 x 2 pixels beside the usual sprites at 8 x, and never out of proportion at small or large scales. */
  layout l = {.scale = (size_t)o.scale,
              .columns = (size_t)o.columns,
              .keep_alpha = o.keep_alpha,
              .text_scale = o.scale < 3    ? 1
                            : o.scale < 12 ? 2
                                           : 3};
  l.gap = l.scale * (size_t)o.gap;
  memcpy(l.background, o.background, 3);
  bool dark = 299 * o.background[0] + 587 * o.background[1] + 114 * o.background[2] < 128 * 1000;
  memset(l.ink, dark ? 255 : 0, 3);
  return l;
}

/* The canvas without its pixels; sets the layout's width of texts. */
static canvas plan(const pm_montage_group *groups, size_t n, layout *l) {
  canvas c = {.width = plan_width(groups, n, l), .height = l->gap};
  for (size_t g = 0; g < n; g++) {
    size_t rows = rows_of(&groups[g], l);
    c.height += caption_height(&groups[g], l, g == 0);
    c.height += rows ? grid_length(rows, groups[g].sprites.height, l) - l->gap : 0;
  }
  c.height += c.height == 0;
  return c;
}

static bool fits(const canvas *c) {
  return c->width <= PM_IMAGE_MOST_SIDE && c->height <= PM_IMAGE_MOST_SIDE &&
         c->width * c->height <= PM_IMAGE_MOST_PIXELS;
}

bool pm_montage_fits(const pm_montage_group *groups, size_t n, pm_montage_options options) {
  layout l = layout_of(options);
  canvas c = plan(groups, n, &l);
  return fits(&c);
}

pm_image pm_montage(pm_arena *arena, const pm_montage_group *groups, size_t n, pm_montage_options options) {
  layout l = layout_of(options);
  canvas c = plan(groups, n, &l);
  if (!fits(&c))
    pm_fail(
        PM_BAD_INPUT, NULL,
        "the picture would have %zu x %zu pixels, expected at most %d a side and %d in all: choose a smaller scale, "
        "other columns or fewer sprites",
        c.width, c.height, PM_IMAGE_MOST_SIDE, PM_IMAGE_MOST_PIXELS);
  c.rgba = pm_alloc(arena, c.width * c.height, 4);
  if (!l.keep_alpha)
    fill(&c, 0, 0, c.width, c.height, l.background);
  size_t y = 0;
  for (size_t g = 0; g < n; g++)
    y = draw_group(&c, &l, y, &groups[g], g == 0);
  assert(y + l.gap <= c.height);
  return pm_image_from_rgba(arena, c.width, c.height, c.rgba);
}

size_t pm_image_set_palette(pm_arena *arena, pm_image *picture, const pm_palette *palette) {
  size_t own = 0, place[PM_MAX_COLOURS];
  for (size_t k = 0; k < picture->colours; k++) {
    place[k] = pm_palette_find(palette, picture->palette[k]);
    if (place[k] == palette->count)
      place[k] += own++;
  }
  size_t colours = palette->count + own;
  if (picture->colours == 0 || colours > PM_MAX_COLOURS)
    pm_fail(PM_BAD_INPUT, NULL,
            "the picture has %s, expected at most %d with the palette's %zu: snap brings sprites to the palette",
            picture->colours ? pm_format(arena, "%zu colours that the palette has not", own) : "more than 256 colours",
            PM_MAX_COLOURS, palette->count);
  unsigned char(*table)[4] = pm_alloc(arena, colours, 4);
  memcpy(table, palette->rgba, 4 * palette->count);
  for (size_t k = 0; k < picture->colours; k++)
    memcpy(table[place[k]], picture->palette[k], 4);
  for (size_t p = 0; p < picture->width * picture->height; p++)
    picture->index[p] = (unsigned char)place[picture->index[p]];
  picture->palette = table;
  picture->colours = colours;
  return own;
}
