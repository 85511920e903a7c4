#include "backend/backends.h"

#include "backend/cpu/bf16.h"

#include <string.h>

static const pm_backend *cpu(pm_precision precision) {
  if (precision == PM_FP32 || (precision == PM_ANY_PRECISION && !pm_bf16_best()->fast))
    return &pm_backend_cpu;
  if (!pm_bf16_best()->fast)
    pm_warn(NULL, "bf16: this processor has no instructions for it: slower than fp32, the same bytes as with them");
  return &pm_backend_cpu_bf16;
}

const pm_backend *pm_backend_find(const char *name, pm_precision precision) {
  if (strcmp(name, pm_backend_cpu.name) == 0)
    return cpu(precision);
  if (strcmp(name, pm_backend_reference.name) != 0)
    pm_fail(PM_WRONG_USAGE, NULL,
            "--device: '%s' is not a device; there are cpu and reference (the plain kernels, slow)", name);
  if (precision == PM_BFLOAT16)
    pm_fail(PM_WRONG_USAGE, NULL, "--device reference computes in fp32 alone, and the precision wanted is bf16");
  return &pm_backend_reference;
}
