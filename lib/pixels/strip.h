/* Sprites in the colours that a file gets them in: one below the other in one picture, with a colour table or as RGBA.
 * Sheets, single pictures and animations are cut from it. */
#ifndef PM_PIXELS_STRIP_H
#define PM_PIXELS_STRIP_H

#include "io/image.h"
#include "io/palette.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_image image;
  size_t count, width, height; /* sprites, and the size of each */
  size_t clear;                /* index of the transparent colour; image.colours where there is none, and for RGBA */
} pm_strip;

/* All three fail with status 3 where there are no sprites. `key` (NULL for none): RGB that becomes transparent. `place`
 * names the sprites in messages. Memory from the arena. */

/* As they are, RGBA. Warns of a key that matches no pixel. */
pm_strip pm_strip_rgba(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key, const char *place);

/* With the palette as colour table: its order and its unused colours stay. Opaque pixels must be of its colours, the
 * others fully transparent; the first that is neither is named, with its sprite and place. Transparent pixels, and gaps
 * if there are any, have the key's entry, which must be there, or the palette's transparent one; where there is
 * neither, one is put behind its colours (with a note), for which there must be room. */
pm_strip pm_strip_in_palette(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key,
                             const pm_palette *palette, bool gaps, const char *place);

/* With their own colours as colour table, in the order of their first pixels: at most 256, each opaque or fully
 * transparent. `format` names what needs that: "a GIF". */
pm_strip pm_strip_in_own_colours(pm_arena *arena, const pm_sprites *sprites, const unsigned char *key,
                                 const char *place, const char *format);

/* The same pixels without a colour table. */
pm_strip pm_strip_without_table(pm_arena *arena, const pm_strip *strip);

/* Sprites `first` to `first + count - 1`, each pixel `scale` times as large in x and y, one below the other. Fails with
 * status 3 if each has a side above 16,384, or all of them more than 2^26 pixels. */
pm_image pm_strip_enlarge(pm_arena *arena, const pm_strip *strip, size_t first, size_t count, size_t scale);

/* Bytes of a pixel in it, and its pixels: 1 and indices, or 4 and RGBA. */
size_t pm_image_pixel_bytes(const pm_image *image);
unsigned char *pm_image_pixels(const pm_image *image);

#ifdef __cplusplus
}
#endif
#endif
