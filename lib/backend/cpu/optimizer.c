/* The update of a step: one pass over the flat blocks. */
#include "backend/cpu/kernels.h"

#include "core/tasks.h"

#include <math.h>

enum { RANGE = 1 << 14 };

typedef struct {
  const pm_call *call;
  pm_adam_constants constants;
  size_t items;
} adam_work;

static size_t range(size_t items, size_t task, size_t *from) {
  *from = task * RANGE;
  return items - *from < RANGE ? items - *from : RANGE;
}

static void adam_range(void *context, size_t task, void *scratch) {
  const adam_work *w = context;
  size_t from, n = range(w->items, task, &from);
  (void)scratch;
  pm_vector_best()->adam((float *)w->call->out[0] + from, (float *)w->call->out[1] + from,
                         (float *)w->call->out[2] + from, (const float *)w->call->in[1] + from, w->constants, n);
}

void pm_cpu_adam(const pm_call *call) {
  const pm_adam_attributes *a = call->node->attributes;
  double rate = *(const float *)call->in[4], t = (double)*(const int64_t *)call->in[5] + 1;
  adam_work w = {.call = call, .items = pm_count(call->node->in[0])};
  w.constants = (pm_adam_constants){
      .beta1 = (float)a->beta1,
      .rest1 = (float)(1 - a->beta1),
      .beta2 = (float)a->beta2,
      .rest2 = (float)(1 - a->beta2),
      .epsilon = (float)a->epsilon,
      .decay = a->decoupled ? 0 : (float)a->decay,
      .keep = a->decoupled ? (float)(1 - rate * a->decay) : 1,
      .step = (float)(rate / (1 - pow(a->beta1, t))),
      .root = (float)sqrt(1 - pow(a->beta2, t)),
  };
  pm_parallel_for((w.items + RANGE - 1) / RANGE, 0, adam_range, &w);
}

static void average_range(void *context, size_t task, void *scratch) {
  const pm_call *call = context;
  size_t from, n = range(pm_count(call->node->in[0]), task, &from);
  (void)scratch;
  pm_vector_best()->moving_average((float *)call->out[0] + from, (const float *)call->in[1] + from,
                                   *(const float *)call->in[2], n);
}

void pm_cpu_moving_average(const pm_call *call) {
  pm_parallel_for((pm_count(call->node->in[0]) + RANGE - 1) / RANGE, 0, average_range, (void *)(size_t)call);
}
