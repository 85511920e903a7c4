/* Orders for qsort and bsearch. */
#ifndef PM_CORE_COMPARE_H
#define PM_CORE_COMPARE_H

#include <stdint.h>
#include <string.h>

static inline int pm_compare_u32(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Of pointers to text, byte by byte. */
static inline int pm_compare_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#endif
