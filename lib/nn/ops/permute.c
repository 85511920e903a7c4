#include "nn/ops/elementwise.h"

static void permute_infer(pm_graph *g, pm_node *node) {
  const pm_permute_attributes *a = node->attributes;
  pm_shape x = node->in[0]->shape, shape = x;
  assert(node->in[0]->dtype == PM_F32);
  for (int d = 0; d < x.rank; d++)
    shape.dim[d] = x.dim[a->axis[d]];
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void permute_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_permute_attributes *a = node->attributes;
  pm_permute_attributes back = {{0}};
  for (int d = 0; d < node->in[0]->shape.rank; d++)
    back.axis[a->axis[d]] = d;
  din[0] = pm_permute(g, dout[0], back);
}

static void permute_reference(const pm_call *call) {
  const pm_permute_attributes *a = call->node->attributes;
  const pm_shape x = call->node->in[0]->shape, y = call->node->out[0]->shape;
  size_t stride[PM_MAX_RANK] = {0}, at[PM_MAX_RANK] = {0}, step = 1;
  for (int d = x.rank - 1; d >= 0; d--) {
    stride[d] = step;
    step *= x.dim[d];
  }
  const real *in = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++) {
    size_t from = 0;
    for (int d = 0; d < y.rank; d++)
      from += at[d] * stride[a->axis[d]];
    out[i] = in[from];
    for (int d = y.rank - 1; d >= 0 && ++at[d] == y.dim[d]; d--)
      at[d] = 0;
  }
}

const pm_op PM_OP(permute) = {"permute", permute_infer, permute_gradient, permute_reference, 0, NULL};
