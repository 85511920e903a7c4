/* The cpu backend's table of kernels. */
#include "backend/backends.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/sgemm.h"
#include "core/sizes.h"
#include "core/tasks.h"

#include <stdio.h>

static const struct {
  const pm_op *op;
  pm_kernel_choice choice;
} kernels[] = {
    {&pm_op_add_float, {pm_cpu_add, NULL}},
    {&pm_op_mul_float, {pm_cpu_mul, NULL}},
    {&pm_op_affine_float, {pm_cpu_affine, NULL}},
    {&pm_op_relu_float, {pm_cpu_relu, NULL}},
    {&pm_op_relu_grad_float, {pm_cpu_relu_grad, NULL}},
    {&pm_op_exp_float, {pm_cpu_exp, NULL}},
    {&pm_op_sigmoid_float, {pm_cpu_sigmoid, NULL}},
    {&pm_op_sigmoid_grad_float, {pm_cpu_sigmoid_grad, NULL}},
    {&pm_op_add_bias_float, {pm_cpu_add_bias, NULL}},
    {&pm_op_sum_rows_float, {pm_cpu_sum_rows, pm_cpu_rows_workspace}},
    {&pm_op_batchnorm_float, {pm_cpu_batchnorm, pm_cpu_rows_workspace}},
    {&pm_op_batchnorm_grad_float, {pm_cpu_batchnorm_grad, pm_cpu_rows_workspace}},
    {&pm_op_batchnorm_use_float, {pm_cpu_batchnorm_use, pm_cpu_rows_workspace}},
    {&pm_op_squared_error_float, {pm_cpu_squared_error, NULL}},
    {&pm_op_squared_error_grad_float, {pm_cpu_squared_error_grad, NULL}},
    {&pm_op_bce_float, {pm_cpu_bce, NULL}},
    {&pm_op_bce_grad_float, {pm_cpu_bce_grad, NULL}},
    {&pm_op_adam_float, {pm_cpu_adam, NULL}},
    {&pm_op_moving_average_float, {pm_cpu_moving_average, NULL}},
    {&pm_op_conv2d_float, {pm_cpu_conv2d, NULL}},
    {&pm_op_conv2d_grad_input_float, {pm_cpu_conv2d_grad_input, NULL}},
    {&pm_op_conv2d_grad_weight_float, {pm_cpu_conv2d_grad_weight, pm_cpu_conv2d_grad_weight_workspace}},
    {&pm_op_linear_float, {pm_cpu_linear, NULL}},
    {&pm_op_linear_grad_input_float, {pm_cpu_linear_grad_input, NULL}},
    {&pm_op_linear_grad_weight_float, {pm_cpu_linear_grad_weight, NULL}},
    {&pm_op_grouped_linear_float, {pm_cpu_grouped_linear, NULL}},
    {&pm_op_grouped_linear_grad_input_float, {pm_cpu_grouped_linear_grad_input, NULL}},
    {&pm_op_grouped_linear_grad_weight_float, {pm_cpu_grouped_linear_grad_weight, NULL}},
    {&pm_op_embedding_sum_float, {pm_cpu_embedding_sum, NULL}},
    {&pm_op_embedding_sum_grad_float, {pm_cpu_embedding_sum_grad, NULL}},
    {&pm_op_drop_listed_float, {pm_cpu_drop_listed, NULL}},
    {&pm_op_patch_features_float, {pm_cpu_patch_features, NULL}},
    {&pm_op_patch_copies_float, {pm_cpu_patch_copies, NULL}},
    {&pm_op_patch_copies_grad_float, {pm_cpu_patch_copies_grad, NULL}},
    {&pm_op_nearest_code_float, {pm_cpu_nearest_code, NULL}},
    {&pm_op_normal_float, {pm_cpu_normal, NULL}},
    {&pm_op_colour_lookup_float, {pm_cpu_colour_lookup, NULL}},
    {&pm_op_silu_float, {pm_cpu_silu, NULL}},
    {&pm_op_silu_grad_float, {pm_cpu_silu_grad, NULL}},
    {&pm_op_gelu_float, {pm_cpu_gelu, NULL}},
    {&pm_op_gelu_grad_float, {pm_cpu_gelu_grad, NULL}},
    {&pm_op_absolute_error_float, {pm_cpu_absolute_error, NULL}},
    {&pm_op_absolute_error_grad_float, {pm_cpu_absolute_error_grad, NULL}},
    {&pm_op_groupnorm_float, {pm_cpu_groupnorm, NULL}},
    {&pm_op_groupnorm_grad_float, {pm_cpu_groupnorm_grad, pm_cpu_groupnorm_grad_workspace}},
    {&pm_op_softmax_float, {pm_cpu_softmax, NULL}},
    {&pm_op_softmax_grad_float, {pm_cpu_softmax_grad, NULL}},
    {&pm_op_cross_entropy_float, {pm_cpu_cross_entropy, NULL}},
    {&pm_op_cross_entropy_grad_float, {pm_cpu_cross_entropy_grad, NULL}},
    {&pm_op_attention_float, {pm_cpu_attention, NULL}},
    {&pm_op_attention_grad_float, {pm_cpu_attention_grad, NULL}},
    {&pm_op_attention_step_float, {pm_cpu_attention_step, NULL}},
    {&pm_op_concat_float, {pm_cpu_concat, NULL}},
    {&pm_op_slice_columns_float, {pm_cpu_slice_columns, NULL}},
    {&pm_op_upsample_nearest_float, {pm_cpu_upsample_nearest, NULL}},
    {&pm_op_upsample_nearest_grad_float, {pm_cpu_upsample_nearest_grad, NULL}},
    {&pm_op_add_vector_float, {pm_cpu_add_vector, NULL}},
    {&pm_op_sum_pixels_float, {pm_cpu_sum_pixels, NULL}},
    {&pm_op_combine_rows_float, {pm_cpu_combine_rows, NULL}},
    {&pm_op_dropout_float, {pm_cpu_dropout, NULL}},
    {&pm_op_permute_float, {pm_cpu_permute, NULL}},
    {&pm_op_clip_norm_float, {pm_cpu_clip_norm, pm_cpu_clip_norm_workspace}},
    {&pm_op_fill_float, {pm_cpu_fill, NULL}},
};

