/* Loops over contiguous floats, compiled once for each processor tier (tiers/vector.c) and chosen when the program
 * starts. Outputs first, sizes last. Sums run over 16 fixed lanes and no multiply-add is fused, so that every tier
 * gives the same bits; but for the matrix products, see pm_tiles. */
#ifndef PM_BACKEND_CPU_VECTOR_H
#define PM_BACKEND_CPU_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  float beta1, rest1, beta2, rest2; /* rest: 1 - beta, taken in double: in float 1 - 0.999 is 1.3e-5 off */
  float epsilon, decay, keep;       /* keep: 1 - rate * decay where the decay is decoupled, else 1 */
  float step, root;                 /* rate / (1 - beta1^t), sqrt(1 - beta2^t) */
} pm_adam_constants;

typedef struct {
  uint32_t key[2], slot, step, purpose; /* as core/random.h has them; elements count from 0 */
  uint32_t least;                       /* as random_dropout_least gives it */
  float scale;                          /* of what is kept */
} pm_dropout_constants;

/* Small matrix products over pixels that lie anywhere: place[r] says which. Sums begin with a row `begin` of numbers,
 * the same in every row of c; with 0, if it is NULL; or with what lies there, if it is c. Each result is summed in the
 * order of k (or of the pixels), so that its bits do not depend on its neighbours. They are those of every tier that
 * has fused multiply-adds (all but the baseline of x86 and WebAssembly): the others round product and sum. */
typedef struct {
  bool fused;
  /* Columns of a product come in multiples of `length`. At most so many columns and this depth of a matrix are packed
   * at a time, for them to stay in the first-level cache: columns <= PM_TILE_COLUMNS, depth <= PM_TILE_DEPTH and a
   * multiple of 8. */
  size_t length, columns, depth;
  /* c[c_place[r] ldc + j] = begin[j] + sum over k < K of a[a_place[r] lda + k] b[k columns + j], for r < rows and
   * j < columns */
  void (*multiply)(float *c, size_t ldc, const uint32_t *c_place, const float *a, size_t lda, const uint32_t *a_place,
                   const float *b, size_t rows, size_t K, size_t columns, const float *begin);
  /* c[i ldc + j] = begin[j] + sum over r < rows of a[a_place[r] lda + i] b[b_place[r] ldb + j], for i < height and
   * j < columns */
  void (*outer)(float *c, size_t ldc, const float *a, size_t lda, const uint32_t *a_place, const float *b, size_t ldb,
                const uint32_t *b_place, size_t rows, size_t height, size_t columns, const float *begin);
  /* c[j 16 + r] += sum over k < K of a[k 16 + r] b[j ldb + k], for r < 16 and j < columns: of 16 rows of a
   * matrix that are given and returned transposed, the same bits as of `multiply` */
  void (*multiply_transposed)(float *c, const float *a, const float *b, size_t ldb, size_t K, size_t columns);
  /* to[j ldt + i] = from[i ldf + j] for i < rows, j < columns */
  void (*transpose)(float *to, size_t ldt, const float *from, size_t ldf, size_t rows, size_t columns);
} pm_tiles;

enum { PM_TILE_COLUMNS = 64, PM_TILE_DEPTH = 96 };

/* Columns, with those that fill their last vector. */
static inline size_t pm_tile_filled(const pm_tiles *tiles, size_t columns) {
  return (columns + tiles->length - 1) / tiles->length * tiles->length;
}

typedef struct pm_winograd pm_winograd; /* winograd.h */

