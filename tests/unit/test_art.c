/* The built-in set: what it promises about every sprite, and the tools it is drawn with. */
#include "check.h"

#include "art/canvas.h"
#include "art/sprite_set.h"

enum { PIXELS = PM_ART_SIDE * PM_ART_SIDE };

static pm_arena *arena;
static pm_sprites set;
static int32_t labels[PM_ART_COUNT];

static int draw_set(void **state) {
  (void)state;
  arena = pm_arena_new();
  set = pm_art_draw(arena, PM_ART_SEED, PM_ART_COUNT, labels, false);
  return 0;
}

static int free_set(void **state) {
  (void)state;
  pm_arena_free(arena);
  return 0;
}

static const unsigned char *sprite(size_t i) {
  return set.index + i * PIXELS;
}

static void test_shape_and_palette(void **state) {
  (void)state;
  assert_int_equal(set.count, PM_ART_COUNT);
  assert_int_equal(set.height, 16);
  assert_int_equal(set.width, 16);
  assert_int_equal(set.channels, 3);
  assert_in_range(set.colours, 8, 16);
  size_t used[PM_MAX_COLOURS] = {0};
  for (size_t k = 0; k < set.count * PIXELS; k++) {
    assert_true(set.index[k] < set.colours);
    used[set.index[k]]++;
  }
  for (size_t a = 0; a < set.colours; a++) {
    assert_true(used[a] > 0);
    assert_int_equal(set.palette[a][3], 255);
    for (size_t b = 0; b < a; b++)
      assert_memory_not_equal(set.palette[a], set.palette[b], 3);
  }
  const unsigned char black[4] = {0, 0, 0, 255};
  assert_memory_equal(set.palette[PM_BACKGROUND], black, 4);
}

static void test_classes_take_turns(void **state) {
  (void)state;
  assert_true(pm_art_classes(PM_ART_THINGS) >= 10);
  for (size_t i = 0; i < set.count; i++)
    assert_int_equal(labels[i], i % pm_art_classes(PM_ART_THINGS));
  for (pm_art_set any = PM_ART_THINGS; any <= PM_ART_TERRAIN; any++) {
    for (size_t k = 0; k < pm_art_classes(any); k++)
      assert_int_equal(pm_art_class_find(any, pm_art_class_name(any, k)), k);
    assert_int_equal(pm_art_class_find(any, "dragon"), pm_art_classes(any));
  }
}

static void test_cover(void **state) {
  (void)state;
  for (size_t i = 0; i < set.count; i++) {
    double covered = 0;
    for (int k = 0; k < PIXELS; k++)
      covered += sprite(i)[k] != PM_BACKGROUND;
    if (covered / PIXELS < 0.15 || covered / PIXELS > 0.75)
      fail_msg("sprite %zu covers %g of its square, expected 0.15 to 0.75", i, covered / PIXELS);
  }
}

/* No pixel of a figure stands alone. */
static void test_no_stray_pixels(void **state) {
  (void)state;
  for (size_t i = 0; i < set.count; i++)
    for (int y = 0; y < PM_ART_SIDE; y++)
      for (int x = 0; x < PM_ART_SIDE; x++) {
        if (!sprite(i)[y * PM_ART_SIDE + x])
          continue;
        int company = (x > 0 && sprite(i)[y * PM_ART_SIDE + x - 1]) + (x < 15 && sprite(i)[y * PM_ART_SIDE + x + 1]) +
                      (y > 0 && sprite(i)[(y - 1) * PM_ART_SIDE + x]) +
                      (y < 15 && sprite(i)[(y + 1) * PM_ART_SIDE + x]);
        if (!company)
          fail_msg("sprite %zu has a stray pixel at column %d, row %d", i, x, y);
      }
}

/* True if a flipped is b with its colours exchanged one for one. */
static bool recoloured(const unsigned char *a, const unsigned char *b, int flip) {
  int there[PM_ART_COLOURS], back[PM_ART_COLOURS];
  memset(there, -1, sizeof there);
  memset(back, -1, sizeof back);
  for (int k = 0; k < PIXELS; k++) {
    int x = k % PM_ART_SIDE, y = k / PM_ART_SIDE;
    int one = a[k], other = b[(flip & 2 ? 15 - y : y) * PM_ART_SIDE + (flip & 1 ? 15 - x : x)];
    if (there[one] < 0 && back[other] < 0)
      there[one] = other, back[other] = one;
    if (there[one] != other || back[other] != one)
      return false;
  }
  return true;
}

