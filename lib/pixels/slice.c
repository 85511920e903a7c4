#include "pixels/slice.h"

#include "core/compare.h"
#include "io/palette.h"
#include "pixels/frames.h"
#include "pixels/sheet_fit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DIFFERS_ABOVE = 10 };

static void lay_over(unsigned char out[4], const unsigned char rgba[4], const unsigned char background[3]) {
  for (int c = 0; c < 3; c++)
    out[c] = (unsigned char)((rgba[c] * rgba[3] + background[c] * (255 - rgba[3]) + 127) / 255);
  out[3] = 255;
}

typedef struct {
  bool transparent, faint, flat; /* faint: there is something, but nothing opaque */
  double density;
  size_t contour, vanished; /* as in the report */
} tile_facts;

/* A sheet, where one of its tiles lies, and how it is cut. */
typedef struct {
  const pm_image *sheet;
  const char *place;
  size_t x0, y0, w, h;
  const pm_slice_options *o;
} tile;

static const unsigned char *pixel_of(const tile *t, size_t y, size_t x) {
  return pm_image_pixel(t->sheet, t->y0 + y, t->x0 + x);
}

static bool differs(const unsigned char over[4], const unsigned char background[3]) {
  return abs(over[0] - background[0]) + abs(over[1] - background[1]) + abs(over[2] - background[2]) > DIFFERS_ABOVE;
}

static bool touches_clear(const tile *t, size_t y, size_t x) {
  return (x > 0 && pixel_of(t, y, x - 1)[3] < PM_OPAQUE_FROM) ||
         (x + 1 < t->w && pixel_of(t, y, x + 1)[3] < PM_OPAQUE_FROM) ||
         (y > 0 && pixel_of(t, y - 1, x)[3] < PM_OPAQUE_FROM) ||
         (y + 1 < t->h && pixel_of(t, y + 1, x)[3] < PM_OPAQUE_FROM);
}

/* Copies the tile into out[H, W, 4] as it would be kept. */
static tile_facts copy_tile(unsigned char *out, const tile *t) {
  const pm_slice_options *o = t->o;
  size_t differing = 0, opaque = 0;
  tile_facts facts = {.transparent = true, .flat = true};
  for (size_t y = 0; y < t->h; y++)
    for (size_t x = 0; x < t->w; x++) {
      const unsigned char *rgba = pixel_of(t, y, x);
      unsigned char over[4], *to = out + 4 * (y * t->w + x);
      lay_over(over, rgba, o->background);
      bool seen = differs(over, o->background);
      differing += seen;
      facts.transparent &= rgba[3] == 0;
      if (rgba[3] >= PM_OPAQUE_FROM) {
        opaque++;
        bool contour = touches_clear(t, y, x);
        facts.contour += contour;
        facts.vanished += contour && !seen;
      }
      memcpy(to, o->keep_alpha ? rgba : over, 4);
      if (to[3] == 0)
        memset(to, 0, 4); /* all that is invisible is equal */
      facts.flat &= memcmp(to, out, 4) == 0;
    }
  facts.faint = opaque == 0 && !facts.transparent;
  facts.density = (double)differing / (double)(t->w * t->h);
  return facts;
}

/* Of each block of k x k pixels one, in place. */
static void shrink_tile(unsigned char *out, const tile *t) {
  size_t k = (size_t)t->o->shrink, w = t->w / k, h = t->h / k;
  if (k == 1)
    return;
  for (size_t y = 0; y < t->h; y++)
    for (size_t x = 0; x < t->w; x++)
      if (memcmp(out + 4 * (y * t->w + x), out + 4 * (y / k * k * t->w + x / k * k), 4) != 0)
        pm_fail(
            PM_BAD_INPUT, t->place,
            "the block of %zu x %zu pixels at %zu, %zu is not of one colour, expected each pixel to be drawn so large "
            "(--shrink %zu)",
            k, k, t->x0 + x / k * k, t->y0 + y / k * k, k);
  for (size_t y = 0; y < h; y++)
    for (size_t x = 0; x < w; x++)
      memmove(out + 4 * (y * w + x), out + 4 * (y * k * t->w + x * k), 4);
}

/* ---- the colour at the tiles' edges ---- */

typedef struct {
  pm_arena *arena;
  uint32_t *rgb; /* of the opaque ones */
  size_t count, capacity;
} edge_list;

static void note_edge(edge_list *list, pm_slice_report *r, const unsigned char *rgba) {
  r->edges++;
  if (rgba[3] < PM_OPAQUE_FROM) {
    r->clear_edges++;
    return;
  }
  list->rgb = pm_grow(list->arena, list->rgb, &list->capacity, list->count + 1, sizeof *list->rgb);
  list->rgb[list->count++] = (uint32_t)rgba[0] << 16 | (uint32_t)rgba[1] << 8 | rgba[2];
}

static void note_edges(edge_list *list, pm_slice_report *r, const tile *t) {
  for (size_t y = 0; y < t->h; y++) {
    bool both_ends = y > 0 && y + 1 < t->h && t->w > 1; /* else the whole row is an edge */
    for (size_t x = 0; x < t->w; x += both_ends ? t->w - 1 : 1)
      note_edge(list, r, pixel_of(t, y, x));
  }
}

static void find_ground(edge_list *list, pm_slice_report *r) {
  if (list->count)
    qsort(list->rgb, list->count, sizeof *list->rgb, pm_compare_u32);
  for (size_t i = 0, next; i < list->count; i = next) {
    for (next = i + 1; next < list->count && list->rgb[next] == list->rgb[i];)
      next++;
    if (next - i > r->ground_edges) {
      r->ground_edges = next - i;
      for (int c = 0; c < 3; c++)
        r->ground[c] = (unsigned char)(list->rgb[i] >> (16 - 8 * c));
    }
  }
}

