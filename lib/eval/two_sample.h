/* Can a classifier tell samples from real sprites? Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR
 * 2017. */
#ifndef PM_EVAL_TWO_SAMPLE_H
#define PM_EVAL_TWO_SAMPLE_H

#include "eval/features.h"
#include "eval/patterns.h"
#include "eval/resample.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PM_TWO_SAMPLE_FACTS = 9,
  PM_TWO_SAMPLE_LEAST = 40 /* fewer sprites of either kind teach a classifier nothing */
};

/* fact[count, PM_TWO_SAMPLE_FACTS] in the arena: what is known of a sprite besides its features: its bits per pixel in
 * a code (bits[count]) and their square, the number of its colours, the shares of pixels that have the colour
 * `background`, differ from the pixel to the right, from the one below, from the one they are mirrored to, from all
 * four neighbours, and the share of the second most frequent colour. */
double *pm_two_sample_facts(pm_arena *arena, const pm_indexed *sprites, const double *bits, unsigned char background);

/* The balanced accuracy of the classifier: the mean of its accuracies on samples and on real sprites; 0.5 where it
 * can only guess. It is ridge regression on the features and facts to 1 for samples and -1 for real
 * ones, both kinds weighing as much, and each tenth of the sprites (drawn by the seed) is judged by a classifier that
 * was fitted to the others. Both sets of at least PM_TWO_SAMPLE_LEAST sprites, of features of the same dimensions. The
 * interval resamples the judgements. Scratch memory from the arena. Runs on all threads. */
pm_estimate pm_two_sample_test(pm_arena *arena, const pm_features *samples, const double *sample_facts,
                               const pm_features *real, const double *real_facts, const pm_resamples *of_samples,
                               const pm_resamples *of_real, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
