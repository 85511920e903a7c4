#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

static void normal_infer(pm_graph *g, pm_node *node) {
  const pm_normal_attributes *a = node->attributes;
  node->out[0] = pm_new_value(g, PM_F32, a->shape);
  node->outs = 1;
}

/* Drawn as float in every build: the same numbers wherever they are used. */
static void normal_reference(const pm_call *call) {
  const pm_normal_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  real *out = call->out[0];
  size_t n = a->shape.dim[0], row = pm_count(call->node->out[0]) / n;
  enum { PIECE = 64 };
  float piece[PIECE];
  for (size_t i = 0; i < n; i++)
    for (size_t at = 0; at < row; at += PIECE) {
      size_t length = row - at < PIECE ? row - at : PIECE;
      pm_normals_from(piece, at, length, d.seed, a->purpose, d.step, draw_slot(&d, i));
      for (size_t k = 0; k < length; k++)
        out[i * row + at + k] = piece[k];
    }
}

const pm_op PM_OP(normal) = {"normal", normal_infer, NULL, normal_reference, 0, NULL};
