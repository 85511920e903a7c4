/* Sprites as vectors: their pixels, or random features, the outputs of an untrained net. */
#ifndef PM_EVAL_FEATURES_H
#define PM_EVAL_FEATURES_H

#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rows are padded with zeros to a multiple of PM_EVAL_LANES, which changes no distance and no product. */
typedef struct {
  size_t count, dims, stride;
  float *value; /* [count, stride] */
  double unit;  /* what counts as 1 */
} pm_features;

/* Channels over black, of a set with alpha the alpha, too: whole numbers from 0 to 255, of which 255 counts as 1, so
 * that distances are exact (in pixel art many are equal). Memory from the arena. */
pm_features pm_features_of_pixels(pm_arena *arena, const pm_sprites *sprites);

/* Three 3 x 3 convolutions of 16, 32 and 64 filters with ReLU, each behind the first on the 2 x 2 means of the one
 * before; the mean of each filter in each quarter of the picture. The filters are normal numbers from a seed of their
 * own (variance 2 / inputs), so the net is the same in every program of the same number of channels. Untrained filters
 * distinguish distributions as well as those of a classifier where there are few data (Naeem et al., "Reliable fidelity
 * and diversity metrics for generative models", ICML 2020). Runs on all threads. */
pm_features pm_features_of_net(pm_arena *arena, const pm_sprites *sprites);

/* Gives each dimension of `features` the mean 0 and the deviation 1 that it has in `reference` then; one that varies
 * less there than a tenth of the root mean square of all counts as if it varied that much. The reference may be the
 * features themselves. */
void pm_features_standardise(pm_arena *arena, pm_features *features, const pm_features *reference);

#ifdef __cplusplus
}
#endif
#endif
