/* Vaswani et al., "Attention Is All You Need", 2017: y = softmax(q k^T / sqrt(d)) v for each sample and head, d columns
 * a head. The gradient computes the probabilities again: with P the softmax and dP = dy v^T,
 * dv = P^T dy, dS = P (dP - sum over keys of P dP) / sqrt(d), dq = dS k, dk = dS^T q. */
#include "nn/ops/elementwise.h"

#include <stdlib.h>

typedef struct {
  size_t N, T, D, heads, d;
  bool causal;
} sizes;

static sizes sizes_of(const pm_node *node) {
  const pm_attention_attributes *a = node->attributes;
  const size_t *s = node->in[0]->shape.dim;
  return (sizes){s[0], s[1], s[2], a->heads, s[2] / a->heads, a->causal};
}

static void attention_infer(pm_graph *g, pm_node *node) {
  const pm_attention_attributes *a = node->attributes;
  assert(node->in[0]->shape.rank == 3 && a->heads >= 1 && pm_columns(node->in[0]) % a->heads == 0);
  (void)a;
  infer_alike(g, node);
}

static void attention_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[0] = PM_APPLY(g, attention_grad, node->attributes, sizeof(pm_attention_attributes), node->in[0], node->in[1],
                    node->in[2], dout[0]);
  din[1] = pm_output_of(din[0], 1);
  din[2] = pm_output_of(din[0], 2);
}

static double dot(const real *a, const real *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (double)a[i] * b[i];
  return sum;
}

/* The probabilities of token t of one head: p[T], 0 for what it may not look at. q, k: the head's first column. */
static void probabilities(double *p, const real *q, const real *k, size_t t, const sizes *s) {
  size_t seen = s->causal ? t + 1 : s->T;
  double top = -INFINITY, sum = 0;
  for (size_t j = 0; j < seen; j++) {
    p[j] = dot(q + t * s->D, k + j * s->D, s->d) / sqrt((double)s->d);
    top = fmax(top, p[j]);
  }
  for (size_t j = 0; j < seen; j++)
    sum += p[j] = exp(p[j] - top);
  for (size_t j = 0; j < s->T; j++)
    p[j] = j < seen ? p[j] / sum : 0;
}

static double *numbers(size_t n) {
  double *p = malloc(n * sizeof *p);
  if (!p)
    pm_fail(PM_FAILED, NULL, "out of memory: %zu bytes for attention", n * sizeof *p);
  return p;
}

static void attention_reference(const pm_call *call) {
  sizes s = sizes_of(call->node);
  double *p = numbers(s.T);
  for (size_t i = 0; i < s.N * s.heads * s.T; i++) {
    size_t t = i % s.T, at = i / s.T / s.heads * s.T * s.D + i / s.T % s.heads * s.d;
    const real *v = (const real *)call->in[2] + at;
    real *y = (real *)call->out[0] + at + t * s.D;
    probabilities(p, (const real *)call->in[0] + at, (const real *)call->in[1] + at, t, &s);
    for (size_t c = 0; c < s.d; c++) {
      double sum = 0;
      for (size_t j = 0; j < s.T; j++)
        sum += p[j] * v[j * s.D + c];
      y[c] = (real)sum;
    }
  }
  free(p);
}

/* In: q, k, v, dy. Out: dq, dk, dv. */
static void attention_grad_infer(pm_graph *g, pm_node *node) {
  for (int k = 0; k < 3; k++)
    node->out[k] = pm_new_value(g, PM_F32, node->in[0]->shape);
  node->outs = 3;
}

/* One token's share of the gradients of its head; at: the head's first item. */
static void token_gradient(const pm_call *call, const sizes *s, size_t at, size_t t, double *p) {
  const real *q = (const real *)call->in[0] + at, *k = (const real *)call->in[1] + at;
  const real *v = (const real *)call->in[2] + at, *dy = (const real *)call->in[3] + at + t * s->D;
  real *dq = (real *)call->out[0] + at, *dk = (real *)call->out[1] + at, *dv = (real *)call->out[2] + at;
  double mean = 0;
  probabilities(p, q, k, t, s);
  for (size_t j = 0; j < s->T; j++)
    mean += p[j] * dot(dy, v + j * s->D, s->d);
  for (size_t j = 0; j < s->T; j++) {
    double ds = p[j] * (dot(dy, v + j * s->D, s->d) - mean) / sqrt((double)s->d);
    for (size_t c = 0; c < s->d; c++) {
      dv[j * s->D + c] += (real)(p[j] * dy[c]);
      dq[t * s->D + c] += (real)(ds * k[j * s->D + c]);
      dk[j * s->D + c] += (real)(ds * q[t * s->D + c]);
    }
  }
}

static void attention_grad_reference(const pm_call *call) {
  sizes s = sizes_of(call->node);
  double *p = numbers(s.T);
  for (int k = 0; k < 3; k++)
    for (size_t i = 0; i < s.N * s.T * s.D; i++)
      ((real *)call->out[k])[i] = 0;
  for (size_t i = 0; i < s.N * s.heads * s.T; i++)
    token_gradient(call, &s, i / s.T / s.heads * s.T * s.D + i / s.T % s.heads * s.d, i % s.T, p);
  free(p);
}

const pm_op PM_OP(attention) = {"attention", attention_infer, attention_gradient, attention_reference, 0};
const pm_op PM_OP(attention_grad) = {"attention_grad", attention_grad_infer, NULL, attention_grad_reference, 0};
