/* check-sprites: what is worth a second look before sprites are trained on. */
#include "core/ending.h"
#include "core/options.h"
#include "eval/mirroring.h"
#include "eval/score.h"
#include "pixels/array_file.h"
#include "pixels/canonical.h"
#include "pixels/labels.h"
#include "pixels/review.h"
#include "train/model_file.h"

#include <string.h>

enum { FEW_SPRITES = 200, FEW_OF_CLASS = 8, MOST_CLASSES = 8 };

typedef struct {
  const char *labels, *names, *save_held_out;
  int64_t batch;
  double held_out;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"labels", 0, PM_TEXT, offsetof(settings, labels), NULL, 0, 0, NULL, "LABELS.npy", "the class of each sprite"},
    {"names", 0, PM_TEXT, offsetof(settings, names), NULL, 0, 0, NULL, "NAMES.txt", "the classes' names, one a line"},
    {"batch", 0, PM_INTEGER, offsetof(settings, batch), "32", 1, 65536, NULL, "N",
     "sprites per training step (training.batch)"},
    {"held-out", 0, PM_REAL, offsetof(settings, held_out), "0.1", 0, 0.5, NULL, "SHARE",
     "share kept out of training (data.held_out)"},
    {"save-held-out", 0, PM_TARGET, offsetof(settings, save_held_out), NULL, 0, 0, NULL, "FILE.npy",
     "also write the sprites that are kept out of training with this share"},
    {0}};

static const pm_tool tool = {
    .name = "check-sprites",
    .summary = "warnings about a set of sprites before training",
    .operands = "[SPRITES.npy|PICTURE.png|FOLDER]",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_THREADS,
    .common_offset = offsetof(settings, common),
    .max_operands = 1,
    .description =
        "Warns about properties of a set of sprites that would hinder training, and says what to do about each: too "
        "few sprites, enlarged pixels, exact copies, sprites that equal others up to mirroring, shifts or "
        "recolouring, light from one side, colours of one or two pixels, more colours than a palette holds, half "
        "transparent pixels and, with --labels, classes of few sprites.\n\n"
        "None of these is an error: the exit status is 0 whatever it finds.",
    .examples = "check-sprites sprites.npy\n"
                "slice-tiles sheet.png | check-sprites\n"
                "check-sprites --labels labels.npy --names names.txt sprites.npy",
};

typedef struct {
  pm_output *output;
  size_t found;
} report;

/* A remark of its own line. */
static void remark(report *r, const char *text) {
  r->found++;
  pm_output_print(r->output, "- %s\n", text);
}

/* Settings without which training that uses held-out sprites would refuse where there are none; with a batch
 * that they fill, since a second SET would replace the first. */
static char *go_without(pm_arena *arena, size_t sprites, size_t batch) {
  return pm_format(arena,
                   "set data.held_out=0, training.keep=last, training.stop_after=0 and training.calibrate=false (make: "
                   "SET=\"%sdata.held_out=0 training.keep=last training.stop_after=0 training.calibrate=false\").",
                   sprites < batch ? pm_format(arena, "training.batch=%zu ", sprites) : "");
}

static void check_number(pm_arena *arena, report *r, const pm_sprites *sprites, const settings *s) {
  size_t held, batch = (size_t)s->batch;
  pm_held_out_flags(arena, sprites, s->held_out, &held);
  size_t train = sprites->count - held;
  if (sprites->count == 1 && batch > 1) {
    remark(
        r,
        "one sprite, as a picture counts: if it is a sheet of tiles, cut it first (slice-tiles --tile 16 sheet.png).");
    return;
  }
  if (train == 0 && held > 0)
    remark(r,
           pm_format(arena,
                     "all sprites (%zu) are held out, and none is left to train on: training will refuse. Sprites that "
                     "are others mirrored, shifted or recoloured are held out together; %s",
                     held, go_without(arena, sprites->count, batch)));
  else if (train == 0)
    remark(r, "no sprites to train on: training will refuse. Add sheets, or widen --density.");
  else if (train < batch)
    remark(r, pm_format(arena,
                        "%s to train on (%zu held out) where a batch takes %zu: training will refuse. Add "
                        "sheets, widen --density, or set training.batch=%zu (make: SET=training.batch=%zu).",
                        pm_counted(arena, train, "sprite"), held, batch, train, train));
  else if (sprites->count < FEW_SPRITES)
    remark(r, pm_format(arena,
                        "%s %s few: models memorise so few, and samples will be near copies. More sheets in the same "
                        "style help most.",
                        pm_counted(arena, sprites->count, "sprite"), sprites->count == 1 ? "is" : "are"));
  if (train > 0 && train < PM_SCORE_LEAST)
    remark(r, pm_format(arena,
                        "%s to train on, and score compares with at least %d: it will refuse after the training. Add "
                        "sheets, or leave scores out (make: SAMPLES=0).",
                        pm_counted(arena, train, "sprite"), PM_SCORE_LEAST));
  if (train > 0 && held == 0 && s->held_out > 0)
    remark(r, pm_format(arena,
                        "none of the sprites is held out, and training that keeps the best weights on held-out sprites "
                        "will refuse. Add sheets, or %s",
                        go_without(arena, sprites->count, batch)));
}

