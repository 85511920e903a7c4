/* A case for each op: how its inputs are made, at which sizes it runs, how near its reference it must come. */
#include "kernel_cases.h"

#include "numeric.h"

typedef const size_t *sizes;

/* ---- one builder for each op: its inputs from the sizes, then the op under test, last ---- */

#define IN(name, low, high, shape) numeric_input(g, name, shape, low, high)
#define STATE(name, low, high, shape) numeric_state(g, name, shape, low, high)
#define SHAPE_1 pm_shape_of(1, d[0])
#define SHAPE_4 pm_shape_of(4, d[0], d[1], d[2], d[3])
#define COLUMNS pm_shape_of(1, d[3])
#define OP(name) static void build_##name(pm_graph *g, sizes d)

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
OP(batchnorm) {
  pm_batchnorm(g, IN("x", -1, 3, SHAPE_4), IN("gamma", 0.5, 2, COLUMNS), IN("beta", -1, 1, COLUMNS),
               (pm_batchnorm_attributes){1e-5, 0.1});
}
OP(batchnorm_grad) {
  pm_batchnorm_attributes a = {1e-5, 0.1};
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
                   IN("mean", -1, 1, COLUMNS), IN("variance", 0.1, 2, COLUMNS), (pm_batchnorm_attributes){1e-5, 0.1});
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

/* ---- data: batch, height, width, channels ---- */
#define SEED numeric_scalar(g, "seed", 77)
#define STEP numeric_scalar(g, "step", 5)
#define DRAWS numeric_draws(g, 77, 5, 1000, d[0])
#define SPRITES(colours) numeric_whole(g, "sprites", PM_U8, pm_shape_of(3, d[0], d[1], d[2]), colours)
OP(shuffle) {
  pm_shuffle(g, numeric_draws(g, 77, 5, (int64_t)d[0], d[0] * 2), d[0] * 3, d[0]);
}
OP(gather) {
  pm_gather(g, IN("x", -1, 1, SHAPE_4), numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[1] * 2), (uint32_t)d[0]));
}
OP(flip) {
  pm_flip(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256), DRAWS, 0.5);
}
OP(shift) {
  pm_shift(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256), DRAWS, 2, 9);
}
OP(palette_swap) {
  pm_palette_swap(g, SPRITES(6), DRAWS, 0.5, 2);
}
OP(colour_lookup) {
  pm_colour_lookup(g, SPRITES(200), IN("table", 0, 1, pm_shape_of(2, (size_t)200, d[3])));
}
OP(to_unit) {
  pm_to_unit(g, numeric_whole(g, "sprites", PM_U8, SHAPE_4, 256));
}
OP(normal) {
  pm_normal(g, SHAPE_4, DRAWS, 3);
}
OP(to_index) { /* a power of two: exact as float and as double */
  pm_to_index(g, IN("u", 0, 1, SHAPE_1), 64);
}
OP(assign) {
  pm_assign(g, STATE("state", -1, 1, SHAPE_4), IN("x", -1, 1, SHAPE_4));
}
OP(clear) {
  pm_clear(g, STATE("state", -1, 1, SHAPE_4));
}

