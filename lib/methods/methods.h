/* The methods that there are; methods.def lists them. */
#ifndef PM_METHODS_METHODS_H
#define PM_METHODS_METHODS_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

#define X(name) extern const pm_method pm_method_##name;
#include "methods/methods.def"
#undef X

/* NULL if there is none of that name. */
const pm_method *pm_method_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
