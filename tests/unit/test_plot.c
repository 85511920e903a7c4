/* Axes, pictures and sixels of curves; the check sum of event files. */
#include "check.h"

#include "report/nearest_plot.h"
#include "report/plot.h"
#include "track/tensorboard.h"

#include <math.h>

static pm_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_arena_free(arena);
  return 0;
}

static pm_series series(size_t n, double *steps, double *values) {
  return (pm_series){.name = "loss", .count = n, .step = steps, .value = values};
}

static void axes_hold_all_values_and_ticks_lie_on_them(void **state) {
  (void)state;
  static const double values[][2] = {{1, 2},      {0.01, 5}, {0, 0},           {-3, 4},      {1e-9, 1e9},
                                     {1e300, -1}, {7, 7},    {1e-320, 1e-310}, {INFINITY, 1}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    for (int scale = PM_SCALE_AUTO; scale <= PM_SCALE_LOGARITHMIC; scale++) {
      pm_series s = series(2, (double[]){1, 50}, (double[]){values[i][0], values[i][1]});
      pm_axes a = pm_axes_of((const pm_series *[]){&s}, 1, (pm_scale)scale);
      double tick[PM_MOST_TICKS];
      for (int k = 0; k < 2; k++) {
        double y = pm_axes_y(&a, s.value[k]);
        assert_true(y >= 0 && y <= 1);
      }
      assert_true(!a.logarithmic || (scale != PM_SCALE_LINEAR && a.low > 0));
      size_t n = pm_ticks_y(&a, tick);
      for (size_t k = 0; k < n; k++)
        assert_true(tick[k] >= a.low && tick[k] <= a.high && (!k || tick[k] > tick[k - 1]));
      n = pm_ticks_x(&a, tick);
      assert_true(n >= 2 && tick[0] == 0 && tick[n - 1] <= 50);
    }
}

static void ticks_are_whole_where_all_steps_are(void **state) {
  (void)state;
  static const struct {
    double last;
    size_t ticks;
    double second;
  } cases[] = {{0, 2, 1}, {1, 2, 1}, {2, 3, 1}, {0.5, 6, 0.1}, {0.75, 4, 0.2}, {1.5, 4, 0.5}, {2000, 5, 500}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pm_series s = series(2, (double[]){0, cases[i].last}, (double[]){0, 1});
    pm_axes a = pm_axes_of((const pm_series *[]){&s}, 1, PM_SCALE_LINEAR);
    double tick[PM_MOST_TICKS];
    assert_int_equal(pm_ticks_x(&a, tick), cases[i].ticks);
    assert_float_equal(tick[1], cases[i].second, 1e-12);
    assert_true(pm_axes_x(&a, cases[i].last) == (cases[i].last > 0));
  }
}

static void a_share_is_the_mean_within_its_ends(void **state) {
  (void)state;
  pm_series s = series(6, (double[]){1, 2, 3, 4, 5, 6}, (double[]){3, 1, 2, 9, 9, 9});
  pm_curve_point p = pm_curve_share(&s, 0, 2);
  assert_true(p.step == 2 && p.value == 2 && p.low == 1 && p.high == 3);
  p = pm_curve_share(&s, 1, 2);
  assert_true(p.step == 5 && p.value == 9 && p.low == 9 && p.high == 9);
}

static void a_picture_shows_the_curve_where_it_is(void **state) {
  (void)state;
  pm_series s = series(2, (double[]){0, 100}, (double[]){1, 1});
  const pm_plot_curve curve = {"loss", &s, 0, false};
  const pm_plot_panel panel = {"run", 1, &curve, PM_SCALE_LINEAR, NULL};
  pm_image image = pm_plot(arena, &panel, 1, (pm_plot_look){300, 200, 1, false});
  assert_true(image.width == 300 && image.height == 200 && image.colours > 2);
  /* A flat line: one row has far more of its colour than the legend. */
  size_t most = 0, rows = 0;
  for (size_t c = 0; c < image.colours; c++)
    if (memcmp(image.palette[c], (unsigned char[4]){0, 95, 160, 255}, 4) == 0)
      for (size_t y = 0; y < image.height; y++) {
        size_t n = 0;
        for (size_t x = 0; x < image.width; x++)
          n += image.index[y * image.width + x] == c;
        rows += n > 100;
        most = n > most ? n : most;
      }
  assert_true(rows == 2 && most > 150);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "a picture of 16400 x 200 pixels",
                 pm_plot(arena, &panel, 1, (pm_plot_look){16400, 200, 1, false}));
}

