/* Pixels to squares of factor x factor, and the sums over such squares: each other's gradients. */
#include "nn/ops/elementwise.h"

static void upsample_nearest_infer(pm_graph *g, pm_node *node) {
  const pm_upsample_attributes *a = node->attributes;
  const size_t *d = node->in[0]->shape.dim;
  assert(node->in[0]->shape.rank == 4 && a->factor >= 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, d[0], d[1] * a->factor, d[2] * a->factor, d[3]));
  node->outs = 1;
}

static void upsample_nearest_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, upsample_nearest_grad, node->attributes, sizeof(pm_upsample_attributes), dout[0]);
}

static void upsample_nearest_reference(const pm_call *call) {
  const pm_upsample_attributes *a = call->node->attributes;
  const real *x = call->in[0];
  real *out = call->out[0];
  const size_t *d = call->node->out[0]->shape.dim;
  for (size_t r = 0; r < d[0] * d[1]; r++) /* rows of a picture keep their order: n H + y */
    for (size_t col = 0; col < d[2]; col++)
      for (size_t c = 0; c < d[3]; c++)
        out[(r * d[2] + col) * d[3] + c] = x[(r / a->factor * (d[2] / a->factor) + col / a->factor) * d[3] + c];
}

static void upsample_nearest_grad_infer(pm_graph *g, pm_node *node) {
  const pm_upsample_attributes *a = node->attributes;
  const size_t *d = node->in[0]->shape.dim;
  assert(d[1] % a->factor == 0 && d[2] % a->factor == 0);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(4, d[0], d[1] / a->factor, d[2] / a->factor, d[3]));
  node->outs = 1;
}

static void upsample_nearest_grad_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_upsample_attributes *a = node->attributes;
  din[0] = pm_upsample_nearest(g, dout[0], a->factor);
}

static void upsample_nearest_grad_reference(const pm_call *call) {
  const pm_upsample_attributes *a = call->node->attributes;
  const real *dy = call->in[0];
  real *dx = call->out[0];
  const size_t *d = call->node->out[0]->shape.dim, f = a->factor;
  for (size_t r = 0; r < d[0] * d[1]; r++)
    for (size_t col = 0; col < d[2]; col++)
      for (size_t c = 0; c < d[3]; c++) {
        real sum = 0;
        for (size_t k = 0; k < f * f; k++)
          sum += dy[((r * f + k / f) * d[2] * f + col * f + k % f) * d[3] + c];
        dx[(r * d[2] + col) * d[3] + c] = sum;
      }
}

const pm_op PM_OP(upsample_nearest) = {
    "upsample_nearest", upsample_nearest_infer, upsample_nearest_gradient, upsample_nearest_reference, 0, NULL};
const pm_op PM_OP(upsample_nearest_grad) = {"upsample_nearest_grad",
                                            upsample_nearest_grad_infer,
                                            upsample_nearest_grad_gradient,
                                            upsample_nearest_grad_reference,
                                            0,
                                            NULL};
