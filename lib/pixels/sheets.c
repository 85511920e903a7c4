#include "pixels/sheets.h"

#include "core/file.h"
#include "core/number.h"
#include "core/sizes.h"
#include "io/artwork.h"
#include "pixels/blocks.h"
#include "pixels/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

pm_sheet_list pm_sheets_list(pm_arena *arena, char *const *operands) {
  pm_sheet_list list = {0};
  for (; *operands; operands++)
    if (pm_is_folder(*operands))
      pm_folder_append(arena, &list.path, *operands);
    else
      pm_text_list_add(arena, &list.path, *operands);
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
  pm_folder_append(arena, &list->path, folder);
  for (size_t i = first; i < list->path.count; i++)
    pm_text_list_add(arena, &list->class_name, name);
}

pm_sheet_list pm_sheets_list_classes(pm_arena *arena, char *const *operands) {
  pm_sheet_list list = {0};
  for (; *operands; operands++) {
    const char *folder = *operands;
    struct stat info;
    if (strcmp(folder, "-") != 0 && stat(folder, &info) != 0)
      pm_fail(PM_BAD_INPUT, folder, "cannot read it: %s", strerror(errno));
    if (!pm_is_folder(folder))
      pm_fail(PM_BAD_INPUT, folder, "is no folder, expected one for each class, or one that holds them");
    pm_text_list classes = pm_folder_folders(arena, folder), sheets = pm_folder_pictures(arena, folder);
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

typedef struct {
  bool given;
  unsigned char rgb[3];
  pm_key_report all; /* of all sheets */
  size_t without;    /* sheets in which nothing is of it */
  const char *first; /* of these */
} key_colour;

static key_colour key_of(const pm_sheet_options *o) {
  key_colour key = {.given = o->transparent != NULL};
  if (key.given && !pm_parse_colour(o->transparent, key.rgb))
    pm_wrong_usage("--transparent %s: expected a colour as rrggbb", o->transparent);
  if (!key.given && o->tolerance)
    pm_wrong_usage("--tolerance is for --transparent");
  return key;
}

/* Pictures to cut: a sheet is one, and each frame of an Aseprite file is. */
typedef struct {
  pm_image *image;
  const char **place;
  size_t *sheet;                        /* the number of the one that it is of */
  size_t count, images, places, sheets; /* the last three: room */
} picture_list;

static void add_picture(pm_arena *arena, picture_list *list, pm_image image, const char *place, size_t sheet) {
  list->image = pm_grow(arena, list->image, &list->images, list->count + 1, sizeof *list->image);
  list->place = pm_grow(arena, list->place, &list->places, list->count + 1, sizeof *list->place);
  list->sheet = pm_grow(arena, list->sheet, &list->sheets, list->count + 1, sizeof *list->sheet);
  list->image[list->count] = image;
  list->place[list->count] = place;
  list->sheet[list->count++] = sheet;
}

static void add_frames(pm_arena *arena, picture_list *list, pm_image all, size_t frames, const char *path,
                       size_t sheet) {
  size_t pixels = all.width * (all.height / frames);
  for (size_t f = 0; f < frames; f++) {
    pm_image one = all;
    one.height = all.height / frames;
    if (all.index)
      one.index = all.index + f * pixels;
    else
      one.rgba = all.rgba + 4 * f * pixels;
    add_picture(arena, list, one, frames == 1 ? path : pm_format(arena, "%s: frame %zu", path, f), sheet);
  }
}

static picture_list read_sheets(pm_arena *arena, const pm_text_list *paths, const pm_sheet_options *o,
                                key_colour *key) {
  picture_list list = {0};
  for (size_t i = 0; i < paths->count; i++) {
    size_t frames, before = key->all.matched;
    pm_image all = pm_artwork_read(arena, pm_input_open(arena, paths->item[i]), &frames);
    if (key->given)
      pm_slice_key(&all, key->rgb, (int)o->tolerance, &key->all);
    if (key->all.matched == before && key->without++ == 0)
      key->first = pm_path_name(paths->item[i]);
    add_frames(arena, &list, all, frames, paths->item[i], i);
  }
  return list;
}

/* What is told of each picture, of each sheet instead. */
static void count_by_sheet(pm_arena *arena, pm_slice_report *report, const picture_list *list, size_t sheets) {
  size_t *kept_of = pm_alloc(arena, sheets, sizeof *kept_of);
  for (size_t p = 0; p < list->count; p++)
    kept_of[list->sheet[p]] += report->kept_of[p];
  report->sheets = sheets;
  report->kept_of = kept_of;
}

/* ---- what was found, and what looks like a mistake ---- */

static void say_what_was_found(pm_arena *arena, bool drop_flat, const pm_sprites *sprites, const pm_slice_report *r) {
  const char *dropped = "";
  const struct {
    size_t count;
    const char *what;
  } reasons[] = {{r->transparent, "fully transparent"},
                 {r->faint, "without an opaque pixel"},
                 {r->flat, "of a single colour"},
                 {r->outside, "outside the density"},
                 {r->repeated, "repeated"}};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].count)
      dropped = pm_format(arena, "%s, %zu %s", dropped, reasons[i].count, reasons[i].what);
  bool transparent;
  size_t opaque = pm_sprites_colours(sprites, &transparent);
  const char *colours = sprites->index ? pm_counted(arena, opaque, "colour") : "more than 256 colours";
  const char *tiles = pm_counted(arena, r->tiles, "tile");
  const char *sheets = r->sheets > 1 ? pm_format(arena, " in %zu sheets", r->sheets) : "";
  if (r->kept == 0)
    pm_fail(PM_BAD_INPUT, NULL, "%s%s%s: none is left, expected at least one", tiles, sheets, dropped);
  pm_say(0, "%s%s%s, %zu kept, %s%s", tiles, sheets, dropped, r->kept, colours,
         transparent ? " and the transparent one" : "");
  if (r->flat_kept && !drop_flat)
    pm_say(0, "%zu of the kept ones ha%s a single colour; --drop-flat leaves %s out", r->flat_kept,
           r->flat_kept == 1 ? "s" : "ve", r->flat_kept == 1 ? "it" : "them");
}

