/* Frames of a figure that walks on the spot. */
#ifndef PM_ART_WALK_H
#define PM_ART_WALK_H

#include "art/canvas.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Frame number `frame` of `frames` (1, 2 or 4) of a standing figure: of four it stands, steps left, stands, steps
 * right; of two it steps left and right. In a step one foot is lifted by a pixel, and the figure with it, where there
 * is room above. */
void pm_walk(pm_canvas *c, int frame, int frames);

#ifdef __cplusplus
}
#endif
#endif
