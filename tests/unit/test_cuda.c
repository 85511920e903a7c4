/* What the cuda backend does besides kernels, on the emulated card: scalars, captures, conversions that last, memory.
 */
#include "check.h"

#include "backend/backends.h"
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "backend/cuda/program.h"
#include "graph_bench.h"
#include "kernel_backends.h"

#include <math.h>

#define Z(n) ((size_t)(n))

static void open_card(void) {
  size_t n;
  kernel_backends(&n);
}

/* y = x + scalar, as a state that the host reads at the end alone. */
static void each_run_has_the_scalars_of_its_call(void **state) {
  enum { RUNS = 40 };
  (void)state;
  open_card();
  bench b = open_bench(&pm_backend_cuda);
  pm_value *log = pm_graph_state(b.g, "log", PM_F32, pm_shape_of(2, Z(RUNS), Z(1)));
  pm_value *row = numeric_scalar(b.g, "row", 0), *rate = pm_graph_scalar(b.g, "rate", PM_F32);
  pm_record(b.g, log, row, &rate, 1);
  for (int64_t i = 0; i < RUNS; i++) { /* the host is ahead of the card: nothing waits for a run */
    const float number = (float)i * 0.5f;
    numeric_set(b.store, "row", i);
    pm_store_write(b.store, rate->buffer, 0, &number, 1);
    run(&b);
  }
  float got[RUNS];
  pm_store_read(b.store, log->buffer, 0, got, RUNS);
  for (int i = 0; i < RUNS; i++)
    assert_true(got[i] == (float)i * 0.5f);
  close_bench(&b);
}

/* Row i of a log becomes a number that is counted on the card, and what the row before was plus one. */
static void a_counted_loop_is_as_many_runs(void **state) {
  enum { ROWS = 150, BLOCKS = 3 };
  static const size_t lengths[] = {ROWS, 50, 1};
  (void)state;
  open_card();
  for (int k = 0; k < 3; k++) {
    bench b = open_bench(&pm_backend_cuda);
    pm_value *row = numeric_scalar(b.g, "row", 0),
             *log = pm_graph_state(b.g, "log", PM_F32, pm_shape_of(2, Z(ROWS), Z(1)));
    pm_value *sum = pm_graph_state(b.g, "sum", PM_F32, pm_shape_of(1, Z(1)));
    pm_assign(b.g, sum, pm_affine(b.g, sum, 1, 1));
    pm_record(b.g, log, row, &(pm_value *){pm_reshape(b.g, sum, pm_shape_of(0))}, 1);
    b.program = b.backend->compile(b.g);
    float got[ROWS], zero = 0;
    for (int block = 0; block < BLOCKS; block++) { /* as sampling does: the loop again and again */
      pm_store_write(b.store, sum->buffer, 0, &zero, 1);
      for (size_t done = 0; done < ROWS; done += lengths[k])
        pm_run_counted(b.backend, b.program, row->buffer, (int64_t)done, lengths[k]);
      pm_store_read(b.store, log->buffer, 0, got, ROWS);
      for (int i = 0; i < ROWS; i++)
        assert_true(got[i] == (float)(i + 1));
      int64_t last;
      pm_store_read(b.store, row->buffer, 0, &last, 1);
      assert_int_equal(last, ROWS - 1);
    }
    close_bench(&b);
  }
}

/* A parameter in bfloat16 is converted before the captured graph, when it has changed. */
static void a_changed_weight_is_converted_again(void **state) {
  (void)state;
  open_card();
  bench b = open_bench(&pm_backend_cuda_bf16);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(2, Z(4), Z(8)), -1, 1);
  pm_value *w = numeric_parameter(b.g, "w", pm_shape_of(2, Z(8), Z(8)));
  pm_value *y = pm_keep(pm_linear(b.g, x, w, NULL), "y");
  b.program = b.backend->compile(b.g);
  float *weights = numeric_uniform(b.arena, 64, "weights", -1, 1), *first = NULL;
  for (int turn = 0; turn < 3; turn++) {
    for (int k = 0; k < 64; k++)
      weights[k] *= turn ? 2 : 1;
    pm_store_write(b.store, w->buffer, w->offset, weights, 64);
    for (int again = 0; again < 2; again++) {
      run(&b);
      float *now = result(&b, y);
      for (int k = 0; first && k < 32; k++)
        assert_true(now[k] == first[k] * (float)(1 << turn));
      first = first ? first : now;
    }
  }
  close_bench(&b);
}

