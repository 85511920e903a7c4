/* Linear layers in float over many rows: their weights are packed in panels of columns once for all tasks, and for all
 * runs until they change. A task is some rows and a panel; a result is summed in the order of the inner dimension, as
 * in linear_gemm.c, so that its bits are the same. */
#include "backend/cpu/panels.h"

#include "backend/cpu/vector.h"
#include "core/sizes.h"
#include "core/tasks.h"

enum { FEWEST_ROWS = 64 };
static_assert((int)PM_PANEL == (int)PM_TILE_COLUMNS, "a panel is what tiles multiply at a time");

/* ---- packing: B[K,N], K rows of N columns ---- */

typedef struct {
  const pm_call *call;
  size_t K, N;
} packing;

static void pack_float_panel(void *context, size_t task, void *scratch) {
  const packing *p = context;
  const size_t j = task * PM_PANEL, columns = pm_smaller(p->N - j, PM_PANEL);
  const float *from = (const float *)p->call->in[0] + j;
  float *to = (float *)p->call->out[0] + j * p->K;
  (void)scratch;
  for (size_t k = 0; k < p->K; k++)
    pm_copy(to + k * columns, from + k * p->N, columns);
}

static void transpose_float_panel(void *context, size_t task, void *scratch) {
  const packing *p = context;
  const size_t j = task * PM_PANEL, columns = pm_smaller(p->N - j, PM_PANEL);
  (void)scratch;
  pm_vector_best()->tiles->transpose((float *)p->call->out[0] + j * p->K, columns,
                                     (const float *)p->call->in[0] + j * p->K, p->K, columns, p->K);
}

static void convert_panels(const pm_call *call) {
  const packing p = {call, pm_rows(call->value), pm_columns(call->value)};
  pm_parallel_for(pm_pieces(p.N, PM_PANEL), 0, pack_float_panel, (void *)&p);
}

static void convert_transposed_panels(const pm_call *call) {
  const packing p = {call, pm_columns(call->value), pm_rows(call->value)};
  pm_parallel_for(pm_pieces(p.N, PM_PANEL), 0, transpose_float_panel, (void *)&p);
}

pm_kernel pm_panels_converter(pm_form form) {
  return form == PM_PANELS ? convert_panels : form == PM_PANELS_TRANSPOSED ? convert_transposed_panels : NULL;
}

size_t pm_panels_form_bytes(const pm_value *value, pm_form form) {
  (void)form;
  return pm_count(value) * sizeof(float);
}

/* ---- products ---- */

static void panel_task(void *context, size_t task, void *scratch) {
  const pm_panel_product *p = context;
  const size_t panels = pm_pieces(p->N, PM_PANEL), row = task / panels * PM_PANEL_ROWS, j = task % panels * PM_PANEL;
  const size_t rows = pm_smaller(p->M - row, PM_PANEL_ROWS), columns = pm_smaller(p->N - j, PM_PANEL);
  float *c = p->C + row * p->N + j;
  (void)scratch;
  p->multiply(p, c, row, rows, j, columns);
}

static void multiply_panels(pm_panel_product p) {
  pm_parallel_for(pm_pieces(p.M, PM_PANEL_ROWS) * pm_pieces(p.N, PM_PANEL), 0, panel_task, &p);
}

void pm_panels_multiply_linear(const pm_call *call, pm_multiply_panel multiply) {
  const pm_value *x = call->node->in[PM_LINEAR_X];
  multiply_panels((pm_panel_product){.multiply = multiply,
                                     .C = call->out[0],
                                     .A = call->in[PM_LINEAR_X],
                                     .B = call->in[PM_LINEAR_W],
                                     .bias = call->in[PM_LINEAR_B],
                                     .M = pm_rows(x),
                                     .N = pm_columns(call->node->out[0]),
                                     .K = pm_columns(x)});
}

void pm_panels_multiply_grad_input(const pm_call *call, pm_multiply_panel multiply) {
  const pm_value *dy = call->node->in[PM_LINEAR_GRAD_INPUT_DY];
  multiply_panels((pm_panel_product){.multiply = multiply,
                                     .C = call->out[0],
                                     .A = call->in[PM_LINEAR_GRAD_INPUT_DY],
                                     .B = call->in[PM_LINEAR_GRAD_INPUT_W],
                                     .M = pm_rows(dy),
                                     .N = pm_columns(call->node->out[0]),
                                     .K = pm_columns(dy)});
}

static void multiply_float_panel(const pm_panel_product *p, float *c, size_t row, size_t rows, size_t j,
                                 size_t columns) {
  const pm_tiles *tiles = pm_vector_best()->tiles;
  const float *a = (const float *)p->A + row * p->K, *panel = (const float *)p->B + j * p->K;
  const float *bias = p->bias ? p->bias + j : NULL;
  uint32_t place[PM_PANEL_ROWS]; /* rows lie as they come */
  for (uint32_t r = 0; r < rows; r++)
    place[r] = r;
  for (size_t k = 0; k < p->K; k += tiles->depth)
    tiles->multiply(c, p->N, place, a + k, p->K, place, panel + k * columns, rows, pm_smaller(p->K - k, tiles->depth),
                    columns, k > 0 ? c : bias);
}

void pm_panels_linear(const pm_call *call) {
  pm_panels_multiply_linear(call, multiply_float_panel);
}

void pm_panels_linear_grad_input(const pm_call *call) {
  pm_panels_multiply_grad_input(call, multiply_float_panel);
}

/* Whole vectors on every processor, and so many rows that packing pays. */
static bool panels_pay(const pm_value *x, size_t columns) {
  return pm_rows(x) >= FEWEST_ROWS && columns % 16 == 0;
}

bool pm_panels_linear_fits(const pm_node *node) {
  return panels_pay(node->in[PM_LINEAR_X], pm_columns(node->out[0]));
}

bool pm_panels_linear_grad_input_fits(const pm_node *node) {
  return panels_pay(node->in[PM_LINEAR_GRAD_INPUT_DY], pm_columns(node->out[0]));
}
