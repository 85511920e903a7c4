/* The cpu backend's own kernels; an op that has none here runs its reference. */
#ifndef PM_BACKEND_CPU_KERNELS_H
#define PM_BACKEND_CPU_KERNELS_H

#include "backend/cpu/vector.h"
#include "backend/host_program.h"
#include "nn/ops.h"
#include "nn/ops/draws.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies a few floats. A memcpy of unknown size becomes a string instruction that takes longer to begin than to copy.
 */
static inline void pm_copy(float *to, const float *from, size_t n) {
  enum { STEP = 16 };
  size_t i = 0;
  for (; i + STEP <= n; i += STEP)
    memcpy(to + i, from + i, STEP * sizeof *to);
  for (; i < n; i++)
    to[i] = from[i];
}

/* Items of a task of what works item by item. */
enum { PM_RANGE = 1 << 14 };

/* c[rows, columns], rows ldc apart, begins as the bias in each row, or as 0 where that is NULL. */
static inline void pm_begin_rows(float *c, size_t ldc, const float *bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    if (bias)
      pm_copy(c + r * ldc, bias, columns);
    else
      memset(c + r * ldc, 0, columns * sizeof *c);
}

/* Dropout by the draws that are the inputs number `at` and on, for slot n of the batch. */
static inline pm_dropout_constants pm_dropout_of(const pm_call *call, int at, size_t n, double p, uint32_t purpose) {
  const draw_source d = draw_source_of(call, at);
  return (pm_dropout_constants){.key = {(uint32_t)d.seed, (uint32_t)(d.seed >> 32)},
                                .slot = draw_slot(&d, n),
                                .step = d.step,
                                .purpose = purpose,
                                .least = random_dropout_least(p),
                                .scale = (float)(1 / (1 - p))};
}

/* elementwise.c */
void pm_cpu_add(const pm_call *call);
void pm_cpu_mul(const pm_call *call);
void pm_cpu_affine(const pm_call *call);
void pm_cpu_relu(const pm_call *call);
void pm_cpu_relu_grad(const pm_call *call);
void pm_cpu_exp(const pm_call *call);
void pm_cpu_sigmoid(const pm_call *call);
void pm_cpu_sigmoid_grad(const pm_call *call);
void pm_cpu_silu(const pm_call *call);
void pm_cpu_silu_grad(const pm_call *call);
void pm_cpu_gelu(const pm_call *call);
void pm_cpu_gelu_grad(const pm_call *call);
void pm_cpu_fill(const pm_call *call);
/* normalisation.c */
void pm_cpu_add_bias(const pm_call *call);
void pm_cpu_sum_rows(const pm_call *call);
void pm_cpu_batchnorm(const pm_call *call);
void pm_cpu_batchnorm_grad(const pm_call *call);
void pm_cpu_batchnorm_use(const pm_call *call);
size_t pm_cpu_rows_workspace(const pm_node *node);
/* losses.c */
void pm_cpu_squared_error(const pm_call *call);
void pm_cpu_squared_error_grad(const pm_call *call);
void pm_cpu_bce(const pm_call *call);
void pm_cpu_bce_grad(const pm_call *call);
void pm_cpu_absolute_error(const pm_call *call);
void pm_cpu_absolute_error_grad(const pm_call *call);
/* optimizer.c */
void pm_cpu_adam(const pm_call *call);
void pm_cpu_moving_average(const pm_call *call);
void pm_cpu_clip_norm(const pm_call *call);
size_t pm_cpu_clip_norm_workspace(const pm_node *node);
/* conv2d_tiles.c */
void pm_cpu_conv2d(const pm_call *call);
void pm_cpu_conv2d_grad_input(const pm_call *call);
void pm_cpu_conv2d_grad_weight(const pm_call *call);
size_t pm_cpu_conv2d_grad_weight_workspace(const pm_node *node);
size_t pm_cpu_conv2d_scratch(const pm_node *node);
size_t pm_cpu_conv2d_grad_input_scratch(const pm_node *node);
size_t pm_cpu_conv2d_grad_weight_scratch(const pm_node *node);
/* conv2d_few.c */
void pm_few_conv2d(const pm_call *call);
void pm_few_conv2d_grad_input(const pm_call *call);
size_t pm_few_conv2d_scratch(const pm_node *node); /* and of the input's gradient */
bool pm_few_conv2d_fits(const pm_node *node);      /* and its input's gradient */
/* linear_gemm.c */
void pm_cpu_linear(const pm_call *call);
void pm_cpu_linear_grad_input(const pm_call *call);
void pm_cpu_linear_grad_weight(const pm_call *call);
void pm_cpu_grouped_linear(const pm_call *call);
void pm_cpu_grouped_linear_grad_input(const pm_call *call);
void pm_cpu_grouped_linear_grad_weight(const pm_call *call);
/* embedding_sum.c */
void pm_cpu_embedding_sum(const pm_call *call);
size_t pm_cpu_embedding_sum_grad_scratch(const pm_node *node);
void pm_cpu_embedding_sum_grad(const pm_call *call);
/* patches.c */
void pm_cpu_patch_features(const pm_call *call);
void pm_cpu_patch_copies(const pm_call *call);
void pm_cpu_patch_copies_grad(const pm_call *call);
void pm_cpu_drop_listed(const pm_call *call);
size_t pm_cpu_drop_listed_scratch(const pm_node *node);
/* nearest_code.c */
void pm_cpu_nearest_code(const pm_call *call);
/* noise.c */
void pm_cpu_normal(const pm_call *call);
void pm_cpu_colour_lookup(const pm_call *call);
/* group_normalisation.c */
void pm_cpu_groupnorm(const pm_call *call);
void pm_cpu_groupnorm_grad(const pm_call *call);
void pm_cpu_groupnorm_silu(const pm_call *call);
void pm_cpu_groupnorm_silu_grad(const pm_call *call);
size_t pm_cpu_groupnorm_grad_workspace(const pm_node *node);
size_t pm_cpu_groupnorm_scratch(const pm_node *node); /* and of its gradient */
/* softmax.c */
void pm_cpu_softmax(const pm_call *call);
void pm_cpu_softmax_grad(const pm_call *call);
void pm_cpu_cross_entropy(const pm_call *call);
void pm_cpu_cross_entropy_grad(const pm_call *call);
size_t pm_cpu_cross_entropy_scratch(const pm_node *node); /* and of its gradient */
/* attention.c */
void pm_cpu_attention(const pm_call *call);
void pm_cpu_attention_grad(const pm_call *call);
void pm_cpu_attention_step(const pm_call *call);
size_t pm_cpu_attention_scratch(const pm_node *node); /* and of its gradient */
size_t pm_cpu_attention_step_scratch(const pm_node *node);
/* pictures.c */
void pm_cpu_concat(const pm_call *call);
void pm_cpu_slice_columns(const pm_call *call);
void pm_cpu_upsample_nearest(const pm_call *call);
void pm_cpu_upsample_nearest_grad(const pm_call *call);
void pm_cpu_add_vector(const pm_call *call);
void pm_cpu_sum_pixels(const pm_call *call);
void pm_cpu_combine_rows(const pm_call *call);
void pm_cpu_dropout(const pm_call *call);
void pm_cpu_permute(const pm_call *call);

#ifdef __cplusplus
}
#endif
#endif
