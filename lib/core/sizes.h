/* Small sums over sizes. */
#ifndef PM_CORE_SIZES_H
#define PM_CORE_SIZES_H

#include <stddef.h>

static inline size_t pm_smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static inline size_t pm_larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static inline size_t pm_common_divisor(size_t a, size_t b) {
  while (b) {
    size_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* How many pieces of `size` hold `items`: items / size, rounded up. */
static inline size_t pm_pieces(size_t items, size_t size) {
  return (items + size - 1) / size;
}

/* The least multiple of `size` that is no smaller than `items`. */
static inline size_t pm_rounded_up(size_t items, size_t size) {
  return pm_pieces(items, size) * size;
}

#endif
