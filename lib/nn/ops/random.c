/* Draws for each slot of the batch. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

static void random_index_rows_infer(pm_graph *g, pm_node *node) {
  const pm_random_index_rows_attributes *a = node->attributes;
  assert(a->n >= 1 && a->width >= 1 && a->below >= 1);
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(2, a->n, a->width));
  node->outs = 1;
}

static void random_index_rows_reference(const pm_call *call) {
  const pm_random_index_rows_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  int32_t *out = call->out[0];
  for (size_t i = 0; i < a->n; i++) {
    pm_rng rng = draw_stream(&d, a->purpose, i);
    for (size_t k = 0; k < a->width; k++)
      *out++ = (int32_t)pm_rng_below(&rng, (uint32_t)a->below);
  }
}

static void random_uniform_infer(pm_graph *g, pm_node *node) {
  const pm_random_uniform_attributes *a = node->attributes;
  assert(a->n >= 1);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(1, a->n));
  node->outs = 1;
}

/* As float in every build: the same numbers wherever they are used. */
static void random_uniform_reference(const pm_call *call) {
  const pm_random_uniform_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  for (size_t i = 0; i < a->n; i++) {
    pm_rng rng = draw_stream(&d, a->purpose, i);
    float u = pm_unit_float(pm_rng_u32(&rng));
    ((real *)call->out[0])[i] = a->strata ? ((float)((d.first + i) % a->strata) + u) / (float)a->strata : u;
  }
}

static void drop_labels_infer(pm_graph *g, pm_node *node) {
  const pm_value *labels = node->in[PM_DROP_LABELS_LABELS];
  assert(labels->dtype == PM_I32 && labels->shape.rank == 1);
  node->out[0] = pm_new_value(g, PM_I32, labels->shape);
  node->outs = 1;
}

static void drop_labels_reference(const pm_call *call) {
  const pm_drop_labels_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, PM_DROP_LABELS_DRAWS);
  const int32_t *label = call->in[PM_DROP_LABELS_LABELS];
  for (size_t i = 0; i < pm_count(call->node->in[PM_DROP_LABELS_LABELS]); i++) {
    pm_rng rng = draw_stream(&d, pm_purpose("drop labels"), i);
    ((int32_t *)call->out[0])[i] = pm_unit_float(pm_rng_u32(&rng)) < (float)a->p ? a->null : label[i];
  }
}

const pm_op PM_OP(random_index_rows) = {
    "random_index_rows", random_index_rows_infer, NULL, random_index_rows_reference, 0, NULL};
const pm_op PM_OP(random_uniform) = {"random_uniform", random_uniform_infer, NULL, random_uniform_reference, 0, NULL};
const pm_op PM_OP(drop_labels) = {"drop_labels", drop_labels_infer, NULL, drop_labels_reference, 0, NULL};
