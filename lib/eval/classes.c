#include "eval/classes.h"

#include "pixels/labels.h"

#include <stdbool.h>

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
