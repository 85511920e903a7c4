/* Palette indices to colours: the way of a sprite into a model that works on RGB. */
#include "nn/ops/elementwise.h"

static void colour_lookup_infer(pm_graph *g, pm_node *node) {
  const pm_value *x = node->in[PM_COLOUR_LOOKUP_X], *table = node->in[PM_COLOUR_LOOKUP_TABLE];
  assert(x->dtype == PM_U8 && x->shape.rank == 3 && table->shape.rank == 2);
  node->out[0] =
      pm_new_value(g, PM_F32, pm_shape_of(4, x->shape.dim[0], x->shape.dim[1], x->shape.dim[2], pm_columns(table)));
  node->outs = 1;
}

static void colour_lookup_reference(const pm_call *call) {
  const unsigned char *x = call->in[PM_COLOUR_LOOKUP_X];
  const real *table = call->in[PM_COLOUR_LOOKUP_TABLE];
  real *out = call->out[0];
  size_t n = pm_count(call->node->in[PM_COLOUR_LOOKUP_X]), C = pm_columns(call->node->in[PM_COLOUR_LOOKUP_TABLE]);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < C; c++)
      out[i * C + c] = table[x[i] * C + c];
}

const pm_op PM_OP(colour_lookup) = {"colour_lookup", colour_lookup_infer, NULL, colour_lookup_reference, 0, NULL};
