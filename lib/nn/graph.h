/* A static graph: values made by nodes from other values. Models are functions that append to one, forward only;
 * pm_gradients appends the backward half. A backend compiles and runs it, as if node by node; order.h has the rules for
 * updates of parameters and states in between. Nothing here knows a device, a thread or a
 * physical layout.
 *
 * Pictures are [N,H,W,C]. Memory is the arena's; nothing is freed by itself. Wrong shapes are programmers' errors
 * (asserts): what comes from users is checked before a graph is built. */
#ifndef PM_NN_GRAPH_H
#define PM_NN_GRAPH_H

#include "nn/store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_MAX_IN = 8, PM_MAX_OUT = 4 };

typedef struct pm_graph pm_graph;
typedef struct pm_node pm_node;
typedef struct pm_op pm_op;

typedef struct pm_value {
  int number; /* in the graph */
  pm_role role;
  pm_dtype dtype;
  pm_shape shape;
  const char *name;       /* may be NULL */
  pm_node *maker;         /* NULL for what comes from a buffer */
  pm_buffer *buffer;      /* where it lies, unless it is the program's own */
  size_t offset;          /* in items */
  struct pm_value *same;  /* reshape: another view of this value's memory */
  bool requires_gradient; /* a parameter is upstream, or a test asked */
  bool is_output;         /* kept to the program's end, to be read */
} pm_value;

struct pm_node {
  size_t number; /* in the graph */
  const pm_op *op;
  int ins, outs;
  pm_value *in[PM_MAX_IN]; /* an optional input that is not there is NULL */
  pm_value *out[PM_MAX_OUT];
  const void *attributes; /* the op's own struct, or NULL */
};

/* The names of the blocks that hold what a model is made of: the store's own, or blocks parallel to them ("average",
 * "average states"). Counters have one place in a store, whatever the weights. */
typedef struct {
  const char *parameters, *states;
} pm_weights;
static inline pm_weights pm_own_weights(void) {
  pm_weights own = {"parameters", "states"};
  return own;
}

struct pm_graph {
  pm_arena *arena;
  pm_store *store;
  pm_weights weights; /* where pm_graph_parameter looks; the store's own, unless it is set before anything is in the
                         graph. Parameters in other blocks require no gradient. */
  bool training;      /* normalise by the batch, drop out; else as in use */
  bool borrowed;      /* between pm_graph_borrow and pm_graph_return */
  pm_value **value;
  size_t values, value_capacity;
  pm_node **node;
  size_t nodes, node_capacity;
  pm_value **gradient; /* by value number, after pm_gradients */
  size_t gradients;
  size_t forward_nodes, backward_nodes; /* pm_gradients appended nodes from the one to before the other */
  /* Of a micro-batch's graph, see micro_batch.h; else 0 and NULL. */
  size_t micro_batches;
  struct pm_graph *of_batch;
  pm_buffer **part; /* what it leaves for the batch's graph */
  size_t parts, part_capacity;
};

/* What the random numbers of a batch are a function of, besides an op's purpose: PM_I64 scalars. The batch's slot i
 * draws by (seed, step, first + i), whoever computes it: a batch that is divided among programs, each with the number
 * of its first slot, draws what it would draw undivided, and the blocks of a set go on where the one before ended. */
typedef struct {
  pm_value *seed, *step, *first;
  size_t whole; /* slots of the undivided batch: of how many pm_shuffle deals out, and strata of pm_random_uniform */
} pm_draws;

pm_graph *pm_graph_new(pm_arena *arena, pm_store *store, bool training);

/* What graphs begin with. The same name gives the same memory in every graph over the same store. */
pm_value *pm_graph_parameter(pm_graph *g, const pm_slot *wanted); /* PM_PARAM or PM_STATE */
pm_value *pm_graph_input(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape);
pm_value *pm_graph_state(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape);
pm_value *pm_graph_scalar(pm_graph *g, const char *name, pm_dtype dtype);
/* An input with these PM_F32 items, written now: a table that a model needs. One name, one content in a store:
 * another is a programmer's error. */
pm_value *pm_graph_constant(pm_graph *g, const char *name, pm_shape shape, const float *items);
/* By the scalars "seed", "step" and "first". */
pm_draws pm_graph_draws(pm_graph *g, size_t whole);
/* A whole block: "parameters", "states", or one parallel to the parameters ("gradients", "adam m", "average"). Only
 * when all parameters are registered. */
pm_value *pm_graph_block(pm_graph *g, const char *name);

/* From here to pm_graph_return, parameters and states are those of `lender`, a sealed store whose weights are there, as
 * they are in use: nothing trains them, normalisation goes by their running averages. The graph's programs need the
 * lender for as long as they run. */
typedef struct {
  pm_store *store;
  pm_weights weights;
  bool training;
} pm_graph_loan;
pm_graph_loan pm_graph_borrow(pm_graph *g, pm_store *lender);
void pm_graph_return(pm_graph *g, pm_graph_loan loan);

/* Applies an op: `attributes` (of `size` bytes) are copied. Returns the first output. */
pm_value *pm_apply(pm_graph *g, const pm_op *op, pm_value *const *in, int ins, const void *attributes, size_t size);
/* The same with the inputs, each a pm_value *, as arguments. */
pm_value *pm_apply_to(pm_graph *g, const pm_op *op, const void *attributes, size_t size, int ins, ...);
/* The node's k-th output, of the node that made `first`. */
pm_value *pm_output_of(const pm_value *first, int k);

/* The same memory in another shape of as many items. */
pm_value *pm_reshape(pm_graph *g, pm_value *x, pm_shape shape);

/* Keeps a value readable after a run. Returns it. */
pm_value *pm_keep(pm_value *x, const char *name);

/* Appends the gradient of the scalar `loss` with respect to all that requires one. Every parameter's gradient lies in
 * the store's block "gradients", at the parameter's offset; pm_gradient_of finds that of any other value that requires
 * one. */
void pm_gradients(pm_graph *g, pm_value *loss);
pm_value *pm_gradient_of(const pm_graph *g, const pm_value *x);

/* For op authors: a new value, for an output of a node. */
pm_value *pm_new_value(pm_graph *g, pm_dtype dtype, pm_shape shape);

static inline size_t pm_count(const pm_value *x) {
  return pm_shape_count(x->shape);
}
/* Size of the last dimension, and of all before it together. */
static inline size_t pm_columns(const pm_value *x) {
  return x->shape.rank ? x->shape.dim[x->shape.rank - 1] : 1;
}
static inline size_t pm_rows(const pm_value *x) {
  return pm_count(x) / pm_columns(x);
}

#ifdef __cplusplus
}
#endif
#endif
