/* Labels of samples: the class that each was drawn for. */
#ifndef PM_EVAL_CLASSES_H
#define PM_EVAL_CLASSES_H

#include "core/memory.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Labels are such as pm_labels_read gives them, 0 to PM_MAX_CLASSES - 1. */

/* label[count] of samples that were drawn of each class in turn: the largest of known[n] is the last class. */
int32_t *pm_class_labels_each(pm_arena *arena, size_t count, const int32_t *known, size_t n);

/* Fails with status 3 and `place` unless each of label[count] is one of known[n]. */
void pm_class_labels_check(const int32_t *label, size_t count, const int32_t *known, size_t n, const char *place);

#ifdef __cplusplus
}
#endif
#endif
