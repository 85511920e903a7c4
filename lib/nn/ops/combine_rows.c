/* a x + b y with one a and one b a row; y and b may be NULL. Noising, and every sampler's step, is one of these. */
#include "nn/ops/elementwise.h"

static void combine_rows_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[0], *y = node->in[1], *a = node->in[2], *b = node->in[3];
  assert(pm_count(a) == x->shape.dim[0] && !y == !b);
  assert(!y || (pm_shape_equal(x->shape, y->shape) && pm_count(b) == x->shape.dim[0]));
  (void)y, (void)a, (void)b;
  node->out[0] = pm_new_value(g, PM_F32, x->shape);
  node->outs = 1;
}

static void combine_rows_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_scale_rows(g, dout[0], node->in[2]);
  if (node->in[1])
    din[1] = pm_scale_rows(g, dout[0], node->in[3]);
}

static void combine_rows_reference(const pm_call *call) {
  const real *x = call->in[0], *y = call->in[1], *a = call->in[2], *b = call->in[3];
  real *out = call->out[0];
  size_t n = call->node->in[0]->shape.dim[0], row = pm_count(call->node->in[0]) / n;
  for (size_t i = 0; i < n * row; i++)
    out[i] = y ? a[i / row] * x[i] + b[i / row] * y[i] : a[i / row] * x[i];
}

const pm_op PM_OP(combine_rows) = {
    "combine_rows", combine_rows_infer, combine_rows_gradient, combine_rows_reference, 1, NULL};
