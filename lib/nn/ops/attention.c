/* Vaswani et al., "Attention Is All You Need", 2017: y = softmax(q k^T / sqrt(d)) v for each sample and head, d columns
 * a head. The gradient computes the probabilities again: with P the softmax, M what dropout leaves of it (0 or
 * 1 / (1 - p), item by item) and dP = M (dy v^T), dv = (M P)^T dy, dS = P (dP - sum over keys of P dP) / sqrt(d),
 * dq = dS k, dk = dS^T q. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

#include <string.h>

typedef struct {
  size_t N, T, D, heads, d;
  size_t row; /* from a token's queries to the next one's */
  bool causal;
} attention_sizes;

static attention_sizes attention_sizes_of(const pm_node *node, const pm_value *qkv) {
  const pm_attention_attributes *a = node->attributes;
  const size_t *s = qkv->shape.dim, D = s[2] / 3;
  return (attention_sizes){s[0], s[1], D, a->heads, D / a->heads, s[2], a->causal};
}

static void attention_infer(pm_graph *g, pm_node *node) {
  const pm_attention_attributes *a = node->attributes;
  pm_shape shape = node->in[PM_ATTENTION_QKV]->shape;
  assert(shape.rank == 3 && a->heads >= 1 && shape.dim[2] % (3 * a->heads) == 0);
  assert(a->dropout == 0 || has_draws(node, PM_ATTENTION_DRAWS));
  (void)a;
  shape.dim[2] /= 3;
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void attention_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  const pm_draws draws = draws_of(node, PM_ATTENTION_DRAWS);
  din[PM_ATTENTION_QKV] = PM_APPLY(g, attention_grad, node->attributes, sizeof(pm_attention_attributes),
                                   node->in[PM_ATTENTION_QKV], dout[0], PM_DRAWS(draws));
}

static double dot(const real *a, const real *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (double)a[i] * b[i];
  return sum;
}

/* The probabilities of token t of one head: p[T], 0 for tokens that it does not attend to. q: its row; k: the first of
 * rows that lie `row` apart; both from the head's first column. */
static void probabilities(double *p, const real *q, const real *k, size_t row, size_t t, const attention_sizes *s) {
  size_t seen = s->causal ? t + 1 : s->T;
  double top = -INFINITY, sum = 0;
  for (size_t j = 0; j < seen; j++) {
    p[j] = dot(q, k + j * row, s->d) / sqrt((double)s->d);
    top = fmax(top, p[j]);
  }
  for (size_t j = 0; j < seen; j++)
    sum += p[j] = exp(p[j] - top);
  for (size_t j = 0; j < s->T; j++)
    p[j] = j < seen ? p[j] / sum : 0;
}

/* m[T]: what dropout leaves of token t's shares, number `head` of all heads of all samples; the draws are in[at] and
 * on. Each head of each slot has its own numbers. */
static void dropout_mask(double *m, const pm_call *call, int at, size_t head, size_t t, size_t T) {
  const pm_attention_attributes *a = call->node->attributes;
  for (size_t j = 0; j < T; j++)
    m[j] = 1;
  if (!a->dropout)
    return;
  const draw_source d = draw_source_of(call, at);
  const uint32_t slot = draw_slot(&d, head / a->heads) * (uint32_t)a->heads + (uint32_t)(head % a->heads);
  for (size_t j = 0; j < T; j++)
    m[j] = draw_keeps(&d, a->purpose, slot, t * T + j, a->dropout) ? 1 / (1 - a->dropout) : 0;
}

static void attention_reference(const pm_call *call) {
  attention_sizes s = attention_sizes_of(call->node, call->node->in[PM_ATTENTION_QKV]);
  double *p = call->workspace, *m = p + s.T;
  for (size_t i = 0; i < s.N * s.heads * s.T; i++) {
    size_t head = i / s.T, t = i % s.T, n = head / s.heads, column = head % s.heads * s.d;
    const real *q = (const real *)call->in[PM_ATTENTION_QKV] + n * s.T * s.row + column, *k = q + s.D, *v = k + s.D;
    real *y = (real *)call->out[0] + (n * s.T + t) * s.D + column;
    probabilities(p, q + t * s.row, k, s.row, t, &s);
    dropout_mask(m, call, PM_ATTENTION_DRAWS, head, t, s.T);
    for (size_t c = 0; c < s.d; c++) {
      double sum = 0;
      for (size_t j = 0; j < s.T; j++)
        sum += m[j] * p[j] * v[j * s.row + c];
      y[c] = (real)sum;
    }
  }
}

static void attention_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_ATTENTION_GRAD_QKV]->shape);
  node->outs = 1;
}

