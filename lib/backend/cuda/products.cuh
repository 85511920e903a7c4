/* Matrix products in tiles: a block makes SIDE x SIDE numbers of the result, in steps of DEPTH along the sum. What is
 * multiplied is fetched number by number by functions of the row (or column) and the place in the sum, so that a
 * convolution is a product like any other (implicit GEMM). A long sum is cut into parts by its length alone, which a
 * second kernel adds up. */
#ifndef PM_BACKEND_CUDA_PRODUCTS_CUH
#define PM_BACKEND_CUDA_PRODUCTS_CUH

#include "backend/cuda/bf16.cuh"
#include "backend/cuda/launch.cuh"
#include "nn/ops/conv2d.h"

enum { SIDE = 64, DEPTH = 16, EACH = 4, SPAN = SIDE / EACH };
static_assert(SPAN * SPAN == (int)BLOCK, "a thread makes EACH x EACH numbers");

typedef float tile[DEPTH][SIDE + EACH];

/* c(m, n, sum over k in begin … end - 1 of a(m, k) b(n, k)) for the block's m < M and n < N. */
template <class A, class B, class C>
static __device__ void product(tile &left, tile &right, item M, item N, item begin, item end, A a, B b, C c) {
  const item m0 = blockIdx.x * SIDE, n0 = blockIdx.y * SIDE, mt = threadIdx.x / SPAN, nt = threadIdx.x % SPAN;
  float sums[EACH][EACH] = {{0}};
  for (item k0 = begin; k0 < end; k0 += DEPTH) {
    for (item e = threadIdx.x; e < DEPTH * SIDE; e += BLOCK) {
      const item k = e % DEPTH, i = e / DEPTH;
      left[k][i] = m0 + i < M && k0 + k < end ? a(m0 + i, k0 + k) : 0;
      right[k][i] = n0 + i < N && k0 + k < end ? b(n0 + i, k0 + k) : 0;
    }
    __syncthreads();
    for (item k = 0; k < DEPTH; k++)
      for (item i = 0; i < EACH; i++)
        for (item j = 0; j < EACH; j++)
          sums[i][j] += left[k][mt + i * SPAN] * right[k][nt + j * SPAN];
    __syncthreads();
  }
  for (item i = 0; i < EACH; i++)
    for (item j = 0; j < EACH; j++)
      if (m0 + mt + i * SPAN < M && n0 + nt + j * SPAN < N)
        c(m0 + mt + i * SPAN, n0 + nt + j * SPAN, sums[i][j]);
}

static inline dim3 tiles_of(size_t M, size_t N, item third = 1) {
  return dim3(pieces(M, SIDE), pieces(N, SIDE), third);
}

/* ---- long sums in parts ---- */

enum { FEW_TERMS = 512, MOST_SUM_PARTS = 64 };

static inline item terms_of_part(size_t terms) {
  return (item)pm_larger(FEW_TERMS, pieces(terms, MOST_SUM_PARTS));
}
static inline item parts_of_sum(size_t terms) {
  return pieces(terms, terms_of_part(terms));
}
static inline size_t parts_bytes(size_t terms, size_t results) {
  return parts_of_sum(terms) * results * sizeof(float);
}

static inline void add_parts(const pm_call *call, size_t terms, size_t results, float *y) {
  const float *partial = workspace(call);
  const item parts = parts_of_sum(terms), n = (item)results;
  for_each(call, results, [=] __device__(item i) {
    float sum = 0;
    for (item k = 0; k < parts; k++)
      sum += partial[(size_t)k * n + i];
    y[i] = sum;
  });
}

#endif
