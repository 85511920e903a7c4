/* Every op with parameters, every loss and the optimizers against what PyTorch computed (tests/parity/README.md), on
 * each backend. */
#include "backend/backends.h"
#include "check.h"
#include "io/safetensors.h"
#include "nn/layers.h"

#define VECTORS "tests/parity/data/ops.safetensors"
static const double FORWARD = 1e-5, GRADIENT = 1e-4;

static pm_arena *file_arena;
static pm_safetensors file;

/* One case on one backend. */
typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
  const char *name, *note;
} bench;

static const pm_tensor *vector(const bench *b, const char *what) {
  const char *name = pm_format(b->arena, "%s.%s", b->name, what);
  const pm_tensor *tensor = pm_safetensors_find(&file, name);
  if (!tensor)
    fail_msg("%s has no %s", VECTORS, name);
  return tensor;
}

/* The number behind the first "key=" in the case's note. */
static double attribute(const bench *b, const char *key) {
  const char *at = strstr(b->note, pm_format(b->arena, "%s=", key));
  if (!at)
    fail_msg("%s: no %s in \"%s\"", b->name, key, b->note);
  return strtod(at + strlen(key) + 1, NULL);
}

/* Largest distance, over the vector's largest value. */
static void compare(const bench *b, const float *got, const char *what, double tolerance) {
  const pm_tensor *want = vector(b, what);
  const float *w = want->data;
  double scale = 0, worst = 0;
  size_t n = pm_shape_count(want->shape), at = 0;
  for (size_t i = 0; i < n; i++)
    scale = fmax(scale, fabs((double)w[i]));
  for (size_t i = 0; i < n; i++) {
    double distance = fabs((double)got[i] - w[i]);
    if (!(distance <= worst)) { /* NaN too */
      worst = distance;
      at = i;
    }
  }
  if (!(worst <= tolerance * scale))
    fail_msg("%s on %s: %s differs at item %zu: %.9g, PyTorch has %.9g (scale %g)", b->name, b->store->backend->name,
             what, at, (double)got[at], (double)w[at], scale);
}

static void compare_value(const bench *b, pm_program *program, const pm_value *v, const char *what, double tolerance) {
  const pm_tensor *want = vector(b, what);
  assert_int_equal(pm_count(v), pm_shape_count(want->shape));
  float *got = pm_alloc(b->arena, pm_count(v), sizeof *got);
  b->store->backend->read_value(program, v, got);
  compare(b, got, what, tolerance);
}

static void write_buffer(const bench *b, const char *buffer, const char *what) {
  const pm_tensor *items = vector(b, what);
  pm_store_write(b->store, pm_store_find_buffer(b->store, buffer), 0, items->data, pm_shape_count(items->shape));
}

/* An input that bears the vector's name and shape. */
static pm_value *input(const bench *b, const char *what, bool differentiate) {
  pm_value *x = pm_graph_input(b->g, what, PM_F32, vector(b, what)->shape);
  x->requires_gradient = differentiate;
  return x;
}

static const char *const parameters[] = {"weight", "bias"}, *const statistics[] = {"running_mean", "running_var"};

/* Fills the slots "layer.weight" … of those vectors that the case has. */
static void write_slots(const bench *b) {
  static const char *const all[] = {"weight", "bias", "running_mean", "running_var"};
  for (size_t i = 0; i < 4; i++) {
    const pm_slot *slot = pm_store_find_slot(b->store, pm_format(b->arena, "layer.%s", all[i]));
    if (!slot)
      continue;
    assert_true(pm_shape_equal(pm_slot_file_shape(slot), vector(b, all[i])->shape));
    pm_slot_write(b->store, slot, slot->buffer, vector(b, all[i])->data);
  }
}

static void compare_slots(const bench *b, const char *const *names, pm_buffer *block, const char *pattern,
                          double tolerance) {
  for (int i = 0; i < 2; i++) {
    const pm_slot *slot = pm_store_find_slot(b->store, pm_format(b->arena, "layer.%s", names[i]));
    assert_non_null(slot);
    compare(b, pm_slot_read(b->store, slot, block, b->arena).data, pm_format(b->arena, pattern, names[i]), tolerance);
  }
}

/* sum_i y_i dy_i, whose gradient with respect to y is dy. */
static pm_value *against_dy(const bench *b, pm_value *y) {
  pm_value *product = pm_times(b->g, y, pm_graph_input(b->g, "dy", PM_F32, vector(b, "dy")->shape));
  pm_value *flat = pm_reshape(b->g, product, pm_shape_of(1, pm_count(y)));
  return pm_affine(b->g, pm_mean_rows(b->g, flat, NULL), (double)pm_count(y), 0);
}

