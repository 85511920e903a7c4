/* How the loss of a training run developed, from metrics.tsv: whether it diverged. */
#ifndef PM_TRAIN_LOSS_COURSE_H
#define PM_TRAIN_LOSS_COURSE_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t rows;
  double *step, *loss; /* [rows] */
} pm_loss_course;

/* The first two columns of a metrics.tsv; rows that are none are passed over. */
pm_loss_course pm_loss_course_read(pm_arena *arena, const char *path);

/* NULL, or, of a loss that stayed finite and rose far above where it began, or ended there, what it did: "began at 2,
 * rose to 9e+04 at step 3 and ended at 1". A loss that comes down again counts, too: weights that were once blown up
 * stay of no use. */
const char *pm_loss_ran_away(pm_arena *arena, const double *step, const double *loss, size_t rows);

#ifdef __cplusplus
}
#endif
#endif
