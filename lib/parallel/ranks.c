#include "parallel/ranks.h"

#include "core/fail.h"
#include "core/number.h"
#include "core/plugin.h"
#include "core/sizes.h"
#include "parallel/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 1 << 21 }; /* floats that travel at a time, of all ranks together */

/* Floats that each rank adds up at a time. */
static size_t chunk(const pm_ranks *r) {
  return pm_pieces(MOST, (size_t)r->size);
}

/* What launchers tell a process: Open MPI's mpirun, MPICH's and its kin's (also srun's), srun. */
#define SRUN_SIZE "SLURM_STEP_NUM_TASKS"
static const char *const size_names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", SRUN_SIZE};
static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"};

/* The first of these variables that is a number: its name and value; NULL if there is none. */
static const char *told(const char *const *names, size_t n, int64_t *value) {
  for (size_t i = 0; i < n; i++) {
    const char *text = getenv(names[i]);
    if (text && pm_parse_integer(text, 0, INT32_MAX, value))
      return names[i];
  }
  return NULL;
}

/* ---- one rank's failure */

static const pm_transport *joined;
static enum pm_status failed_with = PM_FAILED;

/* Whoever ends all by a signal meanwhile does not wait for this one. */
static void wait_for_rank_0(void) {
  struct timespec left = {.tv_sec = 3};
  signal(SIGTERM, SIG_DFL);
  while (nanosleep(&left, &left) && errno == EINTR)
    ;
}

/* Then the usual end: clean-ups, the line on stderr, exit. */
static void failing(void *waits, enum pm_status status, const char *line) {
  failed_with = status;
  if (waits)
    wait_for_rank_0();
  pm_set_fail_handler(NULL, NULL);
  pm_fail(status, NULL, "%s", pm_without_tool(line));
}

static bool waits_in_turn;

void pm_ranks_speak_in_turn(void) {
  int64_t rank;
  waits_in_turn = told(rank_names, sizeof rank_names / sizeof *rank_names, &rank) && rank > 0;
  if (waits_in_turn)
    pm_set_fail_handler(failing, &waits_in_turn);
}

static void end_all(void) {
  if (joined)
    joined->abort(failed_with);
}

/* ---- joining */

static const pm_transport *find_plugin(pm_arena *arena, const char *why) {
  const char *problem;
  const pm_transport *t = pm_plugin_open(arena, "pixelmill-mpi.so", PM_TRANSPORT_FUNCTION, PM_TRANSPORT_ABI, &problem);
  if (!t)
    pm_fail(PM_FAILED, NULL, "%s, and %s; `make mpi` builds it where mpicc is", why, problem);
  return t;
}

static void tell_rank(pm_arena *arena, const pm_ranks *r) {
  pm_set_fail_handler(failing, r->rank ? &waits_in_turn : NULL);
  if (r->rank == 0)
    return;
  pm_set_tool_name(pm_format(arena, "%s: rank %d", pm_tool_name(), r->rank));
  pm_set_verbosity(-2);
}

pm_ranks *pm_ranks_open(pm_arena *arena, pm_ranks_kind kind) {
  pm_ranks *r = pm_alloc(arena, 1, sizeof *r);
  *r = (pm_ranks){.size = 1, .arena = arena};
  int64_t size = 1;
  const char *name = told(size_names, sizeof size_names / sizeof *size_names, &size);
  r->rooms = pm_alloc(arena, 1, sizeof *r->rooms);
  if (kind == PM_RANKS_ONE || (kind == PM_RANKS_AUTO && size < 2))
    return r;
  if (name && strcmp(name, SRUN_SIZE) == 0 && !getenv("PMIX_RANK") && !getenv("PMI_RANK"))
    pm_fail(PM_FAILED, NULL,
            "started as one of %" PRId64 " processes by an srun that does not connect them: it needs --mpi=pmix, or "
            "another of those that srun --mpi=list names",
            size);
  const char *why = kind == PM_RANKS_MPI ? "--ranks mpi needs a plugin"
                                         : pm_format(arena, "started as one of %" PRId64 " processes (%s)", size, name);
  r->transport = find_plugin(arena, why);
  r->transport->open(&r->rank, &r->size);
  if (size > 1 && r->size != size)
    pm_fail(PM_FAILED, NULL,
            "started as one of %" PRId64 " processes (%s), and %s knows of %d: it is not the MPI of what started them",
            size, name, r->transport->name, r->size);
  joined = r->transport;
  atexit(end_all);
  tell_rank(arena, r);
  r->rooms = pm_alloc(arena, (size_t)r->size, sizeof *r->rooms);
  r->part = pm_alloc(arena, (size_t)r->size, sizeof *r->part);
  r->numbers = pm_alloc(arena, (size_t)r->size, sizeof *r->numbers);
  return r;
}

