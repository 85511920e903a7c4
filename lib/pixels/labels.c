#include "pixels/labels.h"

#include "core/compare.h"
#include "io/npy.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static pm_labels labels_new(pm_arena *arena, size_t count, size_t classes) {
  return (pm_labels){.count = count,
                     .classes = classes,
                     .label = pm_alloc(arena, count, sizeof(int32_t)),
                     .size = pm_alloc(arena, classes, sizeof(size_t)),
                     .name = pm_alloc(arena, classes, sizeof(char *))};
}

static void count_sizes(pm_labels *labels) {
  for (size_t i = 0; i < labels->count; i++)
    labels->size[labels->label[i]]++;
}

/* ---- by looks ---- */

/* [count, height * width * 3] */
static float *points_of(pm_arena *arena, const pm_sprites *s) {
  size_t pixels = s->count * s->height * s->width;
  float *points = pm_alloc(arena, pm_multiply(NULL, pixels, 3), sizeof *points);
  for (size_t p = 0; p < pixels; p++) {
    const unsigned char *rgba = pm_sprites_pixel(s, 0, 0, p);
    for (size_t c = 0; c < 3; c++)
      points[3 * p + c] = (float)(rgba[c] * rgba[3]) / (255.0f * 255.0f);
  }
  return points;
}

typedef struct {
  size_t size, first, cluster;
} rank;

static int compare_ranks(const void *a, const void *b) {
  const rank *p = a, *q = b;
  if (p->size != q->size)
    return p->size > q->size ? -1 : 1;
  return p->first < q->first ? -1 : p->first > q->first;
}

pm_labels pm_labels_cluster(pm_arena *arena, const pm_sprites *sprites, pm_kmeans_options options, const char *place) {
  size_t n = sprites->count, k = options.clusters;
  if (n < k)
    pm_fail(PM_BAD_INPUT, place, "holds %s, expected at least as many as classes: %zu%s",
            pm_counted(arena, n, "sprite"), k, pm_uncut_hint(n));
  float *points = points_of(arena, sprites);
  pm_kmeans_result found = pm_kmeans(arena, points, NULL, n, 3 * sprites->height * sprites->width, options);
  if (found.clusters < k)
    pm_fail(PM_BAD_INPUT, place, "holds %s that differ, expected at least as many as classes: %zu",
            pm_counted(arena, found.clusters, "sprite"), k);
  rank *ranks = pm_alloc(arena, k, sizeof *ranks);
  for (size_t c = 0; c < k; c++)
    ranks[c] = (rank){.first = n, .cluster = c};
  for (size_t i = n; i-- > 0;) {
    ranks[found.label[i]].size++;
    ranks[found.label[i]].first = i;
  }
  qsort(ranks, k, sizeof *ranks, compare_ranks);
  pm_labels labels = labels_new(arena, n, k);
  int32_t *number = pm_alloc(arena, k, sizeof *number);
  for (size_t r = 0; r < k; r++) {
    number[ranks[r].cluster] = (int32_t)r;
    labels.name[r] = pm_format(arena, "class-%zu", r);
  }
  for (size_t i = 0; i < n; i++)
    labels.label[i] = number[found.label[i]];
  count_sizes(&labels);
  return labels;
}

/* ---- by folders ---- */

/* The names of sheets that lost all their tiles, where no other sheet keeps the class. */
static void warn_of_lost(const pm_sheet_list *sheets, const pm_labels *labels) {
  const char *said = "";
  for (size_t s = 0; s < sheets->path.count; s++) {
    const char *name = sheets->class_name.item[s];
    if (!bsearch(&name, labels->name, labels->classes, sizeof name, pm_compare_text) && strcmp(name, said) != 0) {
      pm_warn(NULL, "class %s: none of its tiles is left, so it gets no number", name);
      said = name;
    }
  }
}