/* ---- networks that take noise away: batch, height, width, channels ---- */
#define PIXELS pm_shape_of(3, d[0], d[1], d[2])
#define VECTORS pm_shape_of(2, d[0], d[3])
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
OP(absolute_error) {
  pm_absolute_error(g, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4));
}
OP(absolute_error_grad) {
  PM_APPLY(g, absolute_error_grad, NULL, 0, IN("x", 0, 1, SHAPE_4), IN("target", 0, 1, SHAPE_4),
           IN("dloss", -1, 1, SHAPE_1));
}
OP(softmax) {
  pm_softmax(g, IN("x", -9, 9, SHAPE_4));
}
OP(softmax_grad) {
  PM_APPLY(g, softmax_grad, NULL, 0, IN("y", 0, 1, SHAPE_4), IN("dy", -1, 1, SHAPE_4));
}
OP(cross_entropy) {
  pm_cross_entropy(g, IN("x", -9, 9, SHAPE_4), numeric_whole(g, "index", PM_U8, PIXELS, (uint32_t)d[3]));
}
OP(cross_entropy_grad) {
  PM_APPLY(g, cross_entropy_grad, NULL, 0, IN("x", -9, 9, SHAPE_4),
           numeric_whole(g, "index", PM_U8, PIXELS, (uint32_t)d[3]), IN("dloss", 1, 2, SHAPE_1));
}
/* batch, tokens, heads, columns of a head, causal, dropout in percent */
#define TOKENS pm_shape_of(3, d[0], d[1], d[2] * d[3])
#define QKV IN("qkv", -2, 2, pm_shape_of(3, d[0], d[1], 3 * d[2] * d[3]))
#define ATTENTION_ATTRIBUTES                                                                                           \
  (pm_attention_attributes) {                                                                                          \
    .heads = d[2], .causal = d[4], .dropout = (double)d[5] / 100, .purpose = 8                                         \
  }
#define DRAWS_IF_DROPPED (d[5] ? DRAWS : (pm_draws){0})
OP(attention) {
  pm_attention(g, QKV, DRAWS_IF_DROPPED, ATTENTION_ATTRIBUTES);
}
OP(attention_grad) {
  pm_attention_attributes a = ATTENTION_ATTRIBUTES;
  const pm_draws draws = DRAWS_IF_DROPPED;
  PM_APPLY(g, attention_grad, &a, sizeof a, QKV, IN("dy", -1, 1, TOKENS), PM_DRAWS(draws));
}
/* A token in the middle of what the cache holds: what lies behind it must not matter. */
OP(attention_step) {
  pm_shape token = pm_shape_of(3, d[0], (size_t)1, 3 * d[2] * d[3]);
  pm_attention_step(g, IN("qkv", -2, 2, token), STATE("keys", -2, 2, TOKENS), STATE("values", -1, 1, TOKENS),
                    numeric_scalar(g, "position", (int64_t)(d[1] * 2 / 3)), d[2]);
}

/* ---- sequences of indices: batch, length, number of indices ---- */
#define SEQUENCE pm_shape_of(2, d[0], d[1])
#define SEQUENCE_INDEX numeric_whole(g, "index", PM_I32, SEQUENCE, (uint32_t)d[2])
#define SEQUENCE_LOGITS IN("x", -9, 9, pm_shape_of(3, d[0], d[1], d[2]))
static void build_cross_entropy_i32(pm_graph *g, sizes d) {
  pm_cross_entropy(g, SEQUENCE_LOGITS, SEQUENCE_INDEX);
}
static void build_cross_entropy_grad_i32(pm_graph *g, sizes d) {
  PM_APPLY(g, cross_entropy_grad, NULL, 0, SEQUENCE_LOGITS, SEQUENCE_INDEX, IN("dloss", 1, 2, SHAPE_1));
}
OP(shift_right) {
  pm_shift_right(g, SEQUENCE_INDEX, (int32_t)d[2]);
}
OP(draw_index) {
  pm_draw_index_attributes a = {0.7, d[2] / 2, 0.8, 6};
  pm_draw_index(g, IN("x", -2, 2, pm_shape_of(2, d[0] * d[1], d[2])), DRAWS, a);
}
OP(put_column) {
  pm_value *state = pm_graph_state(g, "state", PM_I32, SEQUENCE);
  pm_put_column(g, state, numeric_whole(g, "index", PM_I32, SHAPE_1, (uint32_t)d[2]),
                numeric_scalar(g, "column", (int64_t)d[1] - 1));
}

