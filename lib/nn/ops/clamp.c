#include "nn/ops/elementwise.h"

static void clamp_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, clamp_grad, node->attributes, sizeof(pm_clamp_attributes), node->in[0], dout[0]);
}

static void clamp_reference(const pm_call *call) {
  const pm_clamp_attributes *a = call->node->attributes;
  const real *x = call->in[0];
  real *y = call->out[0], low = (real)a->low, high = (real)a->high;
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

static void clamp_grad_reference(const pm_call *call) {
  const pm_clamp_attributes *a = call->node->attributes;
  const real *x = call->in[PM_CLAMP_GRAD_X], *dy = call->in[PM_CLAMP_GRAD_DY];
  real *dx = call->out[0], low = (real)a->low, high = (real)a->high;
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dx[i] = x[i] < low || x[i] > high ? 0 : dy[i];
}

const pm_op PM_OP(clamp) = {"clamp", infer_alike, clamp_gradient, clamp_reference, 1, NULL};
const pm_op PM_OP(clamp_grad) = {"clamp_grad", infer_alike, NULL, clamp_grad_reference, 1 + PM_CLAMP_GRAD_DY, NULL};
