/* Vector quantisation. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/random.cuh"

/* A warp for each vector; a thread goes through every 32nd code. */
void pm_cuda_nearest_code(const pm_call *call) {
  const pm_value *vectors = call->node->in[PM_NEAREST_CODE_X], *codes = call->node->in[PM_NEAREST_CODE_CODEBOOK];
  const item K = columns(vectors), C = rows(codes);
  const float *x = in(call, PM_NEAREST_CODE_X), *codebook = in(call, PM_NEAREST_CODE_CODEBOOK);
  int32_t *index = out(call, 0);
  for_each_warp(call, pm_rows(vectors), [=] __device__(item n, item lane) {
    const float *vector = x + (size_t)n * K;
    float least = INFINITY;
    item nearest = 0;
    for (item c = lane; c < C; c += WARP) {
      const float *code = codebook + (size_t)c * K;
      float distance = 0;
      for (item k = 0; k < K; k++)
        distance += (vector[k] - code[k]) * (vector[k] - code[k]);
      if (distance < least) {
        least = distance;
        nearest = c;
      }
    }
    for (int by = WARP / 2; by > 0; by /= 2) { /* the lowest of equals */
      const float other = __shfl_xor_sync(0xffffffffu, least, by);
      const item whose = __shfl_xor_sync(0xffffffffu, nearest, by);
      if (other < least || (other == least && whose < nearest)) {
        least = other;
        nearest = whose;
      }
    }
    if (lane == 0)
      index[n] = (int32_t)nearest;
  });
}

void pm_cuda_straight_through(const pm_call *call) {
  const float *value = in(call, PM_STRAIGHT_THROUGH_VALUE);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = value[i]; });
}

static __global__ void __launch_bounds__(BLOCK)
    summarise_usage(const float *times, item codes, float *used, float *perplexity) {
  __shared__ double shared[WARPS];
  double n = 0, some = 0, entropy = 0;
  for (item c = threadIdx.x; c < codes; c += BLOCK)
    n += (double)times[c];
  n = block_sum(n, shared);
  for (item c = threadIdx.x; c < codes; c += BLOCK)
    if (times[c] > 0) {
      const double share = (double)times[c] / n;
      some++;
      entropy -= share * log(share);
    }
  some = block_sum(some, shared);
  entropy = block_sum(entropy, shared);
  if (threadIdx.x == 0) {
    *used = (float)(some / codes);
    *perplexity = (float)exp(entropy);
  }
}

void pm_cuda_code_usage(const pm_call *call) {
  const pm_code_usage_attributes *a = attributes<pm_code_usage_attributes>(call);
  const item codes = (item)a->codes, places = (item)a->places, all = count(call->node->in[PM_CODE_USAGE_INDEX]);
  const int32_t *index = in(call, PM_CODE_USAGE_INDEX);
  const int64_t *counted = in(call, PM_CODE_USAGE_COUNT);
  float *times = out(call, PM_CODE_USAGE_TIMES), *used = out(call, PM_CODE_USAGE_USED),
        *perplexity = out(call, PM_CODE_USAGE_PERPLEXITY);
  for_each_warp(call, codes, [=] __device__(item c, item lane) {
    const item n = counted ? (item)*counted * places : all;
    float sum = 0;
    for (item i = lane; i < n; i += WARP)
      sum += (item)index[i] == c ? 1.0f : 0.0f;
    sum = warp_sum(sum);
    if (lane == 0)
      times[c] = sum;
  });
  launch(call, 1, BLOCK, summarise_usage, times, codes, used, perplexity);
}

/* ---- kept up without gradients: a block for each code ---- */

/* Below this share of a vector a code has been out of use for so long that its average says nothing more. */
#define LEAST_COUNT 1e-8

/* The vectors that chose the code, in their order: every thread adds up some columns. */
static __global__ void __launch_bounds__(BLOCK)
    average_code(const float *x, const int32_t *index, item N, item K, float decay, float rest, float *codebook,
                 float *counts, float *sums) {
  const item c = blockIdx.x;
  float n = counts[c] * decay;
  __syncthreads(); /* before the first thread writes it */
  for (item i = 0; i < N; i++)
    if ((item)index[i] == c)
      n += rest;
  for (item k = threadIdx.x; k < K; k += blockDim.x) {
    float sum = sums[(size_t)c * K + k] * decay;
    for (item i = 0; i < N; i++)
      if ((item)index[i] == c)
        sum += rest * x[(size_t)i * K + k];
    sums[(size_t)c * K + k] = sum;
    if ((double)n > LEAST_COUNT)
      codebook[(size_t)c * K + k] = sum / n;
  }
  if (threadIdx.x == 0)
    counts[c] = n;
}

