/* Small matrix products in registers: HEIGHT rows by WIDTH vectors of columns; compiled once for each tier. */
#include "backend/cpu/tiers/parts.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#ifdef __AVX512F__
typedef __m512 vector;
enum { LENGTH = 16, WIDTH = 4 };
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define ALL _mm512_set1_ps
#define FUSED _mm512_fmadd_ps
#else
typedef __m256 vector;
enum { LENGTH = 8, WIDTH = 2 };
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define ALL _mm256_set1_ps
#define FUSED _mm256_fmadd_ps
#endif
enum { HEIGHT = 6 };

/* h rows and w vectors are constants wherever this is inlined, so that the sums stay in registers.
 */
#define INLINE static inline __attribute__((always_inline))

INLINE void multiply_tile(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns,
                          size_t K, const int h, const int w) {
  vector sum[HEIGHT][WIDTH];
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      sum[r][v] = LOAD(c[r] + v * LENGTH);
  for (size_t k = 0; k < K; k++, b += columns) {
    vector row[WIDTH];
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      row[v] = LOAD(b + v * LENGTH);
#pragma GCC unroll 6
    for (int r = 0; r < h; r++) {
      vector x = ALL(a[r][k]);
#pragma GCC unroll 4
      for (int v = 0; v < w; v++)
        sum[r][v] = FUSED(x, row[v], sum[r][v]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      STORE(c[r] + v * LENGTH, sum[r][v]);
}

INLINE void outer_tile(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b,
                       size_t ldb, const uint32_t *b_place, size_t rows, const int h, const int w) {
  vector sum[HEIGHT][WIDTH];
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      sum[r][v] = LOAD(c + (size_t)r * ldc + v * LENGTH);
  for (size_t p = 0; p < rows; p++) {
    const float *x = a + a_place[p] * lda, *y = b + b_place[p] * ldb;
    vector row[WIDTH];
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      row[v] = LOAD(y + v * LENGTH);
#pragma GCC unroll 6
    for (int r = 0; r < h; r++) {
      vector one = ALL(x[r]);
#pragma GCC unroll 4
      for (int v = 0; v < w; v++)
        sum[r][v] = FUSED(one, row[v], sum[r][v]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      STORE(c + (size_t)r * ldc + v * LENGTH, sum[r][v]);
}

/* A function for each number of vectors; the rows' number is chosen within. */
#define MULTIPLY(w)                                                                                                    \
  static void multiply_##w(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns,       \
                           size_t K, size_t h) {                                                                       \
    switch (h) {                                                                                                       \
    case 1:                                                                                                            \
      multiply_tile(c, a, b, columns, K, 1, w);                                                                        \
      break;                                                                                                           \
    case 2:                                                                                                            \
      multiply_tile(c, a, b, columns, K, 2, w);                                                                        \
      break;                                                                                                           \
    case 3:                                                                                                            \
      multiply_tile(c, a, b, columns, K, 3, w);                                                                        \
      break;                                                                                                           \
    case 4:                                                                                                            \
      multiply_tile(c, a, b, columns, K, 4, w);                                                                        \
      break;                                                                                                           \
    case 5:                                                                                                            \
      multiply_tile(c, a, b, columns, K, 5, w);                                                                        \
      break;                                                                                                           \
    default:                                                                                                           \
      multiply_tile(c, a, b, columns, K, 6, w);                                                                        \
    }                                                                                                                  \
  }
#define OUTER(w)                                                                                                       \
  static void outer_##w(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b,     \
                        size_t ldb, const uint32_t *b_place, size_t rows, size_t h) {                                  \
    switch (h) {                                                                                                       \
    case 1:                                                                                                            \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 1, w);                                                \
      break;                                                                                                           \
    case 2:                                                                                                            \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 2, w);                                                \
      break;                                                                                                           \
    case 3:                                                                                                            \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 3, w);                                                \
      break;                                                                                                           \
    case 4:                                                                                                            \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 4, w);                                                \
      break;                                                                                                           \
    case 5:                                                                                                            \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 5, w);                                                \
      break;                                                                                                           \
    default:                                                                                                           \
      outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, 6, w);                                                \
    }                                                                                                                  \
  }

