/* Diffusion models against what PyTorch computed from the same weights, batches, times and noise
 * (tests/parity/README.md), on each backend: the net, the loss, gradients, 20 steps of Adam, and a whole sampling. A
 * file's metadata says which settings it is for. */
#include "check.h"
#include "methods/methods.h"
#include "parity.h"

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3, SAMPLING = 1e-3;

typedef struct {
  const char *file;
  const pm_backend *backend;
} unet_case;

typedef struct {
  parity p;
  void *settings;
  long T; /* times of the process */
  pm_sprite_format format;
} bench;

/* The process' number of times, which the file's times count in. */
static long times_of(const parity *p) {
  const char *at = strstr(pm_safetensors_metadata(&p->vectors, "settings"), "process.steps=");
  assert_non_null(at);
  return atol(strchr(at, '=') + 1);
}

static bool has_vector(const parity *p, const char *name) {
  return pm_safetensors_find(&p->vectors, name) != NULL;
}

static bench open_case(const unet_case *c) {
  bench b = {.p = parity_open(c->file, c->backend)};
  b.settings = parity_settings(&b.p, &pm_method_ddpm);
  b.T = times_of(&b.p);
  const pm_tensor *data = parity_vector(&b.p, "data");
  b.format = (pm_sprite_format){.height = data->shape.dim[1],
                                .width = data->shape.dim[2],
                                .channels = (size_t)atol(pm_safetensors_metadata(&b.p.vectors, "channels")),
                                .classes = (size_t)atol(pm_safetensors_metadata(&b.p.vectors, "classes"))};
  if (data->dtype == PM_U8) {
    b.format.colours = parity_vector(&b.p, "colours")->shape.dim[0];
    b.format.table = parity_vector(&b.p, "colours")->data;
    b.format.colour_shares = has_vector(&b.p, "shares") ? parity_vector(&b.p, "shares")->data : NULL;
  }
  pm_method_ddpm.check(b.settings, &b.format, c->file);
  return b;
}

/* All parameters; the file has them all, and no other. */
static void write_weights(const parity *p) {
  size_t stored = 0;
  assert_int_equal(parity_write_slots(p, "initial"), p->store->slots);
  for (size_t i = 0; i < p->vectors.tensors; i++)
    stored += strncmp(p->vectors.tensor[i].name, "initial.", 8) == 0;
  assert_int_equal(stored, p->store->slots);
}

/* ---- training ---- */

typedef struct {
  pm_graph *g;
  pm_value *loss, *out;
  pm_program *program;
} training;

/* What the last layer says, cropped to the sprite; of an evidence head, what the net adds. */
static pm_value *said(const pm_graph *g) {
  pm_node *crop = numeric_node(g, &pm_op_crop2d_float, 0);
  if (crop)
    return crop->out[0];
  pm_value *last = parity_made_with(g, "conv_out.bias");
  last = last ? last : parity_made_with(g, "out.bias");
  assert_non_null(last);
  return last;
}

static training open_training(bench *b, bool update) {
  const pm_sprite_format *f = &b->format;
  size_t n = parity_batch_size(&b->p);
  training t = {.g = pm_graph_new(b->p.arena, b->p.store, true)};
  pm_graph *g = t.g;
  pm_batch batch = {.format = f, .draws = pm_graph_draws(g, 0)};
  if (f->colours)
    batch.pixels = pm_graph_input(g, "data", PM_U8, pm_shape_of(3, n, f->height, f->width));
  else
    batch.images = pm_graph_input(g, "data", PM_F32, pm_shape_of(4, n, f->height, f->width, f->channels));
  if (f->classes)
    batch.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, n));
  if (has_vector(&b->p, "mirrored"))
    batch.mirrored = pm_graph_input(g, "mirrored", PM_I32, pm_shape_of(1, n));
  pm_method_ddpm.loss(g, b->settings, &batch, &t.loss);
  parity_replace_draws(g, &pm_op_normal_float, "eps");
  parity_replace_draws(g, &pm_op_random_uniform_float, "u");
  pm_keep(t.loss, "loss");
  t.out = pm_keep(said(g), "out");
  pm_gradients(g, t.loss);
  if (update)
    parity_add_adam(g, batch.draws.step);
  t.program = b->p.backend->compile(g);
  write_weights(&b->p);
  return t;
}

