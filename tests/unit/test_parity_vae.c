/* The VAE against what PyTorch computed from the same weights, batches and noise (tests/parity/README.md), on each
 * backend: forward, losses, gradients, running statistics, use, and 50 steps of Adam. */
#include "check.h"
#include "methods/methods.h"
#include "parity.h"

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3, FINAL = 2e-2;

/* One file's case of one loss on one backend. */
typedef struct {
  const char *file, *loss;
  const pm_backend *backend;
} vae_case;

typedef struct {
  parity p;
  const char *loss;
  void *settings;
  pm_graph *g;
  pm_value *images, *metric[3], *mu, *logvar, *logits;
} bench;

/* "mse.total" where the case's loss is mse */
static const char *of_loss(const bench *b, const char *what) {
  return pm_format(b->p.arena, "%s.%s", b->loss, what);
}

static bench open_case(const vae_case *c, bool training) {
  bench b = {.p = parity_open(c->file, c->backend), .loss = c->loss};
  b.settings = numeric_settings(b.p.arena, &pm_method_vae, (const char *const[]){"loss.recon", c->loss, NULL});
  b.g = pm_graph_new(b.p.arena, b.p.store, training);
  pm_shape shape = parity_vector(&b.p, "data")->shape;
  shape.dim[0] = parity_batch_size(&b.p);
  b.images = pm_graph_input(b.g, "images", PM_F32, shape);
  return b;
}

static void add_loss(bench *b) {
  const size_t *d = b->images->shape.dim;
  pm_sprite_format format = {.height = d[1], .width = d[2], .channels = d[3]};
  pm_batch batch = {.format = &format, .images = b->images, .draws = pm_graph_draws(b->g, 0)};
  pm_method_vae.loss(b->g, b->settings, &batch, b->metric);
  parity_replace_draws(b->g, &pm_op_normal_float, "eps");
  b->mu = pm_keep(parity_made_with(b->g, "mu.weight"), "mu");
  b->logvar = pm_keep(parity_made_with(b->g, "logvar.weight"), "logvar");
  b->logits = pm_keep(parity_made_with(b->g, "decoder.3.bias"), "logits");
  for (int k = 0; k < 3; k++)
    pm_keep(b->metric[k], pm_method_vae.metrics[k]);
  pm_gradients(b->g, b->metric[0]);
}

static void write_batch(const bench *b, size_t step) {
  parity_write_batch(&b->p, "images", step);
  parity_write_rows(&b->p, "eps", "eps", step, 1);
}

static void one_step(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  pm_program *program = b.p.backend->compile(b.g);
  parity_write_slots(&b.p, "initial");
  write_batch(&b, 0);
  b.p.backend->run(program);
  parity_expect_value(&b.p, program, b.mu, "forward.mu", FORWARD);
  parity_expect_value(&b.p, program, b.logvar, "forward.logvar", FORWARD);
  parity_expect_value(&b.p, program, b.logits, "forward.logits", FORWARD);
  parity_expect_value(&b.p, program, b.metric[0], of_loss(&b, "total"), FORWARD);
  parity_expect_value(&b.p, program, b.metric[1], of_loss(&b, "recon"), FORWARD);
  parity_expect_value(&b.p, program, b.metric[2], "forward.kl", FORWARD);
  parity_expect_gradients(&b.p, of_loss(&b, "gradient"), GRADIENT);
  assert_true(parity_expect_statistics(&b.p, "forward.after", FORWARD) >= 6);
  b.p.backend->free_program(program);
  parity_close(&b.p);
}

static void in_use(void **state) {
  bench b = open_case(*state, false);
  pm_value *images = pm_keep(pm_method_vae.reconstruct(b.g, b.settings, b.images), "images");
  b.mu = pm_keep(parity_made_with(b.g, "mu.weight"), "mu");
  pm_program *program = b.p.backend->compile(b.g);
  parity_write_slots(&b.p, "initial");
  parity_write_slots(&b.p, "forward.after");
  parity_write_batch(&b.p, "images", 0);
  b.p.backend->run(program);
  parity_expect_value(&b.p, program, b.mu, "eval.mu", FORWARD);
  parity_expect_value(&b.p, program, images, "eval.images", FORWARD);
  b.p.backend->free_program(program);
  parity_close(&b.p);
}

/* The biases before a BatchNorm walk at random (its mean takes them out), and the running means with them. */
static bool walks(const char *name) {
  return !strcmp(name, "encoder.0.bias") || !strcmp(name, "encoder.3.bias") || !strcmp(name, "decoder.0.bias") ||
         strstr(name, "running_mean");
}

static void compare_final(const bench *b) {
  int compared = 0;
  for (size_t i = 0; i < b->p.store->slots; i++) {
    const pm_slot *slot = b->p.store->slot[i];
    const char *name = of_loss(b, pm_format(b->p.arena, "final.%s", slot->name));
    if (walks(slot->name) || slot->dtype != PM_F32 || !pm_safetensors_find(&b->p.vectors, name))
      continue;
    parity_expect(&b->p, pm_slot_read(b->p.store, slot, slot->buffer, b->p.arena).data, name, FINAL, 0);
    compared++;
  }
  assert_true(compared >= 13);
}

static void trajectory(void **state) {
  bench b = open_case(*state, true);
  add_loss(&b);
  parity_add_adam(b.g, pm_graph_scalar(b.g, "step", PM_I64));
  pm_program *program = b.p.backend->compile(b.g);
  parity_write_slots(&b.p, "initial");
  parity_write_rate(&b.p);
  for (size_t step = 0; step < 50; step++) {
    numeric_set(b.p.store, "step", (int64_t)step);
    write_batch(&b, step);
    b.p.backend->run(program);
    parity_expect_losses(&b.p, program, b.metric, 3, of_loss(&b, "trajectory.losses"), step, TRAJECTORY);
  }
  compare_final(&b);
  b.p.backend->free_program(program);
  parity_close(&b.p);
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
