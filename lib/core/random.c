#include "core/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { PHILOX_ROUNDS = 10 };

void pm_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
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

uint32_t pm_purpose(const char *name) {
  uint32_t hash = 2166136261u;
  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * 16777619u;
  return hash;
}

pm_rng pm_rng_start(uint64_t seed, const char *purpose, uint64_t item) {
  pm_rng rng = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                .counter = {0, (uint32_t)item, (uint32_t)(item >> 32), pm_purpose(purpose)},
                .used = 4};
  return rng;
}

uint32_t pm_rng_u32(pm_rng *rng) {
  if (rng->used == 4) {
    pm_philox4x32(rng->counter, rng->key, rng->block);
    rng->counter[0]++;
    rng->used = 0;
  }
  return rng->block[rng->used++];
}

uint32_t pm_rng_below(pm_rng *rng, uint32_t n) {
  assert(n >= 1);
  /* Lemire's multiplication, with the few biased draws rejected. */
  uint32_t threshold = -n % n;
  for (;;) {
    uint64_t product = (uint64_t)pm_rng_u32(rng) * n;
    if ((uint32_t)product >= threshold)
      return (uint32_t)(product >> 32);
  }
}

int pm_rng_between(pm_rng *rng, int low, int high) {
  assert(low <= high);
  return (int)((uint32_t)low + pm_rng_below(rng, (uint32_t)high - (uint32_t)low + 1u));
}

double pm_rng_unit(pm_rng *rng) {
  return (pm_rng_u32(rng) >> 8) * 0x1p-24;
}

int pm_rng_chance(pm_rng *rng, double p) {
  return pm_rng_unit(rng) < p;
}

void pm_rng_shuffle(pm_rng *rng, uint32_t *items, size_t n) {
  for (size_t i = 0; i < n; i++)
    items[i] = (uint32_t)i;
  for (size_t i = n; i > 1; i--) {
    size_t j = pm_rng_below(rng, (uint32_t)i);
    uint32_t kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}

/* log(x) for x in (0, 1): exponent and a polynomial in (m - 1) / (m + 1) on m in [sqrt(1/2), sqrt(2)). */
static inline float log_unit(float x) {
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
static inline void sincos_turn(float u, float *sine, float *cosine) {
  float quarter = (float)(int)(4.0f * u + 0.5f);
  float a = (u - quarter * 0.25f) * 6.28318531f, z = a * a;
  float s = a * (1.0f + z * (-0.16666667f + z * (8.3333333e-3f + z * (-1.9841270e-4f + z * 2.7557319e-6f))));
  float c = 1.0f + z * (-0.5f + z * (4.1666667e-2f + z * (-1.3888889e-3f + z * 2.4801587e-5f)));
  int q = (int)quarter & 3;
  float first = (q & 1) ? c : s, second = (q & 1) ? s : c;
  *sine = (q & 2) ? -first : first;
  *cosine = (q == 1 || q == 2) ? -second : second;
}

static void fill_block(uint32_t out[4], uint32_t block, const uint32_t key[2], uint32_t purpose, uint32_t step,
                       uint32_t slot) {
  const uint32_t counter[4] = {block, slot, step, purpose};
  pm_philox4x32(counter, key, out);
}

void pm_normals(float *out, size_t n, uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot) {
  pm_normals_from(out, 0, n, seed, purpose, step, slot);
}

void pm_normals_from(float *out, size_t first, size_t n, uint64_t seed, uint32_t purpose, uint32_t step,
                     uint32_t slot) {
  assert(first % 4 == 0);
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  enum { LANES = 16 }; /* blocks side by side, for the compiler to make vectors of */
  for (size_t base = 0; base < n; base += 4 * LANES) {
    uint32_t bits[4][LANES];
    float normal[4 * LANES];
    for (int lane = 0; lane < LANES; lane++) {
      uint32_t block[4];
      fill_block(block, (uint32_t)((first + base) / 4) + (uint32_t)lane, key, purpose, step, slot);
      for (int k = 0; k < 4; k++)
        bits[k][lane] = block[k];
    }
    for (int pair = 0; pair < 2; pair++)
      for (int lane = 0; lane < LANES; lane++) {
        float sine, cosine;
        float radius = sqrtf(-2.0f * log_unit(pm_unit_float(bits[2 * pair][lane])));
        sincos_turn(pm_unit_float(bits[2 * pair + 1][lane]), &sine, &cosine);
        normal[4 * lane + 2 * pair] = radius * cosine;
        normal[4 * lane + 2 * pair + 1] = radius * sine;
      }
    size_t left = n - base;
    memcpy(out + base, normal, (left < 4 * LANES ? left : 4 * LANES) * sizeof(float));
  }
}

void pm_uniforms(float *out, size_t n, uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot) {
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  for (size_t base = 0; base < n; base += 4) {
    uint32_t block[4];
    fill_block(block, (uint32_t)(base / 4), key, purpose, step, slot);
    for (size_t k = 0; k < 4 && base + k < n; k++)
      out[base + k] = pm_unit_float(block[k]);
  }
}
