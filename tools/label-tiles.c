/* label-tiles: a class for each sprite, by its looks, by its folder or from other numbers. */
#include "core/options.h"
#include "io/npy.h"
#include "pixels/array_file.h"
#include "pixels/labels.h"

#include <string.h>

typedef struct {
  int64_t classes, restarts;
  bool folders;
  const char *sprites, *from, *names;
  pm_sheet_options sheets;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"classes", 'k', PM_INTEGER, offsetof(settings, classes), "8", 1, PM_MAX_CLASSES, NULL, "N",
     "number of classes to find"},
    {"restarts", 0, PM_INTEGER, offsetof(settings, restarts), "10", 1, 1000, NULL, "N",
     "how often k-means starts again; the best result counts"},
    {"folders", 0, PM_FLAG, offsetof(settings, folders), NULL, 0, 0, NULL, NULL,
     "the operands are folders of sheets, and each folder is a class"},
    {"from", 0, PM_TEXT, offsetof(settings, from), NULL, 0, 0, NULL, "LABELS.npy",
     "renumber these labels without gaps; sprites, if given, must be as many"},
    {"names", 0, PM_TARGET, offsetof(settings, names), NULL, 0, 0, NULL, "NAMES.txt",
     "write the names of the classes, too: a line each, in the order of their numbers"},
    {"sprites", 0, PM_TARGET, offsetof(settings, sprites), NULL, 0, 0, NULL, "FILE",
     "with --folders, write the sprites, too, as slice-tiles would; these are its options:"},
    PM_SHEET_ROWS(settings, sheets),
    {0}};

static const pm_tool tool = {
    .name = "label-tiles",
    .summary = "a class for each sprite",
    .operands = "[SPRITES.npy|PICTURE.png|FOLDER]...",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED | PM_HAS_THREADS,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Writes the number of each sprite's class as an .npy array, i4 [N], from 0 without gaps. It prints how many "
        "sprites each class has on standard error, and warns about classes of fewer than 8.\n\n"
        "Without --folders or --from, k-means on RGB pixels (transparent ones black) finds classes of similar "
        "sprites. They are numbered by falling size and named class-0, class-1 and so on.\n\n"
        "With --folders, each folder of .png files is a class of its name; a folder of folders stands for all of "
        "them. Classes are numbered in the order of their names; folders of one name are one class. The files are "
        "cut as slice-tiles cuts them, with its options and in its order, so pictures of one sprite each need "
        "--tile with their size. --sprites writes the sprites that belong to the labels.\n\n"
        "With --from, existing labels (whole numbers) are checked and renumbered in their order; the name of a "
        "class is class-OLD, with its old number.",
    .examples = "label-tiles -k 8 sprites.npy -o labels.npy\n"
                "label-tiles --folders --tile 16 potions/ swords/ --sprites sprites.npy --names names.txt -o "
                "labels.npy\n"
                "train-ddpm -c configs/ddpm.yaml --data sprites.npy --labels labels.npy --class-names names.txt -o run",
};

static void check_usage(const settings *s, char *const *operands, size_t n) {
  static const char *const clustering[] = {"classes", "restarts", NULL};
  static const char *const cutting[] = {"sprites",   "tile",      "margin",     "spacing",    "rest",
                                        "shrink",    "density",   "background", "keep-alpha", "transparent",
                                        "tolerance", "drop-flat", "distinct",   NULL};
  pm_check_ending(s->common.output, PM_AS_ARRAY);
  pm_check_ending(s->sprites, PM_AS_ARRAY_OR_PICTURE);
  pm_check_ending(s->names, PM_AS_TEXT);
  if (s->folders && s->from)
    pm_wrong_usage("--folders and --from exclude each other");
  if (s->folders || s->from)
    pm_refuse_given(&s->common, clustering, "for classes by looks, without --folders and --from");
  if (!s->folders)
    pm_refuse_given(&s->common, cutting, "for --folders");
  if (s->folders && n == 0)
    pm_wrong_usage("--folders: expected at least one folder");
  for (size_t i = 0; i < n && s->from && strcmp(s->from, "-") == 0; i++)
    if (strcmp(operands[i], "-") == 0)
      pm_wrong_usage("sprites and labels cannot both come from standard input");
}

