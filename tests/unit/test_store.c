/* The store: slots, the order of items in files, beginnings. */
#include "check.h"

#include <signal.h>

#include "core/random.h"
#include "nn/backend.h"
#include "nn/layers.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))

typedef struct {
  pm_arena *arena;
  pm_store *store;
} bench;

static bench open_bench(void) {
  bench b = {.arena = pm_arena_new()};
  b.store = pm_store_new(b.arena, &pm_backend_cpu);
  return b;
}

static void close_bench(bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static pm_slot slot_of(const char *name, pm_shape shape) {
  return (pm_slot){.name = name, .role = PM_PARAM, .dtype = PM_F32, .shape = shape};
}

/* ---- slots and blocks ---- */

static void slots_lie_one_after_the_other(void **state) {
  (void)state;
  bench b = open_bench();
  pm_slot five = slot_of("five", pm_shape_of(1, Z(5))), grid = slot_of("grid", pm_shape_of(2, Z(4), Z(8)));
  pm_slot mean = slot_of("mean", pm_shape_of(1, Z(3))), count = slot_of("count", pm_shape_of(0));
  mean.role = count.role = PM_STATE;
  count.dtype = PM_I64;
  pm_slot *a = pm_store_slot(b.store, &five), *c = pm_store_slot(b.store, &grid), *d = pm_store_slot(b.store, &mean),
          *e = pm_store_slot(b.store, &count);
  assert_int_equal(a->offset, 0);
  assert_int_equal(c->offset, 16); /* each begins on a cache line */
  assert_int_equal(pm_store_block_size(b.store), 48);
  assert_int_equal(pm_store_parameter_count(b.store), 5 + 32);
  assert_ptr_equal(a->buffer, b.store->parameters);
  assert_ptr_equal(d->buffer, b.store->states);
  assert_true(e->buffer != b.store->states && e->buffer->dtype == PM_I64 && e->buffer->count == 1);
  assert_ptr_equal(pm_store_slot(b.store, &grid), c); /* the same again */
  assert_ptr_equal(pm_store_find_slot(b.store, "grid"), c);
  assert_null(pm_store_find_slot(b.store, "gri"));
  assert_int_equal(b.store->slots, 4);
  close_bench(&b);
}

static void buffers_go_by_name(void **state) {
  (void)state;
  bench b = open_bench();
  pm_buffer *x = pm_store_buffer(b.store, "x", PM_INPUT, PM_U8, 7);
  assert_ptr_equal(pm_store_buffer(b.store, "x", PM_INPUT, PM_U8, 7), x);
  assert_ptr_equal(pm_store_find_buffer(b.store, "x"), x);
  assert_null(pm_store_find_buffer(b.store, "y"));
  unsigned char zero[7] = {0}, out[7] = {1}, in[3] = {5, 6, 7};
  pm_store_read(b.store, x, 0, out, 7); /* memory is there on first use, and zero */
  assert_memory_equal(out, zero, 7);
  pm_store_write(b.store, x, 2, in, 3);
  pm_store_read(b.store, x, 1, out, 5);
  assert_memory_equal(out, ((unsigned char[]){0, 5, 6, 7, 0}), 5);
  close_bench(&b);
}

/* ---- the order of files ---- */

/* [kh,kw,I,O] here is [O,I,kh,kw] in files: item by item. */
static void convolution_weights_turn_for_files(void **state) {
  enum { KH = 2, KW = 3, I = 4, O = 5, N = KH * KW * I * O };
  (void)state;
  bench b = open_bench();
  pm_slot wanted = slot_of("w", pm_shape_of(4, Z(KH), Z(KW), Z(I), Z(O)));
  memcpy(wanted.file_axis, (int[]){3, 2, 0, 1}, sizeof(int[4]));
  pm_store_slot(b.store, &(pm_slot){.name = "before", .dtype = PM_F32, .shape = pm_shape_of(1, Z(9))});
  pm_slot *w = pm_store_slot(b.store, &wanted);
  assert_true(pm_shape_equal(pm_slot_file_shape(w), pm_shape_of(4, Z(O), Z(I), Z(KH), Z(KW))));
  float file[N], memory[N];
  for (int k = 0; k < N; k++)
    file[k] = (float)k;
  pm_slot_write(b.store, w, w->buffer, file);
  pm_store_read(b.store, w->buffer, w->offset, memory, N);
  for (int o = 0; o < O; o++)
    for (int i = 0; i < I; i++)
      for (int y = 0; y < KH; y++)
        for (int x = 0; x < KW; x++)
          assert_true(memory[((y * KW + x) * I + i) * O + o] == file[((o * I + i) * KH + y) * KW + x]);
  pm_tensor back = pm_slot_read(b.store, w, w->buffer, b.arena);
  assert_true(pm_shape_equal(back.shape, pm_slot_file_shape(w)));
  assert_memory_equal(back.data, file, sizeof file);
  close_bench(&b);
}

/* A slot that names no order has its own in files. */
static void without_axes_files_have_the_same_order(void **state) {
  enum { ROWS = 3, COLUMNS = 5, N = ROWS * COLUMNS };
  (void)state;
  bench b = open_bench();
  pm_slot *grid =
      pm_store_slot(b.store, &(pm_slot){.name = "grid", .dtype = PM_F32, .shape = pm_shape_of(2, Z(ROWS), Z(COLUMNS))});
  pm_slot *deep = pm_store_slot(
      b.store, &(pm_slot){.name = "deep", .dtype = PM_F32, .shape = pm_shape_of(4, Z(2), Z(1), Z(4), Z(3))});
  assert_true(pm_shape_equal(pm_slot_file_shape(grid), grid->shape));
  assert_true(pm_shape_equal(pm_slot_file_shape(deep), deep->shape));
  pm_store_initialise(b.store, 1);
  float file[N], memory[N];
  for (int k = 0; k < N; k++)
    file[k] = (float)k;
  pm_slot_write(b.store, grid, grid->buffer, file);
  pm_store_read(b.store, grid->buffer, grid->offset, memory, N);
  assert_memory_equal(memory, file, sizeof file);
  close_bench(&b);
}

static void repeat_an_axis(void *context) {
  bench *b = context;
  pm_slot grid = slot_of("grid", pm_shape_of(2, Z(3), Z(5)));
  memcpy(grid.file_axis, (int[]){1, 1}, sizeof(int[2]));
  pm_store_slot(b->store, &grid);
}

static void an_axis_twice_is_refused(void **state) {
  (void)state;
  bench b = open_bench();
  check_output output;
  assert_int_equal(check_child(repeat_an_axis, &b, "", &output), -SIGABRT);
  close_bench(&b);
}

/* A block parallel to the parameters is read and written by the same slots, and the parameters stay. */
static void slots_reach_into_parallel_blocks(void **state) {
  (void)state;
  bench b = open_bench();
  pm_slot first = slot_of("first", pm_shape_of(1, Z(3))), second = slot_of("second", pm_shape_of(2, Z(2), Z(2)));
  memcpy(second.file_axis, (int[]){1, 0}, sizeof(int[2]));
  pm_store_slot(b.store, &first);
  pm_slot *s = pm_store_slot(b.store, &second);
  pm_buffer *moments = pm_store_buffer(b.store, "moments", PM_STATE, PM_F32, pm_store_block_size(b.store));
  pm_slot_write(b.store, s, b.store->parameters, (float[]){1, 2, 3, 4});
  pm_slot_write(b.store, s, moments, (float[]){5, 6, 7, 8});
  assert_memory_equal(pm_slot_read(b.store, s, b.store->parameters, b.arena).data, ((float[]){1, 2, 3, 4}), 16);
  float memory[4];
  pm_store_read(b.store, moments, s->offset, memory, 4);
  assert_memory_equal(memory, ((float[]){5, 7, 6, 8}), 16);
  close_bench(&b);
}

static void counters_are_whole_numbers(void **state) {
  (void)state;
  bench b = open_bench();
  pm_slot wanted = slot_of("count", pm_shape_of(0));
  wanted.role = PM_STATE;
  wanted.dtype = PM_I64;
  pm_slot *s = pm_store_slot(b.store, &wanted);
  const int64_t big = ((int64_t)1 << 40) + 3;
  pm_slot_write(b.store, s, b.store->states, &big);
  pm_tensor t = pm_slot_read(b.store, s, b.store->states, b.arena);
  assert_true(t.dtype == PM_I64 && t.shape.rank == 0 && *(int64_t *)t.data == big);
  close_bench(&b);
}

/* ---- beginnings ---- */

/* A small model; `reversed` registers its layers in the other order. */
static void build_model(bench *b, bool reversed) {
  pm_graph *g = pm_graph_new(b->arena, b->store, true);
  pm_value *x = numeric_input(g, "x", pm_shape_of(4, Z(2), Z(8), Z(8), Z(3)), 0, 1), *y[3] = {NULL};
  for (int k = 0; k < 3; k++)
    switch (reversed ? 2 - k : k) {
    case 0:
      y[k] = pm_conv2d_layer(g, "conv", x, 16, 3, 1, 1);
      break;
    case 1:
      y[k] = pm_batchnorm_layer(g, "norm", x);
      break;
    case 2:
      y[k] = pm_linear_layer(g, "linear", x, 50);
      break;
    }
  for (int k = 0; k < 3; k++)
    pm_keep(y[k], "y");
  pm_backend_cpu.free_program(pm_backend_cpu.compile(g));
}

static const float *beginning(bench *b, const char *name, size_t *n) {
  pm_slot *slot = pm_store_find_slot(b->store, name);
  assert_non_null(slot);
  *n = pm_shape_count(slot->shape);
  return pm_slot_read(b->store, slot, slot->buffer, b->arena).data;
}

static void beginnings_depend_on_seed_and_name_alone(void **state) {
  (void)state;
  bench a = open_bench(), again = open_bench(), reversed = open_bench(), other = open_bench();
  build_model(&a, false), build_model(&again, false), build_model(&reversed, true), build_model(&other, false);
  pm_store_initialise(a.store, 5);
  pm_store_initialise(again.store, 6);
  pm_store_initialise(again.store, 5); /* what was there before does not matter */
  pm_store_initialise(reversed.store, 5);
  pm_store_initialise(other.store, 6);
  assert_string_not_equal(a.store->slot[0]->name, reversed.store->slot[0]->name);
  for (size_t i = 0; i < a.store->slots; i++) {
    const pm_slot *slot = a.store->slot[i];
    size_t n, bytes = pm_dtype_size(slot->dtype);
    const float *first = beginning(&a, slot->name, &n);
    assert_memory_equal(first, beginning(&again, slot->name, &n), n * bytes);
    assert_memory_equal(first, beginning(&reversed, slot->name, &n), n * bytes);
    if (slot->init == PM_INIT_UNIFORM)
      assert_memory_not_equal(first, beginning(&other, slot->name, &n), n * bytes);
  }
  close_bench(&a), close_bench(&again), close_bench(&reversed), close_bench(&other);
}

/* Mean 0 and the variance of a uniform distribution on (-bound, bound), all within the bound. */
static void check_uniform(bench *b, const char *name, double bound) {
  size_t n;
  const float *x = beginning(b, name, &n);
  double sum = 0, squares = 0, most = 0;
  for (size_t i = 0; i < n; i++) {
    sum += x[i];
    squares += (double)x[i] * x[i];
    most = fmax(most, fabs((double)x[i]));
  }
  double mean = sum / (double)n, variance = squares / (double)n, deviation = bound / sqrt(3.0);
  assert_true(most < bound);
  assert_true(most > bound * (1 - 10 / (double)n));
  assert_true(fabs(mean) < 4 * deviation / sqrt((double)n));
  assert_true(fabs(variance / (deviation * deviation) - 1) < 4 / sqrt((double)n));
}

static void layers_begin_as_in_pytorch(void **state) {
  (void)state;
  bench b = open_bench();
  build_model(&b, false);
  pm_store_initialise(b.store, 1);
  check_uniform(&b, "conv.weight", 1 / sqrt(27.0)); /* 3 x 3 taps of 3 channels */
  check_uniform(&b, "conv.bias", 1 / sqrt(27.0));
  check_uniform(&b, "linear.weight", 1 / sqrt(3.0));
  check_uniform(&b, "linear.bias", 1 / sqrt(3.0));
  static const struct {
    const char *name;
    float begin;
  } constant[] = {{"norm.weight", 1}, {"norm.bias", 0}, {"norm.running_mean", 0}, {"norm.running_var", 1}};
  for (size_t i = 0; i < 4; i++) {
    size_t n;
    const float *x = beginning(&b, constant[i].name, &n);
    for (size_t k = 0; k < n; k++)
      assert_true(x[k] == constant[i].begin);
  }
  close_bench(&b);
}

/* The transposed convolution's fan-in is taken from its outputs, as PyTorch does. */
static void transposed_convolutions_begin_as_in_pytorch(void **state) {
  (void)state;
  bench b = open_bench();
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_value *x = numeric_input(g, "x", pm_shape_of(4, Z(1), Z(4), Z(4), Z(6)), 0, 1);
  pm_value *y = pm_keep(pm_conv_transpose2d_layer(g, "up", x, 5, 3, 2, 1, 1), "y");
  assert_true(pm_shape_equal(y->shape, pm_shape_of(4, Z(1), Z(8), Z(8), Z(5))));
  pm_backend_cpu.free_program(pm_backend_cpu.compile(g));
  assert_true(pm_shape_equal(pm_slot_file_shape(pm_store_find_slot(b.store, "up.weight")),
                             pm_shape_of(4, Z(6), Z(5), Z(3), Z(3))));
  pm_store_initialise(b.store, 1);
  check_uniform(&b, "up.weight", 1 / sqrt(45.0));
  close_bench(&b);
}

static void normal_beginnings(void **state) {
  enum { N = 10000 };
  (void)state;
  bench b = open_bench();
  pm_slot wanted = slot_of("codes", pm_shape_of(1, Z(N)));
  wanted.init = PM_INIT_NORMAL;
  wanted.scale = 0.02;
  pm_store_slot(b.store, &wanted);
  pm_store_initialise(b.store, 3);
  size_t n;
  const float *x = beginning(&b, "codes", &n);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    sum += x[i];
    squares += (double)x[i] * x[i];
  }
  assert_true(fabs(sum / N) < 4 * 0.02 / sqrt(N));
  assert_true(fabs(squares / N / (0.02 * 0.02) - 1) < 0.06);
  close_bench(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slots_lie_one_after_the_other),
      cmocka_unit_test(buffers_go_by_name),
      cmocka_unit_test(convolution_weights_turn_for_files),
      cmocka_unit_test(without_axes_files_have_the_same_order),
      cmocka_unit_test(an_axis_twice_is_refused),
      cmocka_unit_test(slots_reach_into_parallel_blocks),
      cmocka_unit_test(counters_are_whole_numbers),
      cmocka_unit_test(beginnings_depend_on_seed_and_name_alone),
      cmocka_unit_test(layers_begin_as_in_pytorch),
      cmocka_unit_test(transposed_convolutions_begin_as_in_pytorch),
      cmocka_unit_test(normal_beginnings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
