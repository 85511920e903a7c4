/* Group normalisation with the SiLU behind it as one step, for any backend that has a kernel for both. */
#ifndef PM_BACKEND_NORM_AND_SILU_H
#define PM_BACKEND_NORM_AND_SILU_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For pm_implementation.lower, of groupnorm and of groupnorm_grad. SiLU becomes the norm's epilogue, and SiLU's
 * gradient, where there is one, is done in the norm's gradient, which computes SiLU's input again; if no other node
 * reads the value between them. The steps have the operands of the norm, with SiLU's result in the place of y, or the
 * gradient of SiLU's result in the place of dy. */
bool pm_lower_groupnorm_silu(pm_lowered *l, const pm_node *node, const pm_implementation *self);
bool pm_lower_groupnorm_silu_grad(pm_lowered *l, const pm_node *node, const pm_implementation *self);

#ifdef __cplusplus
}
#endif
#endif
