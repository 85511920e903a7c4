#include "methods/transformer.h"

#include "core/random.h"
#include "nn/layers.h"

/* What all layers of one net share. Values are [N,T,width]; T is 1 in a step of sampling. */
typedef struct {
  pm_graph *g;
  const pm_transformer *net;
  pm_value *position; /* a step's; NULL: whole sequences */
} context;

#define NAME(...) pm_format(c->g->arena, __VA_ARGS__)

/* Dropout inside a part of a layer; pre-norm layers have none there. */
static double inner_dropout(const context *c) {
  return c->g->training && !c->net->norm_first ? c->net->dropout : 0;
}

static pm_value *drop(const context *c, const char *name, pm_value *x) {
  if (!c->g->training || c->net->dropout == 0)
    return x;
  return pm_dropout(c->g, x, c->net->draws, c->net->dropout, pm_purpose(NAME("dropout %s", name)));
}

/* What attention keeps of N sequences from step to step, [N,T,width]: the keys or values of all tokens so far. */
static pm_value *cache(const context *c, const char *what, const char *name, size_t N) {
  return pm_graph_state(c->g, NAME("%s %s", what, name), PM_F32, pm_shape_of(3, N, c->net->length, c->net->width));
}

static pm_value *attend(const context *c, const char *name, pm_value *qkv) {
  const pm_transformer *net = c->net;
  if (c->position) {
    const size_t N = qkv->shape.dim[0];
    return pm_attention_step(c->g, qkv, cache(c, "keys", name, N), cache(c, "values", name, N), c->position,
                             net->heads);
  }
  pm_attention_attributes a = {.heads = net->heads, .causal = true};
  if (inner_dropout(c) > 0) {
    a.dropout = inner_dropout(c);
    a.purpose = pm_purpose(NAME("dropout %s", name));
  }
  return pm_attention(c->g, qkv, net->draws, a);
}

static pm_value *self_attention(const context *c, const char *name, pm_value *x) {
  pm_value *attended = attend(c, name, pm_qkv_layer(c->g, name, x));
  pm_value *out = pm_linear_layer(c->g, NAME("%s.out_proj", name), attended, c->net->width);
  pm_zero_initialise(c->g, NAME("%s.out_proj.bias", name)); /* as nn.MultiheadAttention's */
  return out;
}

static pm_value *feed_forward(const context *c, const char *name, pm_value *x) {
  x = pm_gelu(c->g, pm_linear_layer(c->g, NAME("%s.linear1", name), x, c->net->feed_forward));
  if (inner_dropout(c) > 0)
    x = drop(c, NAME("%s between", name), x);
  return pm_linear_layer(c->g, NAME("%s.linear2", name), x, c->net->width);
}

static pm_value *pre_norm_layer(const context *c, const char *name, pm_value *x) {
  pm_value *h = pm_layernorm_layer(c->g, NAME("%s.norm1", name), x);
  h = self_attention(c, NAME("%s.self_attn", name), h);
  x = pm_plus(c->g, x, drop(c, NAME("%s attention", name), h));
  h = feed_forward(c, name, pm_layernorm_layer(c->g, NAME("%s.norm2", name), x));
  return pm_plus(c->g, x, drop(c, NAME("%s forward", name), h));
}

static pm_value *post_norm_layer(const context *c, const char *name, pm_value *x) {
  pm_value *attended = self_attention(c, NAME("%s.self_attn", name), x);
  x = pm_plus(c->g, x, drop(c, NAME("%s attention", name), attended));
  x = pm_layernorm_layer(c->g, NAME("%s.norm1", name), x);
  x = pm_plus(c->g, x, drop(c, NAME("%s forward", name), feed_forward(c, name, x)));
  return pm_layernorm_layer(c->g, NAME("%s.norm2", name), x);
}

static pm_value *layers(const context *c, pm_value *x) {
  for (size_t i = 0; i < c->net->layers; i++) {
    const char *name = NAME("transformer.layers.%zu", i);
    x = c->net->norm_first ? pre_norm_layer(c, name, x) : post_norm_layer(c, name, x);
  }
  return x;
}

pm_value *pm_transformer_layers(pm_graph *g, const pm_transformer *net, pm_value *x, pm_value *position) {
  const context c = {.g = g, .net = net, .position = position};
  return layers(&c, x);
}

void pm_transformer_copy_rows(pm_graph *g, const pm_transformer *net, size_t N, pm_value *rows, pm_value *position) {
  const context c = {.g = g, .net = net, .position = position};
  for (size_t i = 0; i < net->layers; i++) {
    const char *name = pm_format(g->arena, "transformer.layers.%zu.self_attn", i);
    pm_copy_rows(g, cache(&c, "keys", name, N), rows, position);
    pm_copy_rows(g, cache(&c, "values", name, N), rows, position);
  }
}

/* token, position PM_I32 [N T] -> logits [N,T,vocabulary] */
static pm_value *logits(const context *c, pm_value *token, pm_value *position, pm_value *labels, size_t N) {
  const pm_transformer *net = c->net;
  size_t T = pm_count(token) / N;
  pm_value *x = pm_embedding_layer(c->g, "tokens", token, net->vocabulary + 1, net->width);
  x = pm_plus(c->g, x, pm_embedding_layer(c->g, "positions", position, net->length, net->width));
  x = pm_reshape(c->g, x, pm_shape_of(3, N, T, net->width));
  if (labels)
    x = pm_add_vector(c->g, x, pm_embedding_layer(c->g, "classes", labels, net->classes + 1, net->width));
  return pm_linear_layer(c->g, "head", layers(c, x), net->vocabulary);
}

pm_value *pm_transformer_logits(pm_graph *g, const pm_transformer *net, pm_value *index, pm_value *labels) {
  const context c = {.g = g, .net = net};
  size_t N = index->shape.dim[0], tokens = pm_count(index);
  pm_value *before = pm_shift_right(g, index, (int32_t)net->vocabulary);
  return logits(&c, pm_reshape(g, before, pm_shape_of(1, tokens)), pm_count_up(g, tokens, 0, net->length), labels, N);
}

pm_value *pm_transformer_next(pm_graph *g, const pm_transformer *net, pm_value *before, pm_value *position,
                              pm_value *labels) {
  const context c = {.g = g, .net = net, .position = position};
  size_t N = pm_count(before);
  pm_value *next = logits(&c, before, pm_fill_index(g, position, N), labels, N);
  return pm_reshape(g, next, pm_shape_of(2, N, net->vocabulary));
}
