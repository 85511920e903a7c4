/* The cpu backend's table of kernels. */
#include "backend/backends.h"
#include "backend/cpu/bf16.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/panels.h"
#include "backend/cpu/sgemm.h"
#include "backend/cpu/winograd.h"
#include "backend/norm_and_silu.h"

#include <stdio.h>

/* Of an op the better ones first; those that take bfloat16, or weights in panels, only where the rules have their
 * forms. */
static const pm_implementation implementations[] = {
    {.op = &pm_op_linear_float,
     .name = "linear, bf16",
     .kernel = pm_bf16_linear,
     .fits = pm_bf16_linear_fits,
     .form = {[PM_LINEAR_X] = PM_BF16, [PM_LINEAR_W] = PM_TRANSPOSED}},
    {.op = &pm_op_linear_grad_input_float,
     .name = "linear_grad_input, bf16",
     .kernel = pm_bf16_linear_grad_input,
     .fits = pm_bf16_linear_grad_input_fits,
     .form = {[PM_LINEAR_GRAD_INPUT_DY] = PM_BF16, [PM_LINEAR_GRAD_INPUT_W] = PM_PAIRS}},
    {.op = &pm_op_linear_grad_weight_float,
     .name = "linear_grad_weight, bf16",
     .kernel = pm_bf16_linear_grad_weight,
     .scratch = pm_bf16_linear_grad_weight_scratch,
     .fits = pm_bf16_linear_grad_weight_fits,
     .form = {[PM_LINEAR_GRAD_WEIGHT_X] = PM_BF16, [PM_LINEAR_GRAD_WEIGHT_DY] = PM_BF16}},
    {.op = &pm_op_conv2d_float,
     .name = "conv2d, bf16",
     .kernel = pm_bf16_conv2d,
     .scratch = pm_bf16_conv2d_scratch,
     .fits = pm_bf16_conv2d_fits,
     .form = {[PM_CONV2D_X] = PM_BF16, [PM_CONV2D_W] = PM_PAIRS}},
    {.op = &pm_op_conv2d_grad_input_float,
     .name = "conv2d_grad_input, bf16",
     .kernel = pm_bf16_conv2d_grad_input,
     .scratch = pm_bf16_conv2d_scratch,
     .fits = pm_bf16_conv2d_fits,
     .form = {[PM_CONV2D_GRAD_INPUT_DY] = PM_BF16, [PM_CONV2D_GRAD_INPUT_W] = PM_TRANSPOSED}},
    {.op = &pm_op_conv2d_grad_weight_float,
     .name = "conv2d_grad_weight, bf16",
     .kernel = pm_bf16_conv2d_grad_weight,
     .workspace = pm_bf16_conv2d_grad_weight_workspace,
     .scratch = pm_bf16_conv2d_grad_weight_scratch,
     .fits = pm_bf16_conv2d_grad_weight_fits,
     .form = {[PM_CONV2D_GRAD_WEIGHT_X] = PM_BF16, [PM_CONV2D_GRAD_WEIGHT_DY] = PM_BF16}},
    {.op = &pm_op_linear_float,
     .kernel = pm_panels_linear,
     .fits = pm_panels_linear_fits,
     .form = {[PM_LINEAR_W] = PM_PANELS_TRANSPOSED}},
    {.op = &pm_op_linear_grad_input_float,
     .kernel = pm_panels_linear_grad_input,
     .fits = pm_panels_linear_grad_input_fits,
     .form = {[PM_LINEAR_GRAD_INPUT_W] = PM_PANELS}},
    {.op = &pm_op_conv2d_float,
     .name = "conv2d, few channels",
     .kernel = pm_few_conv2d,
     .scratch = pm_few_conv2d_scratch,
     .fits = pm_few_conv2d_fits},
    {.op = &pm_op_conv2d_grad_input_float,
     .name = "conv2d_grad_input, few channels",
     .kernel = pm_few_conv2d_grad_input,
     .scratch = pm_few_conv2d_scratch,
     .fits = pm_few_conv2d_fits},
    {.op = &pm_op_conv2d_float,
     .name = "conv2d, Winograd",
     .kernel = pm_winograd_conv2d,
     .scratch = pm_winograd_conv2d_scratch,
     .fits = pm_winograd_conv2d_fits},
    {.op = &pm_op_conv2d_grad_input_float,
     .name = "conv2d_grad_input, Winograd",
     .kernel = pm_winograd_conv2d_grad_input,
     .scratch = pm_winograd_conv2d_scratch,
     .fits = pm_winograd_conv2d_fits},
    {.op = &pm_op_conv2d_grad_weight_float,
     .name = "conv2d_grad_weight, Winograd",
     .kernel = pm_winograd_conv2d_grad_weight,
     .workspace = pm_winograd_conv2d_grad_weight_workspace,
     .scratch = pm_winograd_conv2d_grad_weight_scratch,
     .fits = pm_winograd_conv2d_grad_weight_fits},
    {.op = &pm_op_add_float, .kernel = pm_cpu_add},
    {.op = &pm_op_mul_float, .kernel = pm_cpu_mul},
    {.op = &pm_op_affine_float, .kernel = pm_cpu_affine},
    {.op = &pm_op_relu_float, .kernel = pm_cpu_relu},
    {.op = &pm_op_relu_grad_float, .kernel = pm_cpu_relu_grad},
    {.op = &pm_op_exp_float, .kernel = pm_cpu_exp},
    {.op = &pm_op_sigmoid_float, .kernel = pm_cpu_sigmoid},
    {.op = &pm_op_sigmoid_grad_float, .kernel = pm_cpu_sigmoid_grad},
    {.op = &pm_op_add_bias_float, .kernel = pm_cpu_add_bias},
    {.op = &pm_op_sum_rows_float, .kernel = pm_cpu_sum_rows, .workspace = pm_cpu_rows_workspace},
    {.op = &pm_op_batchnorm_float, .kernel = pm_cpu_batchnorm, .workspace = pm_cpu_rows_workspace},
    {.op = &pm_op_batchnorm_grad_float, .kernel = pm_cpu_batchnorm_grad, .workspace = pm_cpu_rows_workspace},
    {.op = &pm_op_batchnorm_use_float, .kernel = pm_cpu_batchnorm_use, .workspace = pm_cpu_rows_workspace},
    {.op = &pm_op_squared_error_float, .kernel = pm_cpu_squared_error},
    {.op = &pm_op_squared_error_grad_float, .kernel = pm_cpu_squared_error_grad},
    {.op = &pm_op_bce_float, .kernel = pm_cpu_bce},
    {.op = &pm_op_bce_grad_float, .kernel = pm_cpu_bce_grad},
    {.op = &pm_op_adam_float, .kernel = pm_cpu_adam},
    {.op = &pm_op_moving_average_float, .kernel = pm_cpu_moving_average},
    {.op = &pm_op_conv2d_float, .kernel = pm_cpu_conv2d, .scratch = pm_cpu_conv2d_scratch},
    {.op = &pm_op_conv2d_grad_input_float,
     .kernel = pm_cpu_conv2d_grad_input,
     .scratch = pm_cpu_conv2d_grad_input_scratch},
    {.op = &pm_op_conv2d_grad_weight_float,
     .kernel = pm_cpu_conv2d_grad_weight,
     .workspace = pm_cpu_conv2d_grad_weight_workspace,
     .scratch = pm_cpu_conv2d_grad_weight_scratch},
    {.op = &pm_op_linear_float, .kernel = pm_cpu_linear},
    {.op = &pm_op_linear_grad_input_float, .kernel = pm_cpu_linear_grad_input},
    {.op = &pm_op_linear_grad_weight_float, .kernel = pm_cpu_linear_grad_weight},
    {.op = &pm_op_grouped_linear_float, .kernel = pm_cpu_grouped_linear},
    {.op = &pm_op_grouped_linear_grad_input_float, .kernel = pm_cpu_grouped_linear_grad_input},
    {.op = &pm_op_grouped_linear_grad_weight_float, .kernel = pm_cpu_grouped_linear_grad_weight},
    {.op = &pm_op_embedding_sum_float, .kernel = pm_cpu_embedding_sum},
    {.op = &pm_op_embedding_sum_grad_float,
     .kernel = pm_cpu_embedding_sum_grad,
     .scratch = pm_cpu_embedding_sum_grad_scratch},
    {.op = &pm_op_drop_listed_float, .kernel = pm_cpu_drop_listed, .scratch = pm_cpu_drop_listed_scratch},
    {.op = &pm_op_patch_features_float, .kernel = pm_cpu_patch_features},
    {.op = &pm_op_patch_copies_float, .kernel = pm_cpu_patch_copies},
    {.op = &pm_op_patch_copies_grad_float, .kernel = pm_cpu_patch_copies_grad},
    {.op = &pm_op_nearest_code_float, .kernel = pm_cpu_nearest_code},
    {.op = &pm_op_normal_float, .kernel = pm_cpu_normal},
    {.op = &pm_op_colour_lookup_float, .kernel = pm_cpu_colour_lookup},
    {.op = &pm_op_silu_float, .kernel = pm_cpu_silu},
    {.op = &pm_op_silu_grad_float, .kernel = pm_cpu_silu_grad},
    {.op = &pm_op_gelu_float, .kernel = pm_cpu_gelu},
    {.op = &pm_op_gelu_grad_float, .kernel = pm_cpu_gelu_grad},
    {.op = &pm_op_absolute_error_float, .kernel = pm_cpu_absolute_error},
    {.op = &pm_op_absolute_error_grad_float, .kernel = pm_cpu_absolute_error_grad},
    {.op = &pm_op_groupnorm_float,
     .name = "groupnorm and silu",
     .kernel = pm_cpu_groupnorm_silu,
     .scratch = pm_cpu_groupnorm_scratch,
     .lower = pm_lower_groupnorm_silu},
    {.op = &pm_op_groupnorm_grad_float,
     .name = "groupnorm and silu, gradient",
     .kernel = pm_cpu_groupnorm_silu_grad,
     .scratch = pm_cpu_groupnorm_scratch,
     .workspace = pm_cpu_groupnorm_grad_workspace,
     .lower = pm_lower_groupnorm_silu_grad},
    {.op = &pm_op_groupnorm_float, .kernel = pm_cpu_groupnorm, .scratch = pm_cpu_groupnorm_scratch},
    {.op = &pm_op_groupnorm_grad_float,
     .kernel = pm_cpu_groupnorm_grad,
     .workspace = pm_cpu_groupnorm_grad_workspace,
     .scratch = pm_cpu_groupnorm_scratch},
    {.op = &pm_op_softmax_float, .kernel = pm_cpu_softmax},
    {.op = &pm_op_softmax_grad_float, .kernel = pm_cpu_softmax_grad},
    {.op = &pm_op_cross_entropy_float, .kernel = pm_cpu_cross_entropy, .scratch = pm_cpu_cross_entropy_scratch},
    {.op = &pm_op_cross_entropy_grad_float,
     .kernel = pm_cpu_cross_entropy_grad,
     .scratch = pm_cpu_cross_entropy_scratch},
    {.op = &pm_op_attention_float, .kernel = pm_cpu_attention, .scratch = pm_cpu_attention_scratch},
    {.op = &pm_op_attention_grad_float, .kernel = pm_cpu_attention_grad, .scratch = pm_cpu_attention_scratch},
    {.op = &pm_op_attention_step_float, .kernel = pm_cpu_attention_step, .scratch = pm_cpu_attention_step_scratch},
    {.op = &pm_op_concat_float, .kernel = pm_cpu_concat},
    {.op = &pm_op_slice_columns_float, .kernel = pm_cpu_slice_columns},
    {.op = &pm_op_upsample_nearest_float, .kernel = pm_cpu_upsample_nearest},
    {.op = &pm_op_upsample_nearest_grad_float, .kernel = pm_cpu_upsample_nearest_grad},
    {.op = &pm_op_add_vector_float, .kernel = pm_cpu_add_vector},
    {.op = &pm_op_sum_pixels_float, .kernel = pm_cpu_sum_pixels},
    {.op = &pm_op_combine_rows_float, .kernel = pm_cpu_combine_rows},
    {.op = &pm_op_dropout_float, .kernel = pm_cpu_dropout},
    {.op = &pm_op_permute_float, .kernel = pm_cpu_permute},
    {.op = &pm_op_clip_norm_float, .kernel = pm_cpu_clip_norm, .workspace = pm_cpu_clip_norm_workspace},
    {.op = &pm_op_fill_float, .kernel = pm_cpu_fill},
};

