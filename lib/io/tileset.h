/* What editors and engines read beside a sheet of tiles, so that nobody types its sizes in: Aseprite's JSON, Tiled's
 * .tsx and Godot 4's .tres. docs/export.md describes them. Same tileset, same bytes; nothing of paths or the clock. */
#ifndef PM_IO_TILESET_H
#define PM_IO_TILESET_H

#include "core/file.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where tiles lie, in pixels of the sheet. */
typedef struct {
  size_t count, columns, rows; /* tiles, and the grid that they fill from its beginning */
  size_t tile_width, tile_height;
  size_t spacing, margin; /* between two tiles, and before the first in x and y */
  size_t width, height;   /* of the sheet */
} pm_tile_grid;

/* The left and the upper edge of a tile. */
static inline size_t pm_tile_x(const pm_tile_grid *grid, size_t tile) {
  return grid->margin + tile % grid->columns * (grid->tile_width + grid->spacing);
}
static inline size_t pm_tile_y(const pm_tile_grid *grid, size_t tile) {
  return grid->margin + tile / grid->columns * (grid->tile_height + grid->spacing);
}

typedef struct {
  const char *image; /* name of the sheet's file, which lies beside */
  bool indexed;      /* it has a colour table */
  pm_tile_grid grid;
  unsigned delay;                /* milliseconds that a tile is shown as a frame */
  const char *const *tile_name;  /* [grid.count] */
  const char *const *class_name; /* [grid.count], or NULL: tiles have no classes */
  const char *const *tag_name; /* [grid.count], or NULL: of what belongs together, a class or the frames of a sprite */
} pm_tileset;

/* The array form: frames with place, size and duration, called TILE_NAME.png; and a tag for each row of tiles with one
 * tag name. */
void pm_tileset_write_aseprite(pm_output *output, const pm_tileset *tileset);

/* Whether Tiled, which counts tiles by the picture's size and one margin, comes to these columns and rows. */
bool pm_tiled_sees(const pm_tile_grid *grid);

/* TMX 1.10. Tiled counts all cells of the grid as tiles, so tilecount does; a tile's class is its type there. */
void pm_tileset_write_tiled(pm_output *output, const pm_tileset *tileset);

/* A TileSet with one TileSetAtlasSource. Classes are a layer of custom data, text, called "class". */
void pm_tileset_write_godot(pm_output *output, const pm_tileset *tileset);

#ifdef __cplusplus
}
#endif
#endif
