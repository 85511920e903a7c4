/* What is worth a second look before a set of sprites is learned from. */
#ifndef PM_PIXELS_REVIEW_H
#define PM_PIXELS_REVIEW_H

#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_RARE_PIXELS = 2, PM_RARE_LISTED = 8 };

/* A sprite and an earlier one that it goes with. */
typedef struct {
  size_t sprite, earlier;
} pm_sprite_pair;

typedef struct {
  uint32_t rgb; /* 0xRRGGBB */
  size_t pixels;
} pm_rare_colour;

typedef struct {
  size_t colours;                            /* distinct ones of opaque pixels (alpha 128 and above) */
  size_t rare;                               /* of them with at most PM_RARE_PIXELS pixels in the whole set */
  pm_rare_colour rare_first[PM_RARE_LISTED]; /* the rarest, then the darkest numbers */
  size_t copies;                             /* sprites whose pixels an earlier one has exactly */
  pm_sprite_pair copy;                       /* the first of them */
  size_t alike;                              /* others with the canonical form of an earlier one (canonical.h) */
  pm_sprite_pair likeness;                   /* the first of them */
  size_t empty;                              /* sprites without an opaque pixel */
  size_t block;                              /* each pixel is drawn block x block (blocks.h); 1: as it is */
  size_t half_transparent;                   /* pixels with alpha 1 … 254 */
  bool transparent;                          /* whether a pixel is not opaque: one colour more in a palette */
} pm_review;

/* Runs on all threads; scratch memory comes from the arena. */
pm_review pm_sprites_review(pm_arena *arena, const pm_sprites *sprites);

#ifdef __cplusplus
}
#endif
#endif