static const pm_lowering_rules in_fp32 = {.real_size = sizeof(float),
                                          .list = implementations,
                                          .count = sizeof implementations / sizeof *implementations,
                                          .form_bytes = pm_panels_form_bytes,
                                          .converter = pm_panels_converter};
static const pm_lowering_rules in_bf16 = {.real_size = sizeof(float),
                                          .list = implementations,
                                          .count = sizeof implementations / sizeof *implementations,
                                          .form_bytes = pm_bf16_form_bytes,
                                          .form_scratch = pm_bf16_form_scratch,
                                          .converter = pm_bf16_converter};

static pm_program *compile_cpu(const pm_graph *graph) {
  return pm_host_compile(graph, graph->store->backend->precision == PM_BFLOAT16 ? &in_bf16 : &in_fp32);
}

/* Our own loops give the same bits on every tier; OpenBLAS's kernels do not. */
static const char *cpu_tier(const pm_backend *self) {
  static char fp32[64], bf16[72];
  snprintf(fp32, sizeof fp32, "%s %s", pm_vector_best()->name, pm_sgemm_core());
  if (self->precision == PM_FP32)
    return fp32;
  snprintf(bf16, sizeof bf16, "%s, %s", fp32, pm_bf16_best()->sums);
  return bf16;
}

#define PM_CPU(in)                                                                                                     \
  {                                                                                                                    \
    .abi = PM_BACKEND_ABI, .name = "cpu", .precision = in, .tier = cpu_tier, .supports = pm_host_supports,             \
    .allocate = pm_host_allocate, .release = pm_host_release, .write = pm_host_write, .read = pm_host_read,            \
    .compile = compile_cpu, .run = pm_host_run, .run_timed = pm_host_run_timed, .read_value = pm_host_read_value,      \
    .size = pm_host_size, .free_program = pm_host_free_program,                                                        \
  }
const pm_backend pm_backend_cpu = PM_CPU(PM_FP32);
const pm_backend pm_backend_cpu_bf16 = PM_CPU(PM_BFLOAT16);
