/* The update of a step: one pass over the flat blocks. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <math.h>

typedef struct {
  const pm_call *call;
  pm_adam_constants constants;
  size_t items;
} adam_work;

static size_t range(size_t items, size_t task, size_t *from) {
  *from = task * PM_RANGE;
  return pm_smaller(items - *from, PM_RANGE);
}

static void adam_range(void *context, size_t task, void *scratch) {
  const adam_work *w = context;
  size_t from, n = range(w->items, task, &from);
  (void)scratch;
  pm_vector_best()->adam((float *)w->call->out[PM_ADAM_PARAMETERS] + from, (float *)w->call->out[PM_ADAM_M] + from,
                         (float *)w->call->out[PM_ADAM_V] + from, (const float *)w->call->in[PM_ADAM_GRADIENTS] + from,
                         w->constants, n);
}

void pm_cpu_adam(const pm_call *call) {
  const pm_adam_attributes *a = call->node->attributes;
  double rate = *(const float *)call->in[PM_ADAM_RATE], t = (double)*(const int64_t *)call->in[PM_ADAM_STEP] + 1;
  adam_work w = {.call = call, .items = pm_count(call->node->in[PM_ADAM_PARAMETERS])};
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
  pm_parallel_for(pm_pieces(w.items, PM_RANGE), 0, adam_range, &w);
}

static void average_range(void *context, size_t task, void *scratch) {
  const pm_call *call = context;
  size_t from, n = range(pm_count(call->node->in[PM_MOVING_AVERAGE_AVERAGE]), task, &from);
  (void)scratch;
  pm_vector_best()->moving_average((float *)call->out[0] + from, (const float *)call->in[PM_MOVING_AVERAGE_X] + from,
                                   *(const float *)call->in[PM_MOVING_AVERAGE_DECAY], n);
}

void pm_cpu_moving_average(const pm_call *call) {
  pm_parallel_for(pm_pieces(pm_count(call->node->in[PM_MOVING_AVERAGE_AVERAGE]), PM_RANGE), 0, average_range,
                  (void *)(size_t)call);
}

/* The ranges' sums of squares, in double and added in their order. */
static void squares_range(void *context, size_t task, void *scratch) {
  const pm_call *call = context;
  enum { PIECE = 1 << 10 };
  size_t from, n = range(pm_count(call->node->in[0]), task, &from);
  const float *x = (const float *)call->out[0] + from;
  double sum = 0;
  (void)scratch;
  for (size_t i = 0; i < n; i += PIECE)
    sum += pm_vector_best()->squares(x + i, pm_smaller(n - i, PIECE));
  ((double *)call->workspace)[task] = sum;
}

typedef struct {
  const pm_call *call;
  float factor;
} scaling;

static void scale_range(void *context, size_t task, void *scratch) {
  const scaling *s = context;
  size_t from, n = range(pm_count(s->call->node->in[0]), task, &from);
  float *x = (float *)s->call->out[0] + from;
  (void)scratch;
  pm_vector_best()->affine(x, x, s->factor, 0, n);
}

void pm_cpu_clip_norm(const pm_call *call) {
  const pm_clip_norm_attributes *a = call->node->attributes;
  size_t ranges = pm_pieces(pm_count(call->node->in[0]), PM_RANGE);
  double squares = 0;
  pm_parallel_for(ranges, 0, squares_range, (void *)(size_t)call);
  for (size_t i = 0; i < ranges; i++)
    squares += ((const double *)call->workspace)[i];
  scaling s = {call, (float)(a->norm / sqrt(squares))};
  if (sqrt(squares) > a->norm)
    pm_parallel_for(ranges, 0, scale_range, &s);
}

size_t pm_cpu_clip_norm_workspace(const pm_node *node) {
  return pm_pieces(pm_count(node->in[0]), PM_RANGE) * sizeof(double);
}
