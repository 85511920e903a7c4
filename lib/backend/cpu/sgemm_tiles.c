/* Matrix products in tiles of registers (vector.h, pm_tiles): every sum runs over k from its first to its last number,
 * whatever the matrix's height and the row's place in it. OpenBLAS sums in another order at the edge of its blocks: on
 * a Haswell the rows of 16 equal ones come out as two different ones. */
#include "backend/cpu/sgemm.h"

#include "backend/cpu/vector.h"

#include "core/sizes.h"

#include <stdint.h>
#include <string.h>

enum {
  TRANSPOSED_ROWS = 16, /* rows that pm_tiles.multiply_transposed takes */
  FEW = 32,             /* so many rows or fewer are transposed, where B would have to be otherwise */
  ROWS = 64, /* at a time of what is copied: A transposed, C where its columns do not come in whole vectors */
};

typedef struct {
  float *C;
  const float *A, *B;
  size_t ldc, lda, ldb;
  bool transpose_b;
  size_t m;
  const pm_tiles *tiles;
  const uint32_t *place; /* 0, 1, 2, …: rows lie as they come */
} sgemm_product;

/* packed[depth, padded]: rows from k, columns from j of op(B); zeros in the columns beyond `columns`. */
static void pack_sgemm(float *packed, const sgemm_product *p, size_t k, size_t depth, size_t j, size_t columns,
                       size_t padded) {
  if (padded > columns)
    memset(packed, 0, depth * padded * sizeof *packed);
  if (p->transpose_b)
    p->tiles->transpose(packed, padded, p->B + j * p->ldb + k, p->ldb, columns, depth);
  for (size_t r = 0; !p->transpose_b && r < depth; r++)
    memcpy(packed + r * padded, p->B + (k + r) * p->ldb + j, columns * sizeof *packed);
}

/* c[rows, columns], a part of C, += a[rows, depth] times the packed piece. */
static void add_piece(const sgemm_product *p, float *c, const float *a, size_t lda, const float *packed, size_t rows,
                      size_t depth, size_t columns, size_t padded) {
  float copy[ROWS * PM_TILE_COLUMNS];
  const bool whole = padded == columns;
  for (size_t first = 0, count; first < rows; first += count, c += count * p->ldc, a += count * lda) {
    count = pm_smaller(rows - first, ROWS);
    if (!whole)
      memset(copy, 0, count * padded * sizeof *copy);
    for (size_t r = 0; !whole && r < count; r++)
      memcpy(copy + r * padded, c + r * p->ldc, columns * sizeof *c);
    float *to = whole ? c : copy;
    p->tiles->multiply(to, whole ? p->ldc : padded, p->place, a, lda, p->place, packed, count, depth, padded, to);
    for (size_t r = 0; !whole && r < count; r++)
      memcpy(c + r * p->ldc, copy + r * padded, columns * sizeof *c);
  }
}

/* C += A op(B): each piece of B is packed once. */
static void multiply_matrices(const sgemm_product *p, size_t n, size_t K) {
  float packed[PM_TILE_DEPTH * PM_TILE_COLUMNS];
  for (size_t j = 0, columns; j < n; j += columns) {
    columns = pm_smaller(n - j, p->tiles->columns);
    size_t padded = pm_tile_filled(p->tiles, columns);
    for (size_t k = 0, depth; k < K; k += depth) {
      depth = pm_smaller(K - k, p->tiles->depth);
      pack_sgemm(packed, p, k, depth, j, columns, padded);
      add_piece(p, p->C + j, p->A + k, p->lda, packed, p->m, depth, columns, padded);
    }
  }
}

/* C += A^T op(B): each piece of A is transposed once, which costs more than packing one of B. */
static void multiply_transposed_a(const sgemm_product *p, size_t n, size_t K) {
  float packed[PM_TILE_DEPTH * PM_TILE_COLUMNS], a[ROWS * PM_TILE_DEPTH];
  for (size_t k = 0, depth; k < K; k += depth) {
    depth = pm_smaller(K - k, p->tiles->depth);
    for (size_t first = 0, rows; first < p->m; first += rows) {
      rows = pm_smaller(p->m - first, ROWS);
      p->tiles->transpose(a, depth, p->A + k * p->lda + first, p->lda, depth, rows);
      for (size_t j = 0, columns; j < n; j += columns) {
        columns = pm_smaller(n - j, p->tiles->columns);
        size_t padded = pm_tile_filled(p->tiles, columns);
        pack_sgemm(packed, p, k, depth, j, columns, padded);
        add_piece(p, p->C + first * p->ldc + j, a, depth, packed, rows, depth, columns, padded);
      }
    }
  }
}

/* Rows `first` … of C += A B^T, at most TRANSPOSED_ROWS of them. Transposed, they are vectors, and B is
 * read as it lies: packing it would take longer than multiplying. */
static void multiply_as_columns(const sgemm_product *p, size_t first, size_t rows, size_t n, size_t K) {
  const pm_tiles *t = p->tiles;
  float a[PM_TILE_DEPTH * TRANSPOSED_ROWS], c[PM_TILE_COLUMNS * TRANSPOSED_ROWS];
  memset(a, 0, sizeof a);
  memset(c, 0, sizeof c);
  for (size_t j = 0, columns; j < n; j += columns) {
    columns = pm_smaller(n - j, t->columns);
    t->transpose(c, TRANSPOSED_ROWS, p->C + first * p->ldc + j, p->ldc, rows, columns);
    for (size_t k = 0, depth; k < K; k += depth) {
      depth = pm_smaller(K - k, t->depth);
      t->transpose(a, TRANSPOSED_ROWS, p->A + first * p->lda + k, p->lda, rows, depth);
      t->multiply_transposed(c, a, p->B + j * p->ldb + k, p->ldb, depth, columns);
    }
    t->transpose(p->C + first * p->ldc + j, p->ldc, c, TRANSPOSED_ROWS, columns, rows);
  }
}

static void multiply_few(const sgemm_product *p, size_t n, size_t K) {
  for (size_t first = 0; first < p->m; first += TRANSPOSED_ROWS)
    multiply_as_columns(p, first, pm_smaller(p->m - first, TRANSPOSED_ROWS), n, K);
}

void pm_sgemm_tiles(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
                    bool transpose_b, size_t m, size_t n, size_t k, float beta) {
  uint32_t place[ROWS];
  const sgemm_product p = {C, A, B, ldc, lda, ldb, transpose_b, m, pm_vector_best()->tiles, place};
  for (uint32_t r = 0; r < ROWS; r++)
    place[r] = r;
  for (size_t r = 0; beta == 0 && r < m; r++)
    memset(C + r * ldc, 0, n * sizeof *C);
  if (transpose_a)
    multiply_transposed_a(&p, n, k);
  else if (transpose_b && m >= TRANSPOSED_ROWS / 4 && m <= FEW)
    multiply_few(&p, n, k);
  else
    multiply_matrices(&p, n, k);
}

void pm_sgemm_by_row(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t ldb, bool transpose_b,
                     size_t m, size_t n, size_t k, float beta) {
  pm_sgemm_tiles(C, ldc, A, lda, false, B, ldb, transpose_b, m, n, k, beta);
}
