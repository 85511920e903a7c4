/* The ops of models of sequences: moving, drawing and keeping indices, dropout of attention's shares, GELU. */
#include "check.h"

#include "core/random.h"
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

static void end(const bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
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

static pm_value *given(const bench *b, const char *name, pm_dtype dtype, pm_shape shape, const void *items) {
  pm_value *x = pm_graph_input(b->g, name, dtype, shape);
  pm_store_write(b->store, x->buffer, 0, items, pm_count(x));
  return x;
}

#define SOURCE numeric_draws(b.g, 77, 5, 0, 0)

/* ---- moving and keeping ---- */

static void moved_and_counted(void **state) {
  static const int32_t index[] = {4, 7, 1, 3, 2, 9}, want[] = {10, 4, 7, 10, 3, 2};
  bench b = start();
  pm_value *x = given(&b, "index", PM_I32, pm_shape_of(2, Z(2), Z(3)), index);
  (void)state;
  assert_memory_equal(items_of(&b, pm_shift_right(b.g, x, 10)), want, sizeof want);
  pm_value *one = given(&b, "one", PM_I32, pm_shape_of(2, Z(2), Z(1)), index);
  assert_memory_equal(items_of(&b, pm_shift_right(b.g, one, 8)), ((const int32_t[]){8, 8}), 2 * sizeof *index);
  assert_memory_equal(items_of(&b, pm_count_up(b.g, 7, 4, 3)), ((const int32_t[]){4, 5, 6, 4, 5, 6, 4}),
                      7 * sizeof *index);
  end(&b);
}

static void columns_are_put_one_by_one(void **state) {
  static const int32_t before[] = {1, 2, 3, 4, 5, 6}, column[] = {70, 80}, after[] = {1, 70, 3, 4, 80, 6};
  bench b = start();
  int32_t got[6];
  pm_value *table = pm_graph_state(b.g, "table", PM_I32, pm_shape_of(2, Z(2), Z(3)));
  pm_put_column(b.g, table, given(&b, "column", PM_I32, pm_shape_of(1, Z(2)), column), numeric_scalar(b.g, "which", 1));
  pm_program *program = pm_backend_cpu.compile(b.g);
  (void)state;
  pm_store_write(b.store, table->buffer, 0, before, 6);
  pm_backend_cpu.run(program);
  pm_store_read(b.store, table->buffer, 0, got, 6);
  assert_memory_equal(got, after, sizeof after);
  numeric_set(b.store, "which", 2);
  pm_backend_cpu.run(program);
  pm_store_read(b.store, table->buffer, 0, got, 6);
  assert_memory_equal(got, ((const int32_t[]){1, 70, 70, 4, 80, 80}), sizeof got);
  pm_backend_cpu.free_program(program);
  end(&b);
}

/* ---- drawing ---- */

enum { DRAWS = 20000, K = 6 };
static const float logits[K] = {0.5f, -1, 2, 0, 1.25f, -3};

/* DRAWS rows of the same logits. */
static pm_value *rows_of_logits(const bench *b) {
  float *rows = pm_alloc(b->arena, Z(DRAWS) * K, sizeof *rows);
  for (size_t i = 0; i < Z(DRAWS) * K; i++)
    rows[i] = logits[i % K];
  return given(b, "logits", PM_F32, pm_shape_of(2, Z(DRAWS), Z(K)), rows);
}

/* How often each is drawn is within five standard deviations of softmax(logits / temperature) over those allowed. */
static void expect_frequencies(const int32_t *draw, double temperature, unsigned allowed) {
  double p[K], total = 0;
  size_t times[K] = {0};
  for (int k = 0; k < K; k++)
    total += p[k] = allowed >> k & 1 ? exp(logits[k] / temperature) : 0;
  for (size_t i = 0; i < DRAWS; i++) {
    assert_in_range(draw[i], 0, K - 1);
    times[draw[i]]++;
  }
  for (int k = 0; k < K; k++) {
    double q = p[k] / total;
    if (!(fabs((double)times[k] - q * DRAWS) <= 5 * sqrt(q * (1 - q) * DRAWS)))
      fail_msg("at temperature %g, index %d is drawn %zu times, expected %.1f", temperature, k, times[k], q * DRAWS);
  }
}

static void drawn_as_often_as_likely(void **state) {
  bench b = start();
  pm_value *x = rows_of_logits(&b);
  (void)state;
  for (int i = 0; i < 3; i++) {
    double temperature = (const double[]){1, 0.4, 2.5}[i];
    pm_draw_index_attributes a = {temperature, 0, 0, 9};
    expect_frequencies(items_of(&b, pm_draw_index(b.g, x, SOURCE, a)), temperature, 0x3f);
  }
  end(&b);
}

/* The likeliest are 2, 4, 0, 3, 1, 5. */
static void drawn_of_the_likeliest(void **state) {
  static const unsigned allowed[] = {0x3f, 0x04, 0x14, 0x15, 0x1d, 0x1f, 0x3f, 0x3f};
  bench b = start();
  pm_value *x = rows_of_logits(&b);
  (void)state;
  for (size_t top = 0; top < sizeof allowed / sizeof *allowed; top++) {
    pm_draw_index_attributes a = {1.5, top, 0, 9};
    expect_frequencies(items_of(&b, pm_draw_index(b.g, x, SOURCE, a)), 1.5, allowed[top]);
  }
  end(&b);
}

/* Those equal to the last allowed are allowed, too. */
static void equals_are_drawn_alike(void **state) {
  enum { N = 4000 };
  bench b = start();
  float *rows = pm_alloc(b.arena, Z(N) * 4, sizeof *rows);
  for (size_t i = 0; i < Z(N) * 4; i++)
    rows[i] = (const float[]){1, 3, 3, 2}[i % 4];
  pm_draw_index_attributes a = {1, 1, 0, 9};
  pm_value *x = given(&b, "x", PM_F32, pm_shape_of(2, Z(N), Z(4)), rows);
  const int32_t *draw = items_of(&b, pm_draw_index(b.g, x, SOURCE, a));
  size_t ones = 0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    assert_true(draw[i] == 1 || draw[i] == 2);
    ones += draw[i] == 1;
  }
  assert_true(fabs((double)ones - N / 2.0) < 5 * sqrt(N / 4.0));
  end(&b);
}

