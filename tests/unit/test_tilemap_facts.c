/* Figures about tilemaps: what the generator draws is legal, all of it, and nothing else. */
#include "check.h"

#include "core/random.h"
#include "pixels/tilemap_facts.h"

#include <math.h>

enum { GRID = PM_TILEMAP_GRID, SIDE = PM_TILEMAP_SIDE, MANY = 10000 };

typedef unsigned char grid[GRID][GRID];
typedef const unsigned char (*const_grid)[GRID];

static int theme_of(grid kinds) {
  return (int)pm_tilemap_theme_of((const_grid)kinds);
}

/* Kinds by letter: . floor, # wall, ~ water, s sky, * accent, g grass. */
static int theme_of_drawing(const char *drawing) {
  static const char letters[] = {
      [PM_FLOOR] = '.', [PM_WALL] = '#', [PM_WATER] = '~', [PM_SKY] = 's', [PM_ACCENT] = '*', [PM_GRASS] = 'g'};
  grid kinds;
  assert_int_equal(strlen(drawing), GRID * GRID);
  for (int i = 0; i < GRID * GRID; i++)
    kinds[i / GRID][i % GRID] = (unsigned char)((const char *)memchr(letters, drawing[i], sizeof letters) - letters);
  return theme_of(kinds);
}

static void what_is_drawn_is_legal(void **state) {
  (void)state;
  for (uint64_t i = 0; i < MANY; i++) {
    grid kinds;
    int theme = (int)pm_tilemap_draw(3, i, kinds);
    for (int t = 0; t < PM_TILEMAP_THEMES; t++)
      assert_int_equal(pm_tilemap_legal((enum pm_tilemap_theme)t, (const_grid)kinds), t == theme);
    assert_int_equal(theme_of(kinds), theme);
  }
}

/* One cell of a kind that its place cannot have. */
static void one_wrong_cell_is_enough(void **state) {
  (void)state;
  pm_rng rng = pm_rng_start(8, "wrong cells", 0);
  for (uint64_t i = 0; i < MANY; i++) {
    grid kinds;
    int theme = (int)pm_tilemap_draw(5, i, kinds);
    int x = pm_rng_between(&rng, 0, GRID - 1), y = pm_rng_between(&rng, 0, GRID - 1);
    unsigned char *cell = &kinds[y][x], old = *cell;
    static const unsigned char foreign[PM_TILEMAP_THEMES][3] = {
        {PM_SKY, PM_ACCENT, PM_GRASS}, {PM_SKY, PM_ACCENT, PM_ACCENT}, {PM_WATER, PM_GRASS, PM_GRASS}};
    *cell = foreign[theme][pm_rng_below(&rng, 3)];
    assert_int_equal(theme_of(kinds), PM_TILEMAP_THEMES);
    *cell = old;
    if (theme == PM_ISLAND && old != PM_WALL) {
      *cell = old == PM_FLOOR ? PM_WATER : PM_FLOOR;
      assert_int_equal(theme_of(kinds), PM_TILEMAP_THEMES);
    } else if (theme == PM_SKYLINE && y >= 4) {
      *cell = y == 4 ? PM_FLOOR : PM_SKY;
      assert_int_equal(theme_of(kinds), PM_TILEMAP_THEMES);
      *cell = PM_WALL;
      assert_int_equal(theme_of(kinds), PM_TILEMAP_THEMES);
    }
  }
}

/* All rectangles of water there are: legal are those that the generator can place. */
static void pools(void **state) {
  (void)state;
  bool reachable[GRID][GRID][GRID + 1][GRID + 1] = {{{{false}}}};
  for (int x = 1; x <= 5; x++)
    for (int y = 1; y <= 5; y++)
      for (int w = 2; w <= 4; w++)
        for (int h = 2; h <= 4; h++)
          reachable[y][x][y + h > GRID ? GRID - y : h][x + w > GRID ? GRID - x : w] = true;
  for (int y = 0; y < GRID; y++)
    for (int x = 0; x < GRID; x++)
      for (int h = 1; y + h <= GRID; h++)
        for (int w = 1; x + w <= GRID; w++) {
          grid kinds = {{PM_FLOOR}};
          kinds[0][7] = PM_WALL;
          for (int j = y; j < y + h; j++)
            memset(&kinds[j][x], PM_WATER, (size_t)w);
          assert_int_equal(theme_of(kinds), reachable[y][x][h][w] ? PM_CAVE : PM_TILEMAP_THEMES);
          kinds[y][x] = PM_FLOOR; /* no rectangle any more, unless it was one cell wide */
          if (w > 1 && h > 1)
            assert_int_equal(theme_of(kinds), PM_TILEMAP_THEMES);
        }
  grid dry = {{PM_FLOOR}};
  assert_int_equal(theme_of(dry), PM_TILEMAP_THEMES);
}

/* Columns of 0, 2, 3 or 4 as two bits each; every city of up to four buildings. */
static unsigned with_building(unsigned city, int first, int width, unsigned level) {
  for (int x = first; x < first + width; x++)
    if ((city >> 2 * x & 3) < level)
      city = (city & ~(3u << 2 * x)) | level << 2 * x;
  return city;
}

