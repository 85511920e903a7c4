/* Small matrix products in registers: HEIGHT rows by WIDTH vectors of columns; compiled once for each tier. */
#include "backend/cpu/tiers/registers.h"

/* A tile's sums, a row and one number more fill the registers that there are. */
#if defined(__AVX512F__)
#define WIDTH 4
#define HEIGHT 6
#elif defined(__aarch64__)
#define WIDTH 4
#define HEIGHT 5
#else
#define WIDTH 2
#define HEIGHT 6
#endif

typedef float eight VECTOR(8);

/* h rows and w vectors are constants wherever this is inlined. The sums begin with the row `begin`, or with what lies
 * there, if it is NULL. */
INLINE void multiply_tile(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns,
                          size_t K, const float *begin, const int h, const int w) {
  vector sum[HEIGHT * WIDTH], row[WIDTH];
  UNROLL for (int i = 0; i < h * w; i++) sum[i] = load((begin ? begin : c[i / w]) + i % w * LENGTH);
  for (size_t k = 0; k < K; k++, b += columns) {
    UNROLL for (int v = 0; v < w; v++) row[v] = load(b + v * LENGTH);
    UNROLL for (int i = 0; i < h * w; i++) sum[i] += a[i / w][k] * row[i % w];
  }
  UNROLL for (int i = 0; i < h * w; i++) store(c[i / w] + i % w * LENGTH, sum[i]);
}

INLINE void outer_tile(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b,
                       size_t ldb, const uint32_t *b_place, size_t rows, const float *begin, const int h, const int w) {
  vector sum[HEIGHT * WIDTH], row[WIDTH];
  UNROLL for (int i = 0; i < h * w; i++) sum[i] = load((begin ? begin : c + (size_t)(i / w) * ldc) + i % w * LENGTH);
  for (size_t p = 0; p < rows; p++) {
    const float *x = a + a_place[p] * lda, *y = b + b_place[p] * ldb;
    UNROLL for (int v = 0; v < w; v++) row[v] = load(y + v * LENGTH);
    UNROLL for (int i = 0; i < h * w; i++) sum[i] += x[i / w] * row[i % w];
  }
  UNROLL for (int i = 0; i < h * w; i++) store(c + (size_t)(i / w) * ldc + i % w * LENGTH, sum[i]);
}

/* A function for each shape of tile, in tables by [h - 1][w - 1]. */
typedef void multiply_function(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns,
                               size_t K, const float *begin);
typedef void outer_function(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b,
                            size_t ldb, const uint32_t *b_place, size_t rows, const float *begin);
#define FUNCTIONS(h, w)                                                                                                \
  static void multiply_##h##_##w(float *const c[HEIGHT], const float *const a[HEIGHT], const float *b, size_t columns, \
                                 size_t K, const float *begin) {                                                       \
    multiply_tile(c, a, b, columns, K, begin, h, w);                                                                   \
  }                                                                                                                    \
  static void outer_##h##_##w(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place,               \
                              const float *b, size_t ldb, const uint32_t *b_place, size_t rows, const float *begin) {  \
    outer_tile(c, ldc, a, lda, a_place, b, ldb, b_place, rows, begin, h, w);                                           \
  }
#if WIDTH == 4
#define FUNCTIONS_OF(h) FUNCTIONS(h, 1) FUNCTIONS(h, 2) FUNCTIONS(h, 3) FUNCTIONS(h, 4)
#define ROW(name, h)                                                                                                   \
  { name##_##h##_1, name##_##h##_2, name##_##h##_3, name##_##h##_4 }
#else
#define FUNCTIONS_OF(h) FUNCTIONS(h, 1) FUNCTIONS(h, 2)
#define ROW(name, h)                                                                                                   \
  { name##_##h##_1, name##_##h##_2 }
#endif
FUNCTIONS_OF(1)
FUNCTIONS_OF(2)
FUNCTIONS_OF(3)
FUNCTIONS_OF(4)
FUNCTIONS_OF(5)
#if HEIGHT == 6
FUNCTIONS_OF(6)
#define TABLE(name)                                                                                                    \
  { ROW(name, 1), ROW(name, 2), ROW(name, 3), ROW(name, 4), ROW(name, 5), ROW(name, 6) }
#else
#define TABLE(name)                                                                                                    \
  { ROW(name, 1), ROW(name, 2), ROW(name, 3), ROW(name, 4), ROW(name, 5) }
#endif

/* Vectors in the tile that begins at this column. */
static size_t width_at(size_t column, size_t columns) {
  size_t left = (columns - column) / LENGTH;
  return left < WIDTH ? left : WIDTH;
}

static void multiply(float *c, size_t ldc, const uint32_t *c_place, const float *a, size_t lda, const uint32_t *a_place,
                     const float *b, size_t rows, size_t K, size_t columns, const float *begin) {
  static multiply_function *const tile[HEIGHT][WIDTH] = TABLE(multiply);
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
      tile[h - 1][w - 1](to, from, b + column, columns, K, begin_at(begin, c, column));
    }
  }
}

