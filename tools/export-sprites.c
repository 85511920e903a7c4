/* export-sprites: sprites to files that editors and game engines open. */
#include "core/ending.h"
#include "core/number.h"
#include "core/options.h"
#include "io/animation.h"
#include "pixels/frames.h"
#include "pixels/labels.h"
#include "pixels/provenance.h"
#include "pixels/tile_sheet.h"
#include "train/model_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *palette, *transparent;
  bool rgba;
  pm_tile_look look;
  const char *aseprite, *tiled, *godot, *each, *labels, *names;
  int64_t frames[2], delay, plays;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"palette", 'p', PM_TEXT, offsetof(settings, palette), NULL, 0, 0, NULL, "PALETTE",
     "indexed colours: this palette as the colour table, all its colours, in its order"},
    {"rgba", 0, PM_FLAG, offsetof(settings, rgba), NULL, 0, 0, NULL, NULL,
     "no colour table; with --palette, the sprites' colours are only checked"},
    {"transparent", 0, PM_TEXT, offsetof(settings, transparent), NULL, 0, 0, NULL, "RRGGBB",
     "this colour becomes transparent; with --palette its entry does, and keeps its colour"},
    {"frames", 0, PM_SIZE_2D, offsetof(settings, frames), "1", 1, 64, NULL, "NxM",
     "cut each sprite into N x M frames: tiles of their own, with a tag for each sprite in --aseprite"},
    {"scale", 0, PM_INTEGER, offsetof(settings, look.scale), "1", 1, 256, NULL, "N", "side of each pixel in the files"},
    {"columns", 0, PM_INTEGER, offsetof(settings, look.columns), "0", 0, 16384, NULL, "N",
     "tiles in a row of the sheet; 0: so that it is about square"},
    {"spacing", 0, PM_INTEGER, offsetof(settings, look.spacing), "0", 0, 1024, NULL, "N",
     "transparent pixels of the sheet between two tiles"},
    {"margin", 0, PM_INTEGER, offsetof(settings, look.margin), "0", 0, 1024, NULL, "N", "and around all of them"},
    {"extrude", 0, PM_INTEGER, offsetof(settings, look.extrude), "0", 0, 1024, NULL, "N",
     "repeat the edge pixels of each tile N times outwards, so that texture filtering does not bleed"},
    {"aseprite", 0, PM_TARGET, offsetof(settings, aseprite), NULL, 0, 0, NULL, "FILE.json",
     "write where the tiles lie as Aseprite does: JSON, array form"},
    {"tiled", 0, PM_TARGET, offsetof(settings, tiled), NULL, 0, 0, NULL, "FILE.tsx",
     "write the sheet as a tileset of Tiled's"},
    {"godot", 0, PM_TARGET, offsetof(settings, godot), NULL, 0, 0, NULL, "FILE.tres",
     "write the sheet as a TileSet of Godot 4's"},
    {"each", 0, PM_TEXT, offsetof(settings, each), NULL, 0, 0, NULL, "FOLDER",
     "write each sprite as a PNG of its own: 000.png, or with --labels CLASS-000.png"},
    {"labels", 0, PM_TEXT, offsetof(settings, labels), NULL, 0, 0, NULL, "LABELS.npy",
     "the number of each sprite's class, for --aseprite, --tiled, --godot and --each"},
    {"names", 0, PM_TEXT, offsetof(settings, names), NULL, 0, 0, NULL, "NAMES.txt", "the classes' names, one a line"},
    {"delay", 0, PM_INTEGER, offsetof(settings, delay), "100", 1, 65535, NULL, "MS",
     "how long each sprite is shown as a frame, in milliseconds"},
    {"plays", 0, PM_INTEGER, offsetof(settings, plays), "0", 0, 65535, NULL, "N",
     "how often an animation is played; 0: for ever"},
    {0}};

