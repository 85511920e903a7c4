/* Softmax and cross-entropy. Blocks of rows are the tasks of the first, samples those of the second. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { SOFTMAX_BLOCK = 256 }; /* rows */

typedef struct {
  const pm_call *call;
  size_t rows, K;
} row_set;

static row_set row_set_of(const pm_call *call, const pm_value *x) {
  return (row_set){call, pm_rows(x), pm_columns(x)};
}

static size_t block_of(const row_set *s, size_t block) {
  return pm_smaller(s->rows - block * SOFTMAX_BLOCK, SOFTMAX_BLOCK);
}

static void softmax_block(void *context, size_t block, void *scratch) {
  const row_set *s = context;
  size_t at = block * SOFTMAX_BLOCK * s->K;
  (void)scratch;
  pm_vector_best()->softmax((float *)s->call->out[0] + at, (const float *)s->call->in[0] + at, 1, block_of(s, block),
                            s->K);
}

static void softmax_grad_block(void *context, size_t block, void *scratch) {
  const row_set *s = context;
  size_t at = block * SOFTMAX_BLOCK * s->K;
  (void)scratch;
  pm_vector_best()->softmax_grad((float *)s->call->out[0] + at, (const float *)s->call->in[PM_SOFTMAX_GRAD_Y] + at,
                                 (const float *)s->call->in[PM_SOFTMAX_GRAD_DY] + at, 1, block_of(s, block), s->K);
}

void pm_cpu_softmax(const pm_call *call) {
  row_set s = row_set_of(call, call->node->in[0]);
  pm_parallel_for(pm_pieces(s.rows, SOFTMAX_BLOCK), 0, softmax_block, &s);
}

void pm_cpu_softmax_grad(const pm_call *call) {
  row_set s = row_set_of(call, call->node->in[PM_SOFTMAX_GRAD_Y]);
  pm_parallel_for(pm_pieces(s.rows, SOFTMAX_BLOCK), 0, softmax_grad_block, &s);
}

static_assert((int)PM_CROSS_ENTROPY_LOGITS == (int)PM_CROSS_ENTROPY_GRAD_LOGITS &&
                  (int)PM_CROSS_ENTROPY_INDEX == (int)PM_CROSS_ENTROPY_GRAD_INDEX,
              "what follows reads both ops");

static size_t pixels_of(const row_set *s) {
  return s->rows / s->call->node->in[PM_CROSS_ENTROPY_LOGITS]->shape.dim[0];
}

/* The sample's indices: as they stand, or widened into scratch. The kernels use them unchecked. */
static const int32_t *indices_of(const row_set *s, size_t n, size_t pixels, void *scratch) {
  const pm_value *index = s->call->node->in[PM_CROSS_ENTROPY_INDEX];
  const int32_t *wide = (const int32_t *)s->call->in[PM_CROSS_ENTROPY_INDEX] + n * pixels;
  if (index->dtype == PM_U8) {
    const unsigned char *narrow = (const unsigned char *)s->call->in[PM_CROSS_ENTROPY_INDEX] + n * pixels;
    for (size_t p = 0; p < pixels; p++)
      ((int32_t *)scratch)[p] = narrow[p];
    wide = scratch;
  }
  for (size_t p = 0; p < pixels; p++)
    assert(wide[p] >= 0 && (size_t)wide[p] < s->K);
  return wide;
}

static void cross_entropy_sample(void *context, size_t n, void *scratch) {
  const row_set *s = context;
  size_t pixels = pixels_of(s);
  const int32_t *index = indices_of(s, n, pixels, scratch);
  ((float *)s->call->out[0])[n] =
      pm_vector_best()->cross_entropy((const float *)s->call->in[PM_CROSS_ENTROPY_LOGITS] + n * pixels * s->K, index,
                                      pixels, s->K) /
      (float)pixels;
}

static void cross_entropy_grad_sample(void *context, size_t n, void *scratch) {
  const row_set *s = context;
  size_t pixels = pixels_of(s), at = n * pixels * s->K;
  const int32_t *index = indices_of(s, n, pixels, scratch);
  pm_vector_best()->cross_entropy_grad(
      (float *)s->call->out[0] + at, (const float *)s->call->in[PM_CROSS_ENTROPY_GRAD_LOGITS] + at, index,
      ((const float *)s->call->in[PM_CROSS_ENTROPY_GRAD_DLOSS])[n] / (float)pixels, pixels, s->K);
}

size_t pm_cpu_cross_entropy_scratch(const pm_node *node) {
  return pm_count(node->in[PM_CROSS_ENTROPY_INDEX]) / node->in[PM_CROSS_ENTROPY_LOGITS]->shape.dim[0] * sizeof(int32_t);
}

static void cross_entropy_samples(const pm_call *call, pm_task task) {
  const pm_value *logits = call->node->in[PM_CROSS_ENTROPY_LOGITS];
  row_set s = row_set_of(call, logits);
  pm_parallel_for(logits->shape.dim[0], pm_cpu_cross_entropy_scratch(call->node), task, &s);
}

void pm_cpu_cross_entropy(const pm_call *call) {
  cross_entropy_samples(call, cross_entropy_sample);
}

void pm_cpu_cross_entropy_grad(const pm_call *call) {
  cross_entropy_samples(call, cross_entropy_grad_sample);
}
