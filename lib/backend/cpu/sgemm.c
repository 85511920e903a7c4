#include "backend/cpu/sgemm.h"

#ifdef PM_OPENBLAS
#include "core/fail.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* OpenBLAS is opened when it is first needed, not linked: it picks its kernels while it is loaded, by a list of
 * processors, and gives one that is newer than the list the slowest (0.3.21 takes an Emerald Rapids for a Prescott). So
 * we say first what the processor can do; what the user says in the environment stays. Tools that multiply nothing do
 * without it, and so does a machine where it cannot be opened. */
static struct {
  void (*sgemm)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint m, blasint n, blasint k,
                float alpha, const float *A, blasint lda, const float *B, blasint ldb, float beta, float *C,
                blasint ldc);
  char *(*corename)(void);
} blas;

static void choose_core(void) {
#ifdef PM_TIERS_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq"))
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
  setenv("OPENBLAS_NUM_THREADS", "1", 0); /* the threads are ours: core/tasks.h */
}

static void *function(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found)
    pm_fail(PM_FAILED, PM_OPENBLAS, "has no %s; this is not OpenBLAS", name);
  return found;
}

static void open_library(void) {
  choose_core();
  const char *slash = strrchr(PM_OPENBLAS, '/'), *name = slash ? slash + 1 : PM_OPENBLAS;
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) /* where the build found it, if that is not where the system looks */
    library = dlopen(PM_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return;
  *(void **)&blas.sgemm = function(library, "cblas_sgemm");
  *(void **)&blas.corename = function(library, "openblas_get_corename");
  void (*set_num_threads)(int);
  *(void **)&set_num_threads = function(library, "openblas_set_num_threads");
  set_num_threads(1);
}

static bool opened(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
  return blas.sgemm;
}

void pm_sgemm(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
              bool transpose_b, size_t m, size_t n, size_t k, float beta) {
  if (opened())
    blas.sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
               (blasint)m, (blasint)n, (blasint)k, 1.0f, A, (blasint)lda, B, (blasint)ldb, beta, C, (blasint)ldc);
  else
    pm_sgemm_tiles(C, ldc, A, lda, transpose_a, B, ldb, transpose_b, m, n, k, beta);
}

const char *pm_sgemm_core(void) {
  return opened() ? blas.corename() : "tiles";
}

#else

void pm_sgemm(float *C, size_t ldc, const float *A, size_t lda, bool transpose_a, const float *B, size_t ldb,
              bool transpose_b, size_t m, size_t n, size_t k, float beta) {
  pm_sgemm_tiles(C, ldc, A, lda, transpose_a, B, ldb, transpose_b, m, n, k, beta);
}

const char *pm_sgemm_core(void) {
  return "tiles";
}

#endif
