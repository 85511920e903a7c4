/* From the resident set of sprites to a batch, and between palette indices and planes. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/random.cuh"
#include "nn/ops/indices.h"
#include "nn/ops/shuffle.h"

/* ---- a batch ---- */

void pm_cuda_shuffle(const pm_call *call) {
  const pm_shuffle_attributes *a = attributes<pm_shuffle_attributes>(call);
  const uint64_t items = a->items, batch = a->batch, steps = items / batch;
  const uint32_t purpose = pm_purpose("shuffle");
  const draw_scalars d = scalars_of(call, 0);
  int32_t *index = out(call, 0);
  for_each(call, a->n, [=] __device__(item i) {
    const uint64_t step = (uint64_t)*d.step;
    index[i] = (int32_t)permuted_item((uint32_t)(step % steps * batch + (uint64_t)*d.first + i), (uint32_t)items,
                                      (uint64_t)*d.seed, (uint32_t)(step / steps), purpose);
  });
}

template <class T> static void gather_items(const pm_call *call) {
  const T *data = in(call, PM_GATHER_DATA);
  const int32_t *index = in(call, PM_GATHER_INDEX);
  T *y = out(call, 0);
  const item n = count(call->node->out[0]), row = n / dim(call->node->out[0], 0);
  for_each(call, n, [=] __device__(item i) { y[i] = data[(size_t)index[i / row] * row + i % row]; });
}

void pm_cuda_gather(const pm_call *call) {
  const size_t size = pm_dtype_size(call->node->in[PM_GATHER_DATA]->dtype);
  if (size == 1)
    gather_items<uint8_t>(call);
  else if (size == sizeof(uint32_t))
    gather_items<uint32_t>(call);
  else
    gather_items<uint64_t>(call);
}

/* ---- augmentations ---- */

struct sprite_set {
  item height, width, channels;
};

static sprite_set sprites_of(const pm_value *x) {
  return {dim(x, 1), dim(x, 2), x->shape.rank == 4 ? dim(x, 3) : 1};
}

void pm_cuda_flip(const pm_call *call) {
  const float probability = (float)attributes<pm_augment_attributes>(call)->probability;
  const sprite_set s = sprites_of(call->node->in[PM_FLIP_X]);
  const draw_scalars d = scalars_of(call, PM_FLIP_DRAWS);
  const uint32_t purpose = pm_purpose("flip");
  const unsigned char *x = in(call, PM_FLIP_X);
  unsigned char *y = out(call, PM_FLIP_Y);
  int32_t *mirrored = out(call, PM_FLIP_MIRRORED);
  for_each(call, pm_count(call->node->out[PM_FLIP_Y]), [=] __device__(item i) {
    const item c = i % s.channels, column = i / s.channels % s.width, row = i / s.channels / s.width,
               n = row / s.height;
    uint32_t draw[4];
    bits_of(draw, d, purpose, n, 0);
    const bool mirror = random_unit(draw[0]) < probability;
    y[i] = mirror ? x[(row * s.width + s.width - 1 - column) * s.channels + c] : x[i];
    if (c == 0 && column == 0 && row % s.height == 0)
      mirrored[n] = mirror;
  });
}

void pm_cuda_shift(const pm_call *call) {
  const pm_augment_attributes *a = attributes<pm_augment_attributes>(call);
  const int distance = a->distance;
  const unsigned char background = (unsigned char)a->background;
  const sprite_set s = sprites_of(call->node->in[PM_AUGMENT_X]);
  const draw_scalars d = scalars_of(call, PM_AUGMENT_DRAWS);
  const uint32_t purpose = pm_purpose("shift");
  const unsigned char *x = in(call, PM_AUGMENT_X);
  unsigned char *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const item c = i % s.channels, column = i / s.channels % s.width, row = i / s.channels / s.width % s.height,
               n = i / s.channels / s.width / s.height;
    uint32_t draw[4];
    bits_of(draw, d, purpose, n, 0);
    const int dy = (int)((uint64_t)draw[0] * (uint64_t)(2 * distance + 1) >> 32) - distance,
              dx = (int)((uint64_t)draw[1] * (uint64_t)(2 * distance + 1) >> 32) - distance;
    const item from_row = row - (item)dy, from_column = column - (item)dx; /* wraps above height and width */
    y[i] = from_row < s.height && from_column < s.width
               ? x[((n * s.height + from_row) * s.width + from_column) * s.channels + c]
               : background;
  });
}

struct swap {
  item pixels;
  int background;
  float probability;
  uint32_t purpose;
  draw_scalars d;
};

enum { INDICES = 256 };

