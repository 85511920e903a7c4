/* Ops without a gradient: what they draw, look up and turn round. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "nn/ops/draws.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
} bench;

static bench start(void) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  return (bench){arena, store, pm_graph_new(arena, store, true)};
}

/* The items of a value, in its own type, as the cpu backend computes them. */
static void *items_of(const bench *b, pm_value *x) {
  pm_keep(x, "result");
  pm_program *program = pm_backend_cpu.compile(b->g);
  pm_backend_cpu.run(program);
  void *items = pm_alloc(b->arena, pm_count(x), pm_dtype_size(x->dtype));
  pm_backend_cpu.read_value(program, x, items);
  pm_backend_cpu.free_program(program);
  return items;
}

static void end(const bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static pm_value *given(const bench *b, const char *name, pm_dtype dtype, pm_shape shape, const void *items) {
  pm_value *x = pm_graph_input(b->g, name, dtype, shape);
  pm_store_write(b->store, x->buffer, 0, items, pm_count(x));
  return x;
}

/* ---- looking up ---- */

static void time_embedding(void **state) {
  bench b = start();
  const float t[] = {0, 1, 999};
  const float *e = items_of(&b, pm_time_embedding(b.g, given(&b, "t", PM_F32, pm_shape_of(1, Z(3)), t), 8));
  (void)state;
  for (int n = 0; n < 3; n++)
    for (int i = 0; i < 4; i++) { /* frequencies 1, 10000^(-1/3), 10000^(-2/3), 1/10000 */
      double angle = t[n] * pow(10000, -i / 3.0);
      assert_true(fabs(e[n * 8 + i] - sin(angle)) < 1e-6 && fabs(e[n * 8 + 4 + i] - cos(angle)) < 1e-6);
    }
  assert_true(e[0] == 0 && e[4] == 1 && fabsf(e[8] - 0.84147098f) < 1e-6f && fabsf(e[11] - 1e-4f) < 1e-9f);
  end(&b);
}

static void tables(void **state) {
  bench b = start();
  const int32_t index[] = {2, 0, 2};
  const float rows[] = {1, 2, 3, 4, 5, 6}, numbers[] = {7, 8, 9};
  pm_value *i = given(&b, "index", PM_I32, pm_shape_of(1, Z(3)), index);
  const float *row = items_of(&b, pm_embedding(b.g, given(&b, "rows", PM_F32, pm_shape_of(2, Z(3), Z(2)), rows), i));
  assert_memory_equal(row, ((const float[]){5, 6, 1, 2, 5, 6}), 6 * sizeof *row);
  const float *number =
      items_of(&b, pm_lookup_rows(b.g, given(&b, "numbers", PM_F32, pm_shape_of(1, Z(3)), numbers), i));
  assert_memory_equal(number, ((const float[]){9, 7, 9}), 3 * sizeof *number);
  const float *whole = items_of(&b, pm_to_float(b.g, i));
  assert_memory_equal(whole, ((const float[]){2, 0, 2}), 3 * sizeof *whole);
  const int32_t *same = items_of(&b, pm_fill_index(b.g, numeric_scalar(b.g, "t", 41), 4));
  assert_memory_equal(same, ((const int32_t[]){41, 41, 41, 41}), 4 * sizeof *same);
  (void)state;
  end(&b);
}

/* ---- palette indices ---- */

static void planes_and_back(void **state) {
  bench b = start();
  unsigned char every[256];
  for (int i = 0; i < 256; i++)
    every[i] = (unsigned char)i;
  pm_value *x = given(&b, "x", PM_U8, pm_shape_of(3, Z(4), Z(8), Z(8)), every);
  (void)state;
  const float *planes = items_of(&b, pm_one_hot(b.g, x, 256, -1, 2));
  for (size_t i = 0; i < 256 * 256; i++)
    assert_true(planes[i] == (i / 256 == i % 256 ? 2 : -1));
  assert_memory_equal(items_of(&b, pm_argmax(b.g, pm_one_hot(b.g, x, 256, -1, 2))), every, 256);
  const float *bits = items_of(&b, pm_to_bits(b.g, x, 8));
  for (size_t i = 0; i < 256 * 8; i++)
    assert_true(bits[i] == ((i / 8) >> (i % 8) & 1 ? 1 : -1));
  assert_memory_equal(items_of(&b, pm_from_bits(b.g, pm_to_bits(b.g, x, 8), 256)), every, 256);
  end(&b);
}

static void first_of_equals(void **state) {
  bench b = start();
  const float x[] = {1, 3, 3, 0, 0, 0, -2, -1, -1};
  const unsigned char *best = items_of(&b, pm_argmax(b.g, given(&b, "x", PM_F32, pm_shape_of(2, Z(3), Z(3)), x)));
  assert_memory_equal(best, ((const unsigned char[]){1, 0, 1}), 3);
  (void)state;
  end(&b);
}

/* Against the distance to each valid code, for any number of colours. */
static void nearest_bits(void **state) {
  enum { PIXELS = 500, BITS = 5 };
  bench b = start();
  pm_value *x = numeric_input(b.g, "bits", pm_shape_of(2, Z(PIXELS), Z(BITS)), -1.5, 1.5);
  const float *bits = items_of(&b, pm_affine(b.g, x, 1, 0));
  (void)state;
  for (size_t K = 1; K <= 32; K++) {
    const unsigned char *got = items_of(&b, pm_from_bits(b.g, x, K));
    for (size_t i = 0; i < PIXELS; i++) {
      size_t best = 0;
      double least = INFINITY;
      for (size_t code = 0; code < K; code++) {
        double distance = 0;
        for (size_t k = 0; k < BITS; k++)
          distance += pow(bits[i * BITS + k] - (code >> k & 1 ? 1 : -1), 2);
        if (distance < least) {
          least = distance;
          best = code;
        }
      }
      assert_int_equal(got[i], best);
    }
  }
  end(&b);
}

/* ---- draws ---- */

#define DRAWS numeric_draws(b.g, 77, 5, 0, 0)

#define ROWS(draws, n, purpose)                                                                                        \
  pm_random_index_rows(b.g, draws, (pm_random_index_rows_attributes){n, 1, BELOW, purpose})

static void whole_numbers(void **state) {
  enum { N = 20000, BELOW = 7 };
  bench b = start();
  const int32_t *draw = items_of(&b, ROWS(DRAWS, N, 9));
  size_t count[BELOW] = {0};
  (void)state;
  for (size_t i = 0; i < N; i++) {
    assert_in_range(draw[i], 0, BELOW - 1);
    count[draw[i]]++;
  }
  for (int k = 0; k < BELOW; k++) /* 2857 of each; five standard deviations */
    assert_true(fabs(count[k] - N / 7.0) < 5 * sqrt(N / 7.0));
  /* a slot's number does not depend on how many others there are; it does on purpose, step and seed */
  assert_memory_equal(items_of(&b, ROWS(DRAWS, 50, 9)), draw, 50 * sizeof *draw);
  pm_draws next = DRAWS, seed = next;
  next.step = numeric_scalar(b.g, "next", 6);
  seed.seed = numeric_scalar(b.g, "seed 2", 78);
  pm_value *other[] = {ROWS(DRAWS, 50, 10), ROWS(next, 50, 9), ROWS(seed, 50, 9)};
  for (int k = 0; k < 3; k++)
    assert_true(memcmp(items_of(&b, other[k]), draw, 50 * sizeof *draw) != 0);
  end(&b);
}

static void uniform_numbers(void **state) {
  enum { N = 10000 };
  bench b = start();
  const float *u = items_of(&b, pm_random_uniform(b.g, DRAWS, N, false, 9));
  double sum = 0, squares = 0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    assert_true(u[i] > 0 && u[i] < 1);
    sum += u[i];
    squares += u[i] * u[i];
  }
  assert_true(fabs(sum / N - 0.5) < 0.015 && fabs(squares / N - 1.0 / 3) < 0.015);
  const float *s = items_of(&b, pm_random_uniform(b.g, numeric_draws(b.g, 77, 5, 0, 64), 64, true, 9));
  for (size_t i = 0; i < 64; i++) { /* one in each 64th, at a place of its own */
    assert_true(s[i] > i / 64.0f && s[i] < (i + 1) / 64.0f);
    assert_true(fabsf(s[i] - (i + u[i]) / 64) < 1e-6f);
  }
  end(&b);
}

