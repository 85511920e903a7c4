/* What the files of bfloat16 products share; compiled once for each tier. */
#ifndef PM_BACKEND_CPU_TIERS_BF16_PARTS_H
#define PM_BACKEND_CPU_TIERS_BF16_PARTS_H

#include "backend/cpu/bf16.h"
#include "backend/cpu/tiers/parts.h"

/* By whole numbers, so that every processor rounds alike; not for numbers that are none. */
static void round_all(uint16_t *to, const float *from, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, from + i, sizeof bits);
    to[i] = (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
  }
}

static void interleave(uint32_t *to, const uint16_t *even, const uint16_t *odd, size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] = even[i] | (uint32_t)odd[i] << 16;
}

#endif
