#include "backend/norm_and_silu.h"

#include "nn/ops.h"

bool pm_lower_groupnorm_silu(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  const pm_value *z = node->out[PM_GROUPNORM_Y];
  const pm_node *silu = pm_lower_reader(l, z, &pm_op_silu_float, 2);
  const pm_node *silu_grad = pm_lower_reader(l, z, &pm_op_silu_grad_float, 2);
  const pm_node *gradient = silu_grad ? pm_lower_reader(l, silu_grad->out[0], &pm_op_groupnorm_grad_float, 1) : NULL;
  if (!silu || silu->in[0] != z ||
      (silu_grad && (!gradient || gradient->in[PM_GROUPNORM_GRAD_DY] != silu_grad->out[0])) ||
      (!silu_grad && !pm_lower_reader(l, z, &pm_op_silu_float, 1)))
    return false;
  pm_step step = pm_lower_step(l, node, self);
  step.ins = node->ins;
  step.outs = node->outs;
  for (int k = 0; k < node->ins; k++)
    step.in[k] = pm_lower_operand(l, node->in[k], PM_PLAIN);
  for (int k = 0; k < node->outs; k++)
    step.out[k] = pm_lower_operand(l, k == PM_GROUPNORM_Y ? silu->out[0] : node->out[k], PM_PLAIN);
  step.in_place = node->op->in_place;
  pm_lower_append(l, step);
  pm_lower_fuse(l, silu);
  if (silu_grad)
    pm_lower_fuse(l, silu_grad);
  return true;
}

bool pm_lower_groupnorm_silu_grad(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  const pm_node *silu_grad = node->in[PM_GROUPNORM_GRAD_DY]->maker;
  if (!silu_grad || silu_grad->op != &pm_op_silu_grad_float || !pm_lower_is_fused(l, silu_grad))
    return false;
  pm_step step = pm_lower_step(l, node, self);
  step.ins = node->ins;
  step.outs = node->outs;
  for (int k = 0; k < node->ins; k++) {
    const pm_value *in = k == PM_GROUPNORM_GRAD_DY ? silu_grad->in[PM_SILU_GRAD_DY] : node->in[k];
    step.in[k] = pm_lower_operand(l, in, PM_PLAIN);
  }
  for (int k = 0; k < node->outs; k++)
    step.out[k] = pm_lower_operand(l, node->out[k], PM_PLAIN);
  step.in_place = node->op->in_place;
  pm_lower_append(l, step);
  return true;
}
