/* Sprites of several frames, which lie side by side on a sheet as tiles of their own. */
#ifndef PM_PIXELS_FRAMES_H
#define PM_PIXELS_FRAMES_H

#include "pixels/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sheets without the gaps between tiles, so that a sprite of options->frames tiles is one larger tile; afterwards
 * options->tile is its size, and there are no gaps. Only whole tiles of sheets that are to be cut are taken. Status 3,
 * places[i], where the tiles of a sheet do not divide into such sprites. Memory from the arena. */
const pm_image *pm_join_frames(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                               const bool *cut, pm_slice_options *options);

#ifdef __cplusplus
}
#endif
#endif
