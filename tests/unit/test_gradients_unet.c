/* The gradients of the ops of denoising networks against central differences, in double. */
#include "check.h"

#include "core/random.h"
#include "grad.h"

#define INPUT(name, low, high, ...) grad_input(g, name, pm_shape_of(__VA_ARGS__), low, high)
#define Z(n) ((size_t)(n))

static pm_value *silu(pm_graph *g) {
  pm_value *x = INPUT("x", -6, 6, 2, Z(3), Z(7)), *y = pm_silu(g, x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

/* No item lies within 1e-5 of a bound, where the difference would not be the gradient. */
static pm_value *clamp(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 2, 2, Z(3), Z(9)), *y = pm_clamp(g, x, -1, 0.5);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *group_normalised(pm_graph *g, pm_shape shape, size_t groups, bool silu_too) {
  pm_value *x = grad_input(g, "x", shape, -2, 3), *gamma = INPUT("gamma", 0.5, 2, 1, shape.dim[shape.rank - 1]),
           *beta = INPUT("beta", -1, 1, 1, shape.dim[shape.rank - 1]);
  pm_value *y = pm_groupnorm(g, x, gamma, beta, (pm_groupnorm_attributes){groups, 1e-5});
  y = silu_too ? pm_silu(g, y) : y;
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *groupnorm(pm_graph *g) {
  return group_normalised(g, pm_shape_of(4, Z(3), Z(2), Z(3), Z(6)), 3, false);
}
static pm_value *groupnorm_silu(pm_graph *g) {
  return group_normalised(g, pm_shape_of(4, Z(3), Z(2), Z(3), Z(6)), 2, true);
}
static pm_value *groupnorm_one_group(pm_graph *g) {
  return group_normalised(g, pm_shape_of(2, Z(4), Z(5)), 1, true);
}

static pm_value *concat(pm_graph *g) {
  pm_value *a = INPUT("a", -1, 1, 3, Z(2), Z(3), Z(2)), *b = INPUT("b", -1, 1, 3, Z(2), Z(3), Z(5));
  pm_value *y = pm_concat(g, a, b);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *slice(pm_graph *g, size_t from, size_t count) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(2), Z(3), Z(7)), *y = pm_slice_columns(g, x, from, count);
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *slice_first(pm_graph *g) {
  return slice(g, 0, 3);
}
static pm_value *slice_middle(pm_graph *g) {
  return slice(g, 2, 3);
}
static pm_value *slice_last(pm_graph *g) {
  return slice(g, 6, 1);
}

static pm_value *upsampled(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(3), Z(2), Z(3)), *y = pm_upsample_nearest(g, x, 2);
  return grad_weighted_sum(g, pm_times(g, y, y));
}
/* The sums over squares, forward. */
static pm_value *downsampled(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(6), Z(3), Z(2));
  pm_upsample_attributes a = {3};
  pm_value *y = PM_APPLY(g, upsample_nearest_grad, &a, sizeof a, x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *added_vector(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(3), Z(2), Z(2), Z(5)), *v = INPUT("v", -1, 1, 2, Z(3), Z(5));
  pm_value *y = pm_add_vector(g, x, v);
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *summed_pixels(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(3), Z(2), Z(2), Z(5)), *y = pm_sum_pixels(g, x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *indices(pm_graph *g, const char *name, size_t n, const int32_t *number) {
  pm_value *index = pm_graph_input(g, name, PM_I32, pm_shape_of(1, n));
  pm_store_write(g->store, index->buffer, 0, number, n);
  return index;
}

/* One row is asked for twice, one never. */
static pm_value *embedding(pm_graph *g) {
  pm_value *table = INPUT("table", -1, 1, 2, Z(4), Z(3));
  pm_value *y = pm_embedding(g, table, indices(g, "index", 5, (const int32_t[]){2, 0, 2, 3, 0}));
  return grad_weighted_sum(g, pm_times(g, y, y));
}

/* Through a value that is x itself the gradient that skips it is the true one, once and not twice. */
static pm_value *straight_through(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(4), Z(3), Z(2)), *y = pm_straight_through(g, x, pm_affine(g, x, 1, 0));
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *scalar(pm_graph *g, const char *name, int64_t number) {
  pm_value *s = pm_graph_scalar(g, name, PM_I64);
  pm_store_write(g->store, s->buffer, 0, &number, 1);
  return s;
}

static pm_value *dropout(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(4), Z(3), Z(7));
  const pm_draws draws = {scalar(g, "seed", 5), scalar(g, "step", 9), scalar(g, "first", 3), 0};
  pm_value *y = pm_dropout(g, x, draws, 0.4, pm_purpose("dropout"));
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *weights(pm_graph *g, const char *name, size_t n) {
  pm_value *w = grad_input(g, name, pm_shape_of(1, n), -2, 2);
  w->requires_gradient = false;
  return w;
}
static pm_value *combined_rows(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(4), Z(3), Z(2)), *y = INPUT("y", -1, 1, 3, Z(4), Z(3), Z(2));
  pm_value *z = pm_combine_rows(g, x, y, weights(g, "a", 4), weights(g, "b", 4));
  return grad_weighted_sum(g, pm_times(g, z, z));
}
static pm_value *scaled_rows(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 3, Z(4), Z(3), Z(2)), *z = pm_scale_rows(g, x, weights(g, "a", 4));
  return grad_weighted_sum(g, pm_times(g, z, z));
}

static pm_value *softmax(pm_graph *g) {
  pm_value *x = INPUT("x", -3, 3, 3, Z(2), Z(3), Z(5)), *y = pm_softmax(g, x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *cross_entropy(pm_graph *g) {
  pm_value *x = INPUT("x", -9, 9, 4, Z(3), Z(2), Z(2), Z(5));
  pm_value *index = pm_graph_input(g, "index", PM_U8, pm_shape_of(3, Z(3), Z(2), Z(2)));
  pm_store_write(g->store, index->buffer, 0, (const unsigned char[]){0, 1, 2, 3, 4, 0, 0, 4, 2, 2, 1, 3}, 12);
  pm_value *loss = pm_cross_entropy(g, x, index);
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}

static pm_value *absolute_error(pm_graph *g) {
  pm_value *x = INPUT("x", 0, 1, 3, Z(4), Z(3), Z(2)), *target = INPUT("target", 0, 1, 3, Z(4), Z(3), Z(2));
  target->requires_gradient = false;
  pm_value *loss = pm_absolute_error(g, x, target);
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}

static pm_value *attended(pm_graph *g, size_t heads, bool causal) {
  pm_value *qkv = INPUT("qkv", -2, 2, 3, Z(2), Z(5), Z(18));
  pm_value *y = pm_attention(g, qkv, (pm_draws){0}, (pm_attention_attributes){.heads = heads, .causal = causal});
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *attention(pm_graph *g) {
  return attended(g, 1, false);
}
static pm_value *attention_heads(pm_graph *g) {
  return attended(g, 3, false);
}
static pm_value *attention_causal(pm_graph *g) {
  return attended(g, 2, true);
}
/* One value as queries, keys and values: its gradient is the sum of three. */
static pm_value *attention_to_itself(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 2, 3, Z(2), Z(4), Z(4));
  pm_value *qkv = pm_concat(g, pm_concat(g, x, x), x);
  return grad_weighted_sum(g, pm_attention(g, qkv, (pm_draws){0}, (pm_attention_attributes){.heads = 2}));
}

static pm_value *padded(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(3), Z(2), Z(3)), *y = pm_pad2d(g, x, (pm_margins){1, 0, 2, 3});
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *cropped(pm_graph *g) {
  pm_value *x = INPUT("x", -1, 1, 4, Z(2), Z(5), Z(6), Z(3)), *y = pm_crop2d(g, x, (pm_margins){1, 2, 0, 1});
  return grad_weighted_sum(g, pm_times(g, y, y));
}

#define CHECK(name)                                                                                                    \
  static void check_##name(void **state) {                                                                             \
    (void)state;                                                                                                       \
    grad_check(name);                                                                                                  \
  }
CHECK(silu)
CHECK(clamp)
CHECK(groupnorm)
CHECK(groupnorm_silu)
CHECK(groupnorm_one_group)
CHECK(concat)
CHECK(slice_first)
CHECK(slice_middle)
CHECK(slice_last)
CHECK(upsampled)
CHECK(downsampled)
CHECK(added_vector)
CHECK(summed_pixels)
CHECK(embedding)
CHECK(straight_through)
CHECK(dropout)
CHECK(combined_rows)
CHECK(scaled_rows)
CHECK(softmax)
CHECK(cross_entropy)
CHECK(absolute_error)
CHECK(attention)
CHECK(attention_heads)
CHECK(attention_causal)
CHECK(attention_to_itself)
CHECK(padded)
CHECK(cropped)

#define TEST(name) cmocka_unit_test(check_##name)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(silu),
      TEST(clamp),
      TEST(groupnorm),
      TEST(groupnorm_silu),
      TEST(concat),
      TEST(slice_first),
      TEST(slice_middle),
      TEST(slice_last),
      TEST(upsampled),
      TEST(downsampled),
      TEST(added_vector),
      TEST(summed_pixels),
      TEST(embedding),
      TEST(straight_through),
      TEST(dropout),
      TEST(combined_rows),
      TEST(scaled_rows),
      TEST(softmax),
      TEST(cross_entropy),
      TEST(absolute_error),
      TEST(attention),
      TEST(attention_heads),
      TEST(attention_causal),
      TEST(attention_to_itself),
      TEST(padded),
      TEST(cropped),
      TEST(groupnorm_one_group),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
