/* Graphs: planned memory, what runs and what does not, gradients that meet, graphs over one store, running norms. */
#include "check.h"

#include <signal.h>

#include "core/random.h"
#include "graph_bench.h"
#include "nn/backend.h"
#include "nn/layers.h"

#define Z(n) ((size_t)(n))

/* ---- planning: random graphs, planned tightly and with every value kept ---- */

enum { ROWS = 12, COLUMNS = 20, STEPS = 40 };

/* One random node over the values made so far, all [ROWS, COLUMNS] or a reshape away from it. */
static pm_value *random_step(pm_graph *g, pm_rng *rng, pm_value **made, size_t n) {
  pm_shape shape = pm_shape_of(2, Z(ROWS), Z(COLUMNS));
  pm_value *a = made[pm_rng_below(rng, (uint32_t)n)], *b = made[pm_rng_below(rng, (uint32_t)n)];
  switch (pm_rng_below(rng, 10)) {
  case 0:
    return pm_plus(g, a, b);
  case 1:
    return pm_times(g, a, pm_sigmoid(g, b));
  case 2:
    return pm_relu(g, a);
  case 3:
    return pm_sigmoid(g, a);
  case 4:
    return pm_affine(g, a, 0.9, 0.05);
  case 5: /* in place through a view */
    return pm_reshape(g, pm_relu(g, pm_reshape(g, a, pm_shape_of(1, Z(ROWS * COLUMNS)))), shape);
  case 6: /* a reduction, which takes workspace, and back */
    return pm_add_bias(g, a, pm_affine(g, pm_sum_rows(g, b), 0.01, 0));
  case 7:
    return pm_linear(g, a, numeric_parameter(g, "w", pm_shape_of(2, Z(COLUMNS), Z(COLUMNS))), NULL);
  case 8: {
    pm_value *image = pm_reshape(g, a, pm_shape_of(4, Z(3), Z(4), Z(4), Z(5)));
    pm_value *gamma = numeric_parameter(g, "gamma", pm_shape_of(1, Z(5)));
    return pm_reshape(g, pm_batchnorm(g, image, gamma, gamma, (pm_batchnorm_attributes){1e-5}), shape);
  }
  default: {
    pm_value *turned = pm_permute(g, a, (pm_permute_attributes){{1, 0}});
    return pm_permute(g, pm_sigmoid(g, turned), (pm_permute_attributes){{1, 0}});
  }
  }
}

typedef struct {
  float loss, *last, *gradients;
  size_t block;
  pm_program_size size;
} outcome;

static outcome random_graph(pm_arena *arena, const pm_backend *backend, uint64_t seed, bool keep_all) {
  bench b = open_bench(backend);
  pm_rng rng = pm_rng_start(seed, "graph", 0);
  pm_value *made[STEPS + 2];
  size_t n = 0;
  made[n++] = numeric_input(b.g, "x", pm_shape_of(2, Z(ROWS), Z(COLUMNS)), -1, 1);
  made[n++] = numeric_parameter(b.g, "p", pm_shape_of(2, Z(ROWS), Z(COLUMNS)));
  while (n < STEPS + 2) {
    made[n] = random_step(b.g, &rng, made, n);
    n++;
  }
  pm_value *last = pm_keep(made[n - 1], "last"), *p = made[1];
  pm_value *sum = pm_plus(b.g, pm_plus(b.g, last, made[n - 4]), pm_times(b.g, p, p));
  pm_value *loss = pm_keep(
      pm_mean_rows(b.g, pm_squared_error(b.g, sum, numeric_input(b.g, "target", last->shape, -1, 1)), NULL), "loss");
  pm_gradients(b.g, loss);
  for (size_t i = 0; keep_all && i < b.g->values; i++)
    if (b.g->value[i]->maker && !b.g->value[i]->buffer)
      pm_keep(b.g->value[i], "kept");
  b.program = backend->compile(b.g);
  size_t block = pm_store_block_size(b.store);
  pm_store_write(b.store, b.store->parameters, 0, numeric_uniform(b.arena, block, "parameters", -0.5, 0.5), block);
  run(&b);
  run(&b); /* what the first run left behind must not matter */
  outcome o = {.block = block, .size = backend->size(b.program)};
  o.last = numeric_read(arena, backend, b.program, last);
  o.gradients = pm_alloc(arena, block, sizeof *o.gradients);
  backend->read_value(b.program, loss, &o.loss);
  pm_store_read(b.store, pm_store_find_buffer(b.store, "gradients"), 0, o.gradients, block);
  close_bench(&b);
  return o;
}

