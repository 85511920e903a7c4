#include "pixels/sheets.h"

#include "core/file.h"
#include "core/number.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void append(pm_arena *arena, pm_text_list *list, const char *text) {
  list->item = pm_grow(arena, list->item, &list->capacity, list->count + 1, sizeof *list->item);
  list->item[list->count++] = text;
}

static int compare_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_folder(const char *path) {
  struct stat info;
  return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The folder's sub-folders, or else its PNG files, by name. */
static pm_text_list entries_of(pm_arena *arena, const char *folder, bool folders) {
  DIR *dir = opendir(folder);
  if (!dir)
    pm_fail(PM_BAD_INPUT, folder, "cannot be read: %s", strerror(errno));
  pm_text_list names = {0};
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.' && (folders || pm_has_suffix(entry->d_name, ".png")))
      append(arena, &names, pm_copy_text(arena, entry->d_name));
  closedir(dir);
  pm_text_list paths = {0};
  for (size_t i = 0; i < names.count; i++) {
    const char *path = pm_join(arena, folder, names.item[i]);
    if (!folders || is_folder(path))
      append(arena, &paths, path);
  }
  if (paths.count)
    qsort(paths.item, paths.count, sizeof *paths.item, compare_text);
  return paths;
}

static void append_sheets(pm_arena *arena, pm_text_list *paths, const char *folder) {
  pm_text_list found = entries_of(arena, folder, false);
  if (found.count == 0)
    pm_fail(PM_BAD_INPUT, folder, "holds no .png files, expected a sheet or a folder of pictures");
  for (size_t i = 0; i < found.count; i++)
    append(arena, paths, found.item[i]);
}

pm_sheet_list pm_sheets_list(pm_arena *arena, char *const *operands) {
  pm_sheet_list list = {0};
  for (; *operands; operands++)
    if (is_folder(*operands))
      append_sheets(arena, &list.path, *operands);
    else
      append(arena, &list.path, *operands);
  return list;
}

/* ---- classes ---- */

static char *without_slashes(pm_arena *arena, const char *path) {
  char *text = pm_copy_text(arena, path);
  for (size_t n = strlen(text); n > 1 && text[n - 1] == '/'; n--)
    text[n - 1] = 0;
  return text;
}

/* The folder's own name, also where the path does not say it. */
static const char *name_of(pm_arena *arena, const char *folder) {
  const char *name = pm_base_name(without_slashes(arena, folder));
  char whole[PATH_MAX];
  if ((!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) && realpath(folder, whole))
    name = pm_copy_text(arena, pm_base_name(whole));
  if (!*name)
    pm_fail(PM_BAD_INPUT, folder, "has no name that its class could have");
  for (const char *c = name; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 127)
      pm_fail(PM_BAD_INPUT, folder, "has a control character in its name, expected the name of a class");
  return name;
}

static void append_class(pm_arena *arena, pm_sheet_list *list, const char *folder) {
  const char *name = name_of(arena, folder);
  size_t first = list->path.count;
  append_sheets(arena, &list->path, folder);
  for (size_t i = first; i < list->path.count; i++)
    append(arena, &list->class_name, name);
}

pm_sheet_list pm_sheets_list_classes(pm_arena *arena, char *const *operands) {
  pm_sheet_list list = {0};
  for (; *operands; operands++) {
    const char *folder = *operands;
    struct stat info;
    if (strcmp(folder, "-") != 0 && stat(folder, &info) != 0)
      pm_fail(PM_BAD_INPUT, folder, "cannot read it: %s", strerror(errno));
    if (!is_folder(folder))
      pm_fail(PM_BAD_INPUT, folder, "is no folder, expected one for each class, or one that holds them");
    pm_text_list classes = entries_of(arena, folder, true), sheets = entries_of(arena, folder, false);
    if (classes.count && sheets.count)
      pm_fail(PM_BAD_INPUT, sheets.item[0], "lies beside the folders of classes, expected it inside one of them");
    if (classes.count == 0)
      append_class(arena, &list, folder);
    for (size_t i = 0; i < classes.count; i++)
      append_class(arena, &list, classes.item[i]);
  }
  return list;
}

/* ---- cutting ---- */

static pm_image *read_sheets(pm_arena *arena, const pm_text_list *paths, const char *key) {
  unsigned char rgb[3];
  if (key && !pm_parse_colour(key, rgb))
    pm_wrong_usage("--transparent %s: expected a colour as rrggbb", key);
  pm_image *sheets = pm_alloc(arena, paths->count, sizeof *sheets);
  for (size_t i = 0; i < paths->count; i++) {
    sheets[i] = pm_png_read(arena, paths->item[i]);
    if (key)
      pm_slice_key(&sheets[i], rgb);
  }
  return sheets;
}

static void say_what_was_found(pm_arena *arena, bool drop_flat, const pm_sprites *sprites, const pm_slice_report *r) {
  const char *dropped = "";
  const struct {
    size_t count;
    const char *what;
  } reasons[] = {{r->transparent, "fully transparent"},
                 {r->flat, "of a single colour"},
                 {r->outside, "outside the density"},
                 {r->repeated, "repeated"}};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].count)
      dropped = pm_format(arena, "%s, %zu %s", dropped, reasons[i].count, reasons[i].what);
  const char *colours = sprites->index ? pm_format(arena, "%zu colours", sprites->colours) : "more than 256 colours";
  const char *sheets = r->sheets > 1 ? pm_format(arena, " in %zu sheets", r->sheets) : "";
  if (r->kept == 0)
    pm_fail(PM_BAD_INPUT, NULL, "%zu tiles%s%s: none is left, expected at least one", r->tiles, sheets, dropped);
  pm_say(0, "%zu tiles%s%s, %zu kept, %s", r->tiles, sheets, dropped, r->kept, colours);
  if (r->flat_kept && !drop_flat)
    pm_say(0, "%zu of the kept ones have a single colour; --drop-flat leaves them out", r->flat_kept);
}

pm_sprites pm_sheets_cut(pm_arena *arena, const pm_sheet_list *sheets, const pm_sheet_options *options,
                         pm_slice_report *report) {
  pm_image *images = read_sheets(arena, &sheets->path, options->transparent);
  pm_sprites sprites = pm_slice(arena, images, sheets->path.item, sheets->path.count, options->slice, report);
  say_what_was_found(arena, options->slice.drop_flat, &sprites, report);
  return sprites;
}
