/* Work split into tasks, done by a pool of threads that lives as long as the process.
 *
 * The tasks are fixed by the work and never by the number of threads, and a task cannot see which thread it runs on: so
 * the same bytes come out at any number of threads. Every thread, the caller's included, flushes denormal numbers to
 * zero while it works on tasks (on x86 and 64-bit ARM). */
#ifndef PM_CORE_TASKS_H
#define PM_CORE_TASKS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does task number `task`; `scratch` is memory of the size asked for, aligned to 64 bytes, with arbitrary content, for
 * this call alone. */
typedef void (*pm_task)(void *context, size_t task, void *scratch);

/* Runs task(context, 0 … tasks - 1, scratch) in any order, on all threads, and returns when all are done. Not from
 * inside a task, at any number of threads: a programmer's error, as is pm_tasks_reserve there. Does not allocate when
 * `scratch_bytes` is at most what pm_tasks_reserve asked for and pm_set_threads was not called since. */
void pm_parallel_for(size_t tasks, size_t scratch_bytes, pm_task task, void *context);

/* Starts the threads, and makes sure that each has a scratch block of this size. */
void pm_tasks_reserve(size_t scratch_bytes);

/* 0: as many as the process may run on. Takes effect with the next pm_parallel_for; where the system does not give so
 * many, it goes on with those that there are. */
void pm_set_threads(int threads);
int pm_threads(void);

#ifdef __cplusplus
}
#endif
#endif
