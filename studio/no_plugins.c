/* WebAssembly has no shared libraries, so no plugins. */
#include "backend/plugin.h"

#include <stdio.h>

const pm_backend *pm_plugin_cuda(int number, pm_precision precision, char *why, size_t size) {
  (void)number;
  (void)precision;
  snprintf(why, size, "there are no plugins here");
  return NULL;
}
