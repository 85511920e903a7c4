/* Several processes that train one model together, started by mpirun, srun or the like. Each is a rank; rank 0 leads:
 * it alone talks and writes files. They meet only in these calls, which all of them make in the same order.
 *
 *   pm_ranks *r = pm_ranks_open(arena, PM_RANKS_AUTO);
 *   float *x = pm_ranks_room(r, n);
 *   …                                       // x[n]: what this process has to add
 *   const float *sum = pm_ranks_sum(r, n);  // the sum of all ranks' x, the same bytes everywhere
 *   pm_ranks_close(r);
 *
 * In a program that runs alone all of it is there and does nothing. */
#ifndef PM_PARALLEL_RANKS_H
#define PM_PARALLEL_RANKS_H

#include "core/memory.h"
#include "parallel/transport.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Alone; by the MPI plugin; or by that if the environment says that this process was started as one of several. */
typedef enum { PM_RANKS_AUTO, PM_RANKS_ONE, PM_RANKS_MPI } pm_ranks_kind;
#define PM_RANKS_KINDS "auto|one|mpi" /* their names, in this order */

typedef struct {
  int rank, size;
  const pm_transport *transport; /* NULL: one process */
  pm_arena *arena;
  /* Rooms for sums, of `room` floats: two of each rank, used in turn, where all share memory; else one of this rank's.
   */
  float **rooms;
  size_t room;
  int turn;
  bool shared;
  float *parts, **part; /* what comes from the others, [size, …]; where each begins */
  int64_t *numbers;     /* of pm_ranks_most */
} pm_ranks;

/* Early in main, before options are read: what fails in several ranks alike is said once. A rank other than 0, as the
 * environment numbers them, waits a moment before it says what it fails of; by then rank 0 has ended all, if it failed,
 * too. */
void pm_ranks_speak_in_turn(void);

/* Joins the other processes. Fails with status 1 where the plugin is not built or cannot be opened, and where the
 * processes that were started together do not find each other. From here to pm_ranks_close the failure of one rank
 * (pm_fail) ends all, with its status; ranks other than 0 say nothing but what they fail of, with their number. */
pm_ranks *pm_ranks_open(pm_arena *arena, pm_ranks_kind kind);
void pm_ranks_close(pm_ranks *ranks);

static inline bool pm_ranks_lead(const pm_ranks *ranks) {
  return ranks->rank == 0;
}

/* Where this rank writes what it has to add, [n], for the next pm_ranks_sum: memory that the others read where all are
 * on one machine. */
float *pm_ranks_room(pm_ranks *ranks, size_t n);
/* The sum of all ranks' rooms [n], added in the order of lib/parallel/tree.h: rank k's is part k. It stays until the
 * next room is asked for. Each rank adds one part of the array for all and sends and receives 2 (size - 1) / size of
 * it. */
const float *pm_ranks_sum(pm_ranks *ranks, size_t n);

/* Rank 0's content for all. */
void pm_ranks_broadcast(pm_ranks *ranks, void *content, size_t bytes);
/* The largest of all ranks' numbers. */
int64_t pm_ranks_most(pm_ranks *ranks, int64_t number);

#ifdef __cplusplus
}
#endif
#endif
