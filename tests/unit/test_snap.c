/* Snapping: against a plain search, at any thread count, and its report. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "pixels/snap.h"

#include <math.h>

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static const pm_palette three = {3, {{0, 0, 0, 255}, {200, 0, 0, 255}, {0, 0, 255, 255}}};

static pm_tensor bytes_of(pm_arena *arena, size_t n, size_t channels, const unsigned char *bytes) {
  pm_tensor t = pm_tensor_new(arena, PM_U8, pm_shape_of(4, n, (size_t)1, (size_t)1, channels));
  memcpy(t.data, bytes, n * channels);
  return t;
}

static void takes_the_nearest_colour(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const unsigned char in[] = {0, 0, 0, 197, 4, 0, 99, 0, 0, 101, 0, 0, 10, 20, 250};
  static const unsigned char expected[] = {0, 0, 0, 200, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 255};
  unsigned char out[sizeof in];
  pm_snap_report report;
  pm_snap(bytes_of(arena, 5, 3, in), &three, out, &report);
  assert_memory_equal(out, expected, sizeof out);
  assert_int_equal(report.pixels, 5);
  assert_int_equal(report.off, 4);
  assert_near(report.largest, 99, 1e-4);
  assert_near(report.mean, (5 + 99 + 99 + sqrt(100 + 400 + 25)) / 5, 1e-4);
  pm_arena_free(arena);
}

static void draws_the_line_at_half_a_level(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor t = pm_tensor_new(arena, PM_F32, pm_shape_of(4, (size_t)4, (size_t)1, (size_t)1, (size_t)3));
  float *value = t.data;
  value[0] = 0.49f / 255;
  value[3] = 0.51f / 255;
  value[6] = -7;  /* clamped */
  value[11] = 99; /* clamped to blue */
  unsigned char out[12];
  static const unsigned char expected[12] = {[11] = 255};
  pm_snap_report report;
  pm_snap(t, &three, out, &report);
  assert_memory_equal(out, expected, 12);
  assert_int_equal(report.off, 1);
  assert_near(report.largest, 0.51, 1e-4);
  pm_arena_free(arena);
}

static void keeps_transparency_whatever_the_palette_says(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const unsigned char in[] = {9, 9, 9, 0, 200, 0, 0, 127, 200, 0, 0, 128, 200, 0, 0, 255};
  static const unsigned char expected[] = {0, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 255, 200, 0, 0, 255};
  pm_palette with = {4, {{0, 0, 0, 0}, {0, 0, 0, 255}, {200, 0, 0, 255}, {0, 0, 255, 255}}};
  const pm_palette *palettes[] = {&three, &with};
  for (int p = 0; p < 2; p++) {
    unsigned char out[sizeof in];
    pm_snap_report report;
    pm_snap(bytes_of(arena, 4, 4, in), palettes[p], out, &report);
    assert_memory_equal(out, expected, sizeof out);
    assert_int_equal(report.off, 2);
    assert_near(report.largest, 127, 1e-4);
    assert_near(report.mean, (127 + 127) / 4.0, 1e-4);
  }
  /* Without an alpha channel the transparent entry is no colour to go to, though 0,0,0 would be nearest. */
  pm_palette no_black = {2, {{0, 0, 0, 0}, {200, 0, 0, 255}}};
  static const unsigned char black[] = {0, 0, 0};
  unsigned char out[3];
  pm_snap(bytes_of(arena, 1, 3, black), &no_black, out, NULL);
  assert_int_equal(out[0], 200);
  pm_arena_free(arena);
}

