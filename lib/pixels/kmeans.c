#include "pixels/kmeans.h"

#include "core/random.h"
#include "core/tasks.h"

#include <assert.h>
#include <string.h>

enum { CHUNK = 512 /* points of one task */, LANES = 4 };

/* One run's state; all runs use the same memory. */
typedef struct {
  const float *points;
  const double *weights;
  size_t n, dimensions, clusters;
  double *centre, *mass; /* [clusters, dimensions], [clusters] */
  int32_t *label;        /* [n] */
  double *nearest;       /* [n]: squared distance to the point's centre */
  size_t compare_from;   /* centres that the points have not seen yet: those from here on */
} run_state;

static double weight_of(const run_state *r, size_t i) {
  return r->weights ? r->weights[i] : 1.0;
}

/* Four sums side by side, so that it can be vectorised and is still the same everywhere. */
static double squared_distance(const float *point, const double *centre, size_t dimensions) {
  double sum[LANES] = {0};
  size_t j = 0;
  for (; j + LANES <= dimensions; j += LANES)
    for (size_t l = 0; l < LANES; l++) {
      double d = point[j + l] - centre[j + l];
      sum[l] += d * d;
    }
  for (; j < dimensions; j++) {
    double d = point[j] - centre[j];
    sum[j % LANES] += d * d;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void assign_chunk(void *context, size_t task, void *scratch) {
  (void)scratch;
  run_state *r = context;
  size_t last = (task + 1) * CHUNK < r->n ? (task + 1) * CHUNK : r->n;
  for (size_t i = task * CHUNK; i < last; i++)
    for (size_t c = r->compare_from; c < r->clusters; c++) {
      double d = squared_distance(r->points + i * r->dimensions, r->centre + c * r->dimensions, r->dimensions);
      if (c == 0 || d < r->nearest[i]) {
        r->nearest[i] = d;
        r->label[i] = (int32_t)c;
      }
    }
}

static void assign(run_state *r, size_t compare_from) {
  r->compare_from = compare_from;
  pm_parallel_for((r->n + CHUNK - 1) / CHUNK, 0, assign_chunk, r);
}

static double inertia_of(const run_state *r) {
  double sum = 0;
  for (size_t i = 0; i < r->n; i++)
    sum += weight_of(r, i) * r->nearest[i];
  return sum;
}

static void add_centre(run_state *r, size_t point) {
  for (size_t j = 0; j < r->dimensions; j++)
    r->centre[r->clusters * r->dimensions + j] = r->points[point * r->dimensions + j];
  r->clusters++;
  assign(r, r->clusters - 1);
}

/* k-means++: each next centre is a point drawn with a probability in proportion to its distance squared. Stops early
 * when every point is a centre's own. */
static void start_run(run_state *r, size_t clusters, pm_rng *rng) {
  r->clusters = 0;
  double total = 0;
  for (size_t i = 0; i < r->n; i++)
    total += weight_of(r, i);
  while (r->clusters < clusters && total > 0) {
    double left = pm_rng_unit(rng) * total;
    size_t chosen = 0;
    for (size_t i = 0; i < r->n; i++) {
      double share = weight_of(r, i) * (r->clusters ? r->nearest[i] : 1.0);
      if (share <= 0)
        continue;
      chosen = i; /* the last one with a share, should rounding leave something over */
      left -= share;
      if (left < 0)
        break;
    }
    add_centre(r, chosen);
    total = inertia_of(r);
  }
}

/* A cluster that lost its points starts anew at the point that is worst off. */
static void refill(run_state *r, size_t empty) {
  size_t worst = 0;
  for (size_t i = 1; i < r->n; i++)
    if (r->nearest[i] > r->nearest[worst])
      worst = i;
  for (size_t j = 0; j < r->dimensions; j++)
    r->centre[empty * r->dimensions + j] = r->points[worst * r->dimensions + j];
  /* Neither this point nor its equals are to attract the next empty cluster. */
  for (size_t i = 0; i < r->n; i++)
    if (memcmp(r->points + i * r->dimensions, r->points + worst * r->dimensions, r->dimensions * sizeof(float)) == 0)
      r->nearest[i] = 0;
}

/* Centres to the weighted means of their points. Returns whether any centre moved. */
static int move_centres(run_state *r, double *sum) {
  size_t d = r->dimensions;
  memset(sum, 0, r->clusters * d * sizeof *sum);
  memset(r->mass, 0, r->clusters * sizeof *r->mass);
  for (size_t i = 0; i < r->n; i++) {
    double w = weight_of(r, i), *to = sum + (size_t)r->label[i] * d;
    r->mass[r->label[i]] += w;
    for (size_t j = 0; j < d; j++)
      to[j] += w * r->points[i * d + j];
  }
  int moved = 0;
  for (size_t c = 0; c < r->clusters; c++) {
    if (r->mass[c] == 0) {
      refill(r, c);
      moved = 1;
      continue;
    }
    for (size_t j = 0; j < d; j++) {
      double mean = sum[c * d + j] / r->mass[c];
      moved |= mean != r->centre[c * d + j];
      r->centre[c * d + j] = mean;
    }
  }
  return moved;
}

/* True if each cluster has a point. */
static int all_used(const run_state *r, double *seen) {
  memset(seen, 0, r->clusters * sizeof *seen);
  for (size_t i = 0; i < r->n; i++)
    seen[r->label[i]] = 1;
  for (size_t c = 0; c < r->clusters; c++)
    if (!seen[c])
      return 0;
  return 1;
}

pm_kmeans_result pm_kmeans(pm_arena *arena, const float *points, const double *weights, size_t n, size_t dimensions,
                           pm_kmeans_options o) {
  assert(n >= 1 && o.clusters >= 1 && o.restarts >= 1 && o.iterations >= 1);
  size_t clusters = o.clusters < n ? o.clusters : n, size = pm_multiply(NULL, clusters, dimensions);
  run_state r = {.points = points, .weights = weights, .n = n, .dimensions = dimensions};
  pm_kmeans_result best = {.centre = pm_alloc(arena, size, sizeof(double)),
                           .label = pm_alloc(arena, n, sizeof(int32_t))};
  r.centre = pm_alloc(arena, size, sizeof(double));
  r.label = pm_alloc(arena, n, sizeof(int32_t));
  r.mass = pm_alloc(arena, clusters, sizeof(double));
  r.nearest = pm_alloc(arena, n, sizeof(double));
  double *sum = pm_alloc(arena, size, sizeof(double));
  for (int restart = 0; restart < o.restarts; restart++) {
    pm_rng rng = pm_rng_start(o.seed, "k-means", (uint64_t)restart);
    start_run(&r, clusters, &rng);
    for (int step = 0; step < o.iterations && move_centres(&r, sum); step++)
      assign(&r, 0);
    /* The last step may have emptied a cluster. */
    for (size_t step = 0; step <= clusters && !all_used(&r, r.mass); step++) {
      move_centres(&r, sum);
      assign(&r, 0);
    }
    double inertia = inertia_of(&r);
    if (restart == 0 || inertia < best.inertia) {
      best.clusters = r.clusters;
      best.inertia = inertia;
      memcpy(best.centre, r.centre, r.clusters * dimensions * sizeof(double));
      memcpy(best.label, r.label, n * sizeof *r.label);
    }
  }
  return best;
}
