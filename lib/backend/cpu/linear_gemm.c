/* Linear layers: blocks of the output matrix are the tasks, each one GEMM over the whole inner dimension. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"

#include "core/sizes.h"
#include "core/tasks.h"

/* Of few rows, as in a step of sampling, the columns are divided more finely. */
enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 256, FEW_ROWS = 32, COLUMNS_OF_FEW = 128 };

/* C[m,n] = op(A) op(B) [+ bias]; and the same for `groups` of them, each so many numbers behind the one before */
typedef struct {
  float *C;
  const float *A, *B, *bias;
  size_t ldc, lda, ldb, m, n, k;
  bool transpose_a, transpose_b;
  size_t groups, next_C, next_A, next_B;
} layer_product;

static size_t block_columns(const layer_product *p) {
  return p->m <= FEW_ROWS && !p->transpose_a ? COLUMNS_OF_FEW : BLOCK_COLUMNS;
}

static void one_block(void *context, size_t task, void *scratch) {
  const layer_product *p = context;
  const size_t width = block_columns(p), rows = pm_pieces(p->m, BLOCK_ROWS), columns = pm_pieces(p->n, width);
  size_t group = task / (rows * columns), row = task / columns % rows * BLOCK_ROWS, column = task % columns * width;
  size_t m = pm_smaller(p->m - row, BLOCK_ROWS), n = pm_smaller(p->n - column, width);
  const float *A = p->A + group * p->next_A + row * (p->transpose_a ? 1 : p->lda);
  const float *B = p->B + group * p->next_B + column * (p->transpose_b ? p->ldb : 1);
  float *C = p->C + group * p->next_C + row * p->ldc + column;
  (void)scratch;
  for (size_t r = 0; p->bias && r < m; r++)
    for (size_t c = 0; c < n; c++)
      C[r * p->ldc + c] = p->bias[group * p->n + column + c];
  if (p->transpose_a) /* a weight's gradient: its rows are no sprites */
    pm_sgemm(C, p->ldc, A, p->lda, true, B, p->ldb, p->transpose_b, m, n, p->k, 0);
  else
    pm_sgemm_by_row(C, p->ldc, A, p->lda, B, p->ldb, p->transpose_b, m, n, p->k, p->bias ? 1 : 0);
}

static void multiply_layers(layer_product p) {
  pm_parallel_for(p.groups * pm_pieces(p.m, BLOCK_ROWS) * pm_pieces(p.n, block_columns(&p)), 0, one_block, &p);
}

/* `groups` layers side by side of I inputs and O outputs over so many rows. */
typedef struct {
  size_t rows, groups, I, O;
} layer_sizes;

/* y = x w^T + b */
static void layers_forward(float *y, const float *x, const float *w, const float *b, layer_sizes s) {
  multiply_layers((layer_product){y, x, w, b, s.groups * s.O, s.groups * s.I, s.I, s.rows, s.O, s.I, false, true,
                                  s.groups, s.O, s.I, s.O * s.I});
}

/* dx = dy w */
static void layers_grad_input(float *dx, const float *dy, const float *w, layer_sizes s) {
  multiply_layers((layer_product){dx, dy, w, NULL, s.groups * s.I, s.groups * s.O, s.I, s.rows, s.I, s.O, false, false,
                                  s.groups, s.I, s.O, s.O * s.I});
}

/* dw = dy^T x */
static void layers_grad_weight(float *dw, const float *dy, const float *x, layer_sizes s) {
  multiply_layers((layer_product){dw, dy, x, NULL, s.I, s.groups * s.O, s.groups * s.I, s.O, s.I, s.rows, true, false,
                                  s.groups, s.O * s.I, s.O, s.I});
}

void pm_cpu_linear(const pm_call *call) {
  const pm_value *x = call->node->in[PM_LINEAR_X];
  layer_sizes s = {pm_rows(x), 1, pm_columns(x), pm_columns(call->node->out[0])};
  layers_forward(call->out[0], call->in[PM_LINEAR_X], call->in[PM_LINEAR_W], call->in[PM_LINEAR_B], s);
}

void pm_cpu_linear_grad_input(const pm_call *call) {
  const pm_value *dy = call->node->in[PM_LINEAR_GRAD_INPUT_DY];
  layers_grad_input(call->out[0], call->in[PM_LINEAR_GRAD_INPUT_DY], call->in[PM_LINEAR_GRAD_INPUT_W],
                    (layer_sizes){pm_rows(dy), 1, pm_columns(call->node->out[0]), pm_columns(dy)});
}

void pm_cpu_linear_grad_weight(const pm_call *call) {
  const pm_value *x = call->node->in[PM_LINEAR_GRAD_WEIGHT_X], *dy = call->node->in[PM_LINEAR_GRAD_WEIGHT_DY];
  layers_grad_weight(call->out[0], call->in[PM_LINEAR_GRAD_WEIGHT_DY], call->in[PM_LINEAR_GRAD_WEIGHT_X],
                     (layer_sizes){pm_rows(x), 1, pm_columns(x), pm_columns(dy)});
}

/* Of x or y [R,G,…] and w [all,O,I]. */
static layer_sizes grouped_sizes_of(const pm_value *x, const pm_value *w) {
  return (layer_sizes){x->shape.dim[0], x->shape.dim[1], w->shape.dim[2], w->shape.dim[1]};
}

void pm_cpu_grouped_linear(const pm_call *call) {
  const pm_grouped_linear_attributes *a = call->node->attributes;
  layer_sizes s = grouped_sizes_of(call->node->in[PM_GROUPED_LINEAR_X], call->node->in[PM_GROUPED_LINEAR_W]);
  const float *w = call->in[PM_GROUPED_LINEAR_W], *b = call->in[PM_GROUPED_LINEAR_B];
  layers_forward(call->out[0], call->in[PM_GROUPED_LINEAR_X], w + a->first * s.O * s.I, b ? b + a->first * s.O : NULL,
                 s);
}

void pm_cpu_grouped_linear_grad_input(const pm_call *call) {
  layers_grad_input(call->out[0], call->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY], call->in[PM_GROUPED_LINEAR_GRAD_INPUT_W],
                    grouped_sizes_of(call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY],
                                     call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_W]));
}

void pm_cpu_grouped_linear_grad_weight(const pm_call *call) {
  layers_grad_weight(call->out[0], call->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_DY],
                     call->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X],
                     grouped_sizes_of(call->node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X], call->node->out[0]));
}
