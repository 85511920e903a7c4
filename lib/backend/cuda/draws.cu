/* What draws random numbers: noise and dropout. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/random.cuh"

void pm_cuda_random_index_rows(const pm_call *call) {
  const pm_random_index_rows_attributes *a = attributes<pm_random_index_rows_attributes>(call);
  const item width = (item)a->width;
  const uint32_t below = (uint32_t)a->below, purpose = a->purpose;
  const draw_scalars d = scalars_of(call, 0);
  int32_t *y = out(call, 0);
  for_each(call, a->n, [=] __device__(item i) {
    stream s = stream_of(d, purpose, i);
    for (item k = 0; k < width; k++)
      y[i * width + k] = (int32_t)s.below(below);
  });
}

void pm_cuda_random_uniform(const pm_call *call) {
  const pm_random_uniform_attributes *a = attributes<pm_random_uniform_attributes>(call);
  const uint64_t strata = a->strata;
  const uint32_t purpose = a->purpose;
  const draw_scalars d = scalars_of(call, 0);
  float *y = out(call, 0);
  for_each(call, a->n, [=] __device__(item i) {
    const float u = uniform_of(d, purpose, i, 0);
    y[i] = strata ? ((float)(((uint64_t)*d.first + i) % strata) + u) / (float)strata : u;
  });
}

void pm_cuda_drop_labels(const pm_call *call) {
  const pm_drop_labels_attributes *a = attributes<pm_drop_labels_attributes>(call);
  const float p = (float)a->p;
  const int32_t null = a->null;
  const uint32_t purpose = pm_purpose("drop labels");
  const draw_scalars d = scalars_of(call, PM_DROP_LABELS_DRAWS);
  const int32_t *label = in(call, PM_DROP_LABELS_LABELS);
  int32_t *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]),
           [=] __device__(item i) { y[i] = uniform_of(d, purpose, i, 0) < p ? null : label[i]; });
}

/* A thread for each eight elements of a slot, over which one block of Philox decides. */
void pm_cuda_dropout(const pm_call *call) {
  const pm_dropout_attributes *a = attributes<pm_dropout_attributes>(call);
  const float scale = (float)(1 / (1 - a->p));
  const uint32_t purpose = a->purpose, least = random_dropout_least(a->p);
  const pm_value *value = call->node->in[PM_DROPOUT_X];
  const item row = count(value) / dim(value, 0);
  const item blocks = pieces(row, DROPOUT_LANES * DROPOUT_PARTS) * DROPOUT_LANES;
  const draw_scalars d = scalars_of(call, PM_DROPOUT_DRAWS);
  const float *x = in(call, PM_DROPOUT_X);
  float *y = out(call, 0);
  for_each(call, (size_t)dim(value, 0) * blocks, [=] __device__(item i) {
    const item n = i / blocks, block = i % blocks;
    item e = random_dropout_element(block);
    uint32_t bits[4];
    if (e >= row)
      return;
    bits_of(bits, d, purpose, n, block);
    for (uint32_t part = 0; part < DROPOUT_PARTS && e < row; part++, e += DROPOUT_LANES)
      y[n * row + e] = random_dropout_keeps(bits, part, least) ? x[n * row + e] * scale : 0;
  });
}

void pm_cuda_normal(const pm_call *call) {
  const pm_normal_attributes *a = attributes<pm_normal_attributes>(call);
  const uint32_t purpose = a->purpose;
  const item n = (item)a->shape.dim[0], row = count(call->node->out[0]) / n, fours = pieces(row, 4);
  const draw_scalars d = scalars_of(call, 0);
  float *y = out(call, 0);
  for_each(call, (size_t)n * fours, [=] __device__(item i) {
    const item block = i % fours;
    uint32_t bits[4];
    float normal[4];
    bits_of(bits, d, purpose, i / fours, block);
    random_normal_pair(bits[0], bits[1], normal, normal + 1);
    random_normal_pair(bits[2], bits[3], normal + 2, normal + 3);
    for (item k = 0; k < 4 && 4 * block + k < row; k++)
      y[i / fours * row + 4 * block + k] = normal[k];
  });
}
