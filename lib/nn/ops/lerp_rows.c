/* a + w (b - a), one weight a row: the way from one sprite's latent vector to another's. */
#include "nn/ops/elementwise.h"

static void lerp_rows_infer(pm_graph *g, pm_node *node) {
  assert(pm_shape_equal(node->in[0]->shape, node->in[1]->shape));
  assert(pm_count(node->in[2]) == node->in[0]->shape.dim[0]);
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void lerp_rows_reference(const pm_call *call) {
  const real *a = call->in[0], *b = call->in[1], *w = call->in[2];
  real *out = call->out[0];
  size_t n = call->node->in[0]->shape.dim[0], row = pm_count(call->node->in[0]) / n;
  for (size_t i = 0; i < n * row; i++)
    out[i] = a[i] + w[i / row] * (b[i] - a[i]);
}

const pm_op PM_OP(lerp_rows) = {"lerp_rows", lerp_rows_infer, NULL, lerp_rows_reference, 0, NULL};
