/* A card on the processor, for tests: kernels compiled by the host's C++ compiler run thread by thread.
 *
 * - A block's threads run in turn, each up to its next barrier, in an order that EMULATED_ORDER picks (0: up, the
 *   default; 1: down; more: shuffled by that number as seed, the blocks, too). Where a barrier is missing, the result
 *   depends on the order.
 * - Shared memory is full of NaNs when a block begins; so is what cudaMalloc gives.
 * - A stream's work is done when somebody waits for it, not before: what is changed too early shows.
 * - Memory of the device can only be touched while the stream works: the host's code that follows such an address
 *   crashes. Behind each block lies a page that nobody may touch.
 * - The nodes of a graph run in an order that its edges allow and that is not that of the program, so that a missing
 *   edge shows.
 * - A capture records and runs nothing; what a card refuses in one is refused.
 * - With -fsanitize=thread, threads of a block are threads to the sanitizer, ordered by barriers alone: it names both
 *   lines where one is missing. */
#ifndef EMULATION_H
#define EMULATION_H

#include "cuda_runtime_api.h"

#include <cstring>
#include <functional>

namespace emulated {

struct size3 {
  unsigned x, y, z;
};
cudaError_t launch(size3 grid, size3 block, std::function<void()> body);

void block_barrier(const char *file, int line);
void warp_barrier(const char *file, int line);
unsigned lane();
/* The warp's slots for this exchange; all 32 threads have theirs written when it returns. */
const unsigned long long *exchange(unsigned mask, unsigned long long mine, const char *file, int line);

template <class T> T shuffle(unsigned mask, T value, unsigned from, const char *file, int line) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 4 or 8 bytes");
  unsigned long long mine = 0;
  memcpy(&mine, &value, sizeof value);
  memcpy(&value, &exchange(mask, mine, file, line)[from % 32], sizeof value);
  return value;
}

} // namespace emulated

#endif
