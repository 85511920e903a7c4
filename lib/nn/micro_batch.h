/* A training batch in micro-batches of as many slots each, computed one after the other (gradient accumulation) or in
 * several processes. Each is a run of one graph; what concerns the whole batch (averages that are kept from step to
 * step, the log) lies in a graph of its own, which runs once after them. A model is written for both at once:
 *
 *   pm_graph *whole = pm_graph_of_batch(g);
 *   pm_batchnorm_update(whole, running_mean of whole, …, pm_batch_mean(g, mean), …);
 *
 * Where the batch is not divided both graphs are one and pm_batch_mean(g, x) is x. Who runs the graphs adds up what is
 * in the buffers g->part[0 … parts - 1] and in the block "gradients" after each run of g, puts the sums there, and runs
 * the batch's graph. */
#ifndef PM_NN_MICRO_BATCH_H
#define PM_NN_MICRO_BATCH_H

#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Before anything is in g: it is the graph of one of n micro-batches; with 1 nothing changes. */
void pm_graph_divide(pm_graph *g, size_t n);

static inline pm_graph *pm_graph_of_batch(pm_graph *g) {
  return g->of_batch ? g->of_batch : g;
}

/* The mean over the micro-batches of x (PM_F32), as a value of the batch's graph. */
pm_value *pm_batch_mean(pm_graph *g, pm_value *x);

/* pm_gradients of the mean over the micro-batches of `loss`: the block "gradients" holds a micro-batch's part of it. */
void pm_batch_gradients(pm_graph *g, pm_value *loss);

#ifdef __cplusplus
}
#endif
#endif
