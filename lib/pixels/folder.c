#include "pixels/folder.h"

#include "core/compare.h"
#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEEPEST = 4, MOST_NAMED = 8 };

bool pm_is_folder(const char *path) {
  struct stat info;
  return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum { FOLDERS, PICTURES, OTHER_PICTURES };

/* Of a kind that would have to be exported as PNG first. */
static bool is_other_picture(const char *name) {
  static const char *const endings[] = {".jpg", ".jpeg",  ".gif",    ".webp",     ".bmp", ".tga",
                                        ".tif", ".tiff",  ".ase",    ".aseprite", ".psd", ".xcf",
                                        ".kra", ".pyxel", ".piskel", ".pixil",    ".svg"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (pm_has_suffix(name, endings[i]))
      return true;
  return false;
}

static pm_text_list entries_of(pm_arena *arena, const char *folder, int kind) {
  DIR *dir = opendir(folder);
  if (!dir)
    pm_fail(PM_BAD_INPUT, folder, "cannot be read: %s", strerror(errno));
  pm_text_list names = {0};
  for (struct dirent *entry; (entry = readdir(dir));) {
    const char *name = entry->d_name;
    bool wanted = kind == FOLDERS || (kind == PICTURES ? pm_has_suffix(name, ".png") : is_other_picture(name));
    if (name[0] != '.' && wanted)
      pm_text_list_add(arena, &names, name);
  }
  closedir(dir);
  pm_text_list paths = {0};
  for (size_t i = 0; i < names.count; i++) {
    const char *path = pm_join(arena, folder, names.item[i]);
    if (kind != FOLDERS || pm_is_folder(path))
      pm_text_list_add(arena, &paths, path);
  }
  if (paths.count)
    qsort(paths.item, paths.count, sizeof *paths.item, pm_compare_text);
  return paths;
}

pm_text_list pm_folder_folders(pm_arena *arena, const char *folder) {
  return entries_of(arena, folder, FOLDERS);
}

pm_text_list pm_folder_pictures(pm_arena *arena, const char *folder) {
  return entries_of(arena, folder, PICTURES);
}

/* The folders below this one that hold pictures themselves; no more are looked for than are named, and none that lie
 * deep: the folder may be somebody's home. */
static void find_picture_folders(pm_arena *arena, const char *folder, int depth, pm_text_list *found) {
  pm_text_list folders = pm_folder_folders(arena, folder);
  for (size_t i = 0; i < folders.count && depth < DEEPEST && found->count <= MOST_NAMED; i++) {
    if (pm_folder_pictures(arena, folders.item[i]).count)
      pm_text_list_add(arena, found, folders.item[i]);
    find_picture_folders(arena, folders.item[i], depth + 1, found);
  }
}

static const char *picture_folders(pm_arena *arena, const char *folder) {
  pm_text_list found = {0};
  find_picture_folders(arena, folder, 0, &found);
  const char *list = "";
  for (size_t i = 0; i < found.count && i < MOST_NAMED; i++)
    list = pm_format(arena, "%s%s%s", list, i ? " " : "", found.item[i]);
  return found.count > MOST_NAMED ? pm_format(arena, "%s and others", list) : list;
}

void pm_folder_append(pm_arena *arena, pm_text_list *paths, const char *folder) {
  pm_text_list found = pm_folder_pictures(arena, folder);
  const char *below = picture_folders(arena, folder);
  if (found.count == 0 && *below)
    pm_fail(PM_BAD_INPUT, folder,
            "holds no .png files itself, expected a sheet or a folder of pictures: name the folders in it that hold "
            "some: %s",
            below);
  pm_text_list others = entries_of(arena, folder, OTHER_PICTURES);
  const char *other = others.count ? pm_base_name(others.item[0]) : "";
  if (found.count == 0)
    pm_fail(PM_BAD_INPUT, folder, "holds no .png files, expected a sheet or a folder of pictures%s",
            others.count ? pm_format(arena, ": export its %s as PNG (the first: %s)",
                                     pm_counted(arena, others.count, "other picture"), other)
                         : "");
  if (others.count)
    pm_say(0, "%s: %s that %s no .png %s passed over (the first: %s)", folder,
           pm_counted(arena, others.count, "picture"), others.count == 1 ? "is" : "are",
           others.count == 1 ? "is" : "are", other);
  if (*below)
    pm_say(0, "%s: the folders in it are passed over; name those whose pictures are wanted, too: %s", folder, below);
  for (size_t i = 0; i < found.count; i++)
    pm_text_list_add(arena, paths, found.item[i]);
}
