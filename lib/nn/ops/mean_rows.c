/* The mean of the first `count` of v[N]: so the last, incomplete block of a set counts only what is there. */
#include "nn/ops/elementwise.h"

/* `count`: the scalar, or NULL for all of v. */
static size_t counted(const pm_value *v, const int64_t *count) {
  return count ? (size_t)*count : pm_count(v);
}

static void mean_rows_infer(pm_graph *g, pm_node *node) {
  assert(node->in[PM_MEAN_ROWS_V]->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->outs = 1;
}

static void mean_rows_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_MEAN_ROWS_V] =
      PM_APPLY(g, mean_rows_grad, NULL, 0, node->in[PM_MEAN_ROWS_V], node->in[PM_MEAN_ROWS_COUNT], dout[0]);
}

static void mean_rows_reference(const pm_call *call) {
  const real *v = call->in[PM_MEAN_ROWS_V];
  size_t n = counted(call->node->in[PM_MEAN_ROWS_V], call->in[PM_MEAN_ROWS_COUNT]);
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += v[i];
  *(real *)call->out[0] = (real)(sum / (double)n);
}

static void mean_rows_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_MEAN_ROWS_GRAD_V]->shape);
  node->outs = 1;
}

static void mean_rows_grad_reference(const pm_call *call) {
  real *dv = call->out[0], dmean = *(const real *)call->in[PM_MEAN_ROWS_GRAD_DMEAN];
  size_t n = counted(call->node->in[PM_MEAN_ROWS_GRAD_V], call->in[PM_MEAN_ROWS_GRAD_COUNT]);
  for (size_t i = 0; i < pm_count(call->node->out[0]); i++)
    dv[i] = i < n ? dmean / (real)n : 0;
}

const pm_op PM_OP(mean_rows) = {"mean_rows", mean_rows_infer, mean_rows_gradient, mean_rows_reference, 0, NULL};
const pm_op PM_OP(mean_rows_grad) = {"mean_rows_grad", mean_rows_grad_infer, NULL, mean_rows_grad_reference, 0, NULL};
