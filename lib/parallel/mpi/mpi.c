/* The transport of any MPI: pixelmill-mpi.so, built by `make mpi` with its mpicc. MPI's own error handler, which ends
 * all processes with a message, stays.
 *
 * Where all processes are on one machine the bytes go through memory that they share, one copy in and one out: MPI
 * would send them in many small pieces, and wait for the other process at each, which costs much where processors have
 * other work, too. */
#include "parallel/transport.h"

#include <mpi.h>
#include <string.h>
#include <time.h>

static int own_rank, rank_count;

/* The shared memory: of each rank two parts of room bytes, used in turn. Who writes into one part has met all others
 * since they read what was there before. */
static struct {
  MPI_Comm machine; /* MPI_COMM_NULL: not all are on one machine */
  MPI_Win window;
  size_t room, turn;
} shared = {MPI_COMM_NULL, MPI_WIN_NULL, 0, 0};

static void open_mpi(int *rank, int *size) {
  int together;
  MPI_Init(NULL, NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, &own_rank);
  MPI_Comm_size(MPI_COMM_WORLD, &rank_count);
  *rank = own_rank;
  *size = rank_count;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &shared.machine);
  MPI_Comm_size(shared.machine, &together);
  /* All decide alike, though on one machine there may be as many as on none. */
  MPI_Allreduce(MPI_IN_PLACE, &together, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (together < rank_count)
    MPI_Comm_free(&shared.machine);
}

/* Until all are here. MPI's own waiting takes a whole processor, which the others may need: so who is early looks often
 * at first, then now and then. */
static void meet(void) {
  enum { OFTEN = 2000, PAUSE = 50000 /* ns */ };
  MPI_Request arrival;
  int all_here = 0;
  MPI_Ibarrier(MPI_COMM_WORLD, &arrival);
  for (int looks = 0; !all_here; looks += looks < OFTEN) {
    MPI_Test(&arrival, &all_here, MPI_STATUS_IGNORE);
    if (!all_here && looks == OFTEN)
      nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
  }
}

/* The part of rank k whose turn it is. */
static char *part_of(int k) {
  MPI_Aint bytes;
  int unit;
  char *begin;
  MPI_Win_shared_query(shared.window, k, &bytes, &unit, &begin);
  return begin + shared.turn * shared.room;
}

static void close_window(void) {
  if (shared.window == MPI_WIN_NULL)
    return;
  MPI_Win_unlock_all(shared.window);
  MPI_Win_free(&shared.window);
}

/* Puts bytes into this rank's part, for the others to see. */
static void show(const void *content, size_t bytes) {
  if (bytes > shared.room) {
    char *own;
    close_window();
    MPI_Win_allocate_shared((MPI_Aint)(2 * bytes), 1, MPI_INFO_NULL, shared.machine, &own, &shared.window);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, shared.window);
    shared.room = bytes;
  }
  shared.turn = !shared.turn;
  memcpy(part_of(own_rank), content, bytes);
  MPI_Win_sync(shared.window);
  meet();
  MPI_Win_sync(shared.window);
}

static void exchange(const void *out, void *in, size_t bytes) {
  if (shared.machine == MPI_COMM_NULL) {
    meet();
    MPI_Alltoall(out, (int)bytes, MPI_BYTE, in, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
    return;
  }
  show(out, (size_t)rank_count * bytes);
  for (int k = 0; k < rank_count; k++)
    memcpy((char *)in + (size_t)k * bytes, part_of(k) + (size_t)own_rank * bytes, bytes);
}

static void gather(void *all, size_t bytes) {
  if (shared.machine == MPI_COMM_NULL) {
    meet();
    MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
    return;
  }
  show((char *)all + (size_t)own_rank * bytes, bytes);
  for (int k = 0; k < rank_count; k++)
    if (k != own_rank)
      memcpy((char *)all + (size_t)k * bytes, part_of(k), bytes);
}

static void broadcast(void *content, size_t bytes) {
  meet();
  MPI_Bcast(content, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void end_all(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
}

static void close_mpi(void) {
  close_window();
  if (shared.machine != MPI_COMM_NULL)
    MPI_Comm_free(&shared.machine);
  MPI_Finalize();
}

/* The first line of what the library says of itself, up to a comma: "Open MPI v4.1.4". */
static const char *library_name(void) {
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  text[strcspn(text, ",\n")] = 0;
  return text;
}

const void *pm_transport_table(void);
const void *pm_transport_table(void) {
  static pm_transport table = {.abi = PM_TRANSPORT_ABI,
                               .open = open_mpi,
                               .exchange = exchange,
                               .gather = gather,
                               .broadcast = broadcast,
                               .abort = end_all,
                               .close = close_mpi};
  table.name = library_name();
  return &table;
}
