/* What scores are made of: intervals, sums, the net of random filters, the matching of colours. */
#include "check.h"
#include "drawn.h"

#include "core/random.h"
#include "core/tasks.h"
#include "eval/colour_matching.h"
#include "eval/features.h"
#include "eval/patterns.h"
#include "eval/resample.h"

#include <math.h>

static void near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.9g, expected %.9g", got, want);
}

static void resamples_draw_as_many(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_resamples r = pm_resample(arena, 37, 5, "test"), again = pm_resample(arena, 37, 5, "test");
  pm_resamples other = pm_resample(arena, 37, 6, "test"), another = pm_resample(arena, 37, 5, "tests");
  size_t bytes = PM_RESAMPLES * r.stride * sizeof *r.times;
  assert_int_equal(r.stride, 48);
  assert_memory_equal(r.times, again.times, bytes);
  assert_true(memcmp(r.times, other.times, bytes) && memcmp(r.times, another.times, bytes));
  double first = 0;
  for (size_t b = 0; b < PM_RESAMPLES; b++) {
    double sum = 0;
    for (size_t i = 0; i < 37; i++)
      sum += (double)r.times[b * 48 + i];
    assert_true(sum == 37);
    for (size_t i = 37; i < 48; i++)
      assert_true(r.times[b * 48 + i] == 0);
    first += (double)r.times[b * 48] / PM_RESAMPLES;
  }
  near(first, 1, 0.15);
  pm_arena_free(arena);
}

/* Intervals of means against the normal approximation. */
static void intervals_of_means(void **state) {
  (void)state;
  enum { N = 400 };
  pm_arena *arena = pm_arena_new();
  pm_resamples r = pm_resample(arena, N, 1, "test");
  float normal[N];
  double item[N], sum = 0, squares = 0;
  bool some[N] = {false}, none[N] = {false}, all[N];
  pm_normals(normal, N, 3, pm_purpose("test"), 0, 0);
  for (size_t i = 0; i < N; i++) {
    item[i] = 10 + 2 * (double)normal[i];
    sum += item[i];
    some[i] = i % 10 == 0;
    all[i] = true;
  }
  for (size_t i = 0; i < N; i++)
    squares += pow(item[i] - sum / N, 2);
  double error = sqrt(squares / N / N);
  pm_estimate e = pm_estimate_mean(&r, item, -INFINITY, INFINITY);
  near(e.value, sum / N, 1e-12);
  near(e.low, e.value - 1.96 * error, error / 4);
  near(e.high, e.value + 1.96 * error, error / 4);
  e = pm_estimate_mean(&r, item, 10.05, 10.06);
  assert_true(e.low == 10.05 && e.high == 10.06);
  e = pm_estimate_share(&r, some);
  error = sqrt(0.1 * 0.9 / N);
  near(e.value, 0.1, 1e-12);
  near(e.low, 0.1 - 1.96 * error, error / 3);
  near(e.high, 0.1 + 1.96 * error, error / 3);
  e = pm_estimate_share(&r, none); /* 1 - 0.025^(1/400) */
  assert_true(e.value == 0 && e.low == 0);
  near(e.high, 0.00918, 1e-5);
  e = pm_estimate_share(&r, all);
  assert_true(e.value == 1 && e.high == 1);
  near(e.low, 1 - 0.00918, 1e-5);
  pm_arena_free(arena);
}

/* Replicates that lie beside the value are moved onto it. */
static void intervals_are_centred(void **state) {
  (void)state;
  double replicate[PM_RESAMPLES];
  for (size_t b = 0; b < PM_RESAMPLES; b++)
    replicate[b] = 5 + (double)(b * 7 % PM_RESAMPLES) / (PM_RESAMPLES - 1); /* 5 … 6, in disorder */
  pm_estimate e = pm_estimate_from(1, replicate, -INFINITY, INFINITY);
  near(e.low, 0.525, 0.001);
  near(e.high, 1.475, 0.001);
}

static void sums_of_bytes_are_exact(void **state) {
  (void)state;
  enum { N = 12288 };
  static float a[N], b[N];
  uint64_t dot = 0, squares = 0;
  pm_rng rng = pm_rng_start(1, "test", 0);
  for (size_t i = 0; i < N; i++) {
    uint64_t x = 255 - pm_rng_below(&rng, 3), y = pm_rng_below(&rng, 2) * 255;
    a[i] = (float)x, b[i] = (float)y;
    dot += x * y;
    squares += (x - y) * (x - y);
  }
  assert_true(pm_eval_dot(a, b, N) == (double)dot);
  assert_true(pm_eval_squared_distance(a, b, N) == (double)squares);
}

