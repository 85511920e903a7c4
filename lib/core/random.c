#include "core/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void pm_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  random_philox(counter, key, out);
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
        float *to = normal + 4 * lane + 2 * pair;
        random_normal_pair(bits[2 * pair][lane], bits[2 * pair + 1][lane], to, to + 1);
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
