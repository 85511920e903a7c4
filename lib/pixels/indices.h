/* Sprites as indices of a given palette, whose colours they must have exactly. */
#ifndef PM_PIXELS_INDICES_H
#define PM_PIXELS_INDICES_H

#include "io/palette.h"
#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

/* index[count,height,width] of the sprites' pixels. A pixel that the palette lacks takes `other` if its alpha is below
 * `below`. Returns the first other one that it lacks, whose index and those of all behind it are not written; the
 * number of pixels if there is none. */
size_t pm_sprites_index(unsigned char *index, const pm_sprites *sprites, const pm_palette *palette, unsigned below,
                        size_t other);

#ifdef __cplusplus
}
#endif
#endif
