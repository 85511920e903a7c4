#include "pixels/slice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DIFFERS_ABOVE = 10, MAX_HINTED_TILE = 256, MAX_HINTED_GAP = 8 };

/* Tiles along one side of `length` pixels, 0 if they do not divide it. Between two tiles lies the spacing; whether it
 * follows the last one, and whether the margin comes again at the end, sheets differ. */
static size_t tiles_along(size_t length, size_t tile, size_t margin, size_t spacing) {
  const size_t ends[4] = {margin, 0, margin + spacing, spacing};
  for (int e = 0; e < 4; e++) {
    if (length < margin + ends[e] + tile)
      continue;
    size_t inner = length - margin - ends[e] + spacing;
    if (inner % (tile + spacing) == 0)
      return inner / (tile + spacing);
  }
  return 0;
}

static bool divides(const pm_image *sheet, size_t w, size_t h, size_t margin, size_t spacing) {
  return tiles_along(sheet->width, w, margin, spacing) && tiles_along(sheet->height, h, margin, spacing);
}

/* The square tiles that would divide the sheet as it is, from the usual sizes on: ", "-separated. */
static const char *tiles_that_divide(pm_arena *arena, const pm_image *sheet, size_t margin, size_t spacing) {
  const char *list = "";
  for (size_t t = 4; t <= MAX_HINTED_TILE; t++)
    if (divides(sheet, t, t, margin, spacing))
      list = pm_format(arena, "%s%s%zu", list, *list ? ", " : "", t);
  return list;
}

/* The smallest other margin and spacing with which the wanted tile divides the sheet. */
static const char *gaps_that_divide(pm_arena *arena, const pm_image *sheet, size_t w, size_t h) {
  for (size_t sum = 0; sum <= 2 * MAX_HINTED_GAP; sum++)
    for (size_t margin = 0; margin <= sum && margin <= MAX_HINTED_GAP; margin++)
      if (sum - margin <= MAX_HINTED_GAP && divides(sheet, w, h, margin, sum - margin))
        return pm_format(arena, "margin %zu and spacing %zu", margin, sum - margin);
  return NULL;
}

PM_NORETURN static void refuse_size(pm_arena *arena, const pm_image *sheet, const char *place,
                                    const pm_slice_options *o) {
  size_t w = (size_t)o->tile[0], h = (size_t)o->tile[1], margin = (size_t)o->margin, spacing = (size_t)o->spacing;
  const char *tiles = tiles_that_divide(arena, sheet, margin, spacing), *gaps = gaps_that_divide(arena, sheet, w, h);
  const char *help = *tiles ? pm_format(arena, "; square tiles that would: %s", tiles) : "";
  if (gaps)
    help = pm_format(arena, "%s; tiles of %zu x %zu would with %s", help, w, h, gaps);
  pm_fail(
      PM_BAD_INPUT, place,
      "%zu x %zu pixels do not divide into tiles of %zu x %zu with margin %zu and spacing %zu, expected a sheet that "
      "does%s",
      sheet->width, sheet->height, w, h, margin, spacing, help);
}

static const unsigned char *pixel_of(const pm_image *sheet, size_t y, size_t x) {
  size_t at = y * sheet->width + x;
  return sheet->colours ? sheet->palette[sheet->index[at]] : sheet->rgba + 4 * at;
}

static void lay_over(unsigned char out[4], const unsigned char rgba[4], const unsigned char background[3]) {
  for (int c = 0; c < 3; c++)
    out[c] = (unsigned char)((rgba[c] * rgba[3] + background[c] * (255 - rgba[3]) + 127) / 255);
  out[3] = 255;
}

typedef struct {
  bool transparent, flat;
  double density;
} tile_facts;

/* Copies the tile at (x0, y0) into out[H, W, 4] as it would be kept. */
static tile_facts copy_tile(unsigned char *out, const pm_image *sheet, size_t x0, size_t y0,
                            const pm_slice_options *o) {
  size_t w = (size_t)o->tile[0], h = (size_t)o->tile[1], differing = 0;
  tile_facts facts = {.transparent = true, .flat = true};
  for (size_t y = 0; y < h; y++)
    for (size_t x = 0; x < w; x++) {
      const unsigned char *rgba = pixel_of(sheet, y0 + y, x0 + x);
      unsigned char over[4], *to = out + 4 * (y * w + x);
      lay_over(over, rgba, o->background);
      int distance =
          abs(over[0] - o->background[0]) + abs(over[1] - o->background[1]) + abs(over[2] - o->background[2]);
      differing += distance > DIFFERS_ABOVE;
      facts.transparent &= rgba[3] == 0;
      memcpy(to, o->keep_alpha ? rgba : over, 4);
      if (to[3] == 0)
        memset(to, 0, 4); /* all that is invisible is equal */
      facts.flat &= memcmp(to, out, 4) == 0;
    }
  facts.density = (double)differing / (double)(w * h);
  return facts;
}

