/* draw-tilemaps: a data set of toy scenes, each a pure function of the seed and its number; and how much other maps are
 * like them. */
#include "core/number.h"
#include "core/options.h"
#include "pixels/array_file.h"
#include "pixels/arrays.h"
#include "pixels/tilemap_facts.h"

#include <string.h>

typedef struct {
  int64_t count, first;
  const char *labels;
  bool judge, tsv;
  pm_text_list captions;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"count", 'n', PM_INTEGER, offsetof(settings, count), "2000", 1, 1000000, NULL, "N", "number of maps"},
    {"first", 0, PM_INTEGER, offsetof(settings, first), "0", 0, 1e15, NULL, "N", "number of the first map"},
    {"labels", 0, PM_TARGET, offsetof(settings, labels), NULL, 0, 0, NULL, "LABELS.npy",
     "write the themes, too: i4 [N], 0 cave, 1 island, 2 skyline"},
    {"judge", 0, PM_FLAG, offsetof(settings, judge), NULL, 0, 0, NULL, NULL,
     "draw nothing: print how the maps of each FILE compare with the data set"},
    {"caption", 0, PM_LIST, offsetof(settings, captions), NULL, 0, 0, NULL, "TEXT",
     "with --judge, what to call a FILE; the first is for the first one, and so on"},
    {"tsv", 0, PM_FLAG, offsetof(settings, tsv), NULL, 0, 0, NULL, NULL,
     "with --judge, a line for each FILE and tabs between the figures"},
    {0}};

static const pm_tool tool = {
    .name = "draw-tilemaps",
    .summary = "a data set of toy tilemaps",
    .operands = "[--judge [MAPS.npy|MAP.png]...]",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Draws scenes of 8 x 8 flat tiles, 4 x 4 pixels each, in six colours, and writes them as one .npy array of "
        "bytes, [N, 32, 32, 3]. Map number i depends on the seed and on i alone.\n\n"
        "Each map has one of three themes with equal probability: a cave of scattered walls with a pool, an island "
        "around "
        "a lake with rocks, or a skyline of buildings with lights.\n\n"
        "--judge prints figures of sampled maps beside those of the data set: the spread of a tile's pixels (standard "
        "deviation of a channel, 0 to 255, mean over channels and tiles), their distance to the nearest of the six "
        "colours, the share of tiles of one colour once every pixel has its nearest, each kind's share of the cells "
        "(a cell is what most of its pixels are), and the share of maps that are legal, that is, some seed could draw "
        "them: as a cave, an island or a skyline. The last line counts the legal ones whose tiles are all "
        "of one colour.",
    .examples = "draw-tilemaps -n 2000 -s 1 -o tilemaps.npy\n"
                "draw-tilemaps -n 64 | montage --scale 4 -o tilemaps.png\n"
                "draw-tilemaps --judge --caption L1 --caption MSE l1.npy mse.npy",
};

static void draw(pm_arena *arena, const settings *s) {
  size_t n = (size_t)s->count;
  pm_tensor themes = pm_tensor_new(arena, PM_I32, pm_shape_of(1, n));
  pm_sprites maps = pm_tilemaps(arena, s->common.seed, (uint64_t)s->first, n, themes.data);
  pm_tensor pixels = pm_sprites_to_tensor(arena, &maps);
  if (s->labels)
    pm_array_write(arena, s->labels, &themes);
  pm_array_write(arena, s->common.output, &pixels);
}

/* ---- judging ---- */

#define FIGURE(field) offsetof(pm_tilemap_facts, field)
static const struct {
  const char *name, *text;
  size_t offset; /* of a double */
  bool share;
} figures[] = {
    {"spread", "spread inside a tile", FIGURE(spread), false},
    {"distance", "distance to the colours", FIGURE(distance), false},
    {"flat", "tiles of one colour", FIGURE(flat), true},
    {"floor", "cells of floor", FIGURE(share[PM_FLOOR]), true},
    {"wall", "cells of wall", FIGURE(share[PM_WALL]), true},
    {"water", "cells of water", FIGURE(share[PM_WATER]), true},
    {"sky", "cells of sky", FIGURE(share[PM_SKY]), true},
    {"accent", "cells of accent", FIGURE(share[PM_ACCENT]), true},
    {"grass", "cells of grass", FIGURE(share[PM_GRASS]), true},
    {"cave", "maps legal as a cave", FIGURE(legal[PM_CAVE]), true},
    {"island", "maps legal as an island", FIGURE(legal[PM_ISLAND]), true},
    {"skyline", "maps legal as a skyline", FIGURE(legal[PM_SKYLINE]), true},
    {"illegal", "maps legal as none", FIGURE(legal[PM_TILEMAP_THEMES]), true},
    {"exact", "legal, tiles of one colour", FIGURE(exact), true},
};
enum { FIGURES = sizeof figures / sizeof *figures, TEXT_WIDTH = 26, COLUMN_WIDTH = 9 };

