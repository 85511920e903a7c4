#include "grad.h"

#include "check.h"

#include "backend/backends.h"
#include "core/random.h"

#include <math.h>

/* Uniform numbers that depend on the name alone. */
static void fill(pm_store *store, pm_buffer *buffer, double low, double high) {
  pm_arena *arena = pm_arena_new();
  float *items = pm_alloc(arena, buffer->count, sizeof *items);
  pm_uniforms(items, buffer->count, 1, pm_purpose(buffer->name), 0, 0);
  for (size_t i = 0; i < buffer->count; i++)
    items[i] = (float)(low + (high - low) * items[i]);
  pm_store_write(store, buffer, 0, items, buffer->count);
  pm_arena_free(arena);
}

pm_value *grad_input(pm_graph *g, const char *name, pm_shape shape, double low, double high) {
  pm_value *x = pm_graph_input(g, name, PM_F32, shape);
  x->requires_gradient = true;
  fill(g->store, x->buffer, low, high);
  return x;
}

pm_value *grad_weighted_sum(pm_graph *g, pm_value *x) {
  size_t n = pm_count(x);
  pm_value *w = pm_graph_input(g, "weights of the sum", PM_F32, pm_shape_of(2, (size_t)1, n));
  fill(g->store, w->buffer, -1, 1);
  return pm_reshape(g, pm_linear(g, pm_reshape(g, x, pm_shape_of(2, (size_t)1, n)), w, NULL), pm_shape_of(0));
}

/* The scalar in full precision: read_value would round it to float. */
static double run(pm_program *program, pm_store *store, const pm_buffer *sink) {
  store->backend->run(program);
  return *(const double *)sink->device;
}

static void check_input(pm_program *program, pm_graph *g, const pm_value *x, const double *gradient,
                        const pm_buffer *sink) {
  double *items = (double *)x->buffer->device + x->offset;
  size_t n = pm_count(x), stride = n > 64 ? n / 64 : 1;
  for (size_t i = 0; i < n; i += stride) {
    const double h = 1e-5, kept = items[i];
    items[i] = kept + h;
    double above = run(program, g->store, sink);
    items[i] = kept - h;
    double below = run(program, g->store, sink);
    items[i] = kept;
    double expected = (above - below) / (2 * h), error = fabs(gradient[i] - expected);
    if (error > 1e-6 * fmax(1, fabs(expected))) {
      print_error("%s[%zu]: gradient %.10g, central difference %.10g\n", x->name, i, gradient[i], expected);
      fail();
    }
  }
}

void grad_check(grad_builder build) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_double);
  pm_graph *g = pm_graph_new(arena, store, true);
  pm_value *loss = build(g);
  size_t values = g->values;
  if (store->parameters->count)
    fill(store, store->parameters, -1, 1);
  pm_gradients(g, loss);
  /* The loss and the gradients go to states, where they can be read as double. */
  pm_value *sink = pm_graph_state(g, "loss", PM_F32, pm_shape_of(2, (size_t)1, (size_t)1)),
           *row = pm_graph_scalar(g, "row", PM_I64);
  pm_record(g, sink, row, &loss, 1);
  pm_value **copy = pm_alloc(arena, values, sizeof *copy);
  for (size_t i = 0; i < values; i++)
    if (!g->value[i]->maker && g->value[i]->requires_gradient) {
      pm_value *gradient = pm_gradient_of(g, g->value[i]);
      assert_non_null(gradient);
      copy[i] = pm_affine(g, gradient, 1, 0);
      copy[i]->buffer = pm_store_buffer(store, pm_format(arena, "gradient of %s", g->value[i]->name), PM_STATE, PM_F32,
                                        pm_count(gradient));
      copy[i]->role = PM_STATE;
    }
  pm_program *program = store->backend->compile(g);
  size_t checked = 0;
  for (size_t i = 0; i < values; i++)
    if (copy[i]) {
      size_t n = pm_count(copy[i]);
      double *gradient = pm_alloc(arena, n, sizeof *gradient);
      run(program, store, sink->buffer); /* the last run had a disturbed input */
      memcpy(gradient, copy[i]->buffer->device, n * sizeof *gradient);
      check_input(program, g, g->value[i], gradient, sink->buffer);
      checked++;
    }
  assert_true(checked > 0);
  store->backend->free_program(program);
  pm_store_free(store);
  pm_arena_free(arena);
}
