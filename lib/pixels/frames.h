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

/* The way back: each sprite cut into frames[0] x frames[1] equal pictures, in reading order, which follow each other;
 * the sprites themselves where that is one. Status 3, `place`, where its size does not divide. Memory from the arena.
 */
pm_sprites pm_split_frames(pm_arena *arena, const pm_sprites *sprites, const int64_t frames[2], const char *place);

#ifdef __cplusplus
}
#endif
#endif
