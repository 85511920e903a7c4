/* core/tasks.h for a machine of one thread, as WebAssembly is: the same tasks, one after the other. Their results do
 * not depend on the number of threads, so these are the same bytes. */
#include "core/tasks.h"

#include "core/fail.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static void *scratch_block;
static size_t scratch_size;
static bool inside_task;

void pm_tasks_reserve(size_t bytes) {
  enum { ALIGNMENT = 64 };
  assert(!inside_task);
  if (bytes <= scratch_size)
    return;
  free(scratch_block);
  scratch_block = NULL;
  scratch_size = 0;
  if (posix_memalign(&scratch_block, ALIGNMENT, bytes))
    pm_fail(PM_FAILED, NULL, "out of memory: %zu bytes of scratch", bytes);
  scratch_size = bytes;
}

void pm_parallel_for(size_t tasks, size_t scratch_bytes, pm_task task, void *context) {
  pm_tasks_reserve(scratch_bytes);
  inside_task = true;
  for (size_t i = 0; i < tasks; i++)
    task(context, i, scratch_block);
  inside_task = false;
}

void pm_set_threads(int threads) {
  (void)threads;
}

int pm_threads(void) {
  return 1;
}
