/* Products whose rows do not depend on each other: every sum runs over k from its first to its last number, whatever
 * the matrix's height and the row's place in it. OpenBLAS sums in another order at the edge of its blocks: on a Haswell
 * the rows of 16 equal ones come out as two different ones. */
#include "backend/cpu/sgemm.h"

#include "backend/cpu/vector.h"

#include "core/sizes.h"

#include <stdint.h>
#include <string.h>

enum {
  COLUMNS = 64, /* of the piece of B that is packed at a time */
  DEPTH = 96,   /* … and its rows: it stays in the first-level cache */
  ROWS = 48,    /* of C that are copied at a time where its columns do not come in whole vectors */
  VECTOR = 16,  /* columns come in multiples of it */
  FEW = 32,     /* so many rows or fewer are turned round, where else B would have to be */
};

typedef struct {
  float *C;
  const float *A, *B;
  size_t ldc, lda, ldb;
  bool transpose_b;
  size_t m;
} product;

/* packed[depth, padded]: rows from k, columns from j of op(B); zeros in the columns beyond `columns`. */
static void pack(float *packed, const product *p, size_t k, size_t depth, size_t j, size_t columns, size_t padded) {
  if (padded > columns)
    memset(packed, 0, depth * padded * sizeof *packed);
  if (p->transpose_b)
    pm_vector_best()->tiles->transpose(packed, padded, p->B + j * p->ldb + k, p->ldb, columns, depth);
  for (size_t r = 0; !p->transpose_b && r < depth; r++)
    memcpy(packed + r * padded, p->B + (k + r) * p->ldb + j, columns * sizeof *packed);
}

/* C's columns from j += A's columns from k times the packed piece. */
static void add_piece(const product *p, const float *packed, size_t k, size_t depth, size_t j, size_t columns,
                      size_t padded) {
  float copy[ROWS * COLUMNS];
  uint32_t place[ROWS];
  for (uint32_t r = 0; r < ROWS; r++)
    place[r] = r;
  for (size_t first = 0, rows; first < p->m; first += rows) {
    rows = pm_smaller(p->m - first, ROWS);
    float *c = p->C + first * p->ldc + j;
    bool whole = padded == columns;
    if (!whole)
      memset(copy, 0, sizeof copy);
    for (size_t r = 0; !whole && r < rows; r++)
      memcpy(copy + r * padded, c + r * p->ldc, columns * sizeof *c);
    pm_vector_best()->tiles->multiply(whole ? c : copy, whole ? p->ldc : padded, place, p->A + first * p->lda + k,
                                      p->lda, place, packed, rows, depth, padded);
    for (size_t r = 0; !whole && r < rows; r++)
      memcpy(c + r * p->ldc, copy + r * padded, columns * sizeof *c);
  }
}

/* Rows `first` … of C += A op(B), B transposed, at most VECTOR of them: turned round they are vectors, and B is read as
 * it lies, which packing would take longer than multiplying. */
static void multiply_few(const product *p, size_t first, size_t rows, size_t n, size_t K) {
  const pm_tiles *tiles = pm_vector_best()->tiles;
  float a[DEPTH * VECTOR], c[COLUMNS * VECTOR];
  memset(a, 0, sizeof a);
  memset(c, 0, sizeof c);
  for (size_t j = 0, columns; j < n; j += columns) {
    columns = pm_smaller(n - j, COLUMNS);
    tiles->transpose(c, VECTOR, p->C + first * p->ldc + j, p->ldc, rows, columns);
    for (size_t k = 0, depth; k < K; k += depth) {
      depth = pm_smaller(K - k, DEPTH);
      tiles->transpose(a, VECTOR, p->A + first * p->lda + k, p->lda, rows, depth);
      tiles->multiply_turned(c, a, p->B + j * p->ldb + k, p->ldb, depth, columns);
    }
    tiles->transpose(p->C + first * p->ldc + j, p->ldc, c, VECTOR, columns, rows);
  }
}

void pm_sgemm_by_row(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t ldb, bool transpose_b,
                     size_t m, size_t n, size_t k, float beta) {
  if (!pm_vector_best()->tiles) {
    pm_sgemm(C, ldc, A, lda, false, B, ldb, transpose_b, m, n, k, beta);
    return;
  }
  product p = {C, A, B, ldc, lda, ldb, transpose_b, m};
  float packed[DEPTH * COLUMNS];
  for (size_t r = 0; beta == 0 && r < m; r++)
    memset(C + r * ldc, 0, n * sizeof *C);
  if (transpose_b && m >= VECTOR / 4 && m <= FEW) {
    for (size_t first = 0; first < m; first += VECTOR)
      multiply_few(&p, first, pm_smaller(m - first, VECTOR), n, k);
    return;
  }
  for (size_t j = 0, columns; j < n; j += columns) {
    columns = pm_smaller(n - j, COLUMNS);
    size_t padded = pm_pieces(columns, VECTOR) * VECTOR;
    for (size_t first = 0, depth; first < k; first += depth) {
      depth = pm_smaller(k - first, DEPTH);
      pack(packed, &p, first, depth, j, columns, padded);
      add_piece(&p, packed, first, depth, j, columns, padded);
    }
  }
}
