/* How a sprite of palette indices is cut into patches, and what is known around each of them: shared by the ops in
 * patches.c and by the backends' kernels of them, sprite by sprite.
 *
 * Patches are squares of side P in raster order; on the right and below, a patch may reach beyond the sprite. A pixel
 * is known to patch p if it lies in the sprite and its patch comes before p. */
#ifndef PM_NN_OPS_PATCHES_H
#define PM_NN_OPS_PATCHES_H

#include "core/inline.h"
#include "nn/ops/elementwise.h"

#include <string.h>

enum {
  PATCH_MOST_COLOURS = 256,
  PATCH_MOST_PIXELS = PM_PATCH_MOST_SIDE * PM_PATCH_MOST_SIDE,
  PATCH_MOST_NEIGHBOURS = 4 * PM_PATCH_MOST_SIDE + 6 + PATCH_MOST_PIXELS, /* pm_patch_neighbours of that side */
};

typedef struct {
  size_t height, width, side, colours;
  size_t columns, patches;  /* of the sprite */
  size_t pixels;            /* of a patch: P^2 */
  size_t neighbours, pairs; /* of a patch, and pairs of them */
  size_t gates;             /* of a pixel */
} patch_sizes;

static inline patch_sizes patch_sizes_of(const pm_value *sprites, const pm_patches *a) {
  const size_t *d = sprites->shape.dim;
  patch_sizes s;
  s.height = d[1];
  s.width = d[2];
  s.side = a->side;
  s.colours = a->colours;
  s.columns = (s.width + s.side - 1) / s.side;
  s.patches = pm_patch_count(s.height, s.width, s.side);
  s.pixels = s.side * s.side;
  s.neighbours = pm_patch_neighbours(s.side);
  s.pairs = s.neighbours * (s.neighbours - 1) / 2;
  s.gates = pm_patch_gates(s.side);
  return s;
}

/* Whether row y, column x (of the sprite, perhaps outside) belongs to a patch before p; then its colour. */
PM_INLINE bool known_pixel(const patch_sizes *s, const unsigned char *sprite, size_t p, long y, long x,
                           unsigned char *colour) {
  if (y < 0 || x < 0 || (size_t)y >= s->height || (size_t)x >= s->width)
    return false;
  if ((size_t)y / s->side * s->columns + (size_t)x / s->side >= p)
    return false;
  *colour = sprite[(size_t)y * s->width + (size_t)x];
  return true;
}

/* Pixel number j of patch p; false outside the sprite. */
PM_INLINE bool patch_pixel(const patch_sizes *s, const unsigned char *sprite, size_t p, size_t j,
                           unsigned char *colour) {
  size_t y = p / s->columns * s->side + j / s->side, x = p % s->columns * s->side + j % s->side;
  if (y >= s->height || x >= s->width)
    return false;
  *colour = sprite[y * s->width + x];
  return true;
}

/* around[neighbours]: colours of the known pixels around patch p, `colours` for what is not known. In reading order the
 * row two above (from one pixel left of the patch to one right of it), the row above (two left to two right), two
 * pixels left of each of its rows; then the mirror images of its own pixels, about the sprite's vertical axis. */
PM_INLINE void patch_around(int32_t *around, const patch_sizes *s, const unsigned char *sprite, size_t p) {
  const long side = (long)s->side, top = (long)(p / s->columns) * side, left = (long)(p % s->columns) * side;
  for (long dy = -2; dy < side; dy++) {
    long from = dy == -2 ? -1 : -2, to = dy == -2 ? side : dy == -1 ? side + 1 : -1;
    for (long dx = from; dx <= to; dx++) {
      unsigned char colour;
      *around++ = known_pixel(s, sprite, p, top + dy, left + dx, &colour) ? colour : (int32_t)s->colours;
    }
  }
  for (long j = 0; j < side * side; j++) {
    long y = top + j / side, x = (long)s->width - 1 - (left + j % side);
    unsigned char colour;
    *around++ = known_pixel(s, sprite, p, y, x, &colour) ? colour : (int32_t)s->colours;
  }
}

