/* The backends over which the tests of kernels run: all there are, the cuda backend on the processor among them. */
#ifndef PM_TESTS_KERNEL_BACKENDS_H
#define PM_TESTS_KERNEL_BACKENDS_H

#include "nn/backend.h"

typedef struct {
  const char *name;
  const pm_backend *backend;
  bool threaded;     /* works on the host's threads, and must not show on how many */
  bool only_rounded; /* differs from the one before in operands that are rounded alone */
  bool captures;     /* allocates in the second run of a program, which it captures, and in no other */
} kernel_backend;

/* `*n` of them; what has to be opened is open. */
const kernel_backend *kernel_backends(size_t *n);

#endif
