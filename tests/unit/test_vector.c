/* The loops that are compiled for each tier of processors: every tier gives the same bytes (in matrix products every
 * one that has fused multiply-adds), and exp, sigmoid and the cross-entropy are as exact as a float allows. */
#include "check.h"

#include "backend/cpu/vector.h"
#include "numeric.h"

/* Weak: a build for another processor has only the baseline. */
extern const pm_vector pm_vector_avx2 __attribute__((weak)), pm_vector_avx512 __attribute__((weak));

/* The tiers that this build has and this processor runs. */
static size_t tiers_here(const pm_vector *tier[3]) {
  size_t n = 0;
  tier[n++] = &pm_vector_baseline;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&pm_vector_avx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    tier[n++] = &pm_vector_avx2;
  if (&pm_vector_avx512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    tier[n++] = &pm_vector_avx512;
#endif
  return n;
}

enum { LARGEST = 1 << 12, RESULTS = 40 * LARGEST, LISTED = 16 };

/* ---- the same bytes ---- */

typedef struct {
  const float *a, *b, *c, *wide, *unit; /* [LARGEST] each */
} inputs;

static inputs make_inputs(pm_arena *arena) {
  float *wide = numeric_uniform(arena, LARGEST, "wide", -100, 100);
  static const float special[] = {0.0f, -0.0f, 1e-40f, -1e-40f, 87.9f, -87.5f, 1e30f, -1e30f, INFINITY, -INFINITY};
  memcpy(wide, special, sizeof special);
  return (inputs){numeric_uniform(arena, LARGEST, "a", -3, 3), numeric_uniform(arena, LARGEST, "b", -3, 3),
                  numeric_uniform(arena, LARGEST, "c", 0.1, 2), wide, numeric_uniform(arena, LARGEST, "unit", 0, 1)};
}

/* Every loop over n items from item `from` on, so that not all begin aligned; returns where the results end. */
static float *all_flat(const pm_vector *v, const inputs *x, size_t from, size_t n, float *out) {
  const float *a = x->a + from, *b = x->b + from, *wide = x->wide, *unit = x->unit + from;
  v->add(out, a, b, n), out += n;
  v->mul(out, a, b, n), out += n;
  v->affine(out, a, 0.3f, -1.7f, n), out += n;
  v->relu(out, a, n), out += n;
  v->relu_grad(out, a, b, n), out += n;
  v->exp(out, wide, n), out += n;
  v->sigmoid(out, wide, n), out += n;
  v->sigmoid_grad(out, unit, b, n), out += n;
  *out++ = v->squared_error(a, unit, n);
  v->squared_error_grad(out, a, unit, 0.7f, n), out += n;
  *out++ = v->bce(a, unit, n);
  *out++ = v->bce(wide + 8, unit, n > 8 ? n - 8 : 0); /* without the infinite ones */
  v->bce_grad(out, wide, unit, 0.7f, n), out += n;
  memcpy(out, a, n * sizeof *out);
  v->moving_average(out, b, 0.97f, n), out += n;
  v->silu(out, wide, n), out += n;
  v->silu_grad(out, wide, b, n), out += n;
  v->gelu(out, wide, n), out += n;
  v->gelu(out, a, n), out += n;
  v->gelu_grad(out, a, b, n), out += n;
  *out++ = v->squares(a, n);
  *out++ = v->absolute_error(a, unit, n);
  v->absolute_error_grad(out, a, unit, 0.7f, n), out += n;
  v->combine(out, a, b, 0.7f, -1.3f, n), out += n;
  pm_dropout_constants drop = {.key = {7, 9}, .slot = 3, .step = 4, .purpose = 5, .least = 19661, .scale = 1 / 0.7f};
  v->dropout(out, a, drop, n), out += n;
  float *p = out, *m = p + n, *second = m + n;
  memcpy(p, a, n * sizeof *p);
  memcpy(m, b, n * sizeof *m);
  memcpy(second, x->c + from, n * sizeof *second);
  pm_adam_constants k = {.beta1 = 0.9f,
                         .rest1 = 0.1f,
                         .beta2 = 0.999f,
                         .rest2 = 0.001f,
                         .epsilon = 1e-8f,
                         .decay = 0.01f,
                         .keep = 0.9f,
                         .step = 1e-3f,
                         .root = 0.5f};
  v->adam(p, m, second, unit, k, n);
  return second + n;
}

static float *all_rows(const pm_vector *v, const inputs *x, size_t rows, size_t C, float *out) {
  size_t n = rows * C;
  v->add_bias(out, x->a, x->b, rows, C), out += n;
  v->sum_rows(out, x->a, rows, C), out += C;
  v->square_deviations(out, x->a, x->b, rows, C), out += C;
  v->normalise(out, x->a, x->b, x->c, x->unit, rows, C), out += n;
  v->deviation_products(out, x->a, x->b, x->c, rows, C), out += 2 * C;
  v->batchnorm_grad(out, x->a, x->b, x->wide + 16, x->c, x->unit, x->b, rows, C), out += n;
  v->normalise_silu(out, x->wide + 16, x->b, x->c, x->unit, rows, C), out += n;
  v->silu_products(out, out + n, x->a, x->b, x->c, x->unit, x->wide + 16, rows, C), out += n + 2 * C;
  v->softmax(out, x->wide + 16, 0.3f, rows, C), out += n;
  v->softmax_grad(out, x->unit, x->a, 0.3f, rows, C), out += n;
  int32_t index[LARGEST];
  for (size_t r = 0; r < rows; r++)
    index[r] = (int32_t)(r % C);
  *out++ = v->cross_entropy(x->a, index, rows, C);
  v->cross_entropy_grad(out, x->a, index, 0.7f, rows, C), out += n;
  size_t causal = rows < C ? rows : C; /* rows of C, the first of which may see what is before its place */
  v->softmax_causal(out, x->wide + 16, 0.3f, C - causal, causal, C), out += causal * C;
  v->normalise_rows(out, out + n, out + n + rows, x->a, x->b, x->c, 1e-5f, rows, C), out += n + 2 * rows;
  v->normalise_rows_grad(out, out + n, x->a, x->b, x->c, x->unit, x->wide + 16, 1e-5f, rows, C), out += n + 2 * C;
  v->sum_listed(out, x->a, index, rows, C, C), out += C; /* rows below `rows` and C, some of them often */
  memcpy(out, x->a, C * LISTED * sizeof *out);
  v->add_to_listed(out, x->b, index, rows), out += C * LISTED;
  return out;
}

static size_t everything(const pm_vector *v, const inputs *x, float *results) {
  static const size_t lengths[] = {0, 1, 7, 15, 16, 17, 31, 33, 64, 100, 257, 1003, 4000};
  static const size_t rows[][2] = {{1, 1}, {1, 17}, {5, 3}, {256, 3}, {17, 16}, {63, 33}, {7, 130}, {31, 64}};
  float *out = results;
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    out = all_flat(v, x, i % 5, lengths[i], out);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    out = all_rows(v, x, rows[i][0], rows[i][1], out);
  assert_true(out - results < RESULTS * 4);
  return (size_t)(out - results);
}

/* A new loop of pm_vector belongs into all_flat or all_rows, and into this number. */
static void every_loop_is_exercised(void **state) {
  (void)state;
  assert_int_equal((sizeof(pm_vector) - offsetof(pm_vector, add)) / sizeof(void (*)(void)), 40);
}

static void tiers_give_the_same_bytes(void **state) {
  const pm_vector *tier[3];
  size_t tiers = tiers_here(tier);
  pm_arena *arena = pm_arena_new();
  inputs x = make_inputs(arena);
  float *first = pm_alloc(arena, RESULTS * 4, sizeof *first), *other = pm_alloc(arena, RESULTS * 4, sizeof *other);
  (void)state;
  size_t n = everything(tier[0], &x, first);
  if (tiers == 1)
    skip();
  for (size_t t = 1; t < tiers; t++) {
    assert_int_equal(everything(tier[t], &x, other), n);
    for (size_t i = 0; i < n; i++)
      if (memcmp(&first[i], &other[i], sizeof *first) != 0)
        fail_msg("result %zu of %zu: %s has %.9g, %s has %.9g", i, n, tier[0]->name, first[i], tier[t]->name, other[i]);
  }
  pm_arena_free(arena);
}

/* ---- tiles: the bits of plain sums in order, whatever the tier's vectors ---- */

enum { PLACES = 13 };

static float add_product(const pm_tiles *tiles, float sum, float a, float b) {
  return tiles->fused ? fmaf(a, b, sum) : sum + a * b;
}

/* What sums begin with: what lies there, 0, or a row. */
enum beginning { THERE, NOTHING, ROW, BEGINNINGS };

static float first_of(enum beginning begin, float there, const float *row, size_t j) {
  return begin == THERE ? there : begin == ROW ? row[j] : 0;
}

static void check_tiles(const pm_tiles *tiles, const inputs *x, size_t rows, size_t K, size_t columns,
                        enum beginning begin) {
  static const uint32_t to[PLACES] = {4, 2, 9, 0, 12, 7, 1, 3, 11, 5, 10, 8, 6},
                        from[PLACES] = {1, 1, 5, 0, 2, 2, 12, 3, 7, 9, 4, 4, 11};
  float c[LARGEST];
  size_t ldc = columns + 3, lda = K + 2;
  const float *row = x->a + 5, *first = begin == THERE ? c : begin == ROW ? row : NULL;
  memcpy(c, x->c, PLACES * ldc * sizeof *c);
  tiles->multiply(c, ldc, to, x->a, lda, from, x->b, rows, K, columns, first);
  for (size_t r = 0; r < PLACES; r++)
    for (size_t j = 0; j < ldc; j++) {
      const bool written = r < rows && j < columns;
      float sum = x->c[to[r] * ldc + j];
      sum = written ? first_of(begin, sum, row, j) : sum;
      for (size_t k = 0; written && k < K; k++)
        sum = add_product(tiles, sum, x->a[from[r] * lda + k], x->b[k * columns + j]);
      assert_true(c[to[r] * ldc + j] == sum);
    }
  memcpy(c, x->c, K * ldc * sizeof *c); /* K rows of columns, from the same pixels */
  tiles->outer(c, ldc, x->a, lda, from, x->b, ldc, to, rows, K, columns, first);
  for (size_t i = 0; i < K; i++)
    for (size_t j = 0; j < ldc; j++) {
      float sum = x->c[i * ldc + j];
      sum = j < columns ? first_of(begin, sum, row, j) : sum;
      for (size_t r = 0; j < columns && r < rows; r++)
        sum = add_product(tiles, sum, x->a[from[r] * lda + i], x->b[to[r] * ldc + j]);
      assert_true(c[i * ldc + j] == sum);
    }
  memcpy(c, x->c, 16 * (columns + 1) * sizeof *c);
  tiles->multiply_transposed(c, x->a, x->b, lda, K, columns);
  for (size_t j = 0; j <= columns; j++)
    for (size_t r = 0; r < 16; r++) {
      float sum = x->c[j * 16 + r];
      for (size_t k = 0; j < columns && k < K; k++)
        sum = add_product(tiles, sum, x->a[k * 16 + r], x->b[j * lda + k]);
      assert_true(c[j * 16 + r] == sum);
    }
}

static void check_transpose(const pm_tiles *tiles, const float *x, size_t rows, size_t columns) {
  float y[40 * 40] = {0};
  tiles->transpose(y, 40, x, 37, rows, columns);
  for (size_t j = 0; j < 40; j++)
    for (size_t i = 0; i < 40; i++)
      assert_true(y[j * 40 + i] == (i < rows && j < columns ? x[i * 37 + j] : 0));
}

static void tiles_multiply(void **state) {
  static const size_t sizes[][3] = {{1, 1, 1}, {5, 7, 2},   {6, 6, 3},  {13, 13, 4}, {12, 12, 5},
                                    {7, 1, 7}, {13, 31, 1}, {4, 30, 6}, {13, 8, 8}}; /* columns in vectors */
  const pm_vector *tier[3];
  size_t tiers = tiers_here(tier);
  pm_arena *arena = pm_arena_new();
  inputs x = make_inputs(arena);
  (void)state;
  for (size_t t = 0; t < tiers; t++) {
    const pm_tiles *tiles = tier[t]->tiles;
    assert_true(tiles->columns <= PM_TILE_COLUMNS && tiles->columns % tiles->length == 0);
    assert_true(tiles->depth <= PM_TILE_DEPTH && tiles->depth % 8 == 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
      for (enum beginning begin = 0; begin < BEGINNINGS; begin++)
        check_tiles(tiles, &x, sizes[i][0], sizes[i][1], sizes[i][2] * tiles->length, begin);
    for (size_t i = 1; i < 37 * 37; i += 5)
      check_transpose(tiles, x.a, i / 37 + 1, i % 37 + 1);
  }
  pm_arena_free(arena);
}

/* ---- accuracy: against double, over many floats of the whole range ---- */

enum { BATCH = 1 << 10 };

typedef void (*apply)(const pm_vector *v, float *y, const float *x, size_t n);

static void apply_exp(const pm_vector *v, float *y, const float *x, size_t n) {
  v->exp(y, x, n);
}
static void apply_sigmoid(const pm_vector *v, float *y, const float *x, size_t n) {
  v->sigmoid(y, x, n);
}
/* One loss for each logit: of target 0, where all of it comes from log(1 + exp(z)). */
static void apply_bce(const pm_vector *v, float *y, const float *x, size_t n) {
  static const float zero;
  for (size_t i = 0; i < n; i++)
    y[i] = v->bce(x + i, &zero, 1);
}

static double exact_exp(double x) {
  return exp(x);
}
static double exact_sigmoid(double x) {
  return 1 / (1 + exp(-x));
}
static double exact_bce(double z) {
  return (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
}

/* The largest relative error, over steps of 1/8192 of [low, high] and over floats down to 2^-60 of both signs. */
static double worst_error(apply f, double (*exact)(double), double low, double high) {
  float x[BATCH], y[BATCH];
  double worst = 0;
  for (double from = low; from < high; from += BATCH / 8192.0) {
    for (int i = 0; i < BATCH; i++)
      x[i] = (float)fmin(from + i / 8192.0, high);
    f(pm_vector_best(), y, x, BATCH);
    for (int i = 0; i < BATCH; i++)
      worst = fmax(worst, fabs(y[i] / exact(x[i]) - 1));
  }
  for (int i = 0; i < BATCH; i++)
    x[i] = ldexpf(i % 2 ? -1 : 1, -(i % 60)) * (1 + (float)i / BATCH) / 2;
  f(pm_vector_best(), y, x, BATCH);
  for (int i = 0; i < BATCH; i++)
    worst = fmax(worst, fabs(y[i] / exact(x[i]) - 1));
  return worst;
}

static void accuracy(void **state) {
  static const struct {
    const char *name;
    apply f;
    double (*exact)(double);
    double low, high, limit;
  } functions[] = {
      {"exp", apply_exp, exact_exp, -87, 88, 1.2e-7},
      {"sigmoid", apply_sigmoid, exact_sigmoid, -87, 87, 2.4e-7},
      {"cross-entropy", apply_bce, exact_bce, -87, 87, 3e-7},
  };
  (void)state;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    double worst = worst_error(functions[i].f, functions[i].exact, functions[i].low, functions[i].high);
    print_message("# %s: relative error at most %.2e\n", functions[i].name, worst);
    if (!(worst <= functions[i].limit))
      fail_msg("%s: relative error %.3e, at most %.3e", functions[i].name, worst, functions[i].limit);
  }
}

/* GELU's own limit: what it adds to or takes from x is below 1 and small where x is far below 0, so errors are counted
 * in units of x, or of 1 near 0. */
static void accuracy_of_gelu(void **state) {
  float x[BATCH], y[BATCH], slope[BATCH], one[BATCH];
  double worst = 0, worst_slope = 0;
  (void)state;
  for (double from = -12; from < 12; from += BATCH / 8192.0) {
    for (int i = 0; i < BATCH; i++) {
      x[i] = (float)(from + i / 8192.0);
      one[i] = 1;
    }
    pm_vector_best()->gelu(y, x, BATCH);
    pm_vector_best()->gelu_grad(slope, x, one, BATCH);
    for (int i = 0; i < BATCH; i++) {
      double z = x[i], phi = 0.5 * erfc(-z / sqrt(2)), density = exp(-z * z / 2) / sqrt(2 * acos(-1));
      worst = fmax(worst, fabs(y[i] - z * phi) / fmax(1, fabs(z)));
      worst_slope = fmax(worst_slope, fabs(slope[i] - (phi + z * density)));
    }
  }
  print_message("# gelu: error at most %.2e of x, its slope's %.2e\n", worst, worst_slope);
  assert_true(worst < 2e-7 && worst_slope < 4e-7);
}

/* Outside the range: saturated, finite, in order; NaN stays NaN, so that a training that diverges shows it. */
static void beyond_the_range(void **state) {
  const float x[] = {-INFINITY, -1e30f, -1000, -88, 88.5f, 1000, 1e30f, INFINITY, NAN};
  float e[9], s[9], zero[9] = {0};
  const pm_vector *tier[3];
  (void)state;
  for (size_t t = tiers_here(tier); t-- > 0;) {
    tier[t]->exp(e, x, 9);
    tier[t]->sigmoid(s, x, 9);
    for (int i = 0; i < 4; i++)
      assert_true(e[i] >= 0 && e[i] < 1e-37f && s[i] >= 0 && s[i] < 1e-37f);
    for (int i = 4; i < 8; i++)
      assert_true(e[i] > 1e38f && s[i] == 1);
    assert_true(isnan(e[8]) && isnan(s[8]));
    tier[t]->gelu(s, x, 9);
    for (int i = 1; i < 4; i++)
      assert_true(fabsf(s[i]) < 1e-37f);
    assert_true(s[4] == 88.5f && s[5] == 1000 && s[6] == 1e30f && s[7] == INFINITY && isnan(s[8]));
    tier[t]->relu(s, x, 9);
    assert_true(s[0] == 0 && s[7] == INFINITY && isnan(s[8]));
    assert_true(isnan(tier[t]->bce(x + 8, zero, 1)) && isnan(tier[t]->squared_error(x + 8, zero, 1)));
    assert_true(tier[t]->bce(x + 5, zero, 1) == 1000 && tier[t]->bce(x + 2, zero, 1) < 1e-37f);
  }
}

/* One logit that is no number makes the loss none, in short rows and in long ones, whichever logit is the label's. */
static void no_number_among_logits(void **state) {
  static const size_t columns[] = {5, 32, 33, 300};
  float logits[300] = {0};
  const int32_t label = 1;
  const pm_vector *tier[3];
  (void)state;
  for (size_t t = tiers_here(tier); t-- > 0;)
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
      const size_t last = columns[k] - 1;
      logits[last] = NAN;
      assert_true(isnan(tier[t]->cross_entropy(logits, &label, 1, columns[k])));
      logits[last] = 0;
      assert_true(fabs(tier[t]->cross_entropy(logits, &label, 1, columns[k]) - log((double)columns[k])) < 1e-5);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_loop_is_exercised), cmocka_unit_test(tiers_give_the_same_bytes),
      cmocka_unit_test(tiles_multiply),          cmocka_unit_test(accuracy),
      cmocka_unit_test(accuracy_of_gelu),        cmocka_unit_test(beyond_the_range),
      cmocka_unit_test(no_number_among_logits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
