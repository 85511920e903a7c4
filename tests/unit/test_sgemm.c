/* Matrix products by row: right, and the bits of a row do not depend on where it stands or how many there are. */
#include "check.h"

#include "backend/cpu/sgemm.h"
#include "backend/cpu/vector.h"
#include "numeric.h"

#include <math.h>

typedef struct {
  size_t m, n, k;
  bool transpose_b;
} product;

/* Row-major with some room behind each row, as when a matrix is a part of another. */
enum { ROOM = 5 };

static void by_row(float *C, const float *A, const float *B, product p, float beta) {
  pm_sgemm_by_row(C, p.n + ROOM, A, p.k + ROOM, B, (p.transpose_b ? p.k : p.n) + ROOM, p.transpose_b, p.m, p.n, p.k,
                  beta);
}

static const product products[] = {
    {1, 1, 1, false},     {2, 3, 5, true},       {7, 16, 96, false},  {50, 27, 32, true},   {64, 64, 97, false},
    {100, 12, 288, true}, {33, 128, 200, false}, {97, 65, 130, true}, {49, 100, 64, false}, {16, 128, 130, true},
    {32, 7, 200, true},   {21, 97, 31, true},    {4, 70, 96, true},
};
enum { PRODUCTS = sizeof products / sizeof *products, LARGEST = 1 << 16 };

static void product_is_right(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const float *A = numeric_uniform(arena, LARGEST, "A", -1, 1), *B = numeric_uniform(arena, LARGEST, "B", -1, 1);
  for (size_t i = 0; i < PRODUCTS; i++)
    for (int beta = 0; beta < 2; beta++) {
      product p = products[i];
      size_t lda = p.k + ROOM, ldb = (p.transpose_b ? p.k : p.n) + ROOM, ldc = p.n + ROOM;
      float *C = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
      float *before = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
      by_row(C, A, B, p, (float)beta);
      for (size_t r = 0; r < p.m; r++)
        for (size_t c = 0; c < ldc; c++) {
          double sum = c < p.n ? beta * (double)before[r * ldc + c] : (double)before[r * ldc + c];
          for (size_t k = 0; c < p.n && k < p.k; k++)
            sum += (double)A[r * lda + k] * (double)B[p.transpose_b ? c * ldb + k : k * ldb + c];
          assert_true(fabs((double)C[r * ldc + c] - sum) < 1e-5 * (1 + sqrt((double)p.k)));
        }
    }
  pm_arena_free(arena);
}

static void row_does_not_depend_on_its_place(void **state) {
  (void)state;
  if (!pm_vector_best()->tiles)
    skip();
  pm_arena *arena = pm_arena_new();
  const float *B = numeric_uniform(arena, LARGEST, "B", -1, 1), *row = numeric_uniform(arena, 512, "row", -1, 1);
  for (size_t i = 0; i < PRODUCTS; i++) {
    product p = products[i];
    size_t lda = p.k + ROOM, ldc = p.n + ROOM;
    float *A = numeric_uniform(arena, p.m * lda, "A", -1, 1), *C = numeric_uniform(arena, p.m * ldc, "C", -1, 1);
    float *alone = numeric_uniform(arena, ldc, "alone", -1, 1);
    for (size_t r = 0; r < p.m; r++)
      memcpy(A + r * lda, row, p.k * sizeof *row);
    by_row(C, A, B, p, 0);
    by_row(alone, row, B, (product){1, p.n, p.k, p.transpose_b}, 0);
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
