#include "report/comparison.h"

#include "core/compare.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* The folder with the training runs; NULL if it is no comparison. */
static const char *root_of(pm_arena *arena, const char *folder) {
  if (pm_file_exists(pm_join(arena, folder, "compare/grid.png")))
    return folder;
  const char *above = pm_join(arena, folder, "..");
  bool inner =
      pm_file_exists(pm_join(arena, folder, "grid.png")) && pm_file_exists(pm_join(arena, above, "compare/grid.png"));
  return inner ? above : NULL;
}

bool pm_is_comparison(pm_arena *arena, const char *folder) {
  return root_of(arena, folder) != NULL;
}

/* Names of the folders in it that hold a finished training run. */
static pm_text_list finished(pm_arena *arena, const char *root) {
  pm_text_list names = {0};
  DIR *folder = opendir(root);
  if (!folder)
    return names;
  for (struct dirent *entry; (entry = readdir(folder));) {
    const char *path = pm_join(arena, root, entry->d_name);
    if (entry->d_name[0] != '.' && pm_file_exists(pm_join(arena, path, "model.safetensors")) &&
        pm_file_exists(pm_join(arena, path, "metrics.tsv")))
      pm_text_list_add(arena, &names, entry->d_name);
  }
  closedir(folder);
  if (names.count)
    qsort(names.item, names.count, sizeof *names.item, pm_compare_text);
  return names;
}

pm_comparison pm_comparison_read(pm_arena *arena, const char *folder, const char *title) {
  const char *root = root_of(arena, folder);
  pm_comparison c = {.title = title ? title : folder};
  if (!root)
    pm_fail(PM_BAD_INPUT, folder, "there is no compare/grid.png in it, expected a comparison that make compare made");
  c.grid = pm_picture_read(arena, pm_join(arena, root, "compare/grid.png"));
  pm_text_list names = finished(arena, root);
  if (!names.count)
    pm_fail(PM_BAD_INPUT, folder, "no training run in it is complete");
  c.runs = names.count;
  c.run = pm_alloc(arena, c.runs, sizeof *c.run);
  for (size_t i = 0; i < c.runs; i++)
    c.run[i] = pm_run_read(arena, pm_join(arena, root, names.item[i]), names.item[i]);
  return c;
}

pm_score_change pm_score_changed(const pm_score_line *first, const pm_score_line *later) {
  double low = first->interval ? first->low : first->value, high = first->interval ? first->high : first->value;
  double own_low = later->interval ? later->low : later->value, own_high = later->interval ? later->high : later->value;
  if (first->better == PM_END_NONE || (own_low <= high && low <= own_high))
    return PM_CHANGE_NONE;
  return (own_low > high) == (first->better == PM_END_HIGHER) ? PM_CHANGE_BETTER : PM_CHANGE_WORSE;
}
