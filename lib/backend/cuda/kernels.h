/* The kernels, pm_cuda_OP for each op: functions of a call whose operands lie on the card, in files named as the
 * headers of nn/ops.h are. PM_F32 is float throughout; sums of many numbers are added in double. */
#ifndef PM_BACKEND_CUDA_KERNELS_H
#define PM_BACKEND_CUDA_KERNELS_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

#define X(name) void pm_cuda_##name(const pm_call *call);
#include "nn/ops.def"
#undef X

/* Fused, and in bfloat16. */
void pm_cuda_groupnorm_silu(const pm_call *call);
void pm_cuda_groupnorm_silu_grad(const pm_call *call);
void pm_cuda_linear_bf16(const pm_call *call);
void pm_cuda_linear_grad_input_bf16(const pm_call *call);
void pm_cuda_linear_grad_weight_bf16(const pm_call *call);
void pm_cuda_conv2d_bf16(const pm_call *call);
void pm_cuda_conv2d_grad_input_bf16(const pm_call *call);
void pm_cuda_conv2d_grad_weight_bf16(const pm_call *call);

/* Conversions of a call's value: to bfloat16, and to the order [O,kh,kw,I]. */
void pm_cuda_to_bf16(const pm_call *call);
void pm_cuda_to_krsc(const pm_call *call);
void pm_cuda_to_krsc_bf16(const pm_call *call);

/* The same of many values at once, in one launch for up to 64 of them. */
typedef struct {
  const void *from;
  void *to;
  size_t items, outputs; /* outputs: O of weights [kh,kw,I,O] that become [O,kh,kw,I]; 0: the order stays */
  bool rounded;          /* to bfloat16 */
} pm_cuda_conversion;
pm_cuda_conversion pm_cuda_conversion_of(const pm_call *call, pm_form form);
void pm_cuda_convert(const pm_cuda_conversion *list, size_t n, void *queue);

/* What makes a call's output 0 of what cuDNN gives: dw[kh,kw,I,O] of dw in the order [O,kh,kw,I], in float or in
 * bfloat16; float of as many bfloat16; and b[O] added to all its rows. */
void pm_cuda_from_krsc(const pm_call *call, const void *dw, bool rounded);
void pm_cuda_widen(const pm_call *call, const void *x);
void pm_cuda_add_to_rows(const pm_call *call, const float *b);

/* Adds one to a PM_I64 scalar on the card. */
void pm_cuda_add_one(void *scalar, void *queue);

/* Bytes of workspace. */
size_t pm_cuda_sum_rows_workspace(const pm_node *node);
size_t pm_cuda_batchnorm_workspace(const pm_node *node);
size_t pm_cuda_batchnorm_grad_workspace(const pm_node *node);
size_t pm_cuda_groupnorm_grad_workspace(const pm_node *node);
size_t pm_cuda_linear_grad_weight_workspace(const pm_node *node);
size_t pm_cuda_conv2d_grad_weight_workspace(const pm_node *node);
size_t pm_cuda_attention_grad_workspace(const pm_node *node);
size_t pm_cuda_embedding_grad_workspace(const pm_node *node);
size_t pm_cuda_embedding_sum_grad_workspace(const pm_node *node);
size_t pm_cuda_draw_index_workspace(const pm_node *node);
size_t pm_cuda_draw_hinted_workspace(const pm_node *node);
size_t pm_cuda_resample_particles_workspace(const pm_node *node);
size_t pm_cuda_clip_norm_workspace(const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
