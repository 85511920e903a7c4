/* Convolution of [N,H,W,I] with w[kh,kw,I,O], and its gradients. The three ops are closed under differentiation: each
 * one's gradients are the others; so the transposed convolution, which is conv2d_grad_input used forward, needs no op
 * of its own. */
#include "nn/ops/conv2d.h"
#include "nn/ops/elementwise.h"

/* Where output (y, x) looks with filter tap (ky, kx): the pixel's place in its picture, or -1 outside. */
static ptrdiff_t tap(const conv2d_sizes *s, size_t y, size_t x, size_t ky, size_t kx) {
  ptrdiff_t iy = (ptrdiff_t)(y * s->stride + ky) - (ptrdiff_t)s->padding;
  ptrdiff_t ix = (ptrdiff_t)(x * s->stride + kx) - (ptrdiff_t)s->padding;
  if (iy < 0 || ix < 0 || iy >= (ptrdiff_t)s->h || ix >= (ptrdiff_t)s->w)
    return -1;
  return iy * (ptrdiff_t)s->w + ix;
}

/* Calls body with p: pixel of the input, q: pixel of the output, t: tap, for all that meet. */
#define FOR_ALL_TAPS(s)                                                                                                \
  for (size_t n = 0; n < (s).n; n++)                                                                                   \
    for (size_t y = 0; y < (s).oh; y++)                                                                                \
      for (size_t x = 0; x < (s).ow; x++)                                                                              \
        for (size_t ky = 0; ky < (s).kh; ky++)                                                                         \
          for (size_t kx = 0; kx < (s).kw; kx++)

static void conv2d_infer(pm_graph *g, pm_node *node) {
  conv2d_sizes s = conv2d_sizes_of(node, node->in[1]);
  assert(node->in[0]->shape.rank == 4 && node->in[1]->shape.rank == 4 && node->in[0]->shape.dim[3] == s.i);
  assert(!node->in[2] || pm_count(node->in[2]) == s.o);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, s.n, s.oh, s.ow, s.o));
  node->outs = 1;
}

static void conv2d_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_conv2d_attributes *a = node->attributes;
  pm_value *x = node->in[0], *w = node->in[1], *b = node->in[2];
  if (x->wants_gradient)
    din[0] = pm_conv2d_grad_input(g, dout[0], w, *a);
  if (w->wants_gradient)
    din[1] = pm_conv2d_grad_weight(g, x, dout[0], w, *a);
  if (b && b->wants_gradient)
    din[2] = pm_sum_rows(g, dout[0]);
}

static void conv2d_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[1]);
  const real *in = call->in[0], *w = call->in[1], *b = call->in[2];
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
  const pm_shape *y = &node->in[0]->shape;
  conv2d_sizes s = conv2d_sizes_of(node, node->in[1]);
  assert(y->dim[1] == s.oh && y->dim[2] == s.ow && y->dim[3] == s.o);
  (void)y;
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, s.n, s.h, s.w, s.i));
  node->outs = 1;
}

static void conv2d_grad_input_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_conv2d_attributes *a = node->attributes;
  pm_value *y = node->in[0], *w = node->in[1];
  if (y->wants_gradient)
    din[0] = pm_conv2d(g, dout[0], w, NULL, a->stride, a->padding);
  if (w->wants_gradient)
    din[1] = pm_conv2d_grad_weight(g, dout[0], y, w, *a);
}

static void conv2d_grad_input_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[1]);
  const real *dy = call->in[0], *w = call->in[1];
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
  node->out[0] = pm_new_value(g, PM_F32, node->in[2]->shape);
  node->outs = 1;
}

static void conv2d_grad_weight_reference(const pm_call *call) {
  conv2d_sizes s = conv2d_sizes_of(call->node, call->node->in[2]);
  const real *in = call->in[0], *dy = call->in[1];
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
