/* How alike the colours of two sets of sprites are, and how alike what stands beside what. */
#ifndef PM_EVAL_PATTERNS_H
#define PM_EVAL_PATTERNS_H

#include "eval/resample.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sprites as numbers of a palette's colours. */
typedef struct {
  size_t count, height, width;
  const unsigned char *index; /* [count, height, width] */
} pm_indexed;

/* Each sprite's windows of `side` x `side` pixels as numbers of the distinct ones of both sets: window w of sprite i is
 * number[set][i * windows + w], below `patterns`. No windows where a sprite is smaller. */
typedef struct {
  size_t patterns, windows;
  uint32_t *number[2];
} pm_pattern_list;
pm_pattern_list pm_pattern_list_of(pm_arena *arena, const pm_indexed *a, const pm_indexed *b, size_t side);

/* Jensen-Shannon divergence, in nats (0 to log 2), of how often each of n things was counted in two sets; the counts p
 * and q sum to the totals. */
double pm_divergence(const float *p, const float *q, size_t n, double p_total, double q_total);

/* Jensen-Shannon divergence, in nats (0 to log 2), of how often each window of `side` x `side` pixels occurs, at every
 * place of every sprite: side 1 compares the colours, 2 the patterns of four neighbours. 0 where a sprite is smaller
 * than the window. side is 1 or 2; both sets are of one size. Scratch memory from the arena. Runs on all threads. */
pm_estimate pm_pattern_divergence(pm_arena *arena, const pm_indexed *samples, const pm_indexed *real, size_t side,
                                  const pm_resamples *of_samples, const pm_resamples *of_real);

#ifdef __cplusplus
}
#endif
#endif