static void cold_draws_are_the_likeliest(void **state) {
  enum { N = 2000, WIDE = 300 };
  bench b = start();
  pm_value *x = numeric_input(b.g, "wide", pm_shape_of(2, Z(N), Z(WIDE)), -1e4, 1e4);
  const float *row = items_of(&b, pm_affine(b.g, x, 1, 0));
  pm_draw_index_attributes a = {1e-3, 0, 0, 9};
  const int32_t *draw = items_of(&b, pm_draw_index(b.g, x, SOURCE, a));
  (void)state;
  for (size_t n = 0; n < N; n++, row += WIDE)
    for (size_t k = 0; k < WIDE; k++)
      assert_true(row[k] <= row[draw[n]]);
  end(&b);
}

/* A row's draw is its own: by seed, purpose, position and number, whatever is drawn beside it. */
static void draws_are_numbered(void **state) {
  bench b = start();
  pm_value *x = rows_of_logits(&b);
  const pm_draw_index_attributes a = {1, 0, 0, 9}, other = {1, 0, 0, 10};
  const int32_t *draw = items_of(&b, pm_draw_index(b.g, x, SOURCE, a));
  pm_draws thirty = SOURCE, seed = thirty, next = thirty;
  thirty.first = numeric_scalar(b.g, "thirty", 30);
  seed.seed = numeric_scalar(b.g, "seed 2", 78);
  next.step = numeric_scalar(b.g, "next", 3);
  const int32_t *later = items_of(&b, pm_draw_index(b.g, x, thirty, a));
  (void)state;
  assert_memory_equal(later, draw + 30, (DRAWS - 30) * sizeof *draw);
  pm_value *others[] = {pm_draw_index(b.g, x, SOURCE, other), pm_draw_index(b.g, x, seed, a),
                        pm_draw_index(b.g, x, next, a)};
  for (int i = 0; i < 3; i++) {
    const int32_t *got = items_of(&b, others[i]);
    size_t alike = 0;
    for (size_t n = 0; n < DRAWS; n++)
      alike += got[n] == draw[n];
    double squares = 0, total = 0; /* two draws of their own are alike so often: the sum of the squared chances */
    for (int k = 0; k < K; k++)
      total += exp((double)logits[k]);
    for (int k = 0; k < K; k++)
      squares += exp(2.0 * logits[k]) / (total * total);
    assert_true(fabs(alike / (double)DRAWS - squares) < 0.02);
  }
  end(&b);
}

/* ---- cross-entropy with indices above 255 ---- */

