/* The output of `score --tsv` for a training run, and which run is best in which measure. */
#ifndef PM_REPORT_SCORE_LINES_H
#define PM_REPORT_SCORE_LINES_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PM_END_NONE, PM_END_LOWER, PM_END_HIGHER } pm_score_end;

typedef struct {
  const char *measure; /* "coverage" */
  double value;
  bool interval;    /* whether low and high are there */
  double low, high; /* of the 95 % interval */
  long long n;      /* samples that it is over */
  pm_score_end better;
  const char *about; /* a phrase */
} pm_score_line;

typedef struct {
  size_t count; /* 0: not scored */
  pm_score_line *line;
} pm_score_lines;

/* The columns are measure, value, low, high, n, better, about. Fails with status 3 and the line if they are others, if
 * a measure comes twice, if a number is none, or if an interval does not hold its order. */
pm_score_lines pm_score_lines_read(pm_arena *arena, const char *path);

/* NULL if the run has no such measure. */
const pm_score_line *pm_score_lines_find(const pm_score_lines *scores, const char *measure);

typedef enum {
  PM_RANK_PLAIN,
  PM_RANK_BEST, /* no run has a better value */
  PM_RANK_NEAR, /* its confidence interval overlaps that of a best one */
} pm_score_rank;

/* The rank of run `which` among `runs` sets of scores; PLAIN where the measure has no better end, or where no two runs
 * that have it differ. */
pm_score_rank pm_score_lines_rank(const pm_score_lines *scores, size_t runs, size_t which, const char *measure);

#ifdef __cplusplus
}
#endif
#endif
