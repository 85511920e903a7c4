/* Weight decay of some parameters, apart from the optimizer's step: the same arithmetic as in adam. */
#include "nn/ops/elementwise.h"

static void weight_decay_infer(pm_graph *g, pm_node *node) {
  const pm_weight_decay_attributes *a = node->attributes;
  (void)g;
  for (size_t r = 0; r < a->ranges; r++)
    assert(a->range[r].offset + a->range[r].count <= pm_count(node->in[0]));
  node->out[0] = node->in[0];
  node->out[1] = node->in[1];
  node->outs = 2;
}

/* In `real` throughout, as the vector loops of adam are, so that both give the same bits. */
static void weight_decay_reference(const pm_call *call) {
  const pm_weight_decay_attributes *a = call->node->attributes;
  const real decay = (real)a->decay, keep = (real)(1 - (double)*(const real *)call->in[2] * a->decay);
  for (size_t r = 0; r < a->ranges; r++) {
    real *p = (real *)call->out[0] + a->range[r].offset, *gradient = (real *)call->out[1] + a->range[r].offset;
    for (size_t i = 0; i < a->range[r].count; i++)
      if (a->decoupled)
        p[i] *= keep;
      else
        gradient[i] += decay * p[i];
  }
}

const pm_op PM_OP(weight_decay) = {"weight_decay", weight_decay_infer, NULL, weight_decay_reference, 0, NULL};
