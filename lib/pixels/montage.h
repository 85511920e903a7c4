/* Sprites laid out as one picture, to look at. */
#ifndef PM_PIXELS_MONTAGE_H
#define PM_PIXELS_MONTAGE_H

#include "io/image.h"
#include "io/palette.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How it looks unless told; the scale and so on are those of pm_montage_options. */
#define PM_MONTAGE_SCALE 8
#define PM_MONTAGE_COLUMNS 8
#define PM_MONTAGE_GAP 1
#define PM_MONTAGE_BACKGROUND "3a3a44"

/* A grid of its own with a caption above it. */
typedef struct {
  const char *caption; /* UTF-8 (what is not ASCII is drawn as a box), '\n' begins a new line; NULL or "": none */
  pm_sprites sprites;
} pm_montage_group;

typedef struct {
  int64_t scale;               /* side of a sprite's pixel, in the picture's; >= 1 */
  int64_t columns;             /* sprites in a row; 0: all of a group in one */
  int64_t gap;                 /* around and between sprites, in sprite pixels; >= 0 */
  unsigned char background[3]; /* RGB; also behind transparent pixels */
  bool keep_alpha;             /* sprites keep their transparency, and there is nothing between and behind them */
} pm_montage_options;

/* One group below the other, left-aligned; sizes of sprites may differ between groups. Captions are wrapped at the
 * picture's width (which is at least 24 letters where a caption needs them), in black or white, whatever the background
 * lets see. Groups without sprites show their caption. Fails with status 3 if the picture would exceed the limits of
 * pm_png_read (side 16,384; 2^26 pixels). Indexed colours where 256 are enough. Memory from the arena. */
/* Whether it is within these limits. */
bool pm_montage_fits(const pm_montage_group *groups, size_t n, pm_montage_options options);
pm_image pm_montage(pm_arena *arena, const pm_montage_group *groups, size_t n, pm_montage_options options);

/* Makes the palette the picture's colour table, in its order and whether or not its colours are used; colours that the
 * picture has besides stand behind it. Returns how many these are. Fails with status 3 if they are together more than
 * 256. */
size_t pm_image_set_palette(pm_arena *arena, pm_image *picture, const pm_palette *palette);

#ifdef __cplusplus
}
#endif
#endif
