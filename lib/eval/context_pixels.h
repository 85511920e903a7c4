/* What a code of sprites conditions a pixel on: the neighbours that come before it in reading order, and
 * contexts made of them. A context is a number that is the same wherever the same things stand around a pixel. */
#ifndef PM_EVAL_CONTEXT_PIXELS_H
#define PM_EVAL_CONTEXT_PIXELS_H

#include "eval/patterns.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PM_CONTEXT_OUTSIDE = 256, /* in place of a colour: beyond the edge, or not read yet */
  PM_CONTEXTS = 26,         /* without the class */
  PM_CLASS_CONTEXTS = 10,   /* with it */
  PM_ALL_CONTEXTS = PM_CONTEXTS + PM_CLASS_CONTEXTS,
  PM_CONTEXT_GUESSES = 6, /* neighbours' colours that are tried before all others */
};

/* The two rows and columns before a pixel, by compass points from it; the pixel mirrored about the vertical axis and
 * those beside it; the same in the row above. */
enum {
  PM_W,
  PM_N,
  PM_NW,
  PM_NE,
  PM_MIRROR,
  PM_WW,
  PM_NN,
  PM_NNE,
  PM_NWW,
  PM_NEE,
  PM_NNW,
  PM_WWW,
  PM_NNN,
  PM_MIRROR_NEXT,   /* left of the mirrored pixel: where the pixel right of this one is mirrored to */
  PM_MIRROR_BEFORE, /* right of it */
  PM_MIRROR_ABOVE,
  PM_CONTEXT_NEIGHBOURS
};

typedef struct {
  size_t row, column;
  uint16_t colour[PM_CONTEXT_NEIGHBOURS];
  uint8_t guess[PM_CONTEXT_GUESSES], source[PM_CONTEXT_GUESSES]; /* different colours of neighbours, the likeliest
                                                                    neighbour first; where from */
  size_t guesses;
  uint32_t pattern;                  /* which of the nearest neighbours are equal, 0 to PM_CONTEXT_PATTERNS - 1 */
  uint32_t context[PM_ALL_CONTEXTS]; /* those with the class only after pm_context_pixel_class */
  uint32_t base[PM_CLASS_CONTEXTS];  /* of these */
} pm_context_pixel;

enum { PM_CONTEXT_PATTERNS = 64 };

/* What stays the same over a sprite, and what was seen of it so far. */
typedef struct {
  const unsigned char *index; /* [height, width] */
  size_t height, width;
  uint8_t background; /* the colour that is the most frequent in the training set */
  uint64_t used[4];   /* a bit for each colour */
  size_t used_count;
  uint32_t used_hash; /* the same whatever order they came in */
  uint8_t last[3];    /* the colours that were read last, all different, the newest first */
  size_t last_count;
  size_t first_row;  /* the first row with another colour than the background; the height before it is there */
  size_t left;       /* the leftmost column of such a pixel so far */
  size_t asymmetric; /* how many pairs of pixels of the finished rows differ about the vertical axis */
} pm_context_sprite;

pm_context_sprite pm_context_sprite_new(const pm_indexed *sprites, size_t i, uint8_t background);

/* Reads the neighbours of pixel (row, column), of which all before it were passed to pm_context_sprite_see, and makes
 * the contexts without the class. */
void pm_context_pixel_read(pm_context_pixel *pixel, const pm_context_sprite *sprite, size_t row, size_t column);

/* Makes those with the class, of a pixel that was read. */
void pm_context_pixel_class(pm_context_pixel *pixel, int32_t label);

/* The pixel is known now. */
void pm_context_sprite_see(pm_context_sprite *sprite, size_t row, size_t column);

#ifdef __cplusplus
}
#endif
#endif
