/* Convolutions filter tap by filter tap: the pixels that a tap brings together, times its matrix, in tiles of registers
 * (vector.h, pm_tiles). Nothing is gathered, and what a tap would take from outside the picture is left out. Columns
 * that do not come in whole vectors are computed in a copy that has zeros beside them. */
#include "backend/cpu/conv2d.h"
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <string.h>

enum {
  GROUP = 512,         /* pixels of a task, about: what a packed piece is used for */
  PARTS = 8,           /* pieces of the batch in which weight gradients are summed, at most */
  PART_PIXELS = 512,   /* … and how many pixels are worth one */
  GRADIENT_ROWS = 96,  /* rows of a weight gradient's task */
  SUM_RANGE = 1 << 12, /* numbers of a task that adds parts */
};

/* Output positions 0 … n - 1 of an axis that look inside the picture with tap k are [*from, *to). */
static void inside(const conv2d_sizes *c, size_t k, size_t n, size_t size, size_t *from, size_t *to) {
  *from = k < c->padding ? pm_pieces(c->padding - k, c->stride) : 0;
  *to = size + c->padding > k ? pm_smaller(n, (size + c->padding - k - 1) / c->stride + 1) : 0;
}

size_t pm_conv2d_meet(const conv2d_sizes *c, size_t ky, size_t kx, size_t pictures, uint32_t *in, uint32_t *out) {
  size_t y0, y1, x0, x1, n = 0;
  inside(c, ky, c->oh, c->h, &y0, &y1);
  inside(c, kx, c->ow, c->w, &x0, &x1);
  for (size_t p = 0; p < pictures; p++)
    for (size_t y = y0; y < y1; y++) {
      size_t row = (p * c->h + y * c->stride + ky - c->padding) * c->w + kx - c->padding;
      for (size_t x = x0; x < x1; x++, n++) {
        in[n] = (uint32_t)(row + x * c->stride);
        out[n] = (uint32_t)((p * c->oh + y) * c->ow + x);
      }
    }
  return n;
}

size_t pm_conv2d_pictures(const conv2d_sizes *c, size_t blocks) {
  size_t pixels = pm_larger(c->h * c->w, c->oh * c->ow);
  size_t target = pm_smaller(GROUP, pm_larger(64, c->n * pixels * blocks / 8));
  return pm_smaller(c->n, pm_larger(1, target / pixels));
}

typedef struct {
  float *sum;
  const float *parts;
  size_t count, n;
} summed_parts;

static void add_part_range(void *context, size_t task, void *scratch) {
  const summed_parts *s = context;
  size_t from = task * SUM_RANGE, length = pm_smaller(s->n - from, SUM_RANGE);
  (void)scratch;
  pm_vector_best()->add(s->sum + from, s->parts + from, s->parts + s->n + from, length);
  for (size_t part = 2; part < s->count; part++)
    pm_vector_best()->add(s->sum + from, s->sum + from, s->parts + part * s->n + from, length);
}

void pm_conv2d_add_parts(float *sum, const float *parts, size_t count, size_t n) {
  summed_parts s = {sum, parts, count, n};
  pm_parallel_for(pm_pieces(n, SUM_RANGE), 0, add_part_range, &s);
}

/* ---- y from x, and the gradient with respect to x from that of y ---- */

typedef struct {
  conv2d_sizes c;
  const pm_tiles *tiles;
  const float *x, *weight, *bias;
  float *y;
  size_t in, out;               /* channels of x and of y */
  size_t in_pixels, out_pixels; /* of one picture */
  size_t pictures, blocks;      /* a task's; tasks side by side over the columns of y */
  bool backward;                /* y is the convolution's input: the taps' matrices are transposed */
} conv2d_product;

/* packed[depth, wide]: rows from k, columns from j of a tap's matrix, or of its transpose; zeros beyond `columns`. */
static void pack(float *packed, const float *matrix, const conv2d_product *p, size_t k, size_t depth, size_t j,
                 size_t columns, size_t wide) {
  if (wide > columns)
    memset(packed, 0, depth * wide * sizeof *packed);
  if (p->backward)
    p->tiles->transpose(packed, wide, matrix + j * p->in + k, p->in, columns, depth);
  for (size_t r = 0; !p->backward && r < depth; r++)
    pm_copy(packed + r * wide, matrix + (k + r) * p->out + j, columns);
}