static void test_all_different(void **state) {
  (void)state;
  for (size_t i = 0; i < set.count; i++)
    for (size_t j = 0; j < i; j++)
      for (int flip = 0; flip < 4; flip++)
        if (recoloured(sprite(i), sprite(j), flip))
          fail_msg("sprites %zu and %zu are equal up to flips and colours", j, i);
}

static void test_pure_function_of_seed_and_number(void **state) {
  (void)state;
  int32_t some[100];
  pm_sprites first = pm_art_draw(arena, PM_ART_SEED, 100, some, false);
  assert_memory_equal(first.index, set.index, 100 * PIXELS);
  assert_memory_equal(some, labels, sizeof some);
  pm_sprites other = pm_art_draw(arena, PM_ART_SEED + 1, 100, NULL, false);
  size_t same = 0;
  for (size_t i = 0; i < 100; i++)
    same += !memcmp(first.index + i * PIXELS, other.index + i * PIXELS, PIXELS);
  assert_int_equal(same, 0);
  /* The high half of the seed counts, too. */
  other = pm_art_draw(arena, PM_ART_SEED + ((uint64_t)1 << 40), 1, NULL, false);
  assert_memory_not_equal(first.index, other.index, PIXELS);
}

static void test_chosen_classes(void **state) {
  (void)state;
  size_t chosen[2] = {pm_art_class_find(PM_ART_THINGS, "key"), pm_art_class_find(PM_ART_THINGS, "gem")};
  const pm_art_choice choice = {PM_ART_THINGS, chosen, 2, 1};
  int32_t some[5];
  pm_sprites sprites = pm_art_draw_classes(arena, 0, 5, &choice, some, true);
  assert_int_equal(sprites.count, 5);
  for (int i = 0; i < 5; i++)
    assert_int_equal(some[i], i % 2);
  assert_int_equal(sprites.channels, 4);
  assert_int_equal(sprites.palette[PM_BACKGROUND][3], 0);
  assert_int_equal(sprites.palette[PM_INK][3], 255);
}

static void test_no_more_than_there_are(void **state) {
  (void)state;
  size_t tool = pm_art_class_find(PM_ART_THINGS, "tool");
  const pm_art_choice choice = {PM_ART_THINGS, &tool, 1, 1};
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "the class tool has no sprite number",
                 pm_art_draw_classes(arena, 0, 50000, &choice, NULL, false));
}

/* How often pixels differ from their neighbour to the right, or below, of whole columns or rows, in 1/1000. */
static size_t changes(const pm_sprites *tiles, bool across, bool seam) {
  size_t differ = 0, pairs = 0;
  for (size_t i = 0; i < tiles->count; i++)
    for (int k = 0; k < PIXELS; k++) {
      const int y = k / PM_ART_SIDE, x = k % PM_ART_SIDE, last = PM_ART_SIDE - 1;
      if (((across ? x : y) == last) != seam)
        continue;
      const int next = across ? y * PM_ART_SIDE + (x + 1) % PM_ART_SIDE : (y + 1) % PM_ART_SIDE * PM_ART_SIDE + x;
      pairs++;
      differ += tiles->index[i * PIXELS + (size_t)k] != tiles->index[i * PIXELS + (size_t)next];
    }
  return differ * 1000 / pairs;
}

/* Class by class: across the seam of two copies, colours change no oftener than inside, and everything is covered. */
static void test_terrain_wraps_around(void **state) {
  (void)state;
  for (size_t k = 0; k < pm_art_classes(PM_ART_TERRAIN); k++) {
    const pm_art_choice choice = {PM_ART_TERRAIN, &k, 1, 1};
    pm_sprites tiles = pm_art_draw_classes(arena, 3, 200, &choice, NULL, false);
    for (size_t p = 0; p < tiles.count * PIXELS; p++)
      assert_int_not_equal(tiles.index[p], PM_BACKGROUND);
    for (int across = 0; across < 2; across++) {
      const size_t inside = changes(&tiles, across, false), seam = changes(&tiles, across, true);
      if (seam > inside + inside / 5 || inside > seam + seam / 5)
        fail_msg("%s: colours change at %zu of 1000 places on a seam, %zu inside", pm_art_class_name(PM_ART_TERRAIN, k),
                 seam, inside);
    }
  }
}

