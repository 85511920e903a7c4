/* Cases of linear layers, convolutions, normalisation, and the update of a step. */
#include "kernel_case_builders.h"

OP(batchnorm) {
  pm_batchnorm(g, IN("x", -1, 3, SHAPE_4), IN("gamma", 0.5, 2, COLUMNS), IN("beta", -1, 1, COLUMNS),
               (pm_batchnorm_attributes){1e-5});
}
OP(batchnorm_grad) {
  pm_batchnorm_attributes a = {1e-5};
  pm_value *x = IN("x", -1, 3, SHAPE_4), *gamma = IN("gamma", 0.5, 2, COLUMNS);
  PM_APPLY(g, batchnorm_grad, &a, sizeof a, x, gamma, IN("mean", 0.5, 1.5, COLUMNS), IN("variance", 0.5, 2, COLUMNS),
           IN("dy", -1, 1, SHAPE_4));
}
OP(batchnorm_update) {
  pm_value *batches = pm_graph_state(g, "batches", PM_I64, pm_shape_of(0));
  pm_batchnorm_update(g, STATE("running mean", -1, 1, COLUMNS), STATE("running variance", 0, 2, COLUMNS), batches,
                      IN("mean", -1, 1, COLUMNS), IN("variance", 0, 2, COLUMNS),
                      (pm_batchnorm_update_attributes){0.1, d[0] * d[1] * d[2]});
}
OP(batchnorm_use) {
  pm_batchnorm_use(g, IN("x", -1, 3, SHAPE_4), IN("gamma", 0.5, 2, COLUMNS), IN("beta", -1, 1, COLUMNS),
                   IN("mean", -1, 1, COLUMNS), IN("variance", 0.1, 2, COLUMNS), (pm_batchnorm_attributes){1e-5});
}

/* rows, in, out */
OP(linear) {
  pm_value *bias = d[0] % 2 ? IN("b", -1, 1, pm_shape_of(1, d[2])) : NULL;
  pm_linear(g, IN("x", -1, 1, pm_shape_of(2, d[0], d[1])), IN("w", -1, 1, pm_shape_of(2, d[2], d[1])), bias);
}
OP(linear_grad_input) {
  PM_APPLY(g, linear_grad_input, NULL, 0, IN("dy", -1, 1, pm_shape_of(2, d[0], d[2])),
           IN("w", -1, 1, pm_shape_of(2, d[2], d[1])));
}
OP(linear_grad_weight) {
  PM_APPLY(g, linear_grad_weight, NULL, 0, IN("x", -1, 1, pm_shape_of(2, d[0], d[1])),
           IN("dy", -1, 1, pm_shape_of(2, d[0], d[2])));
}

/* rows, groups, in, out, and the first group where not all are taken */
OP(grouped_linear) {
  const size_t all = d[1] + d[4];
  pm_value *bias = d[0] % 2 ? IN("b", -1, 1, pm_shape_of(2, all, d[3])) : NULL;
  pm_grouped_linear(g, IN("x", -1, 1, pm_shape_of(3, d[0], d[1], d[2])),
                    IN("w", -1, 1, pm_shape_of(3, all, d[3], d[2])), bias, d[4]);
}
OP(grouped_linear_grad_input) {
  pm_grouped_linear_attributes a = {0};
  PM_APPLY(g, grouped_linear_grad_input, &a, sizeof a, IN("dy", -1, 1, pm_shape_of(3, d[0], d[1], d[3])),
           IN("w", -1, 1, pm_shape_of(3, d[1], d[3], d[2])));
}
OP(grouped_linear_grad_weight) {
  pm_grouped_linear_attributes a = {0};
  PM_APPLY(g, grouped_linear_grad_weight, &a, sizeof a, IN("x", -1, 1, pm_shape_of(3, d[0], d[1], d[2])),
           IN("dy", -1, 1, pm_shape_of(3, d[0], d[1], d[3])));
}

/* batch, height, width, in, out, kernel, stride, padding */
#define CONV_X pm_shape_of(4, d[0], d[1], d[2], d[3])
#define CONV_W pm_shape_of(4, d[5], d[5], d[3], d[4])
#define CONV_Y pm_shape_of(4, d[0], (d[1] + 2 * d[7] - d[5]) / d[6] + 1, (d[2] + 2 * d[7] - d[5]) / d[6] + 1, d[4])
#define CONV_ATTRIBUTES                                                                                                \
  (pm_conv2d_attributes) {                                                                                             \
    (int)d[6], (int)d[7], d[1], d[2]                                                                                   \
  }
