/* Kingma and Ba, "Adam", 2015, algorithm 1; with decoupled decay Loshchilov and Hutter, "Decoupled Weight Decay
 * Regularization", 2019, algorithm 2. In PyTorch's order of operations. */
#include "nn/ops/elementwise.h"

static void adam_infer(pm_graph *g, pm_node *node) {
  (void)g;
  assert(pm_count(node->in[PM_ADAM_PARAMETERS]) == pm_count(node->in[PM_ADAM_GRADIENTS]));
  node->out[PM_ADAM_PARAMETERS] = node->in[PM_ADAM_PARAMETERS]; /* parameters, and the two moments */
  node->out[PM_ADAM_M] = node->in[PM_ADAM_M];
  node->out[PM_ADAM_V] = node->in[PM_ADAM_V];
  node->outs = 3;
}

static void adam_reference(const pm_call *call) {
  const pm_adam_attributes *a = call->node->attributes;
  const real *gradient = call->in[PM_ADAM_GRADIENTS];
  real *p = call->out[PM_ADAM_PARAMETERS], *m = call->out[PM_ADAM_M], *v = call->out[PM_ADAM_V];
  double rate = *(const real *)call->in[PM_ADAM_RATE], t = (double)*(const int64_t *)call->in[PM_ADAM_STEP] + 1;
  double step = rate / (1 - pow(a->beta1, t)), root = sqrt(1 - pow(a->beta2, t));
  for (size_t i = 0, n = pm_count(call->node->in[PM_ADAM_PARAMETERS]); i < n; i++) {
    double d = gradient[i];
    if (a->decoupled)
      p[i] = (real)(p[i] * (1 - rate * a->decay));
    else
      d += a->decay * p[i];
    m[i] = (real)(a->beta1 * m[i] + (1 - a->beta1) * d);
    v[i] = (real)(a->beta2 * v[i] + (1 - a->beta2) * d * d);
    p[i] = (real)(p[i] - step * m[i] / (sqrt((double)v[i]) / root + a->epsilon));
  }
}

const pm_op PM_OP(adam) = {"adam", adam_infer, NULL, adam_reference, 0, NULL};
