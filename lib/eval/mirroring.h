/* Whether the mirror images of a set's sprites look like its sprites. Where light falls from one side, or all figures
 * face one way, they do not, and a model that is trained on both learns what is in neither. */
#ifndef PM_EVAL_MIRRORING_H
#define PM_EVAL_MIRRORING_H

#include "eval/patterns.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Over ten random halvings of the set: divergences (nats, 0 to log 2) of how often each window of 2 x 2 pixels occurs
 * in one half and in the other. */
typedef struct {
  double halves;   /* the largest of the two halves as they are: what chance alone causes */
  double mirrored; /* the mean of one half and the other one mirrored */
  bool differs;    /* the second is clearly above the first: mirror images do not look like the others */
} pm_mirroring;

/* Of the sprites whose flag is false; `out` NULL: of all. Colours in more numbers than a palette holds are told apart
 * by the two highest bits of each channel. A pure function of the sprites. Scratch memory from the arena. */
pm_mirroring pm_mirroring_test(pm_arena *arena, const pm_sprites *sprites, const bool *out);

/* The same of `count` sprites as they lie in memory: palette indices [count,H,W] (channels 1), or RGB or RGBA bytes. */
pm_mirroring pm_mirroring_test_pixels(pm_arena *arena, const unsigned char *pixels, size_t count, size_t height,
                                      size_t width, size_t channels);

#ifdef __cplusplus
}
#endif
#endif