void pm_ranks_close(pm_ranks *r) {
  if (!r->transport)
    return;
  joined = NULL;
  pm_set_fail_handler(NULL, NULL);
  r->transport->close();
}

/* ---- meeting */

/* The room of rank k whose turn it is. */
static float *room_of(const pm_ranks *r, int k) {
  return r->rooms[r->shared ? k : 0] + (size_t)r->turn * r->room;
}

static void make_rooms(pm_ranks *r, size_t n) {
  const size_t size = (size_t)r->size;
  r->room = pm_pieces(n, size) * size;
  r->turn = 0;
  r->shared = size > 1 && r->transport->share(2 * r->room * sizeof(float), (void **)r->rooms);
  if (r->shared)
    return;
  r->rooms[0] = pm_alloc(r->arena, r->room, sizeof(float));
  if (size > 1 && !r->parts)
    r->parts = pm_alloc(r->arena, size, chunk(r) * sizeof *r->parts);
}

float *pm_ranks_room(pm_ranks *r, size_t n) {
  if (n > r->room)
    make_rooms(r, n);
  if (r->shared)
    r->turn = !r->turn;
  return room_of(r, r->rank);
}

/* Between the two meetings part k of all rooms is rank k's alone. The sum is in rank 0's room, where all read it; it
 * writes there again after it has met all in the next sum. */
static void sum_in_shared_memory(pm_ranks *r, size_t part) {
  for (int k = 0; k < r->size; k++)
    r->part[k] = room_of(r, k) + (size_t)r->rank * part;
  r->transport->meet();
  pm_sum_parts(r->part, (size_t)r->size, part);
  r->transport->meet();
}

/* Piece by piece: part k of a piece goes to rank k, which adds it up for all. */
static void sum_by_messages(pm_ranks *r, float *x, size_t parts) {
  const size_t size = (size_t)r->size;
  for (size_t left = parts, part; left > 0; left -= part, x += part * size) {
    part = pm_smaller(left, chunk(r));
    r->transport->exchange(x, r->parts, part * sizeof *x);
    for (size_t k = 0; k < size; k++)
      r->part[k] = r->parts + k * part;
    pm_sum_parts(r->part, size, part);
    memcpy(x + (size_t)r->rank * part, r->parts, part * sizeof *x);
    r->transport->gather(x, part * sizeof *x);
  }
}

const float *pm_ranks_sum(pm_ranks *r, size_t n) {
  const size_t part = pm_pieces(n, (size_t)r->size);
  if (r->shared)
    sum_in_shared_memory(r, part);
  else if (r->size > 1)
    sum_by_messages(r, room_of(r, r->rank), part);
  return room_of(r, 0);
}

void pm_ranks_broadcast(pm_ranks *r, void *content, size_t bytes) {
  const size_t most = MOST * sizeof(float);
  for (size_t at = 0; r->transport && at < bytes; at += most)
    r->transport->broadcast((char *)content + at, pm_smaller(bytes - at, most));
}

int64_t pm_ranks_most(pm_ranks *r, int64_t number) {
  if (!r->transport)
    return number;
  int64_t *all = r->numbers, most = number;
  all[r->rank] = number;
  r->transport->gather(all, sizeof number);
  for (int k = 0; k < r->size; k++)
    most = all[k] > most ? all[k] : most;
  return most;
}
