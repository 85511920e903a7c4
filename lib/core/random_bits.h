/* The arithmetic of random numbers, compiled for every device, so that all draw the same bits. It must be compiled
 * without fused multiply-add. See random.h. */
#ifndef PM_CORE_RANDOM_BITS_H
#define PM_CORE_RANDOM_BITS_H

#include "core/inline.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PHILOX_ROUNDS = 10 };

PM_INLINE void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)b;
    c3 = (uint32_t)a;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u; /* golden ratio */
    k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* The open interval (0, 1), from 23 bits and exact: the middles of 2^23 equal steps. */
PM_INLINE float random_unit(uint32_t bits) {
  return (float)(bits >> 9) * 0x1p-23f + 0x1p-24f;
}

/* Dropout. A block of Philox decides over eight elements of a slot, by 16 bits over each: block 16 g + l over elements
 * 128 g + l, 128 g + 16 + l, … 128 g + 112 + l, so that 16 blocks side by side are vectors of elements in their order.
 */
enum { DROPOUT_LANES = 16, DROPOUT_PARTS = 8 };

PM_INLINE uint32_t random_dropout_block(uint32_t element) {
  return element / (DROPOUT_LANES * DROPOUT_PARTS) * DROPOUT_LANES + element % DROPOUT_LANES;
}

/* The first of the eight; they are DROPOUT_LANES apart. */
PM_INLINE uint32_t random_dropout_element(uint32_t block) {
  return block / DROPOUT_LANES * (DROPOUT_LANES * DROPOUT_PARTS) + block % DROPOUT_LANES;
}

PM_INLINE uint32_t random_dropout_part(uint32_t element) {
  return element / DROPOUT_LANES % DROPOUT_PARTS;
}

/* The least number that is kept, where a share of p, 0 <= p < 1, is dropped. */
PM_INLINE uint32_t random_dropout_least(double p) {
  return (uint32_t)(p * 0x1p16 + 0.5);
}

PM_INLINE int random_dropout_keeps(const uint32_t bits[4], uint32_t part, uint32_t least) {
  return (bits[part / 2] >> part % 2 * 16 & 0xffffu) >= least;
}

/* log(x) for x in (0, 1): exponent and a polynomial in (m - 1) / (m + 1) on m in [sqrt(1/2), sqrt(2)). */
PM_INLINE float log_unit(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t shifted = bits - 0x3f3504f3u; /* bits of sqrt(1/2) */
  int exponent = (int)(shifted >> 23) - ((shifted >> 31) ? 512 : 0);
  bits = (shifted & 0x007fffffu) + 0x3f3504f3u;
  float m;
  memcpy(&m, &bits, sizeof m);
  float s = (m - 1.0f) / (m + 1.0f), z = s * s;
  float series = s * (2.0f + z * (0.66666667f + z * (0.4f + z * (0.28571430f + z * 0.22222222f))));
  return (float)exponent * 0.69314718f + series;
}

/* sin and cos of 2 pi u, u in (0, 1): the quarter turn by rounding, then Taylor polynomials on [-pi/4, pi/4]. */
PM_INLINE void sincos_turn(float u, float *sine, float *cosine) {
  float quarter = (float)(int)(4.0f * u + 0.5f);
  float a = (u - quarter * 0.25f) * 6.28318531f, z = a * a;
  float s = a * (1.0f + z * (-0.16666667f + z * (8.3333333e-3f + z * (-1.9841270e-4f + z * 2.7557319e-6f))));
  float c = 1.0f + z * (-0.5f + z * (4.1666667e-2f + z * (-1.3888889e-3f + z * 2.4801587e-5f)));
  int q = (int)quarter & 3;
  float first = (q & 1) ? c : s, second = (q & 1) ? s : c;
  *sine = (q & 2) ? -first : first;
  *cosine = (q == 1 || q == 2) ? -second : second;
}

/* Two standard normal numbers from two words of random bits: Box and Muller, "A Note on the Generation of Random Normal
 * Deviates", 1958. */
PM_INLINE void random_normal_pair(uint32_t a, uint32_t b, float *first, float *second) {
  float sine, cosine;
  float radius = sqrtf(-2.0f * log_unit(random_unit(a)));
  sincos_turn(random_unit(b), &sine, &cosine);
  *first = radius * cosine;
  *second = radius * sine;
}

#ifdef __cplusplus
}
#endif
#endif
