/* Margins of zeros around pictures, and margins taken away: each other's gradients. */
#include "nn/ops/elementwise.h"

#include <string.h>

static void pad2d_infer(pm_graph *g, pm_node *node) {
  const pm_margins *m = node->attributes;
  const size_t *d = node->in[0]->shape.dim;
  assert(node->in[0]->shape.rank == 4);
  node->out[0] =
      pm_new_value(g, PM_F32, pm_shape_of(4, d[0], d[1] + m->top + m->bottom, d[2] + m->left + m->right, d[3]));
  node->outs = 1;
}

static void pad2d_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_crop2d(g, dout[0], *(const pm_margins *)node->attributes);
}

static void pad2d_reference(const pm_call *call) {
  const pm_margins *m = call->node->attributes;
  const size_t *small = call->node->in[0]->shape.dim, *large = call->node->out[0]->shape.dim, C = small[3];
  const real *x = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    out[i] = 0;
  for (size_t n = 0; n < small[0]; n++)
    for (size_t y = 0; y < small[1]; y++)
      memcpy(out + ((n * large[1] + m->top + y) * large[2] + m->left) * C, x + (n * small[1] + y) * small[2] * C,
             small[2] * C * sizeof *x);
}

static void crop2d_infer(pm_graph *g, pm_node *node) {
  const pm_margins *m = node->attributes;
  const size_t *d = node->in[0]->shape.dim;
  assert(node->in[0]->shape.rank == 4 && d[1] > m->top + m->bottom && d[2] > m->left + m->right);
  node->out[0] =
      pm_new_value(g, PM_F32, pm_shape_of(4, d[0], d[1] - m->top - m->bottom, d[2] - m->left - m->right, d[3]));
  node->outs = 1;
}

static void crop2d_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_pad2d(g, dout[0], *(const pm_margins *)node->attributes);
}

static void crop2d_reference(const pm_call *call) {
  const pm_margins *m = call->node->attributes;
  const size_t *large = call->node->in[0]->shape.dim, *small = call->node->out[0]->shape.dim, C = small[3];
  const real *x = call->in[0];
  real *out = call->out[0];
  for (size_t n = 0; n < small[0]; n++)
    for (size_t y = 0; y < small[1]; y++)
      memcpy(out + (n * small[1] + y) * small[2] * C, x + ((n * large[1] + m->top + y) * large[2] + m->left) * C,
             small[2] * C * sizeof *x);
}

const pm_op PM_OP(pad2d) = {"pad2d", pad2d_infer, pad2d_gradient, pad2d_reference, 0, NULL};
const pm_op PM_OP(crop2d) = {"crop2d", crop2d_infer, crop2d_gradient, crop2d_reference, 0, NULL};