static void cities(void **state) {
  (void)state;
  static bool reachable[5][1 << 2 * GRID];
  reachable[0][0] = true;
  for (int n = 0; n < 4; n++)
    for (unsigned city = 0; city < 1u << 2 * GRID; city++)
      for (int width = 1; reachable[n][city] && width <= 3; width++)
        for (int first = 0; first + width <= GRID; first++)
          for (unsigned level = 1; level <= 3; level++)
            reachable[n + 1][with_building(city, first, width, level)] = true;
  size_t legal = 0;
  for (unsigned city = 0; city < 1u << 2 * GRID; city++) {
    grid kinds;
    memset(kinds, PM_SKY, 5 * GRID);
    memset(kinds[5], PM_FLOOR, 3 * GRID);
    for (int x = 0; x < GRID; x++)
      for (unsigned level = city >> 2 * x & 3, y = 0; level > 0 && y < level + 1; y++)
        kinds[3 - y][x] = PM_WALL;
    assert_int_equal(theme_of(kinds), reachable[4][city] ? PM_SKYLINE : PM_TILEMAP_THEMES);
    legal += reachable[4][city];
  }
  assert_in_range(legal, 1000, 60000);
}

static void skies(void **state) {
  (void)state;
  static const struct {
    const char *map;
    int theme;
  } cases[] = {
      /* lights on a building's foot and on the ground */
      {"ssssssss#sssssss##ssssss**ssssssssssssss......*..............*..", PM_SKYLINE},
      /* a light in the sky, in the street's sky, on a wall's upper half */
      {"ssssssss#sssssss##ssssss##s*ssssssssssss........................", PM_TILEMAP_THEMES},
      {"ssssssss#sssssss##ssssss##sssssssssssss*........................", PM_TILEMAP_THEMES},
      {"ssssssss#sssssss#*ssssss##ssssssssssssss........................", PM_TILEMAP_THEMES},
      /* eight lights, and nine */
      {"ssssssss#sssssss##ssssss##ssssssssssssss********................", PM_SKYLINE},
      {"ssssssss#sssssss##ssssss*#ssssssssssssss********................", PM_TILEMAP_THEMES},
      /* no building, one of a single storey, one that hangs, one with a hole */
      {"ssssssssssssssssssssssssssssssssssssssss........................", PM_TILEMAP_THEMES},
      {"ssssssssssssssssssssssss#sssssssssssssss........................", PM_TILEMAP_THEMES},
      {"ssssssss##ssssss##ssssss#sssssssssssssss........................", PM_TILEMAP_THEMES},
      {"ssssssss##sssssss#ssssss##ssssssssssssss........................", PM_TILEMAP_THEMES},
      {"ssssssssssssssss#sssssss#sssssssssssssss........................", PM_SKYLINE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(theme_of_drawing(cases[i].map), cases[i].theme);
}

static void rocks(void **state) {
  (void)state;
  /* Around 4, 4; the cell at 3, 1 from there is 3.16 away and no grass. */
  char map[GRID * GRID + 1] = "............g.....ggggg...g~~~g..gg~~~gg..g~~~g...ggggg.....g...";
  assert_int_equal(theme_of_drawing(map), PM_ISLAND);
  /* Eight rocks are as many as there can be. */
  memset(map, '#', 8);
  assert_int_equal(theme_of_drawing(map), PM_ISLAND);
  map[63] = '#';
  assert_int_equal(theme_of_drawing(map), PM_TILEMAP_THEMES);
  map[0] = '.';
  assert_int_equal(theme_of_drawing(map), PM_ISLAND);
  map[8 * 4 + 4] = '#'; /* on the lake */
  assert_int_equal(theme_of_drawing(map), PM_TILEMAP_THEMES);
  map[1] = '.';
  assert_int_equal(theme_of_drawing(map), PM_ISLAND);
  map[8 + 3] = 'g'; /* beside the ring */
  assert_int_equal(theme_of_drawing(map), PM_TILEMAP_THEMES);
}

static pm_tensor drawn(pm_arena *arena, uint64_t seed, size_t n) {
  pm_sprites maps = pm_tilemaps(arena, seed, 0, n, NULL);
  return pm_sprites_to_tensor(arena, &maps);
}

static void the_data_set(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor maps = drawn(arena, 1, MANY);
  pm_tilemap_facts f = pm_tilemap_judge(arena, &maps, "maps");
  assert_int_equal(f.maps, MANY);
  assert_true(f.spread == 0 && f.distance == 0 && f.flat == 1 && f.exact == 1 && f.legal[PM_TILEMAP_THEMES] == 0);
  /* Counted by an independent program, in percent. */
  static const double shares[PM_TILEMAP_KINDS] = {
      [PM_FLOOR] = 54, [PM_WALL] = 15, [PM_WATER] = 9, [PM_SKY] = 12, [PM_ACCENT] = 1, [PM_GRASS] = 10};
  for (int kind = 0; kind < PM_TILEMAP_KINDS; kind++)
    assert_true(fabs(100 * f.share[kind] - shares[kind]) < 0.8);
  for (int theme = 0; theme < PM_TILEMAP_THEMES; theme++)
    assert_true(fabs(f.legal[theme] - 1 / 3.0) < 0.02);
  pm_arena_free(arena);
}

/* Figures that can be worked out by hand. */
static void figures(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor maps = drawn(arena, 1, 2);
  unsigned char *pixel = maps.data;
  grid kinds;
  pm_tilemap_draw(1, 0, kinds);
  /* One pixel of one channel 8 away from the 15 others: deviation 8 * sqrt(15) / 16. */
  pixel[0] += pixel[0] < 128 ? 8 : -8;
  pm_tilemap_facts f = pm_tilemap_judge(arena, &maps, "maps");
  assert_true(fabs(f.spread - 8 * sqrt(15) / 16 / 3 / 128) < 1e-12);
  assert_true(fabs(f.distance - 8.0 / 2048) < 1e-7);
  assert_true(f.flat == 1 && f.exact == 1 && f.legal[PM_TILEMAP_THEMES] == 0);

  /* Seven of sixteen pixels in another colour: the tile is no longer flat and keeps its kind; with nine it goes. */
  unsigned char *last = (unsigned char *)maps.data + 3 * (2 * SIDE * SIDE - 1);
  enum pm_tilemap_kind other = memcmp(last, pm_tilemap_colours[PM_SKY], 3) ? PM_SKY : PM_GRASS;
  for (int p = 0; p < 9; p++) {
    memcpy(last - 3 * (p / 4 * SIDE + p % 4), pm_tilemap_colours[other], 3);
    f = pm_tilemap_judge(arena, &maps, "maps");
    assert_true(f.flat == 127.0 / 128 && f.exact == 0.5);
    if (p + 1 != 8) /* at eight to eight the first kind of the list wins, which may be either */
      assert_true(f.legal[PM_TILEMAP_THEMES] == (p + 1 > 8 ? 0.5 : 0));
  }
  pm_arena_free(arena);
}

static void floats_are_bytes_over_255(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor bytes = drawn(arena, 2, 3), reals = pm_tensor_new(arena, PM_F32, bytes.shape);
  pm_rng rng = pm_rng_start(1, "noise", 0);
  for (size_t i = 0; i < pm_shape_count(bytes.shape); i++) {
    unsigned char *byte = (unsigned char *)bytes.data + i;
    *byte = (unsigned char)(*byte - pm_rng_below(&rng, 20));
    ((float *)reals.data)[i] = (float)*byte / 255;
  }
  pm_tilemap_facts a = pm_tilemap_judge(arena, &bytes, "a"), b = pm_tilemap_judge(arena, &reals, "b");
  assert_true(a.spread > 4 && fabs(a.spread - b.spread) < 1e-4 && fabs(a.distance - b.distance) < 1e-4);
  assert_true(a.flat == b.flat && a.exact == b.exact && memcmp(a.share, b.share, sizeof a.share) == 0);
  for (size_t i = 0; i < pm_shape_count(bytes.shape); i++)
    ((float *)reals.data)[i] = i % 2 ? -3 : 7;
  b = pm_tilemap_judge(arena, &reals, "b");
  assert_true(b.spread > 127 && b.spread < 128);
  pm_arena_free(arena);
}

static void refused(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const size_t sizes[][4] = {{2, 32, 32, 4}, {2, 16, 32, 3}, {2, 32, 16, 3}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    pm_tensor maps = pm_tensor_new(arena, PM_U8, pm_shape_of(4, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]));
    PM_EXPECT_FAIL(PM_BAD_INPUT, "expected tilemaps: [N, 32, 32, 3]", pm_tilemap_judge(arena, &maps, "here"));
  }
  pm_tensor maps = pm_tensor_new(arena, PM_I32, pm_shape_of(4, (size_t)1, (size_t)SIDE, (size_t)SIDE, (size_t)3));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "here: holds i32", pm_tilemap_judge(arena, &maps, "here"));
  maps = pm_tensor_new(arena, PM_F32, maps.shape);
  ((float *)maps.data)[5] = NAN;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "here: value 5 is not a finite number", pm_tilemap_judge(arena, &maps, "here"));
  maps = pm_tensor_new(arena, PM_U8, pm_shape_of(4, (size_t)0, (size_t)SIDE, (size_t)SIDE, (size_t)3));
  pm_tilemap_facts f = pm_tilemap_judge(arena, &maps, "here");
  assert_true(f.maps == 0 && f.spread == 0 && f.flat == 0 && f.distance == 0);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_drawn_is_legal),
      cmocka_unit_test(one_wrong_cell_is_enough),
      cmocka_unit_test(pools),
      cmocka_unit_test(cities),
      cmocka_unit_test(skies),
      cmocka_unit_test(rocks),
      cmocka_unit_test(the_data_set),
      cmocka_unit_test(figures),
      cmocka_unit_test(floats_are_bytes_over_255),
      cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