/* Runs y = layer(x) and its gradients. */
static void run_layer(const bench *b, pm_value *x, pm_value *y) {
  const pm_backend *backend = b->store->backend;
  pm_keep(y, "y");
  pm_gradients(b->g, against_dy(b, y));
  pm_value *dx = pm_keep(pm_gradient_of(b->g, x), "dx");
  pm_program *program = backend->compile(b->g);
  write_buffer(b, "x", "x");
  write_buffer(b, "dy", "dy");
  write_slots(b);
  backend->run(program);
  compare_value(b, program, y, "y", FORWARD);
  compare_value(b, program, dx, "dx", GRADIENT);
  pm_buffer *gradients = pm_store_find_buffer(b->store, "gradients");
  if (pm_store_find_slot(b->store, "layer.weight"))
    compare_slots(b, parameters, gradients, "d%s", GRADIENT);
  backend->free_program(program);
}

static void conv2d(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x,
            pm_conv2d_layer(b->g, "layer", x, vector(b, "bias")->shape.dim[0], (size_t)attribute(b, "kernel"),
                            (int)attribute(b, "stride"), (int)attribute(b, "padding")));
}

static void conv_transpose2d(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x,
            pm_conv_transpose2d_layer(b->g, "layer", x, vector(b, "bias")->shape.dim[0], (size_t)attribute(b, "kernel"),
                                      (int)attribute(b, "stride"), (int)attribute(b, "padding"),
                                      (int)attribute(b, "output_padding")));
}

static void linear(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x, pm_linear_layer(b->g, "layer", x, vector(b, "bias")->shape.dim[0]));
}

static void batchnorm_train(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x, pm_batchnorm_layer(b->g, "layer", x));
  compare_slots(b, statistics, b->store->states, "%s_after", FORWARD);
  const pm_slot *counter = pm_store_find_slot(b->store, "layer.num_batches_tracked");
  assert_int_equal(*(int64_t *)pm_slot_read(b->store, counter, NULL, b->arena).data, 1);
}

static void batchnorm_eval(const bench *b) {
  pm_value *y = pm_keep(pm_batchnorm_layer(b->g, "layer", input(b, "x", false)), "y");
  pm_program *program = b->store->backend->compile(b->g);
  write_buffer(b, "x", "x");
  write_slots(b);
  b->store->backend->run(program);
  compare_value(b, program, y, "y", FORWARD);
  compare_slots(b, statistics, b->store->states, "%s", 0); /* and they stay */
  b->store->backend->free_program(program);
}

static void relu(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x, pm_relu(b->g, x));
}

static void sigmoid(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x, pm_sigmoid(b->g, x));
}

static void exponential(const bench *b) {
  pm_value *x = input(b, "x", true);
  run_layer(b, x, pm_exp(b->g, x));
}

/* A loss with a number for each row: PyTorch's is the mean of these. */
static void run_loss(const bench *b, pm_value *const *in, const char *const *names, int ins, pm_value *rows) {
  const pm_backend *backend = b->store->backend;
  pm_value *loss = pm_keep(pm_mean_rows(b->g, rows, NULL), "y"), *gradient[2] = {NULL};
  pm_gradients(b->g, loss);
  for (int i = 0; i < ins; i++)
    if (in[i]->requires_gradient)
      gradient[i] = pm_keep(pm_gradient_of(b->g, in[i]), "gradient");
  pm_program *program = backend->compile(b->g);
  for (int i = 0; i < ins; i++)
    write_buffer(b, names[i], names[i]);
  backend->run(program);
  compare_value(b, program, loss, "y", FORWARD);
  for (int i = 0; i < ins; i++)
    if (gradient[i])
      compare_value(b, program, gradient[i], pm_format(b->arena, "d%s", names[i]), GRADIENT);
  backend->free_program(program);
}

static const char *const with_target[] = {"x", "target"};

static void mse(const bench *b) {
  pm_value *in[] = {input(b, "x", true), input(b, "target", false)};
  run_loss(b, in, with_target, 2, pm_squared_error(b->g, in[0], in[1]));
}

static void sigmoid_mse(const bench *b) {
  pm_value *in[] = {input(b, "x", true), input(b, "target", false)};
  run_loss(b, in, with_target, 2, pm_squared_error(b->g, pm_sigmoid(b->g, in[0]), in[1]));
}

static void bce(const bench *b) {
  pm_value *in[] = {input(b, "x", true), input(b, "target", false)};
  run_loss(b, in, with_target, 2, pm_bce(b->g, in[0], in[1]));
}

static void kl(const bench *b) {
  static const char *const names[] = {"mu", "logvar"};
  pm_value *in[] = {input(b, "mu", true), input(b, "logvar", true)};
  run_loss(b, in, names, 2, pm_kl_normal(b->g, in[0], in[1]));
}

