/* k-means by Lloyd's iteration from k-means++ starts (Arthur, Vassilvitskii: "k-means++: the advantages of careful
 * seeding", SODA 2007). A pure function of its arguments: sums are kept in double and added in a fixed order. */
#ifndef PM_PIXELS_KMEANS_H
#define PM_PIXELS_KMEANS_H

#include "core/memory.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t clusters;
  int restarts, iterations; /* the best of `restarts` runs, each of at most `iterations` steps */
  uint64_t seed;
} pm_kmeans_options;

typedef struct {
  size_t clusters; /* fewer than asked for only where there are fewer distinct points */
  double *centre;  /* [clusters, dimensions] */
  int32_t *label;  /* [points] */
  double inertia;  /* weighted sum of squared distances to the centres */
} pm_kmeans_result;

/* points [n, dimensions], finite; weights [n] > 0, or NULL for 1 each; n >= 1. No cluster is empty. Memory from the
 * arena. Runs on all threads. */
pm_kmeans_result pm_kmeans(pm_arena *arena, const float *points, const double *weights, size_t n, size_t dimensions,
                           pm_kmeans_options options);

#ifdef __cplusplus
}
#endif
#endif
