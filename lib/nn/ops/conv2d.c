/* Convolution of [N,H,W,I] with w[kh,kw,I,O], and its gradients. The three ops are closed under differentiation: each
 * one's gradients are the others; so the transposed convolution, which is conv2d_grad_input used forward, needs no op
 * of its own. */
#include "nn/ops/conv2d.h"
#include "nn/ops/elementwise.h"

/* The pixel of the input that output (y, x) meets at kernel tap (ky, kx): its place in its picture, or -1 outside, in
 * the padding. */
static ptrdiff_t tap(const conv2d_sizes *s, size_t y, size_t x, size_t ky, size_t kx) {
  ptrdiff_t iy = (ptrdiff_t)(y * s->stride + ky) - (ptrdiff_t)s->padding;
  ptrdiff_t ix = (ptrdiff_t)(x * s->stride + kx) - (ptrdiff_t)s->padding;
  if (iy < 0 || ix < 0 || iy >= (ptrdiff_t)s->h || ix >= (ptrdiff_t)s->w)
    return -1;
  return iy * (ptrdiff_t)s->w + ix;
}

/* For each output pixel (y, x) of each picture n and each kernel tap (ky, kx). */
#define FOR_ALL_TAPS(s)                                                                                                \
  for (size_t n = 0; n < (s).n; n++)                                                                                   \
    for (size_t y = 0; y < (s).oh; y++)                                                                                \
      for (size_t x = 0; x < (s).ow; x++)                                                                              \
        for (size_t ky = 0; ky < (s).kh; ky++)                                                                         \
          for (size_t kx = 0; kx < (s).kw; kx++)

static void conv2d_infer(pm_graph *g, pm_node *node) {
  const pm_value *w = node->in[PM_CONV2D_W], *x = node->in[PM_CONV2D_X], *b = node->in[PM_CONV2D_B];
  conv2d_sizes s = conv2d_sizes_of(node, w);
  assert(x->shape.rank == 4 && w->shape.rank == 4 && x->shape.dim[3] == s.i);
  assert(s.h + 2 * s.padding >= s.kh && s.w + 2 * s.padding >= s.kw && (!b || pm_count(b) == s.o));
  (void)x, (void)b;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, s.n, s.oh, s.ow, s.o));
  node->outs = 1;
}

static void conv2d_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_conv2d_attributes *a = node->attributes;
  pm_value *x = node->in[PM_CONV2D_X], *w = node->in[PM_CONV2D_W], *b = node->in[PM_CONV2D_B];
  if (x->requires_gradient)
    din[PM_CONV2D_X] = pm_conv2d_grad_input(g, dout[0], w, *a);
  if (w->requires_gradient)
    din[PM_CONV2D_W] = pm_conv2d_grad_weight(g, x, dout[0], w, *a);
  if (b && b->requires_gradient)
    din[PM_CONV2D_B] = pm_sum_rows(g, dout[0]);
}

static void conv2d_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[PM_CONV2D_W]);
  const real *in = call->in[PM_CONV2D_X], *w = call->in[PM_CONV2D_W], *b = call->in[PM_CONV2D_B];
  real *out = call->out[0];
  for (size_t q = 0; q < s.n * s.oh * s.ow; q++)
    for (size_t o = 0; o < s.o; o++)
      out[q * s.o + o] = b ? b[o] : 0;
  FOR_ALL_TAPS(s) {
    ptrdiff_t p = tap(&s, y, x, ky, kx);
    if (p < 0)
      continue;
    const real *from = in + (n * s.h * s.w + (size_t)p) * s.i, *weight = w + (ky * s.kw + kx) * s.i * s.o;
    real *to = out + ((n * s.oh + y) * s.ow + x) * s.o;
    for (size_t i = 0; i < s.i; i++)
      for (size_t o = 0; o < s.o; o++)
        to[o] += from[i] * weight[i * s.o + o];
  }
}

static void conv2d_grad_input_infer(pm_graph *g, pm_node *node) {
  const pm_shape *y = &node->in[PM_CONV2D_GRAD_INPUT_DY]->shape;
  conv2d_sizes s = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_INPUT_W]);
  assert(y->dim[1] == s.oh && y->dim[2] == s.ow && y->dim[3] == s.o);
  (void)y;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, s.n, s.h, s.w, s.i));
  node->outs = 1;
}

static void conv2d_grad_input_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_conv2d_attributes *a = node->attributes;
  pm_value *y = node->in[PM_CONV2D_GRAD_INPUT_DY], *w = node->in[PM_CONV2D_GRAD_INPUT_W];
  if (y->requires_gradient)
    din[PM_CONV2D_GRAD_INPUT_DY] = pm_conv2d(g, dout[0], w, NULL, a->stride, a->padding);
  if (w->requires_gradient)
    din[PM_CONV2D_GRAD_INPUT_W] = pm_conv2d_grad_weight(g, dout[0], y, w, *a);
}

static void conv2d_grad_input_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[PM_CONV2D_GRAD_INPUT_W]);
  const real *dy = call->in[PM_CONV2D_GRAD_INPUT_DY], *w = call->in[PM_CONV2D_GRAD_INPUT_W];
  real *dx = call->out[0];
  for (size_t k = 0; k < s.n * s.h * s.w * s.i; k++)
    dx[k] = 0;
  FOR_ALL_TAPS(s) {
    ptrdiff_t p = tap(&s, y, x, ky, kx);
    if (p < 0)
      continue;
    const real *from = dy + ((n * s.oh + y) * s.ow + x) * s.o, *weight = w + (ky * s.kw + kx) * s.i * s.o;
    real *to = dx + (n * s.h * s.w + (size_t)p) * s.i;
    for (size_t i = 0; i < s.i; i++) {
      real sum = 0;
      for (size_t o = 0; o < s.o; o++)
        sum += from[o] * weight[i * s.o + o];
      to[i] += sum;
    }
  }
}

static void conv2d_grad_weight_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_CONV2D_GRAD_WEIGHT_W]->shape);
  node->outs = 1;
}

static void conv2d_grad_weight_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  const real *in = call->in[PM_CONV2D_GRAD_WEIGHT_X], *dy = call->in[PM_CONV2D_GRAD_WEIGHT_DY];
  real *dw = call->out[0];
  for (size_t k = 0; k < s.kh * s.kw * s.i * s.o; k++)
    dw[k] = 0;
  FOR_ALL_TAPS(s) {
    ptrdiff_t p = tap(&s, y, x, ky, kx);
    if (p < 0)
      continue;
    const real *from = in + (n * s.h * s.w + (size_t)p) * s.i, *d = dy + ((n * s.oh + y) * s.ow + x) * s.o;
    real *to = dw + (ky * s.kw + kx) * s.i * s.o;
    for (size_t i = 0; i < s.i; i++)
      for (size_t o = 0; o < s.o; o++)
        to[i * s.o + o] += from[i] * d[o];
  }
}

const pm_op PM_OP(conv2d) = {"conv2d", conv2d_infer, conv2d_gradient, conv2d_reference, 0, NULL};
const pm_op PM_OP(conv2d_grad_input) = {
    "conv2d_grad_input", conv2d_grad_input_infer, conv2d_grad_input_gradient, conv2d_grad_input_reference, 0, NULL};
const pm_op PM_OP(conv2d_grad_weight) = {
    "conv2d_grad_weight", conv2d_grad_weight_infer, NULL, conv2d_grad_weight_reference, 0, NULL};