pm_labels pm_labels_by_sheet(pm_arena *arena, const pm_sheet_list *sheets, const pm_slice_report *report) {
  size_t n = sheets->path.count, classes = 0, at = 0;
  assert(sheets->class_name.count == n && report->sheets == n);
  const char **names = pm_alloc(arena, n, sizeof *names);
  for (size_t s = 0, used = 0; s < n; s++)
    if (report->kept_of[s]) {
      names[used++] = sheets->class_name.item[s];
      classes = used;
    }
  qsort(names, classes, sizeof *names, pm_compare_text);
  size_t distinct = 0;
  for (size_t i = 0; i < classes; i++)
    if (i == 0 || strcmp(names[i], names[distinct - 1]) != 0)
      names[distinct++] = names[i];
  if (distinct > PM_MAX_CLASSES)
    pm_fail(PM_BAD_INPUT, NULL, "%zu classes, expected at most %d", distinct, PM_MAX_CLASSES);
  pm_labels labels = labels_new(arena, report->kept, distinct);
  memcpy(labels.name, names, distinct * sizeof *names);
  for (size_t s = 0; s < n; s++) {
    if (report->kept_of[s] == 0)
      continue;
    const char **found =
        bsearch(&sheets->class_name.item[s], labels.name, distinct, sizeof *labels.name, pm_compare_text);
    for (size_t i = 0; i < report->kept_of[s]; i++)
      labels.label[at++] = (int32_t)(found - labels.name);
  }
  assert(at == report->kept);
  count_sizes(&labels);
  warn_of_lost(sheets, &labels);
  return labels;
}

/* ---- by numbers ---- */

static int compare_numbers(const void *a, const void *b) {
  int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
  return (p > q) - (p < q);
}

static int64_t number_at(const pm_tensor *tensor, size_t i) {
  switch (tensor->dtype) {
  case PM_U8:
    return ((const unsigned char *)tensor->data)[i];
  case PM_I32:
    return ((const int32_t *)tensor->data)[i];
  default:
    return ((const int64_t *)tensor->data)[i];
  }
}

pm_labels pm_labels_from_tensor(pm_arena *arena, const pm_tensor *tensor, const char *place) {
  if ((tensor->dtype != PM_U8 && tensor->dtype != PM_I32 && tensor->dtype != PM_I64) || tensor->shape.rank != 1 ||
      tensor->shape.dim[0] == 0)
    pm_fail(PM_BAD_INPUT, place, "holds %s %s, expected labels: whole numbers [N], N at least 1",
            pm_dtype_name(tensor->dtype), pm_shape_text(arena, tensor->shape));
  size_t n = tensor->shape.dim[0], distinct = 0;
  int64_t *sorted = pm_alloc(arena, n, sizeof *sorted);
  for (size_t i = 0; i < n; i++)
    sorted[i] = number_at(tensor, i);
  qsort(sorted, n, sizeof *sorted, compare_numbers);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || sorted[i] != sorted[distinct - 1])
      sorted[distinct++] = sorted[i];
  if (distinct > PM_MAX_CLASSES)
    pm_fail(PM_BAD_INPUT, place, "holds %zu different labels, expected at most %d", distinct, PM_MAX_CLASSES);
  pm_labels labels = labels_new(arena, n, distinct);
  for (size_t c = 0; c < distinct; c++)
    labels.name[c] = pm_format(arena, "class-%" PRId64, sorted[c]);
  for (size_t i = 0; i < n; i++) {
    int64_t number = number_at(tensor, i);
    const int64_t *found = bsearch(&number, sorted, distinct, sizeof *sorted, compare_numbers);
    labels.label[i] = (int32_t)(found - sorted);
  }
  count_sizes(&labels);
  return labels;
}

pm_labels pm_labels_read(pm_arena *arena, const char *path, size_t count, const char *of) {
  const char *place = pm_path_name(path);
  pm_tensor t = pm_npy_read(arena, path);
  if ((t.dtype != PM_I32 && t.dtype != PM_I64) || t.shape.rank != 1 || t.shape.dim[0] != count)
    pm_fail(PM_BAD_INPUT, place, "%s %s; expected i32 [%zu]: a label for each sprite of %s", pm_dtype_name(t.dtype),
            pm_shape_text(arena, t.shape), count, of);
  size_t classes = 0;
  for (size_t i = 0; i < count; i++) {
    int64_t number = number_at(&t, i);
    if (number < 0 || number >= PM_MAX_CLASSES)
      pm_fail(PM_BAD_INPUT, place, "label %" PRId64 " of sprite %zu; expected 0 to %d", number, i, PM_MAX_CLASSES - 1);
    if ((size_t)number >= classes)
      classes = (size_t)number + 1;
  }
  pm_labels labels = labels_new(arena, count, classes);
  for (size_t c = 0; c < classes; c++)
    labels.name[c] = pm_format(arena, "class-%zu", c);
  for (size_t i = 0; i < count; i++)
    labels.label[i] = (int32_t)number_at(&t, i);
  count_sizes(&labels);
  return labels;
}

pm_tensor pm_labels_to_tensor(const pm_labels *labels) {
  return (pm_tensor){PM_I32, pm_shape_of(1, labels->count), labels->label};
}