#define TABLE pm_shape_of(2, (size_t)20, d[3])
#define INDEX numeric_whole(g, "index", PM_I32, SHAPE_1, 20)
OP(embedding) {
  pm_embedding(g, IN("table", -1, 1, TABLE), INDEX);
}
OP(embedding_grad) {
  PM_APPLY(g, embedding_grad, NULL, 0, IN("table", -1, 1, TABLE), INDEX, IN("dy", -1, 1, VECTORS));
}

/* Lists of up to d[2] rows of a table of 20, of which the drawn ones are cut short in places. */
#define LISTED pm_drop_listed(g, numeric_whole(g, "list", PM_I32, pm_shape_of(3, d[0], d[1], d[2]), 20), DRAWS, 0.4, 5)
OP(drop_listed) {
  (void)LISTED;
}
OP(embedding_sum) {
  pm_embedding_sum(g, IN("table", -1, 1, TABLE), LISTED);
}
OP(embedding_sum_grad) {
  pm_value *list = LISTED;
  PM_APPLY(g, embedding_sum_grad, NULL, 0, IN("table", -1, 1, TABLE), list,
           IN("dy", -1, 1, pm_shape_of(3, d[0], d[1], d[3])));
}

/* ---- sprites as patches: batch, height, width, side, colours; one pixel alone of the last patch if d[5] ---- */
static pm_patches patches_of(sizes d) {
  return (pm_patches){d[3], d[4], d[5], d[3] * d[3] - 1};
}
static pm_value *position_of(pm_graph *g, sizes d) {
  return d[5] ? numeric_scalar(g, "position", (int64_t)pm_patch_count(d[1], d[2], d[3]) - 1) : NULL;
}
static pm_shape patch_shape(sizes d, size_t last) {
  size_t patches = d[5] ? 1 : pm_patch_count(d[1], d[2], d[3]), pixels = d[5] ? 1 : d[3] * d[3];
  return pm_shape_of(4, d[0], patches, pixels, last);
}
OP(patch_before) {
  pm_patch_before(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_features) {
  pm_patch_features(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_within) {
  pm_patch_within(g, SPRITES((uint32_t)d[4]), position_of(g, d), patches_of(d));
}
OP(patch_copies) {
  pm_patch_copies(g, IN("logits", -2, 2, patch_shape(d, d[4])),
                  IN("gates", -1, 1, patch_shape(d, pm_patch_gates(d[3]))), SPRITES((uint32_t)d[4]), position_of(g, d),
                  patches_of(d));
}
OP(patch_copies_grad) {
  pm_patches a = patches_of(d);
  PM_APPLY(g, patch_copies_grad, &a, sizeof a, IN("gates", -1, 1, patch_shape(d, pm_patch_gates(d[3]))),
           IN("dlogits", -1, 1, patch_shape(d, d[4])), SPRITES((uint32_t)d[4]), position_of(g, d));
}
#define PATCHED pm_shape_of(4, d[0], pm_patch_count(d[1], d[2], d[3]), d[3] * d[3], d[4])
OP(patches_to_pixels) {
  pm_patches_to_pixels(g, IN("x", -1, 1, PATCHED), (pm_patch_layout){d[3], d[1], d[2]});
}
OP(pixels_to_patches) {
  pm_patch_layout a = {d[3], d[1], d[2]};
  PM_APPLY(g, pixels_to_patches, &a, sizeof a, IN("x", -1, 1, pm_shape_of(4, d[0], d[1], d[2], d[4])));
}
OP(patch_put) {
  pm_value *canvas = numeric_whole_state(g, "canvas", PM_U8, pm_shape_of(3, d[0], d[1], d[2]), (uint32_t)d[4]);
  pm_patch_put(g, canvas, numeric_whole(g, "colours", PM_I32, SHAPE_1, (uint32_t)d[4]),
               numeric_scalar(g, "position", (int64_t)pm_patch_count(d[1], d[2], d[3]) - 1), patches_of(d));
}

/* Rows of 2 more columns than there are channels, so that no two codes are alike. */
OP(nearest_code) {
  pm_nearest_code(g, IN("x", -1, 1, pm_shape_of(2, d[0] * d[1] * d[2], d[3] + 2)),
                  IN("codebook", -1, 1, pm_shape_of(2, (size_t)37, d[3] + 2)));
}
OP(straight_through) {
  pm_straight_through(g, IN("x", -1, 1, SHAPE_4), IN("value", -1, 1, SHAPE_4));
}
OP(code_usage) {
  pm_value *index = numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[0] * d[1] * d[2]), 20);
  pm_code_usage(g, index, 23, d[1] * d[2], numeric_scalar(g, "count", (int64_t)(d[0] + 1) / 2));
}
/* batch, height, width, channels + 2: as many vectors; 20 codes, of which some are chosen by none of a small batch. */
#define CODEBOOK pm_shape_of(2, (size_t)20, d[3] + 2)
#define VECTOR_ROWS pm_shape_of(2, d[0] * d[1] * d[2], d[3] + 2)
#define CHOSEN numeric_whole(g, "index", PM_I32, pm_shape_of(1, d[0] * d[1] * d[2]), 20)
OP(codebook_average) {
  pm_codebook_average(g, STATE("codebook", -1, 1, CODEBOOK), STATE("counts", 0, 3, pm_shape_of(1, (size_t)20)),
                      STATE("sums", -3, 3, CODEBOOK), IN("x", -1, 1, VECTOR_ROWS), CHOSEN, 0.9);
}
/* Idle for 5 to 9 steps before this one: at 7 about half of those that are not chosen begin again. */
OP(codebook_restart) {
  pm_codebook_states s = {STATE("codebook", -1, 1, CODEBOOK), STATE("idle", 5, 9, pm_shape_of(1, (size_t)20)), NULL,
                          NULL};
  if (d[0] % 2) {
    s.counts = STATE("counts", 0, 3, pm_shape_of(1, (size_t)20));
    s.sums = STATE("sums", -3, 3, CODEBOOK);
  }
  pm_codebook_restart(g, s, IN("x", -1, 1, VECTOR_ROWS), CHOSEN, SEED, STEP, (pm_codebook_restart_attributes){7, 4});
}
OP(lookup_rows) {
  pm_lookup_rows(g, IN("table", -1, 1, pm_shape_of(1, (size_t)20)), INDEX);
}
OP(time_embedding) {
  pm_time_embedding(g, IN("t", 0, 1000, SHAPE_1), 4 + 2 * d[3]);
}
OP(dropout) {
  pm_dropout(g, IN("x", -1, 1, SHAPE_4), DRAWS, 0.1, 3);
}
OP(one_hot) {
  pm_one_hot(g, SPRITES(20), 20, -1, 1);
}
OP(argmax) {
  pm_argmax(g, IN("x", -1, 1, SHAPE_4));
}
OP(to_bits) {
  pm_to_bits(g, SPRITES(32), 5);
}
OP(from_bits) {
  pm_from_bits(g, IN("x", -1, 1, pm_shape_of(4, d[0], d[1], d[2], (size_t)5)), 20);
}
OP(fill_index) {
  pm_fill_index(g, STEP, d[0]);
}
OP(count_up) {
  pm_count_up(g, d[0], 3, 5);
}
OP(to_float) {
  pm_to_float(g, INDEX);
}
OP(random_integers) {
  pm_random_integers(g, DRAWS, d[0], -3, 1000, 5);
}
OP(random_uniform) {
  pm_random_uniform(g, DRAWS, d[0], d[0] % 2, 5);
}
OP(random_index_rows) {
  pm_random_index_rows(g, DRAWS, (pm_random_index_rows_attributes){d[0], d[1] * d[2], 128, 5});
}
OP(drop_labels) {
  pm_drop_labels(g, INDEX, DRAWS, 0.3, 20);
}

