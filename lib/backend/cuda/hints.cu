/* Drawing with a part of the sprite fixed. */
#include "backend/cuda/categorical.cuh"
#include "backend/cuda/kernels.h"
#include "nn/ops/hint_allows.h"

/* ---- one pixel of a patch ---- */

struct hinted {
  draw_choice how;
  draw_scalars d;
  item K, height, width, side, columns, pixel, particles;
  int32_t background;
  const float *logits;
  const int32_t *hints;
  const unsigned char *canvas;
  const int64_t *position;
  float *weights, *allowed;
  double *sorted;
  int32_t *index;
};

/* ln of the sum of exp(logits / temperature) over what is allowed, by a block. */
static __device__ double log_allowed_sum(const hinted &h, const float *x, int32_t hint, double *shared) {
  double top = -INFINITY, sum = 0;
  for (item k = threadIdx.x; k < h.K; k += blockDim.x)
    if (hint_allows(hint, h.background, k) && (double)x[k] > top)
      top = (double)x[k];
  top = block_largest(top, shared);
  for (item k = threadIdx.x; k < h.K; k += blockDim.x)
    if (hint_allows(hint, h.background, k))
      sum += exp(((double)x[k] - top) / h.how.temperature);
  return top / h.how.temperature + log(block_sum(sum, shared));
}

/* What the hint costs: ln of the probability of what it allows. */
static __device__ double cost_of_hint(const hinted &h, const float *x, int32_t hint, double *shared) {
  if (hint == PM_HINT_UNKNOWN || (hint >= 0 && x[hint] <= (float)PM_BANNED / 2))
    return 0;
  return log_allowed_sum(h, x, hint, shared) - log_allowed_sum(h, x, PM_HINT_UNKNOWN, shared);
}

/* A block for each row. */
static __global__ void __launch_bounds__(BLOCK) draw_hinted_row(hinted h) {
  __shared__ double shared[BLOCK];
  const item n = blockIdx.x, p = (item)*h.position;
  const item y = p / h.columns * h.side + h.pixel / h.side, x = p % h.columns * h.side + h.pixel % h.side;
  const float *logits = h.logits + (size_t)n * h.K;
  float *allowed = h.allowed + (size_t)n * h.K;
  int32_t hint = PM_HINT_UNKNOWN;
  if (y < h.height && x < h.width)
    hint = h.hints[(n / h.particles * h.height + y) * h.width + x];
  if (hint == PM_HINT_MIRRORED && 2 * x >= h.width) {
    if (threadIdx.x == 0)
      h.index[n] = h.canvas[((size_t)n * h.height + y) * h.width + h.width - 1 - x];
    return;
  }
  if (hint == PM_HINT_MIRRORED)
    hint = PM_HINT_UNKNOWN;
  for (item k = threadIdx.x; k < h.K; k += blockDim.x)
    allowed[k] = hint_allows(hint, h.background, k) ? logits[k] : -INFINITY;
  __syncthreads();
  const double cost = cost_of_hint(h, logits, hint, shared);
  if (threadIdx.x == 0)
    h.weights[n] += (float)cost;
  stream s = stream_of(h.d, h.how.purpose, n);
  draw_category_of(allowed, h.K, h.how, (double)random_unit(s.next()), h.sorted + (size_t)n * h.K, shared, h.index + n);
}

/* The weights of what is allowed, and its logits. */
size_t pm_cuda_draw_hinted_workspace(const pm_node *node) {
  return pm_count(node->in[PM_DRAW_HINTED_LOGITS]) * (sizeof(double) + sizeof(float));
}

void pm_cuda_draw_hinted(const pm_call *call) {
  const pm_draw_hinted_attributes *a = attributes<pm_draw_hinted_attributes>(call);
  const pm_value *logits = call->node->in[PM_DRAW_HINTED_LOGITS], *canvas = call->node->in[PM_DRAW_HINTED_CANVAS];
  const item N = dim(logits, 0), K = columns(logits), width = dim(canvas, 2);
  hinted h = {choice_of(&a->how),
              scalars_of(call, PM_DRAW_HINTED_DRAWS),
              K,
              dim(canvas, 1),
              width,
              (item)a->at.side,
              pieces(width, a->at.side),
              (item)a->at.pixel,
              N / dim(call->node->in[PM_DRAW_HINTED_HINTS], 0),
              a->background};
  h.logits = in(call, PM_DRAW_HINTED_LOGITS);
  h.hints = in(call, PM_DRAW_HINTED_HINTS);
  h.canvas = in(call, PM_DRAW_HINTED_CANVAS);
  h.position = in(call, PM_DRAW_HINTED_POSITION);
  h.weights = out(call, PM_DRAW_HINTED_NEW_WEIGHTS);
  h.index = out(call, PM_DRAW_HINTED_INDEX);
  h.sorted = workspace(call);
  h.allowed = workspace(call, (size_t)N * K * sizeof(double));
  launch(call, N, block_for(K), draw_hinted_row, h);
}

/* ---- whole pictures ---- */

