/* Convolutions by cuDNN 9, through its backend API: plans that are deterministic, chosen by cuDNN's heuristics alone
 * and not by timing, so that the same card, driver and library give the same bytes. */
#ifndef PM_BACKEND_CUDA_CUDNN_H
#define PM_BACKEND_CUDA_CUDNN_H

#include "backend/lowering.h"

#include <cudnn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PM_CUDNN_FORWARD, PM_CUDNN_GRAD_INPUT, PM_CUDNN_GRAD_WEIGHT } pm_cudnn_kind;
/* Float throughout; float with products in TF32; operands and results in bfloat16, for which alone cuDNN has compiled
 * engines, and sums in float. */
typedef enum { PM_CUDNN_FLOAT, PM_CUDNN_TF32, PM_CUDNN_BF16 } pm_cudnn_math;

/* One convolution: x[n,h,w,i], weights in the order [o,kh,kw,i], y[n,oh,ow,o]. */
typedef struct {
  int64_t n, h, w, i, oh, ow, o, kh, kw, stride, padding;
  pm_cudnn_kind kind;
  pm_cudnn_math math;
  bool bias; /* of PM_CUDNN_FORWARD in float: y = convolution + bias[o]; cuDNN has no compiled engine for more */
} pm_cudnn_problem;

typedef struct {
  pm_cudnn_problem problem;
  cudnnBackendDescriptor_t plan;
  int64_t engine, workspace; /* bytes */
} pm_cudnn_plan;

/* The most workspace that a plan may ask for, in bytes. */
enum { PM_CUDNN_MOST_WORKSPACE = 256 << 20 };

/* Finds the first plan that fits; false if there is none. Either on the card of a handle, or, for tests without a card,
 * on one that is only described (a finalised CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR); the other is NULL. */
bool pm_cudnn_find_plan(const pm_cudnn_problem *problem, cudnnHandle_t handle, cudnnBackendDescriptor_t device,
                        pm_cudnn_plan *plan);

/* What a node of conv2d or of its gradients asks for. Padding is zero, so that problems can be compared by their bytes.
 */
pm_cudnn_problem pm_cudnn_problem_of(const pm_node *node, pm_cudnn_math math);

/* Opens cuDNN for the card. 0, or why it cannot be used in words. */
int pm_cudnn_open(char *why, size_t size);
/* For pm_implementation.lower of the three ops; they decline what cuDNN has no plan for. */
bool pm_cudnn_lower(pm_lowered *l, const pm_node *node, const pm_implementation *self);
bool pm_cudnn_lower_tf32(pm_lowered *l, const pm_node *node, const pm_implementation *self);
bool pm_cudnn_lower_bf16(pm_lowered *l, const pm_node *node, const pm_implementation *self);
/* Their kernel. */
void pm_cudnn_run(const pm_call *call);

#ifdef __cplusplus
}
#endif
#endif
