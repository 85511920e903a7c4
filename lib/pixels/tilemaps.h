/* Toy tilemaps: scenes of 8 x 8 flat tiles, 4 x 4 pixels each, in six colours and three themes. */
#ifndef PM_PIXELS_TILEMAPS_H
#define PM_PIXELS_TILEMAPS_H

#include "pixels/sprites.h"

#ifdef __cplusplus
extern "C" {
#endif

enum pm_tilemap_kind { PM_FLOOR, PM_WALL, PM_WATER, PM_SKY, PM_ACCENT, PM_GRASS, PM_TILEMAP_KINDS };
enum pm_tilemap_theme { PM_CAVE, PM_ISLAND, PM_SKYLINE, PM_TILEMAP_THEMES };
enum { PM_TILEMAP_GRID = 8, PM_TILEMAP_TILE = 4, PM_TILEMAP_SIDE = 32 };

extern const unsigned char pm_tilemap_colours[PM_TILEMAP_KINDS][3];
extern const char *const pm_tilemap_theme_names[PM_TILEMAP_THEMES];

/* Draws map number `i`, a pure function of the seed and i; kinds of tiles by row and column. Returns the theme.
 * - cave: each cell wall with probability 0.18, else floor; then a pool of water, corner in 1 … 5, sides 2 … 4,
 * clipped.
 * - island: centre at 4 + {-1, 0, 1} each way; nearer than 1.44 water, than 3.04 grass, else floor; then eight times a
 *   cell anywhere turns to wall with probability 0.25.
 * - skyline: rows 0 … 4 sky, the rest floor; four buildings of wall, 1 … 3 wide and 2 … 4 high, standing on row 4;
 *   then eight times a cell in rows 3 … 7, if floor or wall, turns to accent with probability 0.2. */
enum pm_tilemap_theme pm_tilemap_draw(uint64_t seed, uint64_t i, unsigned char kinds[PM_TILEMAP_GRID][PM_TILEMAP_GRID]);

/* Maps first … first + n - 1 as sprites of 32 x 32 opaque pixels; themes[n] (may be NULL) gets their themes. */
pm_sprites pm_tilemaps(pm_arena *arena, uint64_t seed, uint64_t first, size_t n, int32_t *themes);

#ifdef __cplusplus
}
#endif
#endif
