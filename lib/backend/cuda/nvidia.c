/* The libraries of the plugin: convolutions by cuDNN, linear layers by cuBLASLt. */
#include "backend/cuda/cublas.h"
#include "backend/cuda/cudnn.h"
#include "backend/cuda/libraries.h"
#include "nn/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARIES(suffix)                                                                                              \
  {                                                                                                                    \
    {.op = &pm_op_conv2d_float, .kernel = pm_cudnn_run, .lower = pm_cudnn_lower##suffix},                              \
        {.op = &pm_op_conv2d_grad_input_float, .kernel = pm_cudnn_run, .lower = pm_cudnn_lower##suffix},               \
        {.op = &pm_op_conv2d_grad_weight_float, .kernel = pm_cudnn_run, .lower = pm_cudnn_lower##suffix},              \
        {.op = &pm_op_linear_float,                                                                                    \
         .name = "linear, cublas",                                                                                     \
         .kernel = pm_cublas_run,                                                                                      \
         .lower = pm_cublas_lower##suffix},                                                                            \
        {.op = &pm_op_linear_grad_input_float,                                                                         \
         .name = "linear_grad_input, cublas",                                                                          \
         .kernel = pm_cublas_run,                                                                                      \
         .lower = pm_cublas_lower##suffix},                                                                            \
        {.op = &pm_op_linear_grad_weight_float,                                                                        \
         .name = "linear_grad_weight, cublas",                                                                         \
         .kernel = pm_cublas_run,                                                                                      \
         .lower = pm_cublas_lower##suffix},                                                                            \
  }
static const pm_implementation in_float[] = LIBRARIES(), in_tf32[] = LIBRARIES(_tf32), in_bf16[] = LIBRARIES(_bf16);
enum { IMPLEMENTATIONS = sizeof in_float / sizeof *in_float };

/* Asked for by the environment, since it is no precision of a model's: it rounds operands to 10 bits. */
static bool wants_tf32(void) {
  const char *text = getenv("PIXELMILL_TF32");
  return text && strcmp(text, "1") == 0;
}

pm_cuda_list pm_cuda_libraries(pm_precision precision) {
  return (pm_cuda_list){precision == PM_BFLOAT16 ? in_bf16 : wants_tf32() ? in_tf32 : in_float, IMPLEMENTATIONS};
}

const char *pm_cuda_library_versions(void) {
  static char text[80];
  const size_t dnn = cudnnGetVersion();
  snprintf(text, sizeof text, "cudnn %zu.%zu.%zu cublas %s%s", dnn / 10000, dnn / 100 % 100, dnn % 100,
           pm_cublas_version(), wants_tf32() ? ", tf32" : "");
  return text;
}

int pm_cuda_open_libraries(char *why, size_t size) {
  return pm_cudnn_open(why, size) || pm_cublas_open(why, size);
}
