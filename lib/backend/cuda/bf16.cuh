/* Bfloat16: the upper half of a float. Rounded to the nearest, ties to even, as on the host (cpu/bf16.h). */
#ifndef PM_BACKEND_CUDA_BF16_CUH
#define PM_BACKEND_CUDA_BF16_CUH

#include <cuda_runtime.h>
#include <stdint.h>
#include <string.h>

struct bf16 {
  uint16_t bits;
};

static __device__ inline float as_float(float x) {
  return x;
}
static __device__ inline float as_float(bf16 x) {
  uint32_t bits = (uint32_t)x.bits << 16;
  float y;
  memcpy(&y, &bits, sizeof y);
  return y;
}
static __device__ inline void round_into(bf16 *to, float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    to->bits = (uint16_t)(bits >> 16 | 0x40u); /* stays no number */
  else
    to->bits = (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
static __device__ inline void round_into(float *to, float x) {
  *to = x;
}

#endif
