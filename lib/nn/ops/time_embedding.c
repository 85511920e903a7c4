/* Sinusoids of falling frequency: half sines, half cosines. */
#include "nn/ops/elementwise.h"

static void time_embedding_infer(pm_graph *g, pm_node *node) {
  const pm_time_embedding_attributes *a = node->attributes;
  assert(node->in[0]->shape.rank == 1 && node->in[0]->dtype == PM_F32 && a->dim >= 4 && a->dim % 2 == 0);
  node->out[0] = pm_new_value(g, PM_F32, pm_shape_of(2, node->in[0]->shape.dim[0], a->dim));
  node->outs = 1;
}

static void time_embedding_reference(const pm_call *call) {
  const pm_time_embedding_attributes *a = call->node->attributes;
  const real *t = call->in[0];
  real *out = call->out[0];
  size_t half = a->dim / 2;
  for (size_t n = 0; n < pm_count(call->node->in[0]); n++)
    for (size_t i = 0; i < half; i++) {
      double angle = t[n] * exp(-log(10000) * (double)i / (double)(half - 1));
      out[n * a->dim + i] = (real)sin(angle);
      out[n * a->dim + half + i] = (real)cos(angle);
    }
}

const pm_op PM_OP(time_embedding) = {"time_embedding", time_embedding_infer, NULL, time_embedding_reference, 0, NULL};
