#include "methods/methods.h"

#include <string.h>

static const pm_method *const methods[] = {
#define X(name) &pm_method_##name,
#include "methods/methods.def"
#undef X
};

const pm_method *pm_method_find(const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i]->name, name) == 0)
      return methods[i];
  return NULL;
}
