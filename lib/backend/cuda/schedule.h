/* Which steps of a program have to wait for which: those that touch the same memory, if one of the two writes it. All
 * others may run at the same time, so a captured program is a graph of steps and not a chain. */
#ifndef PM_BACKEND_CUDA_SCHEDULE_H
#define PM_BACKEND_CUDA_SCHEDULE_H

#include "backend/binding.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of steps before it that a step waits for; what these wait for is left out. */
typedef struct {
  size_t *step, steps;
} pm_cuda_wait;

/* Of each of the binding's steps, in the arena. Conversions of parameters are no part of it: they run before all
 * others, so nobody waits for them and they wait for nobody. */
pm_cuda_wait *pm_cuda_waits(const pm_binding *b, pm_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
