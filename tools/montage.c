/* montage: sprites to one picture. */
#include "pixels/montage.h"
#include "core/ending.h"
#include "core/options.h"
#include "pixels/folder.h"
#include "pixels/provenance.h"

#include <string.h>

typedef struct {
  int64_t scale, columns, gap, count;
  unsigned char background[3];
  bool keep_alpha;
  pm_text_list captions;
  const char *palette;
  pm_common common;
} settings;

#define TEXT_OF(number) #number
#define TEXT(macro) TEXT_OF(macro)

static const pm_option options[] = {
    {"scale", 0, PM_INTEGER, offsetof(settings, scale), TEXT(PM_MONTAGE_SCALE), 1, 256, NULL, "N",
     "side of each pixel in the picture"},
    {"columns", 0, PM_INTEGER, offsetof(settings, columns), TEXT(PM_MONTAGE_COLUMNS), 0, 16384, NULL, "N",
     "sprites in a row; 0: all of a file in one"},
    {"gap", 0, PM_INTEGER, offsetof(settings, gap), TEXT(PM_MONTAGE_GAP), 0, 256, NULL, "N",
     "space around and between sprites, in their pixels"},
    {"count", 'n', PM_INTEGER, offsetof(settings, count), "0", 0, 1e9, NULL, "N",
     "only the first N sprites of each file; 0: all"},
    {"background", 0, PM_COLOUR, offsetof(settings, background), PM_MONTAGE_BACKGROUND, 0, 0, NULL, "RRGGBB",
     "colour between and behind sprites"},
    {"keep-alpha", 0, PM_FLAG, offsetof(settings, keep_alpha), NULL, 0, 0, NULL, NULL,
     "leave transparent what is, and all that is no sprite"},
    {"caption", 0, PM_LIST, offsetof(settings, captions), NULL, 0, 0, NULL, "TEXT",
     "text above a file's sprites; the first is for the first file, and so on"},
    {"palette", 'p', PM_TEXT, offsetof(settings, palette), NULL, 0, 0, NULL, "PALETTE",
     "give the picture this palette as its colour table: all its colours, in its order"},
    {0}};

static const pm_tool tool = {
    .name = "montage",
    .summary = "sprites to one picture",
    .operands = "[SPRITES.npy|PICTURE.png|FOLDER]...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Lays sprites out in a grid, enlarged by a whole factor, and writes a PNG with indexed colours where 256 are "
        "enough. Each file begins a new row, below its caption if it has one; without captions, pictures (.png) of one "
        "size that follow each other share a grid. A folder stands for the .png files in it; its caption is for them "
        "all.\n\n"
        "With --palette, the picture's colour table is the palette, its order and unused entries kept, as programs "
        "expect that animate or swap colours by their numbers; other colours of the picture stand behind.\n\n"
        "Captions are drawn in a small pixel font of ASCII letters and wrapped where they are longer than the rows.",
    .examples = "montage --scale 4 --columns 16 sprites.npy -o sprites.png\n"
                "montage --caption real --caption sampled -n 16 sprites.npy samples.npy -o compare.png\n"
                "montage --scale 1 --gap 0 --keep-alpha --palette mine.gpl samples.npy -o new-sheet.png",
};

static pm_sprites first_sprites(pm_sprites sprites, int64_t count) {
  if (count > 0 && sprites.count > (size_t)count)
    sprites.count = (size_t)count;
  return sprites;
}

/* The files that the operands stand for, and which of them each is from. */
typedef struct {
  pm_text_list path;
  size_t *operand;
} file_list;

static file_list list_files(pm_arena *arena, char *const *operands) {
  static char *standard_input[] = {"-", NULL};
  file_list files = {0};
  size_t capacity = 0;
  for (size_t i = 0, from = 0; (*operands ? operands : standard_input)[i]; i++) {
    const char *operand = (*operands ? operands : standard_input)[i];
    if (pm_is_folder(operand))
      pm_folder_append(arena, &files.path, operand);
    else
      pm_text_list_add(arena, &files.path, operand);
    files.operand = pm_grow(arena, files.operand, &capacity, files.path.count, sizeof *files.operand);
    for (; from < files.path.count; from++)
      files.operand[from] = i;
  }
  return files;
}