static const pm_tool tool = {
    .name = "export-sprites",
    .summary = "sprites to files that editors and game engines open",
    .operands = "[SPRITES.npy|PICTURE.png|SPRITE.aseprite|FOLDER]...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Writes by the output's name a sheet of tiles (.png; also on standard output) or an animation whose frames are "
        "the sprites in their order (.gif, .apng). Pixels are never changed: what does not fit a format is refused.\n\n"
        "A sheet has no colour table, or with --palette is indexed; then every pixel must be of the palette's colours "
        "(snap brings sprites to it) or fully transparent. What lies between tiles is transparent. A .gif has its "
        "colours from "
        "--palette, or the sprites' own, at most 256 with the transparent one.\n\n"
        "The files of --aseprite, --tiled and --godot name the sheet and lie in its folder. Sprite i is tile i in all "
        "of them; files of --each are called by that number, too. --scale comes first: spacing, margin and extrusion "
        "are pixels of the sheet.\n\n"
        "With --frames 4x1 each sprite is four pictures side by side, as slice-tiles --frames cuts them: tiles of "
        "their "
        "own, called SPRITE-FRAME, and a tag for each sprite.\n\n"
        "docs/export.md says how to open each.",
    .examples = "export-sprites --palette mine.gpl sprites.npy -o sheet.png --tiled sheet.tsx\n"
                "export-sprites --extrude 1 --spacing 1 sprites.npy -o atlas.png --godot atlas.tres\n"
                "sample model.safetensors -n 64 --save-labels l.npy | snap -p mine.gpl | export-sprites --labels l.npy "
                "--each new\n"
                "export-sprites --delay 80 --scale 4 run.aseprite -o run.gif",
};

typedef enum { SHEET, GIF, APNG, NOTHING } kind;

static kind kind_of(const settings *s) {
  const char *path = s->common.output;
  if (!path)
    return s->each ? NOTHING : SHEET;
  return pm_has_suffix(path, ".gif") ? GIF : pm_has_suffix(path, ".apng") ? APNG : SHEET;
}

/* ---- what was asked for ---- */

/* The folder as the system knows it; as it is called where it does not. */
static const char *folder_of(pm_arena *arena, const char *path) {
  size_t letters = (size_t)(pm_base_name(path) - path);
  const char *folder = letters ? pm_format(arena, "%.*s", (int)letters, path) : ".";
  char whole[PATH_MAX];
  return realpath(folder, whole) ? pm_copy_text(arena, whole) : folder;
}

static void check_beside(pm_arena *arena, const settings *s, const char *option, const char *path, pm_written_as as) {
  const char *sheet = s->common.output;
  pm_check_ending(path, as);
  if (!path)
    return;
  if (!sheet || strcmp(sheet, "-") == 0 || kind_of(s) != SHEET)
    pm_wrong_usage("--%s describes a sheet, expected -o FILE.png with it", option);
  if (strcmp(path, "-") != 0 && strcmp(folder_of(arena, path), folder_of(arena, sheet)) != 0)
    pm_wrong_usage("--%s %s: lies in another folder than the sheet %s, which it names, expected the same", option, path,
                   sheet);
}

static void check_usage(pm_arena *arena, const settings *s) {
  static const char *const of_sheets[] = {"columns", "spacing", "margin", "extrude", NULL};
  pm_check_ending(s->common.output, PM_AS_SHEET_OR_ANIMATION);
  pm_check_ending(s->each, PM_AS_FOLDER);
  check_beside(arena, s, "aseprite", s->aseprite, PM_AS_JSON);
  check_beside(arena, s, "tiled", s->tiled, PM_AS_TSX);
  check_beside(arena, s, "godot", s->godot, PM_AS_TRES);
  kind k = kind_of(s);
  if (k != SHEET)
    pm_refuse_given(&s->common, of_sheets, "for a sheet (-o FILE.png)");
  if (k != GIF && k != APNG)
    pm_refuse_given(&s->common, (const char *const[]){"plays", NULL}, "for an animation (-o FILE.gif or FILE.apng)");
  if (k != GIF && k != APNG && !s->aseprite)
    pm_refuse_given(&s->common, (const char *const[]){"delay", NULL}, "for an animation, and for --aseprite");
  if (k == GIF && s->rgba)
    pm_wrong_usage("--rgba: a GIF has a colour table always, expected .apng or .png");
  if (k == GIF && s->delay % 10)
    pm_wrong_usage("--delay %lld: a GIF counts in steps of 10 milliseconds, expected %lld or %lld", (long long)s->delay,
                   (long long)(s->delay / 10 * 10), (long long)(s->delay / 10 * 10 + 10));
  if (s->labels && !s->each && !s->aseprite && !s->tiled && !s->godot)
    pm_wrong_usage("--labels is for --each, --aseprite, --tiled and --godot");
  if (s->names && !s->labels)
    pm_wrong_usage("--names is for --labels");
}