static void planned_memory_never_overlaps(void **state) {
  size_t planned = 0, values = 0;
  (void)state;
  for (uint64_t seed = 0; seed < 400; seed++) {
    pm_arena *arena = pm_arena_new();
    const pm_backend *backend = seed % 3 ? &pm_backend_cpu : &pm_backend_reference;
    outcome tight = random_graph(arena, backend, seed, false), kept = random_graph(arena, backend, seed, true);
    if (memcmp(&tight.loss, &kept.loss, sizeof tight.loss) != 0 ||
        memcmp(tight.last, kept.last, ROWS * COLUMNS * sizeof *tight.last) != 0 ||
        memcmp(tight.gradients, kept.gradients, tight.block * sizeof *tight.gradients) != 0)
      fail_msg("graph %d gives other numbers when its memory is shared (loss %g and %g)", (int)seed, tight.loss,
               kept.loss);
    assert_true(tight.size.planned <= kept.size.planned);
    planned += tight.size.planned;
    values += kept.size.planned;
    pm_arena_free(arena);
  }
  assert_true(planned < values / 2); /* else nothing was shared and nothing tested */
}

static void a_chain_works_in_place(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(1, Z(1000)), -1, 1), *y = x;
  for (int i = 0; i < 10; i++)
    y = pm_affine(b.g, y, 1, 1);
  pm_keep(y, "y");
  run(&b);
  pm_program_size size = b.backend->size(b.program);
  assert_int_equal(size.steps, 10);
  assert_true(size.planned <= 4096); /* one value; the input lies in the store and is not written over */
  assert_true(size.values >= 40000);
  float *got = result(&b, y), *in = numeric_uniform(b.arena, 1000, "x", -1, 1);
  for (int i = 0; i < 1000; i++)
    assert_true(fabsf(got[i] - (in[i] + 10)) < 1e-5f);
  run(&b);
  assert_memory_equal(got, result(&b, y), 4000);
  close_bench(&b);
}

static void what_nobody_needs_does_not_run(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(1, Z(10)), -1, 1);
  pm_value *y = pm_keep(pm_relu(b.g, x), "y");
  pm_value *unused = pm_exp(b.g, x);
  for (int i = 0; i < 5; i++)
    unused = pm_plus(b.g, unused, y);
  pm_gather(b.g, numeric_input(b.g, "never touched", pm_shape_of(1, Z(1000000)), 0, 1),
            numeric_whole(b.g, "index", PM_I32, pm_shape_of(1, Z(3)), 5));
  run(&b);
  pm_program_size size = b.backend->size(b.program);
  assert_int_equal(size.steps, 1);
  assert_int_equal(size.resident, 10 * sizeof(float));
  close_bench(&b);
}

static void a_view_shares_its_memory(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(2, Z(4), Z(6)), -1, 1);
  pm_value *sum = pm_plus(b.g, x, x), *view = pm_reshape(b.g, sum, pm_shape_of(3, Z(2), Z(3), Z(4)));
  pm_value *of_input = pm_keep(pm_reshape(b.g, x, pm_shape_of(1, Z(24))), "input's view");
  pm_value *changed = pm_relu(b.g, view); /* must not write over `sum`, which is read below */
  pm_value *after = pm_times(b.g, sum, pm_reshape(b.g, changed, sum->shape));
  pm_keep(view, "view"), pm_keep(after, "after");
  run(&b);
  float *in = numeric_uniform(b.arena, 24, "x", -1, 1), *seen = result(&b, view), *product = result(&b, after);
  assert_memory_equal(result(&b, of_input), in, sizeof(float[24]));
  for (int i = 0; i < 24; i++) {
    assert_true(seen[i] == 2 * in[i]);
    assert_true(product[i] == (in[i] > 0 ? 4 * in[i] * in[i] : 0));
  }
  close_bench(&b);
}

/* ---- gradients ---- */

static pm_value *sum_of(pm_graph *g, pm_value *x) {
  size_t n = pm_count(x);
  return pm_affine(g, pm_mean_rows(g, pm_reshape(g, x, pm_shape_of(1, n)), NULL), (double)n, 0);
}

