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
} attention;

static attention attention_of(const pm_call *call) {
  const pm_attention_attributes *a = call->node->attributes;
  const size_t *s = call->node->in[0]->shape.dim;
  size_t d = s[2] / a->heads;
  return (attention){call, s[0], s[1], s[2], a->heads, d, (float)(1 / sqrt((double)d)), a->causal};
}

/* Where the columns of a task's head begin, in each of q, k, v. */
static size_t head_begin(const attention *s, size_t task) {
  return task / s->heads * s->T * s->D + task % s->heads * s->d;
}

/* p[T,T]: what each token (row) takes of each (column). */
static void probabilities(float *p, const attention *s, size_t at) {
  const pm_vector *v = pm_vector_best();
  size_t T = s->T;
  pm_sgemm(p, T, (const float *)s->call->in[0] + at, s->D, false, (const float *)s->call->in[1] + at, s->D, true, T, T,
           s->d, 0);
  if (!s->causal)
    v->softmax(p, p, s->factor, T, T);
  for (size_t t = 0; s->causal && t < T; t++) {
    v->softmax(p + t * T, p + t * T, s->factor, 1, t + 1);
    memset(p + t * T + t + 1, 0, (T - t - 1) * sizeof *p);
  }
}

static void forward_head(void *context, size_t task, void *scratch) {
  const attention *s = context;
  size_t at = head_begin(s, task), T = s->T;
  probabilities(scratch, s, at);
  pm_sgemm((float *)s->call->out[0] + at, s->D, scratch, T, false, (const float *)s->call->in[2] + at, s->D, false, T,
           s->d, T, 0);
}

void pm_cpu_attention(const pm_call *call) {
  attention s = attention_of(call);
  pm_parallel_for(s.N * s.heads, s.T * s.T * sizeof(float), forward_head, &s);
}

/* In: q, k, v, dy. Out: dq, dk, dv. Where a token may not look, p is 0 and so is the gradient. */
static void gradient_head(void *context, size_t task, void *scratch) {
  const attention *s = context;
  size_t at = head_begin(s, task), T = s->T, D = s->D, d = s->d;
  const float *q = (const float *)s->call->in[0] + at, *k = (const float *)s->call->in[1] + at;
  const float *v = (const float *)s->call->in[2] + at, *dy = (const float *)s->call->in[3] + at;
  float *p = scratch, *ds = p + T * T;
  probabilities(p, s, at);
  pm_sgemm((float *)s->call->out[2] + at, D, p, T, true, dy, D, false, T, d, T, 0);
  pm_sgemm(ds, T, dy, D, false, v, D, true, T, T, d, 0);
  pm_vector_best()->softmax_grad(ds, p, ds, s->factor, T, T);
  pm_sgemm((float *)s->call->out[0] + at, D, ds, T, false, k, D, false, T, d, T, 0);
  pm_sgemm((float *)s->call->out[1] + at, D, ds, T, true, q, D, false, T, d, T, 0);
}

void pm_cpu_attention_grad(const pm_call *call) {
  attention s = attention_of(call);
  pm_parallel_for(s.N * s.heads, 2 * s.T * s.T * sizeof(float), gradient_head, &s);
}
