/* Drops items at random. The gradient is the same op: it drops the same items. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

static void dropout_infer(pm_graph *g, pm_node *node) {
  const pm_dropout_attributes *a = node->attributes;
  assert(a->p >= 0 && a->p < 1);
  (void)a;
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_DROPOUT_X]->shape);
  node->outs = 1;
}

static void dropout_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_dropout_attributes *a = node->attributes;
  din[PM_DROPOUT_X] = pm_dropout(g, dout[0], draws_of(node, PM_DROPOUT_DRAWS), a->p, a->purpose);
}

static void dropout_reference(const pm_call *call) {
  const pm_dropout_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, PM_DROPOUT_DRAWS);
  const real *x = call->in[PM_DROPOUT_X];
  real *y = call->out[0];
  size_t N = call->node->in[PM_DROPOUT_X]->shape.dim[0], row = pm_count(call->node->in[PM_DROPOUT_X]) / N;
  for (size_t n = 0; n < N; n++)
    for (size_t e = 0; e < row; e++)
      y[n * row + e] =
          draw_keeps(&d, a->purpose, draw_slot(&d, n), e, a->p) ? x[n * row + e] * (real)(1 / (1 - a->p)) : 0;
}

const pm_op PM_OP(dropout) = {"dropout", dropout_infer, dropout_gradient, dropout_reference, 1 + PM_DROPOUT_X, NULL};
