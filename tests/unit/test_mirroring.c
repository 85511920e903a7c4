/* Whether a set's mirror images look like its sprites: the built-in set, which is lit from the left, and sets made for
 * it. */
#include "check.h"

#include "art/sprite_set.h"
#include "core/random.h"
#include "eval/mirroring.h"

#include <math.h>
#include <string.h>

static void near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.9g, expected %.9g", got, want);
}

static void the_built_in_set_is_lit_from_the_left(void **state) {
  (void)state;
  static const size_t counts[] = {100, 300, 1200};
  pm_arena *arena = pm_arena_new();
  for (size_t i = 0; i < 3; i++) {
    pm_sprites s = pm_art_draw(arena, PM_ART_SEED, counts[i], NULL, false);
    assert_true(pm_mirroring_test(arena, &s, NULL).differs);
  }
  pm_sprites s = pm_art_draw(arena, PM_ART_SEED, 1200, NULL, false);
  pm_mirroring all = pm_mirroring_test(arena, &s, NULL), again = pm_mirroring_test(arena, &s, NULL);
  near(all.mirrored, 0.148, 0.01);
  near(all.halves, 0.026, 0.005);
  assert_true(all.mirrored == again.mirrored && all.halves == again.halves);
  /* Without those that are left out it is the test of the others. */
  bool *out = pm_alloc(arena, s.count, sizeof *out);
  for (size_t i = 300; i < s.count; i++)
    out[i] = true;
  pm_mirroring some = pm_mirroring_test(arena, &s, out);
  s.count = 300;
  pm_mirroring first = pm_mirroring_test(arena, &s, NULL);
  assert_true(some.mirrored == first.mirrored && some.halves == first.halves && first.mirrored != all.mirrored);
  pm_arena_free(arena);
}

/* The built-in sprites and their mirror images, in turn: light from either side. */
static void a_set_with_its_mirror_images_is_symmetric(void **state) {
  (void)state;
  static const size_t counts[] = {30, 60, 300, 1200};
  pm_arena *arena = pm_arena_new();
  for (size_t k = 0; k < 4; k++) {
    pm_sprites s = pm_art_draw(arena, PM_ART_SEED, counts[k], NULL, false);
    for (size_t i = 0; i < s.count; i += 2)
      for (size_t row = 0; row < s.height; row++)
        for (size_t x = 0; x < s.width / 2; x++) {
          unsigned char *line = s.index + (i * s.height + row) * s.width, kept = line[x];
          line[x] = line[s.width - 1 - x];
          line[s.width - 1 - x] = kept;
        }
    pm_mirroring m = pm_mirroring_test(arena, &s, NULL);
    assert_false(m.differs);
    assert_true(m.mirrored < 1.2 * m.halves);
  }
  pm_arena_free(arena);
}

enum { NOISE = 400, SIDE = 8 };

static void fill(unsigned char *pixels, uint64_t seed, uint32_t colours) {
  pm_rng rng = pm_rng_start(seed, "pixels", 0);
  for (size_t i = 0; i < (size_t)NOISE * SIDE * SIDE; i++)
    pixels[i] = (unsigned char)pm_rng_below(&rng, colours);
}

static void noise_has_no_side(void **state) {
  (void)state;
  static unsigned char pixels[NOISE * SIDE * SIDE];
  pm_arena *arena = pm_arena_new();
  static const uint32_t colours[] = {1, 2, 5, 256};
  for (size_t k = 0; k < 4; k++) {
    fill(pixels, k, colours[k]);
    pm_mirroring m = pm_mirroring_test_pixels(arena, pixels, NOISE, SIDE, SIDE, 1);
    assert_false(m.differs);
    if (k == 0)
      assert_true(m.mirrored == 0 && m.halves == 0);
  }
  /* A side it has where brighter colours never stand left of darker ones. */
  fill(pixels, 9, 3);
  for (size_t i = 0; i < (size_t)NOISE * SIDE * SIDE; i++)
    if (i % SIDE && pixels[i] < pixels[i - 1])
      pixels[i] = pixels[i - 1];
  assert_true(pm_mirroring_test_pixels(arena, pixels, NOISE, SIDE, SIDE, 1).differs);
  /* Of a few there is nothing to be told, nor of sprites without a pattern. */
  assert_false(pm_mirroring_test_pixels(arena, pixels, 19, SIDE, SIDE, 1).differs);
  assert_true(pm_mirroring_test_pixels(arena, pixels, 0, SIDE, SIDE, 1).mirrored == 0);
  assert_true(pm_mirroring_test_pixels(arena, pixels, NOISE, 1, SIDE, 1).mirrored == 0);
  pm_arena_free(arena);
}

/* Bytes in colours that their two highest bits tell apart are as good as indices. */
static void colours_without_a_palette(void **state) {
  (void)state;
  static unsigned char pixels[NOISE * SIDE * SIDE], bytes[NOISE * SIDE * SIDE * 4];
  static const unsigned char table[4][4] = {{0, 0, 0, 255}, {70, 0, 200, 255}, {255, 255, 130, 255}, {9, 9, 9, 0}};
  pm_arena *arena = pm_arena_new();
  for (size_t channels = 3; channels <= 4; channels++) {
    fill(pixels, 4, (uint32_t)channels);
    for (size_t i = 0; i < sizeof pixels; i++)
      memcpy(bytes + i * channels, table[pixels[i]], channels);
    pm_mirroring a = pm_mirroring_test_pixels(arena, pixels, NOISE, SIDE, SIDE, 1);
    pm_mirroring b = pm_mirroring_test_pixels(arena, bytes, NOISE, SIDE, SIDE, channels);
    near(b.mirrored, a.mirrored, 1e-12); /* sums in the order of other numbers */
    near(b.halves, a.halves, 1e-12);
  }
  pm_arena_free(arena);
}

/* More windows than are looked at: 70,000 sprites of 8 x 8. */
static void of_very_many_some_are_looked_at(void **state) {
  (void)state;
  enum { MANY = 70000 };
  pm_arena *arena = pm_arena_new();
  unsigned char *pixels = pm_alloc(arena, (size_t)MANY * SIDE, SIDE);
  pm_rng rng = pm_rng_start(3, "pixels", 0);
  for (size_t i = 0; i < (size_t)MANY * SIDE * SIDE; i++)
    pixels[i] = i % SIDE && i / SIDE % 2 ? pixels[i - 1] : (unsigned char)pm_rng_below(&rng, 2);
  pm_mirroring m = pm_mirroring_test_pixels(arena, pixels, MANY, SIDE, SIDE, 1);
  assert_false(m.differs);
  assert_true(m.halves > 0 && m.halves < 1e-3);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_built_in_set_is_lit_from_the_left),
      cmocka_unit_test(a_set_with_its_mirror_images_is_symmetric),
      cmocka_unit_test(noise_has_no_side),
      cmocka_unit_test(colours_without_a_palette),
      cmocka_unit_test(of_very_many_some_are_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
