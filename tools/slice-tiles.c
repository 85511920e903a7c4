/* slice-tiles: sheets of tiles, or folders of pictures, to sprites. */
#include "core/options.h"
#include "pixels/array_file.h"
#include "pixels/sheets.h"

typedef struct {
  pm_sheet_options sheets;
  pm_common common;
} settings;

static const pm_option options[] = {PM_SHEET_ROWS(settings, sheets), {0}};

static const pm_tool tool = {
    .name = "slice-tiles",
    .summary = "sheets of tiles to sprites",
    .operands = "SHEET.png|SHEET.aseprite|FOLDER...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .min_operands = 1,
    .max_operands = -1,
    .description =
        "Cuts PNG sheets into tiles, in reading order, and writes those that are not empty (that have a pixel with "
        "alpha of 128 or more) as one .npy array of bytes, [N, H, W, 3] (or 4 with --keep-alpha); with -o FILE.png as "
        "a "
        "picture to look at. A folder stands for the .png files in it, in the order of their names.\n\n"
        "A pixel differs from the background if, laid over it, its R, G and B are together more than 10 away; on "
        "black, "
        "if R+G+B is above 10. On standard error it reports what it found and dropped, and warns about likely "
        "mistakes: a "
        "key colour that matches nothing or that was not given, outlines of the background's colour.\n\n"
        "The margin may be missing on the right and below. A sheet that does not divide is refused, with the margin "
        "and "
        "spacing that its gaps show (lines of one colour from end to end), or with what would be left over; --rest "
        "takes "
        "the whole tiles alone, or the sheets alone that divide. All lengths are in pixels of the sheet, with "
        "--shrink, "
        "too.",
    .examples =
        "slice-tiles --tile 16 --density 0.15:0.50 sheet.png -o sprites.npy\n"
        "slice-tiles --tile 16x24 --spacing 1 --keep-alpha people.png | montage --keep-alpha -o people-grid.png\n"
        "slice-tiles --tile 48 --shrink 3 three-times-enlarged.png -o sprites.npy\n"
        "slice-tiles --tile 32 --distinct --rest skip tiles/ -o tiles.npy",
};

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);

  pm_check_ending(s.common.output, PM_AS_ARRAY_OR_PICTURE);
  pm_sheet_list sheets = pm_sheets_list(arena, operands);
  pm_slice_report report;
  pm_sprites sprites = pm_sheets_cut(arena, &sheets, &s.sheets, &report);

  pm_tensor tensor = pm_sprites_to_tensor(arena, &sprites);
  pm_array_write(arena, s.common.output, &tensor);
  pm_arena_free(arena);
  return PM_DONE;
}