/* The best of all one-to-one choices, row by row. */
static uint32_t best_choice(const uint32_t *cell, size_t rows, size_t columns, size_t row, unsigned taken) {
  if (row == rows)
    return 0;
  uint32_t best = best_choice(cell, rows, columns, row + 1, taken);
  for (size_t c = 0; c < columns; c++) {
    if (taken >> c & 1)
      continue;
    uint32_t with = cell[row * columns + c] + best_choice(cell, rows, columns, row + 1, taken | 1u << c);
    best = with > best ? with : best;
  }
  return best;
}

static void colours_are_matched_best(void **state) {
  (void)state;
  uint32_t cell[36];
  for (uint64_t i = 0; i < 2000; i++) {
    pm_rng rng = pm_rng_start(2, "test", i);
    size_t rows = 1 + pm_rng_below(&rng, 6), columns = 1 + pm_rng_below(&rng, 6);
    uint32_t most = i % 2 ? 4 : 200; /* many ties, or few */
    for (size_t c = 0; c < rows * columns; c++)
      cell[c] = pm_rng_below(&rng, most);
    assert_int_equal(pm_match_colours(cell, rows, columns), best_choice(cell, rows, columns, 0, 0));
  }
  static uint32_t many[PM_MATCHING_MOST * PM_MATCHING_MOST];
  for (size_t c = 0; c < PM_MATCHING_MOST; c++)
    many[c * PM_MATCHING_MOST + (c * 5 + 3) % PM_MATCHING_MOST] = 2;
  assert_int_equal(pm_match_colours(many, PM_MATCHING_MOST, PM_MATCHING_MOST), 2 * PM_MATCHING_MOST);
}

/* ---- the net, straight from its description ---- */

enum { LARGEST = 12 * 12 * 64 };

static double at(const double *x, int height, int width, int channels, int row, int column, int c) {
  return row < 0 || row >= height || column < 0 || column >= width ? 0 : x[(row * width + column) * channels + c];
}

static double mean_of(const double *y, int width, int n, int c, int top, int bottom, int left, int right) {
  double sum = 0;
  for (int row = top; row < bottom; row++)
    for (int column = left; column < right; column++)
      sum += y[(row * width + column) * n + c];
  return sum / ((bottom - top) * (right - left));
}

static void plain_net(const pm_sprites *s, size_t i, double *out) {
  static double x[LARGEST], y[LARGEST];
  static float weight[9 * 32 * 64];
  int height = (int)s->height, width = (int)s->width, inputs = s->channels;
  for (int p = 0; p < height * width; p++)
    for (int c = 0; c < inputs; c++)
      x[p * inputs + c] = pm_sprites_pixel(s, i, 0, (size_t)p)[c] / 255.0;
  for (uint32_t level = 0; level < 3; level++) {
    int n = 16 << level, next_width = (width + 1) / 2;
    pm_normals(weight, (size_t)(9 * inputs * n), 20260101, pm_purpose("score features"), level, 0);
    for (int row = 0; row < height; row++)
      for (int column = 0; column < width; column++)
        for (int o = 0; o < n; o++) {
          double sum = 0;
          for (int tap = 0; tap < 9; tap++)
            for (int c = 0; c < inputs; c++)
              sum += at(x, height, width, inputs, row + tap / 3 - 1, column + tap % 3 - 1, c) *
                     (double)weight[(tap * inputs + c) * n + o];
          y[(row * width + column) * n + o] = fmax(0, sum * sqrt(2.0 / (9 * inputs)));
        }
    for (int quarter = 0; quarter < 4; quarter++)
      for (int o = 0; o < n; o++)
        *out++ = mean_of(y, width, n, o, quarter / 2 ? height / 2 : 0, quarter / 2 ? height : (height + 1) / 2,
                         quarter % 2 ? width / 2 : 0, quarter % 2 ? width : next_width);
    for (int row = 0; row < height; row += 2)
      for (int column = 0; column < width; column += 2)
        for (int o = 0; o < n; o++)
          x[(row / 2 * next_width + column / 2) * n + o] =
              mean_of(y, width, n, o, row, row + 2 < height ? row + 2 : height, column,
                      column + 2 < width ? column + 2 : width);
    height = (height + 1) / 2, width = next_width, inputs = n;
  }
}