void pm_cuda_codebook_average(const pm_call *call) {
  const double decay = attributes<pm_codebook_average_attributes>(call)->decay;
  const pm_value *vectors = call->node->in[PM_CODEBOOK_AVERAGE_X];
  const item C = rows(call->node->in[PM_CODEBOOK_AVERAGE_CODEBOOK]), K = columns(vectors);
  const float *x = in(call, PM_CODEBOOK_AVERAGE_X);
  const int32_t *index = in(call, PM_CODEBOOK_AVERAGE_INDEX);
  float *codebook = out(call, PM_CODEBOOK_AVERAGE_CODEBOOK), *counts = out(call, PM_CODEBOOK_AVERAGE_COUNTS),
        *sums = out(call, PM_CODEBOOK_AVERAGE_SUMS);
  launch(call, C, block_for(K), average_code, x, index, rows(vectors), K, (float)decay, (float)(1 - decay), codebook,
         counts, sums);
}

/* A block for each code, a thread for some columns. */
static __global__ void __launch_bounds__(BLOCK) follow_code(const float *n, const float *total, item K, float decay,
                                                            float rest, float *codebook, float *counts, float *sums) {
  const item c = blockIdx.x;
  const float chosen = decay * counts[c] + rest * n[c];
  __syncthreads(); /* before the first thread writes it */
  for (item k = threadIdx.x; k < K; k += blockDim.x) {
    const float sum = decay * sums[(size_t)c * K + k] + rest * total[(size_t)c * K + k];
    sums[(size_t)c * K + k] = sum;
    if ((double)chosen > LEAST_COUNT)
      codebook[(size_t)c * K + k] = sum / chosen;
  }
  if (threadIdx.x == 0)
    counts[c] = chosen;
}

void pm_cuda_codebook_follow(const pm_call *call) {
  const double decay = attributes<pm_codebook_average_attributes>(call)->decay;
  const pm_value *codes = call->node->in[PM_CODEBOOK_FOLLOW_CODEBOOK];
  const float *n = in(call, PM_CODEBOOK_FOLLOW_N), *total = in(call, PM_CODEBOOK_FOLLOW_TOTAL);
  float *codebook = out(call, PM_CODEBOOK_FOLLOW_CODEBOOK), *counts = out(call, PM_CODEBOOK_FOLLOW_COUNTS),
        *sums = out(call, PM_CODEBOOK_FOLLOW_SUMS);
  launch(call, rows(codes), block_for(columns(codes)), follow_code, n, total, columns(codes), (float)decay,
         (float)(1 - decay), codebook, counts, sums);
}

/* A code begins anew with a vector, as one that was chosen once. */
static __device__ void begin_anew(item c, const float *vector, item K, float *codebook, float *counts, float *sums) {
  for (item k = threadIdx.x; k < K; k += blockDim.x) {
    codebook[(size_t)c * K + k] = vector[k];
    if (counts)
      sums[(size_t)c * K + k] = vector[k];
  }
  if (counts && threadIdx.x == 0)
    counts[c] = 1;
}

struct restart {
  const float *x;
  const int32_t *index;
  const int64_t *seed, *step;
  item N, K;
  float after;
  uint32_t purpose;
  float *codebook, *idle, *counts, *sums; /* the last two may be NULL */
};

static __global__ void __launch_bounds__(BLOCK) restart_code(restart r) {
  __shared__ double shared[WARPS];
  const item c = blockIdx.x;
  const float steps = r.idle[c] + 1;
  double chosen = 0;
  for (item i = threadIdx.x; i < r.N; i += blockDim.x)
    chosen += (item)r.index[i] == c;
  chosen = block_sum(chosen, shared); /* and all have read idle */
  const bool again = chosen == 0 && steps >= r.after;
  if (threadIdx.x == 0)
    r.idle[c] = chosen > 0 || again ? 0 : steps;
  if (!again)
    return;
  stream s = stream_of(*r.seed, r.purpose, (uint32_t)*r.step, c);
  begin_anew(c, r.x + (size_t)s.below(r.N) * r.K, r.K, r.codebook, r.counts, r.sums);
}

