/* Kernel distance of two sets of vectors (KID): the squared maximum mean discrepancy with the kernel
 * (x . y / dimensions + 1)^3, unbiased, so that it is 0 on average for two sets of one distribution and may be
 * negative. Binkowski, Sutherland, Arbel, Gretton: "Demystifying MMD GANs", ICLR 2018. */
#ifndef PM_EVAL_KERNEL_DISTANCE_H
#define PM_EVAL_KERNEL_DISTANCE_H

#include "eval/features.h"
#include "eval/resample.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Over all pairs; both sets of at least two vectors. In a resample an item that came twice makes no pair with itself.
 * *error (may be NULL): the standard error, the deviation of the resamples. Runs on all threads. */
pm_estimate pm_kernel_distance(pm_arena *arena, const pm_features *samples, const pm_features *real,
                               const pm_resamples *of_samples, const pm_resamples *of_real, double *error);

#ifdef __cplusplus
}
#endif
#endif
