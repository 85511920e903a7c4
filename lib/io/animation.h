/* Animations: APNG and GIF, written only. Frames are shown whole, each for as long, one after the other. */
#ifndef PM_IO_ANIMATION_H
#define PM_IO_ANIMATION_H

#include "io/image.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_image frames;          /* one below the other */
  size_t count;             /* at least 1; divides the height */
  unsigned delay;           /* of each, in milliseconds, 1 to 65535; GIF: a multiple of 10 */
  unsigned plays;           /* how often all are shown, up to 65535; 0: for ever */
  const char *const *notes; /* as pm_png_write's */
} pm_animation;

/* APNG 1.0 (https://wiki.mozilla.org/APNG_Specification): a PNG picture of the first frame with chunks acTL, fcTL and
 * fdAT, which programs that know no APNG pass over. Colour table or RGBA as pm_png_write has them, one kind for all
 * frames. Same animation, same bytes. Scratch memory from the arena. */
void pm_apng_write(pm_arena *arena, pm_output *output, const pm_animation *animation);

/* GIF 89a (https://www.w3.org/Graphics/GIF/spec-gif89a.txt): one colour table for all frames, in its order; the number
 * of plays as Netscape's extension tells it; the notes as comments. The frames must have a colour table in which one
 * colour at most has alpha 0 and all others 255, and sides of at most 65535. Same animation, same bytes. */
void pm_gif_write(pm_arena *arena, pm_output *output, const pm_animation *animation);

#ifdef __cplusplus
}
#endif
#endif
