#include "nn/micro_batch.h"

#include "nn/ops.h"

void pm_graph_divide(pm_graph *g, size_t n) {
  assert(n >= 1 && !g->values);
  if (n == 1)
    return;
  g->micro_batches = n;
  g->of_batch = pm_graph_new(g->arena, g->store, g->training);
}

/* Its share of the mean, so that the parts are only to be added. */
static pm_value *part_of(pm_graph *g, pm_value *x) {
  return pm_affine(g, x, 1 / (double)g->micro_batches, 0);
}

pm_value *pm_batch_mean(pm_graph *g, pm_value *x) {
  if (!g->of_batch)
    return x;
  pm_value *left = pm_graph_state(g, pm_format(g->arena, "micro-batch %zu", g->parts), PM_F32, x->shape);
  pm_assign(g, left, part_of(g, x));
  g->part = pm_grow(g->arena, g->part, &g->part_capacity, g->parts + 1, sizeof *g->part);
  g->part[g->parts++] = left->buffer;
  return pm_graph_state(g->of_batch, left->name, PM_F32, x->shape);
}

void pm_batch_gradients(pm_graph *g, pm_value *loss) {
  pm_gradients(g, g->of_batch ? part_of(g, loss) : loss);
}
