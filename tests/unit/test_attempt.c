/* Work that fails and does not end the program. */
#include "files.h"

#include "core/attempt.h"

static void count(void *context) {
  ++*(int *)context;
}

static void fail_badly(void *context) {
  count(context);
  pm_fail(PM_BAD_INPUT, "file", "is %s", "bad");
}

static void read_a_folder(void *context) {
  pm_input_open(context, check_folder());
}

static void fail_inside(void *context) {
  assert_string_equal(pm_attempt(arena, fail_badly, context), "file: is bad");
  pm_fail(PM_BAD_INPUT, NULL, "and so is %s", "this");
}

static void run_out(void *context) {
  (void)context;
  pm_fail(PM_FAILED, "disk", "is full");
}

static void attempts(void **state) {
  (void)state;
  int n = 0;
  assert_null(pm_attempt(arena, count, &n));
  assert_string_equal(pm_attempt(arena, fail_badly, &n), "file: is bad");
  assert_string_equal(pm_attempt(arena, fail_inside, &n), "and so is this");
  assert_int_equal(n, 3);
  assert_non_null(strstr(pm_attempt(arena, read_a_folder, arena), "is a folder"));
}

/* The handler that was there is there again, after success and failure; failures that are not the input's reach it. */
static void handlers(void **state) {
  (void)state;
  int n = 0;
  pm_attempt(arena, count, &n);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "file: is bad", fail_badly(&n));
  PM_EXPECT_FAIL(PM_FAILED, "disk: is full", pm_attempt(arena, run_out, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "file: is bad", (pm_attempt(arena, fail_badly, &n), fail_badly(&n)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_CASE(attempts),
      FILE_CASE(handlers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
