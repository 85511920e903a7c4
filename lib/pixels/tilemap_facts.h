/* How much sampled tilemaps are like those that pixels/tilemaps.h draws. The generator is known, so whether it could
 * have drawn a map can be told exactly. */
#ifndef PM_PIXELS_TILEMAP_FACTS_H
#define PM_PIXELS_TILEMAP_FACTS_H

#include "io/tensor.h"
#include "pixels/tilemaps.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True if some seed could make the generator draw this map, with whatever luck:
 * - cave: walls and floor anywhere, and one pool of an allowed place and size, clipped at the edges.
 * - island: the rings around one of the nine centres, and at most eight cells of wall.
 * - skyline: buildings that one to four allowed rectangles cover, on a sky down to row 4; the rest floor; at most eight
 *   lights, on the floor or in row 3 on a building.
 * No map is legal for two themes. */
bool pm_tilemap_legal(enum pm_tilemap_theme theme,
                      const unsigned char kinds[PM_TILEMAP_GRID][PM_TILEMAP_GRID]); /* enum pm_tilemap_kind */

/* The theme that the map is legal for, or PM_TILEMAP_THEMES for none. */
enum pm_tilemap_theme pm_tilemap_theme_of(const unsigned char kinds[PM_TILEMAP_GRID][PM_TILEMAP_GRID]);

/* Means over all maps; 0 where there is none. Channels from 0 to 255. Snapped: each pixel in the nearest of the six
 * colours. A tile's kind is the one that most of its snapped pixels have, the first of equals. */
typedef struct {
  size_t maps;
  double spread;                  /* standard deviation of a channel inside a tile: mean over the channels and tiles */
  double distance;                /* of a pixel to the nearest of the six colours, Euclidean in RGB */
  double flat;                    /* share of tiles that are of one colour when snapped */
  double share[PM_TILEMAP_KINDS]; /* of each kind among the cells */
  double legal[PM_TILEMAP_THEMES + 1]; /* share of maps whose kinds are legal for the theme; last: for none */
  double exact; /* share of maps that are legal and have flat tiles only: as the generator draws them, but for noise */
} pm_tilemap_facts;

/* `maps`: u8, or f32 in [0,1] (clamped), [N,32,32,3]; anything else fails with status 3, naming `place`. Scratch memory
 * comes from the arena. Runs on all threads. */
pm_tilemap_facts pm_tilemap_judge(pm_arena *arena, const pm_tensor *maps, const char *place);

#ifdef __cplusplus
}
#endif
#endif
