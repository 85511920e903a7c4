/* The VQ-VAE against what PyTorch computed from the same weights and batches (tests/parity/README.md), on each backend:
 * codes, forward, losses, gradients, running statistics, use, and 50 steps of Adam. */
#include "check.h"
#include "io/safetensors.h"
#include "methods/methods.h"
#include "numeric.h"

#define FILE_NAME "vqvae_8x12x4.safetensors"
enum { METRICS = 5 };
static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3;

typedef struct {
  const pm_backend *backend;
  pm_arena *arena;
  pm_safetensors vectors;
  void *settings;
  pm_store *store;
  pm_graph *g;
  pm_value *images, *metric[METRICS];
} bench;

static const pm_tensor *vector(const bench *b, const char *name) {
  const pm_tensor *tensor = pm_safetensors_find(&b->vectors, name);
  if (!tensor)
    fail_msg(FILE_NAME " has no %s", name);
  return tensor;
}

static size_t count(const pm_tensor *tensor) {
  return pm_shape_count(tensor->shape);
}

/* Over the largest stored item, or over `scale` if that is larger. */
static void compare(const bench *b, const float *got, const char *name, double tolerance, double scale) {
  const pm_tensor *want = vector(b, name);
  numeric_expect(pm_format(b->arena, "%s on %s", name, b->backend->name), got, want->data, count(want), scale,
                 tolerance);
}

static void compare_value(const bench *b, const pm_program *program, const pm_value *v, const char *name) {
  assert_int_equal(pm_count(v), count(vector(b, name)));
  compare(b, numeric_read(b->arena, b->backend, program, v), name, FORWARD, 0);
}

/* All parameters and states "PREFIX.NAME" that are stored; returns how many. */
static size_t write_slots(const bench *b, const char *prefix) {
  size_t written = 0;
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    const pm_tensor *tensor = pm_safetensors_find(&b->vectors, pm_format(b->arena, "%s.%s", prefix, slot->name));
    if (!tensor)
      continue;
    assert_true(pm_shape_equal(pm_slot_file_shape(slot), tensor->shape));
    pm_slot_write(b->store, slot, slot->buffer, tensor->data);
    written++;
  }
  return written;
}

static bench open_case(const pm_backend *backend, bool training) {
  bench b = {.backend = backend, .arena = pm_arena_new()};
  b.vectors = pm_safetensors_read(b.arena, "tests/parity/data/" FILE_NAME, false);
  b.settings = numeric_settings(
      b.arena, &pm_method_vqvae,
      (const char *const[]){"codebook.size", "24", "codebook.width", "8", "loss.commitment", "0.25", NULL});
  assert_string_equal(pm_safetensors_metadata(&b.vectors, "settings"),
                      "codebook.size=24 codebook.width=8 loss.commitment=0.25");
  b.store = pm_store_new(b.arena, backend);
  b.g = pm_graph_new(b.arena, b.store, training);
  pm_shape shape = vector(&b, "data")->shape;
  shape.dim[0] = vector(&b, "index")->shape.dim[1];
  b.images = pm_graph_input(b.g, "images", PM_F32, shape);
  return b;
}

