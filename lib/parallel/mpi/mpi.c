/* The transport of any MPI: pixelmill-mpi.so, built by `make mpi` with its mpicc. MPI's own error handler, which ends
 * all processes with a message, stays.
 *
 * Where all processes are on one machine they share memory: MPI would copy each byte twice more, in many small pieces,
 * and wait for the other process at each, which costs much where processors have other work, too. */
#include "parallel/transport.h"

#include <fcntl.h>
#include <mpi.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int own_rank, rank_count;

/* Memory of all ranks, one after the other: POSIX's, for MPI's own windows hang where there is not enough of it. */
static struct {
  MPI_Comm machine; /* MPI_COMM_NULL: not all are on one machine */
  char *begin;      /* NULL: none */
  size_t bytes;
} shared = {MPI_COMM_NULL, NULL, 0};

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

static void meet_in_memory(void) {
  atomic_thread_fence(memory_order_seq_cst);
  meet();
  atomic_thread_fence(memory_order_seq_cst);
}

static bool all_can(bool can) {
  int here = can, everywhere;
  MPI_Allreduce(&here, &everywhere, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return everywhere;
}

/* A file of shared memory, all of it there from the beginning: a container may have little, and who wrote where there
 * is none would be killed. -1: not to be had. */
static int make_memory(const char *name, size_t bytes) {
  const int file = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
#ifdef __APPLE__
  const bool there = ftruncate(file, (off_t)bytes) == 0;
#else
  const bool there = posix_fallocate(file, 0, (off_t)bytes) == 0;
#endif
  if (file >= 0 && !there) {
    shm_unlink(name);
    close(file);
    return -1;
  }
  return file;
}

/* Maps what rank 0 makes. The name is gone before this returns, so nothing is left behind however the processes end. */
static void *map_memory(size_t bytes) {
  char name[64];
  int file = -1;
  snprintf(name, sizeof name, "/pixelmill-%ld-%lld", (long)getpid(), (long long)time(NULL));
  if (own_rank == 0)
    file = make_memory(name, bytes);
  MPI_Bcast(name, sizeof name, MPI_CHAR, 0, MPI_COMM_WORLD);
  if (own_rank > 0)
    file = shm_open(name, O_RDWR, 0);
  void *begin = file < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const bool mapped = all_can(begin != MAP_FAILED);
  if (own_rank == 0 && file >= 0)
    shm_unlink(name);
  if (file >= 0)
    close(file);
  if (!mapped && begin != MAP_FAILED)
    munmap(begin, bytes);
  return mapped ? begin : NULL;
}

static void forget_memory(void) {
  if (shared.begin)
    munmap(shared.begin, shared.bytes);
  shared.begin = NULL;
}

static bool share(size_t bytes, void **of) {
  if (shared.machine == MPI_COMM_NULL)
    return false;
  forget_memory();
  shared.bytes = bytes * (size_t)rank_count;
  shared.begin = map_memory(shared.bytes);
  for (int k = 0; shared.begin && k < rank_count; k++)
    of[k] = shared.begin + (size_t)k * bytes;
  return shared.begin != NULL;
}

static void exchange(const void *out, void *in, size_t bytes) {
  meet();
  MPI_Alltoall(out, (int)bytes, MPI_BYTE, in, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
}

static void gather(void *all, size_t bytes) {
  meet();
  MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
}

static void broadcast(void *content, size_t bytes) {
  meet();
  MPI_Bcast(content, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void end_all(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
}

static void close_mpi(void) {
  forget_memory();
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
                               .share = share,
                               .meet = meet_in_memory,
                               .abort = end_all,
                               .close = close_mpi};
  table.name = library_name();
  return &table;
}
