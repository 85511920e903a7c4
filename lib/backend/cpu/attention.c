/* Attention in tiles of registers (vector.h, pm_tiles). One head of one sample is a task: its queries, keys and values
 * are gathered from where they lie, padded to whole vectors, and its T x T scores stay in the task's scratch. Where a
 * token does not attend to another, the weight is 0; blocks of such zeros are left out of the products, which changes
 * no sum. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <math.h>
#include <string.h>

enum { VECTOR = 16, CAUSAL_BLOCK = 24 /* tokens whose zeros are left out together */, AHEAD = 12 /* rows */ };

typedef struct {
  const pm_call *call;
  const float *qkv;
  size_t N, T, D, heads, d;
  size_t row;         /* from one token's queries to the next one's */
  size_t wide, long_; /* d and T, rounded up to whole vectors */
  float factor;       /* 1 / sqrt(d) */
  bool causal;
  float dropout;
  pm_dropout_constants drop; /* of the first task */
} attention_work;

static size_t whole_vectors(size_t n) {
  return pm_pieces(n, VECTOR) * VECTOR;
}

static attention_work attention_of(const pm_call *call, size_t N, size_t T, size_t D) {
  const pm_attention_attributes *a = call->node->attributes;
  size_t d = D / a->heads;
  return (attention_work){.call = call,
                          .N = N,
                          .T = T,
                          .D = D,
                          .heads = a->heads,
                          .d = d,
                          .row = 3 * D,
                          .wide = whole_vectors(d),
                          .long_ = whole_vectors(T),
                          .factor = (float)(1 / sqrt((double)d)),
                          .causal = a->causal,
                          .dropout = (float)a->dropout};
}

/* Of the inputs number `qkv` and `draws`. Each head of each slot draws numbers of its own. */
static attention_work of_sequences(const pm_call *call, int qkv, int draws) {
  const pm_attention_attributes *a = call->node->attributes;
  const size_t *s = call->node->in[qkv]->shape.dim;
  attention_work of = attention_of(call, s[0], s[1], s[2] / 3);
  of.qkv = call->in[qkv];
  if (of.dropout > 0) {
    of.drop = pm_dropout_of(call, draws, 0, a->dropout, a->purpose);
    of.drop.slot *= (uint32_t)of.heads;
  }
  return of;
}

static void drop_shares(float *out, const float *p, const attention_work *s, size_t task) {
  pm_dropout_constants k = s->drop;
  k.slot += (uint32_t)task;
  pm_vector_best()->dropout(out, p, k, s->T * s->T);
}

/* ---- a head's matrices in a task's scratch ---- */

enum { NARROW = 7, SQUARE = 3 }; /* matrices [T,wide], [T,long_] */

typedef struct {
  float *q, *k, *v, *dy, *dq, *dk, *dv; /* [T,wide] */
  float *p, *ds, *spare;                /* [T,T]; spare [T,long_] */
  float *transposed;                    /* [wide,long_] */
  uint32_t *place;                      /* 0, 1, 2, … T - 1 */
} head_matrices;

static_assert((int)PM_ATTENTION_QKV == (int)PM_ATTENTION_GRAD_QKV, "both ops ask for the same scratch");

size_t pm_cpu_attention_scratch(const pm_node *node) {
  const pm_attention_attributes *a = node->attributes;
  const size_t *s = node->in[PM_ATTENTION_QKV]->shape.dim, T = s[1];
  size_t wide = whole_vectors(s[2] / 3 / a->heads), rounded = whole_vectors(T);
  return (NARROW * T * wide + SQUARE * T * rounded + wide * rounded + T) * sizeof(float);
}

static head_matrices head_in(void *scratch, const attention_work *s) {
  head_matrices h;
  float *at = scratch;
  float **const narrow[NARROW] = {&h.q, &h.k, &h.v, &h.dy, &h.dq, &h.dk, &h.dv};
  float **const square[SQUARE] = {&h.p, &h.ds, &h.spare};
  for (int i = 0; i < NARROW; i++, at += s->T * s->wide)
    *narrow[i] = at;
  for (int i = 0; i < SQUARE; i++, at += s->T * s->long_)
    *square[i] = at;
  h.transposed = at;
  h.place = (uint32_t *)(void *)(at + s->wide * s->long_);
  for (uint32_t t = 0; t < s->T; t++)
    h.place[t] = t;
  return h;
}

