/* The gradients of what a transformer is made of, and of a whole one, against central differences, in double. */
#include "check.h"

#include "core/random.h"
#include "grad.h"
#include "methods/transformer.h"
#include "nn/layers.h"
#include "numeric.h"

#define INPUT(name, low, high, ...) grad_input(g, name, pm_shape_of(__VA_ARGS__), low, high)
#define Z(n) ((size_t)(n))
#define DRAWS numeric_draws(g, 5, 9, 0, 0)

static pm_value *gelu(pm_graph *g) {
  pm_value *x = INPUT("x", -5, 5, 2, Z(3), Z(19)), *y = pm_gelu(g, x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *attended(pm_graph *g, pm_attention_attributes a) {
  pm_value *qkv = INPUT("qkv", -2, 2, 3, Z(2), Z(5), Z(18));
  a.purpose = pm_purpose("dropout");
  pm_value *y = pm_attention(g, qkv, DRAWS, a);
  return grad_weighted_sum(g, pm_times(g, y, y));
}
static pm_value *attention_dropped(pm_graph *g) {
  return attended(g, (pm_attention_attributes){.heads = 3, .dropout = 0.4});
}
static pm_value *attention_causal_dropped(pm_graph *g) {
  return attended(g, (pm_attention_attributes){.heads = 2, .causal = true, .dropout = 0.3});
}

/* Indices above 255, so that a byte would not hold them. */
static pm_value *cross_entropy(pm_graph *g) {
  static const int32_t which[] = {0, 299, 256, 44, 298, 255};
  pm_value *x = INPUT("x", -4, 4, 3, Z(2), Z(3), Z(300));
  pm_value *index = pm_graph_input(g, "index", PM_I32, pm_shape_of(2, Z(2), Z(3)));
  pm_store_write(g->store, index->buffer, 0, which, 6);
  pm_value *loss = pm_cross_entropy(g, x, index);
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}

static pm_value *layernorm(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 3, 3, Z(2), Z(4), Z(7)), *y = pm_layernorm_layer(g, "norm", x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *qkv(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 2, 3, Z(2), Z(3), Z(4)), *y = pm_qkv_layer(g, "attention", x);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

/* Training with dropout: each parameter's gradient comes through every layer above it. */
static pm_value *whole(pm_graph *g) {
  const pm_transformer net = {.vocabulary = 7,
                              .length = 5,
                              .width = 8,
                              .layers = 2,
                              .heads = 2,
                              .feed_forward = 12,
                              .classes = 3,
                              .dropout = 0.2,
                              .draws = DRAWS};
  pm_value *index = numeric_whole(g, "index", PM_I32, pm_shape_of(2, Z(3), Z(5)), 7);
  pm_value *labels = numeric_whole(g, "labels", PM_I32, pm_shape_of(1, Z(3)), 4);
  pm_value *loss = pm_cross_entropy(g, pm_transformer_logits(g, &net, index, labels), index);
  return grad_weighted_sum(g, pm_times(g, loss, loss));
}

#define CHECK(name)                                                                                                    \
  static void check_##name(void **state) {                                                                             \
    (void)state;                                                                                                       \
    grad_check(name);                                                                                                  \
  }
CHECK(gelu)
CHECK(attention_dropped)
CHECK(attention_causal_dropped)
CHECK(cross_entropy)
CHECK(layernorm)
CHECK(qkv)
CHECK(whole)

#define TEST(name) cmocka_unit_test(check_##name)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(gelu),          TEST(attention_dropped), TEST(attention_causal_dropped),
      TEST(cross_entropy), TEST(layernorm),         TEST(qkv),
      TEST(whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
