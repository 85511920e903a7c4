/* Tables as the tools write them (metrics.tsv, scores.tsv, figures.tsv): a line of names, then lines of fields, divided
 * by tabs. */
#ifndef PM_REPORT_TABLE_H
#define PM_REPORT_TABLE_H

#include "core/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_TABLE_COLUMNS = 64, PM_TABLE_BYTES = 1 << 28 };

typedef struct {
  const char *path;
  size_t columns, rows;
  const char **name; /* [columns] */
  const char **cell; /* [rows, columns]; "" where a field is empty */
} pm_table;

/* Everything in the arena. Fails with status 3 and the line if the file is empty, longer than PM_TABLE_BYTES, has more
 * than PM_TABLE_COLUMNS columns, a line of another number of fields, a zero byte, or no newline at its end. */
pm_table pm_table_read(pm_arena *arena, const char *path);
/* The same of text in memory, in which fields are cut off from each other; `path` names it in errors. */
pm_table pm_table_parse(pm_arena *arena, char *text, size_t length, const char *path);

const char *pm_table_cell(const pm_table *table, size_t row, size_t column);
/* "PATH:LINE" of a row, for pm_fail's place. */
const char *pm_table_place(pm_arena *arena, const pm_table *table, size_t row);
/* The cell as a finite number; status 3 if it is none. */
double pm_table_number(pm_arena *arena, const pm_table *table, size_t row, size_t column);

#ifdef __cplusplus
}
#endif
#endif
