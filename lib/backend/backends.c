#include "backend/backends.h"

#include "backend/cpu/bf16.h"
#include "backend/plugin.h"
#include "core/number.h"

#include <string.h>

static const pm_backend *cpu(pm_precision precision) {
  if (precision == PM_FP32 || (precision == PM_ANY_PRECISION && !pm_bf16_best()->fast))
    return &pm_backend_cpu;
  if (!pm_bf16_best()->fast)
    pm_warn(NULL, "bf16: this processor has no instructions for it: slower than fp32, the same bytes as with them");
  return &pm_backend_cpu_bf16;
}

static const pm_backend *reference(pm_precision precision) {
  if (precision == PM_BFLOAT16)
    pm_fail(PM_WRONG_USAGE, NULL, "--device reference computes in fp32 alone, and the precision wanted is bf16");
  return &pm_backend_reference;
}

enum { WHY = 4096 + 512 }; /* a path, and words */

/* "cuda" or "cuda:N" */
static const pm_backend *cuda(const char *name, pm_precision precision) {
  const char *number = name + strlen("cuda");
  char why[WHY];
  int64_t card = 0;
  if (*number && !pm_parse_integer(number + 1, 0, 1023, &card))
    pm_fail(PM_WRONG_USAGE, NULL, "--device: '%s' is not a card; expected cuda:N, N from 0 to 1023", name);
  const pm_backend *found = pm_plugin_cuda((int)card, precision, why, sizeof why);
  if (!found)
    pm_fail(PM_FAILED, NULL, "--device %s: %s", name, why);
  return found;
}

static const pm_backend *best(pm_precision precision) {
  char why[WHY];
  const pm_backend *found = pm_plugin_cuda(0, precision, why, sizeof why);
  if (found)
    pm_say(0, "--device auto is cuda");
  else
    pm_say(0, "--device auto is cpu: %s", why);
  return found ? found : cpu(precision);
}

const pm_backend *pm_backend_find(const char *name, pm_precision precision) {
  if (strcmp(name, pm_backend_cpu.name) == 0)
    return cpu(precision);
  if (strcmp(name, pm_backend_reference.name) == 0)
    return reference(precision);
  if (strcmp(name, "auto") == 0)
    return best(precision);
  if (strcmp(name, "cuda") == 0 || strncmp(name, "cuda:", strlen("cuda:")) == 0)
    return cuda(name, precision);
  pm_fail(PM_WRONG_USAGE, NULL,
          "--device: '%s' is not a device; there are cpu, cuda, cuda:N (card N), auto (cuda where there is one, else "
          "cpu) and reference (the plain kernels, slow)",
          name);
}
