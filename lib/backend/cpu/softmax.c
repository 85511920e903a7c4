/* Softmax and cross-entropy. Blocks of rows are the tasks of the first, samples those of the second. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"

enum { BLOCK = 256 }; /* rows */

typedef struct {
  const pm_call *call;
  size_t rows, K;
} row_set;

static row_set rows_of(const pm_call *call) {
  return (row_set){call, pm_rows(call->node->in[0]), pm_columns(call->node->in[0])};
}

static size_t block_of(const row_set *s, size_t block) {
  return s->rows - block * BLOCK < BLOCK ? s->rows - block * BLOCK : BLOCK;
}

static void softmax_block(void *context, size_t block, void *scratch) {
  const row_set *s = context;
  size_t at = block * BLOCK * s->K;
  (void)scratch;
  pm_vector_best()->softmax((float *)s->call->out[0] + at, (const float *)s->call->in[0] + at, 1, block_of(s, block),
                            s->K);
}

static void softmax_grad_block(void *context, size_t block, void *scratch) {
  const row_set *s = context;
  size_t at = block * BLOCK * s->K;
  (void)scratch;
  pm_vector_best()->softmax_grad((float *)s->call->out[0] + at, (const float *)s->call->in[0] + at,
                                 (const float *)s->call->in[1] + at, 1, block_of(s, block), s->K);
}

void pm_cpu_softmax(const pm_call *call) {
  row_set s = rows_of(call);
  pm_parallel_for((s.rows + BLOCK - 1) / BLOCK, 0, softmax_block, &s);
}

void pm_cpu_softmax_grad(const pm_call *call) {
  row_set s = rows_of(call);
  pm_parallel_for((s.rows + BLOCK - 1) / BLOCK, 0, softmax_grad_block, &s);
}

static size_t pixels_of(const row_set *s) {
  return s->rows / s->call->node->in[0]->shape.dim[0];
}

static void cross_entropy_sample(void *context, size_t n, void *scratch) {
  const row_set *s = context;
  size_t pixels = pixels_of(s);
  (void)scratch;
  ((float *)s->call->out[0])[n] =
      pm_vector_best()->cross_entropy((const float *)s->call->in[0] + n * pixels * s->K,
                                      (const unsigned char *)s->call->in[1] + n * pixels, pixels, s->K) /
      (float)pixels;
}

static void cross_entropy_grad_sample(void *context, size_t n, void *scratch) {
  const row_set *s = context;
  size_t pixels = pixels_of(s), at = n * pixels * s->K;
  (void)scratch;
  pm_vector_best()->cross_entropy_grad((float *)s->call->out[0] + at, (const float *)s->call->in[0] + at,
                                       (const unsigned char *)s->call->in[1] + n * pixels,
                                       ((const float *)s->call->in[2])[n] / (float)pixels, pixels, s->K);
}

/* The kernels use an index as it stands. */
static void check_indices(const row_set *s) {
  const unsigned char *index = s->call->in[1];
  for (size_t r = 0; r < s->rows && s->K < 256; r++)
    assert(index[r] < s->K);
  (void)index;
}

void pm_cpu_cross_entropy(const pm_call *call) {
  row_set s = rows_of(call);
  check_indices(&s);
  pm_parallel_for(call->node->in[0]->shape.dim[0], 0, cross_entropy_sample, &s);
}

void pm_cpu_cross_entropy_grad(const pm_call *call) {
  row_set s = rows_of(call);
  pm_parallel_for(call->node->in[0]->shape.dim[0], 0, cross_entropy_grad_sample, &s);
}
