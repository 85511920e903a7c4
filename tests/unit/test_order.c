/* The rules of order.h: what they promise, and graphs that break them. */
#include "check.h"

#include <signal.h>

#include "nn/backend.h"
#include "nn/order.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))
#define FOUR pm_shape_of(1, Z(4))
#define SQUARE pm_shape_of(2, Z(2), Z(2))

typedef struct {
  pm_arena *arena;
  pm_store *store, *lender;
  pm_graph *g;
} bench;

static bench open_bench(void) {
  bench b = {.arena = pm_arena_new()};
  b.store = pm_store_new(b.arena, &pm_backend_cpu);
  b.g = pm_graph_new(b.arena, b.store, true);
  return b;
}

static void close_bench(bench *b) {
  if (b->lender)
    pm_store_free(b->lender);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static pm_value *state_of(bench *b) {
  return numeric_state(b->g, "state", FOUR, 1, 2);
}

static pm_value *twice(bench *b, pm_value *x) {
  return pm_affine(b->g, x, 2, 0);
}

static pm_value *sum(bench *b, pm_value *x) {
  return pm_mean_rows(b->g, x, NULL);
}

/* ---- what the rules promise ---- */

static void expect(const bench *b, const pm_program *program, const pm_value *x, const float want[4]) {
  const float *got = numeric_read(b->arena, &pm_backend_cpu, program, x);
  assert_memory_equal(got, want, 4 * sizeof *want);
}

/* Before an update the old content, after it the new one, through a view taken after it, too; run after run. */
static void readers_see_what_is_there(void **state) {
  (void)state;
  bench b = open_bench();
  pm_value *s = pm_graph_state(b.g, "state", PM_F32, FOUR);
  pm_value *before = pm_keep(pm_affine(b.g, s, 1, 0), "before");
  pm_value *view_before = pm_keep(pm_affine(b.g, pm_reshape(b.g, s, SQUARE), 10, 0), "view before");
  pm_assign(b.g, s, pm_affine(b.g, s, 2, 1));
  pm_value *after = pm_keep(pm_affine(b.g, s, 1, 0), "after");
  pm_value *view_after = pm_keep(pm_reshape(b.g, s, SQUARE), "view after");
  pm_assign(b.g, pm_graph_state(b.g, "copy", PM_F32, FOUR), view_after);
  pm_program *program = pm_backend_cpu.compile(b.g);
  pm_store_write(b.store, s->buffer, 0, (float[]){0, 1, 2, 3}, 4);
  pm_backend_cpu.run(program);
  expect(&b, program, before, (float[]){0, 1, 2, 3});
  expect(&b, program, view_before, (float[]){0, 10, 20, 30});
  expect(&b, program, after, (float[]){1, 3, 5, 7});
  expect(&b, program, view_after, (float[]){1, 3, 5, 7});
  pm_backend_cpu.run(program);
  expect(&b, program, before, (float[]){1, 3, 5, 7});
  expect(&b, program, after, (float[]){3, 7, 11, 15});
  pm_backend_cpu.free_program(program);
  close_bench(&b);
}

/* ---- graphs that keep them, and graphs that do not ---- */

static void update_then_read(bench *b) {
  pm_value *s = state_of(b);
  pm_assign(b->g, s, twice(b, s));
  pm_keep(twice(b, pm_reshape(b->g, s, SQUARE)), "now");
  pm_assign(b->g, s, twice(b, s));
}

static void a_view_from_before(bench *b) {
  pm_value *s = state_of(b), *view = pm_reshape(b->g, s, SQUARE);
  pm_assign(b->g, s, twice(b, s));
  pm_keep(twice(b, view), "then");
}

static void a_view_of_a_view_from_before(bench *b) {
  pm_value *s = state_of(b), *view = pm_reshape(b->g, s, SQUARE);
  pm_assign(b->g, s, twice(b, s));
  pm_reshape(b->g, view, FOUR);
}

static void a_view_kept_from_before(bench *b) {
  pm_value *s = state_of(b);
  pm_keep(pm_reshape(b->g, s, SQUARE), "then");
  pm_assign(b->g, s, twice(b, s));
}

static void an_input(bench *b) {
  pm_assign(b->g, numeric_input(b->g, "pictures", FOUR, 0, 1), pm_fill(b->g, FOUR, 0));
}

static void of_itself(bench *b) {
  pm_value *s = state_of(b);
  pm_assign(b->g, s, s);
}

static void of_a_view_of_itself(bench *b) {
  pm_value *s = state_of(b);
  pm_assign(b->g, s, pm_reshape(b->g, s, SQUARE));
}

static void two_in_one(bench *b) {
  pm_value *a = pm_graph_parameter(b->g, &(pm_slot){.name = "a", .role = PM_STATE, .shape = FOUR}), *all;
  b->store->sealed = true;
  all = pm_graph_block(b->g, "states");
  pm_value *mean = numeric_input(b->g, "mean", FOUR, 0, 1);
  pm_batchnorm_update(b->g, a, all, pm_graph_state(b->g, "batches", PM_I64, pm_shape_of(0)), mean, mean,
                      (pm_batchnorm_update_attributes){0.1, 4});
}

static void a_lenders(bench *b) {
  b->lender = pm_store_new(b->arena, &pm_backend_cpu);
  b->lender->sealed = true;
  pm_graph_loan loan = pm_graph_borrow(b->g, b->lender);
  pm_value *s = state_of(b);
  pm_graph_return(b->g, loan);
  pm_clear(b->g, s);
}

static void gradients_in_their_block(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR);
  pm_gradients(b->g, sum(b, pm_times(b->g, w, w)));
  pm_clip_norm(b->g, pm_graph_block(b->g, "gradients"), 1);
}