static void labels(void **state) {
  enum { N = 20000 };
  bench b = start();
  pm_value *label = numeric_whole(b.g, "label", PM_I32, pm_shape_of(1, Z(N)), 8);
  const int32_t *before = items_of(&b, label), *after = items_of(&b, pm_drop_labels(b.g, label, DRAWS, 0.1, 8));
  size_t dropped = 0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    assert_true(after[i] == before[i] || after[i] == 8);
    dropped += after[i] == 8;
  }
  assert_true(fabs(dropped - 0.1 * N) < 5 * sqrt(0.09 * N));
  assert_memory_equal(items_of(&b, pm_drop_labels(b.g, label, DRAWS, 0, 8)), before, N * sizeof *before);
  const int32_t *none = items_of(&b, pm_drop_labels(b.g, label, DRAWS, 1, 8));
  for (size_t i = 0; i < N; i++)
    assert_int_equal(none[i], 8);
  end(&b);
}

static void dropped_items(void **state) {
  enum { ROWS = 30, ROW = 999 };
  bench b = start();
  pm_value *one = pm_fill(b.g, pm_shape_of(3, Z(ROWS), Z(ROW / 3), Z(3)), 3);
  const float *y = items_of(&b, pm_dropout(b.g, one, DRAWS, 0.25, 9));
  size_t dropped = 0, alike = 0;
  (void)state;
  for (size_t i = 0; i < ROWS * ROW; i++) {
    assert_true(y[i] == 0 || y[i] == 4);
    dropped += y[i] == 0;
    alike += i >= ROW && (y[i] == 0) == (y[i - ROW] == 0); /* slots draw for themselves */
  }
  assert_true(fabs(dropped - 0.25 * ROWS * ROW) < 5 * sqrt(0.1875 * ROWS * ROW));
  assert_true(fabs(alike / (double)((ROWS - 1) * ROW) - 0.625) < 0.02);
  const draw_source source = {.seed = 77, .step = 5};
  for (size_t e = 0; e < ROW; e++)
    assert_true((y[7 * ROW + e] != 0) == draw_keeps(&source, 9, 7, e, 0.25));
  assert_true(memcmp(items_of(&b, pm_dropout(b.g, one, DRAWS, 0.25, 10)), y, ROW * sizeof *y) != 0);
  const float *all = items_of(&b, pm_dropout(b.g, one, DRAWS, 0, 9));
  for (size_t i = 0; i < ROWS * ROW; i++)
    assert_true(all[i] == 3);
  end(&b);
}

