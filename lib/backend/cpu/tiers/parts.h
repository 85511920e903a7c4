/* What the files that are compiled once for each tier share; vector.h says what the functions do. */
#ifndef PM_BACKEND_CPU_TIERS_PARTS_H
#define PM_BACKEND_CPU_TIERS_PARTS_H

#include "backend/cpu/vector.h"

#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

#define PASTE_(a, b) pm_##a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define TIER(name) PASTE(name, PM_TIER)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

/* What the sums of a product c begin with from a column on, in all rows: `begin` as in pm_tiles. NULL: with what lies
 * there. At most PM_TILE_COLUMNS of them are read. */
static inline const float *begin_at(const float *begin, const float *c, size_t column) {
  static const float zeros[PM_TILE_COLUMNS] = {0};
  return begin == c ? NULL : begin ? begin + column : zeros;
}

/* Pairs of lanes, pairs of pairs, …: always in this order. */
static inline float sum_lanes(const float lane[LANES]) {
  typedef float four __attribute__((vector_size(4 * sizeof(float))));
  four q[LANES / 4];
  memcpy(q, lane, sizeof q);
  const four eight[] = {q[0] + q[2], q[1] + q[3]}, sum = eight[0] + eight[1];
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* exp by 2^n and a polynomial on [-ln2/2, ln2/2]; about 1 unit in the last place. */
static inline float exp_one(float x) {
  x = x < -87.0f ? -87.0f : x; /* one after the other: two instructions, and no branch */
  x = x > 88.0f ? 88.0f : x;
  const float to_integer = 12582912.0f; /* 1.5 * 2^23: adding it rounds, and leaves the integer in the lowest bits */
  float shifted = x * 1.44269504f + to_integer, n = shifted - to_integer;
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

static inline float sigmoid_one(float x) {
  return 1.0f / (1.0f + exp_one(-x));
}

/* log(1 + u) for u in [0, 1]: 2 atanh(u / (2 + u)). */
static inline float log1p_unit(float u) {
  float s = u / (2.0f + u), z = s * s;
  float p = 0.13333334f;
  p = p * z + 0.15384616f;
  p = p * z + 0.18181819f;
  p = p * z + 0.22222222f;
  p = p * z + 0.28571430f;
  p = p * z + 0.4f;
  p = p * z + 0.66666669f;
  p = p * z + 2.0f;
  return s * p;
}

/* tiles.c */
extern const pm_tiles TIER(tiles);
/* winograd.c */
extern const pm_winograd TIER(winograd);
/* network.c */
void TIER(silu)(float *y, const float *x, size_t n);
void TIER(silu_grad)(float *dx, const float *x, const float *dy, size_t n);
void TIER(gelu)(float *y, const float *x, size_t n);
void TIER(gelu_grad)(float *dx, const float *x, const float *dy, size_t n);
void TIER(normalise_silu)(float *y, const float *x, const float *mean, const float *scale, const float *shift,
                          size_t rows, size_t C);
void TIER(silu_products)(float *dz, float *sum, const float *x, const float *mean, const float *scale,
                         const float *shift, const float *dy, size_t rows, size_t C);
float TIER(squares)(const float *x, size_t n);
float TIER(absolute_error)(const float *x, const float *target, size_t n);
void TIER(absolute_error_grad)(float *dx, const float *x, const float *target, float scale, size_t n);
void TIER(combine)(float *out, const float *x, const float *y, float a, float b, size_t n);
void TIER(normalise_rows)(float *y, float *mean, float *variance, const float *x, const float *gamma, const float *beta,
                          float epsilon, size_t rows, size_t C);
void TIER(normalise_rows_grad)(float *dx, float *sum, const float *x, const float *gamma, const float *mean,
                               const float *variance, const float *dy, float epsilon, size_t rows, size_t C);
void TIER(sum_listed)(float *y, const float *table, const int32_t *list, size_t n, size_t columns, size_t D);
void TIER(add_to_listed)(float *table, const float *x, const int32_t *list, size_t n);
/* dropout.c */
void TIER(dropout)(float *y, const float *x, pm_dropout_constants k, size_t n);
/* softmax.c */
void TIER(softmax)(float *y, const float *x, float factor, size_t rows, size_t K);
void TIER(softmax_causal)(float *y, const float *x, float factor, size_t first, size_t rows, size_t T);
void TIER(softmax_grad)(float *dx, const float *y, const float *dy, float factor, size_t rows, size_t K);
float TIER(cross_entropy)(const float *x, const int32_t *index, size_t rows, size_t K);
void TIER(cross_entropy_grad)(float *dx, const float *x, const int32_t *index, float scale, size_t rows, size_t K);

#endif
