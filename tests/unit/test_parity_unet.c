/* Diffusion models against what PyTorch computed from the same weights, batches, times and noise
 * (tests/parity/README.md), on each backend: the net, the loss, gradients, 20 steps of Adam, and a whole sampling. A
 * file's metadata says which settings it is for. */
#include "backend/backends.h"
#include "check.h"
#include "io/safetensors.h"
#include "methods/methods.h"
#include "numeric.h"

static const double FORWARD = 1e-5, GRADIENT = 1e-4, TRAJECTORY = 1e-3, SAMPLING = 1e-3;

typedef struct {
  const char *file;
  const pm_backend *backend;
} unet_case;

typedef struct {
  const unet_case *c;
  pm_arena *arena;
  pm_safetensors vectors;
  void *settings;
  long T; /* times of the process */
  pm_sprite_format format;
  pm_store *store;
} bench;

static const pm_tensor *vector(const bench *b, const char *name) {
  const pm_tensor *tensor = pm_safetensors_find(&b->vectors, name);
  if (!tensor)
    fail_msg("%s has no %s", b->c->file, name);
  return tensor;
}

static double largest(const pm_tensor *tensor) {
  double scale = 0;
  for (size_t i = 0; i < pm_shape_count(tensor->shape); i++)
    scale = fmax(scale, fabs((double)((const float *)tensor->data)[i]));
  return scale;
}

/* Every item within tolerance * scale. */
static void compare(const bench *b, const float *got, const char *name, double tolerance, double scale) {
  const pm_tensor *want = vector(b, name);
  const float *w = want->data;
  for (size_t i = 0; i < pm_shape_count(want->shape); i++)
    if (!(fabs((double)got[i] - w[i]) <= tolerance * scale))
      fail_msg("%s on %s: %s differs at item %zu: %.9g, PyTorch has %.9g (scale %g)", b->c->file, b->c->backend->name,
               name, i, (double)got[i], (double)w[i], scale);
}

static void compare_value(const bench *b, pm_program *program, const pm_value *v, const char *name, double tolerance) {
  assert_true(pm_count(v) == pm_shape_count(vector(b, name)->shape));
  compare(b, numeric_read(b->arena, b->c->backend, program, v), name, tolerance, largest(vector(b, name)));
}

/* "key=value key=value …" */
static void read_settings(bench *b) {
  const char *pairs[64];
  size_t n = 0;
  char *text = pm_copy_text(b->arena, pm_safetensors_metadata(&b->vectors, "settings")), *rest;
  for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(word, '=');
    assert_non_null(equals);
    *equals = 0;
    assert_true(n + 2 < sizeof pairs / sizeof *pairs);
    pairs[n++] = word;
    pairs[n++] = equals + 1;
    if (strcmp(word, "process.steps") == 0)
      b->T = atol(equals + 1);
  }
  pairs[n] = NULL;
  b->settings = numeric_settings(b->arena, &pm_method_ddpm, pairs);
}

static bench open_case(const unet_case *c) {
  bench b = {.c = c, .arena = pm_arena_new()};
  b.vectors = pm_safetensors_read(b.arena, pm_format(b.arena, "tests/parity/data/%s", c->file), false);
  read_settings(&b);
  const pm_tensor *data = vector(&b, "data");
  b.format = (pm_sprite_format){.height = data->shape.dim[1],
                                .width = data->shape.dim[2],
                                .channels = (size_t)atol(pm_safetensors_metadata(&b.vectors, "channels")),
                                .classes = (size_t)atol(pm_safetensors_metadata(&b.vectors, "classes"))};
  if (data->dtype == PM_U8) {
    b.format.colours = vector(&b, "colours")->shape.dim[0];
    b.format.table = vector(&b, "colours")->data;
  }
  b.store = pm_store_new(b.arena, c->backend);
  pm_method_ddpm.check(b.settings, &b.format, c->file);
  return b;
}

static void close_case(bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static size_t batch_size(const bench *b) {
  return vector(b, "index")->shape.dim[1];
}

/* Has an input of that name take the place of the numbers that the graph's only node of this op draws. */
static void store_draws(pm_graph *g, const pm_op *op, const char *name) {
  static const pm_affine_attributes as_it_is = {1, 0};
  pm_node *node = numeric_node(g, op, 0);
  assert_non_null(node);
  assert_null(numeric_node(g, op, 1));
  node->op = &pm_op_affine_float;
  node->attributes = &as_it_is;
  node->ins = 1;
  node->in[0] = pm_graph_input(g, name, PM_F32, node->out[0]->shape);
}

/* All parameters; the file has them all, and no other. */
static void write_weights(const bench *b) {
  size_t stored = 0;
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    const pm_tensor *tensor = vector(b, pm_format(b->arena, "initial.%s", slot->name));
    assert_true(pm_shape_equal(pm_slot_file_shape(slot), tensor->shape));
    pm_slot_write(b->store, slot, slot->buffer, tensor->data);
  }
  for (size_t i = 0; i < b->vectors.tensors; i++)
    stored += strncmp(b->vectors.tensor[i].name, "initial.", 8) == 0;
  assert_int_equal(stored, b->store->slots);
}

