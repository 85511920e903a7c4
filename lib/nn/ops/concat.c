/* Columns side by side, and columns taken out: each other's gradients. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void concat_infer(pm_graph *g, pm_node *node) {
  pm_shape shape = node->in[PM_CONCAT_A]->shape, other = node->in[PM_CONCAT_B]->shape;
  size_t columns = pm_columns(node->in[PM_CONCAT_A]) + pm_columns(node->in[PM_CONCAT_B]);
  other.dim[other.rank - 1] = shape.dim[shape.rank - 1];
  assert(shape.rank >= 1 && pm_shape_equal(shape, other));
  shape.dim[shape.rank - 1] = columns;
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void concat_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  size_t first = pm_columns(node->in[PM_CONCAT_A]);
  din[PM_CONCAT_A] = pm_slice_columns(g, dout[0], 0, first);
  din[PM_CONCAT_B] = pm_slice_columns(g, dout[0], first, pm_columns(node->in[PM_CONCAT_B]));
}

static void concat_reference(const pm_call *call) {
  size_t A = pm_columns(call->node->in[PM_CONCAT_A]), B = pm_columns(call->node->in[PM_CONCAT_B]),
         rows = pm_rows(call->node->in[PM_CONCAT_A]);
  const real *a = call->in[PM_CONCAT_A], *b = call->in[PM_CONCAT_B];
  real *out = call->out[0];
  for (size_t r = 0; r < rows; r++) {
    memcpy(out + r * (A + B), a + r * A, A * sizeof *a);
    memcpy(out + r * (A + B) + A, b + r * B, B * sizeof *b);
  }
}

static void slice_columns_infer(pm_graph *g, pm_node *node) {
  const pm_slice_columns_attributes *a = node->attributes;
  pm_shape shape = node->in[0]->shape;
  assert(a->count >= 1 && a->from + a->count <= pm_columns(node->in[0]));
  shape.dim[shape.rank - 1] = a->count;
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

/* The slice between columns of zeros. */
static void slice_columns_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_slice_columns_attributes *a = node->attributes;
  pm_shape shape = node->in[0]->shape;
  size_t columns = pm_columns(node->in[0]), behind = columns - a->from - a->count;
  pm_value *dx = dout[0];
  if (a->from) {
    shape.dim[shape.rank - 1] = a->from;
    dx = pm_concat(g, pm_fill(g, shape, 0), dx);
  }
  if (behind) {
    shape.dim[shape.rank - 1] = behind;
    dx = pm_concat(g, dx, pm_fill(g, shape, 0));
  }
  din[0] = dx;
}

static void slice_columns_reference(const pm_call *call) {
  const pm_slice_columns_attributes *a = call->node->attributes;
  size_t columns = pm_columns(call->node->in[0]), rows = pm_rows(call->node->in[0]);
  const real *x = call->in[0];
  real *out = call->out[0];
  for (size_t r = 0; r < rows; r++)
    memcpy(out + r * a->count, x + r * columns + a->from, a->count * sizeof *x);
}

const pm_op PM_OP(concat) = {"concat", concat_infer, concat_gradient, concat_reference, 0, NULL};
const pm_op PM_OP(slice_columns) = {
    "slice_columns", slice_columns_infer, slice_columns_gradient, slice_columns_reference, 0, NULL};