static void close_case(bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static void add_loss(bench *b) {
  const size_t *d = b->images->shape.dim;
  pm_sprite_format format = {.height = d[1], .width = d[2], .channels = d[3]};
  pm_batch batch = {.format = &format, .images = b->images};
  pm_method_vqvae.loss(b->g, b->settings, &batch, b->metric);
  for (int k = 0; k < METRICS; k++)
    pm_keep(b->metric[k], pm_method_vqvae.metrics[k]);
  pm_gradients(b->g, b->metric[0]);
}

/* The sprites of a step of the trajectory. */
static void write_batch(const bench *b, size_t step) {
  const pm_tensor *data = vector(b, "data"), *index = vector(b, "index");
  size_t n = index->shape.dim[1], sprite = count(data) / data->shape.dim[0];
  for (size_t i = 0; i < n; i++)
    pm_store_write(b->store, b->images->buffer, i * sprite,
                   (const float *)data->data + (size_t)((const int32_t *)index->data)[step * n + i] * sprite, sprite);
}

static pm_value *output_of(const bench *b, const pm_op *op, size_t k) {
  pm_node *node = numeric_node(b->g, op, k);
  assert_non_null(node);
  return node->out[0];
}

static void compare_gradients(const bench *b) {
  pm_buffer *gradients = pm_store_find_buffer(b->store, "gradients");
  double scale = 0;
  for (int pass = 0; pass < 2; pass++) /* first the largest of all, which each is measured by */
    for (size_t i = 0; i < b->store->slots; i++) {
      const pm_slot *slot = b->store->slot[i];
      if (slot->role != PM_PARAM)
        continue;
      const char *name = pm_format(b->arena, "gradient.%s", slot->name);
      const pm_tensor *want = vector(b, name);
      if (pass)
        compare(b, pm_slot_read(b->store, slot, gradients, b->arena).data, name, GRADIENT, scale);
      else
        for (size_t k = 0; k < count(want); k++)
          scale = fmax(scale, fabs((double)((const float *)want->data)[k]));
    }
}

static void one_step(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  pm_node *quantiser = numeric_node(b.g, &pm_op_nearest_code_float, 0);
  assert_non_null(quantiser);
  pm_value *index = pm_keep(quantiser->out[0], "index"), *found = pm_keep(quantiser->in[0], "vectors");
  pm_value *codes = pm_keep(output_of(&b, &pm_op_straight_through_float, 0), "codes");
  pm_value *logits = pm_keep(numeric_node(b.g, &pm_op_sigmoid_float, 0)->in[0], "logits");
  pm_program *program = b.backend->compile(b.g);
  assert_int_equal(write_slots(&b, "initial"), b.store->slots);
  write_batch(&b, 0);
  b.backend->run(program);
  compare_value(&b, program, logits, "forward.logits");
  compare_value(&b, program, found, "forward.vectors");
  compare_value(&b, program, codes, "forward.codes");
  int32_t *chosen = pm_alloc(b.arena, pm_count(index), sizeof *chosen);
  b.backend->read_value(program, index, chosen);
  assert_int_equal(pm_count(index), count(vector(&b, "forward.index")));
  assert_memory_equal(chosen, vector(&b, "forward.index")->data, pm_count(index) * sizeof *chosen);
  for (int k = 0; k < METRICS; k++) {
    float got = *numeric_read(b.arena, b.backend, program, b.metric[k]);
    numeric_expect(b.metric[k]->name, &got, (const float *)vector(&b, "forward.losses")->data + k, 1, 0, FORWARD);
  }
  compare_gradients(&b);
  for (size_t i = 0; i < b.store->slots; i++) {
    const pm_slot *slot = b.store->slot[i];
    if (slot->role == PM_STATE && slot->dtype == PM_F32)
      compare(&b, pm_slot_read(b.store, slot, b.store->states, b.arena).data,
              pm_format(b.arena, "forward.after.%s", slot->name), FORWARD, 0);
  }
  b.backend->free_program(program);
  close_case(&b);
}

static void in_use(void **state) {
  bench b = open_case(*state, false);
  pm_value *images = pm_keep(pm_method_vqvae.reconstruct(b.g, b.settings, b.images), "images");
  pm_program *program = b.backend->compile(b.g);
  assert_int_equal(write_slots(&b, "initial"), b.store->slots);
  assert_int_equal(write_slots(&b, "forward.after"), 9);
  write_batch(&b, 0);
  b.backend->run(program);
  compare_value(&b, program, images, "eval.images");
  b.backend->free_program(program);
  close_case(&b);
}

static void trajectory(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  pm_adam(b.g, pm_graph_block(b.g, "parameters"), pm_graph_block(b.g, "gradients"), pm_graph_block(b.g, "m"),
          pm_graph_block(b.g, "v"), pm_graph_scalar(b.g, "rate", PM_F32), numeric_scalar(b.g, "step", 0),
          (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  pm_program *program = b.backend->compile(b.g);
  write_slots(&b, "initial");
  float rate = 1e-3f;
  pm_store_write(b.store, pm_store_find_buffer(b.store, "rate"), 0, &rate, 1);
  const pm_tensor *losses = vector(&b, "trajectory.losses");
  assert_int_equal(losses->shape.dim[0], 50);
  assert_int_equal(losses->shape.dim[1], METRICS);
  for (size_t step = 0; step < losses->shape.dim[0]; step++) {
    numeric_set(b.store, "step", (int64_t)step);
    write_batch(&b, step);
    b.backend->run(program);
    for (size_t k = 0; k < METRICS; k++) {
      float got = *numeric_read(b.arena, b.backend, program, b.metric[k]);
      numeric_expect(pm_format(b.arena, "step %zu: %s on %s", step, b.metric[k]->name, b.backend->name), &got,
                     (const float *)losses->data + step * METRICS + k, 1, 0, TRAJECTORY);
    }
  }
  b.backend->free_program(program);
  close_case(&b);
}

int main(void) {
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  static const struct {
    const char *name;
    void (*check)(void **state);
  } checks[] = {{"one step", one_step}, {"in use", in_use}, {"50 steps", trajectory}};
  enum { BACKENDS = sizeof backends / sizeof *backends, CHECKS = sizeof checks / sizeof *checks };
  struct CMUnitTest tests[BACKENDS * CHECKS];
  static char name[BACKENDS * CHECKS][64];
  for (size_t i = 0; i < BACKENDS * CHECKS; i++) {
    const pm_backend *backend = backends[i / CHECKS];
    snprintf(name[i], sizeof *name, "%s: %s", backend->name, checks[i % CHECKS].name);
    tests[i] = (struct CMUnitTest){name[i], checks[i % CHECKS].check, NULL, NULL, (void *)(size_t)backend};
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