static void gather(float *to, const float *from, size_t ld, const attention_work *s) {
  for (size_t t = 0; t < s->T; t++) {
    __builtin_prefetch(from + (t + AHEAD) * ld); /* no processor foresees such strides */
    __builtin_prefetch(from + (t + AHEAD) * ld + VECTOR);
    pm_copy(to + t * s->wide, from + t * ld, s->d);
    for (size_t c = s->d; c < s->wide; c++)
      to[t * s->wide + c] = 0;
  }
}

static void scatter(float *to, size_t ld, const float *from, const attention_work *s) {
  for (size_t t = 0; t < s->T; t++) {
    __builtin_prefetch(to + (t + AHEAD) * ld, 1);
    __builtin_prefetch(to + (t + AHEAD) * ld + VECTOR, 1);
    pm_copy(to + t * ld, from + t * s->wide, s->d);
  }
}

/* Where a task's head begins in the first row of its sample. */
static size_t column_of(const attention_work *s, size_t task) {
  return task % s->heads * s->d;
}

static void gather_qkv(head_matrices *h, const attention_work *s, size_t task) {
  const float *q = s->qkv + task / s->heads * s->T * s->row + column_of(s, task);
  gather(h->q, q, s->row, s);
  gather(h->k, q + s->D, s->row, s);
  gather(h->v, q + 2 * s->D, s->row, s);
}

/* out[T,T] = a b^T of a, b [T,wide] */
static void products(float *out, const float *a, const float *b, const head_matrices *h, const attention_work *s) {
  const pm_tiles *tiles = pm_vector_best()->tiles;
  float *wide = s->long_ == s->T ? out : h->spare;
  memset(h->transposed, 0, s->wide * s->long_ * sizeof *h->transposed);
  tiles->transpose(h->transposed, s->long_, b, s->wide, s->T, s->d);
  tiles->multiply(wide, s->long_, h->place, a, s->wide, h->place, h->transposed, s->T, s->d, s->long_, NULL);
  for (size_t t = 0; wide != out && t < s->T; t++)
    memcpy(out + t * s->T, wide + t * s->long_, s->T * sizeof *out);
}

static void probabilities(head_matrices *h, const attention_work *s) {
  const pm_vector *v = pm_vector_best();
  products(h->p, h->q, h->k, h, s);
  if (s->causal)
    v->softmax_causal(h->p, h->p, s->factor, 0, s->T, s->T);
  else
    v->softmax(h->p, h->p, s->factor, s->T, s->T);
}

/* out[T,wide] = p x, p[T,T] */
static void weighted(float *out, const float *p, const float *x, const head_matrices *h, const attention_work *s) {
  const size_t block = s->causal ? CAUSAL_BLOCK : s->T;
  for (size_t t = 0; t < s->T; t += block) {
    size_t rows = pm_smaller(s->T - t, block), seen = s->causal ? t + rows : s->T;
    pm_vector_best()->tiles->multiply(out, s->wide, h->place + t, p, s->T, h->place + t, x, rows, seen, s->wide, NULL);
  }
}

/* out[T,wide] = p^T x */
static void weighted_back(float *out, const float *p, const float *x, const head_matrices *h, const attention_work *s) {
  const size_t block = s->causal ? CAUSAL_BLOCK : s->T;
  for (size_t j = 0; j < s->T; j += block) {
    size_t height = pm_smaller(s->T - j, block), from = s->causal ? j : 0;
    pm_vector_best()->tiles->outer(out + j * s->wide, s->wide, p + j, s->T, h->place + from, x, s->wide,
                                   h->place + from, s->T - from, height, s->wide, NULL);
  }
}

static void forward_head(void *context, size_t task, void *scratch) {
  const attention_work *s = context;
  head_matrices h = head_in(scratch, s);
  gather_qkv(&h, s, task);
  probabilities(&h, s);
  if (s->dropout > 0)
    drop_shares(h.p, h.p, s, task);
  weighted(h.dy, h.p, h.v, &h, s);
  scatter((float *)s->call->out[0] + task / s->heads * s->T * s->D + column_of(s, task), s->D, h.dy, s);
}

