/* Random numbers by logical counter: each number is a pure function of (seed, purpose, step, slot, element) and nothing
 * else, so that it does not matter where, when, in which order or on which device it is drawn.
 *
 * Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The key is the
 * seed, the counter is {element / 4, slot, step, purpose}. Checked against the known answers of the authors' Random123.
 */
#ifndef PM_CORE_RANDOM_H
#define PM_CORE_RANDOM_H

#include "core/random_bits.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void pm_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The 32-bit number of a purpose's name ("dropout", "noise"): FNV-1a. */
uint32_t pm_purpose(const char *name);

/* A stream to draw from one after the other, for drawing programs and the like. */
typedef struct {
  uint32_t key[2], counter[4], block[4];
  int used; /* numbers of `block` that were handed out */
} pm_rng;

/* The stream of item number `item` (sprite 17, restart 3) for a purpose. */
pm_rng pm_rng_start(uint64_t seed, const char *purpose, uint64_t item);
/* The stream of one slot at a step: what ops draw from. `purpose` as pm_purpose gives it. */
static inline pm_rng pm_rng_of_slot(uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot) {
  pm_rng rng = {{(uint32_t)seed, (uint32_t)(seed >> 32)}, {0, slot, step, purpose}, {0}, 4};
  return rng;
}
uint32_t pm_rng_u32(pm_rng *rng);
/* Uniform on 0 … n - 1, without bias; n >= 1. */
uint32_t pm_rng_below(pm_rng *rng, uint32_t n);
/* Uniform on low … high, both included; not the whole range of int. */
int pm_rng_between(pm_rng *rng, int low, int high);
/* Uniform on [0, 1): 24 random bits, so that it is the same as float and as double. */
double pm_rng_unit(pm_rng *rng);
/* 1 with probability p. */
int pm_rng_chance(pm_rng *rng, double p);
/* n items 0 … n - 1 in random order (Fisher-Yates). */
void pm_rng_shuffle(pm_rng *rng, uint32_t *items, size_t n);

/* The open interval (0, 1), from 23 bits and exact: the middles of 2^23 equal steps. */
static inline float pm_unit_float(uint32_t bits) {
  return random_unit(bits);
}

/* out[0 … n - 1]: standard normal numbers of the given logical place, elements 0 … n - 1. Box-Muller with polynomials
 * of our own and without fused multiply-add: the same bits on every processor. */
void pm_normals(float *out, size_t n, uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot);

/* Elements first … first + n - 1 of the same; `first` a multiple of 4. */
void pm_normals_from(float *out, size_t first, size_t n, uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot);

/* The same for uniforms on (0, 1). */
void pm_uniforms(float *out, size_t n, uint64_t seed, uint32_t purpose, uint32_t step, uint32_t slot);

#ifdef __cplusplus
}
#endif
#endif
