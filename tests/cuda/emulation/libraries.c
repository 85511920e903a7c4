/* No libraries: the kernels of our own do all. */
#include "backend/cuda/libraries.h"

pm_cuda_list pm_cuda_libraries(pm_precision precision) {
  (void)precision;
  return (pm_cuda_list){NULL, 0};
}

const char *pm_cuda_library_versions(void) {
  return "";
}

int pm_cuda_open_libraries(char *why, size_t size) {
  (void)why;
  (void)size;
  return 0;
}