/* ---- which tiles stay ---- */

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
  if (facts->faint)
    return r->faint++, false;
  if (o->drop_flat && facts->flat)
    return r->flat++, false;
  if (facts->density < o->density[0] || facts->density > o->density[1])
    return r->outside++, false;
  if (o->distinct && !add_tile(set, tiles, bytes, r->kept))
    return r->repeated++, false;
  r->flat_kept += facts->flat;
  r->contour += facts->contour;
  r->vanished += facts->vanished;
  return true;
}

/* Slots for twice as many tiles as there may be. */
static tile_set tile_set_new(pm_arena *arena, size_t tiles) {
  tile_set set = {.mask = 1};
  while (set.mask < 2 * tiles)
    set.mask = 2 * set.mask + 1;
  set.slot = pm_alloc(arena, set.mask + 1, sizeof *set.slot);
  return set;
}

static size_t count_tiles(const pm_image *sheet, pm_grid grid, size_t *across) {
  size_t rest;
  *across = pm_grid_tiles(sheet->width, grid.x, &rest);
  return *across * pm_grid_tiles(sheet->height, grid.y, &rest);
}

pm_sprites pm_slice(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n, pm_slice_options o,
                    pm_slice_report *report) {
  assert(o.tile[0] >= 1 && o.tile[1] >= 1 && o.shrink >= 1 && o.frames[0] >= 1 && o.frames[1] >= 1);
  assert(o.tile[0] % o.shrink == 0 && o.tile[1] % o.shrink == 0);
  const bool *cut = pm_sheets_fit(arena, sheets, places, n, &o);
  if (o.frames[0] * o.frames[1] > 1)
    sheets = pm_join_frames(arena, sheets, places, n, cut, &o);
  pm_grid grid = pm_slice_grid(&o);
  size_t w = grid.x.tile, h = grid.y.tile, k = (size_t)o.shrink, bytes = 4 * (w / k) * (h / k), total = 0, across;
  for (size_t s = 0; s < n; s++)
    total += cut[s] ? count_tiles(&sheets[s], grid, &across) : 0;
  tile_set set = tile_set_new(arena, o.distinct ? total : 0);
  /* One above the other in one tall picture, so the colours are listed by pm_image_from_rgba; behind them is room for
   * a tile that is not shrunk yet. */
  unsigned char *tiles = pm_alloc(arena, pm_add(NULL, pm_multiply(NULL, total, bytes), 4 * w * h), 1);
  pm_slice_report r = {.sheets = n, .kept_of = pm_alloc(arena, n, sizeof(size_t))};
  edge_list edges = {.arena = arena};
  for (size_t s = 0; s < n; s++) {
    size_t count = cut[s] ? count_tiles(&sheets[s], grid, &across) : 0;
    for (size_t i = 0; i < count; i++) {
      tile t = {&sheets[s],
                places[s],
                grid.x.margin + i % across * (w + grid.x.spacing),
                grid.y.margin + i / across * (h + grid.y.spacing),
                w,
                h,
                &o};
      tile_facts facts = copy_tile(tiles + r.kept * bytes, &t);
      note_edges(&edges, &r, &t);
      shrink_tile(tiles + r.kept * bytes, &t);
      bool kept = keep_tile(&facts, &o, &set, tiles, bytes, &r);
      r.kept += kept;
      r.kept_of[s] += kept;
    }
  }
  find_ground(&edges, &r);
  if (report)
    *report = r;
  pm_image all = pm_image_from_rgba(arena, w / k, h / k * r.kept, tiles);
  return (pm_sprites){.count = r.kept,
                      .height = h / k,
                      .width = w / k,
                      .channels = o.keep_alpha ? 4 : 3,
                      .colours = all.colours,
                      .palette = all.palette,
                      .index = all.index,
                      .rgba = all.rgba};
}

int pm_colour_distance(const unsigned char a[3], const unsigned char b[3]) {
  int distance = 0;
  for (int c = 0; c < 3; c++)
    distance = abs(a[c] - b[c]) > distance ? abs(a[c] - b[c]) : distance;
  return distance;
}

/* `pixels` of one colour; true if they are to be transparent. */
static bool is_key(const unsigned char *rgba, const unsigned char rgb[3], int tolerance, size_t pixels,
                   pm_key_report *r) {
  int distance = pm_colour_distance(rgba, rgb);
  if (rgba[3] == 0)
    return false;
  if (distance <= tolerance) {
    r->matched += pixels;
    return true;
  }
  if (distance <= PM_KEY_NEAR) {
    r->near += pixels;
    r->farthest = distance > r->farthest ? distance : r->farthest;
  }
  return false;
}

void pm_slice_key(pm_image *sheet, const unsigned char rgb[3], int tolerance, pm_key_report *report) {
  size_t pixels = sheet->width * sheet->height, count[256] = {0};
  if (!sheet->colours) {
    for (size_t p = 0; p < pixels; p++)
      if (is_key(sheet->rgba + 4 * p, rgb, tolerance, 1, report))
        memset(sheet->rgba + 4 * p, 0, 4);
    return;
  }
  for (size_t p = 0; p < pixels; p++)
    count[sheet->index[p]]++;
  for (size_t k = 0; k < sheet->colours; k++)
    if (is_key(sheet->palette[k], rgb, tolerance, count[k], report))
      memset(sheet->palette[k], 0, 4);
}
