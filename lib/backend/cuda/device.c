#include "backend/cuda/device.h"

#include "core/fail.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
  bool open;
  int number, major;
  cudaStream_t queue;
  char name[300];
} card;

void pm_cuda_check(cudaError_t error, const char *what) {
  if (error)
    pm_fail(PM_FAILED, NULL, "the card failed in %s: %s", what, cudaGetErrorString(error));
}

bool pm_cuda_suits(const char *architectures, int major, int minor) {
  int last = 0;
  for (const char *at = architectures; *at; at += strspn(at, " ")) {
    char *end;
    last = (int)strtol(at, &end, 10);
    if (end == at)
      return false;
    if (last / 10 == major && last % 10 <= minor)
      return true;
    at = end;
  }
  return last && last <= 10 * major + minor;
}

/* A driver can be older than the CUDA that the plugin was built with, but not of an older major version. */
static bool driver_is_too_old(char *why, size_t size) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) || !driver || driver / 1000 >= CUDART_VERSION / 1000)
    return false;
  snprintf(why, size, "the NVIDIA driver is too old: it is for CUDA up to %d.%d, and the plugin needs %d.0",
           driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000);
  return true;
}

int pm_cuda_open_card(int number, char *why, size_t size) {
  int cards = 0;
  struct cudaDeviceProp properties;
  if (card.open && card.number == number)
    return 0;
  cudaError_t error = cudaGetDeviceCount(&cards);
  if (driver_is_too_old(why, size))
    return 1;
  if (error || !cards)
    return snprintf(why, size, "there is no NVIDIA card: %s", cudaGetErrorString(error ? error : cudaErrorNoDevice));
  if (number < 0 || number >= cards)
    return snprintf(why, size, "there is no card %d; there %s %d, counted from 0", number, cards == 1 ? "is" : "are",
                    cards);
  error = cudaGetDeviceProperties(&properties, number);
  if (!error && !pm_cuda_suits(PM_CUDA_ARCHITECTURES, properties.major, properties.minor))
    return snprintf(why, size, "card %d (%s) is of architecture %d.%d, and the plugin was built for %s", number,
                    properties.name, properties.major, properties.minor, PM_CUDA_ARCHITECTURES);
  if (error || (error = cudaSetDevice(number)) ||
      (error = cudaStreamCreateWithFlags(&card.queue, cudaStreamNonBlocking)))
    return snprintf(why, size, "card %d cannot be used: %s", number, cudaGetErrorString(error));
  snprintf(card.name, sizeof card.name, "sm_%d%d %s", properties.major, properties.minor, properties.name);
  card.number = number;
  card.major = properties.major;
  card.open = true;
  return 0;
}

cudaStream_t pm_cuda_queue(void) {
  return card.queue;
}

bool pm_cuda_card_has_bf16(void) {
  return card.major >= 8;
}

const char *pm_cuda_card(void) {
  return card.name;
}

void *pm_cuda_memory(size_t bytes, const char *what) {
  void *block = NULL;
  size_t available = 0, all = 0;
  cudaError_t error = cudaMalloc(&block, bytes ? bytes : 1);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError(); /* it is dealt with */
    cudaMemGetInfo(&available, &all);
    pm_fail(PM_FAILED, NULL, "out of memory on the card: %s needs %zu MB, and of its %zu MB %zu are free", what,
            (bytes >> 20) + 1, all >> 20, available >> 20);
  }
  pm_cuda_check(error, what);
  return block;
}

/* ---- scalars ---- */

enum { SCALARS = 512, SLOT = 8, SCALAR_BLOCK = SCALARS * SLOT, COPIES = 8 };

/* The block on the card, what the host last wrote, and copies of that, pinned, which the card has yet to take. */
static struct {
  char *device, *copy;
  char now[SCALAR_BLOCK];
  bool taken[SCALARS], changed;
  size_t used; /* bytes up to the last that was ever taken */
  cudaEvent_t sent[COPIES];
  unsigned turn;
} scalars;

