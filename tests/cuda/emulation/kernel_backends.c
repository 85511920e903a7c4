#include "tests/unit/kernel_backends.h"

#include "backend/backends.h"
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"

#include <stdio.h>
#include <stdlib.h>

const kernel_backend *kernel_backends(size_t *n) {
  static const kernel_backend all[] = {
      {"reference", &pm_backend_reference, false, false, false},
#ifndef __SANITIZE_THREAD__ /* of the host's threads it does not see the order: the library is built without it */
      {"cpu", &pm_backend_cpu, true, false, false},
      {"cpu in bf16", &pm_backend_cpu_bf16, true, false, false},
#endif
      {"cuda on the processor", &pm_backend_cuda, false, false, true},
      {"cuda on the processor, in bf16", &pm_backend_cuda_bf16, false, true, true},
  };
  char why[200];
  if (pm_cuda_open_card(0, why, sizeof why)) {
    fprintf(stderr, "kernel_backends: %s\n", why);
    exit(1);
  }
  *n = sizeof all / sizeof *all;
  return all;
}