static void write_batch(const bench *b, size_t step) {
  const pm_tensor *time = parity_vector(&b->p, "time");
  size_t n = parity_batch_size(&b->p);
  for (size_t i = 0; i < n; i++) {
    float u = ((float)((const int32_t *)time->data)[step * n + i] + 0.5f) / (float)b->T;
    pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "u"), i, &u, 1);
  }
  parity_write_batch(&b->p, "data", step);
  parity_write_rows(&b->p, "eps", "eps", step, 1);
  if (b->format.classes)
    parity_write_rows(&b->p, "labels", "labels", step, 1);
  if (has_vector(&b->p, "mirrored"))
    parity_write_rows(&b->p, "mirrored", "mirrored", step, 1);
}

static void one_step(void **state) {
  bench b = open_case(*state);
  training t = open_training(&b, false);
  write_batch(&b, 0);
  b.p.backend->run(t.program);
  parity_expect_value(&b.p, t.program, t.out, "forward.out", FORWARD);
  parity_expect_value(&b.p, t.program, t.loss, "forward.loss", FORWARD);
  parity_expect_gradients(&b.p, "gradient", GRADIENT);
  b.p.backend->free_program(t.program);
  parity_close(&b.p);
}

static void trajectory(void **state) {
  bench b = open_case(*state);
  training t = open_training(&b, true);
  parity_write_rate(&b.p);
  assert_int_equal(parity_vector(&b.p, "trajectory.losses")->shape.dim[0], 20);
  for (size_t step = 0; step < 20; step++) {
    numeric_set(b.p.store, "step", (int64_t)step);
    write_batch(&b, step);
    b.p.backend->run(t.program);
    parity_expect_losses(&b.p, t.program, &t.loss, 1, "trajectory.losses", step, TRAJECTORY);
  }
  b.p.backend->free_program(t.program);
  parity_close(&b.p);
}

/* ---- sampling ---- */

static pm_sampling sampling_of(const bench *b, pm_graph *g, size_t n) {
  pm_sampling a = {
      .format = &b->format, .n = n, .draws = pm_graph_draws(g, 0), .step = pm_graph_scalar(g, "sampling step", PM_I64)};
  if (b->format.classes) {
    a.labels = pm_graph_input(g, "wanted", PM_I32, pm_shape_of(1, a.n));
    a.labels_and_none = pm_graph_input(g, "wanted and none", PM_I32, pm_shape_of(1, 2 * a.n));
  }
  return a;
}

static void write_wanted(const bench *b) {
  size_t n = parity_batch_size(&b->p);
  const int32_t *wanted = b->format.classes ? parity_vector(&b->p, "sample.labels")->data : NULL;
  for (size_t i = 0; wanted && i < 2 * n; i++) {
    int32_t label = i < n ? wanted[i] : (int32_t)b->format.classes;
    if (i < n)
      pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "wanted"), i, &label, 1);
    pm_store_write(b->p.store, pm_store_find_buffer(b->p.store, "wanted and none"), i, &label, 1);
  }
}

/* What `sample` makes of x: the picture in 0 … 1, or the colour of the largest plane. */
static void compare_images(const bench *b, const float *images, const float *x, size_t planes) {
  const pm_sprite_format *f = &b->format;
  bool unit = strstr(pm_safetensors_metadata(&b->p.vectors, "settings"), "process.range=unit");
  for (size_t p = 0; p < parity_batch_size(&b->p) * f->height * f->width; p++)
    for (size_t k = 0; k < f->channels; k++) {
      size_t best = 0;
      for (size_t c = 1; c < planes; c++)
        if (x[p * planes + c] > x[p * planes + best])
          best = c;
      float v = x[p * planes + k % planes], in_unit = unit ? v : v / 2 + 0.5f;
      float want = f->colours ? f->table[best * f->channels + k] : fminf(fmaxf(in_unit, 0), 1);
      if (!(fabsf(images[p * f->channels + k] - want) <= 1e-6f))
        fail_msg("pixel %zu, channel %zu is %.9g, expected %.9g", p, k, (double)images[p * f->channels + k],
                 (double)want);
    }
}

