/* What NVIDIA's libraries do better than our own kernels: implementations that go before those of cuda.c. A build
 * without the libraries (the tests' emulation) brings another file with none. */
#ifndef PM_BACKEND_CUDA_LIBRARIES_H
#define PM_BACKEND_CUDA_LIBRARIES_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const pm_implementation *list;
  size_t count;
} pm_cuda_list;

/* For programs in float, in float by TF32 products where that is allowed, and in bfloat16. */
pm_cuda_list pm_cuda_libraries(pm_precision precision);
/* "cudnn 9.19.0 cublas 13.1.0", for the tier; "" where there are none. */
const char *pm_cuda_library_versions(void);
/* Opens them for the card. 0, or why they cannot be used in words. */
int pm_cuda_open_libraries(char *why, size_t size);

#ifdef __cplusplus
}
#endif
#endif
