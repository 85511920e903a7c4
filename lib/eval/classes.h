/* Whether samples are of the class that they were drawn for: a small classifier calls them by name. */
#ifndef PM_EVAL_CLASSES_H
#define PM_EVAL_CLASSES_H

#include "eval/features.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* called[samples' count], in the arena: the class that most of the k nearest real ones are of; among classes of as
 * many, that of the nearest. label[real's count]; of real ones as far the first counts as nearer. Fewer than k real
 * ones are all asked. Nothing is trained: on a thousand sprites neighbours know about as much, and the same for all
 * time. Runs on all threads. */
int32_t *pm_classify(pm_arena *arena, const pm_features *samples, const pm_features *real, const int32_t *label,
                     size_t k);

/* Labels are such as pm_labels_read gives them, 0 to PM_MAX_CLASSES - 1. */

/* label[count] of samples that were drawn of each class in turn: the largest of known[n] is the last class. */
int32_t *pm_class_labels_each(pm_arena *arena, size_t count, const int32_t *known, size_t n);

/* Fails with status 3 and `place` unless each of label[count] is one of known[n]. */
void pm_class_labels_check(const int32_t *label, size_t count, const int32_t *known, size_t n, const char *place);

#ifdef __cplusplus
}
#endif
#endif