void pm_cuda_codebook_restart(const pm_call *call) {
  const pm_codebook_restart_attributes *a = attributes<pm_codebook_restart_attributes>(call);
  const pm_value *vectors = call->node->in[PM_CODEBOOK_RESTART_X];
  const restart r = {in(call, PM_CODEBOOK_RESTART_X),
                     in(call, PM_CODEBOOK_RESTART_INDEX),
                     in(call, PM_CODEBOOK_RESTART_SEED),
                     in(call, PM_CODEBOOK_RESTART_STEP),
                     rows(vectors),
                     columns(vectors),
                     (float)a->after,
                     a->purpose,
                     in(call, PM_CODEBOOK_RESTART_CODEBOOK),
                     in(call, PM_CODEBOOK_RESTART_IDLE),
                     in(call, PM_CODEBOOK_RESTART_COUNTS),
                     in(call, PM_CODEBOOK_RESTART_SUMS)};
  launch(call, rows(call->node->in[PM_CODEBOOK_RESTART_CODEBOOK]), BLOCK, restart_code, r);
}

static __global__ void __launch_bounds__(BLOCK)
    replace_code(const float *n, const float *candidates, item K, float after, float *codebook, float *idle,
                 float *counts, float *sums) {
  const item c = blockIdx.x;
  const float steps = n[c] > 0 ? 0 : idle[c] + 1;
  const bool again = steps >= after;
  __syncthreads(); /* before the first thread writes it */
  if (threadIdx.x == 0)
    idle[c] = again ? 0 : steps;
  if (again)
    begin_anew(c, candidates + (size_t)c * K, K, codebook, counts, sums);
}

void pm_cuda_codebook_replace(const pm_call *call) {
  const pm_codebook_restart_attributes *a = attributes<pm_codebook_restart_attributes>(call);
  const pm_value *codes = call->node->in[PM_CODEBOOK_REPLACE_CODEBOOK];
  const float *n = in(call, PM_CODEBOOK_REPLACE_N), *candidates = in(call, PM_CODEBOOK_REPLACE_CANDIDATES);
  float *codebook = in(call, PM_CODEBOOK_REPLACE_CODEBOOK), *idle = in(call, PM_CODEBOOK_REPLACE_IDLE),
        *counts = in(call, PM_CODEBOOK_REPLACE_COUNTS), *sums = in(call, PM_CODEBOOK_REPLACE_SUMS);
  launch(call, rows(codes), block_for(columns(codes)), replace_code, n, candidates, columns(codes), (float)a->after,
         codebook, idle, counts, sums);
}

struct candidates {
  const float *x;
  const int64_t *seed, *step, *first;
  item N, K;
  item rows, parts; /* of a slot; micro-batches of the batch */
  uint32_t purpose;
  float *y;
};

/* A block for each code. */
static __global__ void __launch_bounds__(BLOCK) find_candidate(candidates a) {
  const item c = blockIdx.x, begin = (item)*a.first * a.rows;
  stream s = stream_of(*a.seed, a.purpose, (uint32_t)*a.step, c);
  const item row = s.below(a.N * a.parts);
  const bool own = row >= begin && row < begin + a.N;
  for (item k = threadIdx.x; k < a.K; k += blockDim.x)
    a.y[(size_t)c * a.K + k] = own ? (float)a.parts * a.x[(size_t)(row - begin) * a.K + k] : 0;
}

void pm_cuda_code_candidates(const pm_call *call) {
  const pm_code_candidates_attributes *a = attributes<pm_code_candidates_attributes>(call);
  const pm_value *vectors = call->node->in[PM_CODE_CANDIDATES_X];
  const candidates c = {in(call, PM_CODE_CANDIDATES_X),
                        in(call, PM_CODE_CANDIDATES_SEED),
                        in(call, PM_CODE_CANDIDATES_STEP),
                        in(call, PM_CODE_CANDIDATES_FIRST),
                        rows(vectors),
                        columns(vectors),
                        (item)a->rows,
                        (item)a->parts,
                        a->purpose,
                        out(call, 0)};
  launch(call, (item)a->codes, block_for(columns(vectors)), find_candidate, c);
}
