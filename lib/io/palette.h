/* Palettes as artists keep them: GIMP .gpl, .hex (Lospec), paint.net .txt, JASC and RIFF .pal, Adobe .act and .ase, the
 * palette of an .aseprite file, and .png (each distinct colour in reading order). Order is kept. docs/formats.md
 * describes each. */
#ifndef PM_IO_PALETTE_H
#define PM_IO_PALETTE_H

#include "core/file.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_OPAQUE_FROM = 128 }; /* alpha from which a pixel counts as opaque; below, as transparent */

typedef struct {
  size_t count;               /* 1 … 256 */
  unsigned char rgba[256][4]; /* alpha 255, or one entry of 0,0,0,0 for transparency */
} pm_palette;

/* The format is recognised by content, not by the name ("-" works), but for .act. .hex and .png may hold alpha
 * (rrggbbaa); .gpl and JASC's .pal hold transparency as a colour named "transparent". Colours of eight digits that make
 * sense as aarrggbb alone are refused unless a comment says that they are (paint.net's). Repeated colours are dropped
 * with a warning; more than 256, none, or a malformed line fail with status 3 and file:line. */
pm_palette pm_palette_read(pm_arena *arena, const char *path);

/* The format by the name's ending (.gpl .hex .pal .png); .gpl for standard output and unknown endings are refused with
 * status 2. `provenance`: a comment line for .gpl and a tEXt for .png; NULL for none. */
void pm_palette_write(pm_arena *arena, const char *path, const pm_palette *palette, const char *provenance);

/* [count, channels] floats of colours, 0 ... 1, the first 3 or 4 channels of each; in the arena. */
float *pm_colours_as_floats(pm_arena *arena, const unsigned char (*rgba)[4], size_t count, size_t channels);

/* The entry that is this colour; `count` if none is. */
size_t pm_palette_find(const pm_palette *palette, const unsigned char rgba[4]);

/* The entry nearest to a colour by squared distance in RGB (alpha: a pixel below 128 goes to the transparent entry if
 * there is one); the first of equals. rgb in [0, 255], not necessarily whole. *distance (may be NULL): Euclidean. */
size_t pm_palette_nearest(const pm_palette *palette, const float rgba[4], float *distance);

#ifdef __cplusplus
}
#endif
#endif
