/* average = decay average + (1 - decay) x, on whole blocks. */
#include "nn/ops/elementwise.h"

static void moving_average_reference(const pm_call *call) {
  real *average = call->out[0], decay = *(const real *)call->in[PM_MOVING_AVERAGE_DECAY];
  const real *x = call->in[PM_MOVING_AVERAGE_X];
  for (size_t i = 0, n = pm_count(call->node->in[PM_MOVING_AVERAGE_AVERAGE]); i < n; i++)
    average[i] = decay * average[i] + (1 - decay) * x[i];
}

const pm_op PM_OP(moving_average) = {"moving_average", infer_update, NULL, moving_average_reference, 0, NULL};
