/* Matrix products: right, and by our own kernels the bits of a row depend neither on where it stands nor on how many
 * there are. */
#include "check.h"

#include "backend/cpu/sgemm.h"
#include "backend/cpu/vector.h"
#include "numeric.h"

#include <math.h>

typedef struct {
  size_t m, n, k;
  bool transpose_a, transpose_b;
} product;

/* Row-major with some room behind each row, as when a matrix is a part of another. */
enum { ROOM = 5 };

static size_t lda_of(product p) {
  return (p.transpose_a ? p.m : p.k) + ROOM;
}
static size_t ldb_of(product p) {
  return (p.transpose_b ? p.k : p.n) + ROOM;
}

typedef void multiplier(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
                        bool transpose_b, size_t m, size_t n, size_t k, float beta);

static void multiply(multiplier *f, float *C, const float *A, const float *B, product p, float beta) {
  f(C, p.n + ROOM, A, lda_of(p), p.transpose_a, B, ldb_of(p), p.transpose_b, p.m, p.n, p.k, beta);
}

static const product products[] = {
    {1, 1, 1, false, false},     {2, 3, 5, false, true},      {7, 16, 96, false, false},    {50, 27, 32, false, true},
    {64, 64, 97, false, false},  {100, 12, 288, false, true}, {33, 128, 200, false, false}, {97, 65, 130, false, true},
    {49, 100, 64, false, false}, {16, 128, 130, false, true}, {32, 7, 200, false, true},    {21, 97, 31, false, true},
    {4, 70, 96, false, true},    {1, 1, 1, true, false},      {7, 16, 96, true, false},     {65, 100, 97, true, false},
    {130, 67, 193, true, false}, {10, 3, 31, true, false},    {3, 2, 5, true, true},        {70, 66, 98, true, true},
    {32, 40, 100, true, true},
};
enum { PRODUCTS = sizeof products / sizeof *products, LARGEST = 1 << 16 };

/* In double, whose error is forgotten beside a float's; and in the order of our own kernels. */
static void expected(double *sum, float *chain, const float *A, const float *B, product p, size_t r, size_t c) {
  const bool fused = pm_vector_best()->tiles->fused;
  for (size_t k = 0; k < p.k; k++) {
    float a = A[p.transpose_a ? k * lda_of(p) + r : r * lda_of(p) + k];
    float b = B[p.transpose_b ? c * ldb_of(p) + k : k * ldb_of(p) + c];
    *sum += (double)a * b;
    *chain = fused ? fmaf(a, b, *chain) : *chain + a * b;
  }
}

static void product_is_right(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const float *A = numeric_uniform(arena, LARGEST, "A", -1, 1), *B = numeric_uniform(arena, LARGEST, "B", -1, 1);
  for (size_t i = 0; i < PRODUCTS; i++)
    for (int beta = 0; beta < 2; beta++) {
      product p = products[i];
      size_t ldc = p.n + ROOM;
      float *C = numeric_uniform(arena, p.m * ldc, "C", -1, 1), *own = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
      const float *before = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
      multiply(pm_sgemm, C, A, B, p, (float)beta);
      multiply(pm_sgemm_tiles, own, A, B, p, (float)beta);
      for (size_t r = 0; r < p.m; r++)
        for (size_t c = 0; c < ldc; c++) {
          float chain = c < p.n && !beta ? 0 : before[r * ldc + c];
          double sum = chain;
          if (c < p.n)
            expected(&sum, &chain, A, B, p, r, c);
          assert_true(fabs((double)C[r * ldc + c] - sum) < 1e-5 * (1 + sqrt((double)p.k)));
          assert_true(own[r * ldc + c] == chain);
        }
    }
  pm_arena_free(arena);
}

static void row_does_not_depend_on_its_place(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const float *B = numeric_uniform(arena, LARGEST, "B", -1, 1), *row = numeric_uniform(arena, 512, "row", -1, 1);
  for (size_t i = 0; i < PRODUCTS; i++) {
    product p = products[i];
    p.transpose_a = false;
    size_t lda = lda_of(p), ldc = p.n + ROOM;
    float *A = numeric_uniform(arena, p.m * lda, "A", -1, 1), *C = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
    float *alone = numeric_uniform(arena, ldc, "alone", -1, 1);
    for (size_t r = 0; r < p.m; r++)
      memcpy(A + r * lda, row, p.k * sizeof *row);
    pm_sgemm_by_row(C, ldc, A, lda, B, ldb_of(p), p.transpose_b, p.m, p.n, p.k, 0);
    pm_sgemm_by_row(alone, ldc, row, lda, B, ldb_of(p), p.transpose_b, 1, p.n, p.k, 0);
    for (size_t r = 0; r < p.m; r++)
      assert_true(memcmp(C + r * ldc, alone, p.n * sizeof *C) == 0);
  }
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(product_is_right),
      cmocka_unit_test(row_does_not_depend_on_its_place),
  };
  return cmocka_run_group_tests_name("sgemm", tests, NULL, NULL);
}
