/* The largest size of this process, by what its system tells: not every system does. */
#include "core/memory.h"

#include <stdio.h>
#include <sys/resource.h>

size_t pm_peak_memory(void) {
  /* Linux's ru_maxrss survives exec, so that it may be the parent's; the status file speaks of this program. */
  FILE *status = fopen("/proc/self/status", "r");
  if (status) {
    char line[256];
    unsigned long long kilobytes = 0;
    while (fgets(line, sizeof line, status))
      if (sscanf(line, "VmHWM: %llu kB", &kilobytes) == 1)
        break;
    fclose(status);
    if (kilobytes)
      return (size_t)kilobytes * 1024;
  }
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage))
    return 0;
#ifdef __APPLE__
  return (size_t)usage.ru_maxrss;
#else
  return (size_t)usage.ru_maxrss * 1024;
#endif
}
