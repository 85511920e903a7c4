/* Convolutions whose operands are bfloat16, filter tap by filter tap as in conv2d_tiles.c: what a tap would take from
 * outside the picture is left out. A result is summed in the order of taps, then of the inner dimension. */
#include "backend/cpu/bf16.h"
#include "backend/cpu/conv2d.h"
#include "backend/cpu/winograd.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum {
  GRADIENT_ROWS = PM_MOST_INTERLEAVED, /* rows of a task's part of a weight's gradient */
  CHUNK = 128,                         /* pixels of such a task at a time */
  TASKS = 32,                          /* into which a weight's gradient is divided, about */
  PARTS = 8,                           /* of the batch, at most, that are summed apart for that */
  SMALLEST = 64 * 64,                  /* matrix of a tap */
};

typedef struct {
  conv2d_sizes c;
  const uint32_t *x, *weight;
  const float *bias;
  float *y;
  size_t in, out;               /* channels of x and of y */
  size_t in_pixels, out_pixels; /* of one picture */
  size_t pictures, panels;      /* a task's; tasks side by side over the columns of y */
  bool backward;                /* y is the convolution's input */
} conv2d_bf16_product;

/* One group of pictures, one panel of columns. */
static void conv2d_bf16_task(void *context, size_t task, void *scratch) {
  const conv2d_bf16_product *p = context;
  const conv2d_sizes *c = &p->c;
  size_t first = task / p->panels * p->pictures, count = pm_smaller(c->n - first, p->pictures);
  size_t j = task % p->panels * PM_PANEL, columns = pm_smaller(p->out - j, PM_PANEL), pairs = p->in / 2;
  const uint32_t *x = p->x + first * p->in_pixels * pairs;
  float *y = p->y + first * p->out_pixels * p->out + j;
  uint32_t *in = scratch, *out = in + p->pictures * c->oh * c->ow;
  pm_begin_rows(y, p->out, p->bias ? p->bias + j : NULL, count * p->out_pixels, columns);
  for (size_t tap = 0; tap < c->kh * c->kw; tap++) {
    const uint32_t *panel = p->weight + (tap * p->out + j) * pairs;
    size_t rows = pm_conv2d_meet(c, tap / c->kw, tap % c->kw, count, in, out);
    for (size_t k = 0; rows && k < pairs; k += PM_BF16_DEPTH)
      pm_bf16_best()->multiply(y, p->out, p->backward ? in : out, x + k, pairs, p->backward ? out : in,
                               panel + k * columns, rows, pm_smaller(pairs - k, PM_BF16_DEPTH), columns, y);
  }
}

static conv2d_bf16_product conv2d_bf16_product_of(const pm_node *node, bool backward) {
  const pm_value *weight = node->in[backward ? PM_CONV2D_GRAD_INPUT_W : PM_CONV2D_W];
  const conv2d_sizes c = conv2d_sizes_of(node, weight);
  conv2d_bf16_product p = {.c = c, .backward = backward};
  p.in = backward ? c.o : c.i;
  p.out = backward ? c.i : c.o;
  p.in_pixels = backward ? c.oh * c.ow : c.h * c.w;
  p.out_pixels = backward ? c.h * c.w : c.oh * c.ow;
  p.panels = pm_pieces(p.out, PM_PANEL);
  p.pictures = pm_conv2d_pictures(&c, p.panels);
  return p;
}

static size_t listed_bytes(const conv2d_sizes *c, size_t pictures) {
  return 2 * pictures * c->oh * c->ow * sizeof(uint32_t);
}

static void multiply_pictures_bf16(conv2d_bf16_product p) {
  pm_parallel_for(pm_pieces(p.c.n, p.pictures) * p.panels, listed_bytes(&p.c, p.pictures), conv2d_bf16_task, &p);
}

size_t pm_bf16_conv2d_scratch(const pm_node *node) {
  const conv2d_bf16_product p = conv2d_bf16_product_of(node, node->op == &pm_op_conv2d_grad_input_float);
  return listed_bytes(&p.c, p.pictures);
}

void pm_bf16_conv2d(const pm_call *call) {
  conv2d_bf16_product p = conv2d_bf16_product_of(call->node, false);
  p.x = call->in[PM_CONV2D_X];
  p.weight = call->in[PM_CONV2D_W];
  p.bias = call->in[PM_CONV2D_B];
  p.y = call->out[0];
  multiply_pictures_bf16(p);
}

void pm_bf16_conv2d_grad_input(const pm_call *call) {
  conv2d_bf16_product p = conv2d_bf16_product_of(call->node, true);
  p.x = call->in[PM_CONV2D_GRAD_INPUT_DY];
  p.weight = call->in[PM_CONV2D_GRAD_INPUT_W];
  p.y = call->out[0];
  multiply_pictures_bf16(p);
}

/* ---- the weight's gradient ---- */

typedef struct {
  conv2d_sizes c;
  const uint16_t *x, *dy;
  float *sums; /* [parts, kh, kw, i, o] */
  float *dw;
  size_t parts, bands, panels; /* of the batch, of the rows, of the columns */
  size_t pictures;             /* whose pixels are listed at a time */
} weight_sums_bf16;