/* Leave-one-out nearest neighbour in RGB: a class is a class if its pictures look like each other. */
static void test_classes_are_recognisable(void **state) {
  (void)state;
  int between[PM_ART_COLOURS][PM_ART_COLOURS];
  for (size_t a = 0; a < set.colours; a++)
    for (size_t b = 0; b < set.colours; b++) {
      between[a][b] = 0;
      for (int c = 0; c < 3; c++)
        between[a][b] += (set.palette[a][c] - set.palette[b][c]) * (set.palette[a][c] - set.palette[b][c]);
    }
  size_t right = 0;
  for (size_t i = 0; i < set.count; i++) {
    long nearest = -1;
    int32_t guess = -1;
    for (size_t j = 0; j < set.count; j++) {
      long distance = 0;
      for (int k = 0; k < PIXELS; k++)
        distance += between[sprite(i)[k]][sprite(j)[k]];
      if (j != i && (nearest < 0 || distance < nearest))
        nearest = distance, guess = labels[j];
    }
    right += guess == labels[i];
  }
  print_message("nearest neighbour finds the class of %zu of %zu sprites\n", right, set.count);
  assert_true(right * 100 >= set.count * 95);
}

static void test_ball_is_lit_from_the_top_left(void **state) {
  (void)state;
  pm_canvas c = pm_canvas_new(16, 16);
  pm_ball(&c, 2, 2, 13, 13, pm_steel);
  assert_int_equal(pm_get(&c, 5, 5), PM_WHITE);
  assert_int_equal(pm_get(&c, 11, 11), PM_SLATE);
  assert_int_equal(pm_get(&c, 2, 2), PM_BACKGROUND);
  size_t covered = pm_canvas_covered(&c);
  assert_in_range(covered, 100, 124); /* pi * 36 = 113 */
}

static void test_outline_surrounds_the_figure(void **state) {
  (void)state;
  pm_canvas c = pm_canvas_new(5, 5);
  pm_put(&c, 2, 2, PM_GREEN);
  pm_outline(&c);
  const unsigned char expected[25] = {0,      0,       0,        0,      0, /**/ 0, 0, PM_PINE, 0, 0,
                                      /**/ 0, PM_PINE, PM_GREEN, PM_INK, 0, /**/
                                      0,      0,       PM_INK,   0,      0, /**/ 0, 0, 0,       0, 0};
  assert_memory_equal(c.pixel, expected, 25);
}

static void test_stamp_reads_letters(void **state) {
  (void)state;
  static const char *const rows[] = {"ad.#", "h_W ", NULL};
  const pm_ramp ramps[4] = {pm_gold, pm_blue, pm_red, pm_red};
  pm_canvas c = pm_canvas_new(4, 3);
  pm_rectangle(&c, 0, 0, 3, 2, PM_PURPLE);
  pm_stamp(&c, 0, 0, rows, ramps);
  const unsigned char expected[12] = {PM_BROWN, PM_WHITE,  PM_PURPLE, PM_INK,    PM_WHITE,  PM_BACKGROUND,
                                      PM_WHITE, PM_PURPLE, PM_PURPLE, PM_PURPLE, PM_PURPLE, PM_PURPLE};
  assert_memory_equal(c.pixel, expected, 12);
  pm_stamp(&c, -3, 2, rows, ramps); /* cut off at the edges */
  assert_int_equal(pm_get(&c, 0, 2), PM_INK);
  assert_int_equal(pm_get(&c, 1, 2), PM_PURPLE);
  assert_int_equal(pm_get(&c, -1, 2), PM_BACKGROUND);
}

static void test_transposed_keeps_the_light(void **state) {
  (void)state;
  pm_canvas c = pm_canvas_new(3, 2);
  pm_put(&c, 2, 1, PM_RED);
  pm_canvas turned = pm_transposed(&c);
  assert_int_equal(turned.width, 2);
  assert_int_equal(turned.height, 3);
  assert_int_equal(pm_get(&turned, 1, 2), PM_RED);
  assert_int_equal(pm_canvas_covered(&turned), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shape_and_palette),
      cmocka_unit_test(test_classes_take_turns),
      cmocka_unit_test(test_cover),
      cmocka_unit_test(test_no_stray_pixels),
      cmocka_unit_test(test_all_different),
      cmocka_unit_test(test_pure_function_of_seed_and_number),
      cmocka_unit_test(test_chosen_classes),
      cmocka_unit_test(test_no_more_than_there_are),
      cmocka_unit_test(test_terrain_wraps_around),
      cmocka_unit_test(test_classes_are_recognisable),
      cmocka_unit_test(test_ball_is_lit_from_the_top_left),
      cmocka_unit_test(test_outline_surrounds_the_figure),
      cmocka_unit_test(test_stamp_reads_letters),
      cmocka_unit_test(test_transposed_keeps_the_light),
  };
  return cmocka_run_group_tests_name("art", tests, draw_set, free_set);
}
