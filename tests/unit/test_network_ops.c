/* The ops of denoising networks against numbers worked out by hand: that they are what their names say. Their gradients
 * and fast kernels are tested against these. */
#include "check.h"

#include "numeric.h"

#define Z(n) ((size_t)(n))
#define ITEMS(...) ((const float[]){__VA_ARGS__})

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
} bench;

static bench start(void) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_reference);
  return (bench){arena, store, pm_graph_new(arena, store, true)};
}

static pm_value *given(const bench *b, const char *name, const float *items, pm_shape shape) {
  pm_value *x = pm_graph_input(b->g, name, PM_F32, shape);
  pm_store_write(b->store, x->buffer, 0, items, pm_count(x));
  return x;
}

static void expect(const bench *b, pm_value *x, const float *want, pm_shape shape) {
  pm_keep(x, "result");
  pm_program *program = pm_backend_reference.compile(b->g);
  pm_backend_reference.run(program);
  const float *got = numeric_read(b->arena, &pm_backend_reference, program, x);
  pm_backend_reference.free_program(program);
  assert_true(pm_shape_equal(x->shape, shape));
  for (size_t i = 0; i < pm_count(x); i++)
    if (!(fabsf(got[i] - want[i]) < 2e-6f))
      fail_msg("item %zu is %.8g, expected %.8g", i, got[i], want[i]);
}

