#include "pixels/tilemap_facts.h"

#include "pixels/snap.h"

#include <math.h>
#include <string.h>

enum {
  GRID = PM_TILEMAP_GRID,
  TILE = PM_TILEMAP_TILE,
  SIDE = PM_TILEMAP_SIDE,
  HORIZON = 4, /* last row of sky; buildings stand on it */
  BUILDINGS = 4,
  WIDEST = 3,
  LOWEST = 2,
  TRIES = 8, /* for rocks and for lights */
};

typedef unsigned char grid[GRID][GRID];
typedef const unsigned char (*const_grid)[GRID];

/* ---- legality ---- */

/* The pool is drawn last, so the water is the pool: a full rectangle. */
static bool legal_cave(const_grid kinds) {
  int left = GRID, top = GRID, right = -1, bottom = -1, water = 0;
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++)
      if (kinds[y][x] == PM_WATER) {
        left = x < left ? x : left, right = x > right ? x : right;
        top = y < top ? y : top, bottom = y;
        water++;
      } else if (kinds[y][x] != PM_FLOOR && kinds[y][x] != PM_WALL) {
        return false;
      }
  int width = right - left + 1, height = bottom - top + 1;
  return water == width * height && width >= 2 && width <= 4 && height >= 2 && height <= 4 && left >= 1 && left <= 5 &&
         top >= 1 && top <= 5;
}

static bool island_around(const_grid kinds, int cx, int cy) {
  int rocks = 0;
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++) {
      /* Squares of distances are whole numbers: nearer than 1.44 is at most 2, than 3.04 at most 9. */
      int squared = (x - cx) * (x - cx) + (y - cy) * (y - cy);
      int ground = squared <= 2 ? PM_WATER : squared <= 9 ? PM_GRASS : PM_FLOOR;
      if (kinds[y][x] == PM_WALL)
        rocks++;
      else if (kinds[y][x] != ground)
        return false;
    }
  return rocks <= TRIES;
}

static bool legal_island(const_grid kinds) {
  for (int cy = GRID / 2 - 1; cy <= GRID / 2 + 1; cy++)
    for (int cx = GRID / 2 - 1; cx <= GRID / 2 + 1; cx++)
      if (island_around(kinds, cx, cy))
        return true;
  return false;
}

/* Whether at most `left` buildings can make columns of these heights, of which those marked in `done` are made already.
 * The first one that is not needs a building of its height, as wide as the columns beside it allow; narrower columns of
 * the same building are covered by the way. */
static bool can_build(const int height[GRID], unsigned done, int left) {
  int x = 0;
  while (x < GRID && (height[x] == 0 || (done >> x & 1)))
    x++;
  if (x == GRID)
    return true;
  if (left == 0)
    return false;
  for (int first = x - WIDEST + 1; first <= x; first++)
    for (int last = x; last < first + WIDEST; last++) {
      unsigned made = done;
      bool stands = first >= 0 && last < GRID;
      for (int i = first; stands && i <= last; i++) {
        stands = height[i] >= height[x];
        made |= (unsigned)(height[i] == height[x]) << i;
      }
      if (stands && can_build(height, made, left - 1))
        return true;
    }
  return false;
}

static bool legal_skyline(const_grid kinds) {
  int height[GRID] = {0}, lights = 0, tallest = 0;
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++) {
      int kind = kinds[y][x];
      /* A light in row 3 was wall before. */
      bool built = y < HORIZON && (kind == PM_WALL || (kind == PM_ACCENT && y == HORIZON - 1));
      bool open = y > HORIZON ? kind == PM_FLOOR || kind == PM_ACCENT : kind == PM_SKY;
      if (!built && !open)
        return false;
      if (built && height[x] == 0)
        height[x] = HORIZON - y;
      if (!built && y < HORIZON && height[x] > 0) /* sky below a wall */
        return false;
      lights += kind == PM_ACCENT;
    }
  for (int x = 0; x < GRID; x++) {
    if (height[x] > 0 && height[x] < LOWEST)
      return false;
    tallest = height[x] > tallest ? height[x] : tallest;
  }
  return tallest > 0 && lights <= TRIES && can_build(height, 0, BUILDINGS);
}

bool pm_tilemap_legal(enum pm_tilemap_theme theme, const unsigned char kinds[GRID][GRID]) {
  static bool (*const legal[PM_TILEMAP_THEMES])(const_grid) = {legal_cave, legal_island, legal_skyline};
  return legal[theme](kinds);
}

