/* Products of bfloat16: every tier gives the bits of its sums as they are documented; forms of operands; and when they
 * are made. */
#include "check.h"

#include "backend/cpu/bf16.h"
#include "backend/lowering.h"
#include "numeric.h"

#include <math.h>

#define Z(n) ((size_t)(n))

/* Weak: a build for another processor has only the baseline. */
extern const pm_bf16_tiles pm_bf16_tiles_avx2 __attribute__((weak)), pm_bf16_tiles_avx512 __attribute__((weak)),
    pm_bf16_tiles_avx512bf16 __attribute__((weak)), pm_bf16_tiles_amx __attribute__((weak));

enum { TIERS = 6 };

static size_t tiers_here(const pm_bf16_tiles *tier[TIERS]) {
  size_t n = 0;
  tier[n++] = &pm_bf16_tiles_baseline;
  tier[n++] = &pm_bf16_tiles_amxplain;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&pm_bf16_tiles_avx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    tier[n++] = &pm_bf16_tiles_avx2;
  if (&pm_bf16_tiles_avx512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    tier[n++] = &pm_bf16_tiles_avx512;
  if (&pm_bf16_tiles_avx512bf16 && __builtin_cpu_supports("avx512bf16"))
    tier[n++] = &pm_bf16_tiles_avx512bf16;
  if (&pm_bf16_tiles_amx && pm_bf16_has_amx())
    tier[n++] = &pm_bf16_tiles_amx;
#endif
  return n;
}

static float widened(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static float add_even(float sum, uint32_t a, uint32_t b) {
  return fmaf(widened((uint16_t)a), widened((uint16_t)b), sum);
}

static float add_odd(float sum, uint32_t a, uint32_t b) {
  return fmaf(widened((uint16_t)(a >> 16)), widened((uint16_t)(b >> 16)), sum);
}

/* sum + the products of pairs a[0], a[step], … and b[0], b[columns], …, in a tier's order */
static float added(const pm_bf16_tiles *tier, float sum, const uint32_t *a, size_t step, const uint32_t *b,
                   size_t columns, size_t pairs) {
  const bool amx = strcmp(tier->sums, "bf16 amx") == 0;
  for (size_t p = 0; p < pairs && !amx; p++)
    sum = add_even(add_odd(sum, a[p * step], b[p * columns]), a[p * step], b[p * columns]);
  for (size_t p = 0; p < pairs && amx; p += 16) {
    float even = 0, odd = 0;
    for (size_t k = p; k < pairs && k < p + 16; k++) {
      even = add_even(even, a[k * step], b[k * columns]);
      odd = add_odd(odd, a[k * step], b[k * columns]);
    }
    sum += even + odd;
  }
  return sum;
}

/* n pairs of numbers of one size of magnitude. */
static uint32_t *pairs_of(pm_arena *arena, const pm_bf16_tiles *tiles, const char *name, size_t n) {
  float *numbers = numeric_uniform(arena, 2 * n, name, -3, 3);
  uint32_t *pairs = pm_alloc(arena, n, sizeof *pairs);
  tiles->round((uint16_t *)pairs, numbers, 2 * n);
  return pairs;
}

enum { ROWS = 23, PAIRS = 37, LDA = 41 };

static void products_are_added_in_order(void **state) {
  const pm_bf16_tiles *tier[TIERS];
  const size_t tiers = tiers_here(tier), columns[] = {16, 32, 48, 64};
  (void)state;
  for (size_t t = 0; t < tiers; t++)
    for (size_t k = 0; k < 4; k++) {
      pm_arena *arena = pm_arena_new();
      const size_t n = columns[k], ldc = n + 3;
      uint32_t a_place[ROWS], c_place[ROWS];
      for (uint32_t r = 0; r < ROWS; r++) {
        a_place[r] = r * 7 % ROWS;
        c_place[r] = r * 5 % ROWS;
      }
      const uint32_t *a = pairs_of(arena, tier[t], "a", Z(ROWS * LDA)), *b = pairs_of(arena, tier[t], "b", PAIRS * n);
      float *c = numeric_uniform(arena, ROWS * ldc, "c", -1, 1), *want = numeric_uniform(arena, ROWS * ldc, "c", -1, 1);
      for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < n; j++) {
          float *sum = &want[c_place[r] * ldc + j];
          *sum = added(tier[t], *sum, a + a_place[r] * LDA, 1, b + j, n, PAIRS);
        }
      tier[t]->multiply(c, ldc, c_place, a, LDA, a_place, b, ROWS, PAIRS, n, c);
      assert_memory_equal(c, want, ROWS * ldc * sizeof *c);

      /* the rows as they lie */
      c = numeric_uniform(arena, ROWS * ldc, "c", -1, 1), want = numeric_uniform(arena, ROWS * ldc, "c", -1, 1);
      for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < n; j++)
          want[r * ldc + j] = added(tier[t], want[r * ldc + j], a + r * LDA, 1, b + j, n, PAIRS);
      tier[t]->multiply(c, ldc, NULL, a, LDA, NULL, b, ROWS, PAIRS, n, c);
      assert_memory_equal(c, want, ROWS * ldc * sizeof *c);

      /* the same numbers, turned round: a[p ROWS + i] */
      c = numeric_uniform(arena, ROWS * ldc, "c", -1, 1), want = numeric_uniform(arena, ROWS * ldc, "c", -1, 1);
      for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < n; j++)
          want[i * ldc + j] = added(tier[t], want[i * ldc + j], a + i, ROWS, b + j, n, PAIRS);
      tier[t]->outer(c, ldc, a, b, PAIRS, ROWS, n, c);
      assert_memory_equal(c, want, ROWS * ldc * sizeof *c);

      /* sums that begin with a row, and with nothing */
      const float *row = numeric_uniform(arena, n, "row", -1, 1);
      for (int with_row = 0; with_row < 2; with_row++) {
        const float *begin = with_row ? row : NULL;
        float *outer = numeric_uniform(arena, ROWS * ldc, "c", -1, 1),
              *wanted = numeric_uniform(arena, ROWS * ldc, "c", -1, 1);
        c = numeric_uniform(arena, ROWS * ldc, "c", -1, 1), want = numeric_uniform(arena, ROWS * ldc, "c", -1, 1);
        for (size_t r = 0; r < ROWS; r++)
          for (size_t j = 0; j < n; j++) {
            want[c_place[r] * ldc + j] =
                added(tier[t], with_row ? row[j] : 0, a + a_place[r] * LDA, 1, b + j, n, PAIRS);
            wanted[r * ldc + j] = added(tier[t], with_row ? row[j] : 0, a + r, ROWS, b + j, n, PAIRS);
          }
        tier[t]->multiply(c, ldc, c_place, a, LDA, a_place, b, ROWS, PAIRS, n, begin);
        assert_memory_equal(c, want, ROWS * ldc * sizeof *c);
        tier[t]->outer(outer, ldc, a, b, PAIRS, ROWS, n, begin);
        assert_memory_equal(outer, wanted, ROWS * ldc * sizeof *outer);
      }
      pm_arena_free(arena);
    }
}