/* A failure ends the process, and with it goes the program that was being compiled; here the process goes on. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define EXPECT_FAIL_UNFREED(...)                                                                                       \
  do {                                                                                                                 \
    __lsan_disable();                                                                                                  \
    PM_EXPECT_FAIL(__VA_ARGS__);                                                                                       \
    __lsan_enable();                                                                                                   \
  } while (0)
#else
#define EXPECT_FAIL_UNFREED(...) PM_EXPECT_FAIL(__VA_ARGS__)
#endif

/* A lack of memory says how much is needed and how much there is. */
static void a_lack_of_memory_says_how_much(void **state) {
  (void)state;
  open_card();
  setenv("EMULATED_MEMORY", "4000000", 1);
  bench b = open_bench(&pm_backend_cuda);
  pm_value *x = pm_graph_state(b.g, "x", PM_F32, pm_shape_of(1, Z(3) << 20));
  pm_clear(b.g, x);
  EXPECT_FAIL_UNFREED(PM_FAILED, "out of memory on the card: x needs 13 MB, and of its 3 MB", run(&b));
  unsetenv("EMULATED_MEMORY");
  close_bench(&b);
}

/* The kernels count a value's numbers in 32 bits: a larger one, of a large batch, say, is refused before it is made. */
static void a_value_may_be_too_large(void **state) {
  (void)state;
  open_card();
  bench b = open_bench(&pm_backend_cuda);
  pm_value *x = pm_fill(b.g, pm_shape_of(3, Z(1) << 16, Z(1) << 9, Z(1) << 6), 1);
  pm_keep(pm_mean_rows(b.g, pm_reshape(b.g, x, pm_shape_of(1, pm_count(x))), NULL), "y");
  EXPECT_FAIL_UNFREED(PM_FAILED, "fill makes 2147483648 numbers, and a kernel of the cuda backend 2147483647 at most",
                      b.backend->compile(b.g));
  close_bench(&b);
}

static void code_suits_cards(void **state) {
  (void)state;
  static const char list[] = "75 80 86 90 120";
  assert_true(pm_cuda_suits(list, 7, 5));
  assert_true(pm_cuda_suits(list, 8, 0) && pm_cuda_suits(list, 8, 9) && pm_cuda_suits(list, 9, 0));
  assert_true(pm_cuda_suits(list, 12, 1) && pm_cuda_suits(list, 13, 0)); /* the PTX of 120 */
  assert_false(pm_cuda_suits(list, 7, 0) || pm_cuda_suits(list, 10, 0) || pm_cuda_suits("", 9, 0));
}

static void there_is_one_card(void **state) {
  char why[200] = "";
  (void)state;
  open_card();
  assert_int_not_equal(pm_cuda_open_card(3, why, sizeof why), 0);
  assert_string_equal(why, "there is no card 3; there is 1, counted from 0");
  assert_string_equal(pm_backend_cuda.tier(&pm_backend_cuda), "cuda sm_90 a processor");
  assert_string_equal(pm_backend_cuda_bf16.tier(&pm_backend_cuda_bf16), "cuda sm_90 a processor, bf16");
}

/* Every op but a view has a kernel: a device cannot run a reference. */
static void every_op_has_a_kernel(void **state) {
  static const pm_op *const ops[] = {
#define X(name) &pm_op_##name##_float,
#include "nn/ops.def"
#undef X
  };
  (void)state;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
    const pm_node node = {.op = ops[i]};
    if (!pm_backend_cuda.supports(&pm_backend_cuda, &node))
      fail_msg("the cuda backend has no kernel for %s", ops[i]->name);
  }
}