typedef struct {
  const char *name; /* "avx512" */
  const pm_tiles *tiles;
  const pm_winograd *winograd;

  void (*add)(float *out, const float *a, const float *b, size_t n);
  void (*mul)(float *out, const float *a, const float *b, size_t n);
  void (*affine)(float *out, const float *x, float scale, float shift, size_t n);
  void (*relu)(float *y, const float *x, size_t n);
  void (*relu_grad)(float *dx, const float *y, const float *dy, size_t n);
  void (*exp)(float *y, const float *x, size_t n);
  void (*sigmoid)(float *y, const float *x, size_t n);
  void (*sigmoid_grad)(float *dx, const float *y, const float *dy, size_t n);

  /* x[rows, C] */
  void (*add_bias)(float *out, const float *x, const float *b, size_t rows, size_t C);
  void (*sum_rows)(float *sum, const float *x, size_t rows, size_t C); /* sum[C], begun at 0 */
  void (*square_deviations)(float *sum, const float *x, const float *mean, size_t rows, size_t C);
  /* (x - mean) scale + shift, by channel: taking the mean away first keeps the digits of a channel that hardly varies
   */
  void (*normalise)(float *y, const float *x, const float *mean, const float *scale, const float *shift, size_t rows,
                    size_t C);
  /* sum[c] of dy, sum[C + c] of dy * (x - mean) */
  void (*deviation_products)(float *sum, const float *x, const float *mean, const float *dy, size_t rows, size_t C);
  /* dx = a dy + b (x - mean) + c, by channel */
  void (*batchnorm_grad)(float *dx, const float *x, const float *mean, const float *dy, const float *a, const float *b,
                         const float *c, size_t rows, size_t C);

  float (*squared_error)(const float *x, const float *target, size_t n);
  void (*squared_error_grad)(float *dx, const float *x, const float *target, float scale, size_t n);
  float (*bce)(const float *z, const float *target, size_t n);
  void (*bce_grad)(float *dz, const float *z, const float *target, float scale, size_t n);

  void (*adam)(float *p, float *m, float *v, const float *gradient, pm_adam_constants k, size_t n);
  void (*moving_average)(float *average, const float *x, float decay, size_t n);

  void (*silu)(float *y, const float *x, size_t n);
  void (*silu_grad)(float *dx, const float *x, const float *dy, size_t n);
  void (*gelu)(float *y, const float *x, size_t n);
  void (*gelu_grad)(float *dx, const float *x, const float *dy, size_t n);
  /* silu of `normalise`, and on the way back dz = dy silu'(z) with sum[c] of dz, sum[C + c] of dz (x - mean); dz may
   * lie where dy does */
  void (*normalise_silu)(float *y, const float *x, const float *mean, const float *scale, const float *shift,
                         size_t rows, size_t C);
  void (*silu_products)(float *dz, float *sum, const float *x, const float *mean, const float *scale,
                        const float *shift, const float *dy, size_t rows, size_t C);
  float (*squares)(const float *x, size_t n); /* their sum */
  float (*absolute_error)(const float *x, const float *target, size_t n);
  void (*absolute_error_grad)(float *dx, const float *x, const float *target, float scale, size_t n);
  void (*combine)(float *out, const float *x, const float *y, float a, float b, size_t n); /* a x + b y */
  void (*dropout)(float *y, const float *x, pm_dropout_constants k, size_t n);

  /* Over rows of K: softmax of factor x; its gradient times factor; the sum over the rows of log sum exp(x) - x[index];
   * its gradient times scale. A row's bits do not depend on the other rows. */
  void (*softmax)(float *y, const float *x, float factor, size_t rows, size_t K);
  void (*softmax_grad)(float *dx, const float *y, const float *dy, float factor, size_t rows, size_t K);
  float (*cross_entropy)(const float *x, const int32_t *index, size_t rows, size_t K);
  void (*cross_entropy_grad)(float *dx, const float *x, const int32_t *index, float scale, size_t rows, size_t K);

  /* Row r of rows of T is the softmax of its first `first + r + 1` numbers, times factor; the others become 0. */
  void (*softmax_causal)(float *y, const float *x, float factor, size_t first, size_t rows, size_t T);

  /* Rows of C by their own mean and (biased) variance, which are kept: y = gamma (x - mean) / sqrt(variance + epsilon)
   * + beta. And on the way back dx, with what the rows add to the gradients of gamma (sum[c]) and beta (sum[C + c]). */
  void (*normalise_rows)(float *y, float *mean, float *variance, const float *x, const float *gamma, const float *beta,
                         float epsilon, size_t rows, size_t C);
  void (*normalise_rows_grad)(float *dx, float *sum, const float *x, const float *gamma, const float *mean,
                              const float *variance, const float *dy, float epsilon, size_t rows, size_t C);

  /* y[c] = the sum of numbers c of rows list[0 … n - 1] of a table whose rows lie D apart, c < columns; and
   * row[c] += x[c] for each such row of a table [rows, 16] */
  void (*sum_listed)(float *y, const float *table, const int32_t *list, size_t n, size_t columns, size_t D);
  void (*add_to_listed)(float *table, const float *x, const int32_t *list, size_t n);
} pm_vector;

extern const pm_vector pm_vector_baseline;
#ifdef PM_TIERS_X86
extern const pm_vector pm_vector_avx2, pm_vector_avx512;
#endif

/* The best tier that this processor has; PIXELMILL_TIER=baseline (or avx2, avx512) asks for a lower one. */
const pm_vector *pm_vector_best(void);

#ifdef __cplusplus
}
#endif
#endif
