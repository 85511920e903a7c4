/* The same memory under another shape. Backends give the output its input's place, so that no kernel runs. */
#include "nn/ops/elementwise.h"

static void reshape_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, node->in[0]->dtype, *(const pm_shape *)node->attributes);
  node->out[0]->same = node->in[0];
  node->outs = 1;
}

static void reshape_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = pm_reshape(g, dout[0], node->in[0]->shape);
}

const pm_op PM_OP(reshape) = {"reshape", reshape_infer, reshape_gradient, NULL, 0, NULL};
