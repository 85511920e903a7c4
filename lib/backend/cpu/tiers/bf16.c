/* Products of bfloat16 in registers: HEIGHT rows by WIDTH vectors of columns; compiled once for each tier, and for
 * processors that have an instruction for it. */
#include "backend/cpu/tiers/bf16_parts.h"
#include "backend/cpu/tiers/registers.h"

#if LENGTH == 16
enum { WIDTH = 4, HEIGHT = 6 };
#elif LENGTH == 8
enum { WIDTH = 2, HEIGHT = 4 };
#else
enum { WIDTH = 4, HEIGHT = 4 };
#endif
typedef uint32_t pairs_of __attribute__((vector_size(LENGTH * sizeof(float)), aligned(sizeof(float)), may_alias));

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

/* h rows and w vectors are constants wherever these are inlined, so that the sums stay in registers. */
INLINE void add_pair(vector sum[HEIGHT * WIDTH], const uint32_t left[HEIGHT], const uint32_t *b, const int h,
                     const int w) {
  operand right[WIDTH];
  UNROLL for (int v = 0; v < w; v++) right[v] = operand_of(*(const pairs_of *)(b + v * LENGTH));
  UNROLL for (int i = 0; i < h * w; i++) sum[i] =
      add_products(sum[i], operand_of((pairs_of){0} + left[i / w]), right[i % w]);
}

/* The sums begin with the row `begin`, or with what lies there, if it is NULL. */
INLINE void multiply_tile(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], const uint32_t *b, size_t columns,
                          size_t pairs, const float *begin, const int h, const int w) {
  vector sum[HEIGHT * WIDTH];
  UNROLL for (int i = 0; i < h * w; i++) sum[i] = load((begin ? begin : c[i / w]) + i % w * LENGTH);
  for (size_t p = 0; p < pairs; p++, b += columns) {
    uint32_t left[HEIGHT];
    UNROLL for (int r = 0; r < h; r++) left[r] = a[r][p];
    add_pair(sum, left, b, h, w);
  }
  UNROLL for (int i = 0; i < h * w; i++) store(c[i / w] + i % w * LENGTH, sum[i]);
}

INLINE void outer_tile(float *c, size_t ldc, const uint32_t *a, size_t height, const uint32_t *b, size_t columns,
                       size_t pairs, const float *begin, const int h, const int w) {
  vector sum[HEIGHT * WIDTH];
  UNROLL for (int i = 0; i < h * w; i++) sum[i] = load((begin ? begin : c + (size_t)(i / w) * ldc) + i % w * LENGTH);
  for (size_t p = 0; p < pairs; p++, a += height, b += columns)
    add_pair(sum, a, b, h, w);
  UNROLL for (int i = 0; i < h * w; i++) store(c + (size_t)(i / w) * ldc + i % w * LENGTH, sum[i]);
}

/* Functions for each shape of tile, in tables by [h - 1][whether it is WIDTH vectors wide, or one]. */
typedef void multiply_function(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], const uint32_t *b,
                               size_t columns, size_t pairs, const float *begin);
typedef void outer_function(float *c, size_t ldc, const uint32_t *a, size_t height, const uint32_t *b, size_t columns,
                            size_t pairs, const float *begin);
#define FUNCTIONS(name, h, w)                                                                                          \
  static void multiply_##name##_##h(float *const c[HEIGHT], const uint32_t *const a[HEIGHT], const uint32_t *b,        \
                                    size_t columns, size_t pairs, const float *begin) {                                \
    multiply_tile(c, a, b, columns, pairs, begin, h, w);                                                               \
  }                                                                                                                    \
  static void outer_##name##_##h(float *c, size_t ldc, const uint32_t *a, size_t height, const uint32_t *b,            \
                                 size_t columns, size_t pairs, const float *begin) {                                   \
    outer_tile(c, ldc, a, height, b, columns, pairs, begin, h, w);                                                     \
  }
#define FUNCTIONS_OF(h) FUNCTIONS(narrow, h, 1) FUNCTIONS(wide, h, WIDTH)
#define ROW(name, h)                                                                                                   \
  { name##_narrow_##h, name##_wide_##h }
FUNCTIONS_OF(1)
FUNCTIONS_OF(2)
FUNCTIONS_OF(3)
FUNCTIONS_OF(4)
#if LENGTH == 16
FUNCTIONS_OF(5)
FUNCTIONS_OF(6)
#define TABLE(name)                                                                                                    \
  { ROW(name, 1), ROW(name, 2), ROW(name, 3), ROW(name, 4), ROW(name, 5), ROW(name, 6) }
#else
#define TABLE(name)                                                                                                    \
  { ROW(name, 1), ROW(name, 2), ROW(name, 3), ROW(name, 4) }
#endif

static size_t width_at(size_t column, size_t columns) {
  return columns - column >= WIDTH * LENGTH ? WIDTH * LENGTH : LENGTH;
}

static void multiply(float *c, size_t ldc, const uint32_t *c_place, const uint32_t *a, size_t lda,
                     const uint32_t *a_place, const uint32_t *b, size_t rows, size_t pairs, size_t columns,
                     const float *begin) {
  static multiply_function *const tile[HEIGHT][2] = TABLE(multiply);
  for (size_t r = 0, h; r < rows; r += h) {
    const uint32_t *from[HEIGHT];
    h = rows - r < HEIGHT ? rows - r : HEIGHT;
    for (size_t i = 0; i < h; i++)
      from[i] = a + (a_place ? a_place[r + i] : r + i) * lda;
    for (size_t column = 0, width; column < columns; column += width) {
      float *to[HEIGHT];
      width = width_at(column, columns);
      for (size_t i = 0; i < h; i++)
        to[i] = c + (c_place ? c_place[r + i] : r + i) * ldc + column;
      tile[h - 1][width > LENGTH](to, from, b + column, columns, pairs, begin_at(begin, c, column));
    }
  }
}

static void outer(float *c, size_t ldc, const uint32_t *a, const uint32_t *b, size_t pairs, size_t height,
                  size_t columns, const float *begin) {
  static outer_function *const tile[HEIGHT][2] = TABLE(outer);
  for (size_t r = 0, h; r < height; r += h) {
    h = height - r < HEIGHT ? height - r : HEIGHT;
    for (size_t column = 0, width; column < columns; column += width) {
      width = width_at(column, columns);
      tile[h - 1][width > LENGTH](c + r * ldc + column, ldc, a + r, height, b + column, columns, pairs,
                                  begin_at(begin, c, column));
    }
  }
}

#ifdef __AVX512BF16__
enum { FAST = true };
#else
enum { FAST = false };
#endif
const pm_bf16_tiles TIER(bf16_tiles) = {TEXT(PM_TIER), "bf16", FAST, 2, multiply, outer, round_all, interleave};
