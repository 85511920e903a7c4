#include "report/table.h"

#include "core/file.h"
#include "core/number.h"
#include "io/wrong_kind.h"

#include <math.h>
#include <string.h>

/* Cuts `line` at its tabs into at most `most` fields; returns how many there are. */
static size_t cut(char *line, const char **field, size_t most) {
  size_t n = 0;
  for (char *at = line; at; n++) {
    char *tab = strchr(at, '\t');
    if (tab)
      *tab++ = 0;
    if (n < most)
      field[n] = at;
    at = tab;
  }
  return n;
}

pm_table pm_table_read(pm_arena *arena, const char *path) {
  size_t length;
  char *text = pm_text_read(arena, path, PM_TABLE_BYTES, "a table (.tsv)", &length);
  return pm_table_parse(arena, text, length, pm_path_name(path));
}

pm_table pm_table_parse(pm_arena *arena, char *text, size_t length, const char *path) {
  pm_table t = {.path = path};
  size_t capacity = 0, line = 1;
  if (!length)
    pm_fail(PM_BAD_INPUT, t.path, "is empty, expected a line of names");
  for (char *at = text, *next; at < text + length; at = next, line++) {
    char *end = memchr(at, '\n', (size_t)(text + length - at));
    const char *place = pm_format(arena, "%s:%zu", t.path, line);
    if (!end)
      pm_fail(PM_BAD_INPUT, place, "ends in the middle of the line");
    *end = 0;
    next = end + 1;
    if (strlen(at) != (size_t)(end - at))
      pm_fail(PM_BAD_INPUT, place, "a zero byte in the text");
    const char *field[PM_TABLE_COLUMNS];
    size_t n = cut(at, field, PM_TABLE_COLUMNS);
    if (n > PM_TABLE_COLUMNS)
      pm_fail(PM_BAD_INPUT, place, "%zu fields, expected at most %d", n, PM_TABLE_COLUMNS);
    if (line == 1) {
      t.columns = n;
      t.name = pm_alloc(arena, n, sizeof *t.name);
      memcpy(t.name, field, n * sizeof *field);
      continue;
    }
    if (n != t.columns)
      pm_fail(PM_BAD_INPUT, place, "%zu fields where the first line has %zu", n, t.columns);
    t.cell = pm_grow(arena, t.cell, &capacity, (t.rows + 1) * n, sizeof *t.cell);
    memcpy(t.cell + t.rows++ * n, field, n * sizeof *field);
  }
  return t;
}

const char *pm_table_cell(const pm_table *t, size_t row, size_t column) {
  return t->cell[row * t->columns + column];
}

const char *pm_table_place(pm_arena *arena, const pm_table *t, size_t row) {
  return pm_format(arena, "%s:%zu", t->path, row + 2);
}

double pm_table_number(pm_arena *arena, const pm_table *t, size_t row, size_t column) {
  double value;
  if (!pm_parse_real(pm_table_cell(t, row, column), -INFINITY, INFINITY, &value))
    pm_fail(PM_BAD_INPUT, pm_table_place(arena, t, row), "%s is '%s', expected a number", t->name[column],
            pm_table_cell(t, row, column));
  return value;
}