OP(conv2d) {
  pm_value *bias = d[4] > 1 ? IN("b", -1, 1, pm_shape_of(1, d[4])) : NULL;
  pm_conv2d(g, IN("x", -1, 1, CONV_X), IN("w", -1, 1, CONV_W), bias, (int)d[6], (int)d[7]);
}
OP(conv2d_grad_input) {
  pm_conv2d_grad_input(g, IN("dy", -1, 1, CONV_Y), IN("w", -1, 1, CONV_W), CONV_ATTRIBUTES);
}
OP(conv2d_grad_weight) {
  pm_conv2d_grad_weight(g, IN("x", -1, 1, CONV_X), IN("dy", -1, 1, CONV_Y), IN("w", -1, 1, CONV_W), CONV_ATTRIBUTES);
}

/* ---- the update of a step ---- */
OP(adam) {
  pm_value *rate = IN("rate", 1e-3, 2e-3, pm_shape_of(0)), *step = numeric_scalar(g, "step", (int64_t)d[0] % 7);
  pm_adam(g, STATE("p", -1, 1, SHAPE_1), IN("gradient", -1, 1, SHAPE_1), STATE("m", -0.1, 0.1, SHAPE_1),
          STATE("v", 0, 0.1, SHAPE_1), rate, step, (pm_adam_attributes){0.9, 0.999, 1e-8, 0.01, d[0] % 2});
}
OP(weight_decay) {
  static const pm_range ranges[] = {{0, 1}, {2, 3}};
  pm_value *rate = IN("rate", 1e-3, 2e-3, pm_shape_of(0));
  pm_weight_decay(g, STATE("p", -1, 1, SHAPE_1), STATE("gradient", -1, 1, SHAPE_1), rate,
                  (pm_weight_decay_attributes){0.1, d[0] % 2, d[0] < 5 ? 1 : 2, ranges});
}
OP(moving_average) {
  pm_moving_average(g, STATE("average", -1, 1, SHAPE_1), IN("x", -1, 1, SHAPE_1), IN("decay", 0.9, 1, pm_shape_of(0)));
}
OP(clip_norm) {
  pm_clip_norm(g, STATE("gradient", -1, 1, SHAPE_1), 0.1);
}
OP(record) {
  pm_value *log = STATE("log", -1, 1, pm_shape_of(2, d[0], (size_t)3)), *row = numeric_scalar(g, "row", 100);
  pm_value *scalars[] = {IN("first", -1, 1, pm_shape_of(0)), IN("second", -1, 1, pm_shape_of(0))};
  pm_record(g, log, row, scalars, 2);
}
OP(upsample_nearest) {
  pm_upsample_nearest(g, IN("x", -1, 1, SHAPE_4), 2 + d[0] % 2);
}
OP(upsample_nearest_grad) {
  size_t f = 2 + d[0] % 2;
  pm_upsample_attributes a = {f};
  PM_APPLY(g, upsample_nearest_grad, &a, sizeof a, IN("dy", -1, 1, pm_shape_of(4, d[0], d[1] * f, d[2] * f, d[3])));
}
OP(pad2d) {
  pm_pad2d(g, IN("x", -1, 1, SHAPE_4), (pm_margins){1, 0, 2, 3});
}
OP(crop2d) {
  pm_crop2d(g, IN("x", -1, 1, SHAPE_4), (pm_margins){d[1] / 3, d[2] / 4, d[1] / 4, d[2] / 3});
}
/* In as many groups as the channels allow. */
static pm_groupnorm_attributes groups_of(sizes d) {
  size_t groups = 8;
  while (d[3] % groups)
    groups--;
  return (pm_groupnorm_attributes){groups, 1e-5};
}
OP(groupnorm) {
  pm_groupnorm(g, IN("x", -1, 3, SHAPE_4), IN("gamma", 0.5, 2, COLUMNS), IN("beta", -1, 1, COLUMNS), groups_of(d));
}
OP(groupnorm_grad) {
  pm_groupnorm_attributes a = groups_of(d);
  pm_shape moments = pm_shape_of(2, d[0], a.groups);
  PM_APPLY(g, groupnorm_grad, &a, sizeof a, IN("x", -1, 3, SHAPE_4), IN("gamma", 0.5, 2, COLUMNS),
           IN("beta", -1, 1, COLUMNS), IN("mean", 0.5, 1.5, moments), IN("variance", 0.5, 2, moments),
           IN("dy", -1, 1, SHAPE_4));
}

