/* Vectors of the compiler's that hold what a register of the tier's processors holds. Files that add up products with
 * them are compiled with -ffp-contract=fast: a multiply-add is one instruction where the processor has it, rounded
 * once. So their sums are written such that no more than one operand of an addition is a product, and every compiler
 * fuses the same. */
#ifndef PM_BACKEND_CPU_TIERS_REGISTERS_H
#define PM_BACKEND_CPU_TIERS_REGISTERS_H

#include "backend/cpu/tiers/parts.h"

#if defined(__AVX512F__)
#define LENGTH 16
#elif defined(__AVX__)
#define LENGTH 8
#else
#define LENGTH 4
#endif

/* They may lie anywhere. */
#define VECTOR(n) __attribute__((vector_size((n) * sizeof(float)), aligned(sizeof(float)), may_alias))
typedef float vector VECTOR(LENGTH);

/* Arguments that are constants wherever it is inlined let loops unroll, so that arrays stay in registers. */
#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 36")
#endif

INLINE vector load(const float *from) {
  return *(const vector *)from;
}
INLINE void store(float *to, vector x) {
  *(vector *)to = x;
}

#endif
