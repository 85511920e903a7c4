#include "nn/layers.h"

#include "nn/micro_batch.h"

#include <string.h>

/* PyTorch's beginning of linear and convolution layers: weight and bias uniform within 1 / sqrt(fan_in)
 * (kaiming_uniform with a = sqrt 5). */
static pm_value *uniform(pm_graph *g, const char *name, const char *what, pm_shape shape, size_t fan_in) {
  pm_slot slot = {.name = pm_format(g->arena, "%s.%s", name, what),
                  .role = PM_PARAM,
                  .dtype = PM_F32,
                  .shape = shape,
                  .init = PM_INIT_UNIFORM,
                  .scale = 1 / sqrt((double)fan_in)};
  if (shape.rank == 4) { /* [kh,kw,I,O] here, [O,I,kh,kw] in files */
    slot.file_axis[0] = 3;
    slot.file_axis[1] = 2;
    slot.file_axis[2] = 0;
    slot.file_axis[3] = 1;
  }
  return pm_graph_parameter(g, &slot);
}

pm_value *pm_linear_layer(pm_graph *g, const char *name, pm_value *x, size_t out) {
  size_t in = pm_columns(x);
  pm_value *weight = uniform(g, name, "weight", pm_shape_of(2, out, in), in);
  pm_value *bias = uniform(g, name, "bias", pm_shape_of(1, out), in);
  return pm_linear(g, x, weight, bias);
}

pm_value *pm_conv2d_layer(pm_graph *g, const char *name, pm_value *x, size_t out, size_t kernel, int stride,
                          int padding) {
  size_t in = pm_columns(x), fan_in = in * kernel * kernel;
  pm_value *weight = uniform(g, name, "weight", pm_shape_of(4, kernel, kernel, in, out), fan_in);
  pm_value *bias = uniform(g, name, "bias", pm_shape_of(1, out), fan_in);
  return pm_conv2d(g, x, weight, bias, stride, padding);
}

/* The transposed convolution is the gradient of a convolution with respect to its input: of one from `out` to `in`
 * channels. PyTorch takes the fan-in from the same view, that is from `out`. */
pm_value *pm_conv_transpose2d_layer(pm_graph *g, const char *name, pm_value *x, size_t out, size_t kernel, int stride,
                                    int padding, int output_padding) {
  size_t in = pm_columns(x), fan_in = out * kernel * kernel;
  size_t grow = kernel + (size_t)output_padding - 2 * (size_t)padding;
  pm_conv2d_attributes a = {stride, padding, (x->shape.dim[1] - 1) * (size_t)stride + grow,
                            (x->shape.dim[2] - 1) * (size_t)stride + grow};
  pm_value *weight = uniform(g, name, "weight", pm_shape_of(4, kernel, kernel, out, in), fan_in);
  pm_value *bias = uniform(g, name, "bias", pm_shape_of(1, out), fan_in);
  return pm_add_bias(g, pm_conv2d_grad_input(g, x, weight, a), bias);
}

static pm_value *channel_slot(pm_graph *g, const char *name, const char *what, pm_role role, size_t channels,
                              pm_init init) {
  pm_slot slot = {.name = pm_format(g->arena, "%s.%s", name, what),
                  .role = role,
                  .dtype = PM_F32,
                  .shape = pm_shape_of(1, channels),
                  .init = init};
  return pm_graph_parameter(g, &slot);
}

pm_value *pm_batchnorm_layer(pm_graph *g, const char *name, pm_value *x) {
  const pm_batchnorm_attributes a = {1e-5};
  const double momentum = 0.1;
  size_t channels = pm_columns(x);
  pm_value *gamma = channel_slot(g, name, "weight", PM_PARAM, channels, PM_INIT_ONE);
  pm_value *beta = channel_slot(g, name, "bias", PM_PARAM, channels, PM_INIT_ZERO);
  pm_graph *whole = pm_graph_of_batch(g);
  pm_value *mean = channel_slot(whole, name, "running_mean", PM_STATE, channels, PM_INIT_ZERO);
  pm_value *variance = channel_slot(whole, name, "running_var", PM_STATE, channels, PM_INIT_ONE);
  pm_slot counter = {.name = pm_format(g->arena, "%s.num_batches_tracked", name),
                     .role = PM_STATE,
                     .dtype = PM_I64,
                     .shape = pm_shape_of(0)};
  pm_value *batches = pm_graph_parameter(whole, &counter);
  if (!g->training)
    return pm_batchnorm_use(g, x, gamma, beta, mean, variance, a);
  pm_value *y = pm_batchnorm(g, x, gamma, beta, a);
  pm_batchnorm_update(whole, mean, variance, batches, pm_batch_mean(g, pm_output_of(y, PM_BATCHNORM_MEAN)),
                      pm_batch_mean(g, pm_output_of(y, PM_BATCHNORM_VARIANCE)),
                      (pm_batchnorm_update_attributes){momentum, pm_rows(x)});
  return y;
}

pm_value *pm_groupnorm_layer(pm_graph *g, const char *name, pm_value *x, int groups) {
  size_t channels = pm_columns(x);
  pm_value *gamma = channel_slot(g, name, "weight", PM_PARAM, channels, PM_INIT_ONE);
  pm_value *beta = channel_slot(g, name, "bias", PM_PARAM, channels, PM_INIT_ZERO);
  return pm_groupnorm(g, x, gamma, beta, (pm_groupnorm_attributes){(size_t)groups, 1e-5});
}

