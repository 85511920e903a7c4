/* metrics.tsv of a training run: a series for each column. */
#ifndef PM_REPORT_METRICS_H
#define PM_REPORT_METRICS_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A column; rows in which it is empty, or no finite number, are left out. In a curve that is no column of metrics
 * (report/plot.h), `step` is whatever lies along the horizontal axis, from 0. */
typedef struct {
  const char *name;
  size_t count;
  double *step, *value; /* [count] */
  size_t not_finite;    /* rows with nan or inf in it */
} pm_series;

typedef struct {
  size_t columns;    /* without the step; the first is the loss, and there is one at least */
  pm_series *series; /* [columns] */
  size_t rows;
  double last_step; /* 0 without a row */
} pm_metrics;

/* Everything in the arena. `growing`: a training run may be writing the file, so what follows its last newline is
 * passed over. Fails with status 3 and the line if the first column is not the step, if steps do not ascend, or if a
 * field is no number. */
pm_metrics pm_metrics_read(pm_arena *arena, const char *path, bool growing);

/* The series of that name, or NULL if there is none. */
const pm_series *pm_metrics_series(const pm_metrics *metrics, const char *name);

#ifdef __cplusplus
}
#endif
#endif