/* Parameters a and b of 7 items; the gradients of sum(expression) against the given formulas. */
static void check_gradient(pm_value *(*expression)(pm_graph *g, pm_value *a, pm_value *b),
                           void (*formula)(double a, double b, double *da, double *db)) {
  bench b = open_bench(&pm_backend_cpu);
  pm_value *p = numeric_parameter(b.g, "a", pm_shape_of(1, Z(7))), *q = numeric_parameter(b.g, "b", p->shape);
  pm_gradients(b.g, sum_of(b.g, expression(b.g, p, q)));
  b.program = b.backend->compile(b.g);
  float *a = numeric_uniform(b.arena, 7, "a", 0.5, 2), *c = numeric_uniform(b.arena, 7, "b", 0.5, 2);
  pm_slot_write(b.store, b.store->slot[0], b.store->parameters, a);
  pm_slot_write(b.store, b.store->slot[1], b.store->parameters, c);
  run(&b);
  pm_buffer *gradients = pm_store_find_buffer(b.store, "gradients");
  const float *da = pm_slot_read(b.store, b.store->slot[0], gradients, b.arena).data,
              *db = pm_slot_read(b.store, b.store->slot[1], gradients, b.arena).data;
  for (int i = 0; i < 7; i++) {
    double want_a, want_b;
    formula(a[i], c[i], &want_a, &want_b);
    if (fabs(da[i] - want_a) > 2e-6 * fmax(1, fabs(want_a)) || fabs(db[i] - want_b) > 2e-6 * fmax(1, fabs(want_b)))
      fail_msg("item %d: gradients %g and %g, expected %g and %g", i, da[i], db[i], want_a, want_b);
  }
  close_bench(&b);
}

static pm_value *sum_of_both(pm_graph *g, pm_value *a, pm_value *b) { /* one gradient value for two parameters */
  return pm_plus(g, a, b);
}
static void sum_formula(double a, double b, double *da, double *db) {
  (void)a, (void)b;
  *da = *db = 1;
}
static pm_value *scaled_sum(pm_graph *g, pm_value *a, pm_value *b) { /* … which is not a view of another */
  return pm_affine(g, pm_affine(g, pm_plus(g, a, b), 2, 1), 0.5, 0);
}
static pm_value *used_often(pm_graph *g, pm_value *a, pm_value *b) { /* a twice in one node, thrice in all */
  pm_value *square = pm_times(g, a, a);
  return pm_plus(g, pm_times(g, square, a), pm_times(g, a, b));
}
static void used_formula(double a, double b, double *da, double *db) {
  *da = 3 * a * a + b;
  *db = a;
}
static pm_value *doubled(pm_graph *g, pm_value *a, pm_value *b) {
  return pm_plus(g, pm_plus(g, a, a), pm_affine(g, b, 3, 0));
}
static void doubled_formula(double a, double b, double *da, double *db) {
  (void)a, (void)b;
  *da = 2;
  *db = 3;
}
static pm_value *reshaped(pm_graph *g, pm_value *a, pm_value *b) { /* a's gradient is itself a view */
  pm_value *column = pm_reshape(g, a, pm_shape_of(2, Z(7), Z(1)));
  return pm_times(g, pm_reshape(g, column, a->shape), b);
}
static pm_value *bare_view(pm_graph *g, pm_value *a, pm_value *b) {
  return pm_reshape(
      g, pm_plus(g, pm_reshape(g, a, pm_shape_of(2, Z(7), Z(1))), pm_reshape(g, b, pm_shape_of(2, Z(7), Z(1)))),
      a->shape);
}
static void product_formula(double a, double b, double *da, double *db) {
  *da = b;
  *db = a;
}
static pm_value *alone(pm_graph *g, pm_value *a, pm_value *b) { /* b has no part in the loss */
  (void)b;
  return pm_exp(g, a);
}
static void alone_formula(double a, double b, double *da, double *db) {
  (void)b;
  *da = exp(a);
  *db = 0;
}

static void gradients_that_meet_are_added(void **state) {
  (void)state;
  check_gradient(sum_of_both, sum_formula);
  check_gradient(scaled_sum, sum_formula);
  check_gradient(used_often, used_formula);
  check_gradient(doubled, doubled_formula);
  check_gradient(reshaped, product_formula);
  check_gradient(bare_view, sum_formula);
  check_gradient(alone, alone_formula);
}

