/* Reverse-mode differentiation of a graph, as more nodes of the same graph. */
#include "nn/ops.h"

static void accumulate(pm_graph *g, pm_value **gradient, const pm_value *x, pm_value *dx) {
  assert(pm_shape_equal(x->shape, dx->shape));
  pm_value **sum = &gradient[x->number];
  *sum = *sum ? pm_plus(g, *sum, dx) : dx;
}

/* Has the node that makes the gradient write it where the optimizer looks for it. */
static void put_in_block(pm_graph *g, const pm_value *parameter, pm_value *gradient) {
  bool own = gradient->maker && !gradient->buffer && !gradient->same && !gradient->is_output;
  pm_value *place = own ? gradient : pm_affine(g, gradient, 1, 0);
  place->role = PM_STATE;
  place->buffer = pm_store_buffer(g->store, "gradients", PM_STATE, PM_F32, pm_store_block_size(g->store));
  place->offset = parameter->offset;
}

void pm_gradients(pm_graph *g, pm_value *loss) {
  assert(loss->shape.rank == 0 && loss->requires_gradient && !g->gradient);
  size_t values = g->values, nodes = g->nodes;
  g->forward_nodes = nodes;
  pm_value **gradient = pm_alloc(g->arena, values, sizeof *gradient);
  gradient[loss->number] = pm_fill(g, loss->shape, 1);
  for (size_t i = nodes; i-- > 0;) {
    pm_node *node = g->node[i];
    pm_value *dout[PM_MAX_OUT] = {NULL}, *din[PM_MAX_IN] = {NULL};
    bool reached = false;
    for (int k = 0; k < node->outs; k++) {
      dout[k] = node->out[k]->maker == node ? gradient[node->out[k]->number] : NULL;
      reached |= dout[k] != NULL;
    }
    if (!reached || !node->op->gradient)
      continue;
    node->op->gradient(g, node, dout, din);
    for (int k = 0; k < node->ins; k++)
      if (din[k] && node->in[k]->requires_gradient)
        accumulate(g, gradient, node->in[k], din[k]);
  }
  for (size_t i = 0; i < values; i++)
    if (g->value[i]->role == PM_PARAM && gradient[i])
      put_in_block(g, g->value[i], gradient[i]);
  g->gradient = gradient;
  g->gradients = values;
  g->backward_nodes = g->nodes;
}

pm_value *pm_gradient_of(const pm_graph *g, const pm_value *x) {
  return (size_t)x->number < g->gradients ? g->gradient[x->number] : NULL;
}
