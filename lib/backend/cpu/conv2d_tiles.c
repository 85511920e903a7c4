/* Convolutions filter tap by filter tap: the pixels that a tap brings together, times its matrix, in tiles of registers
 * (vector.h, pm_tiles). Nothing is gathered, and what a tap would take from outside the picture is left out. */
#include "backend/cpu/conv2d.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <string.h>

enum {
  COLUMNS = 64,      /* of a task's results */
  DEPTH = 96,        /* of the piece of a tap's matrix that is packed at a time: both stay in the first-level cache */
  GROUP = 512,       /* pixels of a task, about: what a packed piece is used for */
  PARTS = 8,         /* pieces of the batch in which weight gradients are summed, at most */
  PART_PIXELS = 512, /* … and how many pixels are worth one */
  HEIGHT = 96,       /* rows of a weight gradient's task */
};

typedef struct {
  const pm_conv *c;
  const pm_tiles *tiles;
  const float *x, *weight, *bias;
  float *y;
  size_t in, out;               /* channels of x and of y */
  size_t in_pixels, out_pixels; /* of one picture */
  size_t pictures, blocks;      /* a task's; tasks side by side over the columns of y */
  bool backward;                /* y is the convolution's input: the taps and their matrices are turned round */
} product;

/* Output positions 0 … n - 1 of an axis that look inside the picture with tap k are [*from, *to). */
static void inside(const pm_conv *c, size_t k, size_t n, size_t size, size_t *from, size_t *to) {
  size_t stride = (size_t)c->stride, padding = (size_t)c->padding;
  *from = k < padding ? pm_pieces(padding - k, stride) : 0;
  *to = size + padding > k ? pm_smaller(n, (size + padding - k - 1) / stride + 1) : 0;
}

size_t pm_conv_meet(const pm_conv *c, size_t ky, size_t kx, size_t pictures, uint32_t *in, uint32_t *out) {
  size_t y0, y1, x0, x1, n = 0;
  inside(c, ky, c->oh, c->h, &y0, &y1);
  inside(c, kx, c->ow, c->w, &x0, &x1);
  for (size_t p = 0; p < pictures; p++)
    for (size_t y = y0; y < y1; y++) {
      size_t row = (p * c->h + y * (size_t)c->stride + ky - (size_t)c->padding) * c->w + kx - (size_t)c->padding;
      for (size_t x = x0; x < x1; x++, n++) {
        in[n] = (uint32_t)(row + x * (size_t)c->stride);
        out[n] = (uint32_t)((p * c->oh + y) * c->ow + x);
      }
    }
  return n;
}

/* packed[depth, columns]: rows from k, columns from j of a tap's matrix, or of its transpose. */
static void pack(float *packed, const float *matrix, const product *p, size_t k, size_t depth, size_t j,
                 size_t columns) {
  if (p->backward)
    p->tiles->transpose(packed, columns, matrix + j * p->in + k, p->in, columns, depth);
  for (size_t r = 0; !p->backward && r < depth; r++)
    pm_copy(packed + r * columns, matrix + (k + r) * p->out + j, columns);
}

/* The bias, or nothing, in a block of columns. */
static void begin(const product *p, float *y, size_t pixels, size_t j, size_t columns) {
  static const float nothing[COLUMNS];
  for (size_t q = 0; q < pixels; q++)
    pm_copy(y + q * p->out, p->bias ? p->bias + j : nothing, columns);
}

static size_t packed_bytes(void) {
  return (size_t)DEPTH * COLUMNS * sizeof(float);
}

/* One group of pictures, one block of columns. */
static void multiply_task(void *context, size_t task, void *scratch) {
  const product *p = context;
  const pm_conv *c = p->c;
  size_t first = task / p->blocks * p->pictures, count = pm_smaller(c->n - first, p->pictures);
  size_t j = task % p->blocks * COLUMNS, columns = pm_smaller(p->out - j, COLUMNS);
  float *packed = scratch, *y = p->y + first * p->out_pixels * p->out + j;
  const float *x = p->x + first * p->in_pixels * p->in;
  uint32_t *in = (uint32_t *)(void *)((char *)scratch + packed_bytes()), *out = in + p->pictures * c->oh * c->ow;
  size_t pieces = pm_pieces(p->in, DEPTH), depth = pm_pieces(pm_pieces(p->in, pieces), 8) * 8;
  begin(p, y, count * p->out_pixels, j, columns);
  for (size_t tap = 0; tap < c->kh * c->kw; tap++) {
    size_t rows = pm_conv_meet(c, tap / c->kw, tap % c->kw, count, in, out);
    const uint32_t *from = p->backward ? out : in, *to = p->backward ? in : out;
    for (size_t k = 0; rows && k < p->in; k += depth) {
      size_t length = pm_smaller(p->in - k, depth);
      pack(packed, p->weight + tap * p->in * p->out, p, k, length, j, columns);
      p->tiles->multiply(y, p->out, to, x + k, p->in, from, packed, rows, length, columns);
    }
  }
}