/* One weight in two layers: the gradient is the sum of both layers' own. */
static void a_parameter_used_by_two_layers(void **state) {
  float *parts[3];
  pm_arena *arena = pm_arena_new();
  (void)state;
  for (int which = 0; which < 3; which++) { /* the first layer's part, the second's, both */
    bench b = open_bench(&pm_backend_cpu);
    pm_value *x = numeric_input(b.g, "x", pm_shape_of(2, Z(5), Z(6)), -1, 1);
    pm_value *w = numeric_parameter(b.g, "w", pm_shape_of(2, Z(6), Z(6)));
    pm_value *copy = numeric_parameter(b.g, "copy", w->shape); /* the same numbers */
    pm_value *h = pm_sigmoid(b.g, pm_linear(b.g, x, which == 1 ? copy : w, NULL));
    pm_gradients(b.g, sum_of(b.g, pm_sigmoid(b.g, pm_linear(b.g, h, which == 0 ? copy : w, NULL))));
    b.program = b.backend->compile(b.g);
    for (int k = 0; k < 2; k++)
      pm_slot_write(b.store, b.store->slot[k], b.store->parameters, numeric_uniform(arena, 36, "w", -1, 1));
    run(&b);
    parts[which] = pm_slot_read(b.store, b.store->slot[0], pm_store_find_buffer(b.store, "gradients"), arena).data;
    close_bench(&b);
  }
  for (int i = 0; i < 36; i++)
    parts[0][i] += parts[1][i];
  numeric_expect("gradient of a weight used twice", parts[2], parts[0], 36, 0, 1e-6);
  pm_arena_free(arena);
}

/* ---- several graphs over one store ---- */

static void graphs_share_their_parameters(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_shape shape = pm_shape_of(2, Z(3), Z(4));
  pm_gradients(b.g, sum_of(b.g, pm_linear_layer(b.g, "layer", numeric_input(b.g, "x", shape, -1, 1), 2)));
  pm_graph *use = pm_graph_new(b.arena, b.store, false), *update = pm_graph_new(b.arena, b.store, true);
  pm_value *y = pm_keep(pm_linear_layer(use, "layer", pm_graph_input(use, "x", PM_F32, shape), 2), "y");
  assert_int_equal(b.store->slots, 2);
  assert_int_equal(pm_store_parameter_count(b.store), 10);
  pm_value *parameters = pm_graph_block(update, "parameters");
  pm_moving_average(update, parameters, pm_graph_block(update, "gradients"), pm_graph_scalar(update, "keep", PM_F32));
  run(&b);
  pm_program *user = b.backend->compile(use), *updater = b.backend->compile(update);
  b.backend->run(user);
  for (int i = 0; i < 6; i++)
    assert_true(numeric_read(b.arena, b.backend, user, y)[i] == 0); /* weights are still zero */
  b.backend->run(updater);                                          /* keep is 0: the parameters become the gradients */
  b.backend->run(user);
  float *x = numeric_uniform(b.arena, 12, "x", -1, 1), *got = numeric_read(b.arena, b.backend, user, y);
  for (int r = 0; r < 3; r++) {
    double want = 3; /* the bias: three rows */
    for (int i = 0; i < 4; i++)
      want += (double)x[r * 4 + i] * ((double)x[i] + x[4 + i] + x[8 + i]);
    assert_true(fabs(got[r * 2] - want) < 1e-5 && fabs(got[r * 2 + 1] - want) < 1e-5);
  }
  b.backend->free_program(user), b.backend->free_program(updater);
  close_bench(&b);
}

/* ---- what programs write into the store ---- */

static void record_writes_a_row_of_the_log(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_value *log = pm_graph_state(b.g, "log", PM_F32, pm_shape_of(2, Z(4), Z(3))),
           *x = pm_graph_scalar(b.g, "x", PM_F32);
  pm_value *scalars[] = {x, pm_affine(b.g, x, 10, 0)};
  pm_record(b.g, log, pm_graph_scalar(b.g, "row", PM_I64), scalars, 2);
  for (int64_t row = 0; row < 6; row++) {
    float number = (float)(row + 1);
    pm_store_write(b.store, x->buffer, 0, &number, 1);
    numeric_set(b.store, "row", row);
    run(&b);
  }
  float rows[12];
  pm_store_read(b.store, log->buffer, 0, rows, 12);
  const float want[12] = {5, 50, 0, 6, 60, 0, 3, 30, 0, 4, 40, 0}; /* rows 4 and 5 came round */
  assert_memory_equal(rows, want, sizeof want);
  close_bench(&b);
}

