/* The backends that this build has. */
#ifndef PM_BACKEND_BACKENDS_H
#define PM_BACKEND_BACKENDS_H

#include "nn/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Own kernels, and OpenBLAS where there is one, on all threads. */
extern const pm_backend pm_backend_cpu;
/* The plain reference kernels, one thread; as float, and as double for checking gradients. */
extern const pm_backend pm_backend_reference, pm_backend_double;

/* By the name that --device takes; any other fails with status 2 and the names there are. */
const pm_backend *pm_backend_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
