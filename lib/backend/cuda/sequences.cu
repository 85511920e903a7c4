/* Softmax, embeddings, sequences of indices. */
#include "backend/cuda/categorical.cuh"
#include "backend/cuda/kernels.h"

void pm_cuda_softmax(const pm_call *call) {
  const item K = columns(call->node->in[0]);
  const float *x = in(call, 0);
  float *y = out(call, 0);
  for_each_warp(call, pm_rows(call->node->in[0]), [=] __device__(item r, item lane) {
    const float *from = x + (size_t)r * K;
    float top = -INFINITY;
    double sum = 0;
    for (item k = lane; k < K; k += WARP)
      top = from[k] > top ? from[k] : top;
    top = warp_largest(top);
    for (item k = lane; k < K; k += WARP)
      sum += (double)expf(from[k] - top);
    const float total = (float)warp_sum(sum);
    for (item k = lane; k < K; k += WARP)
      y[(size_t)r * K + k] = expf(from[k] - top) / total;
  });
}

void pm_cuda_softmax_grad(const pm_call *call) {
  const item K = columns(call->node->in[PM_SOFTMAX_GRAD_Y]);
  const float *y = in(call, PM_SOFTMAX_GRAD_Y), *dy = in(call, PM_SOFTMAX_GRAD_DY);
  float *dx = out(call, 0);
  for_each_warp(call, pm_rows(call->node->in[PM_SOFTMAX_GRAD_Y]), [=] __device__(item r, item lane) {
    const size_t at = (size_t)r * K;
    double sum = 0;
    for (item k = lane; k < K; k += WARP)
      sum += (double)y[at + k] * (double)dy[at + k];
    const float mean = (float)warp_sum(sum);
    for (item k = lane; k < K; k += WARP)
      dx[at + k] = y[at + k] * (dy[at + k] - mean);
  });
}

/* ---- embeddings ---- */

void pm_cuda_embedding(const pm_call *call) {
  const item D = columns(call->node->in[PM_EMBEDDING_TABLE]);
  const float *table = in(call, PM_EMBEDDING_TABLE);
  const int32_t *index = in(call, PM_EMBEDDING_INDEX);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { y[i] = table[(item)index[i / D] * D + i % D]; });
}

void pm_cuda_embedding_sum(const pm_call *call) {
  const item D = columns(call->node->in[PM_EMBEDDING_SUM_TABLE]), room = columns(call->node->in[PM_EMBEDDING_SUM_LIST]);
  const float *table = in(call, PM_EMBEDDING_SUM_TABLE);
  const int32_t *list = in(call, PM_EMBEDDING_SUM_LIST);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const int32_t *row = list + (size_t)(i / D) * room;
    float sum = 0;
    for (item k = 0; k < room && row[k] >= 0; k++)
      sum += table[(item)row[k] * D + i % D];
    y[i] = sum;
  });
}

/* The gradient of the table is a product: how often each list names a row of it, times dy. A block has TILE rows of the
 * table by TILE columns, for some of the lists; it counts LISTS of them at a time. What the parts find is then added
 * up. Counts are whole numbers, so it does not matter in which order they are counted. */
enum { TILE = 32, LISTS = 16, EACH = TILE / (BLOCK / TILE), MOST_TABLE_PARTS = 32, FEW_LISTS = 128 };

static item lists_of_part(item lists) {
  return (item)pm_larger(FEW_LISTS, pieces(lists, MOST_TABLE_PARTS));
}

static __global__ void __launch_bounds__(BLOCK) part_of_table(const int32_t *list, const float *dy, item lists,
                                                              item room, item V, item D, item part, float *partial) {
  __shared__ int counts[LISTS][TILE];
  __shared__ float rows_of_dy[LISTS][TILE];
  const item first_row = blockIdx.x * TILE, first_column = blockIdx.y * TILE, d = threadIdx.x % TILE,
             v = threadIdx.x / TILE;
  item end = (blockIdx.z + 1) * part;
  if (end > lists)
    end = lists;
  float sums[EACH] = {0};
  for (item l0 = blockIdx.z * part; l0 < end; l0 += LISTS) {
    const item some = end - l0 < LISTS ? end - l0 : (item)LISTS;
    for (item e = threadIdx.x; e < LISTS * TILE; e += BLOCK) {
      const item l = e / TILE, column = first_column + e % TILE;
      counts[l][e % TILE] = 0;
      rows_of_dy[l][e % TILE] = l < some && column < D ? dy[(size_t)(l0 + l) * D + column] : 0;
    }
    __syncthreads();
    for (item e = threadIdx.x; e < some * room; e += BLOCK) {
      /* an entry behind a list's end is -1, too */
      const item named = (item)list[(size_t)l0 * room + e] - first_row;
      if (named < TILE)
        atomicAdd(&counts[e / room][named], 1);
    }
    __syncthreads();
    for (item l = 0; l < some; l++)
      for (item k = 0; k < EACH; k++)
        sums[k] += (float)counts[l][v + k * (BLOCK / TILE)] * rows_of_dy[l][d];
    __syncthreads();
  }
  for (item k = 0; k < EACH; k++) {
    const item row = first_row + v + k * (BLOCK / TILE), column = first_column + d;
    if (row < V && column < D)
      partial[((size_t)blockIdx.z * V + row) * D + column] = sums[k];
  }
}

static size_t table_workspace(const pm_value *table, const pm_value *dy) {
  const item lists = rows(dy);
  return (size_t)pieces(lists, lists_of_part(lists)) * pm_count(table) * sizeof(float);
}

