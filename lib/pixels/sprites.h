/* A set of sprites of one size: palette indices wherever there are at most 256 colours, RGBA bytes else. */
#ifndef PM_PIXELS_SPRITES_H
#define PM_PIXELS_SPRITES_H

#include "io/tensor.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_MAX_COLOURS = 256 };

typedef struct {
  size_t count, height, width;
  int channels;                /* 3: all pixels opaque; 4: with alpha. What the set is written with */
  size_t colours;              /* of the table; 0: `rgba` holds the pixels instead of `index` */
  unsigned char (*palette)[4]; /* [colours] RGBA */
  unsigned char *index;        /* [count, height, width], or NULL */
  unsigned char *rgba;         /* [count, height, width, 4], or NULL */
} pm_sprites;

/* From .npy (|u1 or <f4 [N,H,W,C], C = 3 or 4; f4 in [0,1], clamped and rounded to 255 steps; what lies beyond is
 * warned of), PNG (one sprite of the picture's size) or Aseprite's files (a sprite for each frame), told apart by their
 * content, "-" for standard input; or from a folder of PNG pictures of one size. Colours are listed in the order of
 * first appearance. Memory from the arena. Anything else fails with status 3. */
pm_sprites pm_sprites_read(pm_arena *arena, const char *path);

/* The same of all operands of a command line (ended by NULL), one behind the other; standard input if there are none.
 */
pm_sprites pm_sprites_read_all(pm_arena *arena, char *const *operands);

/* For messages where a set is too small: what to do about a sheet that was taken for one sprite; "" unless there is
 * just one. */
const char *pm_uncut_hint(size_t sprites);

/* The array as it stands in an .npy file, of any type and shape; of a picture |u1 [1,H,W,C], C = 3 if it is opaque and
 * else 4, and of one of Aseprite's with N frames [N,H,W,C]; of a folder of N pictures the same with N. */
pm_tensor pm_sprites_read_array(pm_arena *arena, const char *path);

/* From a tensor of that kind; `place` names it in errors. */
pm_sprites pm_sprites_from_tensor(pm_arena *arena, const pm_tensor *tensor, const char *place);

/* |u1 [N,H,W,channels]. */
pm_tensor pm_sprites_to_tensor(pm_arena *arena, const pm_sprites *sprites);

/* All of `sets`, one behind the other; sizes must agree (status 3 names the file, `places[i]`, that does not). */
pm_sprites pm_sprites_join(pm_arena *arena, const pm_sprites *sets, const char *const *places, size_t n);

/* Of the table: how many distinct colours its opaque entries (alpha 128 and above) have; *transparent is set if there
 * are others. 0, and all pixels are looked at, where there is no table. */
size_t pm_sprites_colours(const pm_sprites *sprites, bool *transparent);

/* The colour of one pixel. */
static inline const unsigned char *pm_sprites_pixel(const pm_sprites *s, size_t sprite, size_t y, size_t x) {
  size_t at = (sprite * s->height + y) * s->width + x;
  return s->index ? s->palette[s->index[at]] : s->rgba + 4 * at;
}

#ifdef __cplusplus
}
#endif
#endif