/* Whether file i goes on with the grid of the one before. */
static bool continues(const settings *s, const file_list *files, const pm_sprites *sets, size_t i) {
  return (s->captions.count == 0 || files->operand[i] == files->operand[i - 1]) &&
         pm_has_suffix(files->path.item[i], ".png") && pm_has_suffix(files->path.item[i - 1], ".png") &&
         sets[i].width == sets[i - 1].width && sets[i].height == sets[i - 1].height;
}

/* One group a file, or a run of pictures; returns their number. */
static size_t read_groups(pm_arena *arena, const settings *s, const file_list *files, pm_montage_group *groups) {
  size_t n = files->path.count, count = 0;
  pm_sprites *sets = pm_alloc(arena, n, sizeof *sets);
  for (size_t i = 0; i < n; i++)
    sets[i] = first_sprites(pm_sprites_read(arena, files->path.item[i]), s->count);
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && continues(s, files, sets, end);)
      end++;
    pm_montage_group *group = &groups[count++];
    size_t operand = files->operand[first];
    bool begins = first == 0 || files->operand[first - 1] != operand;
    group->caption = begins && operand < s->captions.count ? s->captions.item[operand] : NULL;
    group->sprites = pm_sprites_join(arena, sets + first, files->path.item + first, end - first);
  }
  return count;
}

static void use_palette(pm_arena *arena, const char *path, pm_image *picture) {
  pm_palette palette = pm_palette_read(arena, path);
  size_t own = pm_image_set_palette(arena, picture, &palette);
  if (own == 0)
    return;
  const unsigned char *first = picture->palette[palette.count];
  pm_say(0, "%s of the picture %s not in the palette and stand%s behind its own (the first: %s)",
         pm_counted(arena, own, "colour"), own == 1 ? "is" : "are", own == 1 ? "s" : "",
         first[3] ? pm_format(arena, "%02x%02x%02x", first[0], first[1], first[2]) : "transparency");
}

/* A caption above no sprites is something to show; a picture of nothing at all would look like one that was made. */
static void check_content(const pm_montage_group *groups, size_t n, const char *path) {
  for (size_t g = 0; g < n; g++)
    if (groups[g].sprites.count > 0 || (groups[g].caption && *groups[g].caption))
      return;
  pm_fail(PM_BAD_INPUT, pm_path_name(path), "holds no sprites, so there is nothing to show");
}

static const char *const *provenance(pm_arena *arena, const settings *s, const pm_montage_group *groups, size_t n) {
  pm_sprites *sets = pm_alloc(arena, n, sizeof *sets);
  for (size_t g = 0; g < n; g++)
    sets[g] = groups[g].sprites;
  return pm_provenance(arena, &tool, s, NULL, sets, n);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  n += n == 0;
  pm_check_ending(s.common.output, PM_AS_PICTURE);
  if (s.captions.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.captions.count, "caption"),
                   pm_counted(arena, n, "file"));

  file_list files = list_files(arena, operands);
  pm_montage_group *groups = pm_alloc(arena, files.path.count, sizeof *groups);
  size_t count = read_groups(arena, &s, &files, groups);
  check_content(groups, count, files.path.count ? files.path.item[0] : "-");

  pm_montage_options look = {.scale = s.scale, .columns = s.columns, .gap = s.gap, .keep_alpha = s.keep_alpha};
  memcpy(look.background, s.background, 3);
  pm_image picture = pm_montage(arena, groups, count, look);

  if (s.palette)
    use_palette(arena, s.palette, &picture);

  pm_output *output = pm_output_open(arena, s.common.output, true);
  pm_png_write(output, &picture, provenance(arena, &s, groups, count));
  pm_output_commit(output);
  pm_arena_free(arena);
  return PM_DONE;
}
