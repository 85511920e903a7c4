/* Cases of the ops element by element, on rows and columns, and of the losses. */
#include "kernel_case_builders.h"

OP(add) {
  pm_plus(g, IN("a", -2, 2, SHAPE_1), IN("b", -2, 2, SHAPE_1));
}
OP(mul) {
  pm_times(g, IN("a", -2, 2, SHAPE_1), IN("b", -2, 2, SHAPE_1));
}
OP(affine) {
  pm_affine(g, IN("a", -2, 2, SHAPE_1), 0.7, -0.3);
}
OP(relu) {
  pm_relu(g, IN("a", -2, 2, SHAPE_1));
}
OP(relu_grad) {
  PM_APPLY(g, relu_grad, NULL, 0, pm_relu(g, IN("a", -2, 2, SHAPE_1)), IN("dy", -2, 2, SHAPE_1));
}
OP(exp) {
  pm_exp(g, IN("a", -6, 3, SHAPE_1));
}
OP(sigmoid) {
  pm_sigmoid(g, IN("a", -12, 12, SHAPE_1));
}
OP(sigmoid_grad) {
  PM_APPLY(g, sigmoid_grad, NULL, 0, IN("y", 0, 1, SHAPE_1), IN("dy", -2, 2, SHAPE_1));
}
OP(fill) {
  pm_fill(g, SHAPE_1, 1.0 / 3);
}
OP(add_bias) {
  pm_add_bias(g, IN("x", -2, 2, SHAPE_4), IN("b", -2, 2, COLUMNS));
}
OP(sum_rows) {
  pm_sum_rows(g, IN("x", -1, 2, SHAPE_4));
}
OP(permute) {
  static const pm_permute_attributes orders[] = {{{0, 3, 1, 2}}, {{0, 2, 3, 1}}, {{2, 0, 1, 3}}, {{0, 1, 3, 2}}};
  pm_permute(g, IN("x", -1, 1, SHAPE_4), orders[d[3] % 4]);
}
OP(reshape) {
  pm_reshape(g, IN("x", -1, 1, SHAPE_4), pm_shape_of(2, d[3], d[0] * d[1] * d[2]));
}
OP(lerp_rows) {
  pm_lerp_rows(g, IN("a", -1, 1, SHAPE_4), IN("b", -1, 1, SHAPE_4), IN("w", 0, 1, SHAPE_1));
}
OP(squared_error) {
  pm_squared_error(g, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4));
}
OP(squared_error_grad) {
  PM_APPLY(g, squared_error_grad, NULL, 0, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4),
           IN("dloss", -1, 1, SHAPE_1));
}
OP(bce) {
  pm_bce(g, IN("x", -8, 8, SHAPE_4), IN("target", 0, 1, SHAPE_4));
}
OP(bce_grad) {
  PM_APPLY(g, bce_grad, NULL, 0, IN("x", -8, 8, SHAPE_4), IN("target", 0, 1, SHAPE_4), IN("dloss", -1, 1, SHAPE_1));
}
OP(kl_normal) {
  pm_kl_normal(g, IN("mu", -2, 2, SHAPE_4), IN("logvar", -2, 2, SHAPE_4));
}
OP(kl_normal_grad) {
  PM_APPLY(g, kl_normal_grad, NULL, 0, IN("mu", -2, 2, SHAPE_4), IN("logvar", -2, 2, SHAPE_4),
           IN("dloss", -1, 1, SHAPE_1));
}
OP(mean_rows) {
  pm_mean_rows(g, IN("v", -1, 3, SHAPE_1), numeric_scalar(g, "count", (int64_t)(d[0] + 1) / 2));
}
OP(mean_rows_grad) {
  pm_value *v = IN("v", -1, 3, SHAPE_1), *count = numeric_scalar(g, "count", (int64_t)(d[0] + 1) / 2);
  PM_APPLY(g, mean_rows_grad, NULL, 0, v, count, IN("dmean", 1, 2, pm_shape_of(0)));
}

