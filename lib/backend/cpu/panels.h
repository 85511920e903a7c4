/* Products with weights in panels of columns: the matrix B[K,N], N a multiple of 16, as blocks of PM_PANEL columns one
 * after the other, the last perhaps narrower, each [K, columns]. The panel from column j begins at number j K.
 * PM_PANELS: the value is B, in float; PM_PANELS_TRANSPOSED: B is its transpose. linear_panels.c; bf16.h has the forms
 * of pairs of bfloat16. */
#ifndef PM_BACKEND_CPU_PANELS_H
#define PM_BACKEND_CPU_PANELS_H

#include "backend/cpu/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_PANEL = 64, PM_PANEL_ROWS = 96 /* of a task */ };

size_t pm_panels_form_bytes(const pm_value *value, pm_form form);
pm_kernel pm_panels_converter(pm_form form); /* NULL for other forms */

/* C[M,N] = A[M,K] B + bias */
typedef struct pm_panel_product pm_panel_product;
/* c[rows, columns], N apart, = bias + rows `row` … of A times the panel from column j */
typedef void (*pm_multiply_panel)(const pm_panel_product *p, float *c, size_t row, size_t rows, size_t j,
                                  size_t columns);
struct pm_panel_product {
  pm_multiply_panel multiply;
  float *C;
  const void *A, *B;
  const float *bias; /* [N]; NULL: 0 */
  size_t M, N, K;
};

/* The ops linear and linear_grad_input, whose operands lie as `multiply` takes them. */
void pm_panels_multiply_linear(const pm_call *call, pm_multiply_panel multiply);
void pm_panels_multiply_grad_input(const pm_call *call, pm_multiply_panel multiply);

/* ---- implementations, in float ---- */

void pm_panels_linear(const pm_call *call);
void pm_panels_linear_grad_input(const pm_call *call);
bool pm_panels_linear_fits(const pm_node *node);
bool pm_panels_linear_grad_input_fits(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
