/* The backends of the tests of kernels on a machine with a card: the plugin's. */
#include "tests/unit/kernel_backends.h"

#include "backend/plugin.h"

#include <stdio.h>
#include <stdlib.h>

const kernel_backend *kernel_backends(size_t *n) {
  static kernel_backend all[] = {{"cuda", NULL, false, false, true}, {"cuda, in bf16", NULL, false, true, true}};
  static const pm_precision precision[] = {PM_FP32, PM_BFLOAT16};
  char why[5000];
  *n = sizeof all / sizeof *all;
  for (size_t i = 0; i < *n && !all[i].backend; i++)
    if (!(all[i].backend = pm_plugin_cuda(0, precision[i], why, sizeof why))) {
      fprintf(stderr, "kernel_backends: %s\n", why);
      exit(1);
    }
  return all;
}
