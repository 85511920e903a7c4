/* The cuda backend. */
#ifndef PM_BACKEND_CUDA_CUDA_H
#define PM_BACKEND_CUDA_CUDA_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In float and in bfloat16, on the card that pm_cuda_open_card opened. */
extern const pm_backend pm_backend_cuda, pm_backend_cuda_bf16;

#ifdef __cplusplus
}
#endif
#endif