/* Twenty steps on given gradients, compared after each. */
static void optimizer(const bench *b, bool decoupled) {
  const pm_backend *backend = b->store->backend;
  pm_shape shape = vector(b, "start")->shape;
  size_t steps = vector(b, "gradient")->shape.dim[0], n = pm_shape_count(shape);
  pm_adam_attributes a = {attribute(b, "beta1"), attribute(b, "beta2"), attribute(b, "epsilon"),
                          attribute(b, "weight_decay"), decoupled};
  pm_adam(b->g, pm_graph_state(b->g, "p", PM_F32, shape), pm_graph_state(b->g, "gradient", PM_F32, shape),
          pm_graph_state(b->g, "m", PM_F32, shape), pm_graph_state(b->g, "v", PM_F32, shape),
          pm_graph_scalar(b->g, "rate", PM_F32), pm_graph_scalar(b->g, "step", PM_I64), a);
  pm_program *program = backend->compile(b->g);
  float rate = (float)attribute(b, "learning_rate"), *got = pm_alloc(b->arena, steps * n, sizeof *got);
  write_buffer(b, "p", "start");
  pm_store_write(b->store, pm_store_find_buffer(b->store, "rate"), 0, &rate, 1);
  for (size_t step = 0; step < steps; step++) {
    int64_t number = (int64_t)step;
    pm_store_write(b->store, pm_store_find_buffer(b->store, "step"), 0, &number, 1);
    const float *gradient = vector(b, "gradient")->data;
    pm_store_write(b->store, pm_store_find_buffer(b->store, "gradient"), 0, gradient + step * n, n);
    backend->run(program);
    pm_store_read(b->store, pm_store_find_buffer(b->store, "p"), 0, got + step * n, n);
  }
  compare(b, got, "after", 1e-6);
  pm_store_read(b->store, pm_store_find_buffer(b->store, "m"), 0, got, n);
  compare(b, got, "first_moment", 1e-6);
  pm_store_read(b->store, pm_store_find_buffer(b->store, "v"), 0, got, n);
  compare(b, got, "second_moment", 1e-6);
  backend->free_program(program);
}

static void adam(const bench *b) {
  optimizer(b, false);
}

static void adamw(const bench *b) {
  optimizer(b, true);
}

static void clip_norm(const bench *b) {
  const pm_backend *backend = b->store->backend;
  pm_shape shape = vector(b, "gradient")->shape;
  pm_clip_norm(b->g, pm_graph_state(b->g, "gradient", PM_F32, shape), attribute(b, "norm"));
  pm_program *program = backend->compile(b->g);
  write_buffer(b, "gradient", "gradient");
  backend->run(program);
  float *got = pm_alloc(b->arena, pm_shape_count(shape), sizeof *got);
  pm_store_read(b->store, pm_store_find_buffer(b->store, "gradient"), 0, got, pm_shape_count(shape));
  compare(b, got, "after", FORWARD); /* PyTorch divides by the norm plus 1e-6 */
  backend->free_program(program);
}

/* What is done with the cases "op.…" of the file, and how many there must be. */
typedef struct {
  const char *op;
  void (*check)(const bench *b);
  int cases;
} row;

static void check_cases(void **state) {
  const row *r = *state;
  static const pm_backend *const backends[] = {&pm_backend_double, &pm_backend_reference, &pm_backend_cpu};
  int cases = 0;
  size_t prefix = strlen(r->op);
  for (size_t i = 0; i < file.entries; i++) {
    const pm_metadata *entry = &file.metadata[i];
    if (strncmp(entry->key, r->op, prefix) != 0 || entry->key[prefix] != '.')
      continue;
    cases++;
    for (size_t k = 0; k < sizeof backends / sizeof *backends; k++) {
      bench b = {.arena = pm_arena_new(), .name = entry->key, .note = entry->value};
      bool training = strcmp(r->op, "batchnorm_eval") != 0;
      b.store = pm_store_new(b.arena, backends[k]);
      b.g = pm_graph_new(b.arena, b.store, training);
      r->check(&b);
      pm_store_free(b.store);
      pm_arena_free(b.arena);
    }
  }
  assert_int_equal(cases, r->cases);
}

static int open_vectors(void **state) {
  (void)state;
  file_arena = pm_arena_new();
  file = pm_safetensors_read(file_arena, VECTORS, false);
  return 0;
}

static int close_vectors(void **state) {
  (void)state;
  pm_arena_free(file_arena);
  return 0;
}

int main(void) {
  static row rows[] = {{"conv2d", conv2d, 11},
                       {"conv_transpose2d", conv_transpose2d, 5},
                       {"linear", linear, 3},
                       {"batchnorm_train", batchnorm_train, 3},
                       {"batchnorm_eval", batchnorm_eval, 3},
                       {"relu", relu, 1},
                       {"sigmoid", sigmoid, 1},
                       {"exp", exponential, 1},
                       {"mse", mse, 2},
                       {"sigmoid_mse", sigmoid_mse, 2},
                       {"sigmoid_bce", bce, 2},
                       {"logits_bce", bce, 2},
                       {"kl", kl, 1},
                       {"adam", adam, 3},
                       {"adamw", adamw, 2},
                       {"clip_norm", clip_norm, 2}};
  enum { ROWS = sizeof rows / sizeof *rows };
  struct CMUnitTest tests[ROWS];
  for (size_t i = 0; i < ROWS; i++)
    tests[i] = (struct CMUnitTest){rows[i].op, check_cases, NULL, NULL, &rows[i]};
  return cmocka_run_group_tests(tests, open_vectors, close_vectors);
}
