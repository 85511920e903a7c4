/* Attention: a warp for each token of each head. It goes through the keys 32 at a time, a key for each thread, and
 * keeps the largest score and the sum of the weights so far (the online softmax of Milakov and Gimelshein, 2018), so
 * that no row of scores is kept; then each thread adds up some columns. The gradient takes one pass for what a token's
 * weights add up to and for dq, and one by keys for dk and dv. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/random.cuh"

enum { COLUMNS = 4, CHUNK = COLUMNS * WARP }; /* columns that a thread, and a warp, adds up at once */

struct heads {
  const float *q, *k, *v; /* of the first head's first token */
  item T, H, d;           /* tokens, heads, columns of a head */
  size_t query_row, row;  /* from a token's queries to the next one's, from its keys and values */
  size_t query_sample, sample;
  bool causal;
  float scale;
  float dropout;
  uint32_t least; /* as random_dropout_least gives it */
  uint32_t purpose;
  draw_scalars draws;
};

/* Of what a token's warp works on. */
struct token {
  const float *q, *k, *v;
  item head, t, seen; /* head: of all samples' */
};

static __device__ token token_of(const heads &h, item head, item t) {
  const item n = head / h.H, column = head % h.H * h.d;
  return {h.q + n * h.query_sample + t * h.query_row + column,
          h.k + n * h.sample + column,
          h.v + n * h.sample + column,
          head,
          t,
          h.causal ? t + 1 : h.T};
}