static const size_t products[][KERNEL_SIZES] = {
    {1, 1, 1},   {1, 7, 5},     {2, 1, 3},      {3, 16, 17},  {64, 64, 256},   {65, 33, 257}, {130, 70, 301},
    {5, 300, 1}, {8, 1024, 32}, {32, 32, 1024}, {97, 48, 80}, {385, 128, 160}, {1, 64, 32}};
static const size_t grouped[][KERNEL_SIZES] = {{1, 1, 1, 1},         {3, 2, 7, 5},         {65, 4, 33, 38, 0},
                                               {130, 4, 128, 16, 2}, {64, 1, 128, 300, 3}, {7, 16, 20, 9, 0}};
static const size_t convolutions[][KERNEL_SIZES] = {
    {1, 1, 1, 1, 1, 1, 1, 0},     {1, 1, 1, 3, 2, 3, 1, 1},     {2, 3, 3, 2, 5, 3, 1, 1},
    {3, 8, 8, 3, 16, 3, 2, 1},    {7, 9, 7, 4, 5, 3, 2, 1},     {8, 7, 6, 2, 3, 3, 1, 0},
    {9, 8, 8, 3, 4, 3, 2, 0},     {3, 2, 2, 3, 3, 4, 1, 1},     {5, 8, 10, 3, 5, 4, 2, 1},
    {4, 5, 6, 6, 9, 1, 1, 0},     {4, 6, 5, 3, 4, 1, 2, 0},     {2, 4, 5, 3, 4, 1, 1, 1},
    {3, 10, 3, 1, 1, 5, 3, 2},    {1, 16, 16, 64, 17, 3, 1, 1}, {3, 16, 16, 64, 8, 3, 1, 1},
    {33, 16, 16, 3, 32, 3, 2, 1}, {17, 8, 8, 32, 64, 3, 2, 1},  {2, 2, 9, 5, 33, 2, 2, 0},
    {2, 3, 3, 2, 2, 7, 1, 3},     {2, 5, 5, 2, 3, 3, 1, 2},     {2, 5, 7, 48, 80, 3, 1, 1},
    {9, 4, 4, 130, 96, 3, 1, 1},  {5, 6, 6, 112, 64, 1, 1, 0},  {2, 5, 5, 16, 16, 3, 1, 2},
    {3, 7, 5, 16, 32, 5, 3, 2},   {2, 3, 3, 16, 16, 7, 1, 3},   {33, 4, 4, 16, 208, 3, 1, 1},
    {40, 8, 8, 16, 16, 3, 1, 1},  {2, 32, 32, 16, 32, 4, 2, 1}, {3, 6, 5, 32, 48, 4, 2, 1},
    {70, 4, 4, 32, 96, 3, 1, 1},  {1, 3, 3, 208, 32, 3, 1, 1},  {3, 16, 16, 64, 80, 3, 1, 1},
    {38, 8, 8, 48, 32, 3, 1, 1},
};

static const kernel_case cases[] = {
    CASE(batchnorm, rows, 4e-6),
    CASE(batchnorm_grad, rows, 2e-6),
    CASE(batchnorm_update, rows, 2e-7),
    CASE(batchnorm_use, rows, 2e-6),
    CASE_BF16(linear, products, 2e-6, 8e-3),
    CASE_BF16(linear_grad_input, products, 2e-6, 8e-3),
    CASE_BF16(linear_grad_weight, products, 2e-6, 8e-3),
    CASE(grouped_linear, grouped, 2e-6),
    CASE(grouped_linear_grad_input, grouped, 2e-6),
    CASE(grouped_linear_grad_weight, grouped, 2e-6),
    CASE_BF16(conv2d, convolutions, 4e-6, 8e-3),
    CASE_BF16(conv2d_grad_input, convolutions, 4e-6, 8e-3),
    CASE_BF16(conv2d_grad_weight, convolutions, 1e-5, 8e-3),
    CASE(adam, lengths, 2e-6),
    CASE(weight_decay, lengths, 2e-7),
    CASE(moving_average, lengths, 2e-7),
    CASE(clip_norm, lengths, 2e-7),
    CASE(record, lengths, 0),
    CASE(upsample_nearest, rows, 0),
    CASE(upsample_nearest_grad, rows, 4e-7),
    CASE(pad2d, rows, 0),
    CASE(crop2d, rows, 0),
    CASE(groupnorm, rows, 4e-6),
    CASE(groupnorm_grad, rows, 2e-6),
};
const kernel_case_set kernel_cases_network = {cases, sizeof cases / sizeof *cases};
