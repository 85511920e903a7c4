/* Curves over training steps as inline SVG: small (at most some hundred points a curve), readable without colours, and
 * told in words to those who do not see it. */
#ifndef PM_REPORT_CHART_H
#define PM_REPORT_CHART_H

#include "core/file.h"
#include "report/run.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_CHART_CURVES = 4 };

typedef struct {
  const char *id;    /* unique in the page */
  const char *title; /* "VAE-MSE: loss" */
  bool linear;       /* whatever the values are */
  size_t curves;
  const pm_series *curve[PM_CHART_CURVES]; /* none of them empty */
  const char *label[PM_CHART_CURVES];      /* "training" */
} pm_chart;

/* A <figure>. The first curve is a line in a band from the least to the largest value of the steps that a point stands
 * for; the others are dashed, with a mark at each value where they are few. Unless `linear`, the axis of values is
 * logarithmic where all are above 0 and the largest is many times the least. */
void pm_chart_write(pm_arena *arena, pm_output *out, const pm_chart *chart);

#ifdef __cplusplus
}
#endif
#endif