static __device__ float dot(const float *a, const float *b, item n) {
  float sum = 0;
  for (item i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* What dropout leaves of token t's weight of key j: 0 or 1 / (1 - p). */
static __device__ float kept(const heads &h, item head, item t, item j) {
  if (h.dropout == 0)
    return 1;
  const item e = t * h.T + j;
  const uint32_t slot = (uint32_t)(*h.draws.first + head / h.H) * h.H + head % h.H;
  const uint32_t key[2] = {(uint32_t)*h.draws.seed, (uint32_t)((uint64_t)*h.draws.seed >> 32)};
  const uint32_t counter[4] = {random_dropout_block(e), slot, (uint32_t)*h.draws.step, h.purpose};
  uint32_t bits[4];
  random_philox(counter, key, bits);
  return random_dropout_keeps(bits, random_dropout_part(e), h.least) ? 1 / (1 - h.dropout) : 0;
}

static __device__ float score(const heads &h, const token &at, item j) {
  return j < at.seen ? dot(at.q, at.k + j * h.row, h.d) * h.scale : -INFINITY;
}

/* y[d] of a token. `weights` is the warp's, in shared memory. */
static __device__ void attend(const heads &h, const token &at, float *y, float *weights, item lane) {
  for (item first = 0; first < h.d; first += CHUNK) {
    float sums[COLUMNS] = {0}, top = -INFINITY, total = 0;
    for (item j0 = 0; j0 < at.seen; j0 += WARP) {
      const item j = j0 + lane;
      const float s = score(h, at, j), new_top = fmaxf(top, warp_largest(s)), shrink = expf(top - new_top);
      const float p = expf(s - new_top);
      total = total * shrink + warp_sum(p);
      weights[lane] = j < at.seen ? p * kept(h, at.head, at.t, j) : 0;
      __syncwarp();
      for (item k = 0; k < COLUMNS; k++) {
        const item c = first + k * WARP + lane;
        sums[k] *= shrink;
        for (item i = 0; c < h.d && i < WARP && j0 + i < at.seen; i++)
          sums[k] += weights[i] * at.v[(j0 + i) * h.row + c];
      }
      __syncwarp();
      top = new_top;
    }
    for (item k = 0; k < COLUMNS; k++)
      if (first + k * WARP + lane < h.d)
        y[first + k * WARP + lane] = sums[k] / total;
  }
}

static __global__ void __launch_bounds__(BLOCK) attend_tokens(heads h, item tokens, float *y) {
  __shared__ float weights[WARPS][WARP];
  const item i = blockIdx.x * WARPS + threadIdx.x / WARP, D = h.H * h.d;
  if (i >= tokens)
    return;
  const token at = token_of(h, i / h.T, i % h.T);
  attend(h, at, y + ((size_t)(at.head / h.H) * h.T + at.t) * D + at.head % h.H * h.d, weights[threadIdx.x / WARP],
         threadIdx.x % WARP);
}

/* Queries, keys and values side by side in qkv [N,T,3 D]; the draws are inputs `at` and on. */
static heads heads_of(const pm_call *call, int qkv, int at) {
  const pm_attention_attributes *a = attributes<pm_attention_attributes>(call);
  const pm_value *value = call->node->in[qkv];
  const item D = dim(value, 2) / 3, T = dim(value, 1);
  const float *q = in(call, qkv);
  const size_t row = 3 * (size_t)D;
  heads h = {q, q + D, q + 2 * D, T, (item)a->heads, D / (item)a->heads, row, row, T * row, T * row, a->causal};
  h.scale = (float)(1 / sqrt((double)h.d));
  h.dropout = (float)a->dropout;
  h.least = random_dropout_least(a->dropout);
  h.purpose = a->purpose;
  if (a->dropout != 0)
    h.draws = scalars_of(call, at);
  return h;
}

void pm_cuda_attention(const pm_call *call) {
  const heads h = heads_of(call, PM_ATTENTION_QKV, PM_ATTENTION_DRAWS);
  const item tokens = dim(call->node->out[0], 0) * h.H * h.T;
  float *y = out(call, 0);
  launch(call, pieces(tokens, WARPS), BLOCK, attend_tokens, h, tokens, y);
}

/* ---- one token more ---- */

static __global__ void __launch_bounds__(BLOCK)
    attend_step(heads h, item all_heads, const int64_t *position, float *keys, float *values, float *y) {
  __shared__ float weights[WARPS][WARP];
  const item head = blockIdx.x * WARPS + threadIdx.x / WARP, lane = threadIdx.x % WARP, t = (item)*position;
  if (head >= all_heads)
    return;
  const item D = h.H * h.d, n = head / h.H, column = head % h.H * h.d;
  const float *q = h.q + n * h.query_sample + column;
  const size_t to = n * h.sample + (size_t)t * h.row + column;
  for (item c = lane; c < h.d; c += WARP) {
    keys[to + c] = q[D + c];
    values[to + c] = q[2 * D + c];
  }
  __syncwarp();
  const token at = {q, keys + n * h.sample + column, values + n * h.sample + column, head, t, t + 1};
  attend(h, at, y + (size_t)n * D + column, weights[threadIdx.x / WARP], lane);
}

void pm_cuda_attention_step(const pm_call *call) {
  const pm_attention_attributes *a = attributes<pm_attention_attributes>(call);
  const pm_value *cache = call->node->in[PM_ATTENTION_STEP_KEYS];
  const item N = dim(cache, 0), T = dim(cache, 1), D = dim(cache, 2), H = (item)a->heads;
  const float *q = in(call, PM_ATTENTION_STEP_QKV);
  float *keys = out(call, PM_ATTENTION_STEP_NEW_KEYS), *values = out(call, PM_ATTENTION_STEP_NEW_VALUES),
        *y = out(call, PM_ATTENTION_STEP_Y);
  const int64_t *position = in(call, PM_ATTENTION_STEP_POSITION);
  heads h = {q, keys, values, T, H, D / H, 3 * (size_t)D, D, 3 * (size_t)D, (size_t)T * D, true};
  h.scale = (float)(1 / sqrt((double)h.d));
  launch(call, pieces(N * H, WARPS), BLOCK, attend_step, h, N * H, position, keys, values, y);
}

/* ---- gradient ---- */

/* Of each token of each head: the largest score, the sum of exp(score - largest), and sum p m (dy v) over the keys. */
struct token_sums {
  float top, total, mean;
};

struct gradients {
  heads h;
  const float *dy;
  float *dqkv;
  token_sums *sums;
};

static __device__ const float *dy_of(const gradients &g, item head, item t) {
  const item D = g.h.H * g.h.d;
  return g.dy + ((size_t)(head / g.h.H) * g.h.T + t) * D + head % g.h.H * g.h.d;
}

static __device__ token_sums sums_of(const gradients &g, const token &at, const float *dy, item lane) {
  token_sums s = {-INFINITY, 0, 0};
  for (item j0 = 0; j0 < at.seen; j0 += WARP) {
    const item j = j0 + lane;
    const float x = score(g.h, at, j), top = fmaxf(s.top, warp_largest(x)), shrink = expf(s.top - top),
                p = expf(x - top);
    const float product = j < at.seen ? p * kept(g.h, at.head, at.t, j) * dot(dy, at.v + j * g.h.row, g.h.d) : 0.0f;
    s.total = s.total * shrink + warp_sum(p);
    s.mean = s.mean * shrink + warp_sum(product);
    s.top = top;
  }
  s.mean /= s.total;
  return s;
}

/* The gradient of token `at`'s score of key j, times the scale; and what its weight is after dropout. */
static __device__ float gradient_of_score(const gradients &g, const token &at, const token_sums &s, const float *dy,
                                          item j, float *weight) {
  const float p = expf(score(g.h, at, j) - s.top) / s.total, m = kept(g.h, at.head, at.t, j);
  *weight = m * p;
  return p * (m * dot(dy, at.v + j * g.h.row, g.h.d) - s.mean) * g.h.scale;
}

/* dq, by tokens. */
static __global__ void __launch_bounds__(BLOCK) gradient_of_queries(gradients g, item tokens) {
  __shared__ float scores[WARPS][WARP];
  const item i = blockIdx.x * WARPS + threadIdx.x / WARP, lane = threadIdx.x % WARP;
  if (i >= tokens)
    return;
  float *ds = scores[threadIdx.x / WARP];
  const token at = token_of(g.h, i / g.h.T, i % g.h.T);
  const float *dy = dy_of(g, at.head, at.t);
  const token_sums s = sums_of(g, at, dy, lane);
  float *dq = g.dqkv + (at.q - g.h.q);
  if (lane == 0)
    g.sums[i] = s;
  for (item first = 0; first < g.h.d; first += CHUNK) {
    float sums[COLUMNS] = {0};
    for (item j0 = 0; j0 < at.seen; j0 += WARP) {
      float weight;
      ds[lane] = j0 + lane < at.seen ? gradient_of_score(g, at, s, dy, j0 + lane, &weight) : 0;
      __syncwarp();
      for (item k = 0; k < COLUMNS; k++) {
        const item c = first + k * WARP + lane;
        for (item e = 0; c < g.h.d && e < WARP && j0 + e < at.seen; e++)
          sums[k] += ds[e] * at.k[(j0 + e) * g.h.row + c];
      }
      __syncwarp();
    }
    for (item k = 0; k < COLUMNS; k++)
      if (first + k * WARP + lane < g.h.d)
        dq[first + k * WARP + lane] = sums[k];
  }
}

/* dk and dv, by keys: token j is seen by all, or by itself and those behind it. */
static __global__ void __launch_bounds__(BLOCK) gradient_of_keys(gradients g, item tokens) {
  __shared__ float scores[WARPS][WARP], weights[WARPS][WARP];
  const item i = blockIdx.x * WARPS + threadIdx.x / WARP, lane = threadIdx.x % WARP, D = g.h.H * g.h.d;
  if (i >= tokens)
    return;
  float *ds = scores[threadIdx.x / WARP], *w = weights[threadIdx.x / WARP];
  const item head = i / g.h.T, j = i % g.h.T, begin = g.h.causal ? j : 0;
  float *dk = g.dqkv + (token_of(g.h, head, j).q - g.h.q) + D, *dv = dk + D;
  for (item first = 0; first < g.h.d; first += CHUNK) {
    float keys[COLUMNS] = {0}, values[COLUMNS] = {0};
    for (item t0 = begin; t0 < g.h.T; t0 += WARP) {
      const item t = t0 + lane;
      ds[lane] = w[lane] = 0;
      if (t < g.h.T)
        ds[lane] =
            gradient_of_score(g, token_of(g.h, head, t), g.sums[head * g.h.T + t], dy_of(g, head, t), j, w + lane);
      __syncwarp();
      for (item k = 0; k < COLUMNS; k++) {
        const item c = first + k * WARP + lane;
        for (item e = 0; c < g.h.d && e < WARP && t0 + e < g.h.T; e++) {
          keys[k] += ds[e] * token_of(g.h, head, t0 + e).q[c];
          values[k] += w[e] * dy_of(g, head, t0 + e)[c];
        }
      }
      __syncwarp();
    }
    for (item k = 0; k < COLUMNS; k++)
      if (first + k * WARP + lane < g.h.d) {
        dk[first + k * WARP + lane] = keys[k];
        dv[first + k * WARP + lane] = values[k];
      }
  }
}

size_t pm_cuda_attention_grad_workspace(const pm_node *node) {
  const pm_value *qkv = node->in[PM_ATTENTION_GRAD_QKV];
  return qkv->shape.dim[0] * qkv->shape.dim[1] * ((const pm_attention_attributes *)node->attributes)->heads *
         sizeof(token_sums);
}

void pm_cuda_attention_grad(const pm_call *call) {
  const gradients g = {heads_of(call, PM_ATTENTION_GRAD_QKV, PM_ATTENTION_GRAD_DRAWS), in(call, PM_ATTENTION_GRAD_DY),
                       out(call, 0), workspace(call)};
  const item tokens = dim(call->node->out[0], 0) * g.h.H * g.h.T;
  launch(call, pieces(tokens, WARPS), BLOCK, gradient_of_queries, g, tokens);
  launch(call, pieces(tokens, WARPS), BLOCK, gradient_of_keys, g, tokens);
}
