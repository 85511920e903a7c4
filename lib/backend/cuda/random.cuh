/* Random numbers on the device: those of core/random.h and nn/ops/draws.h, bit for bit. */
#ifndef PM_BACKEND_CUDA_RANDOM_CUH
#define PM_BACKEND_CUDA_RANDOM_CUH

#include "backend/cuda/launch.cuh"
#include "core/random_bits.h"
#include "nn/ops/draws.h"

/* Where the scalars of a pm_draws lie. */
struct draw_scalars {
  const int64_t *seed, *step, *first;
};

/* The draws are inputs `at` and on. */
static inline draw_scalars scalars_of(const pm_call *call, int at) {
  return {in(call, at + DRAW_SEED), in(call, at + DRAW_STEP), in(call, at + DRAW_FIRST)};
}

/* Block number `block` of slot i of this batch: draw_bits. */
static __device__ inline void bits_of(uint32_t bits[4], draw_scalars d, uint32_t purpose, item i, item block) {
  const uint32_t key[2] = {(uint32_t)*d.seed, (uint32_t)((uint64_t)*d.seed >> 32)};
  const uint32_t counter[4] = {block, (uint32_t)(*d.first + i), (uint32_t)*d.step, purpose};
  random_philox(counter, key, bits);
}

/* The uniform number of an element. */
static __device__ inline float uniform_of(draw_scalars d, uint32_t purpose, item i, item element) {
  uint32_t bits[4];
  bits_of(bits, d, purpose, i, element / 4);
  return random_unit(bits[element % 4]);
}

/* The stream of a slot: pm_rng. */
struct stream {
  uint32_t key[2], counter[4], block[4];
  int used;

  __device__ uint32_t next() {
    if (used == 4) {
      random_philox(counter, key, block);
      counter[0]++;
      used = 0;
    }
    return block[used++];
  }
  /* pm_rng_below */
  __device__ uint32_t below(uint32_t n) {
    uint32_t threshold = -n % n;
    for (;;) {
      uint64_t product = (uint64_t)next() * n;
      if ((uint32_t)product >= threshold)
        return (uint32_t)(product >> 32);
    }
  }
};

static __device__ inline stream stream_of(int64_t seed, uint32_t purpose, uint32_t step, uint32_t slot) {
  stream s = {{(uint32_t)seed, (uint32_t)((uint64_t)seed >> 32)}, {0, slot, step, purpose}, {0, 0, 0, 0}, 4};
  return s;
}

static __device__ inline stream stream_of(draw_scalars d, uint32_t purpose, item i) {
  return stream_of(*d.seed, purpose, (uint32_t)*d.step, (uint32_t)(*d.first + i));
}

#endif
