/* Losses that diverged, and those that did not. */
#include "check.h"

#include "train/loss_course.h"

enum { ROWS = 30 };

/* `rows` losses: the first, then `middle` once, then `last`. */
static const char *judged(pm_arena *arena, size_t rows, double first, double middle, double last) {
  double step[ROWS], loss[ROWS];
  for (size_t i = 0; i < rows; i++) {
    step[i] = (double)(i + 1);
    loss[i] = i == 0 ? first : i == 1 && rows > 2 ? middle : last;
  }
  return pm_loss_ran_away(arena, step, loss, rows);
}

static void judgement(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  assert_null(judged(arena, ROWS, 1, 1, 0.1));
  assert_null(judged(arena, ROWS, 1, 5, 0.1));
  assert_string_equal(judged(arena, ROWS, 1, 5.1, 0.1), "began at 1, rose to 5.1 at step 2 and ended at 0.1");
  assert_null(judged(arena, ROWS, 1, 1, 2));
  assert_non_null(judged(arena, ROWS, 1, 1, 2.1));
  assert_null(judged(arena, 2, 1, 1, 1.9));
  assert_non_null(judged(arena, 2, 1, 1, 2.1));
  /* Too few rows, or a loss that has no scale. */
  assert_null(judged(arena, 0, 1, 1, 1));
  assert_null(judged(arena, 1, 1e9, 1, 1));
  assert_null(judged(arena, ROWS, 0, 7, 7));
  assert_null(judged(arena, ROWS, -1, 7, 7));
  pm_arena_free(arena);
}

static void reading(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char text[] = "step\ttotal\theld_out\n1\t0.5\t\n2\t1e3\t0.25\nno row\n4\tx\t\n5\t7";
  pm_loss_course course = pm_loss_course_read(arena, check_file("metrics.tsv", text, sizeof text - 1));
  assert_int_equal(course.rows, 3);
  assert_true(course.step[1] == 2 && course.loss[1] == 1000);
  assert_true(course.step[2] == 5 && course.loss[2] == 7);
  course = pm_loss_course_read(arena, check_file("empty.tsv", "", 0));
  assert_int_equal(course.rows, 0);
  assert_null(pm_loss_ran_away(arena, course.step, course.loss, course.rows));
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(judgement), cmocka_unit_test(reading)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
