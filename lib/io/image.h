/* Pictures: PNG through libpng's low-level API. Every colour type, depth and interlace in; out as indexed colours when
 * there are at most 256, RGBA or RGB else. */
#ifndef PM_IO_IMAGE_H
#define PM_IO_IMAGE_H

#include "core/file.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The largest picture that is read or written: a side, and all pixels. */
enum { PM_IMAGE_MOST_SIDE = 16384, PM_IMAGE_MOST_PIXELS = 1 << 26 };

typedef struct {
  size_t width, height;
  size_t colours; /* 0: `rgba` holds the pixels */
  unsigned char (
      *palette)[4];     /* [colours] RGBA, in order of first appearance, all fully transparent colours as 0,0,0,0 */
  unsigned char *index; /* [height, width], or NULL */
  unsigned char *rgba;  /* [height, width, 4], or NULL */
} pm_image;

/* 16-bit channels are scaled to 8 (as libpng's png_set_scale_16 does), grey expanded, tRNS applied, gamma ignored.
 * Limits: side 16,384, 2^26 pixels, chunks of 1 MB. Of an animation (APNG) the first frame. Warns of that, of ancillary
 * chunks with wrong check sums (but for tRNS, which is refused as all others are) and of bytes behind the picture,
 * which are refused in a pipe. Other kinds of pictures are named (file_kind.h). Fails with status 3. Memory from the
 * arena. */
pm_image pm_png_read(pm_arena *arena, const char *path);
/* The same of an input that was opened already; closes it. */
pm_image pm_png_read_input(pm_arena *arena, pm_input *input);
/* The same of a file in memory; `name` names it in errors. */
pm_image pm_png_decode(pm_arena *arena, const unsigned char *bytes, size_t length, const char *name);

enum { PM_PNG_SIGNATURE = 8 };
/* True if the bytes begin with the 8 that every PNG file begins with. */
bool pm_png_begins(const unsigned char *bytes, size_t length);

/* RGBA bytes to an image with a colour table if at most 256 colours are used. */
pm_image pm_image_from_rgba(pm_arena *arena, size_t width, size_t height, const unsigned char *rgba);

/* Whether all its pixels, or all colours of its table, have alpha 255. */
bool pm_image_opaque(const pm_image *image);

/* `notes` (may be NULL): pairs of keyword and text for tEXt chunks, ended by NULL: provenance. Same image and notes,
 * same bytes. Smallest bit depth that holds the table; tRNS only where a colour is not opaque. */
void pm_png_write(pm_output *output, const pm_image *image, const char *const *notes);

/* The same bytes in memory, in the arena. `alpha`: a picture without a colour table becomes RGBA, else RGB. */
const unsigned char *pm_png_encode(pm_arena *arena, const pm_image *image, bool alpha, const char *const *notes,
                                   size_t *length);

#ifdef __cplusplus
}
#endif
#endif
