/* Noise and colours: a sprite is a task. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"

static void normal_row(void *context, size_t row, void *scratch) {
  const pm_call *call = context;
  const pm_normal_attributes *a = call->node->attributes;
  const draw_source d = draw_source_of(call, 0);
  size_t n = pm_count(call->node->out[0]) / a->shape.dim[0];
  (void)scratch;
  pm_normals((float *)call->out[0] + row * n, n, d.seed, a->purpose, d.step, draw_slot(&d, row));
}

void pm_cpu_normal(const pm_call *call) {
  pm_parallel_for(call->node->out[0]->shape.dim[0], 0, normal_row, (void *)(size_t)call);
}

static void colour_row(void *context, size_t row, void *scratch) {
  const pm_call *call = context;
  const float *table = call->in[PM_COLOUR_LOOKUP_TABLE];
  size_t C = pm_columns(call->node->in[PM_COLOUR_LOOKUP_TABLE]),
         n = pm_count(call->node->in[PM_COLOUR_LOOKUP_X]) / call->node->in[PM_COLOUR_LOOKUP_X]->shape.dim[0];
  const unsigned char *x = (const unsigned char *)call->in[PM_COLOUR_LOOKUP_X] + row * n;
  float *out = (float *)call->out[0] + row * n * C;
  (void)scratch;
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < C; c++)
      out[i * C + c] = table[x[i] * C + c];
}

void pm_cpu_colour_lookup(const pm_call *call) {
  pm_parallel_for(call->node->in[PM_COLOUR_LOOKUP_X]->shape.dim[0], 0, colour_row, (void *)(size_t)call);
}
