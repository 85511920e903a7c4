/* The backends that this build has. */
#ifndef PM_BACKEND_BACKENDS_H
#define PM_BACKEND_BACKENDS_H

#include "nn/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Own kernels, and OpenBLAS where there is one, on all threads; in either precision. */
extern const pm_backend pm_backend_cpu, pm_backend_cpu_bf16;
/* The plain reference kernels, one thread; as float, and as double for checking gradients. */
extern const pm_backend pm_backend_reference, pm_backend_double;

/* By the name that --device takes and the precision; PM_ANY_PRECISION is bfloat16 where the processor has instructions
 * for it, else float. What there is not fails with status 2 and the names there are; bfloat16 without instructions is
 * warned of. */
const pm_backend *pm_backend_find(const char *name, pm_precision precision);

#ifdef __cplusplus
}
#endif
#endif
