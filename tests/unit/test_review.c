/* The review of a set: what is counted, and which are named. */
#include "check.h"
#include "drawn.h"

#include "core/tasks.h"
#include "pixels/blocks.h"
#include "pixels/review.h"

static void copies_and_families_are_counted_apart(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  /* 0; 1 of its own; 2 is 0; 3 is 0 mirrored; 4 is 0 recoloured; 5 is 4; 6 is 1 moved down by one. */
  pm_sprites s = drawn_sprites(arena, 7,
                               "aab/bba/aaa/"
                               "abc/cab/bca/"
                               "aab/bba/aaa/"
                               "baa/abb/aaa/"
                               "ccd/ddc/ccc/"
                               "ccd/ddc/ccc/"
                               "bca/abc/cab/");
  for (int threads = 1; threads <= 3; threads += 2) {
    pm_set_threads(threads);
    pm_review r = pm_sprites_review(arena, &s);
    assert_int_equal(r.copies, 2);
    assert_int_equal(r.copy.sprite, 2);
    assert_int_equal(r.copy.earlier, 0);
    assert_int_equal(r.alike, 3);
    assert_int_equal(r.likeness.sprite, 3);
    assert_int_equal(r.likeness.earlier, 0);
    assert_int_equal(r.colours, 4);
  }
  pm_arena_free(arena);
}

static void rare_colours_come_rarest_first(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  /* k three times; ten others twice, and x and y once; transparent and half transparent pixels are no colours, or are.
   */
  pm_sprites s = drawn_sprites(arena, 1, "kkkaa/bbccd/deeff/gghhi/ijjxy/...AB/");
  pm_review r = pm_sprites_review(arena, &s);
  assert_int_equal(r.half_transparent, 2);
  assert_int_equal(r.colours, 1 + 10 + 2 + 2);
  assert_int_equal(r.rare, 14);
  for (size_t i = 0; i < PM_RARE_LISTED; i++) {
    assert_int_equal(r.rare_first[i].pixels, i < 4 ? 1 : 2);
    if (i > 0 && r.rare_first[i].pixels == r.rare_first[i - 1].pixels)
      assert_true(r.rare_first[i].rgb > r.rare_first[i - 1].rgb);
  }
  pm_arena_free(arena);
}

static void sets_without_sprites_or_of_one(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites none = {.height = 2, .width = 2, .channels = 3};
  pm_review r = pm_sprites_review(arena, &none);
  assert_int_equal(r.colours + r.rare + r.copies + r.alike + r.half_transparent, 0);
  pm_sprites one = drawn_sprites(arena, 1, "aaa/");
  r = pm_sprites_review(arena, &one);
  assert_int_equal(r.colours, 1);
  assert_int_equal(r.rare + r.copies + r.alike, 0);
  pm_arena_free(arena);
}

/* A picture whose pixels are drawn block x block. */
static pm_image enlarged(pm_arena *arena, size_t width, size_t rows, size_t block) {
  unsigned char *rgba = pm_alloc(arena, width * rows, 4);
  for (size_t y = 0; y < rows; y++)
    for (size_t x = 0; x < width; x++)
      memcpy(rgba + 4 * (y * width + x),
             (unsigned char[]){(unsigned char)(x / block * 7), (unsigned char)(y / block * 11), 0, 255}, 4);
  return pm_image_from_rgba(arena, width, rows, rgba);
}

static void blocks_are_seen(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (size_t block = 1; block <= 6; block++) {
    pm_image one = enlarged(arena, 60, 60, block);
    assert_int_equal(pm_block_side(&one, 60), block);
    pm_image five = enlarged(arena, 60, 120, block); /* sprites of 60 x 24 */
    assert_int_equal(pm_block_side(&five, 24), block == 5 ? 1 : block);
    if (one.index)
      one.index[60 * 59 + 59] = (unsigned char)(one.index[60 * 59 + 59] ? 0 : 1);
    else
      one.rgba[4 * (60 * 59 + 59)] ^= 1;
    assert_int_equal(pm_block_side(&one, 60), 1);
  }
  pm_image flat = enlarged(arena, 32, 32, 32), coarse = enlarged(arena, 12, 12, 6);
  assert_int_equal(pm_block_side(&flat, 32), 1);
  assert_int_equal(pm_block_side(&coarse, 12), 3); /* no fewer than 4 pixels a side are left */
  pm_arena_free(arena);
}

static void empty_sprites_are_counted(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites s = drawn_sprites(arena, 3, "../../a./../B./../");
  assert_int_equal(pm_sprites_review(arena, &s).empty, 1); /* capitals are half transparent, and opaque enough */
  assert_int_equal(pm_sprites_review(arena, &s).block, 1);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(copies_and_families_are_counted_apart),
      cmocka_unit_test(rare_colours_come_rarest_first),
      cmocka_unit_test(sets_without_sprites_or_of_one),
      cmocka_unit_test(blocks_are_seen),
      cmocka_unit_test(empty_sprites_are_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
