#include "backend/cpu/sgemm.h"

#include <cblas.h>
#include <pthread.h>

static void single_threaded(void) {
  openblas_set_num_threads(1);
}

void pm_sgemm(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
              bool transpose_b, size_t m, size_t n, size_t k, float beta) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, single_threaded);
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
              (int)n, (int)k, 1.0f, A, (int)lda, B, (int)ldb, beta, C, (int)ldc);
}

const char *pm_sgemm_core(void) {
  return openblas_get_corename();
}
