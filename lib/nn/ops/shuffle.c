/* Which items make up batch number `step`. */
#include "nn/ops/shuffle.h"
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

static void shuffle_infer(pm_graph *g, pm_node *node) {
  const pm_shuffle_attributes *a = node->attributes;
  assert(a->n >= 1 && a->n <= a->batch && a->batch <= a->items);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, a->n));
  node->outs = 1;
}

static void shuffle_reference(const pm_call *call) {
  const pm_shuffle_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  uint64_t step = (uint64_t)draw_scalar(call, DRAW_STEP), steps = a->items / a->batch;
  const uint32_t purpose = pm_purpose("shuffle");
  int32_t *index = call->out[0];
  assert(d.first + a->n <= a->batch);
  for (size_t i = 0; i < a->n; i++)
    index[i] = (int32_t)permuted_item((uint32_t)(step % steps * a->batch + d.first + i), (uint32_t)a->items, d.seed,
                                      (uint32_t)(step / steps), purpose);
}

const pm_op PM_OP(shuffle) = {"shuffle", shuffle_infer, NULL, shuffle_reference, 0, NULL};