void pm_cuda_restrict_logits(const pm_call *call) {
  const int32_t background = *attributes<int32_t>(call);
  const item W = dim(call->node->out[0], 2), K = dim(call->node->out[0], 3);
  const float *logits = in(call, PM_RESTRICT_LOGITS_LOGITS);
  const int32_t *hints = in(call, PM_RESTRICT_LOGITS_HINTS);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const item k = i % K, pixel = i / K, x = pixel % W;
    const item from = hints[pixel] == PM_HINT_MIRRORED && 2 * x >= W ? pixel - x + W - 1 - x : pixel;
    const int32_t hint = hints[from];
    y[i] = hint == (int32_t)k ? 0 : hint_allows(hint, background, k) ? logits[(size_t)from * K + k] : (float)PM_BANNED;
  });
}

/* ---- particles: a thread for each sprite ---- */

struct particles {
  item M;
  uint32_t purpose;
  draw_scalars d;
};

static particles particles_of(const pm_call *call) {
  const pm_particles_attributes *a = attributes<pm_particles_attributes>(call);
  return {(item)a->particles, a->purpose, scalars_of(call, PM_PARTICLES_DRAWS)};
}

static __device__ double largest_weight(const float *log_weight, item M) {
  float top = log_weight[0];
  for (item i = 1; i < M; i++)
    top = log_weight[i] > top ? log_weight[i] : top;
  return (double)top;
}

static __device__ double weight_of(const float *log_weight, item i, double top) {
  return exp((double)log_weight[i] - top);
}

/* copies[M]: how often each particle is drawn by systematic resampling. */
static __device__ void copies_of(int32_t *copies, const float *log_weight, double top, double sum, double u, item M) {
  double passed = 0;
  item drawn = 0;
  for (item i = 0; i < M; i++) {
    const item before = drawn;
    passed += weight_of(log_weight, i, top);
    while (drawn < M && (u + (double)drawn) / (double)M * sum < passed)
      drawn++;
    copies[i] = (int32_t)(drawn - before);
  }
  copies[M - 1] += (int32_t)(M - drawn); /* what rounding left over */
}

/* A particle with copies keeps its row, its further copies take those of the others. */
static __device__ void place_rows(int32_t *to, int32_t *copies, item M, item first) {
  for (item i = 0, from = 0; i < M; i++) {
    to[i] = (int32_t)(first + i);
    if (copies[i])
      continue;
    while (copies[from] < 2)
      from++;
    copies[from]--;
    to[i] = (int32_t)(first + from);
  }
}

size_t pm_cuda_resample_particles_workspace(const pm_node *node) {
  return pm_count(node->in[PM_PARTICLES_WEIGHTS]) * sizeof(int32_t);
}

void pm_cuda_resample_particles(const pm_call *call) {
  const particles p = particles_of(call);
  float *all = out(call, PM_RESAMPLE_PARTICLES_NEW_WEIGHTS);
  int32_t *to = out(call, PM_RESAMPLE_PARTICLES_ROWS), *copies = workspace(call);
  for_each(call, pm_count(call->node->in[PM_PARTICLES_WEIGHTS]) / p.M, [=] __device__(item s) {
    const item first = s * p.M;
    float *weights = all + first;
    const double top = largest_weight(weights, p.M);
    double sum = 0, squares = 0;
    for (item i = 0; i < p.M; i++) {
      const double w = weight_of(weights, i, top);
      sum += w;
      squares += w * w;
      to[first + i] = (int32_t)(first + i);
    }
    if (sum * sum / squares >= (double)p.M / 2)
      return;
    copies_of(copies + first, weights, top, sum, (double)uniform_of(p.d, p.purpose, first, 0), p.M);
    place_rows(to + first, copies + first, p.M, first);
    for (item i = 0; i < p.M; i++)
      weights[i] = 0;
  });
}

void pm_cuda_pick_particle(const pm_call *call) {
  const particles p = particles_of(call);
  const float *all = in(call, PM_PARTICLES_WEIGHTS);
  int32_t *picked = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item s) {
    const float *weights = all + s * p.M;
    const double top = largest_weight(weights, p.M), u = (double)uniform_of(p.d, p.purpose, s * p.M, 0);
    double sum = 0, passed = 0;
    for (item i = 0; i < p.M; i++)
      sum += weight_of(weights, i, top);
    item at = 0;
    while (at + 1 < p.M && (passed += weight_of(weights, at, top)) <= u * sum)
      at++;
    picked[s] = (int32_t)(s * p.M + at);
  });
}

/* A row that is named keeps its place, so none that is read is written. */
template <class T> static void copy_items(const pm_call *call) {
  const pm_value *value = call->node->in[PM_COPY_ROWS_STATE];
  const item N = count(call->node->in[PM_COPY_ROWS_ROWS]), row = count(value) / dim(value, 0),
             token = value->shape.rank >= 2 ? row / dim(value, 1) : row;
  const int32_t *named = in(call, PM_COPY_ROWS_ROWS);
  const int64_t *position = in(call, PM_COPY_ROWS_POSITION);
  T *state = out(call, 0);
  for_each(call, pm_count(value), [=] __device__(item i) {
    const item n = i / row, at = i % row, from = n / N * N + (item)named[n % N];
    if (from != n && (!position || at < ((item)*position + 1) * token))
      state[i] = state[(size_t)from * row + at];
  });
}

void pm_cuda_copy_rows(const pm_call *call) {
  const size_t size = pm_dtype_size(call->node->in[PM_COPY_ROWS_STATE]->dtype);
  if (size == 1)
    copy_items<uint8_t>(call);
  else if (size == sizeof(uint32_t))
    copy_items<uint32_t>(call);
  else
    copy_items<uint64_t>(call);
}
