/* k-means and the palettes that come of it. */
#include "check.h"
#include "drawn.h"

#include "core/random.h"
#include "core/tasks.h"
#include "pixels/extract.h"
#include "pixels/kmeans.h"

#include <math.h>

static pm_kmeans_options k_of(size_t clusters, int restarts) {
  return (pm_kmeans_options){.clusters = clusters, .restarts = restarts, .iterations = 100, .seed = 5};
}

/* What must hold of any result: centres are the weighted means of their points, labels name the nearest centre, none
 * is empty, the inertia is what it says. */
static void assert_consistent(const pm_kmeans_result *r, const float *points, const double *weights, size_t n,
                              size_t d) {
  double inertia = 0;
  for (size_t i = 0; i < n; i++) {
    double least = INFINITY, own = INFINITY;
    for (size_t c = 0; c < r->clusters; c++) {
      double squared = 0;
      for (size_t j = 0; j < d; j++)
        squared += pow(points[i * d + j] - r->centre[c * d + j], 2);
      least = squared < least ? squared : least;
      own = c == (size_t)r->label[i] ? squared : own;
    }
    assert_true(own <= least * (1 + 1e-9) + 1e-12);
    inertia += own * (weights ? weights[i] : 1);
  }
  assert_true(fabs(inertia - r->inertia) <= 1e-9 * (1 + inertia));
  for (size_t c = 0; c < r->clusters; c++)
    for (size_t j = 0; j < d; j++) {
      double sum = 0, mass = 0;
      for (size_t i = 0; i < n; i++)
        if ((size_t)r->label[i] == c) {
          double w = weights ? weights[i] : 1;
          sum += w * points[i * d + j];
          mass += w;
        }
      assert_true(mass > 0);
      assert_true(fabs(sum / mass - r->centre[c * d + j]) <= 1e-6);
    }
}

static void finds_clusters_that_are_there(void **state) {
  (void)state;
  enum { K = 5, EACH = 200, N = K * EACH, D = 7 };
  pm_arena *arena = pm_arena_new();
  float *points = pm_alloc(arena, N * D, sizeof *points);
  pm_normals(points, N * D, 1, 2, 3, 4);
  for (size_t i = 0; i < N; i++)
    points[i * D + i % K] += 30;
  pm_kmeans_result r = pm_kmeans(arena, points, NULL, N, D, k_of(K, 3));
  assert_int_equal(r.clusters, K);
  for (size_t i = K; i < N; i++)
    assert_int_equal(r.label[i], r.label[i % K]);
  for (size_t a = 0; a < K; a++)
    for (size_t b = 0; b < a; b++)
      assert_int_not_equal(r.label[a], r.label[b]);
  assert_consistent(&r, points, NULL, N, D);
  pm_arena_free(arena);
}

static void converges_and_never_leaves_a_cluster_empty(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_rng rng = pm_rng_start(1, "test", 0);
  for (int round = 0; round < 200; round++) {
    size_t n = 1 + pm_rng_below(&rng, 40), d = 1 + pm_rng_below(&rng, 5), k = 1 + pm_rng_below(&rng, 12);
    float *points = pm_alloc(arena, n * d, sizeof *points);
    double *weights = pm_alloc(arena, n, sizeof *weights);
    for (size_t i = 0; i < n * d; i++)
      points[i] = (float)pm_rng_below(&rng, 4); /* many ties, many equal points */
    for (size_t i = 0; i < n; i++)
      weights[i] = 1 + pm_rng_below(&rng, 9);
    pm_kmeans_result r = pm_kmeans(arena, points, round % 2 ? weights : NULL, n, d, k_of(k, 2));
    assert_in_range(r.clusters, 1, k);
    assert_consistent(&r, points, round % 2 ? weights : NULL, n, d);
    if (r.clusters < k)
      assert_true(r.inertia < 1e-12); /* each distinct point has its own */
  }
  pm_arena_free(arena);
}

