/* Fidelity and variety by nearest neighbours. Each vector of a set has a ball that reaches to its k-th nearest
 * neighbour in its own set (itself not counted); what lies in a ball, its edge included, is near.
 *
 * Precision and recall: Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models",
 * NeurIPS 2019. Density and coverage: Naeem et al., "Reliable fidelity and diversity metrics for generative models",
 * ICML 2020. */
#ifndef PM_EVAL_NEIGHBOURS_H
#define PM_EVAL_NEIGHBOURS_H

#include "eval/features.h"
#include "eval/resample.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_NEIGHBOURS = 5 };

typedef struct {
  pm_estimate precision; /* share of samples in the ball of a real one */
  pm_estimate recall;    /* share of real ones in the ball of a sample */
  pm_estimate density;   /* balls of real ones that a sample lies in, over k: mean; 1 for the distribution itself */
  pm_estimate coverage;  /* share of real ones with a sample in their ball */
} pm_neighbour_scores;

/* Both sets of more than k vectors, of the same dimensions. The resamples draw which samples and real ones there are;
 * the balls stay. Scratch memory from the arena. Runs on all threads. */
pm_neighbour_scores pm_neighbours_score(pm_arena *arena, const pm_features *samples, const pm_features *real, size_t k,
                                        const pm_resamples *of_samples, const pm_resamples *of_real);

#ifdef __cplusplus
}
#endif
#endif
