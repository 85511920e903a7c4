/* The built-in data set: a procedural set of 16 x 16 sprites in named classes, all in one palette of 16 colours.
 *
 * Sprite i is of class i mod the number of classes, so that every beginning of the set is balanced. It is drawn with
 * the numbers of the stream (seed, "sprite", i); should it equal an earlier sprite up to flips and a renaming of
 * colours, or cover too little or too much of its square, it is drawn again with the stream's next numbers. So sprite i
 * depends on the seed, on i and on the choice of classes alone, and the first n sprites of a longer set are the set of
 * n. */
#ifndef PM_ART_SPRITE_SET_H
#define PM_ART_SPRITE_SET_H

#include "pixels/sprites.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PM_ART_SIDE = 16,
  PM_ART_COUNT = 1200,     /* the default set: this many, */
  PM_ART_SEED = 1,         /* drawn with this seed */
  PM_ART_MOST = 10000,     /* the most that a class or all of them may be asked for */
  PM_ART_LEAST_COVER = 39, /* pixels that are not background: 0.15 to 0.75 of the square */
  PM_ART_MOST_COVER = 192,
};

/* Number of classes, and their names: lower-case words. */
size_t pm_art_classes(void);
const char *pm_art_class_name(size_t class_index);
/* The class of that name, or pm_art_classes(). */
size_t pm_art_class_find(const char *name);

/* Draws `count` sprites of all classes; labels[count] (may be NULL) receives their classes. The background is opaque
 * black, or transparent if `keep_alpha`. Memory from the arena. */
pm_sprites pm_art_draw(pm_arena *arena, uint64_t seed, size_t count, int32_t *labels, bool keep_alpha);

/* The same of the `n` classes listed in `classes` only: sprite i is of class classes[i % n], in `frames` pictures side
 * by side (1, 2 or 4: art/walk.h). Ends the program with status 2 if the classes do not have that many different
 * sprites.
 */
pm_sprites pm_art_draw_classes(pm_arena *arena, uint64_t seed, size_t count, const size_t *classes, size_t n,
                               int frames, int32_t *labels, bool keep_alpha);

#ifdef __cplusplus
}
#endif
#endif
