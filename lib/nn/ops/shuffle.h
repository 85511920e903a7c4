/* The order of an epoch, as the plain kernel and every device draw it: a keyed permutation of 0 … items - 1, computed
 * item by item (a Feistel network on the next power of four, walked until it falls inside: Black and Rogaway, "Ciphers
 * with Arbitrary Finite Domains", 2002), so that a step's batch is a pure function of seed and step and needs no list.
 */
#ifndef PM_NN_OPS_SHUFFLE_H
#define PM_NN_OPS_SHUFFLE_H

#include "core/random_bits.h"

enum { FEISTEL_ROUNDS = 6 };

/* Where item i comes in an epoch; i < items <= 2^32 - 1. */
PM_INLINE uint32_t permuted_item(uint32_t i, uint32_t items, uint64_t seed, uint32_t epoch, uint32_t purpose) {
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  int half = 1;
  while (half < 16 && (1u << (2 * half)) < items)
    half++;
  const uint32_t mask = (1u << half) - 1;
  do {
    uint32_t left = i >> half, right = i & mask;
    for (uint32_t round = 0; round < FEISTEL_ROUNDS; round++) {
      const uint32_t counter[4] = {right, round, epoch, purpose};
      uint32_t bits[4];
      random_philox(counter, key, bits);
      uint32_t next = left ^ (bits[0] & mask);
      left = right;
      right = next;
    }
    i = left << half | right;
  } while (i >= items);
  return i;
}

#endif