/* y[pixels, columns from j, ldy apart] += all that the taps bring to the pictures from x on. */
static void multiply_taps(const conv2d_product *p, float *y, size_t ldy, const float *x, size_t count, size_t j,
                          size_t columns, float *packed, uint32_t *in) {
  const conv2d_sizes *c = &p->c;
  uint32_t *out = in + p->pictures * c->oh * c->ow;
  size_t wide = pm_tile_filled(p->tiles, columns), pieces = pm_pieces(p->in, p->tiles->depth),
         depth = pm_pieces(pm_pieces(p->in, pieces), 8) * 8;
  for (size_t tap = 0; tap < c->kh * c->kw; tap++) {
    size_t rows = pm_conv2d_meet(c, tap / c->kw, tap % c->kw, count, in, out);
    const uint32_t *from = p->backward ? out : in, *to = p->backward ? in : out;
    for (size_t k = 0; rows && k < p->in; k += depth) {
      size_t length = pm_smaller(p->in - k, depth);
      pack(packed, p->weight + tap * p->in * p->out, p, k, length, j, columns, wide);
      p->tiles->multiply(y, ldy, to, x + k, p->in, from, packed, rows, length, wide, y);
    }
  }
}

/* A task's memory: a packed piece, the copy of y where one is needed, the places of the pixels. */
static size_t copied(const conv2d_product *p) {
  size_t columns = pm_smaller(p->out, p->tiles->columns);
  return p->out % p->tiles->length ? p->pictures * p->out_pixels * pm_tile_filled(p->tiles, columns) : 0;
}

/* One group of pictures, one block of columns. */
static void conv2d_task(void *context, size_t task, void *scratch) {
  const conv2d_product *p = context;
  size_t first = task / p->blocks * p->pictures, count = pm_smaller(p->c.n - first, p->pictures);
  size_t j = task % p->blocks * p->tiles->columns, columns = pm_smaller(p->out - j, p->tiles->columns);
  size_t wide = pm_tile_filled(p->tiles, columns), pixels = count * p->out_pixels;
  float *packed = scratch, *copy = packed + p->tiles->depth * p->tiles->columns, bias[PM_TILE_COLUMNS] = {0};
  float *result = p->y + first * p->out_pixels * p->out + j, *y = wide > columns ? copy : result;
  size_t ldy = wide > columns ? wide : p->out;
  if (p->bias)
    pm_copy(bias, p->bias + j, columns);
  for (size_t q = 0; q < pixels; q++)
    pm_copy(y + q * ldy, bias, wide);
  multiply_taps(p, y, ldy, p->x + first * p->in_pixels * p->in, count, j, columns, packed,
                (uint32_t *)(void *)(copy + copied(p)));
  for (size_t q = 0; wide > columns && q < pixels; q++)
    pm_copy(result + q * p->out, copy + q * wide, columns);
}

static conv2d_product conv2d_product_of(const pm_node *node, bool backward) {
  const pm_value *weight = node->in[backward ? PM_CONV2D_GRAD_INPUT_W : PM_CONV2D_W];
  const conv2d_sizes c = conv2d_sizes_of(node, weight);
  conv2d_product p = {.c = c, .tiles = pm_vector_best()->tiles, .backward = backward};
  p.in = backward ? c.o : c.i;
  p.out = backward ? c.i : c.o;
  p.in_pixels = backward ? c.oh * c.ow : c.h * c.w;
  p.out_pixels = backward ? c.h * c.w : c.oh * c.ow;
  p.blocks = pm_pieces(p.out, p.tiles->columns);
  p.pictures = pm_conv2d_pictures(&c, p.blocks);
  return p;
}

static size_t conv2d_product_scratch(const conv2d_product *p) {
  return (p->tiles->depth * p->tiles->columns + copied(p)) * sizeof(float) +
         2 * p->pictures * p->c.oh * p->c.ow * sizeof(uint32_t);
}

