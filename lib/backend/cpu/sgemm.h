/* Matrix products of one thread. */
#ifndef PM_BACKEND_CPU_SGEMM_H
#define PM_BACKEND_CPU_SGEMM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C[m,n] = op(A)[m,k] op(B)[k,n] + beta C, row-major, leading dimensions lda, ldb, ldc; op transposes where asked; beta
 * 0 or 1. On the calling thread: parallel work is split by the caller, in tasks that the shape alone fixes. OpenBLAS's
 * where the build and the machine have it, else pm_sgemm_tiles. */
void pm_sgemm(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
              bool transpose_b, size_t m, size_t n, size_t k, float beta);

/* The same by our own kernels. The bits of a row depend on that row of op(A) and on B alone, not on m or the row's
 * place: what a net makes of a sprite must not depend on its neighbours in the batch. */
void pm_sgemm_tiles(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
                    bool transpose_b, size_t m, size_t n, size_t k, float beta);

/* pm_sgemm_tiles of rows of A as they lie: sprites, tokens. */
void pm_sgemm_by_row(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t ldb, bool transpose_b,
                     size_t m, size_t n, size_t k, float beta);

/* The name of whoever does pm_sgemm: OpenBLAS's kernel set, "SkylakeX", or "tiles". */
const char *pm_sgemm_core(void);

#ifdef __cplusplus
}
#endif
#endif
