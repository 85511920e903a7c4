#include "eval/colour_matching.h"

#include <assert.h>
#include <stdbool.h>

enum { MOST = PM_MATCHING_MOST + 1 };

/* Rows and columns count from 1; 0 stands for none. Costs are the cells made negative; rows <= columns. */
typedef struct {
  const uint32_t *together;
  size_t rows, columns, row_step, column_step;
  int64_t row_price[MOST], column_price[MOST];
  size_t row_of[MOST]; /* of each column */
} matching;

static int64_t reduced_cost(const matching *m, size_t row, size_t column) {
  uint32_t cell = m->together[(row - 1) * m->row_step + (column - 1) * m->column_step];
  return -(int64_t)cell - m->row_price[row] - m->column_price[column];
}

/* Gives the row a column, by the cheapest path over columns that are taken. */
static void add_row(matching *m, size_t row) {
  int64_t least[MOST];
  size_t before[MOST], column = 0;
  bool used[MOST];
  for (size_t c = 0; c <= m->columns; c++)
    least[c] = INT64_MAX, before[c] = 0, used[c] = false;
  m->row_of[0] = row;
  do {
    used[column] = true;
    size_t from = m->row_of[column], next = 0;
    int64_t step = INT64_MAX;
    for (size_t c = 1; c <= m->columns; c++) {
      if (used[c])
        continue;
      int64_t cost = reduced_cost(m, from, c);
      if (cost < least[c])
        least[c] = cost, before[c] = column;
      if (least[c] < step)
        step = least[c], next = c;
    }
    for (size_t c = 0; c <= m->columns; c++)
      if (used[c])
        m->row_price[m->row_of[c]] += step, m->column_price[c] -= step;
      else if (c > 0)
        least[c] -= step;
    column = next;
  } while (m->row_of[column] != 0);
  for (; column != 0; column = before[column])
    m->row_of[column] = m->row_of[before[column]];
}

uint32_t pm_match_colours(const uint32_t *together, size_t rows, size_t columns) {
  assert(rows < MOST && columns < MOST);
  matching m; /* no more of it is set than is used: clearing all of it takes longer than matching a few colours */
  bool turned = rows > columns;
  m.together = together;
  m.rows = turned ? columns : rows, m.columns = turned ? rows : columns;
  m.row_step = turned ? 1 : columns, m.column_step = turned ? columns : 1;
  for (size_t i = 0; i <= m.columns; i++)
    m.row_price[i] = m.column_price[i] = 0, m.row_of[i] = 0;
  for (size_t row = 1; row <= m.rows; row++)
    add_row(&m, row);
  uint32_t sum = 0;
  for (size_t c = 1; c <= m.columns; c++)
    if (m.row_of[c] != 0)
      sum += together[(m.row_of[c] - 1) * m.row_step + (c - 1) * m.column_step];
  return sum;
}
