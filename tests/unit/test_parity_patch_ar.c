/* The patch transformer against what PyTorch computed from the same weights, sprites and classes
 * (tests/parity/README.md), on each backend: forward, loss, gradients, 20 steps of Adam, and a whole sampling with
 * guidance, pixel by pixel, which PyTorch did without a cache. */
#include "check.h"
#include "methods/methods.h"
#include "parity.h"

#include <stdlib.h>

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3;

typedef struct {
  const char *file;
  const pm_backend *backend;
} patch_case;

typedef struct {
  parity p;
  void *settings;
  pm_sprite_format format;
  size_t n;
} bench;

static size_t number(const parity *p, const char *key) {
  return strtoul(pm_safetensors_metadata(&p->vectors, key), NULL, 10);
}

static bench open_case(const patch_case *c) {
  bench b = {.p = parity_open(c->file, c->backend)};
  const size_t *d = parity_vector(&b.p, "data")->shape.dim, colours = number(&b.p, "colours");
  b.settings = parity_settings(&b.p, &pm_method_patch_ar);
  b.n = parity_batch_size(&b.p);
  b.format = (pm_sprite_format){.height = d[1],
                                .width = d[2],
                                .channels = 3,
                                .colours = colours,
                                .table = numeric_uniform(b.p.arena, colours * 3, "table", 0, 1),
                                .classes = number(&b.p, "classes")};
  pm_method_patch_ar.check(b.settings, &b.format, c->file);
  return b;
}

static pm_value *index_input(pm_graph *g, const char *name, size_t n) {
  return pm_graph_input(g, name, PM_I32, pm_shape_of(1, n));
}

static pm_value *add_loss(bench *b, pm_graph *g) {
  pm_value *metric[2];
  pm_batch batch = {.format = &b->format,
                    .pixels =
                        pm_graph_input(g, "pixels", PM_U8, pm_shape_of(3, b->n, b->format.height, b->format.width)),
                    .labels = b->format.classes ? index_input(g, "labels", b->n) : NULL,
                    .mirrored = index_input(g, "mirrored flags", b->n),
                    .draws = numeric_draws(g, 1, 0, 0, 0)};
  /* Labels come as the vectors have them: some are the null class already. */
  g->training = false;
  pm_method_patch_ar.loss(g, b->settings, &batch, metric);
  pm_keep(metric[0], "loss");
  pm_gradients(g, metric[0]);
  return metric[0];
}

static void write_batch(const bench *b, size_t step) {
  parity_write_batch(&b->p, "pixels", step);
  parity_write_rows(&b->p, "mirrored flags", "mirrored", step, 1);
  if (b->format.classes)
    parity_write_rows(&b->p, "labels", "labels", step, 1);
}

static void one_step(void **state) {
  bench b = open_case(*state);
  pm_graph *g = pm_graph_new(b.p.arena, b.p.store, true);
  pm_value *loss = add_loss(&b, g), *logits = numeric_node(g, &pm_op_patches_to_pixels_float, 0)->out[0];
  pm_keep(logits, "logits");
  pm_program *program = b.p.backend->compile(g);
  assert_int_equal(parity_write_slots(&b.p, "initial"), b.p.store->slots);
  write_batch(&b, 0);
  b.p.backend->run(program);
  parity_expect_value(&b.p, program, logits, "forward.logits", FORWARD);
  parity_expect_value(&b.p, program, loss, "forward.loss", FORWARD);
  parity_expect_gradients(&b.p, "gradient", GRADIENT);
  b.p.backend->free_program(program);
  parity_close(&b.p);
}

static void trajectory(void **state) {
  bench b = open_case(*state);
  pm_graph *g = pm_graph_new(b.p.arena, b.p.store, true);
  pm_value *loss = add_loss(&b, g);
  parity_add_adam(g, pm_graph_scalar(g, "step", PM_I64));
  pm_program *program = b.p.backend->compile(g);
  assert_int_equal(parity_write_slots(&b.p, "initial"), b.p.store->slots);
  parity_write_rate(&b.p);
  for (size_t step = 0; step < 20; step++) {
    numeric_set(b.p.store, "step", (int64_t)step);
    write_batch(&b, step);
    b.p.backend->run(program);
    parity_expect_losses(&b.p, program, &loss, 1, "trajectory.losses", step, TRAJECTORY);
  }
  b.p.backend->free_program(program);
  parity_close(&b.p);
}