/* A block for each sprite. Its first thread finds the colours in the order in which they occur, and permutes them. */
static __global__ void __launch_bounds__(BLOCK) swap_colours(swap s, const unsigned char *x, unsigned char *y) {
  __shared__ unsigned char map[INDICES], used[INDICES], order[INDICES];
  const unsigned char *from = x + (size_t)blockIdx.x * s.pixels;
  uint32_t draw[4];
  bits_of(draw, s.d, s.purpose, blockIdx.x, 0);
  const bool swapped = random_unit(draw[0]) < s.probability;
  for (item c = threadIdx.x; c < INDICES; c += blockDim.x) {
    map[c] = (unsigned char)c;
    order[c] = 0; /* first whether the colour occurred */
  }
  __syncthreads();
  if (swapped && threadIdx.x == 0) {
    item n = 0;
    for (item p = 0; p < s.pixels; p++)
      if (!order[from[p]] && from[p] != s.background) {
        order[from[p]] = 1;
        used[n++] = from[p];
      }
    for (item k = 0; k < n; k++)
      order[k] = used[k];
    for (item k = n; k > 1; k--) {
      bits_of(draw, s.d, s.purpose, blockIdx.x, k);
      const item j = (item)((uint64_t)draw[0] * k >> 32);
      const unsigned char kept = order[k - 1];
      order[k - 1] = order[j];
      order[j] = kept;
    }
    for (item k = 0; k < n; k++)
      map[used[k]] = order[k];
  }
  __syncthreads();
  for (item p = threadIdx.x; p < s.pixels; p += blockDim.x)
    y[(size_t)blockIdx.x * s.pixels + p] = map[from[p]];
}

void pm_cuda_palette_swap(const pm_call *call) {
  const pm_augment_attributes *a = attributes<pm_augment_attributes>(call);
  const pm_value *value = call->node->in[PM_AUGMENT_X];
  const swap s = {count(value) / dim(value, 0), a->background, (float)a->probability, pm_purpose("palette swap"),
                  scalars_of(call, PM_AUGMENT_DRAWS)};
  const unsigned char *x = in(call, PM_AUGMENT_X);
  unsigned char *y = out(call, 0);
  launch(call, dim(value, 0), block_for(s.pixels), swap_colours, s, x, y);
}

/* ---- indices, planes and colours ---- */

void pm_cuda_colour_lookup(const pm_call *call) {
  const item C = columns(call->node->in[PM_COLOUR_LOOKUP_TABLE]);
  const unsigned char *x = in(call, PM_COLOUR_LOOKUP_X);
  const float *table = in(call, PM_COLOUR_LOOKUP_TABLE);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = table[x[i / C] * C + i % C]; });
}

void pm_cuda_to_unit(const pm_call *call) {
  const unsigned char *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = (float)x[i] / 255; });
}

void pm_cuda_one_hot(const pm_call *call) {
  const pm_one_hot_attributes *a = attributes<pm_one_hot_attributes>(call);
  const item K = (item)a->K;
  const float low = (float)a->low, high = (float)a->high;
  const unsigned char *index = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = index[i / K] == i % K ? high : low; });
}

void pm_cuda_argmax(const pm_call *call) {
  const item K = columns(call->node->in[0]);
  const float *x = in(call, 0);
  unsigned char *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item r) {
    const float *row = x + (size_t)r * K;
    item best = 0;
    for (item k = 1; k < K; k++)
      if (row[k] > row[best])
        best = k;
    y[r] = (unsigned char)best;
  });
}

void pm_cuda_to_bits(const pm_call *call) {
  const item bits = (item)attributes<pm_bits_attributes>(call)->bits;
  const unsigned char *index = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { y[i] = (index[i / bits] >> (i % bits) & 1) ? 1.0f : -1.0f; });
}

void pm_cuda_from_bits(const pm_call *call) {
  const pm_bits_attributes *a = attributes<pm_bits_attributes>(call);
  const size_t bits = a->bits, K = a->K;
  const float *x = in(call, 0);
  unsigned char *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { y[i] = (unsigned char)index_of_bits(x + i * bits, bits, K); });
}

void pm_cuda_fill_index(const pm_call *call) {
  const int64_t *scalar = in(call, 0);
  int32_t *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = (int32_t)*scalar; });
}

void pm_cuda_count_up(const pm_call *call) {
  const pm_count_up_attributes *a = attributes<pm_count_up_attributes>(call);
  const size_t first = a->first, period = a->period, repeat = a->repeat;
  int32_t *y = out(call, 0);
  for_each(call, a->n, [=] __device__(item i) { y[i] = (int32_t)(first + i / repeat % period); });
}

void pm_cuda_to_float(const pm_call *call) {
  const int32_t *x = in(call, 0);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = (float)x[i]; });
}

void pm_cuda_to_index(const pm_call *call) {
  const size_t steps = *attributes<size_t>(call);
  const float *u = in(call, 0);
  int32_t *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) {
    const size_t k = (size_t)(u[i] * (float)steps);
    y[i] = (int32_t)(k < steps ? k : steps - 1);
  });
}