/* ---- what must not depend on size ---- */

/* Logits far apart and far from 0 give finite losses: log sum exp is taken from the largest. */
static void large_logits(void **state) {
  bench b = start();
  const float x[] = {1e4f, -1e4f, 0, 1e4f, -1e4f, 0, -1e4f, -1e4f, -1e4f};
  pm_value *logits = given(&b, "x", PM_F32, pm_shape_of(2, Z(3), Z(3)), x);
  pm_value *index = given(&b, "index", PM_U8, pm_shape_of(1, Z(3)), (const unsigned char[]){0, 2, 1});
  const float *loss = items_of(&b, pm_cross_entropy(b.g, logits, index)), *p = items_of(&b, pm_softmax(b.g, logits));
  (void)state;
  assert_true(loss[0] == 0 && loss[1] == 1e4f && fabsf(loss[2] - 1.0986123f) < 1e-6f);
  assert_true(p[0] == 1 && p[1] < 1e-37f && fabsf(p[6] - 1.0f / 3) < 1e-7f);
  end(&b);
}

/* A group far from 0 that hardly varies is normalised without losing its digits. */
static void groupnorm_far_from_zero(void **state) {
  bench b = start();
  float x[64];
  for (int i = 0; i < 64; i++)
    x[i] = 1000 + (i % 2 ? 0.125f : -0.125f);
  pm_value *one = pm_fill(b.g, pm_shape_of(1, Z(4)), 1), *zero = pm_fill(b.g, pm_shape_of(1, Z(4)), 0);
  const float *y = items_of(&b, pm_groupnorm(b.g, given(&b, "x", PM_F32, pm_shape_of(4, Z(1), Z(4), Z(4), Z(4)), x),
                                             one, zero, (pm_groupnorm_attributes){2, 1e-9}));
  (void)state;
  for (int i = 0; i < 64; i++)
    assert_true(fabsf(y[i] - (i % 2 ? 1 : -1)) < 1e-5f);
  end(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(time_embedding),
      cmocka_unit_test(tables),
      cmocka_unit_test(planes_and_back),
      cmocka_unit_test(first_of_equals),
      cmocka_unit_test(nearest_bits),
      cmocka_unit_test(whole_numbers),
      cmocka_unit_test(uniform_numbers),
      cmocka_unit_test(labels),
      cmocka_unit_test(dropped_items),
      cmocka_unit_test(large_logits),
      cmocka_unit_test(groupnorm_far_from_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