/* More than one task's pixels, so that sums are put together from parts. */
static void agrees_with_a_plain_search_at_any_thread_count(void **state) {
  (void)state;
  enum { N = 3, SIDE = 64, PIXELS = N * SIDE * SIDE };
  pm_arena *arena = pm_arena_new();
  pm_palette palette = {.count = 17};
  pm_rng rng = pm_rng_start(3, "test", 0);
  for (size_t i = 0; i < palette.count; i++)
    for (int c = 0; c < 4; c++)
      palette.rgba[i][c] = c == 3 ? 255 : (unsigned char)pm_rng_below(&rng, 256);
  pm_tensor t = pm_tensor_new(arena, PM_F32, pm_shape_of(4, (size_t)N, (size_t)SIDE, (size_t)SIDE, (size_t)3));
  float *value = t.data;
  pm_uniforms(value, PIXELS * 3, 1, 2, 3, 4);
  unsigned char *expected = pm_alloc(arena, PIXELS, 3), *out = pm_alloc(arena, PIXELS, 3);
  double sum = 0;
  for (size_t p = 0; p < PIXELS; p++) {
    double least = INFINITY;
    for (size_t i = 0; i < palette.count; i++) {
      double d = 0;
      for (size_t c = 0; c < 3; c++)
        d += pow(255.0 * (double)value[3 * p + c] - palette.rgba[i][c], 2);
      if (d < least) {
        least = d;
        memcpy(expected + 3 * p, palette.rgba[i], 3);
      }
    }
    sum += sqrt(least);
  }
  pm_snap_report one, more;
  for (int threads = 1; threads <= 8; threads++) {
    pm_set_threads(threads);
    memset(out, 0, PIXELS * 3);
    pm_snap(t, &palette, out, threads == 1 ? &one : &more);
    assert_memory_equal(out, expected, PIXELS * 3);
    if (threads > 1)
      assert_memory_equal(&one, &more, sizeof one);
  }
  pm_set_threads(0);
  assert_near(one.mean, sum / PIXELS, 1e-3);
  pm_arena_free(arena);
}

static void refuses_what_is_no_set_of_sprites(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor flat = pm_tensor_new(arena, PM_U8, pm_shape_of(3, (size_t)2, (size_t)2, (size_t)3));
  pm_tensor two = pm_tensor_new(arena, PM_U8, pm_shape_of(4, (size_t)1, (size_t)2, (size_t)2, (size_t)2));
  pm_tensor whole = pm_tensor_new(arena, PM_I32, pm_shape_of(4, (size_t)1, (size_t)2, (size_t)2, (size_t)3));
  pm_tensor real = pm_tensor_new(arena, PM_F32, pm_shape_of(4, (size_t)1, (size_t)2, (size_t)2, (size_t)3));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "x.npy: holds u8 [2, 2, 3]", pm_snap_check(arena, &flat, "x.npy"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "[1, 2, 2, 2]", pm_snap_check(arena, &two, "x.npy"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "i32", pm_snap_check(arena, &whole, "x.npy"));
  pm_snap_check(arena, &real, "x.npy");
  ((float *)real.data)[7] = NAN;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "value 7 is not a finite number", pm_snap_check(arena, &real, "x.npy"));
  pm_palette clear = {1, {{0, 0, 0, 0}}};
  unsigned char out[12];
  PM_EXPECT_FAIL(PM_BAD_INPUT, "no opaque colour", pm_snap(real, &clear, out, NULL));
  pm_arena_free(arena);
}

static void has_nothing_to_say_of_no_pixels(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char nothing[1] = {7};
  pm_snap_report report = {.pixels = 9};
  pm_snap(bytes_of(arena, 0, 3, nothing), &three, nothing, &report);
  assert_int_equal(report.pixels, 0);
  assert_true(report.mean == 0 && report.largest == 0);
  assert_int_equal(nothing[0], 7);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_the_nearest_colour),
      cmocka_unit_test(draws_the_line_at_half_a_level),
      cmocka_unit_test(keeps_transparency_whatever_the_palette_says),
      cmocka_unit_test(agrees_with_a_plain_search_at_any_thread_count),
      cmocka_unit_test(refuses_what_is_no_set_of_sprites),
      cmocka_unit_test(has_nothing_to_say_of_no_pixels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
