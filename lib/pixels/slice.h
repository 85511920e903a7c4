/* A sheet of tiles cut into sprites. */
#ifndef PM_PIXELS_SLICE_H
#define PM_PIXELS_SLICE_H

#include "io/image.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int64_t tile[2];             /* width, height; >= 1 */
  int64_t margin, spacing;     /* pixels around all tiles, and between two; >= 0 */
  double density[2];           /* kept: the share of pixels that differ from the background lies in it (inclusive) */
  unsigned char background[3]; /* what transparent pixels are laid over */
  bool keep_alpha;             /* RGBA sprites; the background then serves the density alone */
  bool drop_flat;              /* tiles of a single colour go, too */
  bool distinct;               /* of equal tiles only the first stays */
} pm_slice_options;

typedef struct {
  size_t sheets, tiles;
  size_t transparent;             /* dropped: no pixel with alpha above 0 */
  size_t flat, outside, repeated; /* dropped by drop_flat, density and distinct, in this order */
  size_t flat_kept;               /* kept though of a single colour */
  size_t kept;
  size_t *kept_of; /* [sheets]: how many of each; in the arena */
} pm_slice_report;

/* Tiles in reading order, sheet after sheet. A pixel differs from the background if, laid over it, |R-r| + |G-g| +
 * |B-b| is above 10: on black, if R+G+B is. The margin may be missing on the right or below, and the spacing may follow
 * the last tile, too. A sheet that does not divide fails with status 3, `places[i]` and the tile sizes, margins and
 * spacings that would. Memory from the arena. */
pm_sprites pm_slice(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                    pm_slice_options options, pm_slice_report *report);

/* Makes every pixel of this RGB colour fully transparent (sheets drawn on a key colour). */
void pm_slice_key(pm_image *sheet, const unsigned char rgb[3]);

#ifdef __cplusplus
}
#endif
#endif
