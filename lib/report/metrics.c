#include "report/metrics.h"

#include "core/file.h"
#include "core/number.h"
#include "io/wrong_kind.h"
#include "report/table.h"

#include <math.h>
#include <string.h>

static pm_table read_table(pm_arena *arena, const char *path, bool growing) {
  size_t length;
  char *text = pm_text_read(arena, path, PM_TABLE_BYTES, "the metrics of a training run (.tsv)", &length);
  while (growing && length && text[length - 1] != '\n')
    length--;
  text[length] = 0;
  return pm_table_parse(arena, text, length, pm_path_name(path));
}

/* Whether a cell holds one of the words that a trainer writes for what is no finite number. */
static bool is_not_finite(const char *cell) {
  return strcmp(cell, "nan") == 0 || strcmp(cell, "inf") == 0 || strcmp(cell, "-inf") == 0;
}

static void read_series(pm_arena *arena, const pm_table *t, size_t column, const double *step, pm_series *s) {
  *s = (pm_series){.name = t->name[column],
                   .step = pm_alloc(arena, t->rows, sizeof *s->step),
                   .value = pm_alloc(arena, t->rows, sizeof *s->value)};
  for (size_t row = 0; row < t->rows; row++) {
    const char *cell = pm_table_cell(t, row, column);
    if (is_not_finite(cell))
      s->not_finite++;
    else if (*cell) {
      s->step[s->count] = step[row];
      s->value[s->count++] = pm_table_number(arena, t, row, column);
    }
  }
}

static double step_of(pm_arena *arena, const pm_table *t, size_t row) {
  enum { EXACT = 53 }; /* bits of whole numbers in a double */
  int64_t step;
  if (!pm_parse_integer(pm_table_cell(t, row, 0), 0, INT64_C(1) << EXACT, &step))
    pm_fail(PM_BAD_INPUT, pm_table_place(arena, t, row), "step is '%s', expected a whole number",
            pm_table_cell(t, row, 0));
  return (double)step;
}

pm_metrics pm_metrics_read(pm_arena *arena, const char *path, bool growing) {
  pm_table t = read_table(arena, path, growing);
  if (t.columns < 2 || strcmp(t.name[0], "step") != 0)
    pm_fail(PM_BAD_INPUT, pm_format(arena, "%s:1", t.path), "expected the column step and a loss");
  double *step = pm_alloc(arena, t.rows, sizeof *step);
  for (size_t row = 0; row < t.rows; row++) {
    step[row] = step_of(arena, &t, row);
    if (row && step[row] <= step[row - 1])
      pm_fail(PM_BAD_INPUT, pm_table_place(arena, &t, row), "step %s does not come after the one before",
              pm_table_cell(&t, row, 0));
  }
  pm_metrics m = {.columns = t.columns - 1, .rows = t.rows, .last_step = t.rows ? step[t.rows - 1] : 0};
  m.series = pm_alloc(arena, m.columns, sizeof *m.series);
  for (size_t k = 0; k < m.columns; k++)
    read_series(arena, &t, k + 1, step, &m.series[k]);
  return m;
}

const pm_series *pm_metrics_series(const pm_metrics *m, const char *name) {
  for (size_t k = 0; k < m->columns; k++)
    if (strcmp(m->series[k].name, name) == 0)
      return &m->series[k];
  return NULL;
}
