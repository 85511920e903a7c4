/* Which samples are copies of training sprites, whichever way round, in whatever colours.
 *
 * The distance of two sprites is the share of pixels in which they differ, the least over horizontal and vertical
 * flips, shifts by at most a pixel each way (compared where both have pixels; sides below 8 are not shifted) and
 * one-to-one exchanges of colours. It is 0 exactly when they are the same up to these. */
#ifndef PM_EVAL_COPIES_H
#define PM_EVAL_COPIES_H

#include "core/memory.h"
#include "eval/patterns.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_figures pm_figures;

/* Sprites made ready for comparison. Memory from the arena. Runs on all threads. */
pm_figures *pm_figures_new(pm_arena *arena, const pm_indexed *sprites);

/* distance[training's count] of sample i to each training sprite. Both sets are of one size. Runs on all threads. */
void pm_figure_distances(const pm_figures *samples, size_t i, const pm_figures *training, double *distance);

/* origin[count]: of each sprite the first one that it is at distance 0 from, itself if there is none before it. In the
 * arena. Runs on all threads. */
size_t *pm_figure_origins(pm_arena *arena, const pm_figures *figures);

typedef struct {
  size_t index;    /* the nearest training sprite, the first of equals */
  double distance; /* to it */
  double second;   /* to the nearest of those with another origin; 1 where there is none */
} pm_nearest;

/* nearest[samples' count]. Runs on all threads. */
void pm_figures_nearest(const pm_figures *samples, const pm_figures *training, const size_t *origin,
                        pm_nearest *nearest);

/* distance / second, 0 for a distance of 0, and at most 1. A sample is a copy if this is below PM_COPY_RATIO: it is
 * much nearer to one sprite than to any other, while what is new lies about as far from several (Yoon et al.,
 * "Diffusion probabilistic models generalize when they fail to memorize", 2023). */
#define PM_COPY_RATIO (1 / 3.0)
double pm_nearest_ratio(const pm_nearest *nearest);
bool pm_is_copy(const pm_nearest *nearest);

#ifdef __cplusplus
}
#endif
#endif