/* Items first … first + n - 1 of a stored tensor's first axis into an input, which they fill. */
static void write_rows(const bench *b, const char *input, const char *name, size_t first, size_t n) {
  const pm_tensor *t = vector(b, name);
  pm_buffer *buffer = pm_store_find_buffer(b->store, input);
  size_t row = pm_shape_count(t->shape) / t->shape.dim[0];
  assert_non_null(buffer);
  assert_true(first + n <= t->shape.dim[0] && n * row == buffer->count);
  pm_store_write(b->store, buffer, 0, (const char *)t->data + first * row * pm_dtype_size(t->dtype), n * row);
}

/* ---- training ---- */

typedef struct {
  pm_graph *g;
  pm_value *loss, *out;
  pm_program *program;
} training;

/* What the last layer says, cropped to the sprite. */
static pm_value *said(const pm_graph *g) {
  pm_node *crop = numeric_node(g, &pm_op_crop2d_float, 0);
  if (crop)
    return crop->out[0];
  for (size_t i = 0; i < g->nodes; i++)
    for (int k = 0; k < g->node[i]->ins; k++) {
      const char *name = g->node[i]->in[k] ? g->node[i]->in[k]->name : NULL;
      if (name && (!strcmp(name, "conv_out.bias") || !strcmp(name, "out.bias")))
        return g->node[i]->out[0];
    }
  fail_msg("no last layer");
  return NULL;
}

static training open_training(bench *b, bool update) {
  const pm_sprite_format *f = &b->format;
  size_t n = batch_size(b);
  training t = {.g = pm_graph_new(b->arena, b->store, true)};
  pm_graph *g = t.g;
  pm_batch batch = {.format = f,
                    .seed = pm_graph_scalar(g, "seed", PM_I64),
                    .step = pm_graph_scalar(g, "step", PM_I64),
                    .first = pm_graph_scalar(g, "first", PM_I64)};
  if (f->colours)
    batch.pixels = pm_graph_input(g, "data", PM_U8, pm_shape_of(3, n, f->height, f->width));
  else
    batch.images = pm_graph_input(g, "data", PM_F32, pm_shape_of(4, n, f->height, f->width, f->channels));
  if (f->classes)
    batch.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, n));
  pm_method_ddpm.loss(g, b->settings, &batch, &t.loss);
  store_draws(g, &pm_op_normal_float, "eps");
  store_draws(g, &pm_op_random_uniform_float, "u");
  pm_keep(t.loss, "loss");
  t.out = pm_keep(said(g), "out");
  pm_gradients(g, t.loss);
  if (update)
    pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
            pm_graph_block(g, "v"), pm_graph_scalar(g, "rate", PM_F32), batch.step,
            (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  t.program = b->c->backend->compile(g);
  write_weights(b);
  return t;
}

static void write_batch(const bench *b, size_t step) {
  const pm_tensor *data = vector(b, "data"), *index = vector(b, "index"), *time = vector(b, "time");
  size_t n = batch_size(b), sprite = pm_shape_count(data->shape) / data->shape.dim[0];
  const int32_t *which = (const int32_t *)index->data + step * n;
  for (size_t i = 0; i < n; i++) {
    float u = ((float)((const int32_t *)time->data)[step * n + i] + 0.5f) / (float)b->T;
    pm_store_write(b->store, pm_store_find_buffer(b->store, "u"), i, &u, 1);
    pm_store_write(b->store, pm_store_find_buffer(b->store, "data"), i * sprite,
                   (const char *)data->data + (size_t)which[i] * sprite * pm_dtype_size(data->dtype), sprite);
  }
  write_rows(b, "eps", "eps", step, 1);
  if (b->format.classes)
    write_rows(b, "labels", "labels", step, 1);
}

static void one_step(void **state) {
  bench b = open_case(*state);
  training t = open_training(&b, false);
  write_batch(&b, 0);
  b.c->backend->run(t.program);
  compare_value(&b, t.program, t.out, "forward.out", FORWARD);
  compare_value(&b, t.program, t.loss, "forward.loss", FORWARD);
  pm_buffer *gradients = pm_store_find_buffer(b.store, "gradients");
  double scale = 0;
  for (size_t i = 0; i < b.store->slots; i++)
    scale = fmax(scale, largest(vector(&b, pm_format(b.arena, "gradient.%s", b.store->slot[i]->name))));
  for (size_t i = 0; i < b.store->slots; i++) {
    const pm_slot *slot = b.store->slot[i];
    compare(&b, pm_slot_read(b.store, slot, gradients, b.arena).data, pm_format(b.arena, "gradient.%s", slot->name),
            GRADIENT, scale);
  }
  b.c->backend->free_program(t.program);
  close_case(&b);
}

