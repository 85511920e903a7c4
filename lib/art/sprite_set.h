/* The built-in data sets: procedural 16 x 16 sprites in named classes, all in one palette of 16 colours. Things stand
 * on a background; tiles of terrain fill their square and wrap around.
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
  PM_ART_COUNT = 1200, /* the default set: this many, */
  PM_ART_SEED = 1,     /* drawn with this seed */
  PM_ART_MOST = 10000, /* the most that a class or all of them may be asked for */
};

typedef enum { PM_ART_THINGS, PM_ART_TERRAIN } pm_art_set;

/* Number of classes, and their names: lower-case words. */
size_t pm_art_classes(pm_art_set set);
const char *pm_art_class_name(pm_art_set set, size_t class_index);
/* The class of that name, or pm_art_classes(set). */
size_t pm_art_class_find(pm_art_set set, const char *name);

/* Draws `count` things of all classes; labels[count] (may be NULL) receives their classes. The background is opaque
 * black, or transparent if `keep_alpha`. Memory from the arena. */
pm_sprites pm_art_draw(pm_arena *arena, uint64_t seed, size_t count, int32_t *labels, bool keep_alpha);

typedef struct {
  pm_art_set set;
  const size_t *classes; /* [n] */
  size_t n;
  int frames; /* pictures side by side: 1, 2 or 4 (art/walk.h) */
} pm_art_choice;

/* The same of some classes only: sprite i is of class classes[i % n], and its label is i % n. Ends the program with
 * status 2 if the classes do not have that many different sprites. */
pm_sprites pm_art_draw_classes(pm_arena *arena, uint64_t seed, size_t count, const pm_art_choice *choice,
                               int32_t *labels, bool keep_alpha);

#ifdef __cplusplus
}
#endif
#endif
