#include "pixels/tilemaps.h"

#include "core/random.h"

#include <stdbool.h>
#include <string.h>

enum { GRID = PM_TILEMAP_GRID, TILE = PM_TILEMAP_TILE, SIDE = PM_TILEMAP_SIDE, HORIZON = 4 /* last row of sky */ };

const unsigned char pm_tilemap_colours[PM_TILEMAP_KINDS][3] = {
    [PM_FLOOR] = {30, 30, 30},  [PM_WALL] = {210, 210, 210},  [PM_WATER] = {40, 120, 220},
    [PM_SKY] = {130, 200, 255}, [PM_ACCENT] = {240, 180, 60}, [PM_GRASS] = {60, 220, 120},
};
const char *const pm_tilemap_theme_names[PM_TILEMAP_THEMES] = {"cave", "island", "skyline"};

typedef unsigned char grid[GRID][GRID];

/* Rows y … y + height - 1 and columns alike, as far as they lie on the map. */
static void fill(grid kinds, int x, int y, int width, int height, enum pm_tilemap_kind kind) {
  for (int j = y; j < y + height && j < GRID; j++)
    for (int i = x; i < x + width && i < GRID; i++)
      kinds[j][i] = (unsigned char)kind;
}

static void draw_cave(pm_rng *rng, grid kinds) {
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++)
      kinds[y][x] = pm_rng_chance(rng, 0.18) ? PM_WALL : PM_FLOOR;
  int x = pm_rng_between(rng, 1, 5), y = pm_rng_between(rng, 1, 5);
  int width = pm_rng_between(rng, 2, 4), height = pm_rng_between(rng, 2, 4);
  fill(kinds, x, y, width, height, PM_WATER);
}

static void draw_island(pm_rng *rng, grid kinds) {
  int cx = GRID / 2 + pm_rng_between(rng, -1, 1), cy = GRID / 2 + pm_rng_between(rng, -1, 1);
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++) {
      double squared = (x - cx) * (x - cx) + (y - cy) * (y - cy);
      kinds[y][x] = squared < 1.44 * 1.44 ? PM_WATER : squared < 3.04 * 3.04 ? PM_GRASS : PM_FLOOR;
    }
  for (int rock = 0; rock < 8; rock++) {
    int x = pm_rng_between(rng, 0, GRID - 1), y = pm_rng_between(rng, 0, GRID - 1);
    if (pm_rng_chance(rng, 0.25))
      kinds[y][x] = PM_WALL;
  }
}

static void draw_skyline(pm_rng *rng, grid kinds) {
  fill(kinds, 0, 0, GRID, HORIZON + 1, PM_SKY);
  fill(kinds, 0, HORIZON + 1, GRID, GRID - HORIZON - 1, PM_FLOOR);
  for (int building = 0; building < 4; building++) {
    int width = pm_rng_between(rng, 1, 3), height = pm_rng_between(rng, 2, 4);
    fill(kinds, pm_rng_between(rng, 0, GRID - width), HORIZON - height, width, height, PM_WALL);
  }
  for (int light = 0; light < 8; light++) {
    int x = pm_rng_between(rng, 0, GRID - 1), y = pm_rng_between(rng, 3, GRID - 1);
    bool takes_light = kinds[y][x] == PM_FLOOR || kinds[y][x] == PM_WALL;
    if (pm_rng_chance(rng, 0.2) && takes_light)
      kinds[y][x] = PM_ACCENT;
  }
}

enum pm_tilemap_theme pm_tilemap_draw(uint64_t seed, uint64_t i, grid kinds) {
  static void (*const draw[PM_TILEMAP_THEMES])(pm_rng *, grid) = {draw_cave, draw_island, draw_skyline};
  pm_rng rng = pm_rng_start(seed, "tilemap", i);
  uint32_t theme = pm_rng_below(&rng, PM_TILEMAP_THEMES);
  draw[theme](&rng, kinds);
  return (enum pm_tilemap_theme)theme;
}

pm_sprites pm_tilemaps(pm_arena *arena, uint64_t seed, uint64_t first, size_t n, int32_t *themes) {
  pm_sprites s = {.count = n, .height = SIDE, .width = SIDE, .channels = 3, .colours = PM_TILEMAP_KINDS};
  s.palette = pm_alloc(arena, PM_TILEMAP_KINDS, sizeof *s.palette);
  for (int k = 0; k < PM_TILEMAP_KINDS; k++) {
    memcpy(s.palette[k], pm_tilemap_colours[k], 3);
    s.palette[k][3] = 255;
  }
  s.index = pm_alloc(arena, n, SIDE * SIDE);
  for (size_t i = 0; i < n; i++) {
    grid kinds;
    enum pm_tilemap_theme theme = pm_tilemap_draw(seed, first + i, kinds);
    if (themes)
      themes[i] = (int32_t)theme;
    unsigned char *map = s.index + i * SIDE * SIDE;
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++)
        map[y * SIDE + x] = kinds[y / TILE][x / TILE];
  }
  return s;
}