static void rounding_is_to_the_nearest(void **state) {
  static const uint32_t given[] = {0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff, 0xbf818000,
                                   0x00000000, 0x80000000, 0x7f7fffff, 0x7f800000, 0x3f80ffff, 0x40490fdb};
  static const uint16_t wanted[] = {0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3f80, 0xbf82,
                                    0x0000, 0x8000, 0x7f80, 0x7f80, 0x3f81, 0x4049};
  const pm_bf16_tiles *tier[TIERS];
  const size_t tiers = tiers_here(tier);
  (void)state;
  for (size_t t = 0; t < tiers; t++) {
    uint16_t got[12], odd[12];
    uint32_t pairs[12];
    tier[t]->round(got, (const float *)(const void *)given, 12);
    assert_memory_equal(got, wanted, sizeof got);
    for (int i = 0; i < 12; i++)
      odd[i] = (uint16_t)(i + 1);
    tier[t]->interleave(pairs, got, odd, 12);
    for (uint32_t i = 0; i < 12; i++)
      assert_int_equal(pairs[i], wanted[i] | (i + 1) << 16);
  }
}

/* ---- forms ---- */

static uint16_t rounded(float x) {
  uint16_t y;
  pm_bf16_best()->round(&y, &x, 1);
  return y;
}

