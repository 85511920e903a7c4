/* Toy tilemaps: that each is what its theme says, and how often things happen. */
#include "check.h"

#include "pixels/tilemaps.h"

#include <math.h>

enum { GRID = PM_TILEMAP_GRID, MANY = 6000 };

typedef unsigned char grid[GRID][GRID];

/* The first cell of water in reading order, and the rectangle that all water makes. */
static bool is_pool(grid kinds, int *x, int *y, int *width, int *height) {
  *x = *y = GRID;
  int right = -1, bottom = -1, count = 0;
  for (int j = 0; j < GRID; j++)
    for (int i = 0; i < GRID; i++)
      if (kinds[j][i] == PM_WATER) {
        *x = i < *x ? i : *x, *y = j < *y ? j : *y;
        right = i > right ? i : right, bottom = j;
        count++;
      }
  *width = right - *x + 1, *height = bottom - *y + 1;
  return count > 0 && count == *width * *height;
}

static void caves_have_a_pool_and_walls(void **state) {
  (void)state;
  size_t caves = 0, walls = 0, dry = 0, corners[GRID][GRID] = {{0}}, sides[5] = {0};
  for (uint64_t i = 0; i < MANY; i++) {
    grid kinds;
    if (pm_tilemap_draw(1, i, kinds) != PM_CAVE)
      continue;
    int x, y, width, height;
    assert_true(is_pool(kinds, &x, &y, &width, &height));
    assert_in_range(x, 1, 5);
    assert_in_range(y, 1, 5);
    assert_true(width >= 2 && width <= 4 && height >= 2 && height <= 4);
    caves++;
    corners[y][x]++;
    if (x < 5)
      sides[width]++;
    for (int j = 0; j < GRID; j++)
      for (int k = 0; k < GRID; k++) {
        assert_true(kinds[j][k] == PM_FLOOR || kinds[j][k] == PM_WALL || kinds[j][k] == PM_WATER);
        dry += kinds[j][k] != PM_WATER;
        walls += kinds[j][k] == PM_WALL;
      }
  }
  assert_true(fabs((double)walls / (double)dry - 0.18) < 0.005);
  for (int y = 1; y <= 5; y++)
    for (int x = 1; x <= 5; x++)
      assert_true(fabs((double)corners[y][x] / (double)caves - 0.04) < 0.02);
  for (int side = 2; side <= 4; side++) /* at x < 5 nothing is clipped */
    assert_true(fabs((double)sides[side] / (double)caves - 0.8 / 3) < 0.05);
}

static void islands_are_rings_with_rocks(void **state) {
  (void)state;
  size_t islands = 0, rocks[9] = {0};
  for (uint64_t i = 0; i < MANY; i++) {
    grid kinds;
    if (pm_tilemap_draw(2, i, kinds) != PM_ISLAND)
      continue;
    islands++;
    int centres = 0;
    size_t rocks_here = 0;
    for (int cy = 3; cy <= 5; cy++)
      for (int cx = 3; cx <= 5; cx++) {
        bool fits = true;
        size_t walls = 0;
        for (int y = 0; y < GRID; y++)
          for (int x = 0; x < GRID; x++) {
            double d = sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy));
            int kind = d < 1.44 ? PM_WATER : d < 3.04 ? PM_GRASS : PM_FLOOR;
            walls += kinds[y][x] == PM_WALL;
            fits &= kinds[y][x] == kind || kinds[y][x] == PM_WALL;
          }
        centres += fits;
        rocks_here = walls;
      }
    assert_int_equal(centres, 1);
    assert_in_range(rocks_here, 0, 8);
    rocks[rocks_here]++;
  }
  /* Eight tries of 1/4 each; that two hit the same cell is rare. */
  assert_true(fabs((double)rocks[0] / (double)islands - pow(0.75, 8)) < 0.025);
  assert_true(fabs((double)rocks[2] / (double)islands - 28 * pow(0.75, 6) / 16) < 0.04);
}