static void weights_stand_for_copies(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const float points[] = {0, 1, 10}, copies[] = {0, 0, 0, 1, 10};
  const double weights[] = {3, 1, 1};
  pm_kmeans_result a = pm_kmeans(arena, points, weights, 3, 1, k_of(2, 4));
  pm_kmeans_result b = pm_kmeans(arena, copies, NULL, 5, 1, k_of(2, 4));
  assert_true(fabs(a.inertia - 0.75) < 1e-12);
  assert_true(fabs(b.inertia - 0.75) < 1e-12);
  assert_true(fmin(a.centre[0], a.centre[1]) == 0.25);
  assert_true(fmax(a.centre[0], a.centre[1]) == 10);
  pm_arena_free(arena);
}

static void more_restarts_are_never_worse(void **state) {
  (void)state;
  enum { N = 300, D = 2 };
  pm_arena *arena = pm_arena_new();
  float *points = pm_alloc(arena, N * D, sizeof *points);
  pm_uniforms(points, N * D, 4, 3, 2, 1);
  double first = 0, before = INFINITY;
  for (int restarts = 1; restarts <= 16; restarts *= 2) {
    pm_kmeans_result r = pm_kmeans(arena, points, NULL, N, D, k_of(20, restarts));
    assert_true(r.inertia <= before);
    first = restarts == 1 ? r.inertia : first;
    before = r.inertia;
  }
  assert_true(before < first); /* so that the best one is kept, not the last */
  pm_arena_free(arena);
}

static void gives_the_same_at_any_thread_count(void **state) {
  (void)state;
  enum { N = 3000, D = 6, K = 9 };
  pm_arena *arena = pm_arena_new();
  float *points = pm_alloc(arena, N * D, sizeof *points);
  pm_normals(points, N * D, 4, 3, 2, 1);
  pm_kmeans_result first = {0};
  for (int threads = 1; threads <= 4; threads++) {
    pm_set_threads(threads);
    pm_kmeans_result r = pm_kmeans(arena, points, NULL, N, D, k_of(K, 2));
    if (threads == 1)
      first = r;
    assert_memory_equal(r.centre, first.centre, K * D * sizeof(double));
    assert_memory_equal(r.label, first.label, N * sizeof *r.label);
  }
  pm_set_threads(0);
  pm_kmeans_options other = k_of(K, 2);
  other.seed++;
  pm_kmeans_result r = pm_kmeans(arena, points, NULL, N, D, other);
  assert_memory_not_equal(r.centre, first.centre, K * D * sizeof(double));
  pm_arena_free(arena);
}

/* Colours of one sprite in a row. */
static pm_sprites row_of(pm_arena *arena, const unsigned char (*rgba)[4], size_t n) {
  pm_image image = pm_image_from_rgba(arena, n, 1, rgba[0]);
  return (pm_sprites){.count = 1,
                      .height = 1,
                      .width = n,
                      .channels = 4,
                      .colours = image.colours,
                      .palette = image.palette,
                      .index = image.index,
                      .rgba = image.rgba};
}

static void palettes_are_exact_and_sorted(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  /* 100,0,0 and 0,50,5 … have the luminances 29.9, 29.92, 29.9 (0,0,…): ties go by red, then green. */
  static const unsigned char rgba[][4] = {{255, 255, 255, 255}, {100, 0, 0, 255}, {0, 0, 0, 255},
                                          {0, 0, 255, 255},     {100, 0, 0, 255}, {9, 9, 9, 127},
                                          {0, 255, 0, 128},     {43, 29, 0, 255}, {5, 5, 5, 0}};
  static const unsigned char expected[][4] = {{0, 0, 0, 0},     {0, 0, 0, 255},   {0, 0, 255, 255},    {43, 29, 0, 255},
                                              {100, 0, 0, 255}, {0, 255, 0, 255}, {255, 255, 255, 255}};
  pm_sprites s = row_of(arena, rgba, sizeof rgba / 4);
  for (size_t k = 0; k <= 256; k = k ? k * 2 : 8) {
    pm_extract_report report;
    pm_palette p = pm_extract_palette(arena, &s, k, 1, "s", &report);
    assert_true(report.exact);
    assert_int_equal(report.distinct, 7);
    assert_int_equal(p.count, 7);
    assert_memory_equal(p.rgba, expected, sizeof expected);
  }
  pm_arena_free(arena);
}