/* The group normalisation of one group, whose samples are the rows. */
pm_value *pm_layernorm_layer(pm_graph *g, const char *name, pm_value *x) {
  pm_value *rows = pm_reshape(g, x, pm_shape_of(2, pm_rows(x), pm_columns(x)));
  return pm_reshape(g, pm_groupnorm_layer(g, name, rows, 1), x->shape);
}

/* PyTorch's beginning: Glorot and Bengio's uniform for the matrix of all three; no bias. */
pm_value *pm_qkv_layer(pm_graph *g, const char *name, pm_value *x) {
  size_t width = pm_columns(x);
  pm_slot weight = {.name = pm_format(g->arena, "%s.in_proj_weight", name),
                    .role = PM_PARAM,
                    .dtype = PM_F32,
                    .shape = pm_shape_of(2, 3 * width, width),
                    .init = PM_INIT_UNIFORM,
                    .scale = sqrt(6 / (double)(width + 3 * width))};
  pm_value *matrix = pm_graph_parameter(g, &weight);
  return pm_linear(g, x, matrix, channel_slot(g, name, "in_proj_bias", PM_PARAM, 3 * width, PM_INIT_ZERO));
}

pm_value *pm_table_of_rows(pm_graph *g, const char *name, size_t rows, size_t width, double deviation) {
  pm_slot slot = {.name = pm_format(g->arena, "%s.weight", name),
                  .role = PM_PARAM,
                  .dtype = PM_F32,
                  .shape = pm_shape_of(2, rows, width),
                  .init = PM_INIT_NORMAL,
                  .scale = deviation};
  return pm_graph_parameter(g, &slot);
}

pm_value *pm_embedding_layer(pm_graph *g, const char *name, pm_value *index, size_t count, size_t width) {
  return pm_embedding(g, pm_table_of_rows(g, name, count, width, 1), index);
}

static pm_value *zero_slot(pm_graph *g, const char *name, const char *what, pm_shape shape) {
  pm_slot slot = {.name = pm_format(g->arena, "%s.%s", name, what),
                  .role = PM_PARAM,
                  .dtype = PM_F32,
                  .shape = shape,
                  .init = PM_INIT_ZERO};
  return pm_graph_parameter(g, &slot);
}

pm_value *pm_grouped_linear_layer(pm_graph *g, const char *name, pm_value *x, size_t groups, size_t first, size_t out) {
  pm_value *weight = zero_slot(g, name, "weight", pm_shape_of(3, groups, out, pm_columns(x)));
  pm_value *bias = zero_slot(g, name, "bias", pm_shape_of(2, groups, out));
  return pm_grouped_linear(g, x, weight, bias, first);
}

pm_value *pm_attention_layer(pm_graph *g, const char *name, pm_value *x, int groups, int heads) {
  const size_t n = x->shape.dim[0], width = pm_columns(x), pixels = pm_rows(x) / n;
  pm_value *h = pm_groupnorm_layer(g, pm_format(g->arena, "%s.norm", name), x, groups);
  h = pm_conv2d_layer(g, pm_format(g->arena, "%s.qkv", name), h, 3 * width, 1, 1, 0);
  h = pm_reshape(g, h, pm_shape_of(3, n, pixels, 3 * width));
  h = pm_reshape(g, pm_attention(g, h, (pm_draws){0}, (pm_attention_attributes){.heads = (size_t)heads}), x->shape);
  return pm_plus(g, x, pm_conv2d_layer(g, pm_format(g->arena, "%s.out", name), h, width, 1, 1, 0));
}

static pm_slot *slot_of(pm_graph *g, const char *parameter) {
  pm_slot *slot = pm_store_find_slot(g->store, parameter);
  assert(slot);
  return slot;
}

void pm_zero_initialise(pm_graph *g, const char *parameter) {
  slot_of(g, parameter)->init = PM_INIT_ZERO;
}

void pm_initialise_normal(pm_graph *g, const char *parameter, double deviation) {
  pm_slot *slot = slot_of(g, parameter);
  slot->init = PM_INIT_NORMAL;
  slot->scale = deviation;
}

void pm_initialise_with(pm_graph *g, const char *parameter, const float *items) {
  pm_slot *slot = slot_of(g, parameter);
  float *copy = pm_alloc(g->store->arena, pm_shape_count(slot->shape), sizeof *copy);
  memcpy(copy, items, pm_shape_count(slot->shape) * sizeof *copy);
  slot->init = PM_INIT_GIVEN;
  slot->items = copy;
}

void pm_zero_initialise_layer(pm_graph *g, const char *name) {
  pm_zero_initialise(g, pm_format(g->arena, "%s.weight", name));
  pm_zero_initialise(g, pm_format(g->arena, "%s.bias", name));
}

pm_value *pm_flatten(pm_graph *g, pm_value *x) {
  size_t n = x->shape.dim[0];
  pm_value *channels_first = pm_permute(g, x, (pm_permute_attributes){{0, 3, 1, 2}});
  return pm_reshape(g, channels_first, pm_shape_of(2, n, pm_count(x) / n));
}

pm_value *pm_unflatten(pm_graph *g, pm_value *x, size_t height, size_t width, size_t channels) {
  pm_value *channels_first = pm_reshape(g, x, pm_shape_of(4, x->shape.dim[0], channels, height, width));
  return pm_permute(g, channels_first, (pm_permute_attributes){{0, 2, 3, 1}});
}