static void skylines_stand_on_row_4(void **state) {
  (void)state;
  size_t skylines = 0, lights = 0, lowest_tower = 0, tops[4] = {0};
  for (uint64_t i = 0; i < MANY; i++) {
    grid kinds;
    if (pm_tilemap_draw(3, i, kinds) != PM_SKYLINE)
      continue;
    skylines++;
    int top = GRID;
    for (int x = 0; x < GRID; x++) {
      assert_int_equal(kinds[4][x], PM_SKY); /* neither building nor light */
      bool building = false;
      for (int y = 0; y < 4; y++) {
        bool solid = kinds[y][x] == PM_WALL || kinds[y][x] == PM_ACCENT;
        assert_true(solid || kinds[y][x] == PM_SKY);
        assert_true(kinds[y][x] != PM_ACCENT || y == 3); /* lights lie in rows 3 … 7 */
        assert_true(solid || !building);                 /* buildings reach down to row 3 */
        top = solid && y < top ? y : top;
        building |= solid;
      }
      assert_true(!building || kinds[2][x] != PM_SKY); /* at least 2 high */
      for (int y = 5; y < GRID; y++)
        assert_true(kinds[y][x] == PM_FLOOR || kinds[y][x] == PM_ACCENT);
      for (int y = 0; y < GRID; y++)
        lights += kinds[y][x] == PM_ACCENT;
    }
    assert_in_range(top, 0, 2);
    tops[top]++;
    lowest_tower += top == 2;
  }
  /* All four of height 2: (1/3)^4; at least one of height 4: 1 - (2/3)^4. */
  assert_true(fabs((double)lowest_tower / (double)skylines - 1 / 81.0) < 0.01);
  assert_true(fabs((double)tops[0] / (double)skylines - (1 - 16 / 81.0)) < 0.03);
  /* 8 tries of 0.2, of which 3/5 hit the ground and 1/5 row 3, mostly building. */
  assert_true(lights > skylines * 0.95 && lights < skylines * 1.25);
}

static void themes_are_one_in_three(void **state) {
  (void)state;
  size_t themes[PM_TILEMAP_THEMES] = {0};
  grid kinds;
  for (uint64_t i = 0; i < MANY; i++)
    themes[pm_tilemap_draw(4, i, kinds)]++;
  for (int t = 0; t < PM_TILEMAP_THEMES; t++)
    assert_true(fabs((double)themes[t] / MANY - 1 / 3.0) < 0.025);
}

static void each_map_depends_on_seed_and_number_alone(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  int32_t themes[20], later_themes[5];
  pm_sprites maps = pm_tilemaps(arena, 9, 0, 20, themes), later = pm_tilemaps(arena, 9, 15, 5, later_themes);
  pm_sprites others = pm_tilemaps(arena, 10, 0, 20, NULL);
  size_t bytes = PM_TILEMAP_SIDE * PM_TILEMAP_SIDE;
  assert_memory_equal(later.index, maps.index + 15 * bytes, 5 * bytes);
  assert_memory_equal(later_themes, themes + 15, sizeof later_themes);
  assert_memory_not_equal(others.index, maps.index, 20 * bytes);
  for (size_t i = 1; i < 20; i++)
    assert_memory_not_equal(maps.index, maps.index + i * bytes, bytes);
  pm_arena_free(arena);
}

static void tiles_are_4_pixels_wide(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  int32_t theme;
  pm_sprites map = pm_tilemaps(arena, 5, 3, 1, &theme);
  grid kinds;
  assert_int_equal(pm_tilemap_draw(5, 3, kinds), theme);
  assert_int_equal(map.height, 32);
  assert_int_equal(map.width, 32);
  assert_int_equal(map.channels, 3);
  for (size_t y = 0; y < 32; y++)
    for (size_t x = 0; x < 32; x++) {
      const unsigned char *rgba = pm_sprites_pixel(&map, 0, y, x);
      assert_memory_equal(rgba, pm_tilemap_colours[kinds[y / 4][x / 4]], 3);
      assert_int_equal(rgba[3], 255);
    }
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(caves_have_a_pool_and_walls),
      cmocka_unit_test(islands_are_rings_with_rocks),
      cmocka_unit_test(skylines_stand_on_row_4),
      cmocka_unit_test(themes_are_one_in_three),
      cmocka_unit_test(each_map_depends_on_seed_and_number_alone),
      cmocka_unit_test(tiles_are_4_pixels_wide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
