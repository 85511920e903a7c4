/* Linear layers whose operands are bfloat16. A task is some rows and a panel of columns, or a block of a weight's
 * gradient; a result is summed in the order of the inner dimension. */
#include "backend/cpu/bf16.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { GRADIENT_ROWS = PM_MOST_INTERLEAVED }; /* rows of a task's part of a weight's gradient */

/* A as PM_BF16, B in panels of pairs */
static void multiply_bf16_panel(const pm_panel_product *p, float *c, size_t row, size_t rows, size_t j,
                                size_t columns) {
  const size_t pairs = p->K / 2;
  const uint32_t *a = (const uint32_t *)p->A + row * pairs, *panel = (const uint32_t *)p->B + j * pairs;
  const float *bias = p->bias ? p->bias + j : NULL;
  for (size_t k = 0; k < pairs; k += PM_BF16_DEPTH)
    pm_bf16_best()->multiply(c, p->N, NULL, a + k, pairs, NULL, panel + k * columns, rows,
                             pm_smaller(pairs - k, PM_BF16_DEPTH), columns, k > 0 ? c : bias);
}

void pm_bf16_linear(const pm_call *call) {
  pm_panels_multiply_linear(call, multiply_bf16_panel);
}

void pm_bf16_linear_grad_input(const pm_call *call) {
  pm_panels_multiply_grad_input(call, multiply_bf16_panel);
}

/* dw[O,I] = the sum over R rows of dy[r,o] x[r,i] */
typedef struct {
  float *dw;
  const uint16_t *x, *dy;
  size_t R, I, O;
} outer_sum_bf16;

static void outer_bf16_task(void *context, size_t task, void *scratch) {
  const outer_sum_bf16 *s = context;
  const size_t panels = pm_pieces(s->I, PM_PANEL);
  size_t o = task / panels * GRADIENT_ROWS, i = task % panels * PM_PANEL;
  size_t height = pm_smaller(s->O - o, GRADIENT_ROWS), columns = pm_smaller(s->I - i, PM_PANEL);
  uint32_t *left = scratch, *right = left + PM_BF16_DEPTH * GRADIENT_ROWS;
  float *dw = s->dw + o * s->I + i;
  for (size_t r = 0, rows; r < s->R; r += rows) {
    rows = pm_smaller(s->R - r, 2 * PM_BF16_DEPTH);
    pm_bf16_interleave_rows(left, s->dy + r * s->O + o, s->O, NULL, rows, height);
    pm_bf16_interleave_rows(right, s->x + r * s->I + i, s->I, NULL, rows, columns);
    pm_bf16_best()->outer(dw, s->I, left, right, pm_pieces(rows, 2), height, columns, r > 0 ? dw : NULL);
  }
}

void pm_bf16_linear_grad_weight(const pm_call *call) {
  const pm_value *x = call->node->in[PM_LINEAR_GRAD_WEIGHT_X], *dy = call->node->in[PM_LINEAR_GRAD_WEIGHT_DY];
  outer_sum_bf16 s = {
      call->out[0],  call->in[PM_LINEAR_GRAD_WEIGHT_X], call->in[PM_LINEAR_GRAD_WEIGHT_DY], pm_rows(x), pm_columns(x),
      pm_columns(dy)};
  pm_parallel_for(pm_pieces(s.O, GRADIENT_ROWS) * pm_pieces(s.I, PM_PANEL),
                  pm_bf16_linear_grad_weight_scratch(call->node), outer_bf16_task, &s);
}

size_t pm_bf16_linear_grad_weight_scratch(const pm_node *node) {
  (void)node;
  return PM_BF16_DEPTH * (GRADIENT_ROWS + PM_PANEL) * sizeof(uint32_t);
}

/* ---- what is done so ---- */

/* Small layers are faster in float. The rows do not count: what a net makes of a sprite must not depend on how many
 * there are. */
static bool matrix_fits(size_t I, size_t O) {
  return I % 16 == 0 && O % 16 == 0 && I >= 32 && O >= 32;
}

bool pm_bf16_linear_fits(const pm_node *node) {
  return matrix_fits(pm_columns(node->in[PM_LINEAR_X]), pm_columns(node->out[0]));
}

bool pm_bf16_linear_grad_input_fits(const pm_node *node) {
  return matrix_fits(pm_columns(node->out[0]), pm_columns(node->in[PM_LINEAR_GRAD_INPUT_DY]));
}

bool pm_bf16_linear_grad_weight_fits(const pm_node *node) {
  return matrix_fits(pm_columns(node->in[PM_LINEAR_GRAD_WEIGHT_X]), pm_columns(node->in[PM_LINEAR_GRAD_WEIGHT_DY]));
}
