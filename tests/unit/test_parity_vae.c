/* The VAE against what PyTorch computed from the same weights, batches and noise (tests/parity/README.md), on each
 * backend: forward, losses, gradients, running statistics, use, and 50 steps of Adam. */
#include "backend/backends.h"
#include "check.h"
#include "io/safetensors.h"
#include "methods/methods.h"
#include "nn/ops.h"

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3, FINAL = 2e-2;

/* One file's case of one loss on one backend. */
typedef struct {
  const char *file, *loss;
  const pm_backend *backend;
} vae_case;

typedef struct {
  const vae_case *c;
  pm_arena *arena;
  pm_safetensors vectors;
  void *settings;
  pm_store *store;
  pm_graph *g;
  pm_value *images, *metric[3], *mu, *logvar, *logits;
} bench;

static const pm_tensor *vector(const bench *b, const char *name) {
  const pm_tensor *tensor = pm_safetensors_find(&b->vectors, name);
  if (!tensor)
    fail_msg("%s has no %s", b->c->file, name);
  return tensor;
}

/* "mse.total" where the case's loss is mse */
static const char *of_loss(const bench *b, const char *what) {
  return pm_format(b->arena, "%s.%s", b->c->loss, what);
}

static double largest(const pm_tensor *tensor) {
  double scale = 0;
  for (size_t i = 0; i < pm_shape_count(tensor->shape); i++)
    scale = fmax(scale, fabs((double)((const float *)tensor->data)[i]));
  return scale;
}

/* Every item within tolerance * scale; scale 0: the vector's largest value. */
static void compare(const bench *b, const float *got, const char *name, double tolerance, double scale) {
  const pm_tensor *want = vector(b, name);
  const float *w = want->data;
  if (scale <= 0)
    scale = largest(want);
  for (size_t i = 0; i < pm_shape_count(want->shape); i++)
    if (!(fabs((double)got[i] - w[i]) <= tolerance * scale))
      fail_msg("%s, %s on %s: %s differs at item %zu: %.9g, PyTorch has %.9g (scale %g)", b->c->file, b->c->loss,
               b->c->backend->name, name, i, (double)got[i], (double)w[i], scale);
}

static void compare_value(const bench *b, pm_program *program, const pm_value *v, const char *name) {
  assert_int_equal(pm_count(v), pm_shape_count(vector(b, name)->shape));
  float *got = pm_alloc(b->arena, pm_count(v), sizeof *got);
  b->c->backend->read_value(program, v, got);
  compare(b, got, name, FORWARD, 0);
}

/* Fills all parameters and states from the tensors "PREFIX.NAME"; those that are not there stay. */
static void write_slots(const bench *b, const char *prefix) {
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    const pm_tensor *tensor = pm_safetensors_find(&b->vectors, pm_format(b->arena, "%s.%s", prefix, slot->name));
    if (!tensor)
      continue;
    assert_true(pm_shape_equal(pm_slot_file_shape(slot), tensor->shape));
    pm_slot_write(b->store, slot, slot->buffer, tensor->data);
  }
}

static bool is_statistic(const pm_slot *slot) {
  return slot->role == PM_STATE && slot->dtype == PM_F32;
}

/* The output of the first node that takes the parameter of this name. */
static pm_value *made_with(const pm_graph *g, const char *parameter) {
  for (size_t i = 0; i < g->nodes; i++)
    for (int k = 0; k < g->node[i]->ins; k++)
      if (g->node[i]->in[k] && g->node[i]->in[k]->name && strcmp(g->node[i]->in[k]->name, parameter) == 0)
        return g->node[i]->out[0];
  fail_msg("no node takes %s", parameter);
  return NULL;
}

/* Has the stored noise, an input "eps", take the place of the numbers that the graph draws. */
static void store_noise(pm_graph *g) {
  static const pm_affine_attributes as_it_is = {1, 0};
  int drawn = 0;
  for (size_t i = 0; i < g->nodes; i++) {
    pm_node *node = g->node[i];
    if (node->op != &pm_op_normal_float)
      continue;
    node->op = &pm_op_affine_float;
    node->attributes = &as_it_is;
    node->ins = 1;
    node->in[0] = pm_graph_input(g, "eps", PM_F32, node->out[0]->shape);
    drawn++;
  }
  assert_int_equal(drawn, 1);
}

static pm_shape batch_shape(const bench *b) {
  pm_shape shape = vector(b, "data")->shape;
  shape.dim[0] = vector(b, "index")->shape.dim[1];
  return shape;
}

