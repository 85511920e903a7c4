#include "backend/cuda/ranks.h"

#include "backend/cuda/device.h"
#include "core/fail.h"
#include "core/sizes.h"

/* Memory of the card for as long as the process lives: what is to be added up, and what comes from the others. */
static struct {
  const pm_cuda_link *link;
  int rank, size;
  float *all, *parts; /* [size,each] */
  size_t each;
} joined;

/* Whether all ranks can do what this one can. */
static bool all_can(const pm_transport *transport, int rank, int size, bool can) {
  pm_arena *scratch = pm_arena_new();
  char *answer = pm_alloc(scratch, (size_t)size, 1);
  bool all = true;
  answer[rank] = can;
  transport->gather(answer, 1);
  for (int k = 0; k < size; k++)
    all = all && answer[k];
  pm_arena_free(scratch);
  return all;
}

bool pm_cuda_join(const pm_transport *transport, int rank, int size) {
  char why[300] = "another process cannot";
  joined.link = pm_cuda_find_link(why, sizeof why);
  bool can = all_can(transport, rank, size, joined.link);
  can = can && all_can(transport, rank, size, joined.link->open(transport, rank, size, why, sizeof why) == 0);
  if (!can)
    pm_warn(NULL, "gradients go through the host: %s", why);
  joined.rank = rank;
  joined.size = size;
  return can;
}

static size_t floats_of(pm_buffer *const *buffer, size_t buffers) {
  size_t floats = 0;
  for (size_t i = 0; i < buffers; i++)
    floats += buffer[i]->count;
  return floats;
}

static void copy(float *to, const float *from, size_t floats) {
  pm_cuda_check(cudaMemcpyAsync(to, from, floats * sizeof *to, cudaMemcpyDeviceToDevice, pm_cuda_queue()), "a sum");
}

static void make_room(size_t floats) {
  if (joined.each * (size_t)joined.size >= floats)
    return;
  cudaFree(joined.all);
  cudaFree(joined.parts);
  joined.each = pm_pieces(floats, (size_t)joined.size);
  const size_t bytes = joined.each * (size_t)joined.size * sizeof(float);
  joined.all = pm_cuda_memory(bytes, "gradients of all processes");
  joined.parts = pm_cuda_memory(bytes, "gradients of all processes");
}

/* Part k of the array goes to rank k, which adds it up for all. */
void pm_cuda_sum_ranks(pm_buffer *const *buffer, size_t buffers) {
  make_room(floats_of(buffer, buffers));
  float *at = joined.all;
  for (size_t i = 0; i < buffers; at += buffer[i++]->count)
    copy(at, buffer[i]->device, buffer[i]->count);
  joined.link->exchange(joined.all, joined.parts, joined.each, pm_cuda_queue());
  pm_cuda_sum_parts(joined.parts, (size_t)joined.size, joined.each, pm_cuda_queue());
  copy(joined.all + (size_t)joined.rank * joined.each, joined.parts, joined.each);
  joined.link->gather(joined.all, joined.each, pm_cuda_queue());
  at = joined.all;
  for (size_t i = 0; i < buffers; at += buffer[i++]->count)
    copy(buffer[i]->device, at, buffer[i]->count);
}