static bool is_scalar(const void *address) {
  return scalars.device && (const char *)address >= scalars.device &&
         (const char *)address < scalars.device + SCALAR_BLOCK;
}

static void prepare_scalars(void) {
  if (scalars.device)
    return;
  scalars.device = pm_cuda_memory(SCALAR_BLOCK, "scalars");
  pm_cuda_check(cudaMallocHost((void **)&scalars.copy, (size_t)COPIES * SCALAR_BLOCK), "scalars");
  for (int k = 0; k < COPIES; k++) {
    pm_cuda_check(cudaEventCreateWithFlags(&scalars.sent[k], cudaEventDisableTiming), "scalars");
    pm_cuda_check(cudaEventRecord(scalars.sent[k], card.queue), "scalars");
  }
}

/* A place for a scalar; NULL if none is left. */
static void *take_scalar(void) {
  prepare_scalars();
  for (size_t i = 0; i < SCALARS; i++)
    if (!scalars.taken[i]) {
      scalars.taken[i] = scalars.changed = true;
      memset(scalars.now + i * SLOT, 0, SLOT);
      scalars.used = (i + 1) * SLOT > scalars.used ? (i + 1) * SLOT : scalars.used;
      return scalars.device + i * SLOT;
    }
  return NULL;
}

void pm_cuda_send_scalars(void) {
  if (!scalars.changed)
    return;
  char *copy = scalars.copy + (size_t)scalars.turn * SCALAR_BLOCK;
  cudaEvent_t sent = scalars.sent[scalars.turn];
  scalars.turn = (scalars.turn + 1) % COPIES;
  pm_cuda_check(cudaEventSynchronize(sent), "scalars"); /* the copy of COPIES runs ago */
  memcpy(copy, scalars.now, scalars.used);
  pm_cuda_check(cudaMemcpyAsync(scalars.device, copy, scalars.used, cudaMemcpyHostToDevice, card.queue), "scalars");
  pm_cuda_check(cudaEventRecord(sent, card.queue), "scalars");
  scalars.changed = false;
}

/* ---- buffers ---- */

void pm_cuda_allocate(const pm_backend *self, pm_buffer *buffer) {
  (void)self;
  const size_t bytes = buffer->count * pm_dtype_size(buffer->dtype);
  buffer->device = buffer->role == PM_SCALAR && bytes <= SLOT ? take_scalar() : NULL;
  if (buffer->device)
    return;
  buffer->device = pm_cuda_memory(bytes, buffer->name);
  pm_cuda_check(cudaMemsetAsync(buffer->device, 0, bytes, card.queue), buffer->name);
}

void pm_cuda_release(pm_buffer *buffer) {
  if (is_scalar(buffer->device))
    scalars.taken[((char *)buffer->device - scalars.device) / SLOT] = false;
  else
    pm_cuda_check(cudaFree(buffer->device), buffer->name);
  buffer->device = NULL;
}

void pm_cuda_write(pm_buffer *buffer, size_t offset, const void *items, size_t count) {
  const size_t size = pm_dtype_size(buffer->dtype);
  char *to = (char *)buffer->device + offset * size;
  if (is_scalar(to)) {
    memcpy(scalars.now + (to - scalars.device), items, count * size);
    scalars.changed = true;
    return;
  }
  pm_cuda_check(cudaMemcpyAsync(to, items, count * size, cudaMemcpyHostToDevice, card.queue), buffer->name);
}

void pm_cuda_read(const pm_buffer *buffer, size_t offset, void *items, size_t count) {
  const size_t size = pm_dtype_size(buffer->dtype);
  const char *from = (const char *)buffer->device + offset * size;
  if (is_scalar(from)) {
    memcpy(items, scalars.now + (from - scalars.device), count * size);
    return;
  }
  pm_cuda_check(cudaMemcpyAsync(items, from, count * size, cudaMemcpyDeviceToHost, card.queue), buffer->name);
  pm_cuda_check(cudaStreamSynchronize(card.queue), buffer->name);
}