static void outer(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b, size_t ldb,
                  const uint32_t *b_place, size_t rows, size_t height, size_t columns, const float *begin) {
  static outer_function *const tile[HEIGHT][WIDTH] = TABLE(outer);
  for (size_t column = 0, w; column < columns; column += w * LENGTH) {
    w = width_at(column, columns);
    for (size_t i = 0; i < height; i += HEIGHT) {
      size_t h = height - i < HEIGHT ? height - i : HEIGHT;
      tile[h - 1][w - 1](c + i * ldc + column, ldc, a + i, lda, a_place, b + column, ldb, b_place, rows,
                         begin_at(begin, c, column));
    }
  }
}

/* ---- transposition ---- */

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE __builtin_shufflevector
#else
typedef int32_t places __attribute__((vector_size(8 * sizeof(int32_t))));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
#endif

/* Eight rows of eight: pairs, then fours, then halves change places. */
static inline void transpose_8(float *to, size_t ldt, const float *from, size_t ldf) {
  eight a[8], b[8];
  UNROLL for (int i = 0; i < 8; i++) a[i] = *(const eight *)(from + (size_t)i * ldf);
  UNROLL for (int i = 0; i < 8; i += 2) {
    b[i] = SHUFFLE(a[i], a[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    b[i + 1] = SHUFFLE(a[i], a[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    eight x = b[i / 2 * 4 + i % 2], y = b[i / 2 * 4 + i % 2 + 2];
    a[2 * i] = SHUFFLE(x, y, 0, 1, 8, 9, 4, 5, 12, 13);
    a[2 * i + 1] = SHUFFLE(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    *(eight *)(to + (size_t)i * ldt) = SHUFFLE(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(eight *)(to + (size_t)(i + 4) * ldt) = SHUFFLE(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
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

/* `w` columns of 16 rows: vectors of rows times one number of b each. */
enum { TRANSPOSED_ROWS = 16 / LENGTH, TRANSPOSED_COLUMNS = 8 / TRANSPOSED_ROWS };
INLINE void transposed_tile(float *c, const float *a, const float *b, size_t ldb, size_t K, const int w) {
  vector sum[TRANSPOSED_COLUMNS * TRANSPOSED_ROWS], rows[TRANSPOSED_ROWS];
  UNROLL for (int i = 0; i < w * TRANSPOSED_ROWS; i++) sum[i] = load(c + i * LENGTH);
  for (size_t k = 0; k < K; k++, a += 16) {
    UNROLL for (int v = 0; v < TRANSPOSED_ROWS; v++) rows[v] = load(a + v * LENGTH);
    UNROLL for (int i = 0; i < w * TRANSPOSED_ROWS; i++) sum[i] +=
        b[(size_t)(i / TRANSPOSED_ROWS) * ldb + k] * rows[i % TRANSPOSED_ROWS];
  }
  UNROLL for (int i = 0; i < w * TRANSPOSED_ROWS; i++) store(c + i * LENGTH, sum[i]);
}

static void multiply_transposed(float *c, const float *a, const float *b, size_t ldb, size_t K, size_t columns) {
  size_t j = 0;
  for (; j + TRANSPOSED_COLUMNS <= columns; j += TRANSPOSED_COLUMNS)
    transposed_tile(c + j * 16, a, b + j * ldb, ldb, K, TRANSPOSED_COLUMNS);
  for (; j < columns; j++)
    transposed_tile(c + j * 16, a, b + j * ldb, ldb, K, 1);
}

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF)
#define FUSED true
#else
#define FUSED false
#endif

const pm_tiles TIER(tiles) = {
    .fused = FUSED,
    .length = LENGTH,
    .columns = PM_TILE_COLUMNS,
    .depth = PM_TILE_DEPTH,
    .multiply = multiply,
    .outer = outer,
    .multiply_transposed = multiply_transposed,
    .transpose = transpose,
};