static const char *hex_of(pm_arena *arena, const unsigned char rgb[3]) {
  return pm_format(arena, "%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
}

static double ground_share(const pm_slice_report *r) {
  return r->edges ? (double)r->ground_edges / (double)r->edges : 0;
}

static void say_of_key(pm_arena *arena, const key_colour *key, size_t sheets, const pm_slice_report *r) {
  enum { WORTH_A_TOLERANCE = 32 };
  const char *wanted = hex_of(arena, key->rgb);
  if (key->all.matched == 0) {
    const char *help = "";
    int distance = pm_colour_distance(r->ground, key->rgb);
    if (r->ground_edges)
      help = pm_format(arena, "; most frequent at the tiles' edges is %s, of %.0f %% of their pixels: --transparent %s",
                       hex_of(arena, r->ground), 100 * ground_share(r), hex_of(arena, r->ground));
    if (r->ground_edges && distance <= WORTH_A_TOLERANCE)
      help = pm_format(arena, "%s, or --tolerance %d for all that is as near", help, distance);
    pm_warn(NULL, "--transparent %s matches no pixel%s", wanted, help);
    return;
  }
  if (key->without && sheets > 1)
    pm_say(0, "%zu of %zu sheets ha%s no pixel of %s (the first: %s)", key->without, sheets,
           key->without == 1 ? "s" : "ve", wanted, key->first);
  if (key->all.near)
    pm_say(0, "%s nearly %s and stay%s opaque; if that is the ground, too, --tolerance %d takes %s",
           pm_format(arena, key->all.near == 1 ? "%s is" : "%s are", pm_counted(arena, key->all.near, "pixel")), wanted,
           key->all.near == 1 ? "s" : "", key->all.farthest, key->all.near == 1 ? "it" : "them");
}

/* Each channel nearly none or nearly full, but not all of them: such colours are hardly drawn with, so they are what
 * keys are. */
static bool is_loud(const unsigned char rgb[3]) {
  int low = 0, high = 0;
  for (int c = 0; c < 3; c++) {
    low += rgb[c] <= 16;
    high += rgb[c] >= 239;
  }
  return low + high == 3 && low && high;
}

/* A ground of one colour on sheets that know no transparency, or whose ground is another colour than the key. */
static void say_of_ground(pm_arena *arena, const pm_sheet_options *o, const pm_slice_report *r) {
  const unsigned char *background = o->slice.background;
  double enough = is_loud(r->ground) ? 0.25 : 0.8;
  bool like_background = pm_colour_distance(r->ground, background) <= PM_KEY_NEAR;
  if (ground_share(r) < enough || r->clear_edges * 20 > r->edges || like_background)
    return;
  const char *colour = hex_of(arena, r->ground);
  pm_say(0,
         "%.0f %% of the pixels at the tiles' edges are %s; if that is the ground and no part of the sprites, "
         "--transparent %s (make: TRANSPARENT=%s) makes it transparent",
         100 * ground_share(r), colour, colour, colour);
}

/* Sheets that were enlarged by a whole factor, all of them by the same. */
static void say_of_blocks(pm_arena *arena, const pm_slice_options *o, const pm_image *sheets, size_t n) {
  size_t block = pm_block_side(&sheets[0], sheets[0].height), w = (size_t)o->tile[0], h = (size_t)o->tile[1];
  for (size_t i = 1; i < n && block > 1; i++)
    block = pm_common_divisor(block, pm_block_side(&sheets[i], sheets[i].height));
  if (block == 1 || o->shrink > 1)
    return;
  bool whole = w % block == 0 && h % block == 0;
  const char *tile = whole    ? ""
                     : w == h ? pm_format(arena, " --tile %zu", w * block)
                              : pm_format(arena, " --tile %zux%zu", w * block, h * block);
  pm_say(0, "each pixel is drawn %zu x %zu: --shrink %zu%s makes sprites of %zu x %zu", block, block, block, tile,
         whole ? w / block : w, whole ? h / block : h);
}

static void say_of_outlines(pm_arena *arena, const pm_sheet_options *o, const pm_slice_report *r) {
  if (o->slice.keep_alpha || r->vanished == 0 || r->vanished * 10 < r->contour)
    return;
  pm_say(
      0,
      "%.0f %% of the sprites' outlines have the colour of the background that they are laid over (%s), and vanish in "
      "it; --keep-alpha keeps sprites transparent, --background RRGGBB takes another colour (make: KEEP_ALPHA=1, "
      "BACKGROUND=rrggbb)",
      100.0 * (double)r->vanished / (double)r->contour, hex_of(arena, o->slice.background));
}

pm_sprites pm_sheets_cut(pm_arena *arena, const pm_sheet_list *sheets, const pm_sheet_options *options,
                         pm_slice_report *report) {
  const pm_slice_options *slice = &options->slice;
  key_colour key = key_of(options);
  if (slice->tile[0] % slice->shrink || slice->tile[1] % slice->shrink)
    pm_wrong_usage("--shrink %lld: expected a divisor of the tile's sides, %lld and %lld (--tile is their size on the "
                   "sheet)",
                   (long long)slice->shrink, (long long)slice->tile[0], (long long)slice->tile[1]);
  picture_list pictures = read_sheets(arena, &sheets->path, options, &key);
  pm_sprites sprites = pm_slice(arena, pictures.image, pictures.place, pictures.count, *slice, report);
  count_by_sheet(arena, report, &pictures, sheets->path.count);
  if (key.given)
    say_of_key(arena, &key, sheets->path.count, report);
  say_what_was_found(arena, slice->drop_flat, &sprites, report);
  if (!key.given || key.all.matched)
    say_of_ground(arena, options, report);
  say_of_outlines(arena, options, report);
  say_of_blocks(arena, slice, pictures.image, pictures.count);
  return sprites;
}
