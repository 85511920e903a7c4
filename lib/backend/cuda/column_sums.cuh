/* Sums over the rows of a matrix, one for each column, in two stages: a block adds up some rows of 32 columns, then a
 * warp adds up what the blocks found. How the rows are divided is decided by their number alone. */
#ifndef PM_BACKEND_CUDA_COLUMN_SUMS_CUH
#define PM_BACKEND_CUDA_COLUMN_SUMS_CUH

#include "backend/cuda/launch.cuh"

enum { LANES = 8, FEW_ROWS = 64, MOST_PARTS = 256 };

/* Rows that one block adds up. */
static inline item rows_of_part(item n) {
  return (item)pm_larger(FEW_ROWS, pieces(n, MOST_PARTS));
}
static inline item parts_of(item n) {
  return pieces(n, rows_of_part(n));
}
/* For `sums` sums at once, in double. */
static inline size_t column_sums_bytes(item rows, item columns, int sums) {
  return (size_t)parts_of(rows) * columns * (size_t)sums * sizeof(double);
}

/* From the 8 threads of each column to their sum, in the first of them. */
static __device__ inline double sum_lanes(double x, double (*shared)[WARP + 1]) {
  const unsigned c = threadIdx.x % WARP, lane = threadIdx.x / WARP;
  __syncthreads();
  shared[lane][c] = x;
  __syncthreads();
  double sum = 0;
  for (unsigned k = 0; lane == 0 && k < LANES; k++)
    sum += shared[k][c];
  return sum;
}

/* The sum of part k of column c: partial[k * columns + c]. */
static __device__ inline double sum_parts(const double *partial, item parts, item columns, item c, item lane) {
  double sum = 0;
  for (item k = lane; k < parts; k += WARP)
    sum += partial[(size_t)k * columns + c];
  return warp_sum(sum);
}

static __global__ void __launch_bounds__(BLOCK)
    part_of_columns(const float *x, item rows, item columns, item part, double *partial) {
  __shared__ double shared[LANES][WARP + 1];
  const item c = blockIdx.x * WARP + threadIdx.x % WARP;
  item end = (blockIdx.y + 1) * part;
  if (end > rows)
    end = rows;
  double sum = 0;
  if (c < columns)
    for (item r = blockIdx.y * part + threadIdx.x / WARP; r < end; r += LANES)
      sum += (double)x[(size_t)r * columns + c];
  sum = sum_lanes(sum, shared);
  if (threadIdx.x < WARP && c < columns)
    partial[(size_t)blockIdx.y * columns + c] = sum;
}

/* sums[columns] of x[rows,columns]; the call has a workspace of column_sums_bytes. */
static inline void sum_columns(const pm_call *call, const float *x, item rows, item columns, float *sums) {
  double *partial = workspace(call);
  const item parts = parts_of(rows);
  launch(call, dim3(pieces(columns, WARP), parts), BLOCK, part_of_columns, x, rows, columns, rows_of_part(rows),
         partial);
  for_each_warp(call, columns, [=] __device__(item c, item lane) {
    double sum = sum_parts(partial, parts, columns, c, lane);
    if (lane == 0)
      sums[c] = (float)sum;
  });
}

#endif