/* Of the sprites that would be trained on, as augment.flip: auto looks at them. */
static void check_mirroring(pm_arena *arena, report *r, const pm_sprites *sprites, const settings *s) {
  const bool *held = pm_held_out_flags(arena, sprites, s->held_out, NULL);
  if (pm_mirroring_test(arena, sprites, held).differs)
    remark(r,
           "lit from one side, or facing one way: mirrored copies would not look like the others. augment.flip: auto "
           "leaves them out (make: SET=augment.flip=auto, or 0; the default preset has auto).");
}

/* Of what the sprites are made of. */
static void check_pixels(pm_arena *arena, report *r, const pm_sprites *sprites, const pm_review *v) {
  if (v->block > 1)
    remark(r, pm_format(arena,
                        "each pixel is drawn %zu x %zu: enlarged sprites are harder to learn, and samples will not "
                        "consist of such blocks. slice-tiles --shrink %zu makes them %zu x %zu.",
                        v->block, v->block, v->block, sprites->width / v->block, sprites->height / v->block));
  if (v->empty)
    remark(r, pm_format(arena,
                        "%s without an opaque pixel: snapping to a palette leaves nothing of them. "
                        "slice-tiles leaves them out.",
                        pm_counted(arena, v->empty, "sprite")));
}

static void check_likeness(pm_arena *arena, report *r, const pm_review *v) {
  if (v->copies)
    remark(r, pm_format(arena,
                        "%zu sprite%s an exact copy of an earlier one (the first: number %zu is number %zu), and such "
                        "count for more in training. slice-tiles --distinct leaves them out (make: DISTINCT=1).",
                        v->copies, v->copies == 1 ? " is" : "s are each", v->copy.sprite, v->copy.earlier));
  if (v->alike)
    remark(r, pm_format(arena,
                        "%zu sprite%s an earlier one mirrored, shifted or recoloured (the first: number %zu and number "
                        "%zu). Nothing to do: such families are never divided between training and held-out sprites.",
                        v->alike, v->alike == 1 ? " is" : "s are each", v->likeness.sprite, v->likeness.earlier));
}

static void check_colours(pm_arena *arena, report *r, const pm_review *v) {
  size_t entries = v->colours + v->transparent;
  if (entries > PM_MAX_COLOURS)
    remark(r, pm_format(arena,
                        "%zu colours%s, and a palette holds %d: reduce them with extract-palette -k 32 and snap (make "
                        "takes them down to %d; fewer are learned better: COLOURS=32).",
                        entries, v->transparent ? " with the transparent one" : "", PM_MAX_COLOURS, PM_MAX_COLOURS));
  if (v->half_transparent)
    remark(r, pm_format(
                  arena,
                  "%zu pixel%s half transparent, which no palette can represent: snap makes them opaque or transparent "
                  "(make does so).",
                  v->half_transparent, v->half_transparent == 1 ? " is" : "s are"));
  if (v->rare == 0 || entries > PM_MAX_COLOURS)
    return;
  const char *list = "";
  size_t listed = v->rare < PM_RARE_LISTED ? v->rare : PM_RARE_LISTED;
  for (size_t i = 0; i < listed; i++)
    list = pm_format(arena, "%s%s%06x", list, i ? ", " : "", (unsigned)v->rare_first[i].rgb);
  size_t kept = v->colours > v->rare ? v->colours - v->rare : 1;
  remark(r, pm_format(arena,
                      "%zu of %s stand%s in one or two pixels of the whole set (%s%s): mistakes in drawing? "
                      "Replace them in the sheet, or extract %s and snap (make: COLOURS=%zu).",
                      v->rare, pm_counted(arena, v->colours, "colour"), v->rare == 1 ? "s" : "", list,
                      v->rare > listed ? ", ..." : "", pm_counted(arena, kept, "colour"), kept));
}