static bench open_case(const vae_case *c, bool training) {
  bench b = {.c = c, .arena = pm_arena_new()};
  char problem[256];
  b.vectors = pm_safetensors_read(b.arena, pm_format(b.arena, "tests/parity/data/%s", c->file), false);
  b.settings = pm_alloc(b.arena, 1, pm_method_vae.settings_size);
  pm_options_reset(pm_method_vae.keys, b.settings);
  assert_true(pm_option_set(b.arena, pm_option_find(pm_method_vae.keys, "loss.recon"), b.settings, c->loss, problem));
  b.store = pm_store_new(b.arena, c->backend);
  b.g = pm_graph_new(b.arena, b.store, training);
  b.images = pm_graph_input(b.g, "images", PM_F32, batch_shape(&b));
  return b;
}

static void close_case(bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static void add_loss(bench *b) {
  const size_t *d = b->images->shape.dim;
  pm_sprite_format format = {.height = d[1], .width = d[2], .channels = d[3]};
  pm_batch batch = {.format = &format,
                    .images = b->images,
                    .seed = pm_graph_scalar(b->g, "seed", PM_I64),
                    .step = pm_graph_scalar(b->g, "step", PM_I64),
                    .first = pm_graph_scalar(b->g, "first", PM_I64)};
  pm_method_vae.loss(b->g, b->settings, &batch, b->metric);
  store_noise(b->g);
  b->mu = pm_keep(made_with(b->g, "mu.weight"), "mu");
  b->logvar = pm_keep(made_with(b->g, "logvar.weight"), "logvar");
  b->logits = pm_keep(made_with(b->g, "decoder.3.bias"), "logits");
  for (int k = 0; k < 3; k++)
    pm_keep(b->metric[k], pm_method_vae.metrics[k]);
  pm_gradients(b->g, b->metric[0]);
}

/* The sprites and the noise of a step of the trajectory. */
static void write_batch(const bench *b, size_t step) {
  const pm_tensor *data = vector(b, "data"), *index = vector(b, "index"), *eps = vector(b, "eps");
  size_t n = index->shape.dim[1], sprite = pm_shape_count(data->shape) / data->shape.dim[0];
  size_t noise = n * eps->shape.dim[2];
  for (size_t i = 0; i < n; i++)
    pm_store_write(b->store, b->images->buffer, i * sprite,
                   (const float *)data->data + (size_t)((const int32_t *)index->data)[step * n + i] * sprite, sprite);
  pm_buffer *place = pm_store_find_buffer(b->store, "eps");
  if (place)
    pm_store_write(b->store, place, 0, (const float *)eps->data + step * noise, noise);
}

static void compare_gradients(const bench *b) {
  pm_buffer *gradients = pm_store_find_buffer(b->store, "gradients");
  double scale = 0;
  for (size_t i = 0; i < b->store->slots; i++)
    if (b->store->slot[i]->role == PM_PARAM)
      scale = fmax(scale, largest(vector(b, of_loss(b, pm_format(b->arena, "gradient.%s", b->store->slot[i]->name)))));
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    if (slot->role == PM_PARAM)
      compare(b, pm_slot_read(b->store, slot, gradients, b->arena).data,
              of_loss(b, pm_format(b->arena, "gradient.%s", slot->name)), GRADIENT, scale);
  }
}

static void one_step(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  pm_program *program = b.c->backend->compile(b.g);
  write_slots(&b, "initial");
  write_batch(&b, 0);
  b.c->backend->run(program);
  compare_value(&b, program, b.mu, "forward.mu");
  compare_value(&b, program, b.logvar, "forward.logvar");
  compare_value(&b, program, b.logits, "forward.logits");
  compare_value(&b, program, b.metric[0], of_loss(&b, "total"));
  compare_value(&b, program, b.metric[1], of_loss(&b, "recon"));
  compare_value(&b, program, b.metric[2], "forward.kl");
  compare_gradients(&b);
  for (size_t i = 0; i < b.store->slots; i++)
    if (is_statistic(b.store->slot[i]))
      compare(&b, pm_slot_read(b.store, b.store->slot[i], b.store->states, b.arena).data,
              pm_format(b.arena, "forward.after.%s", b.store->slot[i]->name), FORWARD, 0);
  b.c->backend->free_program(program);
  close_case(&b);
}

