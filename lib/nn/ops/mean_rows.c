/* The mean of the first `count` of v[N]: so the last, incomplete block of a set counts only what is there. */
#include "nn/ops/elementwise.h"

static size_t counted(const pm_node *node, int i, const void *const *in) {
  return node->ins > i && node->in[i] ? (size_t) * (const int64_t *)in[i] : pm_count(node->in[0]);
}

static void mean_rows_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(0));
  node->outs = 1;
}

static void mean_rows_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, mean_rows_grad, NULL, 0, node->in[0], node->in[1], dout[0]);
}

static void mean_rows_reference(const pm_call *call) {
  const real *v = call->in[0];
  size_t n = counted(call->node, 1, call->in);
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += v[i];
  *(real *)call->out[0] = (real)(sum / (double)n);
}

static void mean_rows_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void mean_rows_grad_reference(const pm_call *call) {
  real *dv = call->out[0], dmean = *(const real *)call->in[2];
  size_t n = counted(call->node, 1, call->in);
  for (size_t i = 0; i < pm_count(call->node->out[0]); i++)
    dv[i] = i < n ? dmean / (real)n : 0;
}

const pm_op PM_OP(mean_rows) = {"mean_rows", mean_rows_infer, mean_rows_gradient, mean_rows_reference, 0, NULL};
const pm_op PM_OP(mean_rows_grad) = {"mean_rows_grad", mean_rows_grad_infer, NULL, mean_rows_grad_reference, 0, NULL};
