/* Every op's gradient against central differences, in double. */
#include "check.h"

#include "grad.h"

#define INPUT(name, low, high, ...) grad_input(g, name, pm_shape_of(__VA_ARGS__), low, high)
#define Z(n) ((size_t)(n))

static pm_value *elementwise(pm_graph *g) {
  pm_value *a = INPUT("a", -2, 2, 2, Z(3), Z(5)), *b = INPUT("b", -2, 2, 2, Z(3), Z(5));
  pm_value *x = pm_plus(g, pm_times(g, a, b), pm_affine(g, a, 0.7, 0.1));
  return grad_weighted_sum(
      g, pm_plus(g, pm_sigmoid(g, x), pm_times(g, pm_relu(g, x), pm_exp(g, pm_affine(g, b, 0.5, 0)))));
}

static pm_value *rows(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 2, Z(7), Z(4)), *b = INPUT("b", -1, 1, 1, Z(4));
  pm_value *y = pm_add_bias(g, x, b);
  pm_value *sums = pm_sum_rows(g, pm_times(g, y, y));
  return pm_mean_rows(g, pm_times(g, sums, sums), NULL);
}

static pm_value *mean_of_some(pm_graph *g) {
  pm_value *v = INPUT("v", -1, 1, 1, Z(9)), *count = pm_graph_scalar(g, "count", PM_I64);
  int64_t five = 5;
  pm_store_write(g->store, count->buffer, 0, &five, 1);
  return pm_mean_rows(g, pm_times(g, v, v), count);
}

static pm_value *permuted(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(3), Z(4), Z(5));
  pm_value *y = pm_permute(g, x, (pm_permute_attributes){{0, 3, 1, 2}});
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *linear(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(2), Z(3), Z(5)), *w = INPUT("w", -1, 1, 2, Z(4), Z(5)),
           *b = INPUT("b", -1, 1, 1, Z(4));
  return grad_weighted_sum(g, pm_linear(g, x, w, b));
}

static pm_value *convolution(pm_graph *g, size_t height, size_t width, size_t kernel, int stride, int padding) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), height, width, Z(3)), *w = INPUT("w", -1, 1, 4, kernel, kernel, Z(3), Z(4)),
           *b = INPUT("b", -1, 1, 1, Z(4));
  return grad_weighted_sum(g, pm_conv2d(g, x, w, b, stride, padding));
}
static pm_value *conv_plain(pm_graph *g) {
  return convolution(g, 5, 4, 3, 1, 1);
}
static pm_value *conv_stride(pm_graph *g) {
  return convolution(g, 7, 6, 3, 2, 1);
}
static pm_value *conv_bare(pm_graph *g) {
  return convolution(g, 6, 5, 4, 1, 0);
}
static pm_value *conv_pointwise(pm_graph *g) {
  return convolution(g, 3, 3, 1, 1, 0);
}

static pm_value *transposed(pm_graph *g, size_t kernel, int output_padding) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(3), Z(4), Z(5)), *w = INPUT("w", -1, 1, 4, kernel, kernel, Z(3), Z(5));
  size_t grow = kernel + Z(output_padding) - 2;
  pm_conv2d_attributes a = {2, 1, 2 * 2 + grow, 3 * 2 + grow};
  pm_value *y = pm_conv2d_grad_input(g, x, w, a);
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *transposed_3(pm_graph *g) {
  return transposed(g, 3, 1);
}
static pm_value *transposed_4(pm_graph *g) {
  return transposed(g, 4, 0);
}

static pm_value *batchnorm(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 3, 4, Z(3), Z(2), Z(2), Z(4)), *gamma = INPUT("gamma", 0.5, 2, 1, Z(4)),
           *beta = INPUT("beta", -1, 1, 1, Z(4));
  pm_value *y = pm_batchnorm(g, x, gamma, beta, (pm_batchnorm_attributes){1e-5});
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *target(pm_graph *g, pm_shape shape) {
  pm_value *t = grad_input(g, "target", shape, 0, 1);
  t->requires_gradient = false;
  return t;
}
static pm_value *squared_error(pm_graph *g) {
  pm_value *x = INPUT("x", 0, 1, 3, Z(4), Z(3), Z(2)), *loss = pm_squared_error(g, x, target(g, x->shape));
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}
static pm_value *bce(pm_graph *g) {
  pm_value *x = INPUT("x", -8, 8, 3, Z(4), Z(3), Z(2)), *loss = pm_bce(g, x, target(g, x->shape));
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}
static pm_value *kl_normal(pm_graph *g) {
  pm_value *mu = INPUT("mu", -2, 2, 2, Z(4), Z(3)), *logvar = INPUT("logvar", -2, 2, 2, Z(4), Z(3));
  pm_value *loss = pm_kl_normal(g, mu, logvar);
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}

#define CHECK(name)                                                                                                    \
  static void check_##name(void **state) {                                                                             \
    (void)state;                                                                                                       \
    grad_check(name);                                                                                                  \
  }
CHECK(elementwise)
CHECK(rows)
CHECK(mean_of_some)
CHECK(permuted)
CHECK(linear)
CHECK(conv_plain)
CHECK(conv_stride)
CHECK(conv_bare)
CHECK(conv_pointwise)
CHECK(transposed_3)
CHECK(transposed_4)
CHECK(batchnorm)
CHECK(squared_error)
CHECK(bce)
CHECK(kl_normal)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(check_elementwise),    cmocka_unit_test(check_rows),
      cmocka_unit_test(check_mean_of_some),   cmocka_unit_test(check_permuted),
      cmocka_unit_test(check_linear),         cmocka_unit_test(check_conv_plain),
      cmocka_unit_test(check_conv_stride),    cmocka_unit_test(check_conv_bare),
      cmocka_unit_test(check_conv_pointwise), cmocka_unit_test(check_transposed_3),
      cmocka_unit_test(check_transposed_4),   cmocka_unit_test(check_batchnorm),
      cmocka_unit_test(check_squared_error),  cmocka_unit_test(check_bce),
      cmocka_unit_test(check_kl_normal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