static void in_use(void **state) {
  bench b = open_case(*state, false);
  pm_value *images = pm_keep(pm_method_vae.reconstruct(b.g, b.settings, b.images), "images");
  b.mu = pm_keep(made_with(b.g, "mu.weight"), "mu");
  pm_program *program = b.c->backend->compile(b.g);
  write_slots(&b, "initial");
  write_slots(&b, "forward.after");
  write_batch(&b, 0);
  b.c->backend->run(program);
  compare_value(&b, program, b.mu, "eval.mu");
  compare_value(&b, program, images, "eval.images");
  b.c->backend->free_program(program);
  close_case(&b);
}

/* The biases before a BatchNorm walk at random (its mean takes them out), and the running means with them. */
static bool walks(const char *name) {
  return !strcmp(name, "encoder.0.bias") || !strcmp(name, "encoder.3.bias") || !strcmp(name, "decoder.0.bias") ||
         strstr(name, "running_mean");
}

static void compare_final(const bench *b) {
  int compared = 0;
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    const char *name = of_loss(b, pm_format(b->arena, "final.%s", slot->name));
    if (walks(slot->name) || slot->dtype != PM_F32 || !pm_safetensors_find(&b->vectors, name))
      continue;
    compare(b, pm_slot_read(b->store, slot, slot->buffer, b->arena).data, name, FINAL, 0);
    compared++;
  }
  assert_true(compared >= 13);
}

static void trajectory(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  pm_adam_attributes a = {0.9, 0.999, 1e-8, 0, false};
  pm_adam(b.g, pm_graph_block(b.g, "parameters"), pm_graph_block(b.g, "gradients"), pm_graph_block(b.g, "m"),
          pm_graph_block(b.g, "v"), pm_graph_scalar(b.g, "rate", PM_F32), pm_graph_scalar(b.g, "step", PM_I64), a);
  pm_program *program = b.c->backend->compile(b.g);
  write_slots(&b, "initial");
  float rate = 1e-3f;
  pm_store_write(b.store, pm_store_find_buffer(b.store, "rate"), 0, &rate, 1);
  const pm_tensor *losses = vector(&b, of_loss(&b, "trajectory.losses"));
  assert_int_equal(losses->shape.dim[1], 3);
  for (size_t step = 0; step < losses->shape.dim[0]; step++) {
    int64_t number = (int64_t)step;
    pm_store_write(b.store, pm_store_find_buffer(b.store, "step"), 0, &number, 1);
    write_batch(&b, step);
    b.c->backend->run(program);
    for (int k = 0; k < 3; k++) {
      float got, want = ((const float *)losses->data)[step * 3 + (size_t)k];
      b.c->backend->read_value(program, b.metric[k], &got);
      if (!(fabs((double)got - (double)want) <= TRAJECTORY * fabs((double)want)))
        fail_msg("%s, %s on %s: step %zu: %s is %.7g, PyTorch has %.7g", b.c->file, b.c->loss, b.c->backend->name, step,
                 pm_method_vae.metrics[k], (double)got, (double)want);
    }
  }
  compare_final(&b);
  b.c->backend->free_program(program);
  close_case(&b);
}

int main(void) {
  static vae_case cases[] = {{"vae_16x16x3.safetensors", "mse", &pm_backend_cpu},
                             {"vae_16x16x3.safetensors", "bce", &pm_backend_cpu},
                             {"vae_8x12x4.safetensors", "bce", &pm_backend_cpu},
                             {"vae_16x16x3.safetensors", "mse", &pm_backend_reference},
                             {"vae_16x16x3.safetensors", "bce", &pm_backend_reference},
                             {"vae_8x12x4.safetensors", "bce", &pm_backend_reference},
                             {"vae_8x12x4.safetensors", "bce", &pm_backend_double}};
  static const struct {
    const char *name;
    void (*check)(void **state);
  } checks[] = {{"one step", one_step}, {"in use", in_use}, {"50 steps", trajectory}};
  enum { CASES = sizeof cases / sizeof *cases, CHECKS = sizeof checks / sizeof *checks };
  struct CMUnitTest tests[CASES * CHECKS];
  static char name[CASES * CHECKS][96];
  for (size_t i = 0; i < CASES * CHECKS; i++) {
    vae_case *c = &cases[i / CHECKS];
    snprintf(name[i], sizeof *name, "%s, %s on %s: %s", c->file, c->loss, c->backend->name, checks[i % CHECKS].name);
    tests[i] = (struct CMUnitTest){name[i], checks[i % CHECKS].check, NULL, NULL, c};
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
