/* Vector quantisation: sixteen vectors are a task. Distances are summed over the tiers' lanes, so that they are the
 * same bits on every tier, wherever the vector stands. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <math.h>

enum { VECTORS = 16 };

static void nearest_of_vectors(void *context, size_t task, void *scratch) {
  const pm_call *call = context;
  size_t N = pm_rows(call->node->in[PM_NEAREST_CODE_X]), K = pm_columns(call->node->in[PM_NEAREST_CODE_X]),
         C = pm_rows(call->node->in[PM_NEAREST_CODE_CODEBOOK]);
  const float *x = call->in[PM_NEAREST_CODE_X], *codebook = call->in[PM_NEAREST_CODE_CODEBOOK];
  size_t end = pm_smaller(N, (task + 1) * VECTORS);
  float (*squared_error)(const float *, const float *, size_t) = pm_vector_best()->squared_error;
  (void)scratch;
  for (size_t n = task * VECTORS; n < end; n++) {
    float least = INFINITY;
    size_t nearest = 0;
    for (size_t c = 0; c < C; c++) {
      float distance = squared_error(x + n * K, codebook + c * K, K);
      if (distance < least) {
        least = distance;
        nearest = c;
      }
    }
    ((int32_t *)call->out[0])[n] = (int32_t)nearest;
  }
}

void pm_cpu_nearest_code(const pm_call *call) {
  size_t N = pm_rows(call->node->in[PM_NEAREST_CODE_X]);
  pm_parallel_for(pm_pieces(N, VECTORS), 0, nearest_of_vectors, (void *)(size_t)call);
}
