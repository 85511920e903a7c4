/* Bytes between cards by NVIDIA's NCCL, which is opened when it is asked for: most machines have one card, and none. */
#include "backend/cuda/ranks.h"

#include "backend/cuda/device.h"
#include "core/fail.h"

#include <dlfcn.h>
#include <stdio.h>

#if __has_include(<nccl.h>)
#include <nccl.h>

#define FUNCTIONS(of)                                                                                                  \
  of(ncclGetUniqueId) of(ncclCommInitRank) of(ncclGetErrorString) of(ncclGroupStart) of(ncclGroupEnd) of(ncclSend)     \
      of(ncclRecv) of(ncclAllGather)
#define FIELD(name) __typeof__(&name) name;
static struct { FUNCTIONS(FIELD) } nccl;
static ncclComm_t communicator;
static int own_rank, rank_count;

static int open_nccl(const pm_transport *transport, int rank, int size, char *why, size_t why_size) {
  ncclUniqueId id = {{0}};
  ncclResult_t result = rank ? ncclSuccess : nccl.ncclGetUniqueId(&id);
  own_rank = rank;
  rank_count = size;
  transport->broadcast(&id, sizeof id);
  if (!result)
    result = nccl.ncclCommInitRank(&communicator, size, id, rank);
  return result ? snprintf(why, why_size, "NCCL cannot join the cards: %s", nccl.ncclGetErrorString(result)) : 0;
}

static void check(ncclResult_t result, const char *what) {
  if (result)
    pm_fail(PM_FAILED, NULL, "NCCL failed in %s: %s", what, nccl.ncclGetErrorString(result));
}

static void exchange(const float *out, float *in, size_t each, cudaStream_t queue) {
  check(nccl.ncclGroupStart(), "an exchange");
  for (int k = 0; k < rank_count; k++) {
    check(nccl.ncclSend(out + (size_t)k * each, each, ncclFloat32, k, communicator, queue), "an exchange");
    check(nccl.ncclRecv(in + (size_t)k * each, each, ncclFloat32, k, communicator, queue), "an exchange");
  }
  check(nccl.ncclGroupEnd(), "an exchange");
}

static void gather(float *all, size_t each, cudaStream_t queue) {
  check(nccl.ncclAllGather(all + (size_t)own_rank * each, all, each, ncclFloat32, communicator, queue), "a gather");
}

static const pm_cuda_link by_nccl = {open_nccl, exchange, gather};

const pm_cuda_link *pm_cuda_find_link(char *why, size_t size) {
  void *library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(why, size, "%s", dlerror());
    return NULL;
  }
#define FIND(name)                                                                                                     \
  if (!(*(void **)&nccl.name = dlsym(library, #name))) {                                                               \
    snprintf(why, size, "libnccl.so.2 has no " #name);                                                                 \
    return NULL;                                                                                                       \
  }
  FUNCTIONS(FIND)
  return &by_nccl;
}

#else /* where the plugin was built, there was no NCCL */

const pm_cuda_link *pm_cuda_find_link(char *why, size_t size) {
  snprintf(why, size, "the plugin was built without NCCL");
  return NULL;
}
#endif