static void sampling(void **state) {
  bench b = open_case(*state);
  const pm_backend *backend = b.p.backend;
  size_t n = parity_batch_size(&b.p), runs = pm_method_ddpm.sample_steps(b.settings, &b.format);
  pm_graph *run = pm_graph_new(b.p.arena, b.p.store, false), *begin = pm_graph_new(b.p.arena, b.p.store, false),
           *end = pm_graph_new(b.p.arena, b.p.store, false);
  pm_sampling of_run = sampling_of(&b, run, n), of_begin = sampling_of(&b, begin, n), of_end = sampling_of(&b, end, n);
  pm_method_ddpm.sample_step(run, b.settings, &of_run);
  pm_method_ddpm.sample_begin(begin, b.settings, &of_begin);
  pm_value *images = pm_keep(pm_method_ddpm.sample(end, b.settings, &of_end), "images");
  parity_replace_draws(run, &pm_op_normal_float, "noise");
  parity_replace_draws(begin, &pm_op_normal_float, "start");
  pm_program *programs[] = {backend->compile(run), backend->compile(begin), backend->compile(end)};
  write_weights(&b.p);
  parity_write_rows(&b.p, "start", "sample.start", 0, n);
  write_wanted(&b);
  const pm_tensor *want = parity_vector(&b.p, "sample.x");
  assert_int_equal(parity_vector(&b.p, "sample.noise")->shape.dim[0], runs);
  size_t items = pm_shape_count(want->shape);

  backend->run(programs[1]);
  for (size_t i = 0; i < runs; i++) {
    parity_write_rows(&b.p, "noise", "sample.noise", i, 1);
    numeric_set(b.p.store, "sampling step", (int64_t)i);
    backend->run(programs[0]);
  }
  backend->run(programs[2]);
  float *x = pm_alloc(b.p.arena, items, sizeof *x);
  pm_store_read(b.p.store, pm_store_find_buffer(b.p.store, "sample x"), 0, x, items);
  parity_expect(&b.p, x, "sample.x", SAMPLING, 1);
  float *planes = x; /* of which the largest is the colour */
  size_t count = want->shape.dim[3];
  if (has_vector(&b.p, "sample.logits")) {
    count = b.format.colours;
    planes = pm_alloc(b.p.arena, items / want->shape.dim[3] * count, sizeof *planes);
    pm_store_read(b.p.store, pm_store_find_buffer(b.p.store, "sample logits"), 0, planes,
                  items / want->shape.dim[3] * count);
    parity_expect(&b.p, planes, "sample.logits", SAMPLING, 1);
  }
  compare_images(&b, numeric_read(b.p.arena, backend, programs[2], images), planes, count);
  for (size_t i = 0; i < 3; i++)
    backend->free_program(programs[i]);
  parity_close(&b.p);
}

static void check_parameters(const char *model, size_t side, size_t classes, size_t parameters) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  const bench b = {.format = {.height = side, .width = side, .channels = 3, .classes = classes}};
  pm_graph *g = pm_graph_new(arena, store, false);
  pm_sampling a = sampling_of(&b, g, 1);
  pm_method_ddpm.sample_step(g, numeric_settings(arena, &pm_method_ddpm, (const char *const[]){"model", model, NULL}),
                             &a);
  assert_int_equal(pm_store_parameter_count(store), parameters);
  pm_store_free(store);
  pm_arena_free(arena);
}

/* The published models, at their full size. */
static void number_of_parameters(void **state) {
  (void)state;
  check_parameters("unet", 16, 8, 7459139);
  check_parameters("unet", 16, 0, 7459139 - 9 * 128);
  check_parameters("tiny-denoiser", 32, 0, 229251);
}

int main(void) {
  static const char *const files[] = {"unet_8x8x3.safetensors",      "unet_10x6x4.safetensors",
                                      "denoiser_8x12x3.safetensors", "denoiser_one_hot.safetensors",
                                      "unet_evidence.safetensors",   "unet_evidence_bits.safetensors"};
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  static const struct {
    const char *name;
    void (*check)(void **state);
  } checks[] = {{"one step", one_step}, {"20 steps", trajectory}, {"sampling", sampling}};
  enum { FILES = sizeof files / sizeof *files, BACKENDS = 3, CHECKS = 3, CASES = FILES * BACKENDS };
  static unet_case cases[CASES];
  static char name[CASES * CHECKS][96];
  struct CMUnitTest tests[CASES * CHECKS + 1];
  for (size_t i = 0; i < CASES * CHECKS; i++) {
    unet_case *c = &cases[i / CHECKS];
    *c = (unet_case){files[i / CHECKS / BACKENDS], backends[i / CHECKS % BACKENDS]};
    snprintf(name[i], sizeof *name, "%s on %s: %s", c->file, c->backend->name, checks[i % CHECKS].name);
    tests[i] = (struct CMUnitTest){name[i], checks[i % CHECKS].check, NULL, NULL, c};
  }
  tests[CASES * CHECKS] = (struct CMUnitTest)cmocka_unit_test(number_of_parameters);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