/* Running mean and variance after several batches, by the formula in double. */
static void batchnorm_keeps_running_averages(void **state) {
  enum { N = 6, C = 3, BATCHES = 5 };
  double mean[C] = {0}, variance[C] = {1, 1, 1};
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_value *x = pm_graph_input(b.g, "x", PM_F32, pm_shape_of(4, Z(N), Z(1), Z(1), Z(C)));
  pm_batchnorm_layer(b.g, "norm", x); /* nobody reads y: the states alone must make it run */
  b.program = b.backend->compile(b.g);
  pm_store_initialise(b.store, 1);
  for (int batch = 0; batch < BATCHES; batch++) {
    float *items = numeric_uniform(b.arena, N * C, pm_format(b.arena, "batch %d", batch), -1, 4);
    pm_store_write(b.store, x->buffer, 0, items, N * C);
    run(&b);
    for (int c = 0; c < C; c++) {
      double m = 0, squares = 0;
      for (int i = 0; i < N; i++)
        m += items[i * C + c] / (double)N;
      for (int i = 0; i < N; i++)
        squares += (items[i * C + c] - m) * (items[i * C + c] - m);
      mean[c] += 0.1 * (m - mean[c]);
      variance[c] += 0.1 * (squares / (N - 1) - variance[c]);
    }
  }
  pm_slot *means = pm_store_find_slot(b.store, "norm.running_mean"),
          *variances = pm_store_find_slot(b.store, "norm.running_var"),
          *counter = pm_store_find_slot(b.store, "norm.num_batches_tracked");
  const float *got_mean = pm_slot_read(b.store, means, means->buffer, b.arena).data,
              *got_variance = pm_slot_read(b.store, variances, variances->buffer, b.arena).data;
  for (int c = 0; c < C; c++)
    assert_true(fabs(got_mean[c] - mean[c]) < 1e-6 && fabs(got_variance[c] - variance[c]) < 1e-6 * variance[c]);
  assert_int_equal(*(int64_t *)pm_slot_read(b.store, counter, counter->buffer, b.arena).data, BATCHES);
  close_bench(&b);
}

/* In use the layer takes the running averages and leaves them as they are. */
static void batchnorm_in_use_changes_nothing(void **state) {
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  b.g->training = false;
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(2, Z(4), Z(2)), -1, 4), *y = pm_batchnorm_layer(b.g, "norm", x);
  pm_keep(y, "y");
  b.program = b.backend->compile(b.g);
  pm_store_initialise(b.store, 1);
  const float mean[] = {1, -2}, variance[] = {4, 0.25f};
  pm_slot *means = pm_store_find_slot(b.store, "norm.running_mean"),
          *variances = pm_store_find_slot(b.store, "norm.running_var");
  pm_slot_write(b.store, means, means->buffer, mean);
  pm_slot_write(b.store, variances, variances->buffer, variance);
  run(&b);
  float *in = numeric_uniform(b.arena, 8, "x", -1, 4), *got = result(&b, y);
  for (int i = 0; i < 8; i++)
    assert_true(fabs(got[i] - (in[i] - mean[i % 2]) / sqrt(variance[i % 2] + 1e-5)) < 2e-6);
  assert_memory_equal(pm_slot_read(b.store, means, means->buffer, b.arena).data, mean, sizeof mean);
  assert_memory_equal(pm_slot_read(b.store, variances, variances->buffer, b.arena).data, variance, sizeof variance);
  close_bench(&b);
}

/* ---- weights in another block ---- */

/* A graph over averages reads them where they lie, and nothing in it wants a gradient; a graph over the store's own
 * reads its own; a lender's are its own for both. */