enum pm_tilemap_theme pm_tilemap_theme_of(const unsigned char kinds[GRID][GRID]) {
  int theme = 0;
  while (theme < PM_TILEMAP_THEMES && !pm_tilemap_legal((enum pm_tilemap_theme)theme, kinds))
    theme++;
  return (enum pm_tilemap_theme)theme;
}

/* ---- figures ---- */

static double value_of(const pm_tensor *maps, size_t at) {
  if (maps->dtype == PM_U8)
    return ((const unsigned char *)maps->data)[at];
  float value = ((const float *)maps->data)[at];
  return value > 0 ? (value < 1 ? value * 255.0 : 255.0) : 0.0;
}

/* Standard deviation inside the tile whose first value is number `at`, mean of the channels. */
static double spread_of_tile(const pm_tensor *maps, size_t at) {
  double spread = 0;
  for (size_t c = 0; c < 3; c++) {
    double sum = 0, squares = 0;
    for (size_t p = 0; p < TILE * TILE; p++)
      sum += value_of(maps, at + 3 * (p / TILE * SIDE + p % TILE) + c);
    for (size_t p = 0; p < TILE * TILE; p++) {
      double d = value_of(maps, at + 3 * (p / TILE * SIDE + p % TILE) + c) - sum / (TILE * TILE);
      squares += d * d;
    }
    spread += sqrt(squares / (TILE * TILE));
  }
  return spread / 3;
}

static int kind_of(const unsigned char rgb[3]) {
  int kind = 0;
  while (memcmp(pm_tilemap_colours[kind], rgb, 3) != 0)
    kind++;
  return kind;
}

/* The kind of the tile whose first byte this is; *flat: all its pixels have it. */
static int kind_of_tile(const unsigned char *snapped, bool *flat) {
  int count[PM_TILEMAP_KINDS] = {0}, most = 0;
  for (size_t p = 0; p < TILE * TILE; p++)
    count[kind_of(snapped + 3 * (p / TILE * SIDE + p % TILE))]++;
  for (int kind = 1; kind < PM_TILEMAP_KINDS; kind++)
    if (count[kind] > count[most])
      most = kind;
  *flat = count[most] == TILE * TILE;
  return most;
}

static void judge_map(pm_tilemap_facts *facts, const pm_tensor *maps, const unsigned char *snapped, size_t map) {
  grid kinds;
  int flat_tiles = 0;
  for (size_t y = 0; y < GRID; y++)
    for (size_t x = 0; x < GRID; x++) {
      size_t at = 3 * ((map * SIDE + y * TILE) * SIDE + x * TILE);
      bool flat;
      kinds[y][x] = (unsigned char)kind_of_tile(snapped + at, &flat);
      facts->spread += spread_of_tile(maps, at);
      facts->share[kinds[y][x]]++;
      flat_tiles += flat;
    }
  enum pm_tilemap_theme theme = pm_tilemap_theme_of((const_grid)kinds);
  facts->legal[theme]++;
  facts->flat += flat_tiles;
  facts->exact += theme < PM_TILEMAP_THEMES && flat_tiles == GRID * GRID;
}

pm_tilemap_facts pm_tilemap_judge(pm_arena *arena, const pm_tensor *maps, const char *place) {
  pm_snap_check(arena, maps, place);
  size_t n = maps->shape.dim[0];
  if (!pm_shape_equal(maps->shape, pm_shape_of(4, n, (size_t)SIDE, (size_t)SIDE, (size_t)3)))
    pm_fail(PM_BAD_INPUT, place, "is an array %s, expected tilemaps: [N, %d, %d, 3]", pm_shape_text(arena, maps->shape),
            SIDE, SIDE);
  pm_palette palette = {.count = PM_TILEMAP_KINDS};
  for (int kind = 0; kind < PM_TILEMAP_KINDS; kind++) {
    memcpy(palette.rgba[kind], pm_tilemap_colours[kind], 3);
    palette.rgba[kind][3] = 255;
  }
  unsigned char *snapped = pm_alloc(arena, pm_shape_count(maps->shape), 1);
  pm_snap_report report;
  pm_snap(*maps, &palette, snapped, &report);

  pm_tilemap_facts facts = {.maps = n, .distance = report.mean};
  for (size_t map = 0; map < n; map++)
    judge_map(&facts, maps, snapped, map);
  if (n == 0)
    return facts;
  double tiles = (double)n * GRID * GRID;
  facts.spread /= tiles;
  facts.flat /= tiles;
  facts.exact /= (double)n;
  for (int kind = 0; kind < PM_TILEMAP_KINDS; kind++)
    facts.share[kind] /= tiles;
  for (int theme = 0; theme <= PM_TILEMAP_THEMES; theme++)
    facts.legal[theme] /= (double)n;
  return facts;
}
