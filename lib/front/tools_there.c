#include "front/tools_there.h"

#include "core/compare.h"
#include "core/file.h"
#include "core/installation.h"
#include "core/option_rows.h"
#include "front/child.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

const char *pm_tools_folder(pm_arena *arena) {
  const char *own = pm_program_folder(arena), *slash = own ? strrchr(own, '/') : NULL;
  if (!slash)
    return NULL;
  const char *installed = pm_format(arena, "%.*s/libexec/pixelmill", (int)(slash - own), own);
  if (pm_file_exists(installed))
    return installed;
  /* A front command that somebody copied to /usr/bin alone must not take all that is there for tools. */
  const char *tree = pm_shared_folder(arena);
  return tree && strncmp(own, tree, strlen(tree)) == 0 && own[strlen(tree)] == '/' ? own : NULL;
}

const char *pm_tool_file(pm_arena *arena, const char *folder, const char *name) {
  /* A name leads to no other folder; a file with an ending (a plugin) is no tool. */
  if (!*name || strpbrk(name, "/.") || strcmp(name, PM_FRONT) == 0)
    return NULL;
  const char *file = pm_join(arena, folder, name);
  return pm_is_program(file) ? file : NULL;
}

pm_text_list pm_tools_there(pm_arena *arena, const char *folder) {
  pm_text_list tools = {0};
  DIR *listing = opendir(folder);
  if (!listing)
    return tools;
  for (struct dirent *one; (one = readdir(listing));)
    if (pm_tool_file(arena, folder, one->d_name))
      pm_text_list_add(arena, &tools, one->d_name);
  closedir(listing);
  if (tools.count)
    qsort(tools.item, tools.count, sizeof *tools.item, pm_compare_text);
  return tools;
}

const char *pm_tool_summary(pm_arena *arena, const char *folder, const char *name) {
  const char *file = pm_tool_file(arena, folder, name);
  const char *line = file ? pm_first_line(arena, file, "--describe") : NULL;
  const char *tab = line && strncmp(line, "tool\t", 5) == 0 ? strchr(line + 5, '\t') : NULL;
  return tab ? tab + 1 : "";
}
