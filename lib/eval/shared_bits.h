/* How many bits masks have in common, which is most of the work of looking for copies. */
#ifndef PM_EVAL_SHARED_BITS_H
#define PM_EVAL_SHARED_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* count[n]: bits that `mask` [words] shares with each of others [n, words]. */
typedef struct {
  uint32_t all, most; /* the sum of the counts and the largest of them */
} pm_shared;
typedef pm_shared (*pm_share_bits)(const uint64_t *mask, const uint64_t *others, size_t n, size_t words,
                                   uint32_t *count);

/* For every processor, by adding up in fours and bytes: the SSE2 that every x86-64 has counts no bits. */
pm_shared pm_shared_bits_plain(const uint64_t *mask, const uint64_t *others, size_t n, size_t words, uint32_t *count);

/* The quickest that this processor runs; all give the same. *quick (may be NULL): it is not the plain one. */
pm_share_bits pm_shared_bits(bool *quick);

#ifdef __cplusplus
}
#endif
#endif