/* ---- sizes: 1, odd, around the widths of vectors and the lengths of tasks ---- */

static const size_t lengths[][KERNEL_SIZES] = {{1},   {3},     {15},    {16},    {17},   {64},
                                               {999}, {16384}, {16385}, {50000}, {70001}};
static const size_t rows[][KERNEL_SIZES] = {{1, 1, 1, 1},   {1, 1, 1, 7},   {3, 1, 1, 1},  {1, 5, 51, 5},
                                            {4, 8, 8, 16},  {7, 5, 9, 3},   {1, 1, 2, 64}, {5, 16, 16, 3},
                                            {9, 8, 8, 129}, {33, 16, 16, 3}};
static const size_t products[][KERNEL_SIZES] = {
    {1, 1, 1},   {1, 7, 5},     {2, 1, 3},      {3, 16, 17},  {64, 64, 256},   {65, 33, 257}, {130, 70, 301},
    {5, 300, 1}, {8, 1024, 32}, {32, 32, 1024}, {97, 48, 80}, {385, 128, 160}, {1, 64, 32}};
static const size_t grouped[][KERNEL_SIZES] = {{1, 1, 1, 1},         {3, 2, 7, 5},         {65, 4, 33, 38, 0},
                                               {130, 4, 128, 16, 2}, {64, 1, 128, 300, 3}, {7, 16, 20, 9, 0}};