static void multiply(product p) {
  const pm_conv *c = p.c;
  size_t pixels = pm_larger(p.in_pixels, p.out_pixels);
  p.blocks = pm_pieces(p.out, COLUMNS);
  /* as many pixels a task as make a packed piece worth its packing, but some tasks for every thread */
  size_t target = pm_smaller(GROUP, pm_larger(64, c->n * pixels * p.blocks / 8));
  p.pictures = pm_smaller(c->n, pm_larger(1, target / pixels));
  size_t places = 2 * p.pictures * c->oh * c->ow * sizeof(uint32_t);
  pm_parallel_for(pm_pieces(c->n, p.pictures) * p.blocks, packed_bytes() + places, multiply_task, &p);
}

bool pm_conv_tiles_fit(size_t columns) {
  return pm_vector_best()->tiles && columns % 16 == 0;
}

void pm_conv_tiles_forward(const pm_conv *c) {
  multiply((product){.c = c,
                     .tiles = pm_vector_best()->tiles,
                     .x = c->call->in[0],
                     .weight = c->call->in[1],
                     .bias = c->call->in[2],
                     .y = c->call->out[0],
                     .in = c->i,
                     .out = c->o,
                     .in_pixels = c->h * c->w,
                     .out_pixels = c->oh * c->ow});
}

void pm_conv_tiles_grad_input(const pm_conv *c) {
  multiply((product){.c = c,
                     .tiles = pm_vector_best()->tiles,
                     .x = c->call->in[0],
                     .weight = c->call->in[1],
                     .y = c->call->out[0],
                     .in = c->o,
                     .out = c->i,
                     .in_pixels = c->oh * c->ow,
                     .out_pixels = c->h * c->w,
                     .backward = true});
}

/* ---- the weight's gradient: parts of the batch sum their own; then the parts are added in order ---- */

typedef struct {
  const pm_conv *c;
  const pm_tiles *tiles;
  float *sums; /* [parts, taps, i, o] */
  size_t parts, splits, pictures;
} weight_sums;

size_t pm_conv_tiles_parts(const pm_conv *c) {
  return pm_smaller(c->n, pm_smaller(PARTS, pm_larger(1, c->n * c->oh * c->ow / PART_PIXELS)));
}

/* A part of the batch, for all taps; or, where there are few parts, for one tap and HEIGHT of its rows. */
static void weight_task(void *context, size_t task, void *scratch) {
  const weight_sums *s = context;
  const pm_conv *c = s->c;
  size_t part = task / s->splits, split = task % s->splits, bands = pm_pieces(c->i, HEIGHT), taps = c->kh * c->kw;
  size_t first_tap = s->splits > 1 ? split / bands : 0, end_tap = s->splits > 1 ? first_tap + 1 : taps;
  size_t top = s->splits > 1 ? split % bands * HEIGHT : 0,
         height = s->splits > 1 ? pm_smaller(c->i - top, HEIGHT) : c->i;
  size_t begin = part * c->n / s->parts, end = (part + 1) * c->n / s->parts;
  const float *x = c->call->in[0], *dy = c->call->in[1];
  float *sum = s->sums + part * taps * c->i * c->o;
  uint32_t *in = scratch, *out = in + s->pictures * c->oh * c->ow;
  for (size_t tap = first_tap; tap < end_tap; tap++)
    memset(sum + (tap * c->i + top) * c->o, 0, height * c->o * sizeof *sum);
  for (size_t n = begin; n < end; n += s->pictures)
    for (size_t tap = first_tap; tap < end_tap; tap++) {
      size_t rows = pm_conv_meet(c, tap / c->kw, tap % c->kw, pm_smaller(end - n, s->pictures), in, out);
      s->tiles->outer(sum + (tap * c->i + top) * c->o, c->o, x + n * c->h * c->w * c->i + top, c->i, in,
                      dy + n * c->oh * c->ow * c->o, c->o, out, rows, height, c->o);
    }
}

enum { SUM_RANGE = 1 << 12 };

static void add_parts(void *context, size_t task, void *scratch) {
  const weight_sums *s = context;
  size_t size = s->c->kh * s->c->kw * s->c->i * s->c->o, from = task * SUM_RANGE,
         n = pm_smaller(size - from, SUM_RANGE);
  float *sum = (float *)s->c->call->out[0] + from;
  (void)scratch;
  pm_vector_best()->add(sum, s->sums + from, s->sums + size + from, n);
  for (size_t part = 2; part < s->parts; part++)
    pm_vector_best()->add(sum, sum, s->sums + part * size + from, n);
}

void pm_conv_tiles_grad_weight(const pm_conv *c) {
  weight_sums s = {
      .c = c, .tiles = pm_vector_best()->tiles, .sums = c->call->workspace, .parts = pm_conv_tiles_parts(c)};
  s.splits = s.parts < PARTS ? c->kh * c->kw * pm_pieces(c->i, HEIGHT) : 1;
  s.pictures = pm_larger(1, 256 / (c->oh * c->ow));
  if (s.parts == 1)
    s.sums = c->call->out[0];
  pm_parallel_for(s.parts * s.splits, 2 * s.pictures * c->oh * c->ow * sizeof(uint32_t), weight_task, &s);
  if (s.parts > 1)
    pm_parallel_for(pm_pieces(c->kh * c->kw * c->i * c->o, SUM_RANGE), 0, add_parts, &s);
}
