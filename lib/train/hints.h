/* Hints: what an artist fixes of a sprite before a model draws the rest. One form for every method that takes them: a
 * map with a number for each pixel, and colours that are banned.
 *
 * Exact, whatever the method: a fixed pixel has its colour; one of the background, or not of it, is so; a mirrored
 * pixel equals its mirror image; a banned colour stands only where a pixel is fixed to it. How well the rest fits to
 * what is fixed is the model's affair. */
#ifndef PM_TRAIN_HINTS_H
#define PM_TRAIN_HINTS_H

#include "nn/hint_ops.h"
#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t count;          /* of maps; sprite number i follows map number i modulo count. At least 1 */
  int32_t *pixel;        /* [count,H,W]: an index of the model's palette, or one of pm_hint_code */
  unsigned char *banned; /* [colours]: 1 for a colour that is not drawn; NULL: none is banned */
  int32_t *classes;      /* [count]: whose sprites are drawn, where no class is asked for; NULL: not known */
} pm_hints;

/* One map of unknown pixels, nothing banned; in the arena. */
pm_hints pm_hints_new(pm_arena *arena, const pm_sprite_format *format, size_t count);

/* The background of a model's sprites: the palette index that stood in them most often. */
int32_t pm_background_of(const pm_sprite_format *format);

/* The first contradiction, in words in the arena: a pixel that nothing may fill (fixed to the background inside a
 * silhouette, say, or every colour banned), or an index that the palette lacks. NULL: there is none. */
const char *pm_hints_problem(pm_arena *arena, const pm_hints *hints, const pm_sprite_format *format);

/* Whether a pixel that a map says `hint` of may be of a colour. No colour may be put where it is mirrored. */
bool pm_hint_allows(int32_t hint, int32_t background, int32_t colour);

/* The right half mirrors the left; of each pair both get what either is fixed to. Status 3, with `place` and the pixel,
 * where that differs. */
void pm_hints_mirror(pm_hints *hints, const pm_sprite_format *format, const char *place);

/* Status 3 if every pixel of a map is fixed. */
void pm_hints_check_unfixed(const pm_hints *hints, const pm_sprite_format *format);

/* Status 3, with `place`, for what pm_hints_problem finds. */
void pm_hints_check(const pm_hints *hints, const pm_sprite_format *format, const char *place);

/* What a pixel is fixed to inside a silhouette, and outside. */
int32_t pm_hint_of_shape(bool inside);

/* The palette index of a pixel of the picture that sprite number `sprite` varies. */
typedef int32_t (*pm_hint_picture)(const void *context, size_t sprite, size_t pixel);

/* Map k, of sprite number first + k of a seed: its pixels stay as the picture has them, but for the share `strength`,
 * which is drawn anew: with a larger strength fewer of the same stay. What is fixed already, or mirrored, or may not be
 * of the picture's colour, is left as it is. */
void pm_hints_keep(pm_hints *hints, const pm_sprite_format *format, double strength, uint64_t seed, uint64_t first,
                   pm_hint_picture picture, const void *context);

#ifdef __cplusplus
}
#endif
#endif