static pm_sampling sampling_of(const bench *b, pm_graph *g) {
  pm_sampling a = {.format = &b->format,
                   .n = b->n,
                   .draws = numeric_draws(g, (int64_t)number(&b->p, "seed"), 0, 0, b->n),
                   .step = pm_graph_scalar(g, "sampling step", PM_I64)};
  if (b->format.classes) {
    a.labels = index_input(g, "wanted", b->n);
    a.labels_and_none = index_input(g, "wanted and none", 2 * b->n);
  }
  return a;
}

static void write_wanted(const bench *b) {
  const int32_t *wanted = parity_vector(&b->p, "sample.labels")->data, none = (int32_t)b->format.classes;
  for (size_t i = 0; i < b->n; i++) {
    pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "wanted"), i, &wanted[i], 1);
    pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "wanted and none"), i, &wanted[i], 1);
    pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "wanted and none"), b->n + i, &none, 1);
  }
}

/* The draws are the program's own: vectors.py computes the same from the seed. */
static void sampling(void **state) {
  bench b = open_case(*state);
  const pm_backend *backend = b.p.backend;
  pm_graph *run = pm_graph_new(b.p.arena, b.p.store, false), *begin = pm_graph_new(b.p.arena, b.p.store, false);
  pm_sampling of_run = sampling_of(&b, run), of_begin = sampling_of(&b, begin);
  pm_method_patch_ar.sample_step(run, b.settings, &of_run);
  pm_method_patch_ar.sample_begin(begin, b.settings, &of_begin);
  pm_program *programs[] = {backend->compile(begin), backend->compile(run)};
  assert_int_equal(parity_write_slots(&b.p, "initial"), b.p.store->slots);
  if (b.format.classes)
    write_wanted(&b);
  const pm_tensor *want = parity_vector(&b.p, "sample.sprites");
  backend->run(programs[0]);
  for (size_t i = 0; i < pm_method_patch_ar.sample_steps(b.settings, &b.format); i++) {
    numeric_set(b.p.store, "sampling step", (int64_t)i);
    backend->run(programs[1]);
  }
  unsigned char *drawn = pm_alloc(b.p.arena, parity_count(want), 1);
  pm_store_read(b.p.store, pm_store_find_buffer(b.p.store, "canvas"), 0, drawn, parity_count(want));
  assert_memory_equal(drawn, want->data, parity_count(want));
  for (size_t i = 0; i < 2; i++)
    backend->free_program(programs[i]);
  parity_close(&b.p);
}

/* The recipe at its full size. */
static void number_of_parameters(void **state) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  const bench b = {.format = {.height = 16, .width = 16, .channels = 3, .colours = 16, .classes = 15}, .n = 1};
  pm_graph *g = pm_graph_new(arena, store, false);
  pm_sampling a = {.format = &b.format,
                   .n = 1,
                   .draws = numeric_draws(g, 1, 0, 0, 1),
                   .step = pm_graph_scalar(g, "sampling step", PM_I64),
                   .labels = index_input(g, "wanted", 1)};
  (void)state;
  pm_method_patch_ar.sample_step(g, numeric_settings(arena, &pm_method_patch_ar, (const char *const[]){NULL}), &a);
  assert_int_equal(pm_store_parameter_count(store), 1207960);
  pm_store_free(store);
  pm_arena_free(arena);
}

int main(void) {
  static const char *const files[] = {"patch_ar_6x8.safetensors", "patch_ar_7x5.safetensors"};
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  static const struct {
    const char *name;
    void (*check)(void **state);
  } checks[] = {{"one step", one_step}, {"20 steps", trajectory}, {"sampling", sampling}};
  enum { FILES = 2, BACKENDS = 3, CHECKS = 3, CASES = FILES * BACKENDS };
  static patch_case cases[CASES];
  static char name[CASES * CHECKS][96];
  struct CMUnitTest tests[CASES * CHECKS + 1];
  for (size_t i = 0; i < CASES * CHECKS; i++) {
    patch_case *c = &cases[i / CHECKS];
    *c = (patch_case){files[i / CHECKS / BACKENDS], backends[i / CHECKS % BACKENDS]};
    snprintf(name[i], sizeof *name, "%s on %s: %s", c->file, c->backend->name, checks[i % CHECKS].name);
    tests[i] = (struct CMUnitTest){name[i], checks[i % CHECKS].check, NULL, NULL, c};
  }
  tests[CASES * CHECKS] = (struct CMUnitTest)cmocka_unit_test(number_of_parameters);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