static const unsigned char *key_of(pm_arena *arena, const settings *s) {
  if (!s->transparent)
    return NULL;
  unsigned char *key = pm_alloc(arena, 3, 1);
  if (!pm_parse_colour(s->transparent, key))
    pm_wrong_usage("--transparent %s: expected a colour as rrggbb", s->transparent);
  return key;
}

/* ---- from sprites to pixels ---- */

/* What all files are made of. */
typedef struct {
  pm_arena *arena;
  const settings *s;
  pm_strip strip;
  pm_tile_grid grid;
  const char *const *tile_name, *const *class_name, *const *tag_name; /* of each tile */
  const char *const *notes;
} export;

static size_t frames_of(const settings *s) {
  return (size_t)(s->frames[0] * s->frames[1]);
}

/* [count] of sprites -> [count frames] of their tiles. NULL of NULL. */
static const char *const *of_tiles(pm_arena *arena, const settings *s, const char *const *of_sprite, size_t count) {
  const size_t frames = frames_of(s);
  if (!of_sprite || frames == 1)
    return of_sprite;
  const char **tile = pm_alloc(arena, count * frames, sizeof *tile);
  for (size_t i = 0; i < count * frames; i++)
    tile[i] = of_sprite[i / frames];
  return tile;
}

/* Sprites' names with the number of the frame behind them. */
static const char *const *name_frames(pm_arena *arena, const settings *s, const char *const *of_sprite, size_t count) {
  const size_t frames = frames_of(s);
  const char **tile = pm_alloc(arena, count * frames, sizeof *tile);
  if (frames == 1)
    return of_sprite;
  for (size_t i = 0; i < count * frames; i++)
    tile[i] = pm_format(arena, "%s-%zu", of_sprite[i / frames], i % frames);
  return tile;
}

/* Names of classes, of tags and of tiles. */
static void name_tiles(export *e, const char *const *class_name, size_t count) {
  pm_arena *arena = e->arena;
  const char *const *sprite_name = pm_tile_names(arena, count, class_name);
  e->class_name = of_tiles(arena, e->s, class_name, count);
  e->tag_name = frames_of(e->s) > 1 ? of_tiles(arena, e->s, sprite_name, count) : class_name;
  e->tile_name = name_frames(arena, e->s, sprite_name, count);
}

static const char *const *read_classes(pm_arena *arena, const settings *s, size_t count, const char *place) {
  if (!s->labels)
    return NULL;
  pm_labels labels = pm_labels_read(arena, s->labels, count, place);
  const char *const *names = labels.name;
  if (s->names)
    names = pm_class_names_read(arena, s->names, labels.classes);
  const char **of_sprite = pm_alloc(arena, count, sizeof *of_sprite);
  for (size_t i = 0; i < count; i++)
    of_sprite[i] = names[labels.label[i]];
  return of_sprite;
}

static pm_strip make_strip(pm_arena *arena, const settings *s, const pm_sprites *sprites, bool gaps,
                           const char *place) {
  const unsigned char *key = key_of(arena, s);
  if (!s->palette)
    return kind_of(s) == GIF ? pm_strip_in_own_colours(arena, sprites, key, place, "a GIF")
                             : pm_strip_rgba(arena, sprites, key, place);
  pm_palette palette = pm_palette_read(arena, s->palette);
  pm_strip strip = pm_strip_in_palette(arena, sprites, key, &palette, gaps && !s->rgba, place);
  return s->rgba ? pm_strip_without_table(arena, &strip) : strip;
}

/* A sheet that is not told its columns has as many that the frames of a sprite lie in one row. */
static pm_tile_look look_of(const settings *s, size_t sprites) {
  pm_tile_look look = s->look;
  size_t across = 1, frames = frames_of(s);
  while (across * across * frames < sprites)
    across++;
  if (frames > 1 && look.columns == 0)
    look.columns = (int64_t)(across * frames);
  return look;
}

