/* Weights of linear layers in panels of columns, in float: the matrix B[K,N], N a multiple of 16, as blocks of
 * PM_TILE_COLUMNS columns one after the other, the last perhaps narrower, each [K, columns]. The panel from column j
 * begins at number j K. PM_PANELS: the value is B; PM_PANELS_TRANSPOSED: B is its transpose. linear_panels.c. */
#ifndef PM_BACKEND_CPU_PANELS_H
#define PM_BACKEND_CPU_PANELS_H

#include "backend/cpu/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

size_t pm_panels_form_bytes(const pm_value *value, pm_form form);
pm_kernel pm_panels_converter(pm_form form); /* NULL for other forms */

void pm_panels_linear(const pm_call *call);
void pm_panels_linear_grad_input(const pm_call *call);
bool pm_panels_linear_fits(const pm_node *node);
bool pm_panels_linear_grad_input_fits(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
