#include "check.h"

#include "parity.h"

#include "nn/backend.h"

parity parity_open(const char *file, const pm_backend *backend) {
  parity p = {.file = file, .backend = backend, .arena = pm_arena_new()};
  p.vectors = pm_safetensors_read(p.arena, pm_format(p.arena, "tests/parity/data/%s", file), false);
  p.store = pm_store_new(p.arena, backend);
  return p;
}

void parity_close(parity *p) {
  pm_store_free(p->store);
  pm_arena_free(p->arena);
}

void *parity_settings(const parity *p, const pm_method *method) {
  const char *pairs[64];
  size_t n = 0;
  char *text = pm_copy_text(p->arena, pm_safetensors_metadata(&p->vectors, "settings")), *rest;
  for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(word, '=');
    assert_non_null(equals);
    *equals = 0;
    assert_true(n + 2 < sizeof pairs / sizeof *pairs);
    pairs[n++] = word;
    pairs[n++] = equals + 1;
  }
  assert_true(n > 0);
  pairs[n] = NULL;
  return numeric_settings(p->arena, method, pairs);
}

const pm_tensor *parity_vector(const parity *p, const char *name) {
  const pm_tensor *tensor = pm_safetensors_find(&p->vectors, name);
  if (!tensor)
    fail_msg("%s has no %s", p->file, name);
  return tensor;
}

size_t parity_count(const pm_tensor *tensor) {
  return pm_shape_count(tensor->shape);
}

/* ---- what is written ---- */

size_t parity_write_slots(const parity *p, const char *prefix) {
  size_t written = 0;
  for (size_t i = 0; i < p->store->slots; i++) {
    const pm_slot *slot = p->store->slot[i];
    const pm_tensor *tensor = pm_safetensors_find(&p->vectors, pm_format(p->arena, "%s.%s", prefix, slot->name));
    if (!tensor)
      continue;
    assert_true(pm_shape_equal(pm_slot_file_shape(slot), tensor->shape));
    pm_slot_write(p->store, slot, slot->buffer, tensor->data);
    written++;
  }
  return written;
}

static pm_buffer *input_of(const parity *p, const char *name) {
  pm_buffer *buffer = pm_store_find_buffer(p->store, name);
  if (!buffer)
    fail_msg("the graph has no input %s", name);
  return buffer;
}

size_t parity_batch_size(const parity *p) {
  return parity_vector(p, "index")->shape.dim[1];
}

void parity_write_batch(const parity *p, const char *input, size_t step) {
  const pm_tensor *data = parity_vector(p, "data"), *index = parity_vector(p, "index");
  size_t n = parity_batch_size(p), sprite = parity_count(data) / data->shape.dim[0];
  const int32_t *which = (const int32_t *)index->data + step * n;
  assert_true(step < index->shape.dim[0]);
  for (size_t i = 0; i < n; i++)
    pm_store_write(p->store, input_of(p, input), i * sprite,
                   (const char *)data->data + (size_t)which[i] * sprite * pm_dtype_size(data->dtype), sprite);
}

void parity_write_rows(const parity *p, const char *input, const char *name, size_t first, size_t n) {
  const pm_tensor *t = parity_vector(p, name);
  pm_buffer *buffer = input_of(p, input);
  size_t row = parity_count(t) / t->shape.dim[0];
  assert_true(first + n <= t->shape.dim[0] && n * row == buffer->count);
  pm_store_write(p->store, buffer, 0, (const char *)t->data + first * row * pm_dtype_size(t->dtype), n * row);
}

void parity_add_adam(pm_graph *g, pm_value *step) {
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), pm_graph_scalar(g, "rate", PM_F32), step,
          (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
}

void parity_write_rate(const parity *p) {
  const float rate = 1e-3f;
  pm_store_write(p->store, input_of(p, "rate"), 0, &rate, 1);
}

/* ---- the graph ---- */

void parity_replace_draws(pm_graph *g, const pm_op *op, const char *input) {
  static const pm_affine_attributes as_it_is = {1, 0};
  pm_node *node = numeric_node(g, op, 0);
  assert_non_null(node);
  assert_null(numeric_node(g, op, 1));
  node->op = &pm_op_affine_float;
  node->attributes = &as_it_is;
  node->ins = 1;
  node->in[0] = pm_graph_input(g, input, PM_F32, node->out[0]->shape);
}

pm_value *parity_made_with(const pm_graph *g, const char *parameter) {
  for (size_t i = 0; i < g->nodes; i++)
    for (int k = 0; k < g->node[i]->ins; k++) {
      const pm_value *in = g->node[i]->in[k];
      if (in && in->name && strcmp(in->name, parameter) == 0)
        return g->node[i]->out[0];
    }
  return NULL;
}

/* ---- comparisons ---- */

void parity_expect(const parity *p, const float *got, const char *name, double tolerance, double scale) {
  const pm_tensor *want = parity_vector(p, name);
  numeric_expect(pm_format(p->arena, "%s: %s on %s", p->file, name, p->backend->name), got, want->data,
                 parity_count(want), scale, tolerance);
}

void parity_expect_value(const parity *p, const pm_program *program, const pm_value *value, const char *name,
                         double tolerance) {
  assert_int_equal(pm_count(value), parity_count(parity_vector(p, name)));
  parity_expect(p, numeric_read(p->arena, p->backend, program, value), name, tolerance, 0);
}

void parity_expect_gradients(const parity *p, const char *prefix, double tolerance) {
  pm_buffer *gradients = pm_store_find_buffer(p->store, "gradients");
  double scale = 0;
  assert_non_null(gradients);
  for (int pass = 0; pass < 2; pass++) /* first the largest of all, which each is measured by */
    for (size_t i = 0; i < p->store->slots; i++) {
      const pm_slot *slot = p->store->slot[i];
      if (slot->role != PM_PARAM)
        continue;
      const char *name = pm_format(p->arena, "%s.%s", prefix, slot->name);
      const pm_tensor *want = parity_vector(p, name);
      if (pass)
        parity_expect(p, pm_slot_read(p->store, slot, gradients, p->arena).data, name, tolerance, scale);
      else
        for (size_t k = 0; k < parity_count(want); k++)
          scale = fmax(scale, fabs((double)((const float *)want->data)[k]));
    }
  assert_true(scale > 0);
}

size_t parity_expect_statistics(const parity *p, const char *prefix, double tolerance) {
  size_t n = 0;
  for (size_t i = 0; i < p->store->slots; i++) {
    const pm_slot *slot = p->store->slot[i];
    if (slot->role != PM_STATE || slot->dtype != PM_F32)
      continue;
    parity_expect(p, pm_slot_read(p->store, slot, p->store->states, p->arena).data,
                  pm_format(p->arena, "%s.%s", prefix, slot->name), tolerance, 0);
    n++;
  }
  return n;
}

void parity_expect_losses(const parity *p, const pm_program *program, pm_value *const *value, size_t n,
                          const char *name, size_t step, double tolerance) {
  const pm_tensor *losses = parity_vector(p, name);
  assert_true(step < losses->shape.dim[0]);
  assert_int_equal(parity_count(losses), losses->shape.dim[0] * n);
  for (size_t k = 0; k < n; k++) {
    float got = *numeric_read(p->arena, p->backend, program, value[k]);
    numeric_expect(pm_format(p->arena, "%s: step %zu: %s on %s", p->file, step, value[k]->name, p->backend->name), &got,
                   (const float *)losses->data + step * n + k, 1, 0, tolerance);
  }
}