/* Marks the colours of patch p in used[colours]. */
PM_INLINE void patch_use(bool *used, const patch_sizes *s, const unsigned char *sprite, size_t p) {
  unsigned char colour;
  for (size_t j = 0; j < s->pixels; j++)
    if (patch_pixel(s, sprite, p, j, &colour))
      used[colour] = true;
}

/* The colours of all patches before p. */
PM_INLINE void patch_used_before(bool *used, const patch_sizes *s, const unsigned char *sprite, size_t p) {
  memset(used, 0, s->colours * sizeof *used);
  for (size_t before = 0; before < p; before++)
    patch_use(used, s, sprite, before);
}

/* The list of patch_before for patch p, [pixels]. */
PM_INLINE void patch_before_list(int32_t *list, const patch_sizes *s, const unsigned char *sprite, size_t p) {
  size_t n = 0;
  unsigned char colour;
  if (p == 0)
    list[n++] = (int32_t)(s->pixels * s->colours);
  for (size_t j = 0; p > 0 && j < s->pixels; j++)
    if (patch_pixel(s, sprite, p - 1, j, &colour))
      list[n++] = (int32_t)(j * s->colours) + colour;
  for (; n < s->pixels; n++)
    list[n] = -1;
}

/* The list of patch_within for pixel j of patch p, [room]. */
PM_INLINE void patch_within_list(int32_t *list, size_t room, const patch_sizes *s, const unsigned char *sprite,
                                 size_t p, size_t j) {
  size_t n = 0;
  unsigned char colour;
  for (size_t i = 0; i < j; i++)
    if (patch_pixel(s, sprite, p, i, &colour))
      list[n++] = (int32_t)((j * (j - 1) / 2 + i) * s->colours) + colour;
  for (; n < room; n++)
    list[n] = -1;
}

/* The list of patch_features for patches first … first + count - 1, and how long one of them is. */
PM_INLINE size_t patch_feature_room(const patch_sizes *s) {
  return s->neighbours + s->pairs + s->colours;
}
PM_INLINE void patch_feature_lists(int32_t *list, const patch_sizes *s, const unsigned char *sprite, size_t first,
                                   size_t count) {
  const size_t room = patch_feature_room(s);
  bool used[PATCH_MOST_COLOURS];
  patch_used_before(used, s, sprite, first);
  for (size_t p = first; p < first + count; p++, list += room) {
    int32_t around[PATCH_MOST_NEIGHBOURS];
    size_t n = 0, number = s->neighbours * (s->colours + 1);
    patch_around(around, s, sprite, p);
    for (size_t i = 0; i < s->neighbours; i++)
      list[n++] = (int32_t)(i * (s->colours + 1)) + around[i];
    for (size_t i = 0; i < s->neighbours; i++)
      for (size_t k = i + 1; k < s->neighbours; k++, number++)
        if (around[i] == around[k])
          list[n++] = (int32_t)number;
    for (size_t k = 0; k < s->colours; k++)
      if (used[k])
        list[n++] = (int32_t)(number + k);
    for (; n < room; n++)
      list[n] = -1;
    patch_use(used, s, sprite, p);
  }
}

/* What the copy gates of a patch's pixels point at: the colours of the neighbours, then of the patch's own pixels
 * (`colours`: none), of which pixel j reads the first j; and with the last gate all colours that are used before. */
typedef struct {
  int32_t colour[PATCH_MOST_NEIGHBOURS + PATCH_MOST_PIXELS];
  bool used[PATCH_MOST_COLOURS];
} patch_sources;

PM_INLINE void patch_sources_of(patch_sources *from, const patch_sizes *s, const unsigned char *sprite, size_t p) {
  patch_around(from->colour, s, sprite, p);
  for (size_t i = 0; i + 1 < s->pixels; i++) {
    unsigned char colour;
    from->colour[s->neighbours + i] = patch_pixel(s, sprite, p, i, &colour) ? colour : (int32_t)s->colours;
  }
}

