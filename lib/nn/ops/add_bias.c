/* out[r,c] = x[r,c] + b[c], and the sum over rows that is its gradient for b. */
#include "nn/ops/elementwise.h"

static void add_bias_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_ADD_BIAS_X];
  assert(pm_count(node->in[PM_ADD_BIAS_B]) == pm_columns(x));
  node->out[0] = pm_new_value(g, PM_F32, x->shape);
  node->outs = 1;
}

static void add_bias_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_ADD_BIAS_X] = dout[0];
  if (node->in[PM_ADD_BIAS_B]->requires_gradient)
    din[PM_ADD_BIAS_B] = pm_sum_rows(g, dout[0]);
}

static void add_bias_reference(const pm_call *call) {
  const real *x = call->in[PM_ADD_BIAS_X], *b = call->in[PM_ADD_BIAS_B];
  real *out = call->out[0];
  size_t rows = pm_rows(call->node->in[PM_ADD_BIAS_X]), columns = pm_columns(call->node->in[PM_ADD_BIAS_X]);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++)
      out[r * columns + c] = x[r * columns + c] + b[c];
}

static void sum_rows_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, pm_columns(node->in[0])));
  node->outs = 1;
}

static void sum_rows_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_add_bias(g, pm_fill(g, node->in[0]->shape, 0), dout[0]);
}

static void sum_rows_reference(const pm_call *call) {
  const real *x = call->in[0];
  real *out = call->out[0];
  size_t rows = pm_rows(call->node->in[0]), columns = pm_columns(call->node->in[0]);
  for (size_t c = 0; c < columns; c++) {
    double sum = 0;
    for (size_t r = 0; r < rows; r++)
      sum += x[r * columns + c];
    out[c] = (real)sum;
  }
}

const pm_op PM_OP(add_bias) = {"add_bias",         add_bias_infer,    add_bias_gradient,
                               add_bias_reference, 1 + PM_ADD_BIAS_X, NULL};
const pm_op PM_OP(sum_rows) = {"sum_rows", sum_rows_infer, sum_rows_gradient, sum_rows_reference, 0, NULL};
