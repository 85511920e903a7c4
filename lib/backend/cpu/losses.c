/* Losses: a row (one sprite) is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"

static_assert((int)PM_LOSS_X == (int)PM_LOSS_GRAD_X, "losses and gradients are cut into the same rows");

static size_t row_length(const pm_call *call) {
  return pm_count(call->node->in[PM_LOSS_X]) / call->node->in[PM_LOSS_X]->shape.dim[0];
}

static void one_loss(const pm_call *call, size_t row, float (*sum)(const float *, const float *, size_t)) {
  size_t n = row_length(call);
  ((float *)call->out[0])[row] =
      sum((const float *)call->in[PM_LOSS_X] + row * n, (const float *)call->in[PM_LOSS_TARGET] + row * n, n) /
      (float)n;
}

static void one_gradient(const pm_call *call, size_t row, float factor,
                         void (*gradient)(float *, const float *, const float *, float, size_t)) {
  size_t n = row_length(call);
  gradient((float *)call->out[0] + row * n, (const float *)call->in[PM_LOSS_GRAD_X] + row * n,
           (const float *)call->in[PM_LOSS_GRAD_TARGET] + row * n,
           factor / (float)n * ((const float *)call->in[PM_LOSS_GRAD_DLOSS])[row], n);
}

static void squared_error_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_loss(call, row, pm_vector_best()->squared_error);
}

static void squared_error_grad_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_gradient(call, row, 2, pm_vector_best()->squared_error_grad);
}

static void bce_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_loss(call, row, pm_vector_best()->bce);
}

static void bce_grad_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_gradient(call, row, 1, pm_vector_best()->bce_grad);
}

static void absolute_error_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_loss(call, row, pm_vector_best()->absolute_error);
}

static void absolute_error_grad_row(void *call, size_t row, void *scratch) {
  (void)scratch;
  one_gradient(call, row, 1, pm_vector_best()->absolute_error_grad);
}

static void all_rows(const pm_call *call, pm_task row) {
  pm_parallel_for(call->node->in[PM_LOSS_X]->shape.dim[0], 0, row, (void *)(size_t)call);
}

void pm_cpu_squared_error(const pm_call *call) {
  all_rows(call, squared_error_row);
}
void pm_cpu_squared_error_grad(const pm_call *call) {
  all_rows(call, squared_error_grad_row);
}
void pm_cpu_bce(const pm_call *call) {
  all_rows(call, bce_row);
}
void pm_cpu_bce_grad(const pm_call *call) {
  all_rows(call, bce_grad_row);
}
void pm_cpu_absolute_error(const pm_call *call) {
  all_rows(call, absolute_error_row);
}
void pm_cpu_absolute_error_grad(const pm_call *call) {
  all_rows(call, absolute_error_grad_row);
}