void pm_cpu_attention(const pm_call *call) {
  attention_work s = of_sequences(call, PM_ATTENTION_QKV, PM_ATTENTION_DRAWS);
  pm_parallel_for(s.N * s.heads, pm_cpu_attention_scratch(call->node), forward_head, &s);
}

static void gradient_head(void *context, size_t task, void *scratch) {
  const attention_work *s = context;
  const size_t sample = task / s->heads * s->T;
  head_matrices h = head_in(scratch, s);
  float *left = h.p;
  gather_qkv(&h, s, task);
  gather(h.dy, (const float *)s->call->in[PM_ATTENTION_GRAD_DY] + sample * s->D + column_of(s, task), s->D, s);
  probabilities(&h, s);
  if (s->dropout > 0) {
    left = h.ds;
    drop_shares(left, h.p, s, task);
  }
  weighted_back(h.dv, left, h.dy, &h, s);
  products(h.ds, h.dy, h.v, &h, s);
  if (s->dropout > 0)
    drop_shares(h.ds, h.ds, s, task);
  pm_vector_best()->softmax_grad(h.ds, h.p, h.ds, s->factor, s->T, s->T);
  weighted(h.dq, h.ds, h.k, &h, s);
  weighted_back(h.dk, h.ds, h.q, &h, s);
  float *dq = (float *)s->call->out[0] + sample * s->row + column_of(s, task);
  scatter(dq, s->row, h.dq, s);
  scatter(dq + s->D, s->row, h.dk, s);
  scatter(dq + 2 * s->D, s->row, h.dv, s);
}

void pm_cpu_attention_grad(const pm_call *call) {
  attention_work s = of_sequences(call, PM_ATTENTION_GRAD_QKV, PM_ATTENTION_GRAD_DRAWS);
  pm_parallel_for(s.N * s.heads, pm_cpu_attention_scratch(call->node), gradient_head, &s);
}

/* One sample: its token's key and value join the cache, then it attends to all up to itself; in the order of
 * forward_head, where the later ones add nothing. */
static void step_sample(void *context, size_t n, void *scratch) {
  const attention_work *s = context;
  const float *q = (const float *)s->call->in[PM_ATTENTION_STEP_QKV] + n * s->row;
  size_t t = (size_t) * (const int64_t *)s->call->in[PM_ATTENTION_STEP_POSITION], T = s->T;
  float *keys = (float *)s->call->out[PM_ATTENTION_STEP_NEW_KEYS] + n * T * s->D,
        *values = (float *)s->call->out[PM_ATTENTION_STEP_NEW_VALUES] + n * T * s->D;
  memcpy(keys + t * s->D, q + s->D, s->D * sizeof *keys);
  memcpy(values + t * s->D, q + 2 * s->D, s->D * sizeof *values);
  for (size_t i = 0; i < s->heads; i++) {
    size_t at = i * s->d;
    float *p = scratch;
    pm_sgemm_by_row(p, T, q + at, s->D, keys + at, s->D, true, 1, t + 1, s->d, 0);
    pm_vector_best()->softmax_causal(p, p, s->factor, t, 1, T);
    pm_sgemm_by_row((float *)s->call->out[PM_ATTENTION_STEP_Y] + n * s->D + at, s->D, p, T, values + at, s->D, false, 1,
                    s->d, t + 1, 0);
  }
}

void pm_cpu_attention_step(const pm_call *call) {
  const size_t *keys = call->node->in[PM_ATTENTION_STEP_KEYS]->shape.dim;
  attention_work s = attention_of(call, keys[0], keys[1], keys[2]);
  assert((size_t) * (const int64_t *)call->in[PM_ATTENTION_STEP_POSITION] < s.T);
  pm_parallel_for(s.N, pm_cpu_attention_step_scratch(call->node), step_sample, &s);
}

size_t pm_cpu_attention_step_scratch(const pm_node *node) {
  return node->in[PM_ATTENTION_STEP_KEYS]->shape.dim[1] * sizeof(float);
}
