/* Attention: one head of one sample is a task; its T x T scores stay in the task's scratch. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"

#include "core/tasks.h"

#include <math.h>
#include <string.h>

typedef struct {
  const pm_call *call;
  size_t N, T, D, heads, d;
  float factor; /* 1 / sqrt(d) */
  bool causal;
  float dropout;
  pm_dropout_constants drop; /* but for the slot, which is the task */
} attention;

/* `keys`: a value [N,T,D]. */
static attention attention_of(const pm_call *call, const pm_value *keys) {
  const pm_attention_attributes *a = call->node->attributes;
  const size_t *s = keys->shape.dim;
  size_t d = s[2] / a->heads;
  return (attention){.call = call,
                     .N = s[0],
                     .T = s[1],
                     .D = s[2],
                     .heads = a->heads,
                     .d = d,
                     .factor = (float)(1 / sqrt((double)d)),
                     .causal = a->causal,
                     .dropout = (float)a->dropout};
}

static void set_dropout(attention *s, const void *seed, const void *step) {
  const pm_attention_attributes *a = s->call->node->attributes;
  if (s->dropout > 0)
    s->drop = pm_dropout_of(seed, step, a->dropout, a->purpose);
}

static void drop(float *out, const float *p, const attention *s, size_t task) {
  pm_dropout_constants k = s->drop;
  k.slot = (uint32_t)task;
  pm_vector_best()->dropout(out, p, k, s->T * s->T);
}

/* Where the columns of a task's head begin, in each of q, k, v. */
static size_t head_begin(const attention *s, size_t task) {
  return task / s->heads * s->T * s->D + task % s->heads * s->d;
}

/* p[rows,T]: what tokens `first` and on take of each of the first T; q their rows, k all rows of the head. */
static void probabilities(float *p, const attention *s, const float *q, const float *k, size_t first, size_t rows,
                          size_t T) {
  const pm_vector *v = pm_vector_best();
  pm_sgemm_by_row(p, T, q, s->D, k, s->D, true, rows, T, s->d, 0);
  if (s->causal)
    v->softmax_causal(p, p, s->factor, first, rows, T);
  else
    v->softmax(p, p, s->factor, rows, T);
}

static void forward_head(void *context, size_t task, void *scratch) {
  const attention *s = context;
  const float *const *in = (const float *const *)s->call->in;
  size_t at = head_begin(s, task);
  probabilities(scratch, s, in[0] + at, in[1] + at, 0, s->T, s->T);
  if (s->dropout > 0)
    drop(scratch, scratch, s, task);
  pm_sgemm_by_row((float *)s->call->out[0] + at, s->D, scratch, s->T, in[2] + at, s->D, false, s->T, s->d, s->T, 0);
}

void pm_cpu_attention(const pm_call *call) {
  attention s = attention_of(call, call->node->in[1]);
  set_dropout(&s, call->in[3], call->in[4]);
  pm_parallel_for(s.N * s.heads, pm_cpu_attention_scratch(call->node), forward_head, &s);
}

size_t pm_cpu_attention_scratch(const pm_node *node) {
  size_t T = node->in[1]->shape.dim[1];
  return T * T * sizeof(float);
}

/* In: q, k, v, dy. Out: dq, dk, dv. Where a token may not look, p is 0 and so is the gradient. */
static void gradient_head(void *context, size_t task, void *scratch) {
  const attention *s = context;
  size_t at = head_begin(s, task), T = s->T, D = s->D, d = s->d;
  const float *q = (const float *)s->call->in[0] + at, *k = (const float *)s->call->in[1] + at;
  const float *v = (const float *)s->call->in[2] + at, *dy = (const float *)s->call->in[3] + at;
  float *p = scratch, *ds = p + T * T, *left = ds;
  probabilities(p, s, q, k, 0, T, T);
  if (s->dropout > 0)
    drop(left, p, s, task);
  else
    left = p;
  pm_sgemm((float *)s->call->out[2] + at, D, left, T, true, dy, D, false, T, d, T, 0);
  pm_sgemm(ds, T, dy, D, false, v, D, true, T, T, d, 0);
  if (s->dropout > 0)
    drop(ds, ds, s, task);
  pm_vector_best()->softmax_grad(ds, p, ds, s->factor, T, T);
  pm_sgemm((float *)s->call->out[0] + at, D, ds, T, false, k, D, false, T, d, T, 0);
  pm_sgemm((float *)s->call->out[1] + at, D, ds, T, true, q, D, false, T, d, T, 0);
}

void pm_cpu_attention_grad(const pm_call *call) {
  attention s = attention_of(call, call->node->in[1]);
  set_dropout(&s, call->in[4], call->in[5]);
  pm_parallel_for(s.N * s.heads, pm_cpu_attention_grad_scratch(call->node), gradient_head, &s);
}

size_t pm_cpu_attention_grad_scratch(const pm_node *node) {
  return 2 * pm_cpu_attention_scratch(node);
}

/* One sample: its token joins the keys and values, then looks at all up to itself, in the order of forward_head, where
 * the later ones add nothing. */
static void step_sample(void *context, size_t n, void *scratch) {
  const attention *s = context;
  const float *const *in = (const float *const *)s->call->in;
  size_t t = (size_t) * (const int64_t *)s->call->in[5], row = n * s->D, T = s->T;
  float *keys = (float *)s->call->out[1] + n * T * s->D, *values = (float *)s->call->out[2] + n * T * s->D;
  memcpy(keys + t * s->D, in[1] + row, s->D * sizeof *keys);
  memcpy(values + t * s->D, in[2] + row, s->D * sizeof *values);
  for (size_t head = 0; head < s->heads; head++) {
    size_t at = head * s->d;
    probabilities(scratch, s, in[0] + row + at, keys + at, t, 1, t + 1);
    pm_sgemm_by_row((float *)s->call->out[0] + row + at, s->D, scratch, T, values + at, s->D, false, 1, s->d, t + 1, 0);
  }
}

void pm_cpu_attention_step(const pm_call *call) {
  attention s = attention_of(call, call->node->in[3]);
  assert((size_t) * (const int64_t *)call->in[5] < s.T);
  pm_parallel_for(s.N, pm_cpu_attention_step_scratch(call->node), step_sample, &s);
}

size_t pm_cpu_attention_step_scratch(const pm_node *node) {
  return node->in[3]->shape.dim[1] * sizeof(float);
}