static void multiply_pictures(conv2d_product p) {
  pm_parallel_for(pm_pieces(p.c.n, p.pictures) * p.blocks, conv2d_product_scratch(&p), conv2d_task, &p);
}

void pm_cpu_conv2d(const pm_call *call) {
  conv2d_product p = conv2d_product_of(call->node, false);
  p.x = call->in[PM_CONV2D_X];
  p.weight = call->in[PM_CONV2D_W];
  p.bias = call->in[PM_CONV2D_B];
  p.y = call->out[0];
  multiply_pictures(p);
}

size_t pm_cpu_conv2d_scratch(const pm_node *node) {
  const conv2d_product p = conv2d_product_of(node, false);
  return conv2d_product_scratch(&p);
}

void pm_cpu_conv2d_grad_input(const pm_call *call) {
  conv2d_product p = conv2d_product_of(call->node, true);
  p.x = call->in[PM_CONV2D_GRAD_INPUT_DY];
  p.weight = call->in[PM_CONV2D_GRAD_INPUT_W];
  p.y = call->out[0];
  multiply_pictures(p);
}

size_t pm_cpu_conv2d_grad_input_scratch(const pm_node *node) {
  const conv2d_product p = conv2d_product_of(node, true);
  return conv2d_product_scratch(&p);
}

/* ---- the weight's gradient: parts of the batch sum their own; then the parts are added in order ---- */

typedef struct {
  conv2d_sizes c;
  const pm_tiles *tiles;
  const float *a, *b;         /* of a tap's matrix a's channels are the rows, b's the columns: x and dy, or dy and x */
  float *dw, *sums;           /* sums[parts, taps, rows, wide] */
  size_t taps, rows, columns; /* rows and columns of a tap's matrix as it is summed */
  size_t wide;                /* columns, with those that fill the last vector */
  size_t a_pixels, b_pixels;  /* of a picture */
  size_t parts, pictures;     /* pictures whose pixels are multiplied at a time */
  size_t splits;              /* tasks of a part */
  bool transposed;            /* summed as [o,i], since o fills vectors worse than i */
} weight_sums;

static weight_sums weight_sums_of(const conv2d_sizes *c) {
  const pm_tiles *tiles = pm_vector_best()->tiles;
  size_t pixels = c->oh * c->ow;
  weight_sums s = {.c = *c, .tiles = tiles, .taps = c->kh * c->kw, .pictures = pm_larger(1, 256 / pixels)};
  s.transposed = c->o * pm_tile_filled(tiles, c->i) < c->i * pm_tile_filled(tiles, c->o);
  s.rows = s.transposed ? c->o : c->i;
  s.columns = s.transposed ? c->i : c->o;
  s.wide = pm_tile_filled(tiles, s.columns);
  s.a_pixels = s.transposed ? pixels : c->h * c->w;
  s.b_pixels = s.transposed ? c->h * c->w : pixels;
  s.parts = pm_smaller(c->n, pm_smaller(PARTS, pm_larger(1, c->n * pixels / PART_PIXELS)));
  s.splits = s.parts < PARTS ? s.taps * pm_pieces(s.rows, GRADIENT_ROWS) : 1;
  return s;
}

/* The sums lie in a workspace but for a single one that lies as the result does. */
static bool needs_sums(const weight_sums *s) {
  return s->parts > 1 || s->transposed || s->wide > s->columns;
}

size_t pm_cpu_conv2d_grad_weight_workspace(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  const weight_sums s = weight_sums_of(&c);
  return needs_sums(&s) ? s.parts * s.taps * s.rows * s.wide * sizeof(float) : 0;
}

/* Numbers of the copy of b that has its columns filled. */
static size_t numbers_copied(const weight_sums *s) {
  return s->wide > s->columns ? s->pictures * s->b_pixels * s->wide : 0;
}

static size_t weight_scratch(const weight_sums *s) {
  return numbers_copied(s) * sizeof(float) + 2 * s->pictures * s->c.oh * s->c.ow * sizeof(uint32_t);
}

