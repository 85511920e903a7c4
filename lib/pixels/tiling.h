/* Sprites whose copies lie side by side: along which axes, and a sprite rolled by half its size, so that its edges meet
 * in the middle, as they meet where copies touch. */
#ifndef PM_PIXELS_TILING_H
#define PM_PIXELS_TILING_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PM_TILE_NONE, PM_TILE_X = 1, PM_TILE_Y = 2, PM_TILE_XY = PM_TILE_X | PM_TILE_Y } pm_tiling;
#define PM_TILINGS "none|x|y|xy"

/* out[height,width] of items of `bytes` bytes: `in` moved right and down by half its size, rounded down, along the axes
 * of `tiling`, around the edges; or, with `back`, left and up. Column 0 comes to column width / 2. */
void pm_roll_half(void *out, const void *in, size_t height, size_t width, size_t bytes, pm_tiling tiling, bool back);

/* Whether pixel (row, column) of a rolled sprite lies within `reach` pixels of where its edges meet; 1: beside it. */
bool pm_beside_seam(size_t row, size_t column, size_t height, size_t width, size_t reach, pm_tiling tiling);

#ifdef __cplusplus
}
#endif
#endif