static const size_t patched[][KERNEL_SIZES] = {
    {1, 2, 1, 1, 1},      {3, 4, 4, 2, 5},     {2, 5, 7, 2, 3},       {4, 16, 16, 2, 16},
    {2, 9, 6, 3, 43},     {2, 8, 12, 4, 6},    {3, 16, 16, 2, 16, 1}, {2, 5, 7, 2, 3, 1},
    {1, 32, 32, 4, 6, 1}, {1, 24, 18, 2, 256}, {1, 1, 3, 2, 4},       {33, 16, 16, 2, 256, 1},
};
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
    {70, 4, 4, 32, 96, 3, 1, 1},  {1, 3, 3, 208, 32, 3, 1, 1},
};
static const size_t tokens[][KERNEL_SIZES] = {
    {1, 1, 1, 1, 0},      {3, 5, 2, 3, 0},      {3, 5, 2, 3, 1},       {2, 64, 4, 16, 0},    {2, 65, 1, 33, 1},
    {5, 256, 4, 32, 0},   {1, 1, 1, 1, 1, 10},  {3, 5, 2, 3, 0, 40},   {3, 5, 2, 3, 1, 40},  {4, 16, 4, 32, 1, 10},
    {2, 65, 1, 33, 1, 1}, {7, 13, 3, 5, 1, 90}, {2, 64, 4, 16, 0, 50}, {9, 17, 4, 8, 1, 25},
};
static const size_t sequences[][KERNEL_SIZES] = {{1, 1, 1},   {3, 5, 2},     {7, 6, 257}, {33, 16, 128},
                                                 {2, 3, 300}, {5, 17, 1025}, {65, 1, 31}};

