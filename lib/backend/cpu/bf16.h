/* Matrix products whose operands are bfloat16 and whose sums are float: tiles of registers, forms of operands, and the
 * ops that are made of them (linear_bf16.c, conv2d_bf16.c).
 *
 * Numbers are taken in pairs along the inner dimension, the first in the lower half of 32 bits, because the processors'
 * instructions take them so. A pair is added as vdpbf16ps adds it: the second product, then the first, each rounded
 * once (Intel, "Architecture Instruction Set Extensions"). The product of two bfloat16 numbers is exact in float, so
 * that plain multiplications and additions give the same bits on processors without the instruction. */
#ifndef PM_BACKEND_CPU_BF16_H
#define PM_BACKEND_CPU_BF16_H

#include "backend/cpu/panels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name; /* "avx512bf16" */
  const char
      *sums;   /* those of one name here give the same bits: "bf16" adds pairs as above, "bf16 amx" as bf16_amx.c */
  bool fast;   /* the processor has an instruction for it */
  double rate; /* products in the time of one in float, where there is such an instruction; one for all of one `sums` */
  /* c[c_place[r] ldc + j] = begin[j] + sum over p < pairs of both products of a[a_place[r] lda + p] and
   * b[p columns + j], for r < rows and j < columns, a multiple of 16 up to PM_PANEL. Places of NULL are 0, 1, 2, …;
   * `begin` is as in pm_tiles. */
  void (*multiply)(float *c, size_t ldc, const uint32_t *c_place, const uint32_t *a, size_t lda,
                   const uint32_t *a_place, const uint32_t *b, size_t rows, size_t pairs, size_t columns,
                   const float *begin);
  /* c[i ldc + j] = begin[j] + sum over p < pairs of both products of a[p height + i] and b[p columns + j], for
   * i < height and j < columns, a multiple of 16 up to PM_PANEL */
  void (*outer)(float *c, size_t ldc, const uint32_t *a, const uint32_t *b, size_t pairs, size_t height, size_t columns,
                const float *begin);
  /* to the nearest, ties to even */
  void (*round)(uint16_t *to, const float *from, size_t n);
  /* to[j] is the pair of even[j] and odd[j] */
  void (*interleave)(uint32_t *to, const uint16_t *even, const uint16_t *odd, size_t n);
} pm_bf16_tiles;

extern const pm_bf16_tiles pm_bf16_tiles_baseline;
#ifdef PM_TIERS_X86
extern const pm_bf16_tiles pm_bf16_tiles_avx2, pm_bf16_tiles_avx512, pm_bf16_tiles_avx512bf16, pm_bf16_tiles_amx;
#endif
extern const pm_bf16_tiles pm_bf16_tiles_amxplain; /* what AMX computes, in plain C */

/* The best that this processor has, under PIXELMILL_TIER (vector.h), which asks for no AMX but by amxplain, its
 * sums in plain C. */
const pm_bf16_tiles *pm_bf16_best(void);
/* Whether the processor and the system have AMX, and it gives the sums that its documents promise. */
bool pm_bf16_has_amx(void);

/* ---- forms of operands ---- */

/* A matrix B[K,N] for `multiply`, K even and N a multiple of 16: blocks of PM_PANEL columns one after the other, the
 * last perhaps narrower, each [K / 2, columns] of pairs. The panel from column j begins at pair j K / 2. A value's last
 * two dimensions are the matrix; those before number matrices. PM_PAIRS: it is B; PM_TRANSPOSED: B is its transpose. */
size_t pm_bf16_form_bytes(const pm_value *value, pm_form form);
size_t pm_bf16_form_scratch(const pm_value *value, pm_form form);
pm_kernel pm_bf16_converter(pm_form form); /* NULL for other forms */

/* Pairs of a panel that are multiplied at a time: they stay in the first-level cache. */
enum { PM_BF16_DEPTH = 64 };

/* Pairs of `columns` numbers, at most PM_MOST_INTERLEAVED, of rows place[0] and place[1], place[2] and place[3], … of
 * x[R,C], for `outer`; an odd last row is paired with zeros. Places of NULL are 0, 1, 2, … */
enum { PM_MOST_INTERLEAVED = 96 };
void pm_bf16_interleave_rows(uint32_t *pairs, const uint16_t *x, size_t C, const uint32_t *place, size_t rows,
                             size_t columns);

/* ---- implementations: kernels, the memory that they need, and which nodes they are for ---- */

/* linear_bf16.c */
void pm_bf16_linear(const pm_call *call);
void pm_bf16_linear_grad_input(const pm_call *call);
void pm_bf16_linear_grad_weight(const pm_call *call);
size_t pm_bf16_linear_grad_weight_scratch(const pm_node *node);
bool pm_bf16_linear_fits(const pm_node *node);
bool pm_bf16_linear_grad_input_fits(const pm_node *node);
bool pm_bf16_linear_grad_weight_fits(const pm_node *node);
/* conv2d_bf16.c */
void pm_bf16_conv2d(const pm_call *call);
void pm_bf16_conv2d_grad_input(const pm_call *call);
void pm_bf16_conv2d_grad_weight(const pm_call *call);
size_t pm_bf16_conv2d_scratch(const pm_node *node); /* and of the input's gradient */
size_t pm_bf16_conv2d_grad_weight_workspace(const pm_node *node);
size_t pm_bf16_conv2d_grad_weight_scratch(const pm_node *node);
bool pm_bf16_conv2d_fits(const pm_node *node); /* and its input's gradient */
bool pm_bf16_conv2d_grad_weight_fits(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
