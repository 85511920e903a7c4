/* Sequences of indices: what a model that predicts the next one is trained and sampled with. No gradients. */
#include "nn/ops/categorical.h"
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

#include <string.h>

static void shift_right_infer(pm_graph *g, pm_node *node) {
  assert(node->in[0]->dtype == PM_I32 && node->in[0]->shape.rank == 2);
  infer_alike(g, node);
}

static void shift_right_reference(const pm_call *call) {
  const pm_shift_right_attributes *a = call->node->attributes;
  size_t N = call->node->in[0]->shape.dim[0], T = call->node->in[0]->shape.dim[1];
  for (size_t n = 0; n < N; n++) {
    const int32_t *from = (const int32_t *)call->in[0] + n * T;
    int32_t *to = (int32_t *)call->out[0] + n * T;
    to[0] = a->start;
    memcpy(to + 1, from, (T - 1) * sizeof *to);
  }
}

static void draw_index_infer(pm_graph *g, pm_node *node) {
  const pm_value *logits = node->in[PM_DRAW_INDEX_LOGITS];
  const pm_draw_index_attributes *a = node->attributes;
  assert(logits->shape.rank == 2 && a->temperature > 0);
  (void)a;
  node->out[0] = pm_new_value(g, PM_I32, pm_shape_of(1, logits->shape.dim[0]));
  node->outs = 1;
}

static void draw_index_reference(const pm_call *call) {
  const pm_draw_index_attributes *a = call->node->attributes;
  size_t N = call->node->in[PM_DRAW_INDEX_LOGITS]->shape.dim[0], K = pm_columns(call->node->in[PM_DRAW_INDEX_LOGITS]);
  const draw_source d = draw_source_of(call, PM_DRAW_INDEX_DRAWS);
  for (size_t n = 0; n < N; n++) {
    const real *logits = (const real *)call->in[PM_DRAW_INDEX_LOGITS] + n * K;
    pm_rng rng = draw_stream(&d, a->purpose, n);
    double u = (double)pm_unit_float(pm_rng_u32(&rng));
    ((int32_t *)call->out[0])[n] =
        draw_category(logits, K, least_allowed_logit(logits, K, a, call->workspace), a->temperature, u);
  }
}

/* For sorted logits. */
static size_t draw_index_workspace(const pm_node *node) {
  return pm_columns(node->in[PM_DRAW_INDEX_LOGITS]) * sizeof(double);
}

static void put_column_infer(pm_graph *g, pm_node *node) {
  const pm_value *state = node->in[PM_PUT_COLUMN_STATE];
  assert(state->shape.rank == 2 && pm_count(node->in[PM_PUT_COLUMN_X]) == state->shape.dim[0]);
  assert(state->dtype == node->in[PM_PUT_COLUMN_X]->dtype && node->in[PM_PUT_COLUMN_COLUMN]->dtype == PM_I64);
  (void)state;
  infer_update(g, node);
}

static void put_column_reference(const pm_call *call) {
  size_t N = call->node->in[PM_PUT_COLUMN_STATE]->shape.dim[0], T = call->node->in[PM_PUT_COLUMN_STATE]->shape.dim[1];
  size_t column = (size_t) * (const int64_t *)call->in[PM_PUT_COLUMN_COLUMN];
  assert(call->node->in[PM_PUT_COLUMN_STATE]->dtype == PM_I32 && column < T);
  for (size_t n = 0; n < N; n++)
    ((int32_t *)call->out[0])[n * T + column] = ((const int32_t *)call->in[PM_PUT_COLUMN_X])[n];
}

const pm_op PM_OP(shift_right) = {"shift_right", shift_right_infer, NULL, shift_right_reference, 0, NULL};
const pm_op PM_OP(draw_index) = {"draw_index", draw_index_infer, NULL, draw_index_reference, 0, draw_index_workspace};
const pm_op PM_OP(put_column) = {"put_column", put_column_infer, NULL, put_column_reference, 0, NULL};
