/* The measures of `score` against what their definitions give in double precision (tests/parity/make_score.py). */
#include "check.h"

#include "eval/copies.h"
#include "eval/kernel_distance.h"
#include "eval/neighbours.h"
#include "eval/patterns.h"
#include "io/safetensors.h"

#include <math.h>

typedef struct {
  pm_arena *arena;
  pm_safetensors file;
} bench;

static bench open_bench(void) {
  bench b = {.arena = pm_arena_new()};
  b.file = pm_safetensors_read(b.arena, "tests/parity/data/score.safetensors", false);
  return b;
}

static const pm_tensor *vector(const bench *b, const char *set, const char *name) {
  const char *full = pm_format(b->arena, "%s.%s", set, name);
  const pm_tensor *tensor = pm_safetensors_find(&b->file, full);
  if (!tensor)
    fail_msg("score.safetensors has no %s", full);
  return tensor;
}

static void near(double got, double want, double tolerance, const char *what) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s: %.9g, expected %.9g", what, got, want);
}

/* The value lies in its interval, and the interval is one. */
static void sound(pm_estimate e, const char *what) {
  if (!(e.low <= e.value && e.value <= e.high && e.low < e.high))
    fail_msg("%s: %.9g is not inside %.9g to %.9g", what, e.value, e.low, e.high);
}

static pm_features features_of(const bench *b, const char *set, const char *name) {
  const pm_tensor *t = vector(b, set, name);
  if (t->dtype == PM_U8) {
    pm_sprites sprites = pm_sprites_from_tensor(b->arena, t, name);
    return pm_features_of_pixels(b->arena, &sprites);
  }
  pm_features f = {.count = t->shape.dim[0], .dims = t->shape.dim[1], .unit = 1};
  f.stride = pm_eval_padded(f.dims);
  f.value = pm_alloc(b->arena, f.count * f.stride, sizeof *f.value);
  for (size_t i = 0; i < f.count; i++)
    memcpy(f.value + i * f.stride, (const float *)t->data + i * f.dims, f.dims * sizeof *f.value);
  return f;
}

static void neighbours_and_kernels(void **state) {
  (void)state;
  static const char *const sets[] = {"vectors", "pixels"};
  bench b = open_bench();
  for (size_t s = 0; s < 2; s++) {
    pm_features samples = features_of(&b, sets[s], "samples"), real = features_of(&b, sets[s], "real");
    pm_resamples of_samples = pm_resample(b.arena, samples.count, 1, "a"),
                 of_real = pm_resample(b.arena, real.count, 1, "b");
    const double *want = vector(&b, sets[s], "scores")->data;
    pm_neighbour_scores got = pm_neighbours_score(b.arena, &samples, &real, 5, &of_samples, &of_real);
    near(got.precision.value, want[0], 1e-12, "precision");
    near(got.recall.value, want[1], 1e-12, "recall");
    near(got.density.value, want[2], 1e-12, "density");
    near(got.coverage.value, want[3], 1e-12, "coverage");
    sound(got.density, "density");
    sound(got.coverage, "coverage");
    double error;
    pm_estimate kid = pm_kernel_distance(b.arena, &samples, &real, &of_samples, &of_real, &error);
    near(kid.value, want[4], 1e-6, "kernel distance");
    sound(kid, "kernel distance");
    near((kid.high - kid.low) / (2 * 1.96), error, error / 3, "standard error");
  }
  pm_arena_free(b.arena);
}

static pm_indexed indexed(const bench *b, const char *set, const char *name) {
  const pm_tensor *t = vector(b, set, name);
  return (pm_indexed){t->shape.dim[0], t->shape.dim[1], t->shape.dim[2], t->data};
}

static void divergences(void **state) {
  (void)state;
  bench b = open_bench();
  pm_indexed samples = indexed(&b, "patterns", "samples"), real = indexed(&b, "patterns", "real");
  pm_resamples of_samples = pm_resample(b.arena, samples.count, 1, "a"),
               of_real = pm_resample(b.arena, real.count, 1, "b");
  const double *want = vector(&b, "patterns", "divergence")->data;
  for (size_t side = 1; side <= 2; side++) {
    pm_estimate e = pm_pattern_divergence(b.arena, &samples, &real, side, &of_samples, &of_real);
    near(e.value, want[side - 1], 1e-9, side == 1 ? "colours" : "patterns");
    sound(e, "divergence");
    near(pm_pattern_divergence(b.arena, &real, &real, side, &of_real, &of_real).value, 0, 1e-12,
         "of the set and itself");
  }
  pm_arena_free(b.arena);
}

static void distances(void **state) {
  (void)state;
  static const char *const sets[] = {"copies", "narrow"};
  bench b = open_bench();
  for (size_t s = 0; s < 2; s++) {
    pm_indexed samples = indexed(&b, sets[s], "samples"), training = indexed(&b, sets[s], "training");
    const double *want = vector(&b, sets[s], "distance")->data;
    pm_figures *a = pm_figures_new(b.arena, &samples), *t = pm_figures_new(b.arena, &training);
    double *got = pm_alloc(b.arena, training.count, sizeof *got);
    size_t *origin = pm_figure_origins(b.arena, t);
    pm_nearest *nearest = pm_alloc(b.arena, samples.count, sizeof *nearest);
    pm_figures_nearest(a, t, origin, nearest);
    for (size_t i = 0; i < samples.count; i++, want += training.count) {
      size_t least = 0;
      double second = 1;
      pm_figure_distances(a, i, t, got);
      for (size_t k = 0; k < training.count; k++) {
        near(got[k], want[k], 1e-12, "distance");
        least = want[k] < want[least] - 1e-12 ? k : least;
      }
      for (size_t k = 0; k < training.count; k++)
        second = origin[k] != origin[least] && want[k] < second ? want[k] : second;
      assert_int_equal(nearest[i].index, least);
      near(nearest[i].distance, want[least], 1e-12, "nearest");
      near(nearest[i].second, second, 1e-12, "second nearest");
    }
  }
  pm_arena_free(b.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(neighbours_and_kernels),
      cmocka_unit_test(divergences),
      cmocka_unit_test(distances),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
