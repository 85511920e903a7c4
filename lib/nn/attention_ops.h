/* Attention, embeddings, and sequences of indices. See ops.h. */
#ifndef PM_NN_ATTENTION_OPS_H
#define PM_NN_ATTENTION_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- attention and embeddings ---- */

/* Over the last axis: exp(x) / sum exp(x). */
static inline pm_value *pm_softmax(pm_graph *g, pm_value *x) {
  return PM_APPLY(g, softmax, NULL, 0, x);
}
enum { PM_SOFTMAX_GRAD_Y, PM_SOFTMAX_GRAD_DY };
/* softmax(q k^T / sqrt(D / heads)) v for each head, D / heads columns of each of q, k, v [N,T,D], which qkv [N,T,3 D]
 * has side by side: [N,T,D]. `causal`: token t attends to tokens 0 … t only. Vaswani et al., "Attention Is All You
 * Need", 2017. */
typedef struct {
  size_t heads;
  bool causal;
  double dropout; /* probability that an attention weight is dropped, in training; 0: draws may be {0} */
  uint32_t purpose;
} pm_attention_attributes;
enum { PM_ATTENTION_QKV, PM_ATTENTION_DRAWS };
static inline pm_value *pm_attention(pm_graph *g, pm_value *qkv, pm_draws draws, pm_attention_attributes a) {
  return PM_APPLY(g, attention, &a, sizeof a, qkv, PM_DRAWS(draws));
}
enum { PM_ATTENTION_GRAD_QKV, PM_ATTENTION_GRAD_DY, PM_ATTENTION_GRAD_DRAWS };
/* The same for one token more of each of N sequences, causally: qkv [N,1,3 D] is token `position`'s (a PM_I64 scalar
 * below T), and the states keys and values [N,T,D] hold those before it, and it after the run. The bits are those of
 * row `position` of pm_attention. */
enum { PM_ATTENTION_STEP_QKV, PM_ATTENTION_STEP_KEYS, PM_ATTENTION_STEP_VALUES, PM_ATTENTION_STEP_POSITION };
enum { PM_ATTENTION_STEP_Y, PM_ATTENTION_STEP_NEW_KEYS, PM_ATTENTION_STEP_NEW_VALUES }; /* outputs */
static inline pm_value *pm_attention_step(pm_graph *g, pm_value *qkv, pm_value *keys, pm_value *values,
                                          pm_value *position, size_t heads) {
  pm_attention_attributes a = {heads, true, 0, 0};
  return PM_APPLY(g, attention_step, &a, sizeof a, qkv, keys, values, position);
}
/* table[index[n]] for table [V,D] and index PM_I32 [N]: [N,D]. */
enum { PM_EMBEDDING_TABLE, PM_EMBEDDING_INDEX };
static inline pm_value *pm_embedding(pm_graph *g, pm_value *table, pm_value *index) {
  return PM_APPLY(g, embedding, NULL, 0, table, index);
}
enum { PM_EMBEDDING_GRAD_TABLE, PM_EMBEDDING_GRAD_INDEX, PM_EMBEDDING_GRAD_DY };
/* The sum of table[i] over the indices i of each list: table [V,D], list PM_I32 […,room] -> […,D]. A list ends at its
 * first -1, or has no end. The product of a multi-hot vector and the table, without the zeros. */
enum { PM_EMBEDDING_SUM_TABLE, PM_EMBEDDING_SUM_LIST };
static inline pm_value *pm_embedding_sum(pm_graph *g, pm_value *table, pm_value *list) {
  return PM_APPLY(g, embedding_sum, NULL, 0, table, list);
}
enum { PM_EMBEDDING_SUM_GRAD_TABLE, PM_EMBEDDING_SUM_GRAD_LIST, PM_EMBEDDING_SUM_GRAD_DY };
/* table[index[n]] for table [T] and index PM_I32 [N]: [N]; a schedule's number for each row. No gradient. */
enum { PM_LOOKUP_ROWS_TABLE, PM_LOOKUP_ROWS_INDEX };
static inline pm_value *pm_lookup_rows(pm_graph *g, pm_value *table, pm_value *index) {
  return PM_APPLY(g, lookup_rows, NULL, 0, table, index);
}
/* [N,dim] from t[N]: sin, then cos, of t exp(-ln(10000) i / (dim/2 - 1)) for i < dim/2; dim even, at least 4. No
 * gradient. */
typedef struct {
  size_t dim;
} pm_time_embedding_attributes;
static inline pm_value *pm_time_embedding(pm_graph *g, pm_value *t, size_t dim) {
  pm_time_embedding_attributes a = {dim};
  return PM_APPLY(g, time_embedding, &a, sizeof a, t);
}

/* ---- sequences of indices ---- */

/* index PM_I32 [N,T] moved one place to the right: `start` comes in, the last goes out. */
typedef struct {
  int32_t start;
} pm_shift_right_attributes;
static inline pm_value *pm_shift_right(pm_graph *g, pm_value *index, int32_t start) {
  pm_shift_right_attributes a = {start};
  return PM_APPLY(g, shift_right, &a, sizeof a, index);
}
/* PM_I32 [N]: an index of each row of logits [N,K], drawn with probability softmax(logits / temperature); of the `top`
 * largest only (and those equal to the last of them), or of all for 0; of these, of the likeliest that together have
 * the probability `top_p` (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020), or of all for 0 and
 * 1. The draws' step is the position in the sequence. */
typedef struct {
  double temperature;
  size_t top;
  double top_p;
  uint32_t purpose;
} pm_draw_index_attributes;
enum { PM_DRAW_INDEX_LOGITS, PM_DRAW_INDEX_DRAWS };
static inline pm_value *pm_draw_index(pm_graph *g, pm_value *logits, pm_draws draws, pm_draw_index_attributes a) {
  return PM_APPLY(g, draw_index, &a, sizeof a, logits, PM_DRAWS(draws));
}
/* Column `column` (a PM_I64 scalar) of a state PM_I32 [N,T] = x [N]. */
enum { PM_PUT_COLUMN_STATE, PM_PUT_COLUMN_X, PM_PUT_COLUMN_COLUMN };
static inline void pm_put_column(pm_graph *g, pm_value *state, pm_value *x, pm_value *column) {
  PM_APPLY(g, put_column, NULL, 0, state, x, column);
}

#ifdef __cplusplus
}
#endif
#endif
