/* The transport of any MPI: pixelmill-mpi.so, built by `make mpi` with its mpicc. MPI's own error handler, which ends
 * all processes with a message, stays. */
#include "parallel/transport.h"

#include <mpi.h>
#include <string.h>
#include <time.h>

static void open_mpi(int *rank, int *size) {
  MPI_Init(NULL, NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
}

/* Until all are here. MPI's own waiting takes a whole processor, which the others may need: so who is early looks at
 * first often, then now and then. */
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
