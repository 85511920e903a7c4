/* Sprites as a sheet of tiles, as editors and game engines read one: in rows of equal cells, in reading order. */
#ifndef PM_PIXELS_TILE_SHEET_H
#define PM_PIXELS_TILE_SHEET_H

#include "io/tileset.h"
#include "pixels/strip.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Lengths but for scale in pixels of the sheet; all but scale may be 0. */
typedef struct {
  int64_t scale;   /* side of a sprite's pixel, at least 1 */
  int64_t columns; /* 0: as many as make the sheet about square */
  int64_t spacing; /* between two tiles, or between what is extruded from them */
  int64_t margin;  /* around all of that */
  int64_t extrude; /* how often a tile's edge pixels are repeated outwards, so that filtering mixes in no neighbour's */
} pm_tile_look;

/* Its spacing and margin count up to the tiles themselves, as other programs want them told. *gaps: some pixels belong
 * to no tile. Fails with status 3 if the sheet would exceed the limits of pm_png_read. */
pm_tile_grid pm_tile_grid_of(size_t count, size_t width, size_t height, const pm_tile_look *look, bool *gaps);

/* What belongs to no tile is transparent. Memory from the arena. */
pm_image pm_tile_sheet(pm_arena *arena, const pm_strip *strip, const pm_tile_grid *grid, const pm_tile_look *look);

/* Names of the sprites as files: their number, of at least three digits, behind the class's name if there are labels:
 * "003", "sword-003". What no file's name should hold becomes '_'. `class_name` [count] or NULL. */
const char *const *pm_tile_names(pm_arena *arena, size_t count, const char *const *class_name);

#ifdef __cplusplus
}
#endif
#endif
