/* The card that this process computes on, its memory and its queue. One process, one card. */
#ifndef PM_BACKEND_CUDA_DEVICE_H
#define PM_BACKEND_CUDA_DEVICE_H

#include "nn/backend.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the program if a call of CUDA failed; `what` it was for. */
void pm_cuda_check(cudaError_t error, const char *what);

/* Opens card `number` and its queue, once. 0, or why there is none in words. */
int pm_cuda_open_card(int number, char *why, size_t size);
cudaStream_t pm_cuda_queue(void);
/* "sm_90 NVIDIA H100" */
const char *pm_cuda_card(void);
/* Whether it multiplies bfloat16 in hardware: from 8.0 on. */
bool pm_cuda_card_has_bf16(void);
/* Whether code for these architectures ("75 80 90", rising; the last as PTX, too) runs on a card of version
 * major.minor: code for x.y does on x.z with z >= y, PTX on all later ones. */
bool pm_cuda_suits(const char *architectures, int major, int minor);

/* Memory of the card, of arbitrary content; ends the program where it is out of memory, saying how much is free. */
void *pm_cuda_memory(size_t bytes, const char *what);

/* Of pm_backend: buffers. A scalar lies in one block with all others. What the host writes of them waits in its memory
 * until a run begins, which copies the block: a run reads the scalars that were written before it was called, however
 * far the host is ahead of the card. */
void pm_cuda_allocate(const pm_backend *self, pm_buffer *buffer);
void pm_cuda_release(pm_buffer *buffer);
void pm_cuda_write(pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_cuda_read(const pm_buffer *buffer, size_t offset, void *items, size_t count);
/* To be called when a run begins: puts the copy of the scalars into the queue, if any was written. */
void pm_cuda_send_scalars(void);

#ifdef __cplusplus
}
#endif
#endif