size_t pm_cpu_conv2d_grad_weight_scratch(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  const weight_sums s = weight_sums_of(&c);
  return weight_scratch(&s);
}

/* Taps from … to - 1, rows top … top + height - 1 of their matrices. */
typedef struct {
  size_t from, to, top, height;
} range;

/* All taps; or, where there are few parts, one tap and HEIGHT of its rows. */
static range range_of(const weight_sums *s, size_t split) {
  size_t bands = pm_pieces(s->rows, GRADIENT_ROWS), tap = split / bands, top = split % bands * GRADIENT_ROWS;
  return s->splits == 1 ? (range){0, s->taps, 0, s->rows}
                        : (range){tap, tap + 1, top, pm_smaller(s->rows - top, GRADIENT_ROWS)};
}

static void weight_gradient_task(void *context, size_t task, void *scratch) {
  const weight_sums *s = context;
  const range r = range_of(s, task % s->splits);
  size_t part = task / s->splits, begin = part * s->c.n / s->parts, end = (part + 1) * s->c.n / s->parts;
  float *sum = s->sums + part * s->taps * s->rows * s->wide, *copy = scratch;
  uint32_t *in = (uint32_t *)(void *)(copy + numbers_copied(s)), *out = in + s->pictures * s->c.oh * s->c.ow;
  const bool filling = s->wide > s->columns;
  memset(copy, 0, numbers_copied(s) * sizeof *copy);
  for (size_t n = begin; n < end; n += s->pictures) {
    size_t count = pm_smaller(end - n, s->pictures);
    const float *a = s->a + n * s->a_pixels * s->rows + r.top, *b = s->b + n * s->b_pixels * s->columns;
    for (size_t q = 0; filling && q < count * s->b_pixels; q++)
      pm_copy(copy + q * s->wide, b + q * s->columns, s->columns);
    for (size_t tap = r.from; tap < r.to; tap++) {
      size_t met = pm_conv2d_meet(&s->c, tap / s->c.kw, tap % s->c.kw, count, in, out);
      float *c = sum + (tap * s->rows + r.top) * s->wide;
      s->tiles->outer(c, s->wide, a, s->rows, s->transposed ? out : in, filling ? copy : b, s->wide,
                      s->transposed ? in : out, met, r.height, s->wide, n > begin ? c : NULL);
    }
  }
}

/* One tap's matrix: the sum of the parts, as it lies in dw. */
static void add_tap_parts(void *context, size_t tap, void *scratch) {
  const weight_sums *s = context;
  size_t size = s->rows * s->wide;
  float *first = s->sums + tap * size, *dw = s->dw + tap * s->rows * s->columns;
  const bool direct = !s->transposed && s->wide == s->columns;
  (void)scratch;
  for (size_t part = 1; part < s->parts; part++)
    pm_vector_best()->add(direct ? dw : first, part == 1 || !direct ? first : dw, first + part * s->taps * size, size);
  if (s->transposed)
    s->tiles->transpose(dw, s->rows, first, s->wide, s->rows, s->columns);
  else
    for (size_t r = 0; !direct && r < s->rows; r++)
      pm_copy(dw + r * s->columns, first + r * s->wide, s->columns);
}

void pm_cpu_conv2d_grad_weight(const pm_call *call) {
  const conv2d_sizes c = conv2d_sizes_of(call->node, call->node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  weight_sums s = weight_sums_of(&c);
  s.a = call->in[s.transposed ? PM_CONV2D_GRAD_WEIGHT_DY : PM_CONV2D_GRAD_WEIGHT_X];
  s.b = call->in[s.transposed ? PM_CONV2D_GRAD_WEIGHT_X : PM_CONV2D_GRAD_WEIGHT_DY];
  s.dw = call->out[0];
  s.sums = needs_sums(&s) ? call->workspace : s.dw;
  pm_parallel_for(s.parts * s.splits, weight_scratch(&s), weight_gradient_task, &s);
  if (needs_sums(&s))
    pm_parallel_for(s.taps, 0, add_tap_parts, &s);
}
