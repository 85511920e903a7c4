/* Weight decay of some parameters, apart from the optimizer's step: the same arithmetic as in adam. */
#include "nn/ops/elementwise.h"

static void weight_decay_infer(pm_graph *g, pm_node *node) {
  const pm_weight_decay_attributes *a = node->attributes;
  (void)g;
  for (size_t r = 0; r < a->ranges; r++)
    assert(a->range[r].offset + a->range[r].count <= pm_count(node->in[PM_WEIGHT_DECAY_PARAMETERS]));
  node->out[PM_WEIGHT_DECAY_PARAMETERS] = node->in[PM_WEIGHT_DECAY_PARAMETERS];
  node->out[PM_WEIGHT_DECAY_GRADIENTS] = node->in[PM_WEIGHT_DECAY_GRADIENTS];
  node->outs = 2;
}

/* In `real` throughout, as the vector loops of adam are, so that both give the same bits. */
static void weight_decay_reference(const pm_call *call) {
  const pm_weight_decay_attributes *a = call->node->attributes;
  const real decay = (real)a->decay,
             keep = (real)(1 - (double)*(const real *)call->in[PM_WEIGHT_DECAY_RATE] * a->decay);
  for (size_t r = 0; r < a->ranges; r++) {
    real *p = (real *)call->out[PM_WEIGHT_DECAY_PARAMETERS] + a->range[r].offset,
         *gradient = (real *)call->out[PM_WEIGHT_DECAY_GRADIENTS] + a->range[r].offset;
    for (size_t i = 0; i < a->range[r].count; i++)
      if (a->decoupled)
        p[i] *= keep;
      else
        gradient[i] += decay * p[i];
  }
}

const pm_op PM_OP(weight_decay) = {"weight_decay", weight_decay_infer, NULL, weight_decay_reference, 0, NULL};
