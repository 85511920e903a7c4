/* The lowered program: which nodes are done together, by whom, in which forms operands are taken, and that it changes
 * no result. */
#include "check.h"

#include "graph_bench.h"

#define Z(n) ((size_t)(n))

static size_t steps_of(bench *b) {
  run(b);
  return b->backend->size(b->program).steps;
}

/* ---- group normalisation and SiLU ---- */

typedef struct {
  pm_value *z, *y, *loss, *dx, *dgamma, *dbeta;
} normalised;

/* SiLU of a group normalisation, and the gradients of its weighted sum of squares. */
static normalised build(pm_graph *g, bool gradient) {
  normalised n;
  pm_value *x = numeric_input(g, "x", pm_shape_of(4, Z(3), Z(4), Z(5), Z(32)), -2, 3);
  pm_value *gamma = numeric_input(g, "gamma", pm_shape_of(1, Z(32)), 0.5, 2);
  pm_value *beta = numeric_input(g, "beta", pm_shape_of(1, Z(32)), -1, 1);
  x->requires_gradient = gamma->requires_gradient = beta->requires_gradient = gradient;
  n.z = pm_groupnorm(g, x, gamma, beta, (pm_groupnorm_attributes){4, 1e-5});
  n.y = pm_keep(pm_silu(g, n.z), "y");
  if (!gradient)
    return n;
  pm_value *rows = pm_reshape(g, pm_times(g, n.y, n.y), pm_shape_of(2, pm_count(x), Z(1)));
  n.loss = pm_keep(pm_mean_rows(g, pm_reshape(g, rows, pm_shape_of(1, pm_count(x))), NULL), "loss");
  pm_gradients(g, n.loss);
  n.dx = pm_keep(pm_gradient_of(g, x), "dx");
  n.dgamma = pm_keep(pm_gradient_of(g, gamma), "dgamma");
  n.dbeta = pm_keep(pm_gradient_of(g, beta), "dbeta");
  return n;
}

static void expect_alike(const bench *got, const bench *want, const normalised *a, const normalised *b, bool gradient) {
  const pm_value *mine[] = {a->y, a->dx, a->dgamma, a->dbeta}, *theirs[] = {b->y, b->dx, b->dgamma, b->dbeta};
  for (int k = 0; k < (gradient ? 4 : 1); k++)
    numeric_expect("groupnorm and silu", result(got, mine[k]), result(want, theirs[k]), pm_count(mine[k]), 0, 1e-5);
}

static void silu_is_done_with_the_norm(void **state) {
  (void)state;
  for (int gradient = 0; gradient <= 1; gradient++) {
    bench cpu = open_bench(&pm_backend_cpu), exact = open_bench(&pm_backend_double);
    normalised a = build(cpu.g, gradient), b = build(exact.g, gradient);
    size_t fused = steps_of(&cpu), plain = steps_of(&exact);
    assert_int_equal(plain - fused, gradient ? 2 : 1);
    expect_alike(&cpu, &exact, &a, &b, gradient);
    close_bench(&cpu), close_bench(&exact);
  }
}

/* z is wanted by the host, by another node, or its gradient by two: then it has to be there. */
static void it_is_not_where_what_lies_between_is_read(void **state) {
  (void)state;
  for (int reason = 0; reason < 3; reason++) {
    bench cpu = open_bench(&pm_backend_cpu), exact = open_bench(&pm_backend_double);
    normalised a = build(cpu.g, true), b = build(exact.g, true);
    pm_value *others[2];
    for (int k = 0; k < 2; k++) {
      pm_graph *g = k ? exact.g : cpu.g;
      pm_value *z = (k ? b : a).z;
      others[k] = reason == 0   ? z
                  : reason == 1 ? pm_relu(g, z)
                                : pm_affine(g, numeric_node(g, &pm_op_silu_grad_float, 0)->out[0], 2, 0);
      pm_keep(others[k], "other");
    }
    assert_int_equal(steps_of(&cpu), steps_of(&exact));
    expect_alike(&cpu, &exact, &a, &b, true);
    numeric_expect("between", result(&cpu, others[0]), result(&exact, others[1]), pm_count(a.z), 0, 1e-5);
    close_bench(&cpu), close_bench(&exact);
  }
}

/* ---- forms ---- */

/* A view of what the same program updates, taken anew after the update, has the new numbers in every form: the one that
 * was made for the view before it is not taken for it. */
static void forms_of_a_view_follow_an_update(void **state) {
  static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_cpu_bf16, &pm_backend_double};
  (void)state;
  for (size_t k = 0; k < sizeof backends / sizeof *backends; k++) {
    bench b = open_bench(backends[k]);
    const pm_shape matrix = pm_shape_of(2, Z(64), Z(64));
    pm_value *x = numeric_input(b.g, "x", matrix, -1, 1);
    pm_value *w = numeric_state(b.g, "w", pm_shape_of(1, Z(64) * 64), -1, 1);
    pm_value *before = pm_keep(pm_linear(b.g, x, pm_reshape(b.g, w, matrix), NULL), "before");
    pm_assign(b.g, w, pm_affine(b.g, w, -2, 0));
    pm_value *after = pm_keep(pm_linear(b.g, x, pm_reshape(b.g, w, matrix), NULL), "after");
    run(&b);
    const float *old = result(&b, before);
    float *want = pm_alloc(b.arena, pm_count(before), sizeof *want);
    for (size_t i = 0; i < pm_count(before); i++)
      want[i] = -2 * old[i];
    numeric_expect(backends[k]->name, result(&b, after), want, pm_count(before), 0, 1e-6);
    close_bench(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(silu_is_done_with_the_norm),
      cmocka_unit_test(it_is_not_where_what_lies_between_is_read),
      cmocka_unit_test(forms_of_a_view_follow_an_update),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