/* Logits of 0 but for one of ln 9 in a row of 300: it has the probability 9 / 308, the others 1 / 308 each. */
static void cross_entropy_of_wide_indices(void **state) {
  enum { WIDE = 300 };
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  static const int32_t index[] = {299, 43}; /* 43 is 299 in one byte */
  (void)state;
  for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
    pm_arena *arena = pm_arena_new();
    bench b = {arena, pm_store_new(arena, backends[i]), NULL};
    b.g = pm_graph_new(arena, b.store, true);
    float x[2 * WIDE] = {0};
    x[299] = x[WIDE + 299] = logf(9);
    pm_value *rows = given(&b, "x", PM_F32, pm_shape_of(2, Z(2), Z(WIDE)), x);
    pm_value *loss = pm_cross_entropy(b.g, rows, given(&b, "index", PM_I32, pm_shape_of(1, Z(2)), index));
    pm_keep(loss, "loss");
    pm_program *program = backends[i]->compile(b.g);
    backends[i]->run(program);
    const float *got = numeric_read(arena, backends[i], program, loss);
    assert_true(fabs(got[0] - log(308.0 / 9)) < 1e-5 && fabs(got[1] - log(308.0)) < 1e-5);
    backends[i]->free_program(program);
    end(&b);
  }
}

/* ---- attention ---- */

/* With values of one, what comes out is the sum of the shares that dropout leaves: 1 on average; each share is there or
 * not by its own number, of slot (sample, head). */
static void dropped_shares(void **state) {
  enum { N = 6, T = 20, HEADS = 2, D = 4 };
  const pm_attention_attributes a = {.heads = HEADS, .causal = true, .dropout = 0.25, .purpose = 9};
  bench b = start();
  pm_shape shape = pm_shape_of(3, Z(N), Z(T), Z(D));
  pm_value *zero = pm_fill(b.g, shape, 0), *one = pm_fill(b.g, shape, 1);
  pm_value *qkv = pm_concat(b.g, pm_concat(b.g, zero, zero), one);
  const float *y = items_of(&b, pm_attention(b.g, qkv, SOURCE, a));
  const draw_source source = {.seed = 77, .step = 5};
  double sum = 0;
  (void)state;
  for (size_t slot = 0; slot < Z(N * HEADS); slot++) {
    for (size_t t = 0; t < T; t++) {
      double left = 0, got = y[(slot / HEADS * T + t) * D + slot % HEADS * (D / HEADS)];
      for (size_t j = 0; j <= t; j++) /* equal scores: each of t + 1 has the same share */
        left += draw_keeps(&source, 9, (uint32_t)slot, t * T + j, 0.25) ? 1 / 0.75 / (double)(t + 1) : 0;
      assert_true(fabs(got - left) < 1e-5);
      sum += got;
    }
  }
  assert_true(fabs(sum / (N * HEADS * T) - 1) < 0.1);
  const float *all = items_of(&b, pm_attention(b.g, qkv, (pm_draws){0}, (pm_attention_attributes){.heads = HEADS}));
  for (size_t i = 0; i < Z(N * T * D); i++)
    assert_true(fabsf(all[i] - 1) < 1e-6f);
  end(&b);
}

/* ---- GELU: x Phi(x), from a table of the normal distribution ---- */

static void gelu_by_hand(void **state) {
  static const float x[] = {0, 1, -1, 2, -3, 0.5f},
                     phi[] = {0.5f, 0.8413447f, 0.1586553f, 0.9772499f, 0.0013499f, 0.6914625f};
  bench b = start();
  const float *y = items_of(&b, pm_gelu(b.g, given(&b, "x", PM_F32, pm_shape_of(1, Z(6)), x)));
  (void)state;
  for (int i = 0; i < 6; i++)
    assert_true(fabsf(y[i] - x[i] * phi[i]) < 5e-7f);
  end(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moved_and_counted),        cmocka_unit_test(columns_are_put_one_by_one),
      cmocka_unit_test(drawn_as_often_as_likely), cmocka_unit_test(drawn_of_the_likeliest),
      cmocka_unit_test(equals_are_drawn_alike),   cmocka_unit_test(cold_draws_are_the_likeliest),
      cmocka_unit_test(draws_are_numbered),       cmocka_unit_test(cross_entropy_of_wide_indices),
      cmocka_unit_test(dropped_shares),           cmocka_unit_test(gelu_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
