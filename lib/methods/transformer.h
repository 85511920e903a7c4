/* A model of sequences of indices, each drawn given those before it: Vaswani et al., "Attention Is All You Need", 2017,
 * the encoder with a causal mask, which is how a decoder without cross-attention reads.
 *
 *   token row + position row [+ class row]                              width
 *   `layers` times  x = norm(x + dropout(attention(x)))                 `heads` heads, causal
 *                   x = norm(x + dropout(linear2(dropout(GELU(linear1(x))))))      feed_forward between
 *   head            linear                                              vocabulary
 *
 * Parameters are called as in a PyTorch module of embeddings `tokens`, `positions` and `classes`, an
 * nn.TransformerEncoder `transformer` of post-norm layers, and a linear `head`. The vocabulary's row after the last is
 * the start token. Models with other inputs and outputs take the layers alone (pm_transformer_layers). */
#ifndef PM_METHODS_TRANSFORMER_H
#define PM_METHODS_TRANSFORMER_H

#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t vocabulary, length; /* indices 0 … vocabulary - 1, in sequences of `length` */
  size_t width, layers, heads, feed_forward;
  size_t classes; /* 0: not conditioned on them */
  double dropout; /* of a training graph */
  pm_draws draws; /* of dropout; may be {0} where there is none */
  /* Pre-norm layers, x = x + dropout(part(norm(x))): Xiong et al., "On Layer Normalization in the Transformer
   * Architecture", 2020; their dropout is at the end of each part alone, not within. */
  bool norm_first;
} pm_transformer;

/* x[N,T,width] through the layers, causally. With `position`, a PM_I64 scalar, T is 1: one step of sampling, as in
 * pm_transformer_next. Of the net only length, width, layers, heads, feed_forward, dropout, draws and norm_first
 * count. */
pm_value *pm_transformer_layers(pm_graph *g, const pm_transformer *net, pm_value *x, pm_value *position);

/* index PM_I32 [N,T], labels PM_I32 [N] (`classes` for none; NULL without classes) -> logits [N,T,vocabulary]: row t
 * from indices 0 … t - 1. */
pm_value *pm_transformer_logits(pm_graph *g, const pm_transformer *net, pm_value *index, pm_value *labels);

/* One step of sampling for N sequences: logits [N,vocabulary] of token `position` (a PM_I64 scalar), given the token
 * before it, PM_I32 [N]. Keys and values of those before it are in states of the store; positions must be run in
 * their order from 0. The bits are those of row `position` of pm_transformer_logits. */
pm_value *pm_transformer_next(pm_graph *g, const pm_transformer *net, pm_value *before, pm_value *position,
                              pm_value *labels);

/* Between two steps: the keys and values of N sequences so far, up to `position`, each replaced by those of the
 * sequence named in rows PM_I32 [N], or [N / 2] for the two halves of guidance; as pm_copy_rows. */
void pm_transformer_copy_rows(pm_graph *g, const pm_transformer *net, size_t N, pm_value *rows, pm_value *position);

#ifdef __cplusplus
}
#endif
#endif
