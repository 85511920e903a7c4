/* a x + b y with one a and one b a row; y and b may be NULL. Noising, and every sampler's step, is one of these. */
#include "nn/ops/elementwise.h"

static void combine_rows_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_COMBINE_ROWS_X], *y = node->in[PM_COMBINE_ROWS_Y], *a = node->in[PM_COMBINE_ROWS_A],
                 *b = node->in[PM_COMBINE_ROWS_B];
  assert(pm_count(a) == x->shape.dim[0] && !y == !b);
  assert(!y || (pm_shape_equal(x->shape, y->shape) && pm_count(b) == x->shape.dim[0]));
  (void)y, (void)a, (void)b;
  node->out[0] = pm_new_value(g, PM_F32, x->shape);
  node->outs = 1;
}

static void combine_rows_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_COMBINE_ROWS_X] = pm_scale_rows(g, dout[0], node->in[PM_COMBINE_ROWS_A]);
  if (node->in[PM_COMBINE_ROWS_Y])
    din[PM_COMBINE_ROWS_Y] = pm_scale_rows(g, dout[0], node->in[PM_COMBINE_ROWS_B]);
}

static void combine_rows_reference(const pm_call *call) {
  const real *x = call->in[PM_COMBINE_ROWS_X], *y = call->in[PM_COMBINE_ROWS_Y], *a = call->in[PM_COMBINE_ROWS_A],
             *b = call->in[PM_COMBINE_ROWS_B];
  real *out = call->out[0];
  size_t n = call->node->in[PM_COMBINE_ROWS_X]->shape.dim[0], row = pm_count(call->node->in[PM_COMBINE_ROWS_X]) / n;
  for (size_t i = 0; i < n * row; i++)
    out[i] = y ? a[i / row] * x[i] + b[i / row] * y[i] : a[i / row] * x[i];
}

const pm_op PM_OP(combine_rows) = {"combine_rows",         combine_rows_infer,    combine_rows_gradient,
                                   combine_rows_reference, 1 + PM_COMBINE_ROWS_X, NULL};
