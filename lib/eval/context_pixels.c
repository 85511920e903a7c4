#include "eval/context_pixels.h"

#include <string.h>

static uint32_t stir(uint32_t hash, uint32_t value) {
  hash = (hash ^ value) * 0x9E3779B1u;
  return hash ^ hash >> 15;
}

pm_context_sprite pm_context_sprite_new(const pm_indexed *sprites, size_t i, uint8_t background) {
  return (pm_context_sprite){.index = sprites->index + i * sprites->height * sprites->width,
                             .height = sprites->height,
                             .width = sprites->width,
                             .background = background,
                             .first_row = sprites->height,
                             .left = sprites->width};
}

void pm_context_sprite_see(pm_context_sprite *s, size_t row, size_t column) {
  uint8_t colour = s->index[row * s->width + column];
  uint64_t bit = (uint64_t)1 << colour % 64;
  if (!(s->used[colour / 64] & bit)) {
    s->used[colour / 64] |= bit;
    s->used_count++;
    s->used_hash += stir(0x1234567u, colour);
  }
  size_t at = 0;
  while (at < s->last_count && s->last[at] != colour)
    at++;
  if (at == s->last_count)
    at = s->last_count < 3 ? s->last_count++ : 2;
  memmove(s->last + 1, s->last, at);
  s->last[0] = colour;
  if (colour != s->background) {
    s->first_row = row < s->first_row ? row : s->first_row;
    s->left = column < s->left ? column : s->left;
  }
  if (column + 1 == s->width)
    for (size_t x = 0; x < s->width / 2; x++)
      s->asymmetric += s->index[row * s->width + x] != s->index[row * s->width + s->width - 1 - x];
}

/* A pixel that was read before (row, column), or PM_CONTEXT_OUTSIDE; sizes wrap below zero and are too large then. */
static uint16_t before(const pm_context_sprite *s, size_t row, size_t column, size_t y, size_t x) {
  if (y >= s->height || x >= s->width || y > row || (y == row && x >= column))
    return PM_CONTEXT_OUTSIDE;
  return s->index[y * s->width + x];
}

static void read_neighbours(pm_context_pixel *p, const pm_context_sprite *s, size_t row, size_t column) {
  static const struct {
    int8_t up, right;
  } place[] = {
      [PM_W] = {0, -1},  [PM_N] = {1, 0},    [PM_NW] = {1, -1},  [PM_NE] = {1, 1},
      [PM_WW] = {0, -2}, [PM_NN] = {2, 0},   [PM_NNE] = {2, 1},  [PM_NWW] = {1, -2},
      [PM_NEE] = {1, 2}, [PM_NNW] = {2, -1}, [PM_WWW] = {0, -3}, [PM_NNN] = {3, 0},
  };
  p->row = row, p->column = column;
  for (size_t k = 0; k < sizeof place / sizeof *place; k++)
    if (k != PM_MIRROR)
      p->colour[k] = before(s, row, column, row - (size_t)place[k].up, column + (size_t)place[k].right);
  size_t mirrored = s->width - 1 - column;
  p->colour[PM_MIRROR] = before(s, row, column, row, mirrored);
  p->colour[PM_MIRROR_NEXT] = before(s, row, column, row, mirrored - 1);
  p->colour[PM_MIRROR_BEFORE] = before(s, row, column, row, mirrored + 1);
  p->colour[PM_MIRROR_ABOVE] = before(s, row, column, row - 1, mirrored);
}

static void add_guess(pm_context_pixel *p, uint16_t colour, size_t source) {
  if (colour == PM_CONTEXT_OUTSIDE || p->guesses == PM_CONTEXT_GUESSES)
    return;
  for (size_t i = 0; i < p->guesses; i++)
    if (p->guess[i] == colour)
      return;
  p->source[p->guesses] = (uint8_t)source;
  p->guess[p->guesses++] = (uint8_t)colour;
}

static void make_guesses(pm_context_pixel *p, const pm_context_sprite *s) {
  static const uint8_t order[] = {PM_W, PM_N, PM_MIRROR, PM_NE, PM_NW, PM_WW, PM_NN};
  p->guesses = 0;
  for (size_t k = 0; k < sizeof order; k++)
    add_guess(p, p->colour[order[k]], k);
  for (size_t k = 0; k < s->last_count; k++)
    add_guess(p, s->last[k], sizeof order + k);
}

/* Neighbours by which are equal, whatever their colours: 0 the background, 1 outside, the others by first appearance.
 * shape[k] stands for the first k + 1 neighbours. */
static void make_shapes(const pm_context_pixel *p, uint8_t background, uint32_t shape[PM_CONTEXT_NEIGHBOURS]) {
  uint32_t hash = 0x51ED27u;
  uint16_t known[PM_CONTEXT_NEIGHBOURS];
  uint32_t count = 0;
  for (size_t k = 0; k < PM_CONTEXT_NEIGHBOURS; k++) {
    uint16_t colour = p->colour[k];
    uint32_t name = 0;
    if (colour == PM_CONTEXT_OUTSIDE) {
      name = 1;
    } else if (colour != background) {
      while (name < count && known[name] != colour)
        name++;
      if (name == count)
        known[count++] = colour;
      name += 2;
    }
    hash = stir(hash, name);
    shape[k] = hash;
  }
}

static size_t run_of(const pm_context_sprite *s, size_t row, size_t column, size_t up, size_t left, size_t most) {
  size_t length = 0;
  uint16_t first = before(s, row, column, row - up, column - left);
  for (size_t y = row - up, x = column - left;
       length < most && first != PM_CONTEXT_OUTSIDE && before(s, row, column, y, x) == first; y -= up, x -= left)
    length++;
  return length;
}