/* Four samples at distances 0, 0.1, 0.1 and 0.4, one held-out sprite at 0.3; the second nearest is always at 0.4. */
static void distances_to_the_nearest_are_stairs(void **state) {
  (void)state;
  static const pm_nearest sample[] = {{0, 0.1, 0.4}, {1, 0.4, 0.4}, {2, 0, 0.4}, {3, 0.1, 0.4}},
                          held[] = {{0, 0.3, 0.4}};
  static const double steps[][6] = {{0, 0, 0.1, 0.1, 0.4, 0.4}, {0, 0, 0.25, 0.25, 1, 1}},
                      shares[6] = {0, 0.25, 0.25, 0.75, 0.75, 1};
  const pm_plot_panel *panel = pm_nearest_panels(arena, sample, 4, held, 1);
  for (size_t i = 0; i < PM_NEAREST_PANELS; i++) {
    const pm_plot_curve *curve = panel[i].curve;
    assert_int_equal(panel[i].curves, 2 + i);
    assert_int_equal(curve[0].series->count, 6);
    for (size_t k = 0; k < 6; k++) {
      assert_float_equal(curve[0].series->step[k], steps[i][k], 1e-12);
      assert_float_equal(curve[0].series->value[k], shares[k], 1e-12);
    }
    assert_true(!curve[0].dashed && curve[1].dashed);
    assert_int_equal(curve[1].series->count, 2);
    assert_float_equal(curve[1].series->step[0], i ? 0.75 : 0.3, 1e-12);
  }
  assert_string_equal(panel[0].curve[0].label, "4 samples, median 0.1");
  assert_string_equal(panel[1].curve[1].label, "1 held-out sprite, median 0.75");
  assert_float_equal(panel[1].curve[2].series->step[1], 1 / 3.0, 1e-12);
  assert_int_equal(pm_nearest_panels(arena, sample, 4, NULL, 0)[1].curves, 2);
  /* In words: the axis is named, and no step is spoken of. */
  const char *text = pm_plot_text(arena, &panel[1], 80, 8, false);
  assert_non_null(strstr(text, "distance to the nearest over that to the second\n"));
  assert_non_null(strstr(text, "a 4 samples, median 0.25\n"));
  assert_null(strstr(text, "step"));
}

static void sixels(void **state) {
  (void)state;
  const unsigned char rgba[] = {255, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0, 255, 255, 0, 0, 255};
  pm_image image = pm_image_from_rgba(arena, 2, 2, rgba);
  assert_string_equal(pm_sixel(arena, &image), "\033Pq\"1;1;2;2#0;2;100;0;0#1;2;0;0;100#0BA$#1?@$-\033\\\n");
}

/* RFC 3720, B.4, and the usual "123456789". */
static void check_sums(void **state) {
  (void)state;
  unsigned char bytes[32] = {0};
  assert_int_equal(pm_crc32c("123456789", 9), 0xe3069283);
  assert_int_equal(pm_crc32c(bytes, 32), 0x8a9136aa);
  memset(bytes, 0xff, 32);
  assert_int_equal(pm_crc32c(bytes, 32), 0x62a8ab43);
  for (int i = 0; i < 32; i++)
    bytes[i] = (unsigned char)i;
  assert_int_equal(pm_crc32c(bytes, 32), 0x46dd794e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(axes_hold_all_values_and_ticks_lie_on_them, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ticks_are_whole_where_all_steps_are, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_share_is_the_mean_within_its_ends, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_picture_shows_the_curve_where_it_is, set_up, tear_down),
      cmocka_unit_test_setup_teardown(distances_to_the_nearest_are_stairs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sixels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(check_sums, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
