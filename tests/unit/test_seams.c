/* Tiles: rolling by half, what of them is drawn anew and on what condition, and how well copies fit. */
#include "check.h"

#include "art/sprite_set.h"
#include "eval/score.h"
#include "eval/seams.h"
#include "train/seam.h"

#include <math.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, TWO = 2 };

static void rolling_by_half_and_back(void **state) {
  (void)state;
  unsigned char in[15], out[15], again[15];
  for (int k = 0; k < 15; k++)
    in[k] = (unsigned char)k;
  const unsigned char right[15] = {3, 4, 0, 1, 2, 8, 9, 5, 6, 7, 13, 14, 10, 11, 12};
  const unsigned char down[15] = {10, 11, 12, 13, 14, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  pm_roll_half(out, in, 3, 5, 1, PM_TILE_X, false);
  assert_memory_equal(out, right, 15);
  pm_roll_half(out, in, 3, 5, 1, PM_TILE_Y, false);
  assert_memory_equal(out, down, 15);
  for (pm_tiling t = PM_TILE_NONE; t <= PM_TILE_XY; t++) {
    pm_roll_half(out, in, 3, 5, 1, t, false);
    pm_roll_half(again, out, 3, 5, 1, t, true);
    assert_memory_equal(again, in, 15);
  }
}

static void beside_the_seam(void **state) {
  (void)state;
  for (size_t x = 0; x < 5; x++) /* 0 came to 2, and 4 to 1 */
    assert_int_equal(pm_beside_seam(0, x, 3, 5, 1, PM_TILE_X), x == 1 || x == 2);
  assert_true(pm_beside_seam(1, 0, 4, 4, 1, PM_TILE_Y) && pm_beside_seam(2, 0, 4, 4, 1, PM_TILE_XY));
  assert_false(pm_beside_seam(1, 0, 4, 4, 1, PM_TILE_X));
}

/* ---- what is drawn anew ---- */

static const float table[2] = {0, 1};

static pm_model_facts black_and_white(void) {
  return (pm_model_facts){.format = {.height = SIDE, .width = SIDE, .channels = 1, .colours = 2, .table = table},
                          .palette = {.count = 2, .rgba = {{0, 0, 0, 255}, {255, 0, 0, 255}}}};
}

typedef struct {
  int passes;
  size_t unknown[3];
  bool kept; /* what is fixed is as the sprites were */
} drawn;

/* Draws white wherever something may be drawn. */
static void draw_white(void *context, pm_hints *hints, float *sprites) {
  drawn *d = context;
  for (size_t i = 0; i < TWO * PIXELS; i++)
    if (hints->pixel[i] == PM_HINT_UNKNOWN)
      sprites[i] = 1, d->unknown[d->passes]++;
    else
      d->kept &= (float)hints->pixel[i] == sprites[i];
  d->passes++;
}

static drawn close_black(pm_arena *arena, pm_tiling tiling, float *sprites, const pm_hints *also) {
  const pm_model_facts model = black_and_white();
  drawn d = {.kept = true};
  memset(sprites, 0, TWO * PIXELS * sizeof *sprites);
  pm_close_seams(arena, &model, sprites, TWO, also, tiling, draw_white, &d);
  return d;
}

static void strips_along_the_edges_and_where_their_ends_meet(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const pm_model_facts model = black_and_white();
  pm_hints also = pm_hints_new(arena, &model.format, TWO);
  float sprites[TWO * PIXELS];
  for (pm_tiling t = PM_TILE_X; t <= PM_TILE_XY; t++) {
    const drawn d = close_black(arena, t, sprites, &also);
    assert_true(d.kept);
    assert_int_equal(d.passes, t == PM_TILE_XY ? 3 : 1);
    assert_int_equal(d.unknown[0], TWO * (t == PM_TILE_XY ? PIXELS - 16 : PIXELS / 2));
    for (int i = 0; t == PM_TILE_XY && i < 2; i++)
      assert_int_equal(d.unknown[1 + i], TWO * 16);
    for (size_t i = 0; i < TWO * PIXELS; i++) { /* white within a quarter of the side from an edge */
      const size_t x = i % SIDE, y = i / SIDE % SIDE;
      const bool near = (t & PM_TILE_X && (x < 2 || x >= 6)) || (t & PM_TILE_Y && (y < 2 || y >= 6));
      assert_true(sprites[i] == (near ? 1 : 0));
    }
  }
  /* What is fixed besides stays fixed, wherever sprites are rolled to. */
  also.pixel[0] = 0;
  also.pixel[PIXELS + 3] = 0;
  const drawn d = close_black(arena, PM_TILE_XY, sprites, &also);
  assert_int_equal(d.unknown[0], TWO * (PIXELS - 16) - 2);
  assert_true(d.kept && sprites[0] == 0 && sprites[PIXELS + 3] == 0 && sprites[PIXELS] == 1 && sprites[3] == 1);
  pm_arena_free(arena);
}

/* ---- how well copies fit ---- */

static pm_score_set bricks(pm_arena *arena, uint64_t seed, size_t count) {
  const size_t brick = pm_art_class_find(PM_ART_TERRAIN, "brick");
  const pm_art_choice choice = {PM_ART_TERRAIN, &brick, 1, 1};
  const pm_sprites drawn_ones = pm_art_draw_classes(arena, seed, count, &choice, NULL, false);
  const pm_tensor array = pm_sprites_to_tensor(arena, &drawn_ones);
  return (pm_score_set){"bricks", array, drawn_ones, NULL};
}

static double seam_bits(pm_arena *arena, const pm_score_set *set, const pm_score_reference *r, pm_tiling tiling) {
  pm_score score = {0};
  pm_score_add_seams(arena, &score, set, r, tiling, 1);
  assert_string_equal(score.measure[0].name, "seam-bits");
  assert_int_equal(score.measure[0].n, set->sprites.count);
  return score.measure[0].estimate.value;
}

static void seams_cost_bits_where_copies_do_not_fit(void **state) {
  (void)state;
  enum { SPRITE = PM_ART_SIDE * PM_ART_SIDE * 3, ROW = PM_ART_SIDE * 3 };
  pm_arena *arena = pm_arena_new();
  const pm_score_set data = bricks(arena, 1, 200), fresh = bricks(arena, 2, 40);
  pm_score_reference r = pm_score_reference_of(arena, &data, 0, NULL);
  pm_score_reference_fit(arena, &r);
  /* The rightmost columns of another tile: seams along x that do not fit, and along y as before. */
  pm_tensor array = pm_tensor_new(arena, PM_U8, fresh.array.shape);
  memcpy(array.data, fresh.array.data, pm_shape_count(array.shape));
  for (size_t i = 0; i < 40; i++)
    for (size_t y = 0; y < PM_ART_SIDE; y++)
      memcpy((unsigned char *)array.data + i * SPRITE + y * ROW + ROW - 9,
             (const unsigned char *)fresh.array.data + (i + 7) % 40 * SPRITE + y * ROW + ROW - 9, 9);
  const pm_score_set torn = {"torn", array, pm_sprites_from_tensor(arena, &array, "torn"), NULL};
  const double x = seam_bits(arena, &fresh, &r, PM_TILE_X), torn_x = seam_bits(arena, &torn, &r, PM_TILE_X);
  const double y = seam_bits(arena, &fresh, &r, PM_TILE_Y), torn_y = seam_bits(arena, &torn, &r, PM_TILE_Y);
  print_message("seams of whole tiles: %.2f along x, %.2f along y; of torn ones %.2f, %.2f\n", x, y, torn_x, torn_y);
  assert_true(torn_x > 2 * x);
  assert_true(torn_x > 1.5 * torn_y);
  /* Of each pixel of a tile that is rolled, beside the seam or not: together as many as the code tells. */
  pm_indexed sprites = pm_score_indexed(arena, &fresh, &r.palette);
  double all[40], some[40], others[40];
  bool counted[PM_ART_SIDE * PM_ART_SIDE], rest[PM_ART_SIDE * PM_ART_SIDE];
  for (int p = 0; p < PM_ART_SIDE * PM_ART_SIDE; p++)
    rest[p] = !(counted[p] = p % 4 == 0);
  pm_context_code_bits(r.code, &sprites, NULL, all);
  pm_context_code_bits(r.code, &sprites, counted, some);
  pm_context_code_bits(r.code, &sprites, rest, others);
  for (int i = 0; i < 40; i++)
    assert_true(fabs(some[i] / 4 + others[i] * 3 / 4 - all[i]) < 1e-9);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rolling_by_half_and_back),
      cmocka_unit_test(beside_the_seam),
      cmocka_unit_test(strips_along_the_edges_and_where_their_ends_meet),
      cmocka_unit_test(seams_cost_bits_where_copies_do_not_fit),
  };
  return cmocka_run_group_tests_name("seams", tests, NULL, NULL);
}
