#include "nn/graph.h"

#include "nn/op.h"

#include <string.h>

pm_graph *pm_graph_new(pm_arena *arena, pm_store *store, bool training) {
  pm_graph *g = pm_alloc(arena, 1, sizeof *g);
  g->arena = arena;
  g->store = store;
  g->weights = pm_own_weights();
  g->training = training;
  return g;
}

pm_value *pm_new_value(pm_graph *g, pm_dtype dtype, pm_shape shape) {
  pm_value *value = pm_alloc(g->arena, 1, sizeof *value);
  value->number = (int)g->values;
  value->role = PM_VALUE;
  value->dtype = dtype;
  value->shape = shape;
  g->value = pm_grow(g->arena, g->value, &g->value_capacity, g->values + 1, sizeof *g->value);
  g->value[g->values++] = value;
  return value;
}

/* The value of a place in a buffer: one for each graph and shape. */
static pm_value *from_buffer(pm_graph *g, const char *name, pm_buffer *buffer, size_t offset, pm_shape shape) {
  for (size_t i = 0; i < g->values; i++) {
    pm_value *v = g->value[i];
    if (v->buffer == buffer && v->offset == offset && !v->maker && pm_shape_equal(v->shape, shape))
      return v;
  }
  pm_value *value = pm_new_value(g, buffer->dtype, shape);
  value->role = buffer->role;
  value->name = name;
  value->buffer = buffer;
  value->offset = offset;
  return value;
}

/* The block of the graph's weights that a slot lies in. */
static pm_buffer *block_of(pm_graph *g, const pm_slot *slot) {
  const char *name = slot->role == PM_PARAM ? g->weights.parameters : g->weights.states;
  if (slot->dtype == PM_I64)
    return slot->buffer;
  return pm_store_buffer(g->store, name, PM_STATE, PM_F32, slot->buffer->count);
}

pm_value *pm_graph_parameter(pm_graph *g, const pm_slot *wanted) {
  pm_slot *slot = pm_store_slot(g->store, wanted);
  pm_buffer *block = block_of(g, slot);
  pm_value *value = from_buffer(g, slot->name, block, slot->offset, slot->shape);
  value->role = slot->role;
  value->requires_gradient = block == g->store->parameters && !g->borrowed;
  return value;
}

pm_graph_loan pm_graph_borrow(pm_graph *g, pm_store *lender) {
  pm_graph_loan loan = {g->store, g->weights, g->training};
  assert(lender->sealed && !g->borrowed);
  g->store = lender;
  g->weights = pm_own_weights();
  g->training = false;
  g->borrowed = true;
  return loan;
}

void pm_graph_return(pm_graph *g, pm_graph_loan loan) {
  g->store = loan.store;
  g->weights = loan.weights;
  g->training = loan.training;
  g->borrowed = false;
}

static pm_value *named(pm_graph *g, const char *name, pm_role role, pm_dtype dtype, pm_shape shape) {
  pm_buffer *buffer = pm_store_buffer(g->store, name, role, dtype, pm_shape_count(shape));
  return from_buffer(g, buffer->name, buffer, 0, shape);
}

pm_value *pm_graph_input(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape) {
  return named(g, name, PM_INPUT, dtype, shape);
}

pm_value *pm_graph_state(pm_graph *g, const char *name, pm_dtype dtype, pm_shape shape) {
  return named(g, name, PM_STATE, dtype, shape);
}

pm_value *pm_graph_scalar(pm_graph *g, const char *name, pm_dtype dtype) {
  return named(g, name, PM_SCALAR, dtype, pm_shape_of(0));
}

pm_draws pm_graph_draws(pm_graph *g, size_t whole) {
  return (pm_draws){pm_graph_scalar(g, "seed", PM_I64), pm_graph_scalar(g, "step", PM_I64),
                    pm_graph_scalar(g, "first", PM_I64), whole};
}

/* Whether a buffer holds these items. */
static bool holds(pm_store *store, pm_buffer *buffer, const float *items) {
  pm_arena *scratch = pm_arena_new();
  float *there = pm_alloc(scratch, buffer->count, sizeof *there);
  pm_store_read(store, buffer, 0, there, buffer->count);
  bool same = memcmp(there, items, buffer->count * sizeof *there) == 0;
  pm_arena_free(scratch);
  return same;
}

pm_value *pm_graph_constant(pm_graph *g, const char *name, pm_shape shape, const float *items) {
  const bool known = pm_store_find_buffer(g->store, name) != NULL;
  pm_value *value = named(g, name, PM_INPUT, PM_F32, shape);
  assert(!known || holds(g->store, value->buffer, items));
  if (!known)
    pm_store_write(g->store, value->buffer, 0, items, pm_count(value));
  return value;
}

pm_value *pm_graph_block(pm_graph *g, const char *name) {
  size_t n = pm_store_block_size(g->store);
  pm_buffer *buffer = strcmp(name, "parameters") == 0 ? g->store->parameters
                      : strcmp(name, "states") == 0   ? g->store->states
                                                      : pm_store_buffer(g->store, name, PM_STATE, PM_F32, n);
  return from_buffer(g, name, buffer, 0, pm_shape_of(1, buffer->count));
}

pm_value *pm_apply(pm_graph *g, const pm_op *op, pm_value *const *in, int ins, const void *attributes, size_t size) {
  assert(ins <= PM_MAX_IN);
  pm_node *node = pm_alloc(g->arena, 1, sizeof *node);
  node->number = g->nodes;
  node->op = op;
  node->ins = ins;
  if (size) {
    void *copy = pm_alloc(g->arena, 1, size);
    memcpy(copy, attributes, size);
    node->attributes = copy;
  }
  bool requires = false;
  for (int i = 0; i < ins; i++) {
    node->in[i] = in[i];
    requires |= in[i] && in[i]->requires_gradient;
  }
  op->infer(g, node);
  for (int k = 0; k < node->outs; k++)
    if (!node->out[k]->buffer) {
      node->out[k]->maker = node;
      node->out[k]->requires_gradient = requires && op->gradient;
    }
  g->node = pm_grow(g->arena, g->node, &g->node_capacity, g->nodes + 1, sizeof *g->node);
  g->node[g->nodes++] = node;
  return node->out[0];
}

pm_value *pm_apply_to(pm_graph *g, const pm_op *op, const void *attributes, size_t size, int ins, ...) {
  pm_value *in[PM_MAX_IN] = {NULL};
  va_list arguments;
  assert(ins <= PM_MAX_IN);
  va_start(arguments, ins);
  for (int i = 0; i < ins; i++)
    in[i] = va_arg(arguments, pm_value *);
  va_end(arguments);
  return pm_apply(g, op, in, ins, attributes, size);
}

pm_value *pm_output_of(const pm_value *first, int k) {
  assert(first->maker && k < first->maker->outs);
  return first->maker->out[k];
}

pm_value *pm_reshape(pm_graph *g, pm_value *x, pm_shape shape) {
  assert(pm_shape_count(shape) == pm_count(x));
  return pm_apply(g, &pm_op_reshape_float, &x, 1, &shape, sizeof shape);
}

pm_value *pm_keep(pm_value *x, const char *name) {
  x->is_output = true;
  x->name = name;
  return x;
}