static void a_gradient_after_clipping(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR);
  pm_gradients(b->g, sum(b, pm_times(b->g, w, w)));
  pm_clip_norm(b->g, pm_graph_block(b->g, "gradients"), 1);
  pm_keep(twice(b, pm_gradient_of(b->g, w)), "clipped?");
}

static void two_gradients_in_one_place(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR);
  pm_gradients(b->g, sum(b, pm_times(b->g, w, w)));
  pm_value *other = pm_affine(b->g, pm_gradient_of(b->g, w), 1, 0);
  other->buffer = pm_gradient_of(b->g, w)->buffer;
  other->role = PM_STATE;
}

/* The gradient of w s takes s as it is behind the update. */
static void a_factor_updated_before_the_gradient(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR), *s = state_of(b), *y = pm_times(b->g, w, s);
  pm_assign(b->g, s, twice(b, s));
  pm_gradients(b->g, sum(b, y));
}

static void a_factor_updated_after_the_gradient(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR), *s = state_of(b), *y = pm_times(b->g, w, s);
  pm_gradients(b->g, sum(b, y));
  pm_assign(b->g, s, twice(b, s));
}

static void a_factor_updated_first(bench *b) {
  pm_value *w = numeric_parameter(b->g, "w", FOUR), *s = state_of(b);
  pm_clear(b->g, s);
  pm_moving_average(b->g, s, twice(b, w), pm_fill(b->g, pm_shape_of(0), 0.5));
  pm_assign(b->g, s, pm_fill(b->g, FOUR, 3));
  pm_gradients(b->g, sum(b, pm_times(b->g, w, s)));
}

static const struct {
  const char *name;
  void (*build)(bench *b);
  const char *problem; /* NULL: none */
} cases[] = {
    {"update, then read", update_then_read, NULL},
    {"a view from before", a_view_from_before, "node 2 (assign) writes over what node 0 (reshape) made, before node 3"},
    {"a view of a view", a_view_of_a_view_from_before, "node 2 (assign) writes over what node 0 (reshape) made"},
    {"a view kept", a_view_kept_from_before, "before it is read at the end"},
    {"an input", an_input, "node 1 (assign) updates 'pictures', which is neither a parameter nor a state"},
    {"a state to itself", of_itself, "updates 'state', which is 2 of its inputs, not 1"},
    {"a view of a state to itself", of_a_view_of_itself, "updates 'state' and reads the same memory as value 1"},
    {"two in one place", two_in_one, "updates 'a' and reads the same memory as 'states'"},
    {"a lender's", a_lenders, "node 0 (clear) updates 'state', which belongs to a lender"},
    {"gradients clipped", gradients_in_their_block, NULL},
    {"a gradient after clipping", a_gradient_after_clipping, "(clip_norm) writes over what node"},
    {"two gradients in one place", two_gradients_in_one_place, "make values in the same memory of 'gradients'"},
    {"updated before the gradient", a_factor_updated_before_the_gradient,
     "reads 'state' for the gradient, which node 2 (assign) has updated since node 0 (mul) read it"},
    {"updated after the gradient", a_factor_updated_after_the_gradient, NULL},
    {"updated first", a_factor_updated_first, NULL},
};

static void breaches_are_named(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bench b = open_bench();
    cases[i].build(&b);
    const char *problem = pm_order_problem(b.g, b.arena), *want = cases[i].problem;
    if (!problem != !want || (want && !strstr(problem, want)))
      fail_msg("%s: \"%s\", expected \"%s\"", cases[i].name, problem ? problem : "nothing", want ? want : "nothing");
    close_bench(&b);
  }
}

static void compile_a_breach(void *context) {
  bench b = open_bench();
  ((const pm_backend *)context)->compile((an_input(&b), b.g));
}

static void every_backend_looks(void **state) {
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
  (void)state;
  for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
    check_output output;
    assert_int_equal(check_child(compile_a_breach, (void *)(size_t)backends[i], "", &output), -SIGABRT);
    assert_non_null(strstr(output.err, "graph: node 1 (assign) updates 'pictures'"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(readers_see_what_is_there),
      cmocka_unit_test(breaches_are_named),
      cmocka_unit_test(every_backend_looks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