/* SiLU is done in the norm, and the steps are timed one by one. */
static void steps_are_fused_and_timed(void **state) {
  (void)state;
  open_card();
  bench b = open_bench(&pm_backend_cuda);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(4, Z(2), Z(4), Z(4), Z(8)), -2, 3);
  pm_value *gamma = numeric_input(b.g, "gamma", pm_shape_of(1, Z(8)), 0.5, 2);
  pm_value *beta = numeric_input(b.g, "beta", pm_shape_of(1, Z(8)), -1, 1);
  pm_keep(pm_silu(b.g, pm_groupnorm(b.g, x, gamma, beta, (pm_groupnorm_attributes){2, 1e-5})), "y");
  b.program = b.backend->compile(b.g);
  assert_int_equal(b.backend->size(b.program).steps, 1);
  pm_step_time step;
  b.backend->run_timed(b.program, &step);
  assert_string_equal(step.name, "groupnorm and silu");
  assert_true(step.seconds > 0);
  close_bench(&b);
}

/* Steps that have nothing to do with each other need not wait for each other. */
static void steps_wait_for_their_operands(void **state) {
  (void)state;
  open_card();
  bench b = open_bench(&pm_backend_cuda);
  pm_value *x = numeric_input(b.g, "x", pm_shape_of(1, Z(40)), -1, 1);
  pm_keep(pm_plus(b.g, pm_relu(b.g, x), pm_exp(b.g, x)), "y");
  b.program = b.backend->compile(b.g);
  const pm_cuda_step_work *work = pm_cuda_work_of(b.program, b.arena);
  assert_int_equal(b.backend->size(b.program).steps, 3);
  assert_int_equal(work[0].waits.steps + work[1].waits.steps, 0);
  assert_int_equal(work[2].waits.steps, 2);
  close_bench(&b);
}

/* What makes a value writes it in bfloat16, too, for a product that reads it so: no step converts it. */
static void makers_round_what_they_make(void **state) {
  float *y[2], *kept[2];
  (void)state;
  open_card();
  for (int k = 0; k < 2; k++) {
    bench b = open_bench(k ? &pm_backend_cpu_bf16 : &pm_backend_cuda_bf16);
    pm_value *x = numeric_input(b.g, "x", pm_shape_of(4, Z(2), Z(4), Z(4), Z(64)), -1, 1);
    pm_value *gamma = numeric_input(b.g, "gamma", pm_shape_of(1, Z(64)), 0.5, 2);
    pm_value *beta = numeric_input(b.g, "beta", pm_shape_of(1, Z(64)), -1, 1);
    pm_value *w = numeric_input(b.g, "w", pm_shape_of(4, Z(3), Z(3), Z(64), Z(64)), -0.1, 0.1);
    pm_value *norm = pm_silu(b.g, pm_groupnorm(b.g, x, gamma, beta, (pm_groupnorm_attributes){2, 1e-5}));
    pm_value *sum = pm_keep(pm_plus(b.g, pm_conv2d(b.g, norm, w, NULL, 1, 1), x), "sum");
    pm_value *last = pm_keep(pm_conv2d(b.g, sum, w, NULL, 1, 1), "y");
    run(&b);
    if (!k) /* the norm, the weights' conversion, and thrice a product or a sum */
      assert_int_equal(b.backend->size(b.program).steps, 5);
    y[k] = memcpy(malloc(pm_count(last) * sizeof(float)), result(&b, last), pm_count(last) * sizeof(float));
    kept[k] = memcpy(malloc(pm_count(sum) * sizeof(float)), result(&b, sum), pm_count(sum) * sizeof(float));
    if (k)
      for (size_t i = 0; i < pm_count(last); i++)
        assert_true(fabsf(y[0][i] - y[1][i]) < 0.05f && fabsf(kept[0][i] - kept[1][i]) < 0.05f);
    close_bench(&b);
  }
  for (int k = 0; k < 2; k++) {
    free(y[k]);
    free(kept[k]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_run_has_the_scalars_of_its_call),
      cmocka_unit_test(a_counted_loop_is_as_many_runs),
      cmocka_unit_test(a_changed_weight_is_converted_again),
      cmocka_unit_test(a_lack_of_memory_says_how_much),
      cmocka_unit_test(a_value_may_be_too_large),
      cmocka_unit_test(code_suits_cards),
      cmocka_unit_test(there_is_one_card),
      cmocka_unit_test(every_op_has_a_kernel),
      cmocka_unit_test(steps_are_fused_and_timed),
      cmocka_unit_test(makers_round_what_they_make),
      cmocka_unit_test(steps_wait_for_their_operands),
  };
  return cmocka_run_group_tests_name("cuda", tests, NULL, NULL);
}
