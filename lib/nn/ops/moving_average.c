/* average = decay average + (1 - decay) x, on whole blocks. */
#include "nn/ops/elementwise.h"

static void moving_average_reference(const pm_call *call) {
  real *average = call->out[0], decay = *(const real *)call->in[2];
  const real *x = call->in[1];
  for (size_t i = 0, n = pm_count(call->node->in[0]); i < n; i++)
    average[i] = decay * average[i] + (1 - decay) * x[i];
}

const pm_op PM_OP(moving_average) = {"moving_average", infer_update, NULL, moving_average_reference, 0, NULL};
