/* The VQ-VAE against what PyTorch computed from the same weights and batches (tests/parity/README.md), on each backend:
 * codes, forward, losses, gradients, running statistics, use, and 50 steps of Adam. */
#include "check.h"
#include "methods/methods.h"
#include "parity.h"

enum { METRICS = 5 };
static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3;

typedef struct {
  parity p;
  void *settings;
  pm_graph *g;
  pm_value *images, *metric[METRICS];
} bench;

static bench open_case(const pm_backend *backend, bool training) {
  bench b = {.p = parity_open("vqvae_8x12x4.safetensors", backend)};
  b.settings = parity_settings(&b.p, &pm_method_vqvae);
  b.g = pm_graph_new(b.p.arena, b.p.store, training);
  pm_shape shape = parity_vector(&b.p, "data")->shape;
  shape.dim[0] = parity_batch_size(&b.p);
  b.images = pm_graph_input(b.g, "images", PM_F32, shape);
  return b;
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

static pm_value *output_of(const bench *b, const pm_op *op, size_t k) {
  pm_node *node = numeric_node(b->g, op, k);
  assert_non_null(node);
  return node->out[0];
}

static void one_step(void **state) {
  bench b = open_case(*state, true);
  const parity *p = &b.p;
  add_loss(&b);
  pm_node *quantiser = numeric_node(b.g, &pm_op_nearest_code_float, 0);
  assert_non_null(quantiser);
  pm_value *index = pm_keep(quantiser->out[0], "index"), *found = pm_keep(quantiser->in[0], "vectors");
  pm_value *codes = pm_keep(output_of(&b, &pm_op_straight_through_float, 0), "codes");
  pm_value *logits = pm_keep(numeric_node(b.g, &pm_op_sigmoid_float, 0)->in[0], "logits");
  pm_program *program = p->backend->compile(b.g);
  assert_int_equal(parity_write_slots(p, "initial"), p->store->slots);
  parity_write_batch(p, "images", 0);
  p->backend->run(program);
  parity_expect_value(p, program, logits, "forward.logits", FORWARD);
  parity_expect_value(p, program, found, "forward.vectors", FORWARD);
  parity_expect_value(p, program, codes, "forward.codes", FORWARD);
  int32_t *chosen = pm_alloc(p->arena, pm_count(index), sizeof *chosen);
  p->backend->read_value(program, index, chosen);
  assert_int_equal(pm_count(index), parity_count(parity_vector(p, "forward.index")));
  assert_memory_equal(chosen, parity_vector(p, "forward.index")->data, pm_count(index) * sizeof *chosen);
  for (int k = 0; k < METRICS; k++) {
    float got = *numeric_read(p->arena, p->backend, program, b.metric[k]);
    numeric_expect(b.metric[k]->name, &got, (const float *)parity_vector(p, "forward.losses")->data + k, 1, 0, FORWARD);
  }
  parity_expect_gradients(p, "gradient", GRADIENT);
  assert_int_equal(parity_expect_statistics(p, "forward.after", FORWARD), 6);
  p->backend->free_program(program);
  parity_close(&b.p);
}

static void in_use(void **state) {
  bench b = open_case(*state, false);
  pm_value *images = pm_keep(pm_method_vqvae.reconstruct(b.g, b.settings, b.images), "images");
  pm_program *program = b.p.backend->compile(b.g);
  assert_int_equal(parity_write_slots(&b.p, "initial"), b.p.store->slots);
  assert_int_equal(parity_write_slots(&b.p, "forward.after"), 9);
  parity_write_batch(&b.p, "images", 0);
  b.p.backend->run(program);
  parity_expect_value(&b.p, program, images, "eval.images", FORWARD);
  b.p.backend->free_program(program);
  parity_close(&b.p);
}

static void trajectory(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  parity_add_adam(b.g, numeric_scalar(b.g, "step", 0));
  pm_program *program = b.p.backend->compile(b.g);
  parity_write_slots(&b.p, "initial");
  parity_write_rate(&b.p);
  for (size_t step = 0; step < 50; step++) {
    numeric_set(b.p.store, "step", (int64_t)step);
    parity_write_batch(&b.p, "images", step);
    b.p.backend->run(program);
    parity_expect_losses(&b.p, program, b.metric, METRICS, "trajectory.losses", step, TRAJECTORY);
  }
  b.p.backend->free_program(program);
  parity_close(&b.p);
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
