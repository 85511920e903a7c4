/* Matrix products of one thread; the one door to OpenBLAS. */
#ifndef PM_BACKEND_CPU_SGEMM_H
#define PM_BACKEND_CPU_SGEMM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C[m,n] = op(A)[m,k] op(B)[k,n] + beta C, row-major, leading dimensions lda, ldb, ldc; op transposes where asked. On
 * the calling thread: parallel work is split by the caller, in tasks that the shape alone fixes. */
void pm_sgemm(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
              bool transpose_b, size_t m, size_t n, size_t k, float beta);

/* C[m,n] = A[m,k] op(B)[k,n] + beta C with beta 0 or 1. On processors with tiles (vector.h) the bits of a row depend on
 * that row of A and on B alone, not on m or the row's place: what a net makes of a sprite must not depend on its
 * neighbours in the batch. Elsewhere it is pm_sgemm. */
void pm_sgemm_by_row(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t ldb, bool transpose_b,
                     size_t m, size_t n, size_t k, float beta);

/* The kernel set that OpenBLAS chose: "SkylakeX". */
const char *pm_sgemm_core(void);

#ifdef __cplusplus
}
#endif
#endif
