/* The colours that sprites are drawn in. */
#ifndef PM_PIXELS_EXTRACT_H
#define PM_PIXELS_EXTRACT_H

#include "io/palette.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  bool exact;       /* the palette holds each colour that there is */
  size_t distinct;  /* colours in the sprites, the transparent one among them */
  bool transparent; /* whether there is that one */
} pm_extract_report;

/* Opaque colours sorted by luminance 0.299 R + 0.587 G + 0.114 B (equal ones by R, G, B), behind one transparent entry
 * if a pixel's alpha is below 128 (alpha of other pixels is ignored). `colours`: how many opaque ones are wanted, or 0
 * for all. Where there are more than wanted, or than a palette holds (256 with the transparent one): k-means of them,
 * weighted by how often they occur, 50 iterations from `seed`; on 100,000 pixels spread evenly where there are more
 * than 100,000 colours. Sprites without any pixel fail with status 3, naming `place`. */
pm_palette pm_extract_palette(pm_arena *arena, const pm_sprites *sprites, size_t colours, uint64_t seed,
                              const char *place, pm_extract_report *report);

#ifdef __cplusplus
}
#endif
#endif
