#include "tests/cuda/emulation/link.h"

#include "backend/cuda/device.h"
#include "backend/cuda/ranks.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static struct {
  int rank, size;
  size_t room; /* bytes that each shows */
  pthread_barrier_t *all_here;
  char *shown; /* [size,room] */
} shared;

void emulated_link_prepare(int size, size_t floats) {
  pthread_barrierattr_t kind;
  shared.size = size;
  shared.room = floats * sizeof(float);
  char *memory =
      mmap(NULL, 4096 + (size_t)size * shared.room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared.all_here = (pthread_barrier_t *)(void *)memory;
  shared.shown = memory + 4096;
  pthread_barrierattr_init(&kind);
  pthread_barrierattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(shared.all_here, &kind, (unsigned)size);
}

static char *shown_by(int k) {
  return shared.shown + (size_t)k * shared.room;
}

static void gather_here(void *all, size_t bytes) {
  memcpy(shown_by(shared.rank), (char *)all + (size_t)shared.rank * bytes, bytes);
  pthread_barrier_wait(shared.all_here);
  for (int k = 0; k < shared.size; k++)
    memcpy((char *)all + (size_t)k * bytes, shown_by(k), bytes);
  pthread_barrier_wait(shared.all_here);
}

static void broadcast_here(void *content, size_t bytes) {
  if (shared.rank == 0)
    memcpy(shown_by(0), content, bytes);
  pthread_barrier_wait(shared.all_here);
  memcpy(content, shown_by(0), bytes);
  pthread_barrier_wait(shared.all_here);
}

const pm_transport *emulated_transport(int rank) {
  static const pm_transport transport = {.gather = gather_here, .broadcast = broadcast_here};
  shared.rank = rank;
  return &transport;
}

static int open_link(const pm_transport *transport, int rank, int size, char *why, size_t why_size) {
  (void)transport;
  if (rank == shared.rank && size == shared.size)
    return 0;
  return snprintf(why, why_size, "rank %d of %d, expected %d of %d", rank, size, shared.rank, shared.size);
}

/* What a card does when its queue comes to it; here the host waits for the queue. */
static void show(const float *from, size_t floats, cudaStream_t queue) {
  pm_cuda_check(cudaMemcpyAsync(shown_by(shared.rank), from, floats * sizeof *from, cudaMemcpyDeviceToHost, queue),
                "show");
  pm_cuda_check(cudaStreamSynchronize(queue), "show");
  pthread_barrier_wait(shared.all_here);
}

static void take(float *to, int k, size_t at, size_t floats, cudaStream_t queue) {
  const char *from = shown_by(k) + at * sizeof *to;
  pm_cuda_check(cudaMemcpyAsync(to, from, floats * sizeof *to, cudaMemcpyHostToDevice, queue), "take");
}

static void taken(cudaStream_t queue) {
  pm_cuda_check(cudaStreamSynchronize(queue), "taken");
  pthread_barrier_wait(shared.all_here);
}

static void exchange(const float *out, float *in, size_t each, cudaStream_t queue) {
  show(out, (size_t)shared.size * each, queue);
  for (int k = 0; k < shared.size; k++)
    take(in + (size_t)k * each, k, (size_t)shared.rank * each, each, queue);
  taken(queue);
}

static void gather_cards(float *all, size_t each, cudaStream_t queue) {
  show(all + (size_t)shared.rank * each, each, queue);
  for (int k = 0; k < shared.size; k++)
    take(all + (size_t)k * each, k, 0, each, queue);
  taken(queue);
}

const pm_cuda_link *pm_cuda_find_link(char *why, size_t size) {
  static const pm_cuda_link link = {open_link, exchange, gather_cards};
  if (shared.size)
    return &link;
  snprintf(why, size, "emulated_link_prepare was not called");
  return NULL;
}
