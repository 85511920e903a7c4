/* a + w (b - a), one weight a row: the way from one sprite's latent vector to another's. */
#include "nn/ops/elementwise.h"

static void lerp_rows_infer(pm_graph *g, pm_node *node) {
  const pm_value *a = node->in[PM_LERP_ROWS_A];
  assert(pm_shape_equal(a->shape, node->in[PM_LERP_ROWS_B]->shape));
  assert(pm_count(node->in[PM_LERP_ROWS_W]) == a->shape.dim[0]);
  node->out[0] = pm_new_value(g, PM_F32, a->shape);
  node->outs = 1;
}

static void lerp_rows_reference(const pm_call *call) {
  const real *a = call->in[PM_LERP_ROWS_A], *b = call->in[PM_LERP_ROWS_B], *w = call->in[PM_LERP_ROWS_W];
  real *out = call->out[0];
  size_t n = call->node->in[PM_LERP_ROWS_A]->shape.dim[0], row = pm_count(call->node->in[PM_LERP_ROWS_A]) / n;
  for (size_t i = 0; i < n * row; i++)
    out[i] = a[i] + w[i / row] * (b[i] - a[i]);
}

const pm_op PM_OP(lerp_rows) = {"lerp_rows", lerp_rows_infer, NULL, lerp_rows_reference, 0, NULL};