/* Open hashing over the tiles kept so far: true if this one is new. */
typedef struct {
  size_t *slot; /* number of the tile + 1 */
  size_t mask;
} tile_set;

static bool add_tile(tile_set *set, const unsigned char *tiles, size_t bytes, size_t number) {
  const unsigned char *tile = tiles + number * bytes;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ tile[i]) * 1099511628211u;
  size_t at = (size_t)(hash ^ hash >> 29) & set->mask;
  for (; set->slot[at]; at = (at + 1) & set->mask)
    if (memcmp(tiles + (set->slot[at] - 1) * bytes, tile, bytes) == 0)
      return false;
  set->slot[at] = number + 1;
  return true;
}

/* Whether the tile that was just copied behind the kept ones stays, too; counts why not. */
static bool keep_tile(const tile_facts *facts, const pm_slice_options *o, tile_set *set, const unsigned char *tiles,
                      size_t bytes, pm_slice_report *r) {
  r->tiles++;
  if (facts->transparent)
    return r->transparent++, false;
  if (o->drop_flat && facts->flat)
    return r->flat++, false;
  if (facts->density < o->density[0] || facts->density > o->density[1])
    return r->outside++, false;
  if (o->distinct && !add_tile(set, tiles, bytes, r->kept))
    return r->repeated++, false;
  r->flat_kept += facts->flat;
  return true;
}

pm_sprites pm_slice(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n, pm_slice_options o,
                    pm_slice_report *report) {
  assert(o.tile[0] >= 1 && o.tile[1] >= 1 && o.margin >= 0 && o.spacing >= 0);
  size_t w = (size_t)o.tile[0], h = (size_t)o.tile[1], margin = (size_t)o.margin, spacing = (size_t)o.spacing;
  size_t total = 0, bytes = 4 * w * h;
  for (size_t s = 0; s < n; s++) {
    if (!divides(&sheets[s], w, h, margin, spacing))
      refuse_size(arena, &sheets[s], places[s], &o);
    total += tiles_along(sheets[s].width, w, margin, spacing) * tiles_along(sheets[s].height, h, margin, spacing);
  }
  tile_set set = {.mask = 1};
  while (set.mask < 2 * total)
    set.mask = 2 * set.mask + 1;
  set.slot = pm_alloc(arena, o.distinct ? set.mask + 1 : 0, sizeof *set.slot);
  /* One above the other in one tall picture; so the colours are listed by pm_image_from_rgba. */
  unsigned char *tiles = pm_alloc(arena, total, bytes);
  pm_slice_report r = {.sheets = n, .kept_of = pm_alloc(arena, n, sizeof(size_t))};
  for (size_t s = 0; s < n; s++) {
    size_t across = tiles_along(sheets[s].width, w, margin, spacing);
    size_t down = tiles_along(sheets[s].height, h, margin, spacing);
    for (size_t t = 0; t < across * down; t++) {
      size_t x = margin + t % across * (w + spacing), y = margin + t / across * (h + spacing);
      tile_facts facts = copy_tile(tiles + r.kept * bytes, &sheets[s], x, y, &o);
      bool kept = keep_tile(&facts, &o, &set, tiles, bytes, &r);
      r.kept += kept;
      r.kept_of[s] += kept;
    }
  }
  if (report)
    *report = r;
  pm_image all = pm_image_from_rgba(arena, w, h * r.kept, tiles);
  return (pm_sprites){.count = r.kept,
                      .height = h,
                      .width = w,
                      .channels = o.keep_alpha ? 4 : 3,
                      .colours = all.colours,
                      .palette = all.palette,
                      .index = all.index,
                      .rgba = all.rgba};
}

void pm_slice_key(pm_image *sheet, const unsigned char rgb[3]) {
  if (sheet->colours) {
    for (size_t k = 0; k < sheet->colours; k++)
      if (memcmp(sheet->palette[k], rgb, 3) == 0)
        memset(sheet->palette[k], 0, 4);
    return;
  }
  for (size_t p = 0; p < sheet->width * sheet->height; p++)
    if (memcmp(sheet->rgba + 4 * p, rgb, 3) == 0)
      memset(sheet->rgba + 4 * p, 0, 4);
}
