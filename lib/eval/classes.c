#include "eval/classes.h"

#include "core/tasks.h"
#include "eval/resample.h"
#include "pixels/labels.h"

#include <assert.h>
#include <stdbool.h>

typedef struct {
  double distance;
  int32_t label;
} neighbour;

typedef struct {
  const pm_features *samples, *real;
  const int32_t *label;
  size_t k;
  int32_t *called;
} classifying;

/* The nearest first. */
static size_t find_nearest(const classifying *c, size_t sample, neighbour *nearest) {
  const float *own = c->samples->value + sample * c->samples->stride;
  size_t found = 0;
  for (size_t r = 0; r < c->real->count; r++) {
    double d = pm_eval_squared_distance(own, c->real->value + r * c->real->stride, c->real->stride);
    if (found == c->k && !(d < nearest[found - 1].distance))
      continue;
    size_t at = found < c->k ? found++ : found - 1;
    for (; at > 0 && nearest[at - 1].distance > d; at--)
      nearest[at] = nearest[at - 1];
    nearest[at] = (neighbour){d, c->label[r]};
  }
  return found;
}

static void classify_one(void *context, size_t task, void *scratch) {
  const classifying *c = context;
  neighbour *nearest = scratch;
  size_t found = find_nearest(c, task, nearest), most = 0;
  for (size_t i = 0; i < found; i++) {
    size_t votes = 0;
    for (size_t j = 0; j < found; j++)
      votes += nearest[j].label == nearest[i].label;
    if (votes > most) { /* and not as many: the nearest came first */
      most = votes;
      c->called[task] = nearest[i].label;
    }
  }
}

int32_t *pm_classify(pm_arena *arena, const pm_features *samples, const pm_features *real, const int32_t *label,
                     size_t k) {
  assert(k > 0 && real->count > 0 && samples->stride == real->stride);
  classifying c = {samples, real, label, k, pm_alloc(arena, samples->count, sizeof(int32_t))};
  pm_parallel_for(samples->count, k * sizeof(neighbour), classify_one, &c);
  return c.called;
}

/* ---- labels ---- */

int32_t *pm_class_labels_each(pm_arena *arena, size_t count, const int32_t *known, size_t n) {
  size_t classes = 1;
  for (size_t i = 0; i < n; i++)
    classes = (size_t)known[i] >= classes ? (size_t)known[i] + 1 : classes;
  int32_t *label = pm_alloc(arena, count, sizeof *label);
  for (size_t i = 0; i < count; i++)
    label[i] = (int32_t)(i % classes);
  return label;
}

void pm_class_labels_check(const int32_t *label, size_t count, const int32_t *known, size_t n, const char *place) {
  bool there[PM_MAX_CLASSES] = {false};
  for (size_t i = 0; i < n; i++)
    there[known[i]] = true;
  for (size_t i = 0; i < count; i++)
    if (!there[label[i]])
      pm_fail(PM_BAD_INPUT, place, "label %d of sprite %zu is none of the data", (int)label[i], i);
}
