/* Backends that are no part of the program: shared libraries, opened when they are asked for. They use the program's
 * own library (ops, lowering, failures), so the program exports its symbols. */
#ifndef PM_BACKEND_PLUGIN_H
#define PM_BACKEND_PLUGIN_H

#include "nn/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What such a library exports, under the name "pm_backend_plugin". */
typedef struct {
  int abi; /* PM_BACKEND_ABI of its build: everything behind it may differ in another */
  /* The backend on card `number`, in a precision; PM_ANY_PRECISION: the fastest of the card. NULL with why there is
   * none in why[size], one line. */
  const pm_backend *(*open)(int number, pm_precision precision, char *why, size_t size);
} pm_plugin;

/* The backend of libpixelmill-cuda.so on card `number`; NULL with the reason in why[size]. The library is looked for in
 * the folder that the environment variable PIXELMILL_PLUGINS names, or else beside the program and in ../lib. Without a
 * driver it is not opened. */
const pm_backend *pm_plugin_cuda(int number, pm_precision precision, char *why, size_t size);

#ifdef __cplusplus
}
#endif
#endif
