/* Finished comparisons (folders that `make compare` made) side by side on one page: what changed from one to another.
 */
#ifndef PM_REPORT_COMPARISON_H
#define PM_REPORT_COMPARISON_H

#include "report/run.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *title;
  pm_picture grid; /* compare/grid.png */
  size_t runs;     /* those that are complete */
  pm_run *run;     /* [runs], in the order of their names; each title is the name of the run's folder */
} pm_comparison;

/* Whether a folder is a comparison: runs/DATASET/PRESET, or the folder `compare` in it. */
bool pm_is_comparison(pm_arena *arena, const char *folder);
/* Fails with status 3 if it is none, or if no training run in it is complete. */
pm_comparison pm_comparison_read(pm_arena *arena, const char *folder, const char *title);

/* HTML as pm_report_write writes it: grids, scores with their differences to the first comparison, settings that
 * differ, curves. `n` is two at least. */
void pm_comparisons_write(pm_arena *arena, pm_output *out, const char *title, const pm_comparison *comparisons,
                          size_t n);

/* How a score of a later comparison stands to the same of the first. */
typedef enum {
  PM_CHANGE_NONE,   /* equal, or the intervals overlap, or neither end is better */
  PM_CHANGE_BETTER, /* beyond the intervals of both */
  PM_CHANGE_WORSE,
} pm_score_change;
pm_score_change pm_score_changed(const pm_score_line *first, const pm_score_line *later);

#ifdef __cplusplus
}
#endif
#endif
