/* Sums over processes that have a card each (lib/parallel), from card to card. */
#ifndef PM_BACKEND_CUDA_RANKS_H
#define PM_BACKEND_CUDA_RANKS_H

#include "nn/backend.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of pm_backend: join, sum_ranks. */
bool pm_cuda_join(const pm_transport *transport, int rank, int size);
void pm_cuda_sum_ranks(pm_buffer *const *buffer, size_t buffers);

/* ---- what it is made of */

/* Bytes from card to card, put into a queue. NCCL's sums have an order of their own, so it adds nothing up. */
typedef struct {
  /* Joins the cards of all ranks. 0, or why they cannot be joined in words. */
  int (*open)(const pm_transport *transport, int rank, int size, char *why, size_t why_size);
  /* out[size,each] and in[size,each]: part k of `out` goes to rank k, part k of `in` comes from there. */
  void (*exchange)(const float *out, float *in, size_t each, cudaStream_t queue);
  /* all[size,each]: part k is what rank k has in its own part. */
  void (*gather)(float *all, size_t each, cudaStream_t queue);
} pm_cuda_link;
/* By NCCL (nccl.c); the tests' emulation brings another. NULL, and why, where there is none. */
const pm_cuda_link *pm_cuda_find_link(char *why, size_t size);

/* The sum of parts[n,count] in parts[0,count], as pm_sum_parts (parallel/tree.h) adds: the same bits, denormal numbers
 * flushed to zero included. */
void pm_cuda_sum_parts(float *parts, size_t n, size_t count, cudaStream_t queue);

#ifdef __cplusplus
}
#endif
#endif