static pm_kernel_choice choose(const pm_op *op) {
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
    if (kernels[i].op == op)
      return kernels[i].choice;
  return (pm_kernel_choice){op->reference, op->workspace};
}

/* Kernels whose tasks want memory of their own: bytes for each thread. */
static const struct {
  const pm_op *op;
  size_t (*scratch)(const pm_node *node);
} scratches[] = {
    {&pm_op_conv2d_float, pm_cpu_conv2d_scratch},
    {&pm_op_conv2d_grad_input_float, pm_cpu_conv2d_grad_input_scratch},
    {&pm_op_conv2d_grad_weight_float, pm_cpu_conv2d_grad_weight_scratch},
    {&pm_op_attention_float, pm_cpu_attention_scratch},
    {&pm_op_attention_grad_float, pm_cpu_attention_grad_scratch},
    {&pm_op_attention_step_float, pm_cpu_attention_step_scratch},
    {&pm_op_cross_entropy_float, pm_cpu_cross_entropy_scratch},
    {&pm_op_cross_entropy_grad_float, pm_cpu_cross_entropy_scratch},
    {&pm_op_groupnorm_float, pm_cpu_groupnorm_scratch},
    {&pm_op_groupnorm_grad_float, pm_cpu_groupnorm_scratch},
};

static void reserve_scratch(const pm_graph *graph) {
  size_t bytes = 0;
  for (size_t i = 0; i < graph->nodes; i++)
    for (size_t k = 0; k < sizeof scratches / sizeof *scratches; k++)
      if (graph->node[i]->op == scratches[k].op)
        bytes = pm_larger(bytes, scratches[k].scratch(graph->node[i]));
  pm_tasks_reserve(bytes);
}

static pm_program *compile(const pm_graph *graph) {
  reserve_scratch(graph);
  return pm_host_compile(graph, sizeof(float), choose);
}

/* Our own loops give the same bits on every tier; OpenBLAS's kernels do not. */
static const char *tier(void) {
  static char text[64];
  snprintf(text, sizeof text, "%s %s", pm_vector_best()->name, pm_sgemm_core());
  return text;
}

const pm_backend pm_backend_cpu = {
    .name = "cpu",
    .tier = tier,
    .allocate = pm_host_allocate,
    .release = pm_host_release,
    .write = pm_host_write,
    .read = pm_host_read,
    .compile = compile,
    .run = pm_host_run,
    .read_value = pm_host_read_value,
    .size = pm_host_size,
    .free_program = pm_host_free_program,
};
