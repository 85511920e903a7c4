/* x[N,…,C] + v[N,C] and the sum over pixels: each other's gradients. */
#include "nn/ops/elementwise.h"

static void add_vector_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_ADD_VECTOR_X], *v = node->in[PM_ADD_VECTOR_V];
  assert(pm_shape_equal(v->shape, pm_shape_of(2, x->shape.dim[0], pm_columns(x))));
  (void)v;
  node->out[0] = pm_new_value(g, PM_F32, x->shape);
  node->outs = 1;
}

static void add_vector_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_ADD_VECTOR_X] = dout[0];
  if (node->in[PM_ADD_VECTOR_V]->requires_gradient)
    din[PM_ADD_VECTOR_V] = pm_sum_pixels(g, dout[0]);
}

static void add_vector_reference(const pm_call *call) {
  const real *x = call->in[PM_ADD_VECTOR_X], *v = call->in[PM_ADD_VECTOR_V];
  real *out = call->out[0];
  size_t N = call->node->in[PM_ADD_VECTOR_X]->shape.dim[0], C = pm_columns(call->node->in[PM_ADD_VECTOR_X]);
  size_t pixels = pm_rows(call->node->in[PM_ADD_VECTOR_X]) / N;
  for (size_t r = 0; r < N * pixels; r++)
    for (size_t c = 0; c < C; c++)
      out[r * C + c] = x[r * C + c] + v[r / pixels * C + c];
}

static void sum_pixels_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->shape.rank >= 2);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(2, node->in[0]->shape.dim[0], pm_columns(node->in[0])));
  node->outs = 1;
}

static void sum_pixels_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_add_vector(g, pm_fill(g, node->in[0]->shape, 0), dout[0]);
}

static void sum_pixels_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *out = call->out[0];
  size_t N = call->node->in[0]->shape.dim[0], C = pm_columns(call->node->in[0]);
  size_t pixels = pm_rows(call->node->in[0]) / N;
  for (size_t n = 0; n < N; n++)
    for (size_t c = 0; c < C; c++) {
      double sum = 0;
      for (size_t r = n * pixels; r < (n + 1) * pixels; r++)
        sum += x[r * C + c];
      out[n * C + c] = (real)sum;
    }
}

const pm_op PM_OP(add_vector) = {"add_vector",         add_vector_infer,    add_vector_gradient,
                                 add_vector_reference, 1 + PM_ADD_VECTOR_X, NULL};
const pm_op PM_OP(sum_pixels) = {"sum_pixels", sum_pixels_infer, sum_pixels_gradient, sum_pixels_reference, 0, NULL};
