/* slice-tiles: sheets of tiles, or folders of pictures, to sprites. */
#include "core/number.h"
#include "core/options.h"
#include "io/npy.h"
#include "pixels/slice.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  pm_slice_options slice;
  const char *transparent;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"tile", 0, PM_SIZE_2D, offsetof(settings, slice.tile), "16", 1, 16384, NULL, "W[xH]", "size of a tile in pixels"},
    {"margin", 0, PM_INTEGER, offsetof(settings, slice.margin), "0", 0, 16384, NULL, "N", "pixels around all tiles"},
    {"spacing", 0, PM_INTEGER, offsetof(settings, slice.spacing), "0", 0, 16384, NULL, "N", "pixels between two tiles"},
    {"density", 0, PM_SPAN, offsetof(settings, slice.density), "0:1", 0, 1, NULL, "LO:HI",
     "keep tiles whose share of pixels that differ from the background lies in this span"},
    {"background", 0, PM_COLOUR, offsetof(settings, slice.background), "000000", 0, 0, NULL, "RRGGBB",
     "colour that transparent pixels are laid over"},
    {"keep-alpha", 0, PM_FLAG, offsetof(settings, slice.keep_alpha), NULL, 0, 0, NULL, NULL,
     "write RGBA instead of laying tiles over the background"},
    {"transparent", 0, PM_TEXT, offsetof(settings, transparent), NULL, 0, 0, NULL, "RRGGBB",
     "take pixels of this colour for transparent (sheets drawn on a key colour)"},
    {"drop-flat", 0, PM_FLAG, offsetof(settings, slice.drop_flat), NULL, 0, 0, NULL, NULL,
     "leave out tiles of a single colour, too"},
    {"distinct", 0, PM_FLAG, offsetof(settings, slice.distinct), NULL, 0, 0, NULL, NULL,
     "of equal tiles keep only the first"},
    {0}};

static const pm_tool tool = {
    .name = "slice-tiles",
    .summary = "sheets of tiles to sprites",
    .operands = "SHEET.png|FOLDER...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .min_operands = 1,
    .max_operands = -1,
    .description =
        "Cuts PNG sheets into tiles, in reading order, and writes those that are not fully transparent as one .npy "
        "array of bytes, [N, H, W, 3] (or 4 with --keep-alpha). A folder stands for the .png files in it, in the order "
        "of their names.\n\n"
        "A pixel differs from the background if, laid over it, its R, G and B are together more than 10 away; on "
        "black, "
        "if R+G+B is above 10. What was found and dropped is said on standard error.\n\n"
        "The margin may be missing on the right and below. A sheet that does not divide is refused, with the sizes "
        "that "
        "would.",
    .examples = "slice-tiles --tile 16 --density 0.15:0.50 sheet.png -o sprites.npy\n"
                "slice-tiles --tile 16x24 --spacing 1 --keep-alpha people.png | montage -o people-grid.png\n"
                "slice-tiles --tile 32 --distinct tiles/ -o tiles.npy",
};

static int compare_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folder's PNG files, by name. */
static void add_folder(pm_arena *arena, pm_text_list *paths, const char *folder) {
  DIR *dir = opendir(folder);
  if (!dir)
    pm_fail(PM_BAD_INPUT, folder, "cannot be read: %s", strerror(errno));
  size_t first = paths->count;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (entry->d_name[0] == '.' || !pm_has_suffix(entry->d_name, ".png"))
      continue;
    paths->item = pm_grow(arena, paths->item, &paths->capacity, paths->count + 1, sizeof *paths->item);
    paths->item[paths->count++] = pm_join(arena, folder, entry->d_name);
  }
  closedir(dir);
  if (paths->count == first)
    pm_fail(PM_BAD_INPUT, folder, "holds no .png files, expected a sheet or a folder of pictures");
  qsort(paths->item + first, paths->count - first, sizeof *paths->item, compare_text);
}

static pm_text_list list_sheets(pm_arena *arena, char *const *operands) {
  pm_text_list paths = {0};
  for (; *operands; operands++) {
    struct stat info;
    if (strcmp(*operands, "-") != 0 && stat(*operands, &info) == 0 && S_ISDIR(info.st_mode)) {
      add_folder(arena, &paths, *operands);
      continue;
    }
    paths.item = pm_grow(arena, paths.item, &paths.capacity, paths.count + 1, sizeof *paths.item);
    paths.item[paths.count++] = *operands;
  }
  return paths;
}

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

static void say_what_was_found(pm_arena *arena, const settings *s, const pm_sprites *sprites,
                               const pm_slice_report *r) {
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
  if (r->flat_kept && !s->slice.drop_flat)
    pm_say(0, "%zu of the kept ones have a single colour; --drop-flat leaves them out", r->flat_kept);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);

  pm_text_list paths = list_sheets(arena, operands);
  pm_image *sheets = read_sheets(arena, &paths, s.transparent);

  pm_slice_report report;
  pm_sprites sprites = pm_slice(arena, sheets, paths.item, paths.count, s.slice, &report);
  say_what_was_found(arena, &s, &sprites, &report);

  pm_tensor tensor = pm_sprites_to_tensor(arena, &sprites);
  pm_output *output = pm_output_open(arena, s.common.output, true);
  pm_npy_write(output, &tensor);
  pm_output_commit(output);
  pm_arena_free(arena);
  return PM_DONE;
}