static void write_names(pm_arena *arena, const char *path, const pm_labels *labels) {
  pm_output *output = pm_output_open(arena, path, false);
  for (size_t c = 0; c < labels->classes; c++)
    pm_output_print(output, "%s\n", labels->name[c]);
  pm_output_commit(output);
}

static pm_labels label_folders(pm_arena *arena, const settings *s, char *const *operands) {
  pm_sheet_list sheets = pm_sheets_list_classes(arena, operands);
  pm_slice_report report;
  pm_sprites sprites = pm_sheets_cut(arena, &sheets, &s->sheets, &report);
  pm_labels labels = pm_labels_by_sheet(arena, &sheets, &report);
  if (s->sprites) {
    pm_tensor pixels = pm_sprites_to_tensor(arena, &sprites);
    pm_array_write(arena, s->sprites, &pixels);
  }
  return labels;
}

static pm_labels label_anew(pm_arena *arena, const settings *s, char *const *operands, size_t n) {
  const char *place = pm_path_name(s->from);
  pm_tensor numbers = pm_npy_read(arena, s->from);
  pm_labels labels = pm_labels_from_tensor(arena, &numbers, place);
  size_t sprites = n ? pm_sprites_read_all(arena, operands).count : labels.count;
  if (sprites != labels.count)
    pm_fail(PM_BAD_INPUT, place, "holds %s, expected one for each of %s", pm_counted(arena, labels.count, "label"),
            sprites == 1 ? "1 sprite" : pm_format(arena, "the %zu sprites", sprites));
  return labels;
}

static pm_labels label_by_looks(pm_arena *arena, const settings *s, char *const *operands, size_t n) {
  pm_sprites sprites = pm_sprites_read_all(arena, operands);
  pm_kmeans_options how = {
      .clusters = (size_t)s->classes, .restarts = (int)s->restarts, .iterations = 300, .seed = s->common.seed};
  const char *place = n == 0 || strcmp(operands[0], "-") == 0 ? "standard input" : operands[0];
  return pm_labels_cluster(arena, &sprites, how, place);
}

static void say_sizes(pm_arena *arena, const pm_labels *labels) {
  enum { FEW = 8, MOST_LINES = 64 };
  pm_say(0, "%s in %s", pm_counted(arena, labels->count, "sprite"), pm_counted(arena, labels->classes, "class"));
  for (size_t c = 0; c < labels->classes && c < MOST_LINES; c++)
    pm_say(0, "%3zu  %5zu  %s", c, labels->size[c], labels->name[c]);
  if (labels->classes > MOST_LINES)
    pm_say(0, "and %s", pm_counted(arena, labels->classes - MOST_LINES, "more class"));
  size_t small = 0;
  for (size_t c = 0; c < labels->classes; c++)
    if (labels->size[c] < FEW && small++ < MOST_LINES)
      pm_warn(NULL, "class %zu (%s) has fewer than %d sprites: %zu", c, labels->name[c], FEW, labels->size[c]);
  if (small > MOST_LINES)
    pm_warn(NULL, "and %s", pm_counted(arena, small - MOST_LINES, "more such class"));
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  check_usage(&s, operands, n);

  pm_labels labels = s.folders ? label_folders(arena, &s, operands)
                     : s.from  ? label_anew(arena, &s, operands, n)
                               : label_by_looks(arena, &s, operands, n);
  say_sizes(arena, &labels);

  if (s.names)
    write_names(arena, s.names, &labels);
  pm_tensor tensor = pm_labels_to_tensor(&labels);
  pm_array_write(arena, s.common.output, &tensor);
  pm_arena_free(arena);
  return PM_DONE;
}
