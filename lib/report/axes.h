/* The axes of curves, over training steps or another quantity: their ends, their ticks, and what a long series shows of
 * itself. */
#ifndef PM_REPORT_AXES_H
#define PM_REPORT_AXES_H

#include "report/metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the axis of values. AUTO: logarithmic where all values are above 0 and the largest is many times the least. */
typedef enum { PM_SCALE_AUTO, PM_SCALE_LINEAR, PM_SCALE_LOGARITHMIC } pm_scale;

typedef struct {
  double from, to;  /* steps, or what else the series hold in their place */
  bool whole;       /* all of these are whole numbers, so the ticks are */
  double low, high; /* values */
  bool logarithmic;
} pm_axes;

/* Around all values of the series, with a little room; none of them is empty. LOGARITHMIC where a value is not above 0
 * is linear. */
pm_axes pm_axes_of(const pm_series *const *series, size_t n, pm_scale scale);

/* Where on the axis, 0 … 1 from its low end. */
double pm_axes_x(const pm_axes *axes, double step);
double pm_axes_y(const pm_axes *axes, double value);

/* Values to write at the axis, ascending; returns how many. */
enum { PM_MOST_TICKS = 64 };
size_t pm_ticks_x(const pm_axes *axes, double tick[PM_MOST_TICKS]);
size_t pm_ticks_y(const pm_axes *axes, double tick[PM_MOST_TICKS]);

/* Point k of n that stand for the series: the mean step and value of its share, and the least and the largest value. */
typedef struct {
  double step, value, low, high;
} pm_curve_point;
pm_curve_point pm_curve_share(const pm_series *series, size_t k, size_t n);

#ifdef __cplusplus
}
#endif
#endif