static void net_as_described(void **state) {
  (void)state;
  static const size_t sizes[][3] = {{12, 12, 3}, {7, 5, 4}, {1, 3, 3}, {1, 1, 4}};
  pm_arena *arena = pm_arena_new();
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    pm_tensor t = pm_tensor_new(arena, PM_U8, pm_shape_of(4, (size_t)6, sizes[k][0], sizes[k][1], sizes[k][2]));
    pm_rng rng = pm_rng_start(4, "test", k);
    for (size_t i = 0; i < pm_shape_count(t.shape); i++) /* alpha, where there is one, is all or nothing */
      ((unsigned char *)t.data)[i] =
          (unsigned char)(i % sizes[k][2] == 3 ? 255 * pm_rng_below(&rng, 2) : pm_rng_below(&rng, 256));
    pm_sprites sprites = pm_sprites_from_tensor(arena, &t, "here");
    pm_features f = pm_features_of_net(arena, &sprites);
    assert_int_equal(f.dims, 4 * (16 + 32 + 64));
    double want[448];
    for (size_t i = 0; i < 6; i++) {
      plain_net(&sprites, i, want);
      for (size_t d = 0; d < f.dims; d++)
        near((double)f.value[i * f.stride + d], want[d], 1e-4);
    }
    pm_features of_itself = f;
    of_itself.value = pm_alloc(arena, f.count * f.stride, sizeof *f.value);
    memcpy(of_itself.value, f.value, f.count * f.stride * sizeof *f.value);
    pm_features_standardise(arena, &of_itself, &f);
    for (size_t d = 0; d < f.dims; d += 37) {
      double sum = 0, squares = 0;
      for (size_t i = 0; i < 6; i++) {
        double v = (double)of_itself.value[i * f.stride + d];
        sum += v / 6, squares += v * v / 6;
      }
      near(sum, 0, 1e-4);
      assert_true(squares < 1 + 1e-3); /* less, where a filter is nearly silent everywhere */
    }
  }
  pm_arena_free(arena);
}

/* A feature that is 0 but for a whisper must not shout when a sample raises it. */
static void silent_features_stay_small(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  float value[] = {-2, 0, 2, 0, -2, 0, 2, 0.01F}, sample[] = {4, 1};
  pm_features reference = {4, 2, 2, value, 1}, f = {1, 2, 2, sample, 1};
  pm_features_standardise(arena, &f, &reference);
  near((double)sample[0], 2, 1e-5);
  /* deviations 2 and 0.0043: the second counts as a tenth of their root mean square */
  near((double)sample[1], (1 - 0.0025) / (sqrt(2) / 10), 1e-3);
  pm_arena_free(arena);
}

static void pixels_over_black(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites sprites = drawn_sprites(arena, 1, "wA. /");
  pm_features f = pm_features_of_pixels(arena, &sprites);
  static const float want[16] = {255, 255, 255, 255, 100, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 255};
  assert_true(f.dims == 16 && f.stride == 16 && f.unit == 255);
  for (size_t d = 0; d < 16; d++)
    near((double)f.value[d], (double)want[d], 0.5);
  pm_arena_free(arena);
}

/* All 256 colours are told apart, and what has nothing in common is log 2 away; a sprite below 2 x 2 has no patterns.
 */
static void patterns_of_many_colours(void **state) {
  (void)state;
  static const unsigned char one[4] = {0, 128, 0, 255}, other[4] = {1, 0, 0, 255};
  pm_arena *arena = pm_arena_new();
  pm_resamples r = pm_resample(arena, 1, 1, "test");
  const pm_indexed a = {1, 2, 2, one}, b = {1, 2, 2, other}, row = {1, 1, 4, one};
  near(pm_pattern_divergence(arena, &a, &b, 2, &r, &r).value, log(2), 1e-12);
  near(pm_pattern_divergence(arena, &a, &a, 2, &r, &r).value, 0, 1e-12);
  /* Shares 2, 0, 1, 1 against 2, 1, 0, 1 of 4. */
  near(pm_pattern_divergence(arena, &a, &b, 1, &r, &r).value, log(2) / 4, 1e-12);
  near(pm_pattern_divergence(arena, &row, &row, 2, &r, &r).value, 0, 0);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resamples_draw_as_many),     cmocka_unit_test(intervals_of_means),
      cmocka_unit_test(intervals_are_centred),      cmocka_unit_test(sums_of_bytes_are_exact),
      cmocka_unit_test(colours_are_matched_best),   cmocka_unit_test(net_as_described),
      cmocka_unit_test(silent_features_stay_small), cmocka_unit_test(pixels_over_black),
      cmocka_unit_test(patterns_of_many_colours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
