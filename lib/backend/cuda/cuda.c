/* The cuda backend's table of kernels. */
#include "backend/cuda/cuda.h"

#include "backend/cuda/device.h"
#include "backend/cuda/kernels.h"
#include "backend/cuda/libraries.h"
#include "backend/cuda/program.h"
#include "backend/cuda/ranks.h"
#include "backend/norm_and_silu.h"
#include "nn/ops.h"

#include <stdio.h>

#define KERNEL(name)                                                                                                   \
  { .op = &pm_op_##name##_float, .kernel = pm_cuda_##name }
#define KERNEL_WITH(name, space)                                                                                       \
  { .op = &pm_op_##name##_float, .kernel = pm_cuda_##name, .workspace = pm_cuda_##space##_workspace }

static const pm_implementation with_bf16[] = {
    {.op = &pm_op_linear_float,
     .name = "linear, bf16",
     .kernel = pm_cuda_linear_bf16,
     .form = {[PM_LINEAR_X] = PM_BF16, [PM_LINEAR_W] = PM_BF16}},
    {.op = &pm_op_linear_grad_input_float,
     .name = "linear_grad_input, bf16",
     .kernel = pm_cuda_linear_grad_input_bf16,
     .form = {[PM_LINEAR_GRAD_INPUT_DY] = PM_BF16, [PM_LINEAR_GRAD_INPUT_W] = PM_BF16}},
    {.op = &pm_op_linear_grad_weight_float,
     .name = "linear_grad_weight, bf16",
     .kernel = pm_cuda_linear_grad_weight_bf16,
     .workspace = pm_cuda_linear_grad_weight_workspace,
     .form = {[PM_LINEAR_GRAD_WEIGHT_X] = PM_BF16, [PM_LINEAR_GRAD_WEIGHT_DY] = PM_BF16}},
    {.op = &pm_op_conv2d_float,
     .name = "conv2d, bf16",
     .kernel = pm_cuda_conv2d_bf16,
     .form = {[PM_CONV2D_X] = PM_BF16, [PM_CONV2D_W] = PM_BF16}},
    {.op = &pm_op_conv2d_grad_input_float,
     .name = "conv2d_grad_input, bf16",
     .kernel = pm_cuda_conv2d_grad_input_bf16,
     .form = {[PM_CONV2D_GRAD_INPUT_DY] = PM_BF16, [PM_CONV2D_GRAD_INPUT_W] = PM_BF16}},
    {.op = &pm_op_conv2d_grad_weight_float,
     .name = "conv2d_grad_weight, bf16",
     .kernel = pm_cuda_conv2d_grad_weight_bf16,
     .workspace = pm_cuda_conv2d_grad_weight_workspace,
     .form = {[PM_CONV2D_GRAD_WEIGHT_X] = PM_BF16, [PM_CONV2D_GRAD_WEIGHT_DY] = PM_BF16}},
};

/* Of an op the better ones first. Every op is here but reshape, which is a view. */
static const pm_implementation implementations[] = {
    {.op = &pm_op_groupnorm_float,
     .name = "groupnorm and silu",
     .kernel = pm_cuda_groupnorm_silu,
     .lower = pm_lower_groupnorm_silu},
    {.op = &pm_op_groupnorm_grad_float,
     .name = "groupnorm and silu, gradient",
     .kernel = pm_cuda_groupnorm_silu_grad,
     .workspace = pm_cuda_groupnorm_grad_workspace,
     .lower = pm_lower_groupnorm_silu_grad},
    KERNEL_WITH(sum_rows, sum_rows),
    KERNEL_WITH(batchnorm, batchnorm),
    KERNEL_WITH(batchnorm_grad, batchnorm_grad),
    KERNEL_WITH(groupnorm_grad, groupnorm_grad),
    KERNEL_WITH(linear_grad_weight, linear_grad_weight),
    KERNEL_WITH(grouped_linear_grad_weight, linear_grad_weight),
    KERNEL_WITH(conv2d_grad_weight, conv2d_grad_weight),
    KERNEL_WITH(attention_grad, attention_grad),
    KERNEL_WITH(embedding_grad, embedding_grad),
    KERNEL_WITH(embedding_sum_grad, embedding_sum_grad),
    KERNEL_WITH(draw_index, draw_index),
    KERNEL_WITH(draw_hinted, draw_hinted),
    KERNEL_WITH(resample_particles, resample_particles),
    KERNEL_WITH(clip_norm, clip_norm),
    KERNEL(absolute_error),
    KERNEL(absolute_error_grad),
    KERNEL(adam),
    KERNEL(add),
    KERNEL(add_bias),
    KERNEL(add_vector),
    KERNEL(sum_pixels),
    KERNEL(affine),
    KERNEL(assign),
    KERNEL(clear),
    KERNEL(attention),
    KERNEL(attention_step),
    KERNEL(batchnorm_update),
    KERNEL(batchnorm_use),
    KERNEL(bce),
    KERNEL(bce_grad),
    KERNEL(clamp),
    KERNEL(clamp_grad),
    KERNEL(codebook_average),
    KERNEL(codebook_follow),
    KERNEL(codebook_restart),
    KERNEL(codebook_replace),
    KERNEL(code_candidates),
    KERNEL(colour_lookup),
    KERNEL(combine_rows),
    KERNEL(concat),
    KERNEL(slice_columns),
    KERNEL(conv2d),
    KERNEL(conv2d_grad_input),
    KERNEL(cross_entropy),
    KERNEL(cross_entropy_grad),
    KERNEL(dropout),
    KERNEL(embedding),
    KERNEL(embedding_sum),
    KERNEL(drop_listed),
    KERNEL(exp),
    KERNEL(fill),
    KERNEL(fill_index),
    KERNEL(count_up),
    KERNEL(to_float),
    KERNEL(restrict_logits),
    KERNEL(flip),
    KERNEL(gather),
    KERNEL(gelu),
    KERNEL(gelu_grad),
    KERNEL(grouped_linear),
    KERNEL(grouped_linear_grad_input),
    KERNEL(groupnorm),
    KERNEL(kl_normal),
    KERNEL(kl_normal_grad),
    KERNEL(lerp_rows),
    KERNEL(linear),
    KERNEL(linear_grad_input),
    KERNEL(lookup_rows),
    KERNEL(mean_rows),
    KERNEL(mean_rows_grad),
    KERNEL(moving_average),
    KERNEL(mul),
    KERNEL(nearest_code),
    KERNEL(code_usage),
    KERNEL(normal),
    KERNEL(one_hot),
    KERNEL(argmax),
    KERNEL(pad2d),
    KERNEL(crop2d),
    KERNEL(palette_swap),
    KERNEL(copy_rows),
    KERNEL(pick_particle),
    KERNEL(patch_before),
    KERNEL(patch_features),
    KERNEL(patch_within),
    KERNEL(patch_copies),
    KERNEL(patch_copies_grad),
    KERNEL(patches_to_pixels),
    KERNEL(pixels_to_patches),
    KERNEL(patch_put),
    KERNEL(permute),
    KERNEL(random_index_rows),
    KERNEL(random_uniform),
    KERNEL(drop_labels),
    KERNEL(record),
    KERNEL(relu),
    KERNEL(relu_grad),
    KERNEL(shift),
    KERNEL(shuffle),
    KERNEL(sigmoid),
    KERNEL(sigmoid_grad),
    KERNEL(silu),
    KERNEL(silu_grad),
    KERNEL(softmax),
    KERNEL(softmax_grad),
    KERNEL(squared_error),
    KERNEL(squared_error_grad),
    KERNEL(straight_through),
    KERNEL(time_embedding),
    KERNEL(shift_right),
    KERNEL(put_column),
    KERNEL(to_index),
    KERNEL(to_bits),
    KERNEL(from_bits),
    KERNEL(to_unit),
    KERNEL(upsample_nearest),
    KERNEL(upsample_nearest_grad),
    KERNEL(weight_decay),
};
#define LENGTH(list) (sizeof list / sizeof *list)

static size_t form_bytes(const pm_value *value, pm_form form) {
  return pm_count(value) * (form == PM_KRSC ? sizeof(float) : sizeof(uint16_t));
}

static pm_kernel converter(pm_form form) {
  return form == PM_KRSC        ? pm_cuda_to_krsc
         : form == PM_KRSC_BF16 ? pm_cuda_to_krsc_bf16
         : form == PM_BF16      ? pm_cuda_to_bf16
                                : NULL;
}

/* These write what they make in bfloat16, too, where they are given room for it. */
static bool makes(const pm_step *step, pm_form form) {
  static const pm_kernel can[] = {
      pm_cuda_add,       pm_cuda_add_vector, pm_cuda_groupnorm_silu, pm_cuda_groupnorm_silu_grad,
      pm_cuda_silu,      pm_cuda_groupnorm,  pm_cuda_groupnorm_grad, pm_cuda_gelu,
      pm_cuda_gelu_grad, pm_cuda_relu,       pm_cuda_relu_grad,      pm_cuda_silu_grad};
  for (size_t i = 0; form == PM_BF16 && i < LENGTH(can); i++)
    if (step->kernel == can[i])
      return true;
  return false;
}

/* How far a step may be ahead of its turn. Ten shortens the longest path of the shipped models' graphs as much as no
 * sharing of memory would, and takes a tenth more of it (tests/cuda/count). */
enum { BESIDE = 10 };

/* The libraries' implementations, those with operands in bfloat16, then all others. */
static const pm_lowering_rules *rules_for(pm_precision precision) {
  enum { MOST = 160 };
  static pm_implementation all[2][MOST];
  static pm_lowering_rules rules[2];
  const int k = precision == PM_BFLOAT16;
  const pm_cuda_list libraries = pm_cuda_libraries(precision);
  const pm_cuda_list lists[] = {
      libraries, {with_bf16, k ? LENGTH(with_bf16) : 0}, {implementations, LENGTH(implementations)}};
  if (rules[k].list)
    return &rules[k];
  size_t n = 0;
  for (size_t i = 0; i < LENGTH(lists); i++)
    for (size_t e = 0; e < lists[i].count; e++) {
      assert(n < MOST);
      all[k][n++] = lists[i].list[e];
    }
  rules[k] = (pm_lowering_rules){.real_size = sizeof(float),
                                 .on_device = true,
                                 .beside = BESIDE,
                                 .list = all[k],
                                 .count = n,
                                 .form_bytes = form_bytes,
                                 .converter = converter,
                                 .makes = makes};
  return &rules[k];
}

static pm_program *compile_cuda(const pm_graph *graph) {
  return pm_cuda_compile_with(graph, rules_for(graph->store->backend->precision));
}

static bool supports(const pm_backend *self, const pm_node *node) {
  (void)self;
  bool found = node->op->reference == NULL; /* a view needs none */
  for (size_t i = 0; i < LENGTH(implementations); i++)
    found |= implementations[i].op == node->op;
  return found;
}

static const char *cuda_tier(const pm_backend *self) {
  static char text[2][400];
  const int k = self->precision == PM_BFLOAT16;
  snprintf(text[k], sizeof text[k], "cuda %s%s%s%s", pm_cuda_card(), *pm_cuda_library_versions() ? " " : "",
           pm_cuda_library_versions(), k ? ", bf16" : "");
  return text[k];
}

#define PM_CUDA(in)                                                                                                    \
  {                                                                                                                    \
    .abi = PM_BACKEND_ABI, .name = "cuda", .precision = in, .tier = cuda_tier, .supports = supports,                   \
    .allocate = pm_cuda_allocate, .release = pm_cuda_release, .write = pm_cuda_write, .read = pm_cuda_read,            \
    .compile = compile_cuda, .run = pm_cuda_run, .run_counted = pm_cuda_run_counted, .run_timed = pm_cuda_run_timed,   \
    .read_value = pm_cuda_read_value, .size = pm_cuda_size, .free_program = pm_cuda_free_program,                      \
    .join = pm_cuda_join, .sum_ranks = pm_cuda_sum_ranks,                                                              \
  }
const pm_backend pm_backend_cuda = PM_CUDA(PM_FP32);
const pm_backend pm_backend_cuda_bf16 = PM_CUDA(PM_BFLOAT16);
