/* What the tests of files share: an arena for each test, empty folders, bytes that differ. */
#ifndef PM_TESTS_FILES_H
#define PM_TESTS_FILES_H

#include "check.h"

#include "core/file.h"

static pm_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_fail_write(0);
  pm_arena_free(arena);
  return 0;
}

#define FILE_CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* An empty folder for one test, so that whatever is left behind shows. */
static inline const char *fresh_folder(const char *name) {
  const char *path = check_path(name);
  pm_make_folder(path);
  assert_int_equal(check_entries(path), 0);
  return pm_copy_text(arena, path);
}

static inline void fill(unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    bytes[i] = (unsigned char)(i * 2654435761u >> 13);
}

#endif
