/* Inside io: what an Aseprite file consists of, between reading it (aseprite.c) and flattening it (aseprite_flatten.c).
 */
#ifndef PM_IO_ASEPRITE_PARTS_H
#define PM_IO_ASEPRITE_PARTS_H

#include "io/bytes.h"

#include <stdbool.h>

enum { PM_ASE_COLOURS = 256, PM_ASE_NONE = -1 };

typedef struct {
  size_t count; /* may be above PM_ASE_COLOURS, of which the first are kept */
  unsigned char rgba[PM_ASE_COLOURS][4];
} pm_ase_palette;

enum { PM_ASE_IMAGE_LAYER, PM_ASE_GROUP, PM_ASE_TILEMAP }; /* types of layers */

typedef struct {
  int type, level, parent; /* parent: number of a layer, or PM_ASE_NONE */
  int blend, opacity;      /* 0: normal; 0 to 255 */
  bool visible;            /* itself and all groups that it lies in */
  bool background, reference;
  size_t at; /* where its chunk stands in the file */
  const char *name;
} pm_ase_layer;

typedef struct {
  size_t layer;
  int x, y, z, opacity;
  bool tilemap, compressed;
  size_t width, height;
  pm_bytes pixels; /* what is left of its chunk, or of that of the cel that it is linked with */
} pm_ase_cel;

typedef struct {
  size_t first, end;             /* its cels */
  const pm_ase_palette *palette; /* NULL: none so far */
} pm_ase_frame;

typedef struct {
  pm_arena *arena;
  const char *name;
  size_t width, height, frames;
  size_t pixel_bytes;                /* 4 RGBA, 2 grey and alpha, 1 an index */
  int transparent;                   /* index of the colour that is none, but in background layers */
  bool layer_opacity, group_opacity; /* whether these fields count */
  pm_ase_layer *layer;
  size_t layers, layer_capacity;
  pm_ase_cel *cel;
  size_t cels, cel_capacity;
  pm_ase_frame *frame;   /* [frames] */
  unsigned char *pixels; /* of the cel that is being drawn */
  size_t pixel_capacity;
} pm_ase_sprite;

/* Frame f into rgba [height, width, 4], which is all 0. Fails with status 3. */
void pm_ase_flatten(pm_ase_sprite *sprite, size_t f, unsigned char *rgba);

#endif