typedef struct {
  const char *caption;
  pm_tilemap_facts facts;
} judgement;

static double figure_of(const judgement *j, size_t i) {
  double value;
  memcpy(&value, (const char *)&j->facts + figures[i].offset, sizeof value);
  return value;
}

static void print_tsv(pm_output *output, const judgement *j, size_t n) {
  char text[32];
  pm_output_print(output, "file\tmaps");
  for (size_t i = 0; i < FIGURES; i++)
    pm_output_print(output, "\t%s", figures[i].name);
  for (size_t k = 0; k < n; k++) {
    pm_output_print(output, "\n%s\t%zu", j[k].caption, j[k].facts.maps);
    for (size_t i = 0; i < FIGURES; i++)
      pm_output_print(output, "\t%s", pm_write_real(text, figure_of(&j[k], i)));
  }
  pm_output_print(output, "\n");
}

static int width_of(const judgement *j) {
  size_t length = strlen(j->caption);
  return length < COLUMN_WIDTH ? COLUMN_WIDTH : length > 60 ? 60 : (int)length;
}

static void print_table(pm_output *output, const judgement *j, size_t n) {
  pm_output_print(output, "%-*s", TEXT_WIDTH, "");
  for (size_t k = 0; k < n; k++)
    pm_output_print(output, "  %*s", width_of(&j[k]), j[k].caption);
  pm_output_print(output, "\n%-*s", TEXT_WIDTH, "maps");
  for (size_t k = 0; k < n; k++)
    pm_output_print(output, "  %*zu", width_of(&j[k]), j[k].facts.maps);
  for (size_t i = 0; i < FIGURES; i++) {
    pm_output_print(output, "\n%-*s", TEXT_WIDTH, figures[i].text);
    for (size_t k = 0; k < n; k++)
      if (figures[i].share)
        pm_output_print(output, "  %*.1f %%", width_of(&j[k]) - 2, 100 * figure_of(&j[k], i));
      else
        pm_output_print(output, "  %*.2f", width_of(&j[k]), figure_of(&j[k], i));
  }
  pm_output_print(output, "\n");
}

static pm_tilemap_facts judge_file(pm_arena *arena, const char *path) {
  const char *place = pm_path_name(path);
  pm_tensor maps = pm_sprites_read_array(arena, path);
  if (maps.shape.rank > 0 && maps.shape.dim[0] == 0)
    pm_fail(PM_BAD_INPUT, place, "holds no maps, expected at least one");
  pm_array_warn_of_range(arena, &maps, place);
  return pm_tilemap_judge(arena, &maps, place);
}

/* Tabs and newlines, which divide figures, become blanks. */
static const char *in_one_cell(pm_arena *arena, const char *caption) {
  char *text = pm_copy_text(arena, caption);
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < 0x20)
      *c = ' ';
  return text;
}

/* The files one by one, then the data set that they are to be like. */
static void judge(pm_arena *arena, const settings *s, char *const *paths, size_t n) {
  judgement *j = pm_alloc(arena, n + 1, sizeof *j);
  for (size_t k = 0; k < n; k++) {
    pm_arena *own = pm_arena_new();
    j[k].facts = judge_file(own, paths[k]);
    j[k].caption = in_one_cell(arena, k < s->captions.count ? s->captions.item[k] : paths[k]);
    pm_arena_free(own);
  }
  pm_sprites maps = pm_tilemaps(arena, s->common.seed, (uint64_t)s->first, (size_t)s->count, NULL);
  pm_tensor pixels = pm_sprites_to_tensor(arena, &maps);
  j[n].facts = pm_tilemap_judge(arena, &pixels, "the data set");
  j[n].caption = "data set";

  pm_output *output = pm_output_open(arena, s->common.output, false);
  (s->tsv ? print_tsv : print_table)(output, j, n + 1);
  pm_output_commit(output);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char *standard_input[] = {"-", NULL}, **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  pm_check_ending(s.common.output, s.judge ? PM_AS_TEXT : PM_AS_ARRAY_OR_PICTURE);
  pm_check_ending(s.labels, PM_AS_ARRAY);
  if (!s.judge && n > 0)
    pm_wrong_usage("unexpected operand '%s': files are for --judge", operands[0]);
  if (!s.judge && (s.tsv || s.captions.count))
    pm_wrong_usage("--tsv and --caption are for --judge");
  if (s.judge && s.labels)
    pm_wrong_usage("--judge draws nothing, so there are no --labels");
  if (s.judge && n == 0) {
    operands = standard_input;
    n = 1;
  }
  if (s.captions.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.captions.count, "caption"),
                   pm_counted(arena, n, "file"));

  if (s.judge)
    judge(arena, &s, operands, n);
  else
    draw(arena, &s);
  pm_arena_free(arena);
  return PM_DONE;
}