static void trajectory(void **state) {
  bench b = open_case(*state);
  training t = open_training(&b, true);
  const float rate = 1e-3f;
  pm_store_write(b.store, pm_store_find_buffer(b.store, "rate"), 0, &rate, 1);
  const pm_tensor *losses = vector(&b, "trajectory.losses");
  assert_int_equal(losses->shape.dim[0], 20);
  for (size_t step = 0; step < 20; step++) {
    float got, want = ((const float *)losses->data)[step];
    numeric_set(b.store, "step", (int64_t)step);
    write_batch(&b, step);
    b.c->backend->run(t.program);
    b.c->backend->read_value(t.program, t.loss, &got);
    if (!(fabs((double)got - (double)want) <= TRAJECTORY * fabs((double)want)))
      fail_msg("%s on %s: step %zu: the loss is %.7g, PyTorch has %.7g", b.c->file, b.c->backend->name, step,
               (double)got, (double)want);
  }
  b.c->backend->free_program(t.program);
  close_case(&b);
}

/* ---- sampling ---- */

static pm_sampling sampling_of(const bench *b, pm_graph *g, size_t n) {
  pm_sampling a = {.format = &b->format,
                   .n = n,
                   .seed = pm_graph_scalar(g, "seed", PM_I64),
                   .step = pm_graph_scalar(g, "step", PM_I64),
                   .first = pm_graph_scalar(g, "first", PM_I64),
                   .run = pm_graph_scalar(g, "run", PM_I64)};
  if (b->format.classes) {
    a.labels = pm_graph_input(g, "wanted", PM_I32, pm_shape_of(1, a.n));
    a.labels_and_none = pm_graph_input(g, "wanted and none", PM_I32, pm_shape_of(1, 2 * a.n));
  }
  return a;
}

static void write_wanted(const bench *b) {
  size_t n = batch_size(b);
  const int32_t *wanted = b->format.classes ? vector(b, "sample.labels")->data : NULL;
  for (size_t i = 0; wanted && i < 2 * n; i++) {
    int32_t label = i < n ? wanted[i] : (int32_t)b->format.classes;
    if (i < n)
      pm_store_write(b->store, pm_store_find_buffer(b->store, "wanted"), i, &label, 1);
    pm_store_write(b->store, pm_store_find_buffer(b->store, "wanted and none"), i, &label, 1);
  }
}

/* What `sample` makes of x: the picture in 0 … 1, or the colour of the largest plane. */
static void compare_images(const bench *b, const float *images, const float *x, size_t planes) {
  const pm_sprite_format *f = &b->format;
  bool unit = strstr(pm_safetensors_metadata(&b->vectors, "settings"), "process.range=unit");
  for (size_t p = 0; p < batch_size(b) * f->height * f->width; p++)
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
  const pm_backend *backend = b.c->backend;
  size_t n = batch_size(&b), runs = pm_method_ddpm.sample_runs(b.settings);
  pm_graph *run = pm_graph_new(b.arena, b.store, false), *begin = pm_graph_new(b.arena, b.store, false),
           *end = pm_graph_new(b.arena, b.store, false);
  pm_sampling of_run = sampling_of(&b, run, n), of_begin = sampling_of(&b, begin, n), of_end = sampling_of(&b, end, n);
  pm_method_ddpm.sample_run(run, b.settings, &of_run);
  pm_method_ddpm.sample_begin(begin, b.settings, &of_begin);
  pm_value *images = pm_keep(pm_method_ddpm.sample(end, b.settings, &of_end), "images");
  store_draws(run, &pm_op_normal_float, "noise");
  store_draws(begin, &pm_op_normal_float, "start");
  pm_program *programs[] = {backend->compile(run), backend->compile(begin), backend->compile(end)};
  write_weights(&b);
  write_rows(&b, "start", "sample.start", 0, n);
  write_wanted(&b);
  const pm_tensor *want = vector(&b, "sample.x");
  assert_int_equal(vector(&b, "sample.noise")->shape.dim[0], runs);
  size_t items = pm_shape_count(want->shape);

  backend->run(programs[1]);
  for (size_t i = 0; i < runs; i++) {
    write_rows(&b, "noise", "sample.noise", i, 1);
    numeric_set(b.store, "run", (int64_t)i);
    backend->run(programs[0]);
  }
  backend->run(programs[2]);
  float *x = pm_alloc(b.arena, items, sizeof *x);
  pm_store_read(b.store, pm_store_find_buffer(b.store, "sample x"), 0, x, items);
  compare(&b, x, "sample.x", SAMPLING, 1);
  compare_images(&b, numeric_read(b.arena, backend, programs[2], images), x, want->shape.dim[3]);
  for (size_t i = 0; i < 3; i++)
    backend->free_program(programs[i]);
  close_case(&b);
}

static void check_parameters(const char *model, size_t side, size_t classes, size_t parameters) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  const bench b = {.format = {.height = side, .width = side, .channels = 3, .classes = classes}};
  pm_graph *g = pm_graph_new(arena, store, false);
  pm_sampling a = sampling_of(&b, g, 1);
  pm_method_ddpm.sample_run(g, numeric_settings(arena, &pm_method_ddpm, (const char *const[]){"model", model, NULL}),
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
  static const char *const files[] = {"unet_8x8x3.safetensors", "unet_10x6x4.safetensors",
                                      "denoiser_8x12x3.safetensors", "denoiser_one_hot.safetensors"};
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
