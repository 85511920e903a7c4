/* Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2013: the gradient scaled down
 * to a Euclidean norm, all parameters together. */
#include "nn/ops/elementwise.h"

static void clip_norm_reference(const pm_call *call) {
  const pm_clip_norm_attributes *a = call->node->attributes;
  real *gradient = call->out[0];
  size_t n = pm_count(call->node->in[0]);
  double squares = 0;
  for (size_t i = 0; i < n; i++)
    squares += (double)gradient[i] * gradient[i];
  double norm = sqrt(squares);
  if (norm > a->norm)
    for (size_t i = 0; i < n; i++)
      gradient[i] = (real)(gradient[i] * (a->norm / norm));
}

const pm_op PM_OP(clip_norm) = {"clip_norm", infer_update, NULL, clip_norm_reference, 0, NULL};
