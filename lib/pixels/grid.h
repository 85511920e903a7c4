/* How tiles are laid out on a sheet, and how its gaps reveal that. */
#ifndef PM_PIXELS_GRID_H
#define PM_PIXELS_GRID_H

#include "io/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Along one side, in pixels: a margin, tiles with the spacing between two, and what is behind the last: nothing, the
 * margin, the spacing or both. */
typedef struct {
  size_t tile, margin, spacing;
} pm_grid_side;

typedef struct {
  pm_grid_side x, y;
} pm_grid;

/* Whole tiles along a side of `length` pixels. *rest: 0 where the side divides; else how much there is of one more tile
 * behind the last whole one and its spacing, or of the spacing alone. */
size_t pm_grid_tiles(size_t length, pm_grid_side side, size_t *rest);

/* The colour of a pixel: RGBA. */
static inline const unsigned char *pm_image_pixel(const pm_image *image, size_t y, size_t x) {
  size_t at = y * image->width + x;
  return image->colours ? image->palette[image->index[at]] : image->rgba + 4 * at;
}

/* Looks at the pixels for a grid of tiles of the size that `wanted` has: a gap, between two tiles or around all, is of
 * one colour, or transparent, all along. Of several such grids it is the one with most cuts along lines of one colour,
 * since few sprites fill their tiles; of equals one that divides the sheet goes before one with a rest at the right or
 * below, small gaps go before large ones, and equal spacings before two. False if there is none, or if without any gaps
 * more cuts, and nearly all, are along such lines. Margins and spacings are looked for up to the tile's size, at
 * most 64. */
bool pm_grid_by_gaps(const pm_image *sheet, pm_grid wanted, pm_grid *found);

#ifdef __cplusplus
}
#endif
#endif
