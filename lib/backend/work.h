/* How much arithmetic a node is, to say how near a processor's peak a kernel runs. */
#ifndef PM_BACKEND_WORK_H
#define PM_BACKEND_WORK_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Floating-point operations of its matrix products, a multiplication and an addition counted as two, taps outside the
 * picture counted, too; 0 of ops that have none. */
double pm_node_flops(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
