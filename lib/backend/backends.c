#include "backend/backends.h"

#include <string.h>

const pm_backend *pm_backend_find(const char *name) {
  static const pm_backend *const all[] = {&pm_backend_cpu, &pm_backend_reference};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i]->name, name) == 0)
      return all[i];
  pm_fail(PM_WRONG_USAGE, NULL, "--device: '%s' is not a device; there are cpu and reference (the plain kernels, slow)",
          name);
}
