/* How well copies of a sprite fit side by side: bits under the context code of the pixels where they touch. */
#ifndef PM_EVAL_SEAMS_H
#define PM_EVAL_SEAMS_H

#include "eval/context_code.h"
#include "pixels/tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

/* bits[count]: bits per pixel, of the pixels on both sides of the seam alone, of each sprite rolled by half its size
 * along the axes of `tiling`: what lies on the other side of the edge is then read as what lies inside a sprite.
 * Scratch memory from the arena. Runs on all threads. */
void pm_seam_bits(pm_arena *arena, const pm_context_code *code, const pm_indexed *sprites, pm_tiling tiling,
                  double *bits);

#ifdef __cplusplus
}
#endif
#endif
