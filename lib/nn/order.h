/* The order of a graph's nodes and what lies in whose memory: the rules that a program may rely on, and a check of
 * them. (docs/backend.md says why each is there.)
 *
 * 1. A run does what the nodes would do one after the other, in the order in which they were appended.
 * 2. A value without a maker (of a parameter, state, input or scalar) is what its buffer holds when it is read: a node
 *    before an update reads the old content, a node after it the new one.
 * 3. A value with a maker is what its maker made, wherever it is read. That includes a view (pm_reshape) of a buffer's
 *    value, and a gradient that lies in the block "gradients": no node writes over its memory before its last reader,
 *    or before the program's end if it is kept. After an update, take the view anew.
 * 4. An update (assign, record, adam, batchnorm_update, attention_step, …) names as its outputs values without a maker
 *    that are among its inputs, of parameters or states of the graph's own store: not of a lender, and not what is
 *    written from outside. What it updates overlaps none of its other inputs and outputs.
 * 5. No two made values share a place in a buffer.
 * 6. The backward half reads what the forward half read: what a forward node reads and a later one updates is read by
 *    no node that pm_gradients appended. */
#ifndef PM_NN_ORDER_H
#define PM_NN_ORDER_H

#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first breach of these rules, in words in the arena; NULL if there is none. */
const char *pm_order_problem(const pm_graph *g, pm_arena *arena);

/* For backends, to be called before a graph is compiled: a breach is a programmer's error. */
void pm_check_order(const pm_graph *g);

#ifdef __cplusplus
}
#endif
#endif
