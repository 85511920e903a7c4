/* Samples beside the training sprites that are nearest to them, to look at. */
#ifndef PM_EVAL_COPY_PICTURE_H
#define PM_EVAL_COPY_PICTURE_H

#include "eval/score.h"
#include "io/image.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_COPY_PICTURE_BESIDE = 3 };

/* The `wanted` samples that are nearest to a training sprite (all if there are fewer), copies first, each followed by
 * its three nearest training sprites as they are, without flips and exchanges of colours. `nearest` of
 * pm_score_nearest. Memory from the arena. Runs on all threads. */
pm_image pm_copy_picture(pm_arena *arena, const pm_score_set *samples, const pm_score_reference *reference,
                         const pm_nearest *nearest, size_t wanted);

#ifdef __cplusplus
}
#endif
#endif