static void matrices_lie_in_panels(void **state) {
  enum { MATRICES = 3, R = 80, C = 144 };
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  pm_graph *g = pm_graph_new(arena, store, false);
  pm_value *x = numeric_input(g, "x", pm_shape_of(3, Z(MATRICES), Z(R), Z(C)), -1, 1);
  float *items = numeric_uniform(arena, MATRICES * R * C, "x", -1, 1);
  (void)state;
  for (int turned = 0; turned <= 1; turned++) {
    const size_t K = turned ? C : R, N = turned ? R : C; /* of B */
    pm_form form = turned ? PM_TRANSPOSED : PM_PAIRS;
    uint16_t *got = pm_alloc(arena, pm_bf16_form_bytes(x, form), 1);
    pm_call call = {.value = x, .in = {items}, .out = {got}};
    pm_bf16_converter(form)(&call);
    for (size_t m = 0; m < MATRICES; m++)
      for (size_t k = 0; k < K; k++)
        for (size_t n = 0; n < N; n++) {
          size_t panel = n / PM_PANEL * PM_PANEL, columns = N - panel < PM_PANEL ? N - panel : PM_PANEL;
          size_t at = 2 * (m * K * N / 2 + panel * (K / 2) + k / 2 * columns + n - panel) + k % 2;
          assert_int_equal(got[at], rounded(items[m * R * C + (turned ? n * C + k : k * C + n)]));
        }
  }
  pm_store_free(store);
  pm_arena_free(arena);
}

/* A layer that is run twice, with weights that change between, and one whose program changes them itself. */
static void converted_weights_follow_their_buffer(void **state) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu_bf16);
  pm_graph *g = pm_graph_new(arena, store, false);
  pm_value *x = numeric_input(g, "x", pm_shape_of(2, Z(5), Z(64)), -1, 1);
  pm_value *w = numeric_parameter(g, "w", pm_shape_of(2, Z(32), Z(64)));
  pm_value *y = pm_keep(pm_linear(g, x, w, NULL), "y");
  pm_program *program = pm_backend_cpu_bf16.compile(g);
  float *first, *again, *ones = pm_alloc(arena, 32 * 64, sizeof *ones);
  (void)state;
  pm_store_write(store, store->parameters, 0, numeric_uniform(arena, 32 * 64, "w", -1, 1), 32 * 64);
  pm_backend_cpu_bf16.run(program);
  first = numeric_read(arena, &pm_backend_cpu_bf16, program, y);
  pm_backend_cpu_bf16.run(program);
  again = numeric_read(arena, &pm_backend_cpu_bf16, program, y);
  assert_memory_equal(first, again, sizeof(float[5 * 32]));
  for (int i = 0; i < 32 * 64; i++)
    ones[i] = 1;
  pm_store_write(store, store->parameters, 0, ones, 32 * 64); /* by the host */
  pm_backend_cpu_bf16.run(program);
  again = numeric_read(arena, &pm_backend_cpu_bf16, program, y);
  assert_true(again[0] == again[31] && again[0] != first[0]);

  pm_graph *update = pm_graph_new(arena, store, false); /* by another program */
  pm_value *block = pm_graph_block(update, "parameters");
  pm_value *gradient = pm_graph_block(update, "gradients");
  pm_moving_average(update, block, gradient, pm_graph_scalar(update, "decay", PM_F32));
  pm_program *updater = pm_backend_cpu_bf16.compile(update);
  pm_backend_cpu_bf16.run(updater); /* the decay is 0: the parameters become the gradients, which are 0 */
  pm_backend_cpu_bf16.run(program);
  again = numeric_read(arena, &pm_backend_cpu_bf16, program, y);
  for (int i = 0; i < 5 * 32; i++)
    assert_true(again[i] == 0);
  pm_backend_cpu_bf16.free_program(program);
  pm_backend_cpu_bf16.free_program(updater);
  pm_store_free(store);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_added_in_order),
      cmocka_unit_test(rounding_is_to_the_nearest),
      cmocka_unit_test(matrices_lie_in_panels),
      cmocka_unit_test(converted_weights_follow_their_buffer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
