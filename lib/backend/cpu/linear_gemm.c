/* Linear layers: blocks of the output matrix are the tasks, each one GEMM over the whole inner dimension. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 256 };

/* C[m,n] = op(A) op(B) [+ bias] */
typedef struct {
  float *C;
  const float *A, *B, *bias;
  size_t lda, ldb, m, n, k;
  bool transpose_a, transpose_b;
} product;

static void one_block(void *context, size_t task, void *scratch) {
  const product *p = context;
  size_t columns = pm_pieces(p->n, BLOCK_COLUMNS);
  size_t row = task / columns * BLOCK_ROWS, column = task % columns * BLOCK_COLUMNS;
  size_t m = pm_smaller(p->m - row, BLOCK_ROWS);
  size_t n = pm_smaller(p->n - column, BLOCK_COLUMNS);
  float *C = p->C + row * p->n + column;
  (void)scratch;
  for (size_t r = 0; p->bias && r < m; r++)
    for (size_t c = 0; c < n; c++)
      C[r * p->n + c] = p->bias[column + c];
  const float *B = p->B + (p->transpose_b ? column * p->ldb : column);
  if (p->transpose_a) /* a weight's gradient: its rows are no sprites */
    pm_sgemm(C, p->n, p->A + row, p->lda, true, B, p->ldb, p->transpose_b, m, n, p->k, 0);
  else
    pm_sgemm_by_row(C, p->n, p->A + row * p->lda, p->lda, B, p->ldb, p->transpose_b, m, n, p->k, p->bias ? 1 : 0);
}

static void multiply(product p) {
  pm_parallel_for(pm_pieces(p.m, BLOCK_ROWS) * pm_pieces(p.n, BLOCK_COLUMNS), 0, one_block, &p);
}

void pm_cpu_linear(const pm_call *call) {
  size_t rows = pm_rows(call->node->in[0]), I = pm_columns(call->node->in[0]), O = pm_columns(call->node->out[0]);
  multiply((product){call->out[0], call->in[0], call->in[1], call->in[2], I, I, rows, O, I, false, true});
}

void pm_cpu_linear_grad_input(const pm_call *call) {
  size_t rows = pm_rows(call->node->in[0]), O = pm_columns(call->node->in[0]), I = pm_columns(call->node->out[0]);
  multiply((product){call->out[0], call->in[0], call->in[1], NULL, O, I, rows, I, O, false, false});
}

void pm_cpu_linear_grad_weight(const pm_call *call) {
  size_t rows = pm_rows(call->node->in[0]), I = pm_columns(call->node->in[0]), O = pm_columns(call->node->in[1]);
  multiply((product){call->out[0], call->in[1], call->in[0], NULL, O, I, O, I, rows, true, false});
}
