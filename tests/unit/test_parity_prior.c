/* The prior against what PyTorch computed from the same weights, codes and classes (tests/parity/README.md), on each
 * backend: forward, loss, gradients, and 50 steps of Adam. */
#include "check.h"
#include "methods/methods.h"
#include "parity.h"

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3;

/* In the place of a VQ-VAE: its codes are given. */
typedef struct {
  pm_value *codes;
} given;

static pm_code_format given_format(const void *settings, const pm_sprite_format *format) {
  const given *s = settings;
  (void)format;
  return (pm_code_format){s->codes->shape.dim[1], s->codes->shape.dim[2], 17};
}
static pm_value *given_codes(pm_graph *g, const void *settings, pm_value *images) {
  const given *s = settings;
  (void)g, (void)images;
  return s->codes;
}
static const pm_method given_method = {.name = "given", .codes = given_format, .encode = given_codes};

typedef struct {
  parity p;
  void *settings;
  pm_store *none; /* the VQ-VAE's weights */
  given given;
  pm_sprite_format format;
  pm_base base;
  pm_graph *g;
  pm_value *metric[2];
} bench;

static void add_loss(bench *b, size_t n) {
  pm_graph *g = b->g;
  pm_batch batch = {.format = &b->format,
                    .images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, n, (size_t)4, (size_t)4, (size_t)3)),
                    .labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, n)),
                    .draws = numeric_draws(g, 1, 0, 0, 0)};
  pm_method_prior.loss(g, b->settings, &batch, b->metric);
  pm_keep(b->metric[0], "cross-entropy");
  pm_keep(b->metric[1], "bits");
  pm_gradients(g, b->metric[0]);
}

static bench *open_case(const pm_backend *backend) {
  parity p = parity_open("prior_2x3.safetensors", backend);
  bench *b = pm_alloc(p.arena, 1, sizeof *b);
  b->p = p;
  b->settings = parity_settings(&b->p, &pm_method_prior);
  b->g = pm_graph_new(p.arena, p.store, true);
  pm_shape shape = parity_vector(&b->p, "data")->shape;
  shape.dim[0] = parity_batch_size(&b->p);
  b->given.codes = pm_graph_input(b->g, "codes", PM_I32, shape);
  b->none = pm_store_new(p.arena, backend);
  b->none->sealed = true;
  b->format = (pm_sprite_format){.height = 4, .width = 4, .channels = 3, .classes = 3};
  b->base = (pm_base){&given_method, &b->given, &b->format, "0123456789abcdef", b->none};
  pm_method_prior.rest_on(b->settings, &b->base, "given");
  pm_method_prior.check(b->settings, &b->format, "given");
  add_loss(b, shape.dim[0]);
  return b;
}

static void close_case(bench *b, pm_program *program) {
  b->p.backend->free_program(program);
  pm_store_free(b->none);
  parity p = b->p; /* the bench lies in its arena */
  parity_close(&p);
}

static void write_batch(const bench *b, size_t step) {
  parity_write_batch(&b->p, "codes", step);
  parity_write_rows(&b->p, "labels", "labels", step, 1);
}

static void one_step(void **state) {
  bench *b = open_case(*state);
  const parity *p = &b->p;
  pm_value *logits = parity_made_with(b->g, "head.bias");
  assert_non_null(logits);
  pm_keep(logits, "logits");
  pm_program *program = p->backend->compile(b->g);
  assert_int_equal(parity_write_slots(p, "initial"), p->store->slots);
  write_batch(b, 0);
  p->backend->run(program);
  parity_expect_value(p, program, logits, "forward.logits", FORWARD);
  parity_expect_value(p, program, b->metric[0], "forward.loss", FORWARD);
  double nats = *numeric_read(p->arena, p->backend, program, b->metric[0]);
  double bits = *numeric_read(p->arena, p->backend, program, b->metric[1]);
  assert_true(fabs(bits * log(2) - nats) < 1e-6);
  parity_expect_gradients(p, "gradient", GRADIENT);
  close_case(b, program);
}

static void trajectory(void **state) {
  bench *b = open_case(*state);
  const parity *p = &b->p;
  parity_add_adam(b->g, pm_graph_scalar(b->g, "step", PM_I64));
  pm_program *program = p->backend->compile(b->g);
  assert_int_equal(parity_write_slots(p, "initial"), p->store->slots);
  parity_write_rate(p);
  for (size_t step = 0; step < 50; step++) {
    numeric_set(p->store, "step", (int64_t)step);
    write_batch(b, step);
    p->backend->run(program);
    parity_expect_losses(p, program, b->metric, 1, "trajectory.losses", step, TRAJECTORY);
  }
  close_case(b, program);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      {"cpu: one step", one_step, NULL, NULL, (void *)(size_t)&pm_backend_cpu},
      {"cpu: 50 steps", trajectory, NULL, NULL, (void *)(size_t)&pm_backend_cpu},
      {"reference: one step", one_step, NULL, NULL, (void *)(size_t)&pm_backend_reference},
      {"reference: 50 steps", trajectory, NULL, NULL, (void *)(size_t)&pm_backend_reference},
      {"double: one step", one_step, NULL, NULL, (void *)(size_t)&pm_backend_double},
      {"double: 50 steps", trajectory, NULL, NULL, (void *)(size_t)&pm_backend_double},
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
