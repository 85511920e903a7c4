/* Convolutions to pictures of few channels, and gradients with respect to such: the matrices of all taps side by side
 * fill vectors, one tap's would not. Their products are then added up where the taps bring them. */
#include "backend/cpu/conv2d.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum {
  FEW = 4,          /* channels, at most */
  PIXELS = 512,     /* of a task, about */
  TASKS_WANTED = 8, /* where the batch has so many pictures */
};

typedef struct {
  conv2d_sizes c;
  const float *from, *weight, *bias;
  float *to;
  size_t from_pixels, to_pixels; /* of a picture */
  size_t many, few;              /* channels of `from` and of `to` */
  size_t columns;                /* of all taps' matrices */
  size_t pictures;               /* of a task */
  bool backward;                 /* from y to x */
} few_channels;

static few_channels few_channels_of(const pm_node *node) {
  const bool backward = node->op == &pm_op_conv2d_grad_input_float;
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[backward ? PM_CONV2D_GRAD_INPUT_W : PM_CONV2D_W]);
  few_channels f = {.c = c, .backward = backward};
  f.from_pixels = backward ? c.oh * c.ow : c.h * c.w;
  f.to_pixels = backward ? c.h * c.w : c.oh * c.ow;
  f.many = backward ? c.o : c.i;
  f.few = backward ? c.i : c.o;
  f.columns = c.kh * c.kw * f.few;
  f.pictures = pm_larger(1, pm_smaller(PIXELS / f.from_pixels, pm_pieces(c.n, TASKS_WANTED)));
  return f;
}

/* A task's memory: the matrices side by side, which a gradient's are as they lie; products; places of pixels. */
static size_t matrix_numbers(const few_channels *f) {
  return f->backward ? 0 : f->many * f->columns;
}

size_t pm_few_conv2d_scratch(const pm_node *node) {
  const few_channels f = few_channels_of(node);
  return (matrix_numbers(&f) + f.pictures * f.from_pixels * f.columns) * sizeof(float) +
         2 * f.pictures * f.c.oh * f.c.ow * sizeof(uint32_t);
}

/* side[many, taps, few] of weights [taps, many, few] */
static void put_side_by_side(float *side, const few_channels *f) {
  for (size_t tap = 0; tap < f->c.kh * f->c.kw; tap++)
    for (size_t k = 0; k < f->many; k++)
      for (size_t j = 0; j < f->few; j++)
        side[k * f->columns + tap * f->few + j] = f->weight[(tap * f->many + k) * f->few + j];
}

static void few_channels_task(void *context, size_t task, void *scratch) {
  const few_channels *f = context;
  const conv2d_sizes *c = &f->c;
  const size_t first = task * f->pictures, count = pm_smaller(c->n - first, f->pictures), taps = c->kh * c->kw;
  const float *from = f->from + first * f->from_pixels * f->many;
  float *side = scratch, *products = side + matrix_numbers(f), *to = f->to + first * f->to_pixels * f->few;
  uint32_t *in = (uint32_t *)(void *)(products + f->pictures * f->from_pixels * f->columns);
  uint32_t *out = in + f->pictures * c->oh * c->ow;
  if (!f->backward)
    put_side_by_side(side, f);
  pm_sgemm_by_row(products, f->columns, from, f->many, f->backward ? f->weight : side,
                  f->backward ? f->many : f->columns, f->backward, count * f->from_pixels, f->columns, f->many, 0);
  pm_begin_rows(to, f->few, f->bias, count * f->to_pixels, f->few);
  for (size_t t = 0; t < taps; t++) {
    const size_t tap = f->backward ? taps - 1 - t : t; /* a sum is in the order of the pixels it is taken from */
    const size_t rows = pm_conv2d_meet(c, tap / c->kw, tap % c->kw, count, in, out);
    const uint32_t *source = f->backward ? out : in, *place = f->backward ? in : out;
    for (size_t r = 0; r < rows; r++)
      for (size_t j = 0; j < f->few; j++)
        to[place[r] * f->few + j] += products[source[r] * f->columns + tap * f->few + j];
  }
}

static void add_taps(const pm_call *call, few_channels f) {
  pm_parallel_for(pm_pieces(f.c.n, f.pictures), pm_few_conv2d_scratch(call->node), few_channels_task, &f);
}

void pm_few_conv2d(const pm_call *call) {
  few_channels f = few_channels_of(call->node);
  f.from = call->in[PM_CONV2D_X];
  f.weight = call->in[PM_CONV2D_W];
  f.bias = call->in[PM_CONV2D_B];
  f.to = call->out[0];
  add_taps(call, f);
}

void pm_few_conv2d_grad_input(const pm_call *call) {
  few_channels f = few_channels_of(call->node);
  f.from = call->in[PM_CONV2D_GRAD_INPUT_DY];
  f.weight = call->in[PM_CONV2D_GRAD_INPUT_W];
  f.to = call->out[0];
  add_taps(call, f);
}

static_assert((int)PM_CONV2D_W == (int)PM_CONV2D_GRAD_INPUT_W, "both ops ask whether they fit");

bool pm_few_conv2d_fits(const pm_node *node) {
  const few_channels f = few_channels_of(node);
  return f.few <= FEW && f.c.kh * f.c.kw > 1;
}