static export prepare(pm_arena *arena, const settings *s, const pm_sprites *sprites, const char *place) {
  export e = {.arena = arena, .s = s};
  bool gaps = false;
  const pm_sprites tiles = pm_split_frames(arena, sprites, s->frames, place);
  const pm_tile_look look = look_of(s, sprites->count);
  if (kind_of(s) == SHEET && tiles.count)
    e.grid = pm_tile_grid_of(tiles.count, tiles.width, tiles.height, &look, &gaps);
  if (s->tiled && !pm_tiled_sees(&e.grid))
    pm_wrong_usage("--tiled: Tiled would take a margin of %zu for more tiles of %zu x %zu, expected a smaller one",
                   e.grid.margin, e.grid.tile_width, e.grid.tile_height);
  const char *const *class_name = read_classes(arena, s, sprites->count, place);
  e.strip = make_strip(arena, s, &tiles, gaps, place);
  name_tiles(&e, class_name, sprites->count);
  const char *key = s->transparent ? pm_format(arena, "transparent=%s", s->transparent) : NULL;
  e.notes = pm_provenance(arena, &tool, s, key, sprites, 1);
  return e;
}

/* ---- writing ---- */

static void write_picture(const export *e, const char *path, const pm_image *image) {
  pm_output *output = pm_output_open(e->arena, path, true);
  pm_png_write(output, image, e->notes);
  pm_output_commit(output);
}

static void write_animation(const export *e, kind k) {
  const pm_strip *strip = &e->strip;
  pm_animation animation = {.frames = pm_strip_enlarge(e->arena, strip, 0, strip->count, (size_t)e->s->look.scale),
                            .count = strip->count,
                            .delay = (unsigned)e->s->delay,
                            .plays = (unsigned)e->s->plays,
                            .notes = e->notes};
  pm_output *output = pm_output_open(e->arena, e->s->common.output, true);
  if (k == GIF)
    pm_gif_write(e->arena, output, &animation);
  else
    pm_apng_write(e->arena, output, &animation);
  pm_output_commit(output);
}

static void write_each(const export *e) {
  const settings *s = e->s;
  const char *const others[] = {s->common.output, s->aseprite, s->tiled, s->godot};
  pm_make_folder(s->each);
  for (size_t i = 0; i < e->strip.count; i++) {
    pm_arena *arena = pm_arena_new();
    const char *path = pm_join(arena, s->each, pm_format(arena, "%s.png", e->tile_name[i]));
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
      if (others[k] && pm_same_target(arena, others[k], path))
        pm_wrong_usage("%s is one of the files of --each, too, expected another name", others[k]);
    pm_image image = pm_strip_enlarge(arena, &e->strip, i, 1, (size_t)s->look.scale);
    write_picture(e, path, &image);
    pm_arena_free(arena);
  }
}

static void write_beside(const export *e, const char *path, void (*write)(pm_output *, const pm_tileset *)) {
  if (!path)
    return;
  pm_tileset tileset = {.image = pm_base_name(e->s->common.output),
                        .indexed = e->strip.image.index != NULL,
                        .grid = e->grid,
                        .delay = (unsigned)e->s->delay,
                        .tile_name = e->tile_name,
                        .class_name = e->class_name,
                        .tag_name = e->tag_name};
  pm_output *output = pm_output_open(e->arena, path, false);
  write(output, &tileset);
  pm_output_commit(output);
}

static void write_sheet(const export *e) {
  write_beside(e, e->s->aseprite, pm_tileset_write_aseprite);
  write_beside(e, e->s->tiled, pm_tileset_write_tiled);
  write_beside(e, e->s->godot, pm_tileset_write_godot);
  pm_image sheet = pm_tile_sheet(e->arena, &e->strip, &e->grid, &e->s->look);
  write_picture(e, e->s->common.output, &sheet);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  check_usage(arena, &s);

  pm_sprites sprites = pm_sprites_read_all(arena, operands);
  export e = prepare(arena, &s, &sprites, pm_path_name(operands[0] ? operands[0] : "-"));

  if (s.each)
    write_each(&e);
  kind k = kind_of(&s);
  if (k == SHEET)
    write_sheet(&e);
  else if (k != NOTHING)
    write_animation(&e, k);
  pm_arena_free(arena);
  return PM_DONE;
}
