/* What a plugin that connects processes brings (lib/parallel/mpi): bytes from one to the other, and nothing of its
 * library's types. All of these but `open`, `abort` and `close` are called by all processes in the same order. The
 * processes are numbered 0 … size - 1: the rank of each. Failures of the network end the program, in the library's own
 * way. */
#ifndef PM_PARALLEL_TRANSPORT_H
#define PM_PARALLEL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_TRANSPORT_ABI = 2 }; /* a plugin built for another is refused */

typedef struct {
  int abi;
  const char *name; /* "Open MPI v4.1.4" */
  /* Joins the others; once. At most INT_MAX bytes go to each rank in a call below. */
  void (*open)(int *rank, int *size);
  /* out[size,bytes] and in[size,bytes]: part k of `out` goes to rank k, part k of `in` comes from there. */
  void (*exchange)(const void *out, void *in, size_t bytes);
  /* all[size,bytes]: part k is what rank k has in its own part. */
  void (*gather)(void *all, size_t bytes);
  /* Rank 0's content for all. */
  void (*broadcast)(void *content, size_t bytes);
  /* Memory that all processes see, bytes for each: of[k], size of them, is rank k's. In place of what an earlier call
   * gave. False where they are not all on one machine, or it has not enough of it. */
  bool (*share)(size_t bytes, void **of);
  /* Until all are here; then each sees what the others wrote into shared memory. */
  void (*meet)(void);
  /* Ends all processes with this exit status. */
  void (*abort)(int status);
  /* Leaves the others, after the last call of each. */
  void (*close)(void);
} pm_transport;

/* What a plugin is asked for: `const void *pm_transport_table(void)`. */
#define PM_TRANSPORT_FUNCTION "pm_transport_table"

#ifdef __cplusplus
}
#endif
#endif