static size_t parts_of(const conv2d_sizes *c) {
  size_t blocks = c->kh * c->kw * pm_pieces(c->i, GRADIENT_ROWS) * pm_pieces(c->o, PM_PANEL);
  return pm_smaller(pm_smaller(c->n, PARTS), pm_pieces(TASKS, blocks));
}

/* A part of the batch, a tap, some rows and a panel of columns of its matrix. */
static void weight_gradient_bf16_task(void *context, size_t task, void *scratch) {
  const weight_sums_bf16 *s = context;
  const conv2d_sizes *c = &s->c;
  size_t taps = c->kh * c->kw, panel = task % s->panels, band = task / s->panels % s->bands;
  size_t tap = task / s->panels / s->bands % taps, part = task / s->panels / s->bands / taps;
  size_t i = band * GRADIENT_ROWS, o = panel * PM_PANEL;
  size_t height = pm_smaller(c->i - i, GRADIENT_ROWS), columns = pm_smaller(c->o - o, PM_PANEL);
  size_t begin = part * c->n / s->parts, end = (part + 1) * c->n / s->parts;
  float *sum = s->sums + ((part * taps + tap) * c->i + i) * c->o + o;
  uint32_t *left = scratch, *right = left + CHUNK / 2 * GRADIENT_ROWS, *in = right + CHUNK / 2 * PM_PANEL;
  uint32_t *out = in + s->pictures * c->oh * c->ow;
  pm_begin_rows(sum, c->o, NULL, height, columns);
  for (size_t n = begin; n < end; n += s->pictures) {
    size_t rows = pm_conv2d_meet(c, tap / c->kw, tap % c->kw, pm_smaller(end - n, s->pictures), in, out);
    for (size_t r = 0, pixels; r < rows; r += pixels) {
      pixels = pm_smaller(rows - r, CHUNK);
      pm_bf16_interleave_rows(left, s->x + n * c->h * c->w * c->i + i, c->i, in + r, pixels, height);
      pm_bf16_interleave_rows(right, s->dy + n * c->oh * c->ow * c->o + o, c->o, out + r, pixels, columns);
      pm_bf16_best()->outer(sum, c->o, left, right, pm_pieces(pixels, 2), height, columns, sum);
    }
  }
}

static size_t pictures_listed(const conv2d_sizes *c) {
  return pm_larger(1, 256 / (c->oh * c->ow));
}

size_t pm_bf16_conv2d_grad_weight_scratch(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  return CHUNK / 2 * (GRADIENT_ROWS + PM_PANEL) * sizeof(uint32_t) + listed_bytes(&c, pictures_listed(&c));
}

void pm_bf16_conv2d_grad_weight(const pm_call *call) {
  weight_sums_bf16 s = {.c = conv2d_sizes_of(call->node, call->node->in[PM_CONV2D_GRAD_WEIGHT_W]),
                        .x = call->in[PM_CONV2D_GRAD_WEIGHT_X],
                        .dy = call->in[PM_CONV2D_GRAD_WEIGHT_DY],
                        .dw = call->out[0]};
  const conv2d_sizes *c = &s.c;
  s.parts = parts_of(c);
  s.sums = s.parts > 1 ? call->workspace : call->out[0];
  s.bands = pm_pieces(c->i, GRADIENT_ROWS);
  s.panels = pm_pieces(c->o, PM_PANEL);
  s.pictures = pictures_listed(c);
  pm_parallel_for(s.parts * c->kh * c->kw * s.bands * s.panels, pm_bf16_conv2d_grad_weight_scratch(call->node),
                  weight_gradient_bf16_task, &s);
  if (s.parts > 1)
    pm_conv2d_add_parts(s.dw, s.sums, s.parts, c->kh * c->kw * c->i * c->o);
}

size_t pm_bf16_conv2d_grad_weight_workspace(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  size_t parts = parts_of(&c);
  return parts > 1 ? parts * pm_count(node->in[PM_CONV2D_GRAD_WEIGHT_W]) * sizeof(float) : 0;
}

/* ---- what is done so ---- */

/* Small matrices are faster in float than their conversion, and others by Winograd's filtering in float. */
static bool worth_bf16(const pm_node *node, const pm_value *weight) {
  const conv2d_sizes c = conv2d_sizes_of(node, weight);
  return c.i % 16 == 0 && c.o % 16 == 0 && c.i >= 32 && c.o >= 32 && c.i * c.o >= SMALLEST &&
         !pm_winograd_pays(&c, pm_bf16_best()->rate);
}

static_assert((int)PM_CONV2D_W == (int)PM_CONV2D_GRAD_INPUT_W, "both ops ask whether they fit");

bool pm_bf16_conv2d_fits(const pm_node *node) {
  return worth_bf16(node, node->in[PM_CONV2D_W]);
}

bool pm_bf16_conv2d_grad_weight_fits(const pm_node *node) {
  return worth_bf16(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
}