static uint32_t hash_of(const pm_context_pixel *p, const uint8_t *neighbours, size_t n) {
  uint32_t hash = 0x7FEB35u;
  for (size_t k = 0; k < n; k++)
    hash = stir(hash, p->colour[neighbours[k]]);
  return hash;
}

#define OF(p, ...) hash_of(p, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Which of the nearest are equal: chooses the mixer's weights. */
static uint32_t pattern_of(const uint16_t *c) {
  uint32_t mirror = c[PM_MIRROR] == PM_CONTEXT_OUTSIDE ? 0
                    : c[PM_MIRROR] == c[PM_W]          ? 1
                    : c[PM_MIRROR] == c[PM_N]          ? 2
                                                       : 3;
  return (uint32_t)(c[PM_W] == c[PM_N]) | (uint32_t)(c[PM_N] == c[PM_NW]) << 1 | (uint32_t)(c[PM_N] == c[PM_NE]) << 2 |
         (uint32_t)(c[PM_W] == c[PM_WW]) << 3 | mirror << 4;
}

/* What the contexts with the class know besides it. */
static void make_bases(pm_context_pixel *p, const uint32_t *shape, uint32_t place, uint32_t used_hash) {
  uint32_t row = (uint32_t)p->row, column = (uint32_t)p->column, near = OF(p, PM_W, PM_N);
  const uint32_t made[PM_CLASS_CONTEXTS] = {
      near,
      OF(p, PM_W, PM_N, PM_NW, PM_NE),
      OF(p, PM_W, PM_N, PM_NW, PM_NE, PM_WW, PM_NN, PM_MIRROR),
      stir(0, place),
      stir(near, place),
      stir(shape[PM_NE], place),
      stir(shape[PM_NE], row),
      stir(stir(shape[PM_NN], row), column / 2),
      stir(stir(0, p->colour[PM_W]), used_hash),
      stir(shape[PM_NEE], row / 2),
  };
  memcpy(p->base, made, sizeof made);
}

void pm_context_pixel_read(pm_context_pixel *p, const pm_context_sprite *s, size_t row, size_t column) {
  read_neighbours(p, s, row, column);
  make_guesses(p, s);
  p->pattern = pattern_of(p->colour);
  uint32_t shape[PM_CONTEXT_NEIGHBOURS], across = (uint32_t)run_of(s, row, column, 0, 1, 15);
  uint32_t down = (uint32_t)run_of(s, row, column, 1, 0, 15), place = (uint32_t)(row * s->width + column);
  uint32_t near = OF(p, PM_W, PM_N), asymmetric = (uint32_t)(s->asymmetric > 3 ? 3 : s->asymmetric);
  uint32_t height = s->first_row < row ? (uint32_t)(row - s->first_row) : 0;
  uint32_t inset = s->left < column ? (uint32_t)(column - s->left) : 0;
  uint32_t side = (uint32_t)(column * 2 < s->width), used = (uint32_t)s->used_count;
  make_shapes(p, s->background, shape);
  const uint32_t made[PM_CONTEXTS] = {
      near,
      OF(p, PM_W, PM_N, PM_NW),
      OF(p, PM_W, PM_N, PM_NW, PM_NE),
      OF(p, PM_W, PM_N, PM_NW, PM_NE, PM_WW, PM_NN),
      OF(p, PM_W, PM_N, PM_NW, PM_NE, PM_WW, PM_NN, PM_NNE, PM_NWW, PM_NEE),
      OF(p, PM_W, PM_WW, PM_WWW, PM_N, PM_MIRROR),
      OF(p, PM_N, PM_NN, PM_NNN, PM_NE, PM_MIRROR),
      OF(p, PM_W, PM_N, PM_MIRROR, PM_MIRROR_NEXT, PM_MIRROR_BEFORE),
      stir(OF(p, PM_W, PM_MIRROR, PM_MIRROR_BEFORE), asymmetric),
      stir(stir(near, p->colour[PM_MIRROR_ABOVE]), p->colour[PM_NE]),
      stir(0, place),
      stir(stir(near, (uint32_t)row), 7),
      stir(near, (uint32_t)column),
      stir(stir(stir(0, p->colour[PM_W]), s->used_hash), 3),
      stir(stir(near, s->used_hash), p->colour[PM_MIRROR]),
      stir(stir(stir(near, across), down), p->colour[PM_NE]),
      stir(shape[PM_MIRROR], side),
      stir(shape[PM_NN], side),
      stir(stir(shape[PM_NEE], side), asymmetric),
      shape[PM_MIRROR_ABOVE],
      stir(stir(shape[PM_NE], (uint32_t)row), (uint32_t)column / 2),
      stir(stir(shape[PM_NE], height), inset),
      stir(stir(stir(shape[PM_NE], across), down), (uint32_t)column),
      stir(stir(stir(shape[PM_MIRROR], used), height), side),
      stir(stir(stir(OF(p, PM_W, PM_N, PM_NE), s->last_count > 1 ? s->last[1] : 300u),
                s->last_count > 2 ? s->last[2] : 300u),
           5),
      stir(stir(stir(near, (uint32_t)row / 2), (uint32_t)column / 2), p->colour[PM_NE]),
  };
  for (uint32_t k = 0; k < PM_CONTEXTS; k++)
    p->context[k] = stir(made[k], k + 1);
  make_bases(p, shape, place, s->used_hash);
}

void pm_context_pixel_class(pm_context_pixel *p, int32_t label) {
  for (uint32_t k = 0; k < PM_CLASS_CONTEXTS; k++)
    p->context[PM_CONTEXTS + k] = stir(stir(p->base[k], (uint32_t)label), PM_CONTEXTS + k + 1);
}
