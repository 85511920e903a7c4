/* Plugins that cannot be used: each is named with its path and what is wrong, and the program goes on. */
#include "files.h"

#include "core/plugin.h"

static void refuses(const char *folder, const char *file, const char *function, const char *text) {
  const char *problem;
  setenv("PIXELMILL_PLUGINS", folder, 1);
  assert_null(pm_plugin_open(arena, file, function, 1, &problem));
  if (!strstr(problem, text))
    fail_msg("this should say \"%s\": %s", text, problem);
}

static void what_cannot_be_used_is_refused(void **state) {
  (void)state;
  const char *folder = fresh_folder("plugins");
  FILE *file = fopen(pm_join(arena, folder, "text.so"), "w");
  fputs("no library\n", file);
  fclose(file);
  refuses(folder, "missing.so", "pm_table", pm_format(arena, "%s/missing.so: there is no such plugin", folder));
  refuses(folder, "text.so", "pm_table", pm_format(arena, "%s/text.so: cannot be opened: ", folder));
}

static void the_folder_is_the_programs_unless_it_is_named(void **state) {
  (void)state;
  char here[4096];
  ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
  if (length < 0)
    skip();
  here[length] = 0;
  *strrchr(here, '/') = 0;
  refuses("", "missing.so", "pm_table", pm_format(arena, "%s/missing.so: there is no such plugin", here));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_CASE(what_cannot_be_used_is_refused),
      FILE_CASE(the_folder_is_the_programs_unless_it_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
