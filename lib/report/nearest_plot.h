/* How far samples are from the sprites that their model was trained on, as curves. */
#ifndef PM_REPORT_NEAREST_PLOT_H
#define PM_REPORT_NEAREST_PLOT_H

#include "eval/copies.h"
#include "report/plot.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_NEAREST_PANELS = 2 };

/* Two panels, in the arena, of cumulative distributions: the share of sprites (upwards) whose distance to the nearest
 * training sprite, and whose ratio of it to the distance of the second nearest (pm_nearest_ratio), is at most so large.
 * Each has a curve of the samples, one of the held-out sprites if there are some, dashed, and the second panel a
 * vertical line at PM_COPY_RATIO: copies lie left of it. `samples` is above 0. */
pm_plot_panel *pm_nearest_panels(pm_arena *arena, const pm_nearest *sample, size_t samples, const pm_nearest *held,
                                 size_t held_out);

#ifdef __cplusplus
}
#endif
#endif
