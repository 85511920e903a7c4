/* Palette indices as planes, and the largest plane's index. */
#include "nn/ops/indices.h"

static void one_hot_infer(pm_graph *g, pm_node *node) {
  const pm_one_hot_attributes *a = node->attributes;
  infer_planes(g, node, a->K);
}

static void one_hot_reference(const pm_call *call) {
  const pm_one_hot_attributes *a = call->node->attributes;
  const unsigned char *index = call->in[0];
  real *out = call->out[0];
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++)
    for (size_t k = 0; k < a->K; k++)
      out[i * a->K + k] = (real)(k == index[i] ? a->high : a->low);
}

static void argmax_infer(pm_graph *g, pm_node *node) {
  assert(pm_columns(node->in[0]) <= 256);
  infer_indices(g, node);
}

static void argmax_reference(const pm_call *call) {
  size_t K = pm_columns(call->node->in[0]), rows = pm_rows(call->node->in[0]);
  unsigned char *out = call->out[0];
  for (size_t r = 0; r < rows; r++) {
    const real *x = (const real *)call->in[0] + r * K;
    size_t best = 0;
    for (size_t k = 1; k < K; k++)
      if (x[k] > x[best])
        best = k;
    out[r] = (unsigned char)best;
  }
}

const pm_op PM_OP(one_hot) = {"one_hot", one_hot_infer, NULL, one_hot_reference, 0, NULL};
const pm_op PM_OP(argmax) = {"argmax", argmax_infer, NULL, argmax_reference, 0, NULL};