static void a_graph_takes_the_weights_that_it_names(void **state) {
  enum { N = 4 };
  (void)state;
  bench b = open_bench(&pm_backend_cpu);
  pm_store *lender = pm_store_new(b.arena, &pm_backend_cpu);
  const pm_shape shape = pm_shape_of(1, Z(N));
  const pm_slot padding = {.name = "padding", .role = PM_PARAM, .shape = pm_shape_of(1, Z(3))};
  const pm_slot weight = {.name = "w", .role = PM_PARAM, .shape = shape};
  const pm_slot mean = {.name = "mean", .role = PM_STATE, .shape = shape};
  const pm_slot count = {.name = "count", .role = PM_STATE, .dtype = PM_I64};
  pm_graph *train = b.g, *use = pm_graph_new(b.arena, b.store, false);
  use->weights = (pm_weights){"average", "average states"};
  pm_graph_parameter(pm_graph_new(b.arena, lender, false), &weight);
  lender->sealed = true;

  pm_value *w[2], *m[2], *lent[2];
  for (int k = 0; k < 2; k++) {
    pm_graph *g = k ? use : train;
    pm_graph_parameter(g, &padding);
    w[k] = pm_graph_parameter(g, &weight);
    m[k] = pm_graph_parameter(g, &mean);
    assert_string_equal(pm_graph_parameter(g, &count)->buffer->name, "count");
    pm_graph_loan loan = pm_graph_borrow(g, lender);
    lent[k] = pm_keep(pm_affine(g, pm_graph_parameter(g, &weight), 1, 0), "lent");
    pm_graph_return(g, loan);
    w[k] = pm_keep(pm_affine(g, w[k], 1, 0), "w");
    m[k] = pm_keep(pm_affine(g, m[k], 1, 0), "m");
  }
  assert_true(w[0]->requires_gradient && !w[1]->requires_gradient && !m[0]->requires_gradient);
  pm_program *program[2] = {b.backend->compile(train), b.backend->compile(use)};
  static const char *const blocks[] = {"parameters", "average", "states", "average states"};
  for (int k = 0; k < 4; k++) {
    const float items[N] = {(float)k, 10, 20, 30};
    pm_buffer *block = pm_store_find_buffer(b.store, blocks[k]);
    assert_non_null(block);
    pm_slot_write(b.store, pm_store_find_slot(b.store, k < 2 ? "w" : "mean"), block, items);
  }
  pm_slot_write(lender, lender->slot[0], lender->parameters, (float[]){7, 10, 20, 30});
  for (int k = 0; k < 2; k++) {
    b.backend->run(program[k]);
    const float *got[] = {numeric_read(b.arena, b.backend, program[k], w[k]),
                          numeric_read(b.arena, b.backend, program[k], m[k]),
                          numeric_read(b.arena, b.backend, program[k], lent[k])};
    const float want[] = {(float)k, (float)(2 + k), 7};
    for (int i = 0; i < 3; i++)
      assert_memory_equal(got[i], ((float[]){want[i], 10, 20, 30}), sizeof(float[N]));
    b.backend->free_program(program[k]);
  }
  assert_int_equal(b.store->slots, 4);
  pm_store_free(lender);
  close_bench(&b);
}

/* ---- constants ---- */

static void one_name_two_tables(void *context) {
  bench *b = context;
  pm_graph_constant(b->g, "table", pm_shape_of(1, Z(3)), (float[]){1, 2, 4});
}

/* The same table is wanted by many graphs; another one of its name would change what they compute. */
static void a_constant_keeps_its_content(void **state) {
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_double};
  (void)state;
  for (int k = 0; k < 2; k++) {
    bench b = open_bench(backends[k]);
    check_output output;
    pm_value *first = pm_graph_constant(b.g, "table", pm_shape_of(1, Z(3)), (float[]){1, 0.1f, NAN});
    pm_value *again = pm_graph_constant(b.g, "table", pm_shape_of(1, Z(3)), (float[]){1, 0.1f, NAN});
    assert_ptr_equal(first, again);
    assert_int_equal(check_child(one_name_two_tables, &b, "", &output), -SIGABRT);
    close_bench(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(planned_memory_never_overlaps),           cmocka_unit_test(a_chain_works_in_place),
      cmocka_unit_test(what_nobody_needs_does_not_run),          cmocka_unit_test(a_view_shares_its_memory),
      cmocka_unit_test(gradients_that_meet_are_added),           cmocka_unit_test(a_parameter_used_by_two_layers),
      cmocka_unit_test(graphs_share_their_parameters),           cmocka_unit_test(record_writes_a_row_of_the_log),
      cmocka_unit_test(batchnorm_keeps_running_averages),        cmocka_unit_test(batchnorm_in_use_changes_nothing),
      cmocka_unit_test(a_graph_takes_the_weights_that_it_names), cmocka_unit_test(a_constant_keeps_its_content),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
