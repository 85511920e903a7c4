/* Aseprite's own files, .aseprite and .ase, version 1.x: sprites with their layers flattened, and palettes. Source:
 * https://github.com/aseprite/aseprite/blob/main/docs/ase-file-specs.md. docs/formats.md says what is read of it. */
#ifndef PM_IO_ASEPRITE_H
#define PM_IO_ASEPRITE_H

#include "io/image.h"
#include "io/palette_binary.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_ASEPRITE_MAGIC_END = 6 }; /* as many bytes tell such a file */

/* True if the bytes begin as an Aseprite file does: after four bytes of its length, E0 A5. */
bool pm_aseprite_begins(const unsigned char *bytes, size_t length);

/* The frames one below the other in one picture, as if a PNG of each had been exported; *frames is their number.
 * Visible layers are laid over each other with their and their cels' opacity, by Aseprite's own whole-number formula;
 * reference layers are left out, as Aseprite does. Linked cels and raw and compressed pixels are read, in RGBA, grey
 * and indices. Limits: as pm_png_read's, all frames together. What is cut off, damaged, of the wrong size, or what a
 * flattened copy cannot show exactly (visible tilemaps, other blend modes than normal, groups that have an opacity of
 * their own), fails with status 3, and the byte where it stands. `name` names the file in messages. Memory from the
 * arena. */
pm_image pm_aseprite_decode(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name,
                            size_t *frames);

/* The palette of the first frame, in its order; the entry that stands for transparency in a sprite of indices has alpha
 * 0, unless it has a background layer. Empty if the file has none. Fails as pm_aseprite_decode does, but looks at no
 * pixels. */
pm_colour_list pm_aseprite_palette(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name);

#ifdef __cplusplus
}
#endif
#endif