static void end(const bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static void item_by_item(void **state) {
  bench b = start();
  pm_shape shape = pm_shape_of(2, Z(2), Z(2));
  pm_value *x = given(&b, "x", ITEMS(0, 1, -1, 20), shape), *y = given(&b, "y", ITEMS(1, 2, 3, 4), shape);
  pm_value *v = given(&b, "a", ITEMS(2, -1), pm_shape_of(1, Z(2))),
           *w = given(&b, "b", ITEMS(10, 100), pm_shape_of(1, Z(2)));
  (void)state;
  expect(&b, pm_silu(b.g, x), ITEMS(0, 0.7310586f, -0.2689414f, 20), shape);
  expect(&b, pm_clamp(b.g, x, -0.5, 2), ITEMS(0, 1, -0.5f, 2), shape);
  expect(&b, pm_combine_rows(b.g, x, y, v, w), ITEMS(10, 22, 301, 380), shape);
  expect(&b, pm_scale_rows(b.g, x, v), ITEMS(0, 2, 1, -20), shape);
  expect(&b, pm_absolute_error(b.g, x, y), ITEMS(1, 10), pm_shape_of(1, Z(2)));
  end(&b);
}

/* One row of two pixels with two channels. */
static void pixels(void **state) {
  bench b = start();
  pm_value *x = given(&b, "x", ITEMS(1, 2, 3, 4), pm_shape_of(4, Z(1), Z(1), Z(2), Z(2)));
  pm_value *z = given(&b, "z", ITEMS(7, 8), pm_shape_of(4, Z(1), Z(1), Z(2), Z(1)));
  pm_value *v = given(&b, "v", ITEMS(10, 20), pm_shape_of(2, Z(1), Z(2)));
  (void)state;
  expect(&b, pm_concat(b.g, x, z), ITEMS(1, 2, 7, 3, 4, 8), pm_shape_of(4, Z(1), Z(1), Z(2), Z(3)));
  expect(&b, pm_slice_columns(b.g, x, 1, 1), ITEMS(2, 4), pm_shape_of(4, Z(1), Z(1), Z(2), Z(1)));
  expect(&b, pm_add_vector(b.g, x, v), ITEMS(11, 22, 13, 24), x->shape);
  expect(&b, pm_sum_pixels(b.g, x), ITEMS(4, 6), pm_shape_of(2, Z(1), Z(2)));
  expect(&b, pm_upsample_nearest(b.g, x, 2), ITEMS(1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4),
         pm_shape_of(4, Z(1), Z(2), Z(4), Z(2)));
  /* one row above, a column left, two columns right */
  pm_value *padded = pm_pad2d(b.g, z, (pm_margins){1, 1, 0, 2});
  expect(&b, padded, ITEMS(0, 0, 0, 0, 0, 0, 7, 8, 0, 0), pm_shape_of(4, Z(1), Z(2), Z(5), Z(1)));
  expect(&b, pm_crop2d(b.g, padded, (pm_margins){1, 2, 0, 1}), ITEMS(8, 0), pm_shape_of(4, Z(1), Z(1), Z(2), Z(1)));
  end(&b);
}

/* Two groups of two channels over two pixels: 1 2 3 4 (mean 2.5, variance 1.25) and 10 10 30 30 (20, 100). */
static void groupnorm(void **state) {
  bench b = start();
  pm_shape shape = pm_shape_of(3, Z(1), Z(2), Z(4));
  pm_value *x = given(&b, "x", ITEMS(1, 2, 10, 10, 3, 4, 30, 30), shape);
  pm_value *gamma = given(&b, "gamma", ITEMS(1, 2, 1, 3), pm_shape_of(1, Z(4))),
           *beta = given(&b, "beta", ITEMS(0, 0, 5, 0), pm_shape_of(1, Z(4)));
  const float a = 1.3416408f, c = 0.4472136f; /* 1.5 and 0.5 over sqrt(1.25) */
  (void)state;
  pm_value *y = pm_groupnorm(b.g, x, gamma, beta, (pm_groupnorm_attributes){2, 0});
  expect(&b, y, ITEMS(-a, -2 * c, 4, -3, c, 2 * a, 6, 3), shape);
  expect(&b, pm_output_of(y, PM_GROUPNORM_MEAN), ITEMS(2.5f, 20), pm_shape_of(2, Z(1), Z(2)));
  expect(&b, pm_output_of(y, PM_GROUPNORM_VARIANCE), ITEMS(1.25f, 100), pm_shape_of(2, Z(1), Z(2)));
  pm_value *s = pm_silu(b.g, pm_groupnorm(b.g, x, gamma, beta, (pm_groupnorm_attributes){2, 25}));
  const float d = 1 / 5.1234754f, e = 0.8944272f; /* 1 / sqrt(26.25), 10 / sqrt(125) */
  float z[] = {-1.5f * d, -d, 5 - e, -3 * e, 0.5f * d, 3 * d, 5 + e, 3 * e};
  for (int i = 0; i < 8; i++)
    z[i] = z[i] / (1 + expf(-z[i]));
  expect(&b, s, z, shape);
  end(&b);
}

static void softmax_and_loss(void **state) {
  bench b = start();
  const float three = 1.0986123f; /* ln 3 */
  pm_value *x = given(&b, "x", ITEMS(0, three, 5, 5), pm_shape_of(3, Z(1), Z(2), Z(2)));
  pm_value *index = pm_graph_input(b.g, "index", PM_U8, pm_shape_of(2, Z(1), Z(2)));
  pm_store_write(b.store, index->buffer, 0, (const unsigned char[]){1, 0}, 2);
  (void)state;
  expect(&b, pm_softmax(b.g, x), ITEMS(0.25f, 0.75f, 0.5f, 0.5f), x->shape);
  /* -(ln 3/4 + ln 1/2) / 2 */
  expect(&b, pm_cross_entropy(b.g, x, index), ITEMS(0.4904146f), pm_shape_of(1, Z(1)));
  end(&b);
}

/* Two heads of four columns, of which only the first is not 0: scores are q k / 2. Head one: token 0 sees all alike,
 * token 1 takes 1/4 and 3/4; head two takes all alike. */
static void attention(void **state) {
  bench b = start();
  pm_shape shape = pm_shape_of(3, Z(1), Z(2), Z(8));
  const float three = 1.0986123f;
  pm_value *q = given(&b, "q", ITEMS(0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0), shape);
  pm_value *k = given(&b, "k", ITEMS(0, 0, 0, 0, 9, 0, 0, 0, three, 0, 0, 0, 7, 0, 0, 0), shape);
  pm_value *v = given(&b, "v", ITEMS(1, 0, 0, 2, 3, 0, 0, 0, 5, 0, 0, 6, 11, 0, 0, 0), shape);
  (void)state;
  pm_value *qkv = pm_concat(b.g, pm_concat(b.g, q, k), v);
  expect(&b, pm_attention(b.g, qkv, (pm_draws){0}, (pm_attention_attributes){.heads = 2}),
         ITEMS(3, 0, 0, 4, 7, 0, 0, 0, 4, 0, 0, 5, 7, 0, 0, 0), shape);
  expect(&b, pm_attention(b.g, qkv, (pm_draws){0}, (pm_attention_attributes){.heads = 2, .causal = true}),
         ITEMS(1, 0, 0, 2, 3, 0, 0, 0, 4, 0, 0, 5, 7, 0, 0, 0), shape);
  end(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(item_by_item),     cmocka_unit_test(pixels),    cmocka_unit_test(groupnorm),
      cmocka_unit_test(softmax_and_loss), cmocka_unit_test(attention),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
