/* Products of bfloat16 in registers: HEIGHT rows by WIDTH vectors of columns; compiled once for each tier, and for
 * processors that have an instruction for it. */
#include "backend/cpu/tiers/bf16_parts.h"

#ifdef __AVX512F__
enum { LENGTH = 16, WIDTH = 4, HEIGHT = 6 };
#elif defined(__AVX__)
enum { LENGTH = 8, WIDTH = 2, HEIGHT = 4 };
#else
enum { LENGTH = 4, WIDTH = 4, HEIGHT = 4 };
#endif
typedef float vector __attribute__((vector_size(LENGTH * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef uint32_t pairs_of __attribute__((vector_size(LENGTH * sizeof(float)), aligned(sizeof(float)), may_alias));

#define INLINE static inline __attribute__((always_inline))

#ifdef __AVX512BF16__
#include <immintrin.h>
typedef pairs_of operand;
INLINE operand operand_of(pairs_of x) {
  return x;
}
INLINE vector add_products(vector sum, operand a, operand b) {
  return (vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}
#else
typedef struct {
  vector even, odd;
} operand;
INLINE operand operand_of(pairs_of x) {
  return (operand){(vector)(x << 16), (vector)(x & 0xffff0000u)};
}
INLINE vector add_products(vector sum, operand a, operand b) {
  sum += a.odd * b.odd;
  return sum + a.even * b.even;
}
#endif

/* h rows and w vectors are constants wherever this is inlined, so that the sums stay in registers. Element p of row r
 * is a[r][p step]. */
INLINE void tile(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], size_t step, const uint32_t *b, size_t ldb,
                 size_t pairs, const int h, const int w) {
  vector sum[HEIGHT][WIDTH];
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      sum[r][v] = *(const vector *)(c[r] + v * LENGTH);
  for (size_t p = 0; p < pairs; p++, b += ldb) {
    operand right[WIDTH];
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      right[v] = operand_of(*(const pairs_of *)(b + v * LENGTH));
#pragma GCC unroll 6
    for (int r = 0; r < h; r++) {
      operand left = operand_of((pairs_of){0} + a[r][p * step]);
#pragma GCC unroll 4
      for (int v = 0; v < w; v++)
        sum[r][v] = add_products(sum[r][v], left, right[v]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < h; r++)
#pragma GCC unroll 4
    for (int v = 0; v < w; v++)
      *(vector *)(c[r] + v * LENGTH) = sum[r][v];
}

/* All columns of up to HEIGHT rows. */
#define ROWS(h)                                                                                                        \
  static void rows_##h(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], size_t step, const uint32_t *b,        \
                       size_t ldb, size_t pairs, size_t columns) {                                                     \
    float *to[HEIGHT];                                                                                                 \
    size_t column = 0;                                                                                                 \
    memcpy(to, c, sizeof to);                                                                                          \
    for (; column + WIDTH * LENGTH <= columns; column += WIDTH * LENGTH) {                                             \
      tile(to, a, step, b + column, ldb, pairs, h, WIDTH);                                                             \
      for (int r = 0; r < h; r++)                                                                                      \
        to[r] += WIDTH * LENGTH;                                                                                       \
    }                                                                                                                  \
    for (; column < columns; column += LENGTH) {                                                                       \
      tile(to, a, step, b + column, ldb, pairs, h, 1);                                                                 \
      for (int r = 0; r < h; r++)                                                                                      \
        to[r] += LENGTH;                                                                                               \
    }                                                                                                                  \
  }
ROWS(1)
ROWS(2)
ROWS(3)
ROWS(4)
#ifdef __AVX512F__
ROWS(5)
ROWS(6)
#endif

typedef void (*rows_of_tiles)(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], size_t step, const uint32_t *b,
                              size_t ldb, size_t pairs, size_t columns);
static const rows_of_tiles by_height[HEIGHT] = {rows_1, rows_2, rows_3, rows_4,
#ifdef __AVX512F__
                                                rows_5, rows_6
#endif
};

static void multiply(float *c, size_t ldc, const uint32_t *c_place, const uint32_t *a, size_t lda,
                     const uint32_t *a_place, const uint32_t *b, size_t rows, size_t pairs, size_t columns) {
  for (size_t r = 0, h; r < rows; r += h) {
    float *to[HEIGHT] = {NULL};
    const uint32_t *from[HEIGHT] = {NULL};
    h = rows - r < HEIGHT ? rows - r : HEIGHT;
    for (size_t i = 0; i < h; i++) {
      to[i] = c + (c_place ? c_place[r + i] : r + i) * ldc;
      from[i] = a + (a_place ? a_place[r + i] : r + i) * lda;
    }
    by_height[h - 1](to, from, 1, b, columns, pairs, columns);
  }
}

static void outer(float *c, size_t ldc, const uint32_t *a, const uint32_t *b, size_t pairs, size_t height,
                  size_t columns) {
  for (size_t r = 0, h; r < height; r += h) {
    float *to[HEIGHT] = {NULL};
    const uint32_t *from[HEIGHT] = {NULL};
    h = height - r < HEIGHT ? height - r : HEIGHT;
    for (size_t i = 0; i < h; i++) {
      to[i] = c + (r + i) * ldc;
      from[i] = a + r + i;
    }
    by_height[h - 1](to, from, height, b, columns, pairs, columns);
  }
}

#ifdef __AVX512BF16__
enum { FAST = true };
#else
enum { FAST = false };
#endif
const pm_bf16_tiles TIER(bf16_tiles) = {TEXT(PM_TIER), "bf16", FAST, 2, multiply, outer, round_all, interleave};
