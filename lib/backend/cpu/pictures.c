/* Ops that move or add pixels: a sample is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"

static void all_samples(const pm_call *call, pm_task task) {
  pm_parallel_for(call->node->in[0]->shape.dim[0], 0, task, (void *)(size_t)call);
}

/* Items of one sample. */
static size_t sample_size(const pm_value *x) {
  return pm_count(x) / x->shape.dim[0];
}
static const float *input(const pm_call *call, int k, size_t n) {
  return (const float *)call->in[k] + n * sample_size(call->node->in[k]);
}
static float *output(const pm_call *call, size_t n) {
  return (float *)call->out[0] + n * sample_size(call->node->out[0]);
}

static void concat_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  size_t A = pm_columns(call->node->in[PM_CONCAT_A]), B = pm_columns(call->node->in[PM_CONCAT_B]);
  size_t rows = sample_size(call->node->in[PM_CONCAT_A]) / A;
  const float *a = input(call, PM_CONCAT_A, n), *b = input(call, PM_CONCAT_B, n);
  float *out = output(call, n);
  (void)scratch;
  for (size_t r = 0; r < rows; r++) {
    pm_copy(out + r * (A + B), a + r * A, A);
    pm_copy(out + r * (A + B) + A, b + r * B, B);
  }
}

static void slice_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_slice_columns_attributes *a = call->node->attributes;
  size_t columns = pm_columns(call->node->in[0]), rows = sample_size(call->node->in[0]) / columns;
  const float *x = input(call, 0, n);
  float *out = output(call, n);
  (void)scratch;
  for (size_t r = 0; r < rows; r++)
    pm_copy(out + r * a->count, x + r * columns + a->from, a->count);
}

void pm_cpu_concat(const pm_call *call) {
  all_samples(call, concat_sample);
}
void pm_cpu_slice_columns(const pm_call *call) {
  all_samples(call, slice_sample);
}

static void upsample_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_upsample_attributes *a = call->node->attributes;
  const size_t *d = call->node->in[0]->shape.dim, C = d[3], width = d[2] * a->factor;
  const float *x = input(call, 0, n);
  float *out = output(call, n);
  (void)scratch;
  for (size_t y = 0; y < d[1]; y++) {
    float *row = out + y * a->factor * width * C;
    for (size_t col = 0; col < width; col++)
      pm_copy(row + col * C, x + (y * d[2] + col / a->factor) * C, C);
    for (size_t k = 1; k < a->factor; k++)
      pm_copy(row + k * width * C, row, width * C);
  }
}

static void upsample_grad_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_upsample_attributes *a = call->node->attributes;
  const size_t *d = call->node->out[0]->shape.dim, C = d[3], f = a->factor, width = d[2] * f;
  const pm_vector *v = pm_vector_best();
  const float *dy = input(call, 0, n);
  float *dx = output(call, n);
  (void)scratch;
  for (size_t p = 0; p < d[1] * d[2]; p++) {
    const float *corner = dy + (p / d[2] * f * width + p % d[2] * f) * C;
    pm_copy(dx + p * C, corner, C);
    for (size_t k = 1; k < f * f; k++)
      v->add(dx + p * C, dx + p * C, corner + (k / f * width + k % f) * C, C);
  }
}

void pm_cpu_upsample_nearest(const pm_call *call) {
  all_samples(call, upsample_sample);
}
void pm_cpu_upsample_nearest_grad(const pm_call *call) {
  all_samples(call, upsample_grad_sample);
}

static void add_vector_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  size_t C = pm_columns(call->node->in[PM_ADD_VECTOR_X]);
  (void)scratch;
  pm_vector_best()->add_bias(output(call, n), input(call, PM_ADD_VECTOR_X, n), input(call, PM_ADD_VECTOR_V, n),
                             sample_size(call->node->in[PM_ADD_VECTOR_X]) / C, C);
}

static void sum_pixels_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  size_t C = pm_columns(call->node->in[0]);
  (void)scratch;
  pm_vector_best()->sum_rows(output(call, n), input(call, 0, n), sample_size(call->node->in[0]) / C, C);
}

void pm_cpu_add_vector(const pm_call *call) {
  all_samples(call, add_vector_sample);
}
void pm_cpu_sum_pixels(const pm_call *call) {
  all_samples(call, sum_pixels_sample);
}

static void combine_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  size_t size = sample_size(call->node->in[PM_COMBINE_ROWS_X]);
  float a = ((const float *)call->in[PM_COMBINE_ROWS_A])[n];
  (void)scratch;
  if (call->in[PM_COMBINE_ROWS_Y])
    pm_vector_best()->combine(output(call, n), input(call, PM_COMBINE_ROWS_X, n), input(call, PM_COMBINE_ROWS_Y, n), a,
                              ((const float *)call->in[PM_COMBINE_ROWS_B])[n], size);
  else
    pm_vector_best()->affine(output(call, n), input(call, PM_COMBINE_ROWS_X, n), a, 0, size);
}

static void dropout_sample(void *context, size_t n, void *scratch) {
  const pm_call *call = context;
  const pm_dropout_attributes *a = call->node->attributes;
  (void)scratch;
  pm_vector_best()->dropout(output(call, n), input(call, PM_DROPOUT_X, n),
                            pm_dropout_of(call, PM_DROPOUT_DRAWS, n, a->p, a->purpose),
                            sample_size(call->node->in[PM_DROPOUT_X]));
}

void pm_cpu_combine_rows(const pm_call *call) {
  all_samples(call, combine_sample);
}
void pm_cpu_dropout(const pm_call *call) {
  all_samples(call, dropout_sample);
}

/* Each sample's matrix [rows, columns] is transposed. */
typedef struct {
  const pm_call *call;
  size_t rows, columns;
} sample_matrix;

static void transpose_sample(void *context, size_t n, void *scratch) {
  const sample_matrix *t = context;
  (void)scratch;
  pm_vector_best()->tiles->transpose(output(t->call, n), t->rows, input(t->call, 0, n), t->columns, t->rows,
                                     t->columns);
}

/* Where the axes behind the first only follow each other in a circle (as between [N,H,W,C] and [N,C,H,W]), each sample
 * is a matrix that is transposed. */
void pm_cpu_permute(const pm_call *call) {
  const pm_permute_attributes *a = call->node->attributes;
  const pm_shape *x = &call->node->in[0]->shape;
  sample_matrix t = {call, 1, 1};
  bool circle = x->rank >= 2 && a->axis[0] == 0;
  for (int d = 1; circle && d < x->rank; d++) {
    circle = a->axis[d] == 1 + (d - 1 + a->axis[1] - 1) % (x->rank - 1);
    *(d < a->axis[1] ? &t.rows : &t.columns) *= x->dim[d];
  }
  if (circle)
    pm_parallel_for(x->dim[0], 0, transpose_sample, &t);
  else
    call->node->op->reference(call);
}
