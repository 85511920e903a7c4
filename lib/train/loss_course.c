#include "train/loss_course.h"

#include "core/file.h"
#include "core/number.h"

#include <string.h>

enum { MOST_BYTES = 1 << 30, LAST_ROWS = 10 };

/* Over the first loss. The batches of a sound training differ by a half, rarely more. */
static const double far_above = 5, ended_above = 2;

pm_loss_course pm_loss_course_read(pm_arena *arena, const char *path) {
  pm_loss_course course = {0};
  size_t steps = 0, losses = 0;
  char *text = (char *)pm_read_file(arena, path, MOST_BYTES, NULL), *next;
  for (char *line = text; line && *line; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = 0;
    char *loss = strchr(line, '\t');
    if (!loss)
      continue;
    *loss++ = 0;
    loss[strcspn(loss, "\t")] = 0;
    course.step = pm_grow(arena, course.step, &steps, course.rows + 1, sizeof *course.step);
    course.loss = pm_grow(arena, course.loss, &losses, course.rows + 1, sizeof *course.loss);
    if (pm_parse_real(line, 0, 1e18, &course.step[course.rows]) &&
        pm_parse_real(loss, -1e300, 1e300, &course.loss[course.rows]))
      course.rows++;
  }
  return course;
}

const char *pm_loss_ran_away(pm_arena *arena, const double *step, const double *loss, size_t rows) {
  size_t peak = 0, last_rows = rows / 2 < LAST_ROWS ? rows / 2 : LAST_ROWS;
  double last = 0;
  if (last_rows == 0 || !(loss[0] > 0))
    return NULL;
  for (size_t i = 0; i < rows; i++)
    if (loss[i] > loss[peak])
      peak = i;
  for (size_t i = rows - last_rows; i < rows; i++)
    last += loss[i] / (double)last_rows;
  if (loss[peak] <= far_above * loss[0] && last <= ended_above * loss[0])
    return NULL;
  return pm_format(arena, "began at %.4g, rose to %.4g at step %.0f and ended at %.4g", loss[0], loss[peak], step[peak],
                   loss[rows - 1]);
}