static void gradient_of_table(const pm_call *call, int table, int list, int dy, item room) {
  const item V = rows(call->node->in[table]), D = columns(call->node->in[table]), lists = rows(call->node->in[dy]),
             part = lists_of_part(lists), parts = pieces(lists, part);
  const int32_t *entries = in(call, list);
  const float *gradient = in(call, dy);
  float *dtable = out(call, 0), *partial = workspace(call);
  launch(call, dim3(pieces(V, TILE), pieces(D, TILE), parts), BLOCK, part_of_table, entries, gradient, lists, room, V,
         D, part, partial);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    float sum = 0;
    for (item k = 0; k < parts; k++)
      sum += partial[(size_t)k * V * D + i];
    dtable[i] = sum;
  });
}

size_t pm_cuda_embedding_grad_workspace(const pm_node *node) {
  return table_workspace(node->in[PM_EMBEDDING_GRAD_TABLE], node->in[PM_EMBEDDING_GRAD_DY]);
}
void pm_cuda_embedding_grad(const pm_call *call) {
  gradient_of_table(call, PM_EMBEDDING_GRAD_TABLE, PM_EMBEDDING_GRAD_INDEX, PM_EMBEDDING_GRAD_DY, 1);
}

size_t pm_cuda_embedding_sum_grad_workspace(const pm_node *node) {
  return table_workspace(node->in[PM_EMBEDDING_SUM_GRAD_TABLE], node->in[PM_EMBEDDING_SUM_GRAD_DY]);
}
void pm_cuda_embedding_sum_grad(const pm_call *call) {
  gradient_of_table(call, PM_EMBEDDING_SUM_GRAD_TABLE, PM_EMBEDDING_SUM_GRAD_LIST, PM_EMBEDDING_SUM_GRAD_DY,
                    columns(call->node->in[PM_EMBEDDING_SUM_GRAD_LIST]));
}

void pm_cuda_drop_listed(const pm_call *call) {
  const pm_dropout_attributes *a = attributes<pm_dropout_attributes>(call);
  const pm_value *lists = call->node->in[PM_DROP_LISTED_LIST];
  const item room = columns(lists), each = rows(lists) / dim(lists, 0);
  const uint32_t purpose = a->purpose, least = random_dropout_least(a->p);
  const draw_scalars d = scalars_of(call, PM_DROP_LISTED_DRAWS);
  const int32_t *list = in(call, PM_DROP_LISTED_LIST);
  int32_t *y = out(call, 0);
  for_each(call, pm_rows(lists), [=] __device__(item r) {
    const int32_t *from = list + (size_t)r * room;
    int32_t *to = y + (size_t)r * room;
    item n = 0;
    for (item i = 0; i < room && from[i] >= 0; i++) {
      const item e = r % each * room + i;
      uint32_t bits[4];
      bits_of(bits, d, purpose, r / each, random_dropout_block(e));
      if (random_dropout_keeps(bits, random_dropout_part(e), least))
        to[n++] = from[i];
    }
    for (; n < room; n++)
      to[n] = -1;
  });
}

void pm_cuda_lookup_rows(const pm_call *call) {
  const float *table = in(call, PM_LOOKUP_ROWS_TABLE);
  const int32_t *index = in(call, PM_LOOKUP_ROWS_INDEX);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = table[index[i]]; });
}

void pm_cuda_time_embedding(const pm_call *call) {
  const item dims = (item)attributes<pm_time_embedding_attributes>(call)->dim, half = dims / 2;
  const float *t = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->in[0]) * half, [=] __device__(item e) {
    const item n = e / half, i = e % half;
    const double angle = (double)t[n] * exp(-log(10000.0) * (double)i / (double)(half - 1));
    y[n * dims + i] = (float)sin(angle);
    y[n * dims + half + i] = (float)cos(angle);
  });
}

/* ---- sequences of indices ---- */

void pm_cuda_shift_right(const pm_call *call) {
  const int32_t start = attributes<pm_shift_right_attributes>(call)->start;
  const item T = dim(call->node->in[0], 1);
  const int32_t *x = in(call, 0);
  int32_t *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = i % T ? x[i - 1] : start; });
}

void pm_cuda_put_column(const pm_call *call) {
  const item T = dim(call->node->in[PM_PUT_COLUMN_STATE], 1);
  const int32_t *x = in(call, PM_PUT_COLUMN_X);
  const int64_t *column = in(call, PM_PUT_COLUMN_COLUMN);
  int32_t *state = out(call, 0);
  for_each(call, pm_count(call->node->in[PM_PUT_COLUMN_X]),
           [=] __device__(item n) { state[n * T + (item)*column] = x[n]; });
}

static __global__ void __launch_bounds__(BLOCK)
    draw_rows(const float *logits, item K, draw_choice how, draw_scalars d, double *weights, int32_t *index) {
  __shared__ double shared[BLOCK];
  const size_t at = (size_t)blockIdx.x * K;
  stream s = stream_of(d, how.purpose, blockIdx.x);
  const double u = (double)random_unit(s.next());
  draw_category_of(logits + at, K, how, u, weights + at, shared, index + blockIdx.x);
}

size_t pm_cuda_draw_index_workspace(const pm_node *node) {
  return pm_count(node->in[PM_DRAW_INDEX_LOGITS]) * sizeof(double);
}

void pm_cuda_draw_index(const pm_call *call) {
  const pm_value *value = call->node->in[PM_DRAW_INDEX_LOGITS];
  const float *logits = in(call, PM_DRAW_INDEX_LOGITS);
  double *weights = workspace(call);
  int32_t *index = out(call, 0);
  launch(call, rows(value), block_for(columns(value)), draw_rows, logits, columns(value),
         choice_of(attributes<pm_draw_index_attributes>(call)), scalars_of(call, PM_DRAW_INDEX_DRAWS), weights, index);
}