#define CASE(name, sizes, tolerance)                                                                                   \
  { #name, build_##name, sizes, sizeof sizes / sizeof *sizes, tolerance, tolerance }
#define CASE_BF16(name, sizes, tolerance, tolerance_bf16)                                                              \
  { #name, build_##name, sizes, sizeof sizes / sizeof *sizes, tolerance, tolerance_bf16 }
const kernel_case kernel_cases[] = {
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
    CASE(batchnorm, rows, 4e-6),
    CASE(batchnorm_grad, rows, 2e-6),
    CASE(batchnorm_update, rows, 2e-7),
    CASE(batchnorm_use, rows, 2e-6),
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
    CASE_BF16(linear, products, 2e-6, 8e-3),
    CASE_BF16(linear_grad_input, products, 2e-6, 8e-3),
    CASE_BF16(linear_grad_weight, products, 2e-6, 8e-3),
    CASE(grouped_linear, grouped, 2e-6),
    CASE(grouped_linear_grad_input, grouped, 2e-6),
    CASE(grouped_linear_grad_weight, grouped, 2e-6),
    CASE_BF16(conv2d, convolutions, 2e-6, 8e-3),
    CASE_BF16(conv2d_grad_input, convolutions, 2e-6, 8e-3),
    CASE_BF16(conv2d_grad_weight, convolutions, 1e-5, 8e-3),
    CASE(adam, lengths, 2e-6),
    CASE(weight_decay, lengths, 2e-7),
    CASE(moving_average, lengths, 2e-7),
    CASE(clip_norm, lengths, 2e-7),
    CASE(record, lengths, 0),
    CASE(shuffle, rows, 0),
    CASE(gather, rows, 0),
    CASE(flip, rows, 0),
    CASE(shift, rows, 0),
    CASE(palette_swap, rows, 0),
    CASE(colour_lookup, rows, 0),
    CASE(to_unit, rows, 0),
    CASE(normal, rows, 0),
    CASE(to_index, lengths, 0),
    CASE(assign, rows, 0),
    CASE(clear, rows, 0),
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
    CASE(upsample_nearest, rows, 0),
    CASE(upsample_nearest_grad, rows, 4e-7),
    CASE(pad2d, rows, 0),
    CASE(crop2d, rows, 0),
    CASE(groupnorm, rows, 4e-6),
    CASE(groupnorm_grad, rows, 2e-6),
    CASE(absolute_error, rows, 1e-6),
    CASE(absolute_error_grad, rows, 2e-7),
    CASE(softmax, rows, 4e-7),
    CASE(softmax_grad, rows, 2e-6),
    CASE(cross_entropy, rows, 1e-6),
    CASE(cross_entropy_grad, rows, 4e-7),
    CASE(attention, tokens, 2e-6),
    CASE(attention_grad, tokens, 4e-6),
    CASE(attention_step, tokens, 2e-6),
    {"cross_entropy", build_cross_entropy_i32, sequences, sizeof sequences / sizeof *sequences, 1e-6, 1e-6},
    {"cross_entropy_grad", build_cross_entropy_grad_i32, sequences, sizeof sequences / sizeof *sequences, 4e-7, 4e-7},
    CASE(shift_right, sequences, 0),
    CASE(draw_index, sequences, 0),
    CASE(put_column, sequences, 0),
    CASE(embedding, rows, 0),
    CASE(embedding_grad, rows, 4e-7),
    CASE(drop_listed, rows, 0),
    CASE(embedding_sum, rows, 2e-6),
    CASE(embedding_sum_grad, rows, 4e-6),
    CASE(patch_before, patched, 0),
    CASE(patch_features, patched, 0),
    CASE(patch_within, patched, 0),
    CASE(patch_copies, patched, 1e-6),
    CASE(patch_copies_grad, patched, 1e-6),
    CASE(patches_to_pixels, patched, 0),
    CASE(pixels_to_patches, patched, 0),
    CASE(patch_put, patched, 0),
    CASE(nearest_code, rows, 0),
    CASE(straight_through, rows, 0),
    CASE(code_usage, rows, 4e-7),
    CASE(codebook_average, rows, 4e-6),
    CASE(codebook_restart, rows, 2e-7),
    CASE(lookup_rows, rows, 0),
    CASE(time_embedding, rows, 2e-7),
    CASE(dropout, rows, 2e-7),
    CASE(one_hot, rows, 0),
    CASE(argmax, rows, 0),
    CASE(to_bits, rows, 0),
    CASE(from_bits, rows, 0),
    CASE(fill_index, lengths, 0),
    CASE(count_up, lengths, 0),
    CASE(to_float, rows, 0),
    CASE(random_integers, lengths, 0),
    CASE(random_uniform, lengths, 0),
    CASE(random_index_rows, rows, 0),
    CASE(drop_labels, rows, 0),
};
const size_t kernel_case_count = sizeof kernel_cases / sizeof *kernel_cases;