/* One token's share of the gradients of a head. */
static void token_gradient(const pm_call *call, const attention_sizes *s, size_t head, size_t t, double *p, double *m) {
  size_t n = head / s->heads, column = head % s->heads * s->d, at = n * s->T * s->row + column;
  const real *q = (const real *)call->in[PM_ATTENTION_GRAD_QKV] + at, *k = q + s->D, *v = k + s->D;
  const real *dy = (const real *)call->in[PM_ATTENTION_GRAD_DY] + (n * s->T + t) * s->D + column;
  real *dq = (real *)call->out[0] + at, *dk = dq + s->D, *dv = dk + s->D;
  double mean = 0;
  probabilities(p, q + t * s->row, k, s->row, t, s);
  dropout_mask(m, call, PM_ATTENTION_GRAD_DRAWS, head, t, s->T);
  for (size_t j = 0; j < s->T; j++)
    mean += p[j] * m[j] * dot(dy, v + j * s->row, s->d);
  for (size_t j = 0; j < s->T; j++) {
    double ds = p[j] * (m[j] * dot(dy, v + j * s->row, s->d) - mean) / sqrt((double)s->d);
    for (size_t c = 0; c < s->d; c++) {
      dv[j * s->row + c] += (real)(m[j] * p[j] * dy[c]);
      dq[t * s->row + c] += (real)(ds * k[j * s->row + c]);
      dk[j * s->row + c] += (real)(ds * q[t * s->row + c]);
    }
  }
}

static void attention_grad_reference(const pm_call *call) {
  attention_sizes s = attention_sizes_of(call->node, call->node->in[PM_ATTENTION_GRAD_QKV]);
  double *p = call->workspace;
  for (size_t i = 0; i < s.N * s.T * s.row; i++)
    ((real *)call->out[0])[i] = 0;
  for (size_t i = 0; i < s.N * s.heads * s.T; i++)
    token_gradient(call, &s, i / s.T, i % s.T, p, p + s.T);
}

static void attention_step_infer(pm_graph *g, pm_node *node) {
  const pm_value *keys = node->in[PM_ATTENTION_STEP_KEYS];
  pm_shape shape = node->in[PM_ATTENTION_STEP_QKV]->shape;
  assert(shape.rank == 3 && shape.dim[1] == 1 && keys->shape.rank == 3 && keys->buffer &&
         node->in[PM_ATTENTION_STEP_VALUES]->buffer);
  assert(shape.dim[2] == 3 * pm_columns(keys) && shape.dim[0] == keys->shape.dim[0]);
  shape.dim[2] = pm_columns(keys);
  node->out[PM_ATTENTION_STEP_Y] = pm_new_value(g, PM_F32, shape);
  node->out[PM_ATTENTION_STEP_NEW_KEYS] = node->in[PM_ATTENTION_STEP_KEYS];
  node->out[PM_ATTENTION_STEP_NEW_VALUES] = node->in[PM_ATTENTION_STEP_VALUES];
  node->outs = 3;
}

static void attention_step_reference(const pm_call *call) {
  const pm_attention_attributes *a = call->node->attributes;
  const size_t *dim = call->node->in[PM_ATTENTION_STEP_KEYS]->shape.dim;
  attention_sizes s = {dim[0], dim[1], dim[2], a->heads, dim[2] / a->heads, 3 * dim[2], true};
  size_t t = (size_t) * (const int64_t *)call->in[PM_ATTENTION_STEP_POSITION];
  assert(t < s.T);
  double *p = call->workspace;
  for (size_t n = 0; n < s.N; n++) {
    const real *k = (const real *)call->in[PM_ATTENTION_STEP_QKV] + n * s.row + s.D, *v = k + s.D;
    memcpy((real *)call->out[PM_ATTENTION_STEP_NEW_KEYS] + (n * s.T + t) * s.D, k, s.D * sizeof(real));
    memcpy((real *)call->out[PM_ATTENTION_STEP_NEW_VALUES] + (n * s.T + t) * s.D, v, s.D * sizeof(real));
  }
  for (size_t head = 0; head < s.N * s.heads; head++) {
    size_t n = head / s.heads, column = head % s.heads * s.d, at = n * s.T * s.D + column;
    const real *values = (const real *)call->out[PM_ATTENTION_STEP_NEW_VALUES] + at;
    real *y = (real *)call->out[PM_ATTENTION_STEP_Y] + n * s.D + column;
    probabilities(p, (const real *)call->in[PM_ATTENTION_STEP_QKV] + n * s.row + column,
                  (const real *)call->out[PM_ATTENTION_STEP_NEW_KEYS] + at, s.D, t, &s);
    for (size_t c = 0; c < s.d; c++) {
      double sum = 0;
      for (size_t j = 0; j <= t; j++)
        sum += p[j] * values[j * s.D + c];
      y[c] = (real)sum;
    }
  }
}

/* A token's probabilities, and what dropout leaves of them; of qkv [N,T,3 D], or of keys [N,T,D]. */
static size_t attention_workspace(const pm_node *node) {
  return 2 * node->in[PM_ATTENTION_QKV]->shape.dim[1] * sizeof(double);
}
static size_t attention_step_workspace(const pm_node *node) {
  return node->in[PM_ATTENTION_STEP_KEYS]->shape.dim[1] * sizeof(double);
}

const pm_op PM_OP(attention) = {"attention", attention_infer,    attention_gradient, attention_reference,
                                0,           attention_workspace};
const pm_op PM_OP(attention_grad) = {"attention_grad",   attention_grad_infer, NULL, attention_grad_reference, 0,
                                     attention_workspace};
const pm_op PM_OP(attention_step) = {"attention_step",        attention_step_infer, NULL, attention_step_reference, 0,
                                     attention_step_workspace};