/* ---- networks that take noise away: batch, height, width, channels ---- */
OP(silu) {
  pm_silu(g, IN("x", -12, 12, SHAPE_1));
}
OP(silu_grad) {
  PM_APPLY(g, silu_grad, NULL, 0, IN("x", -12, 12, SHAPE_1), IN("dy", -2, 2, SHAPE_1));
}
OP(gelu) {
  pm_gelu(g, IN("x", -7, 7, SHAPE_1));
}
OP(gelu_grad) {
  PM_APPLY(g, gelu_grad, NULL, 0, IN("x", -7, 7, SHAPE_1), IN("dy", -2, 2, SHAPE_1));
}
OP(clamp) {
  pm_clamp(g, IN("x", -2, 2, SHAPE_1), -1, 0.5);
}
OP(clamp_grad) {
  pm_clamp_attributes a = {-1, 0.5};
  PM_APPLY(g, clamp_grad, &a, sizeof a, IN("x", -2, 2, SHAPE_1), IN("dy", -2, 2, SHAPE_1));
}
OP(combine_rows) {
  pm_value *x = IN("x", -1, 1, SHAPE_4), *a = IN("a", -2, 2, SHAPE_1);
  if (d[1] % 2)
    pm_scale_rows(g, x, a);
  else
    pm_combine_rows(g, x, IN("y", -1, 1, SHAPE_4), a, IN("b", -2, 2, SHAPE_1));
}
OP(concat) {
  pm_concat(g, IN("a", -1, 1, SHAPE_4), IN("b", -1, 1, pm_shape_of(4, d[0], d[1], d[2], d[3] + 3)));
}
OP(slice_columns) {
  pm_slice_columns(g, IN("x", -1, 1, SHAPE_4), d[3] / 3, (d[3] + 1) / 2);
}
OP(add_vector) {
  pm_add_vector(g, IN("x", -1, 1, SHAPE_4), IN("v", -1, 1, VECTORS));
}
OP(sum_pixels) {
  pm_sum_pixels(g, IN("x", -1, 2, SHAPE_4));
}
OP(absolute_error) {
  pm_absolute_error(g, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4));
}
OP(absolute_error_grad) {
  PM_APPLY(g, absolute_error_grad, NULL, 0, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4),
           IN("dloss", -1, 1, SHAPE_1));
}

static const kernel_case cases[] = {
    CASE(add, lengths, 2e-7),
    CASE(mul, lengths, 2e-7),
    CASE(affine, lengths, 2e-7),
    CASE(relu, lengths, 0),
    CASE(relu_grad, lengths, 0),
    CASE(exp, lengths, 2e-7),
    CASE(sigmoid, lengths, 2e-7),
    CASE(sigmoid_grad, lengths, 4e-7),
    CASE(fill, lengths, 0),
    CASE(add_bias, rows, 2e-7),
    CASE(sum_rows, rows, 2e-6),
    CASE(permute, rows, 0),
    CASE(reshape, rows, 0),
    CASE(lerp_rows, rows, 2e-7),
    CASE(squared_error, rows, 1e-6),
    CASE(squared_error_grad, rows, 4e-7),
    CASE(bce, rows, 1e-6),
    CASE(bce_grad, rows, 4e-7),
    CASE(kl_normal, rows, 2e-7),
    CASE(kl_normal_grad, rows, 2e-7),
    CASE(mean_rows, lengths, 2e-7),
    CASE(mean_rows_grad, lengths, 2e-7),
    CASE(silu, lengths, 4e-7),
    CASE(silu_grad, lengths, 8e-7),
    CASE(gelu, lengths, 4e-7),
    CASE(gelu_grad, lengths, 8e-7),
    CASE(clamp, lengths, 0),
    CASE(clamp_grad, lengths, 0),
    CASE(combine_rows, rows, 2e-7),
    CASE(concat, rows, 0),
    CASE(slice_columns, rows, 0),
    CASE(add_vector, rows, 2e-7),
    CASE(sum_pixels, rows, 2e-6),
    CASE(absolute_error, rows, 1e-6),
    CASE(absolute_error_grad, rows, 2e-7),
};
const kernel_case_set kernel_cases_arithmetic = {cases, sizeof cases / sizeof *cases};
