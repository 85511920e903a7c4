#include "report/score_lines.h"

#include "core/number.h"
#include "report/table.h"

#include <string.h>

enum { MEASURE, VALUE, LOW, HIGH, COUNT, BETTER, ABOUT, COLUMNS };
static const char *const names[COLUMNS] = {"measure", "value", "low", "high", "n", "better", "about"};

static pm_score_end read_end(const char *text, const char *place) {
  static const char *const words[] = {"-", "lower", "higher"};
  for (int k = 0; k < 3; k++)
    if (strcmp(text, words[k]) == 0)
      return (pm_score_end)k;
  pm_fail(PM_BAD_INPUT, place, "better is '%s', expected lower, higher or -", text);
}

static pm_score_line read_score(pm_arena *arena, const pm_table *t, size_t row) {
  const char *place = pm_table_place(arena, t, row);
  pm_score_line s = {.measure = pm_table_cell(t, row, MEASURE), .about = pm_table_cell(t, row, ABOUT)};
  int64_t n;
  if (!*s.measure)
    pm_fail(PM_BAD_INPUT, place, "the measure has no name");
  s.value = pm_table_number(arena, t, row, VALUE);
  s.interval = strcmp(pm_table_cell(t, row, LOW), "-") != 0;
  if (s.interval != (strcmp(pm_table_cell(t, row, HIGH), "-") != 0))
    pm_fail(PM_BAD_INPUT, place, "one end of the interval is missing");
  if (s.interval) {
    s.low = pm_table_number(arena, t, row, LOW);
    s.high = pm_table_number(arena, t, row, HIGH);
    if (s.low > s.high)
      pm_fail(PM_BAD_INPUT, place, "the interval ends below its beginning");
  }
  if (!pm_parse_integer(pm_table_cell(t, row, COUNT), 0, INT64_MAX, &n))
    pm_fail(PM_BAD_INPUT, place, "n is '%s', expected a whole number", pm_table_cell(t, row, COUNT));
  s.n = n;
  s.better = read_end(pm_table_cell(t, row, BETTER), place);
  return s;
}

pm_score_lines pm_score_lines_read(pm_arena *arena, const char *path) {
  pm_table t = pm_table_read(arena, path);
  bool known = t.columns == COLUMNS;
  for (size_t k = 0; known && k < COLUMNS; k++)
    known = strcmp(t.name[k], names[k]) == 0;
  if (!known)
    pm_fail(PM_BAD_INPUT, pm_format(arena, "%s:1", path),
            "expected the columns measure, value, low, high, n, better, about");
  pm_score_lines scores = {.line = pm_alloc(arena, t.rows, sizeof *scores.line)};
  for (size_t row = 0; row < t.rows; row++) {
    pm_score_line s = read_score(arena, &t, row);
    if (pm_score_lines_find(&scores, s.measure))
      pm_fail(PM_BAD_INPUT, pm_table_place(arena, &t, row), "the measure '%s' comes twice", s.measure);
    scores.line[scores.count++] = s;
  }
  if (!scores.count)
    pm_fail(PM_BAD_INPUT, path, "holds no measure");
  return scores;
}

const pm_score_line *pm_score_lines_find(const pm_score_lines *scores, const char *measure) {
  for (size_t i = 0; i < scores->count; i++)
    if (strcmp(scores->line[i].measure, measure) == 0)
      return &scores->line[i];
  return NULL;
}

/* An accuracy below that of a coin is no better for the samples than that of a coin. */
static double counted(const pm_score_line *s) {
  return strcmp(s->measure, "two-sample") == 0 && s->value < 0.5 ? 0.5 : s->value;
}

pm_score_rank pm_score_lines_rank(const pm_score_lines *scores, size_t runs, size_t which, const char *measure) {
  const pm_score_line *own = pm_score_lines_find(&scores[which], measure), *best = own;
  bool told_apart = false;
  if (!own || own->better == PM_END_NONE)
    return PM_RANK_PLAIN;
  for (size_t i = 0; i < runs; i++) {
    const pm_score_line *s = pm_score_lines_find(&scores[i], measure);
    told_apart = told_apart || (s && counted(s) != counted(own));
    if (s && (own->better == PM_END_LOWER ? counted(s) < counted(best) : counted(s) > counted(best)))
      best = s;
  }
  if (!told_apart)
    return PM_RANK_PLAIN;
  if (counted(own) == counted(best))
    return PM_RANK_BEST;
  bool overlap = own->interval && best->interval && own->low <= best->high && best->low <= own->high;
  return overlap ? PM_RANK_NEAR : PM_RANK_PLAIN;
}
