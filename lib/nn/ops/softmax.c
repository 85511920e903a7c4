/* y = exp(x) / sum exp(x) over the last axis; dx = y (dy - sum(y dy)). */
#include "nn/ops/elementwise.h"

static void softmax_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, softmax_grad, NULL, 0, node->out[0], dout[0]);
}

static void softmax_reference(const pm_call *call) {
  size_t rows = pm_rows(call->node->in[0]), K = pm_columns(call->node->in[0]);
  for (size_t r = 0; r < rows; r++) {
    const real *x = (const real *)call->in[0] + r * K;
    real *y = (real *)call->out[0] + r * K, top = x[0];
    double sum = 0;
    for (size_t k = 1; k < K; k++)
      top = x[k] > top ? x[k] : top;
    for (size_t k = 0; k < K; k++)
      sum += exp((double)x[k] - top);
    for (size_t k = 0; k < K; k++)
      y[k] = (real)(exp((double)x[k] - top) / sum);
  }
}

static void softmax_grad_reference(const pm_call *call) {
  size_t rows = pm_rows(call->node->in[PM_SOFTMAX_GRAD_Y]), K = pm_columns(call->node->in[PM_SOFTMAX_GRAD_Y]);
  for (size_t r = 0; r < rows; r++) {
    const real *y = (const real *)call->in[PM_SOFTMAX_GRAD_Y] + r * K,
               *dy = (const real *)call->in[PM_SOFTMAX_GRAD_DY] + r * K;
    real *dx = (real *)call->out[0] + r * K;
    double sum = 0;
    for (size_t k = 0; k < K; k++)
      sum += (double)y[k] * dy[k];
    for (size_t k = 0; k < K; k++)
      dx[k] = (real)(y[k] * (dy[k] - sum));
  }
}

const pm_op PM_OP(softmax) = {"softmax", infer_alike, softmax_gradient, softmax_reference, 0, NULL};
const pm_op PM_OP(softmax_grad) = {"softmax_grad",         infer_alike, NULL, softmax_grad_reference,
                                   1 + PM_SOFTMAX_GRAD_DY, NULL};
