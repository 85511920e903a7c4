/* Small conversions of indices: a scalar for the whole batch, and whole numbers as PM_F32. */
#include "nn/ops/elementwise.h"

static void fill_index_infer(pm_graph *g, pm_node *node) {
  const pm_fill_index_attributes *a = node->attributes;
  assert(node->in[0]->dtype == PM_I64 && pm_count(node->in[0]) == 1);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, a->n));
  node->outs = 1;
}

static void fill_index_reference(const pm_call *call) {
  const pm_fill_index_attributes *a = call->node->attributes;
  for (size_t i = 0; i < a->n; i++)
    ((int32_t *)call->out[0])[i] = (int32_t) * (const int64_t *)call->in[0];
}

static void count_up_infer(pm_graph *g, pm_node *node) {
  const pm_count_up_attributes *a = node->attributes;
  assert(a->period >= 1 && a->repeat >= 1);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, a->n));
  node->outs = 1;
}

static void count_up_reference(const pm_call *call) {
  const pm_count_up_attributes *a = call->node->attributes;
  for (size_t i = 0; i < a->n; i++)
    ((int32_t *)call->out[0])[i] = (int32_t)(a->first + i / a->repeat % a->period);
}

static void to_float_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->dtype == PM_I32);
  node->out[0] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 1;
}

static void to_float_reference(const pm_call *call) {
  for (size_t i = 0; i < pm_count(call->node->in[0]); i++)
    ((real *)call->out[0])[i] = (real)((const int32_t *)call->in[0])[i];
}

const pm_op PM_OP(fill_index) = {"fill_index", fill_index_infer, NULL, fill_index_reference, 0, NULL};
const pm_op PM_OP(count_up) = {"count_up", count_up_infer, NULL, count_up_reference, 0, NULL};
const pm_op PM_OP(to_float) = {"to_float", to_float_infer, NULL, to_float_reference, 0, NULL};