/* A pixel's logits[colours] with its gates added, in y, where it may read the first `before` of the sources … */
PM_INLINE void patch_add_gates(real *y, const real *logits, const real *gate, const patch_sizes *s,
                               const patch_sources *from, size_t before) {
  const size_t K = s->colours, G = s->gates;
  for (size_t k = 0; k < K; k++)
    y[k] = logits[k] + (from->used[k] ? gate[G - 1] : 0);
  for (size_t i = 0; i < before; i++)
    if ((size_t)from->colour[i] < K)
      y[from->colour[i]] += gate[i];
}
/* … and the gradient of its gates, dy[colours] being that of y. */
PM_INLINE void patch_gates_gradient(real *dgate, const real *dy, const patch_sizes *s, const patch_sources *from,
                                    size_t before) {
  const size_t K = s->colours, G = s->gates;
  real all = 0;
  for (size_t i = 0; i < G - 1; i++)
    dgate[i] = i < before && (size_t)from->colour[i] < K ? dy[from->colour[i]] : 0;
  for (size_t k = 0; k < K; k++)
    all += from->used[k] ? dy[k] : 0;
  dgate[G - 1] = all;
}

/* What a call is about: all patches of its sprites or the one at a position, all pixels of a patch or one. */
typedef struct {
  const pm_call *call;
  patch_sizes s;
  const unsigned char *sprite;
  size_t sprites, first, patches, pixel, pixels;
} patch_call;

/* `at`: the input that is the sprites; the one behind it is the position, or NULL. */
static inline patch_call patch_call_of(const pm_call *call, int at) {
  const pm_patches *a = (const pm_patches *)call->node->attributes;
  const bool one_patch = call->node->in[at + 1] != NULL;
  patch_call c;
  c.call = call;
  c.s = patch_sizes_of(call->node->in[at], a);
  c.sprite = (const unsigned char *)call->in[at];
  c.sprites = call->node->in[at]->shape.dim[0];
  c.first = one_patch ? (size_t) * (const int64_t *)call->in[at + 1] : 0;
  c.patches = one_patch ? 1 : c.s.patches;
  c.pixel = a->one_pixel ? a->pixel : 0;
  c.pixels = a->one_pixel ? 1 : c.s.pixels;
  assert(c.first + c.patches <= c.s.patches);
  return c;
}

static inline const unsigned char *patch_sprite(const patch_call *c, size_t n) {
  return c->sprite + n * c->s.height * c->s.width;
}

/* Calls `each` for the pixels of sprite n in their order, with the pixel's row in logits and gates and how many of the
 * sources it may read. */
typedef void (*patch_pixel_work)(const patch_call *c, const patch_sources *from, size_t row, size_t before);
static inline void patch_each_pixel(const patch_call *c, size_t n, patch_pixel_work each) {
  const unsigned char *sprite = patch_sprite(c, n);
  size_t row = n * c->patches * c->pixels;
  patch_sources from;
  patch_used_before(from.used, &c->s, sprite, c->first);
  for (size_t p = c->first; p < c->first + c->patches; p++) {
    patch_sources_of(&from, &c->s, sprite, p);
    for (size_t j = c->pixel; j < c->pixel + c->pixels; j++)
      each(c, &from, row++, c->s.neighbours + j);
    patch_use(from.used, &c->s, sprite, p);
  }
}

/* A row of patch_copies. */
static inline void patch_copy_row(const patch_call *c, const patch_sources *from, size_t row, size_t before) {
  const size_t K = c->s.colours, G = c->s.gates;
  patch_add_gates((real *)c->call->out[0] + row * K, (const real *)c->call->in[PM_PATCH_COPIES_LOGITS] + row * K,
                  (const real *)c->call->in[PM_PATCH_COPIES_GATES] + row * G, &c->s, from, before);
}

/* A row of the gates' gradient. */
static inline void patch_copy_grad_row(const patch_call *c, const patch_sources *from, size_t row, size_t before) {
  const size_t K = c->s.colours, G = c->s.gates;
  patch_gates_gradient((real *)c->call->out[0] + row * G,
                       (const real *)c->call->in[PM_PATCH_COPIES_GRAD_DLOGITS] + row * K, &c->s, from, before);
}

#endif
