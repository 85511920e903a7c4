/* Time as it passes, for measuring how long something takes. */
#ifndef PM_CORE_CLOCK_H
#define PM_CORE_CLOCK_H

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds since some moment of the past; setting the clock does not change it. */
static inline double pm_seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#ifdef __cplusplus
}
#endif
#endif
