/* The methods that there are. */
#ifndef PM_METHODS_METHODS_H
#define PM_METHODS_METHODS_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const pm_method pm_method_vae, pm_method_ddpm;

/* NULL if there is none of that name. */
const pm_method *pm_method_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
