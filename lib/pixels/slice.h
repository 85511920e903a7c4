/* A sheet of tiles cut into sprites. */
#ifndef PM_PIXELS_SLICE_H
#define PM_PIXELS_SLICE_H

#include "io/image.h"
#include "pixels/grid.h"
#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of a sheet that does not divide into tiles. */
enum { PM_REST_REFUSE, PM_REST_DROP /* its partial tiles */, PM_REST_SKIP /* the sheet */ };
#define PM_REST_CHOICES "refuse|drop|skip"

typedef struct {
  int64_t tile[2];               /* width, height; >= 1 */
  int64_t frames[2];             /* tiles of a sprite, side by side and one above the other; >= 1 */
  int64_t margin[2], spacing[2]; /* pixels around all tiles and between two, in x and in y; >= 0 */
  int rest;                      /* PM_REST_... */
  int64_t shrink;                /* a sprite's pixel is a block of shrink x shrink; >= 1, and divides both of tile */
  double density[2];             /* kept: the share of pixels that differ from the background lies in it (inclusive) */
  unsigned char background[3];   /* what transparent pixels are laid over */
  bool keep_alpha;               /* RGBA sprites; the background then serves the density alone */
  bool drop_flat;                /* tiles of a single colour go, too */
  bool distinct;                 /* of equal tiles only the first stays */
} pm_slice_options;

typedef struct {
  size_t sheets, tiles;
  size_t transparent;             /* dropped: no pixel with alpha above 0 */
  size_t faint;                   /* dropped: some of these, but none with alpha of 128 and above */
  size_t flat, outside, repeated; /* dropped by drop_flat, density and distinct, in this order */
  size_t flat_kept;               /* kept though of a single colour */
  size_t kept;
  size_t *kept_of;         /* [sheets]: how many of each; in the arena */
  size_t edges;            /* pixels at the edges of all tiles */
  size_t clear_edges;      /* of them, with alpha below 128 */
  size_t ground_edges;     /* of them, the opaque ones of the colour that is most frequent among them: */
  unsigned char ground[3]; /* this one */
  size_t contour;          /* opaque pixels of kept tiles that touch transparent ones */
  size_t vanished;         /* of them, those that do not differ from the background */
} pm_slice_report;

/* Tiles in reading order, sheet after sheet. A pixel differs from the background if, laid over it, |R-r| + |G-g| +
 * |B-b| is above 10: on black, if R+G+B is. The margin may be missing on the right or below, and the spacing may follow
 * the last tile, too. Sheets that do not divide fail with status 3, `places[i]`, and the margin and spacing that their
 * gaps show (grid.h) or what is left over; or what options.rest makes of them is said (pm_warn). With `shrink`, a block
 * of more than one colour fails with status 3. Memory from the arena. */
pm_sprites pm_slice(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                    pm_slice_options options, pm_slice_report *report);

/* By the channel that is furthest away. */
int pm_colour_distance(const unsigned char a[3], const unsigned char b[3]);

typedef struct {
  size_t matched; /* pixels that became transparent */
  size_t near;    /* others, at most PM_KEY_NEAR away in each channel */
  int farthest;   /* of those; 0 for none */
} pm_key_report;

enum { PM_KEY_NEAR = 16 };

/* Makes every pixel fully transparent whose R, G and B are each at most `tolerance` away from this colour (sheets drawn
 * on a key colour); adds to the report. */
void pm_slice_key(pm_image *sheet, const unsigned char rgb[3], int tolerance, pm_key_report *report);

#ifdef __cplusplus
}
#endif
#endif
