/* Linear layers by cuBLASLt, with a workspace of our own, so that a capture allocates nothing. */
#ifndef PM_BACKEND_CUDA_CUBLAS_H
#define PM_BACKEND_CUDA_CUBLAS_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opens it. 0, or why it cannot be used in words. */
int pm_cublas_open(char *why, size_t size);
/* "13.1.0" */
const char *pm_cublas_version(void);
/* For pm_implementation.lower of linear and its two gradients; they decline what it has no algorithm for. */
bool pm_cublas_lower(pm_lowered *l, const pm_node *node, const pm_implementation *self);
bool pm_cublas_lower_tf32(pm_lowered *l, const pm_node *node, const pm_implementation *self);
bool pm_cublas_lower_bf16(pm_lowered *l, const pm_node *node, const pm_implementation *self);
/* Their kernel. */
void pm_cublas_run(const pm_call *call);

#ifdef __cplusplus
}
#endif
#endif