static void check_classes(pm_arena *arena, report *r, const pm_sprites *sprites, const settings *s, const char *place) {
  if (!s->labels)
    return;
  pm_labels labels = pm_labels_read(arena, s->labels, sprites->count, place);
  const char *const *names = s->names ? pm_class_names_read(arena, s->names, labels.classes) : NULL;
  const char *list = "";
  size_t small = 0;
  for (size_t c = 0; c < labels.classes; c++)
    if (labels.size[c] < FEW_OF_CLASS && small++ < MOST_CLASSES)
      list = pm_format(arena, "%s%s%s with %zu", list, small > 1 ? ", " : "", names ? names[c] : labels.name[c],
                       labels.size[c]);
  if (!small)
    return;
  /* Classes that label-tiles found by looks are as many as were asked for; others are somebody's own. */
  bool found = !names || strncmp(names[0], "class-", strlen("class-")) == 0;
  const char *advice = found
                           ? pm_format(arena, "or have fewer classes (make: CLASSES=%zu, or 0 for none)",
                                       labels.classes > small ? labels.classes - small : 1)
                           : "put them into a class that they are like (folders: move the pictures), or leave them out";
  remark(r, pm_format(arena,
                      "%zu of %s %s fewer than %d sprites (%s%s): samples of them will be copies. "
                      "Draw more of them, %s.",
                      small, pm_counted(arena, labels.classes, "class"), small == 1 ? "has" : "have", FEW_OF_CLASS,
                      list, small > MOST_CLASSES ? ", ..." : "", advice));
}

static void save_held_out(pm_arena *arena, const pm_sprites *sprites, const settings *s) {
  size_t held, at = 0;
  const bool *flag = pm_held_out_flags(arena, sprites, s->held_out, &held);
  const pm_tensor all = pm_sprites_to_tensor(arena, sprites);
  const size_t sprite = pm_shape_count(all.shape) / sprites->count;
  pm_shape shape = all.shape;
  shape.dim[0] = held;
  pm_tensor out = pm_tensor_new(arena, PM_U8, shape);
  for (size_t i = 0; i < sprites->count; i++)
    if (flag[i])
      memcpy((char *)out.data + at++ * sprite, (const char *)all.data + i * sprite, sprite);
  pm_array_write(arena, s->save_held_out, &out);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  if (s.names && !s.labels)
    pm_wrong_usage("--names is for --labels");

  pm_check_ending(s.common.output, PM_AS_TEXT);
  pm_check_ending(s.save_held_out, PM_AS_ARRAY);
  const char *path = *operands ? *operands : "-";
  pm_sprites sprites = pm_sprites_read(arena, path);
  pm_review review = pm_sprites_review(arena, &sprites);

  report r = {.output = pm_output_open(arena, s.common.output, false)};
  pm_output_print(r.output, "%s of %zu x %zu pixels, %s\n", pm_counted(arena, sprites.count, "sprite"), sprites.width,
                  sprites.height, pm_counted(arena, review.colours, "colour"));
  check_number(arena, &r, &sprites, &s);
  check_pixels(arena, &r, &sprites, &review);
  check_likeness(arena, &r, &review);
  check_mirroring(arena, &r, &sprites, &s);
  check_colours(arena, &r, &review);
  check_classes(arena, &r, &sprites, &s, pm_path_name(path));
  if (r.found == 0)
    pm_output_print(r.output, "nothing to remark\n");
  pm_output_commit(r.output);
  if (s.save_held_out)
    save_held_out(arena, &sprites, &s);
  pm_arena_free(arena);
  return PM_DONE;
}
