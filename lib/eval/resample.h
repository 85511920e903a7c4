/* Confidence intervals by the bootstrap: the items that a score was computed from are drawn again, as many and with
 * replacement, many times, and the spread of the score over these resamples is taken for its own (Efron, "Bootstrap
 * methods: another look at the jackknife", 1979). */
#ifndef PM_EVAL_RESAMPLE_H
#define PM_EVAL_RESAMPLE_H

#include "core/memory.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_RESAMPLES = 1000, PM_EVAL_LANES = 16 };

/* How often each item came in each resample. Rows are padded with zeros to a multiple of PM_EVAL_LANES. */
typedef struct {
  size_t n, stride;
  float *times; /* [PM_RESAMPLES, stride] */
} pm_resamples;

/* A figure with its 95 % interval. */
typedef struct {
  double value, low, high;
} pm_estimate;

/* A pure function of n, seed and purpose; n >= 1. Memory from the arena. */
pm_resamples pm_resample(pm_arena *arena, size_t n, uint64_t seed, const char *purpose);

/* `replicate` [PM_RESAMPLES]: the figure of each resample; gets sorted. The interval holds the middle 95 % of them,
 * moved so that their mean lies on the value: some figures (neighbours, divergences) are off by themselves in a
 * resample, where items come twice. Cut to [least, most]. */
pm_estimate pm_estimate_from(double value, double *replicate, double least, double most);

/* The mean of item [n] over the resamples; cut as above. */
pm_estimate pm_estimate_mean(const pm_resamples *resamples, const double *item, double least, double most);

/* The share of items that are true. Where all agree, the resamples do, too, and say nothing; then the interval is the
 * exact one of Clopper and Pearson (1934). */
pm_estimate pm_estimate_share(const pm_resamples *resamples, const bool *item);

static inline size_t pm_eval_padded(size_t n) {
  return (n + PM_EVAL_LANES - 1) / PM_EVAL_LANES * PM_EVAL_LANES;
}

/* Sums of products and of squared differences of n floats, n a multiple of PM_EVAL_LANES, in a fixed order: the same
 * bits everywhere. Exact for whole numbers from 0 to 255, so that equal distances are equal. */
double pm_eval_dot(const float *a, const float *b, size_t n);
double pm_eval_squared_distance(const float *a, const float *b, size_t n);

#ifdef __cplusplus
}
#endif
#endif
