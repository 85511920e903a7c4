/* CUDA C++ for g++ and clang++: what the cuda backend's kernels are written with, on the processor. See emulation.h. */
#ifndef CUDA_RUNTIME_H
#define CUDA_RUNTIME_H

#include "emulation.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
/* In a section of its own, so that a block can begin with it full of NaNs. Compilers ignore the section in templates
 * and inline functions, so kernels that are templates have no shared memory. */
#define __shared__ static __attribute__((section("cuda_shared"), aligned(16)))

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
};

template <class... P, class... A>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(P...), A... arguments) {
  std::tuple<P...> all(arguments...);
  return emulated::launch({config->gridDim.x, config->gridDim.y, config->gridDim.z},
                          {config->blockDim.x, config->blockDim.y, config->blockDim.z},
                          [=] { std::apply(kernel, all); });
}

#define __syncthreads() emulated::block_barrier(__FILE__, __LINE__)
#define __syncwarp() emulated::warp_barrier(__FILE__, __LINE__)
#define __shfl_sync(mask, value, from) emulated::shuffle(mask, value, from, __FILE__, __LINE__)
#define __shfl_xor_sync(mask, value, by) emulated::shuffle(mask, value, emulated::lane() ^ (by), __FILE__, __LINE__)

static inline int atomicAdd(int *to, int value) {
  int old = *to;
  *to = old + value;
  return old;
}
static inline float rsqrtf(float x) {
  return 1 / sqrtf(x);
}

#endif
