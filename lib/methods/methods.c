#include "methods/methods.h"

#include <string.h>

static const pm_method *const methods[] = {
    &pm_method_vae,
    &pm_method_ddpm,
};

const pm_method *pm_method_find(const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i]->name, name) == 0)
      return methods[i];
  return NULL;
}
