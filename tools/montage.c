/* montage: sprites to one picture. */
#include "pixels/montage.h"
#include "core/ending.h"
#include "core/options.h"
#include "pixels/canonical.h"

#include <string.h>

typedef struct {
  int64_t scale, columns, gap, count;
  unsigned char background[3];
  bool keep_alpha;
  pm_text_list captions;
  pm_common common;
} settings;

#define TEXT_OF(number) #number
#define TEXT(macro) TEXT_OF(macro)

static const pm_option options[] = {{"scale", 0, PM_INTEGER, offsetof(settings, scale), TEXT(PM_MONTAGE_SCALE), 1, 256,
                                     NULL, "N", "side of each pixel in the picture"},
                                    {"columns", 0, PM_INTEGER, offsetof(settings, columns), TEXT(PM_MONTAGE_COLUMNS), 0,
                                     16384, NULL, "N", "sprites in a row; 0: all of a file in one"},
                                    {"gap", 0, PM_INTEGER, offsetof(settings, gap), TEXT(PM_MONTAGE_GAP), 0, 256, NULL,
                                     "N", "space around and between sprites, in their pixels"},
                                    {"count", 'n', PM_INTEGER, offsetof(settings, count), "0", 0, 1e9, NULL, "N",
                                     "only the first N sprites of each file; 0: all"},
                                    {"background", 0, PM_COLOUR, offsetof(settings, background), PM_MONTAGE_BACKGROUND,
                                     0, 0, NULL, "RRGGBB", "colour between and behind sprites"},
                                    {"keep-alpha", 0, PM_FLAG, offsetof(settings, keep_alpha), NULL, 0, 0, NULL, NULL,
                                     "leave transparent what is, and all that is no sprite"},
                                    {"caption", 0, PM_LIST, offsetof(settings, captions), NULL, 0, 0, NULL, "TEXT",
                                     "text above a file's sprites; the first is for the first file, and so on"},
                                    {0}};

static const pm_tool tool = {
    .name = "montage",
    .summary = "sprites to one picture",
    .operands = "[SPRITES.npy|PICTURE.png]...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Lays sprites out in a grid, enlarged by a whole factor, and writes a PNG with indexed colours where 256 are "
        "enough. Each file begins a new row, below its caption if it has one; without captions, pictures (.png) of one "
        "size that follow each other share a grid.\n\n"
        "Captions are drawn in a small pixel font of ASCII letters and wrapped where they are longer than the rows.",
    .examples = "montage --scale 4 --columns 16 sprites.npy -o sprites.png\n"
                "montage --caption real --caption sampled -n 16 sprites.npy samples.npy -o compare.png\n"
                "montage --scale 1 --gap 0 --keep-alpha samples.npy -o new-sheet.png",
};

static pm_sprites first_sprites(pm_sprites sprites, int64_t count) {
  if (count > 0 && sprites.count > (size_t)count)
    sprites.count = (size_t)count;
  return sprites;
}

/* Whether file i goes on with the grid of the one before. */
static bool continues(const settings *s, char *const *operands, const pm_sprites *sets, size_t i) {
  return s->captions.count == 0 && pm_has_suffix(operands[i], ".png") && pm_has_suffix(operands[i - 1], ".png") &&
         sets[i].width == sets[i - 1].width && sets[i].height == sets[i - 1].height;
}

/* One group a file, or a run of pictures; returns their number. */
static size_t read_groups(pm_arena *arena, const settings *s, char *const *operands, size_t n,
                          pm_montage_group *groups) {
  pm_sprites *sets = pm_alloc(arena, n, sizeof *sets);
  for (size_t i = 0; i < n; i++)
    sets[i] = first_sprites(pm_sprites_read(arena, operands[i]), s->count);
  size_t count = 0;
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && continues(s, operands, sets, end);)
      end++;
    pm_montage_group *group = &groups[count++];
    group->caption = first < s->captions.count ? s->captions.item[first] : NULL;
    group->sprites = end == first + 1
                         ? sets[first]
                         : pm_sprites_join(arena, sets + first, (const char *const *)operands + first, end - first);
  }
  return count;
}

/* A caption above no sprites is something to show; a picture of nothing at all would look like one that was made. */
static void check_content(const pm_montage_group *groups, size_t n, const char *path) {
  for (size_t g = 0; g < n; g++)
    if (groups[g].sprites.count > 0 || (groups[g].caption && *groups[g].caption))
      return;
  pm_fail(PM_BAD_INPUT, pm_path_name(path), "holds no sprites, so there is nothing to show");
}

/* What made this picture: tool and version, settings, hashes of the sprites. */
static const char *const *provenance(pm_arena *arena, const settings *s, const pm_montage_group *groups, size_t n) {
  const char *text = "";
  for (const pm_option *row = options; row->name; row++) {
    const char *value = pm_option_text(arena, row, s);
    text = pm_format(arena, "%s%s%s=%s", text, *text ? "; " : "", row->name, value ? value : "");
  }
  for (size_t g = 0; g < n; g++) {
    char hash[65];
    pm_sprites_hash(&groups[g].sprites, hash);
    text = pm_format(arena, "%s; sprites=%s", text, hash);
  }
  const char **notes = pm_alloc(arena, 5, sizeof *notes);
  notes[0] = "Software";
  notes[1] = pm_format(arena, "pixelmill montage %s", pm_version);
  notes[2] = "Comment";
  notes[3] = text;
  return notes;
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char *standard_input[] = {"-", NULL}, **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  if (n == 0) {
    operands = standard_input;
    n = 1;
  }
  pm_check_ending(s.common.output, PM_AS_PICTURE);
  if (s.captions.count > n)
    pm_wrong_usage("%zu captions for %zu files, expected at most one for each", s.captions.count, n);

  pm_montage_group *groups = pm_alloc(arena, n, sizeof *groups);
  size_t count = read_groups(arena, &s, operands, n, groups);
  check_content(groups, count, operands[0]);

  pm_montage_options look = {.scale = s.scale, .columns = s.columns, .gap = s.gap, .keep_alpha = s.keep_alpha};
  memcpy(look.background, s.background, 3);
  pm_image picture = pm_montage(arena, groups, count, look);

  pm_output *output = pm_output_open(arena, s.common.output, true);
  pm_png_write(output, &picture, provenance(arena, &s, groups, count));
  pm_output_commit(output);
  pm_arena_free(arena);
  return PM_DONE;
}