#ifdef __AVX512F__
MULTIPLY(1)
MULTIPLY(2)
MULTIPLY(3)
MULTIPLY(4)
OUTER(1)
OUTER(2)
OUTER(3)
OUTER(4)
#define BY_WIDTH(name)                                                                                                 \
  { name##_1, name##_2, name##_3, name##_4 }
#else
MULTIPLY(2)
OUTER(2)
#define BY_WIDTH(name)                                                                                                 \
  { name##_2, name##_2 }
#endif

/* Vectors in the tile that begins at this column; a multiple of 16 is left. */
static size_t width_at(size_t column, size_t columns) {
  size_t left = (columns - column) / LENGTH;
  return left < WIDTH ? left : WIDTH;
}

static void multiply(float *c, size_t ldc, const uint32_t *c_place, const float *a, size_t lda, const uint32_t *a_place,
                     const float *b, size_t rows, size_t K, size_t columns) {
  static void (*const by_width[])(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns,
                                  size_t K, size_t h) = BY_WIDTH(multiply);
  for (size_t r = 0; r < rows; r += HEIGHT) {
    size_t h = rows - r < HEIGHT ? rows - r : HEIGHT;
    const float *from[HEIGHT];
    for (size_t i = 0; i < h; i++)
      from[i] = a + a_place[r + i] * lda;
    for (size_t column = 0, w; column < columns; column += w * LENGTH) {
      float *to[HEIGHT];
      w = width_at(column, columns);
      for (size_t i = 0; i < h; i++)
        to[i] = c + c_place[r + i] * ldc + column;
      by_width[w - 1](to, from, b + column, columns, K, h);
    }
  }
}

static void outer(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b, size_t ldb,
                  const uint32_t *b_place, size_t rows, size_t height, size_t columns) {
  static void (*const by_width[])(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place,
                                  const float *b, size_t ldb, const uint32_t *b_place, size_t rows, size_t h) =
      BY_WIDTH(outer);
  for (size_t column = 0, w; column < columns; column += w * LENGTH) {
    w = width_at(column, columns);
    for (size_t i = 0; i < height; i += HEIGHT)
      by_width[w - 1](c + i * ldc + column, ldc, a + i, lda, a_place, b + column, ldb, b_place, rows,
                      height - i < HEIGHT ? height - i : HEIGHT);
  }
}

/* Eight rows of eight: pairs, then fours, then halves change places. */
static inline void transpose_8(float *to, size_t ldt, const float *from, size_t ldf) {
  __m256 a[8], b[8];
  for (int i = 0; i < 8; i++)
    a[i] = _mm256_loadu_ps(from + (size_t)i * ldf);
  for (int i = 0; i < 8; i += 2) {
    b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int k = 0; k < 2; k++) {
      a[i + 2 * k] = _mm256_shuffle_ps(b[i + k], b[i + k + 2], 0x44);
      a[i + 2 * k + 1] = _mm256_shuffle_ps(b[i + k], b[i + k + 2], 0xee);
    }
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(to + (size_t)i * ldt, _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
    _mm256_storeu_ps(to + (size_t)(i + 4) * ldt, _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
  }
}

static void transpose(float *to, size_t ldt, const float *from, size_t ldf, size_t rows, size_t columns) {
  size_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    size_t j = 0;
    for (; j + 8 <= columns; j += 8)
      transpose_8(to + j * ldt + i, ldt, from + i * ldf + j, ldf);
    for (; j < columns; j++)
      for (size_t k = i; k < i + 8; k++)
        to[j * ldt + k] = from[k * ldf + j];
  }
  for (; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      to[j * ldt + i] = from[i * ldf + j];
}

/* `w` columns of 16 rows: a vector of rows times one number of b each. */
enum { TURNED = 16 / LENGTH, TURNED_COLUMNS = 8 / TURNED };
INLINE void turned_tile(float *c, const float *a, const float *b, size_t ldb, size_t K, const int w) {
  vector sum[TURNED_COLUMNS][TURNED];
#pragma GCC unroll 8
  for (int j = 0; j < w; j++)
#pragma GCC unroll 2
    for (int v = 0; v < TURNED; v++)
      sum[j][v] = LOAD(c + j * 16 + v * LENGTH);
  for (size_t k = 0; k < K; k++) {
    vector rows[TURNED];
#pragma GCC unroll 2
    for (int v = 0; v < TURNED; v++)
      rows[v] = LOAD(a + k * 16 + v * LENGTH);
#pragma GCC unroll 8
    for (int j = 0; j < w; j++) {
      vector one = ALL(b[(size_t)j * ldb + k]);
#pragma GCC unroll 2
      for (int v = 0; v < TURNED; v++)
        sum[j][v] = FUSED(rows[v], one, sum[j][v]);
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < w; j++)
#pragma GCC unroll 2
    for (int v = 0; v < TURNED; v++)
      STORE(c + j * 16 + v * LENGTH, sum[j][v]);
}

static void multiply_turned(float *c, const float *a, const float *b, size_t ldb, size_t K, size_t columns) {
  size_t j = 0;
  for (; j + TURNED_COLUMNS <= columns; j += TURNED_COLUMNS)
    turned_tile(c + j * 16, a, b + j * ldb, ldb, K, TURNED_COLUMNS);
  for (; j < columns; j++)
    turned_tile(c + j * 16, a, b + j * ldb, ldb, K, 1);
}

const pm_tiles TIER(tiles) = {multiply, outer, multiply_turned, transpose};
#endif