static void palettes_are_reduced_on_request(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  static const unsigned char rgba[][4] = {{10, 0, 0, 255},  {12, 0, 0, 255},  {12, 0, 0, 255}, {12, 0, 0, 255},
                                          {0, 200, 0, 255}, {0, 204, 1, 255}, {0, 0, 0, 0}};
  pm_sprites s = row_of(arena, rgba, sizeof rgba / 4);
  pm_extract_report report;
  pm_palette p = pm_extract_palette(arena, &s, 2, 1, "s", &report);
  assert_false(report.exact);
  assert_int_equal(report.distinct, 5);
  static const unsigned char expected[][4] = {{0, 0, 0, 0}, {12, 0, 0, 255}, {0, 202, 1, 255}};
  assert_int_equal(p.count, 3);
  assert_memory_equal(p.rgba, expected, sizeof expected); /* 11.5 and 0.5 are rounded up */
  pm_arena_free(arena);
}

static void palettes_hold_256_at_most(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  unsigned char(*rgba)[4] = pm_alloc(arena, 150000, 4);
  for (size_t i = 0; i < 150000; i++) {
    rgba[i][0] = (unsigned char)i, rgba[i][1] = (unsigned char)(i / 256), rgba[i][2] = (unsigned char)(i / 65536);
    rgba[i][3] = 255;
  }
  pm_extract_report report;
  pm_sprites s = row_of(arena, (const unsigned char(*)[4])rgba, 256);
  assert_int_equal(pm_extract_palette(arena, &s, 0, 1, "s", &report).count, 256);
  assert_true(report.exact);
  rgba[7][3] = 0; /* 255 opaque ones and a transparent one */
  s = row_of(arena, (const unsigned char(*)[4])rgba, 256);
  assert_int_equal(pm_extract_palette(arena, &s, 256, 1, "s", &report).count, 256);
  assert_true(report.exact);
  s = row_of(arena, (const unsigned char(*)[4])rgba, 257); /* 256 and a transparent one: one too many */
  assert_in_range(pm_extract_palette(arena, &s, 0, 1, "s", &report).count, 250, 256);
  assert_false(report.exact);
  s = row_of(arena, (const unsigned char(*)[4])rgba, 150000); /* more than k-means is given */
  pm_palette p = pm_extract_palette(arena, &s, 4, 1, "s", &report);
  assert_int_equal(report.distinct, 150000);
  assert_true(report.transparent);
  assert_int_equal(p.count, 5);
  for (size_t i = 1; i < 5; i++) /* four quarters of a red-green square */
    for (int c = 0; c < 2; c++)
      assert_true(abs(p.rgba[i][c] - 128) > 50 && abs(p.rgba[i][c] - 128) < 78);
  pm_arena_free(arena);
}

static void palettes_need_pixels(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites none = drawn_sprites(arena, 1, "a/"), clear = drawn_sprites(arena, 1, "../");
  none.count = 0;
  pm_extract_report report;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "x.npy: holds no pixels", pm_extract_palette(arena, &none, 0, 1, "x.npy", &report));
  pm_palette p = pm_extract_palette(arena, &clear, 8, 1, "x.npy", &report);
  assert_int_equal(p.count, 1);
  assert_int_equal(p.rgba[0][3], 0);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_clusters_that_are_there),
      cmocka_unit_test(converges_and_never_leaves_a_cluster_empty),
      cmocka_unit_test(weights_stand_for_copies),
      cmocka_unit_test(more_restarts_are_never_worse),
      cmocka_unit_test(gives_the_same_at_any_thread_count),
      cmocka_unit_test(palettes_are_exact_and_sorted),
      cmocka_unit_test(palettes_are_reduced_on_request),
      cmocka_unit_test(palettes_hold_256_at_most),
      cmocka_unit_test(palettes_need_pixels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
