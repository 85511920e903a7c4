/* score: samples against the sprites that their model was trained on. */
#include "eval/score.h"
#include "core/options.h"
#include "eval/classes.h"
#include "eval/copy_picture.h"
#include "eval/score_text.h"
#include "eval/selection.h"
#include "pixels/array_file.h"
#include "pixels/canonical.h"
#include "pixels/labels.h"
#include "report/nearest_plot.h"
#include "train/model_file.h"

#include <string.h>

typedef struct {
  const char *data, *model, *palette, *labels, *sample_labels, *by_class, *bits, *picture, *plot;
  double held_out;
  int tile; /* pm_tiling */
  bool tilemaps, allow_few, text, tsv, json, keep_novel, terminal, sixel;
  int64_t nearest, keep_best;
  pm_common common;
} settings;

typedef struct {
  pm_score_set data, samples;
  pm_score_set others; /* of --by-class; without it nothing, and the samples are asked */
  char data_hash[65], samples_hash[65];
  double held_out; /* the share that the model did not see */
  pm_score_reference reference;
  const float *bits; /* [data's sprites], or NULL */
} inputs;

static const pm_option options[] = {
    {"data", 0, PM_TEXT, offsetof(settings, data), NULL, 0, 0, NULL, "SPRITES",
     "the sprites that the model was trained on, held-out ones included; must be given"},
    {"model", 0, PM_TEXT, offsetof(settings, model), NULL, 0, 0, NULL, "MODEL.safetensors",
     "the model that made the samples: score takes the held-out share and the palette from it, and refuses data that "
     "it was not trained on"},
    {"palette", 'p', PM_TEXT, offsetof(settings, palette), NULL, 0, 0, NULL, "PALETTE",
     "the colours: .gpl, .hex, .pal or .png; else the model's, or those of the data, if they are at most 256"},
    {"held-out", 0, PM_REAL, offsetof(settings, held_out), "0.1", 0, 0.9, NULL, "SHARE",
     "without --model: share of the data that was held out (data.held_out of the model's config); 0 for none"},
    {"tilemaps", 0, PM_FLAG, offsetof(settings, tilemaps), NULL, 0, 0, NULL, NULL,
     "the sprites are maps as draw-tilemaps draws them: also measure smear and count legal maps"},
    {"tile", 0, PM_CHOICE, offsetof(settings, tile), "none", 0, 0, PM_TILINGS, NULL,
     "also measure how well copies of a sprite fit side by side along these axes"},
    {"labels", 0, PM_TEXT, offsetof(settings, labels), NULL, 0, 0, NULL, "LABELS.npy",
     "the class of each sprite of the data, as the trainer got it: also measure class agreement"},
    {"sample-labels", 0, PM_TEXT, offsetof(settings, sample_labels), NULL, 0, 0, NULL, "LABELS.npy",
     "the class that each sample was drawn for; or the word each, as for sample --class each"},
    {"by-class", 0, PM_TEXT, offsetof(settings, by_class), NULL, 0, 0, NULL, "SPRITES",
     "the samples that --sample-labels belongs to, if they are others than SAMPLES (drawn with guidance, for example)"},
    {"bits", 0, PM_TEXT, offsetof(settings, bits), NULL, 0, 0, NULL, "BITS.npy",
     "output of sample --bits for the data: also give the model's bits per pixel for held-out and training sprites"},
    {"allow-few", 0, PM_FLAG, offsetof(settings, allow_few), NULL, 0, 0, NULL, NULL,
     "accept fewer than 1,000 samples, and fewer than 50 sprites to compare with; at least 10 of each"},
    {"text", 0, PM_FLAG, offsetof(settings, text), NULL, 0, 0, NULL, NULL, "print a table for people (the default)"},
    {"tsv", 0, PM_FLAG, offsetof(settings, tsv), NULL, 0, 0, NULL, NULL,
     "print a line for each measure with tabs between its fields"},
    {"json", 0, PM_FLAG, offsetof(settings, json), NULL, 0, 0, NULL, NULL, "print an object with all measures"},
    {"nearest", 0, PM_INTEGER, offsetof(settings, nearest), "0", 0, 10000, NULL, "N",
     "write a picture instead: the N samples nearest to the training sprites, each beside its 3 nearest"},
    {"picture", 0, PM_TARGET, offsetof(settings, picture), NULL, 0, 0, NULL, "FILE.png",
     "write the picture of --nearest to FILE, and also print the measures"},
    {"plot", 0, PM_TARGET, offsetof(settings, plot), NULL, 0, 0, NULL, "FILE.png",
     "also draw how nearest-distance and nearest-ratio are distributed, of samples and of held-out sprites"},
    {"terminal", 0, PM_FLAG, offsetof(settings, terminal), NULL, 0, 0, NULL, NULL,
     "draw the curves of --plot below the table for people, with characters (Unicode Braille)"},
    {"sixel", 0, PM_FLAG, offsetof(settings, sixel), NULL, 0, 0, NULL, NULL,
     "draw them there as sixels, for terminals that show these"},
    {"keep-novel", 0, PM_FLAG, offsetof(settings, keep_novel), NULL, 0, 0, NULL, NULL,
     "write an array instead: the samples that are no copies, in their order"},
    {"keep-best", 0, PM_INTEGER, offsetof(settings, keep_best), "0", 0, 100000, NULL, "N",
     "write an array instead: the N samples to show, in their order; no copies, typical, unlike each other, and of the "
     "class they were drawn for if labels are given"},
    {0}};

static const pm_tool tool = {
    .name = "score",
    .summary = "how good samples are, and whether they are copies",
    .operands = "[SAMPLES.npy|PICTURE.png]",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED | PM_HAS_THREADS,
    .common_offset = offsetof(settings, common),
    .max_operands = 1,
    .description =
        "Compares samples with the sprites that their model was trained on, and then the held-out sprites with "
        "these, too. The held-out sprites are real and the model has not seen them, so their values are the best "
        "that samples can be expected to reach. docs/judging.md explains each measure. Give the samples as the "
        "model made them, before snap, so that pixels off the palette are counted.\n\n"
        "Off the palette: the share of such pixels and their mean distance. Colours and 2 x 2 patterns of colours: "
        "Jensen-Shannon divergence, in nats, of the sprites snapped to the palette. Context bits: bits per pixel "
        "under a code that was fitted to the training sprites; more than for held-out sprites means noise, fewer "
        "means blandness. Two-sample test: how often a classifier tells samples from held-out sprites; 50 % is a "
        "guess. Precision, recall, density and coverage (by the 5 nearest neighbours) and KID (unbiased kernel "
        "distance), on pixels and on random features. Copies: samples far nearer to one training sprite than to any "
        "other (less than a third of the distance), up to flips, shifts by a pixel and recolouring. With --tile the "
        "context bits of the pixels where copies of a sprite touch, side by side. With --tilemaps "
        "also the spread inside tiles and the share of maps that the generator could have drawn.\n\n"
        "Class agreement, with --labels and --sample-labels: the share of samples that a classifier assigns to the "
        "class that they were drawn for. The classifier chooses the class under which a sprite takes the fewest "
        "bits.\n\n"
        "Bits per pixel, with --bits: what a code made from the model needs for held-out sprites and for training "
        "sprites. They are exact for autoregressive models and an upper bound for others (the negative ELBO). They "
        "are a property of the model, not of the samples.\n\n"
        "Intervals hold 95 % of 1,000 bootstrap resamples of the samples and the training sprites. They show how "
        "other samples might score, not how another training run would. Fewer than 1,000 samples are refused unless "
        "--allow-few is given, and so are data that leave fewer than 50 sprites to compare with. Several measures "
        "depend on the number of samples (held-out sprites are fewer), so compare like with like.\n\n"
        "--keep-best chooses what to show out of many samples. A selection looks better than the model is, so do "
        "not score it. --nearest, --keep-novel and --keep-best take any number of samples. With --picture FILE, "
        "score writes the picture of --nearest beside the measures, in little more time than these take.\n\n"
        "--plot draws the cumulative distributions of nearest-distance and nearest-ratio: for each value the share of "
        "sprites up to it. Where the curve of the samples is left of that of the held-out sprites, samples are nearer "
        "to training sprites than real sprites are; copies are left of a ratio of a third.",
    .examples = "sample model.safetensors -n 1000 | score --data sprites.npy --model model.safetensors\n"
                "score samples.npy --data sprites.npy --tsv -o score.tsv\n"
                "sample model.safetensors -n 1000 --class each | score --data sprites.npy --labels labels.npy "
                "--sample-labels each\n"
                "score samples.npy --data sprites.npy --labels labels.npy --by-class guided.npy --sample-labels each\n"
                "sample model.safetensors --bits sprites.npy | score samples.npy --data sprites.npy --bits -\n"
                "sample model.safetensors -n 1000 --tile xy | score --data tiles.npy --tile xy\n"
                "score samples.npy --data sprites.npy --nearest 24 -o nearest.png\n"
                "score samples.npy --data sprites.npy --tsv -o score.tsv --nearest 9 --picture nearest.png\n"
                "score samples.npy --data sprites.npy --terminal --plot distances.png\n"
                "sample model.safetensors -n 64 | score --data sprites.npy --keep-novel | montage -o new.png\n"
                "sample model.safetensors -n 1000 | score --data sprites.npy --keep-best 64 | montage -o best.png",
};

/* The option that asks for the curves; NULL: none does. */
static const char *curves_wanted(const settings *s) {
  return s->plot ? "plot" : s->terminal ? "terminal" : s->sixel ? "sixel" : NULL;
}

static void check_usage(const settings *s, const char *samples) {
  if (!s->data)
    pm_wrong_usage("--data FILE is missing");
  const char *inputs[] = {samples, s->data, s->model, s->palette, s->labels, s->sample_labels, s->by_class, s->bits};
  int from_stream = 0;
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    from_stream += inputs[i] && strcmp(inputs[i], "-") == 0;
  if (from_stream > 1)
    pm_wrong_usage("only one of samples, data, model, palette, labels and bits can come from standard input");
  if (s->model)
    pm_refuse_given(&s->common, (const char *const[]){"held-out", NULL}, "taken from the model, which --model names");
  if (!s->labels != !s->sample_labels)
    pm_wrong_usage("--labels and --sample-labels go together, and --%s is missing",
                   s->labels ? "sample-labels" : "labels");
  if (s->by_class && !s->labels)
    pm_wrong_usage("--by-class goes with --labels and --sample-labels, and these are missing");
  bool picture_alone = s->nearest > 0 && !s->picture, best = s->keep_best > 0;
  if (s->text + s->tsv + s->json + picture_alone + s->keep_novel + best > 1)
    pm_wrong_usage(
        "--text, --tsv, --json, --nearest without --picture, --keep-novel, and --keep-best exclude each other");
  pm_check_ending(s->picture, PM_AS_PICTURE);
  pm_check_ending(s->plot, PM_AS_PICTURE);
  pm_check_ending(s->common.output, picture_alone           ? PM_AS_PICTURE
                                    : s->keep_novel || best ? PM_AS_ARRAY_OR_PICTURE
                                                            : PM_AS_TEXT);
  static const char *const none = "and --nearest without --picture, --keep-novel, and --keep-best, print none";
  if (picture_alone || s->keep_novel || best) {
    if (s->tilemaps)
      pm_wrong_usage("--tilemaps adds measures, %s", none);
    if (s->tile)
      pm_wrong_usage("--tile adds a measure, %s", none);
    if (s->labels && !best)
      pm_wrong_usage("--labels adds a measure, %s", none);
    if (s->bits)
      pm_wrong_usage("--bits adds measures, %s", none);
    if (s->by_class)
      pm_wrong_usage("--by-class adds a measure, %s", none);
  }
  if (curves_wanted(s) && (picture_alone || s->keep_novel || best))
    pm_wrong_usage("--%s comes beside measures, %s", curves_wanted(s), none);
  if (s->terminal && s->sixel)
    pm_wrong_usage("--terminal and --sixel exclude each other");
  if ((s->terminal || s->sixel) && (s->tsv || s->json))
    pm_wrong_usage("--%s draws below the table for people, and --%s prints another", s->terminal ? "terminal" : "sixel",
                   s->tsv ? "tsv" : "json");
  if (!s->picture)
    return;
  if (s->nearest == 0)
    pm_wrong_usage("--picture is where --nearest goes, and --nearest N is missing");
  if (s->keep_novel || best)
    pm_wrong_usage("--picture comes beside measures, and --keep-%s prints none", best ? "best" : "novel");
}

static void check_numbers(pm_arena *arena, const settings *s, const pm_score_set *samples, const pm_score_set *by_class,
                          const pm_score_set *training) {
  size_t n = samples->sprites.count, least = s->allow_few ? PM_SCORE_LEAST : PM_SCORE_SAMPLES;
  if (n < least)
    pm_fail(PM_BAD_INPUT, samples->place, "holds %s, expected at least %zu%s%s", pm_counted(arena, n, "sprite"), least,
            s->allow_few ? "" : " (--allow-few takes fewer; figures of few are rough)", pm_uncut_hint(n));
  if (by_class->sprites.count < PM_SCORE_LEAST)
    pm_fail(PM_BAD_INPUT, by_class->place, "holds %s, expected at least %d",
            pm_counted(arena, by_class->sprites.count, "sprite"), PM_SCORE_LEAST);
  size_t references = s->allow_few ? PM_SCORE_LEAST : PM_SCORE_REFERENCES;
  if (training->sprites.count < references)
    pm_fail(PM_BAD_INPUT, training->place, "has %s, expected at least %zu to compare with%s",
            pm_counted(arena, training->sprites.count, "training sprite"), references,
            pm_uncut_hint(training->sprites.count));
}

static void write_novel(pm_arena *arena, const settings *s, const pm_score_set *samples, const pm_nearest *nearest) {
  size_t n = samples->sprites.count;
  bool *copy = pm_alloc(arena, n, sizeof *copy);
  for (size_t i = 0; i < n; i++)
    copy[i] = pm_is_copy(&nearest[i]);
  pm_score_set novel = pm_score_part(arena, samples, copy, false);
  pm_array_write(arena, s->common.output, &novel.array);
  size_t copies = n - novel.sprites.count;
  pm_say(0, "%zu of %s %s and %s dropped", copies, pm_counted(arena, n, "sample"),
         copies == 1 ? "is a copy" : "are copies", copies == 1 ? "was" : "were");
  if (novel.sprites.count == 0)
    pm_warn(samples->place, "no sample is left: all are copies of sprites in %s", s->data);
}

static void write_best(pm_arena *arena, const settings *s, inputs *in) {
  pm_selection selection;
  size_t n = in->samples.sprites.count;
  pm_score_reference_fit(arena, &in->reference);
  const bool *chosen = pm_select_best(arena, &in->samples, &in->reference, (size_t)s->keep_best, &selection);
  pm_score_set best = pm_score_part(arena, &in->samples, chosen, true);
  pm_array_write(arena, s->common.output, &best.array);
  pm_say(0, "%zu of %s %s kept; %zu %s%s", selection.selected, pm_counted(arena, n, "sample"),
         selection.selected == 1 ? "was" : "were", selection.copies, selection.copies == 1 ? "is a copy" : "are copies",
         s->labels ? pm_format(arena, ", and %zu do%s not look like %s class", selection.strange,
                               selection.strange == 1 ? "es" : "", selection.strange == 1 ? "its" : "their")
                   : "");
  if (selection.selected == 0)
    pm_warn(in->samples.place, "no sample is left: all are copies of sprites in %s%s", s->data,
            selection.strange ? ", or do not look like their class" : "");
  if (!selection.by_held)
    pm_say(0, "%s: too few held-out sprites to know how many bits are typical; used the samples' own mean instead",
           in->data.place);
}

static void write_png(pm_arena *arena, const inputs *in, const pm_image *picture, const char *setting,
                      const char *path) {
  const char *made_from =
      pm_format(arena, "%sheld-out=%g; samples=%s; data=%s", setting, in->held_out, in->samples_hash, in->data_hash);
  const char *notes[] = {"Software", pm_format(arena, "pixelmill score %s", pm_version), "Comment", made_from, NULL};
  pm_output *output = pm_output_open(arena, path, true);
  pm_png_write(output, picture, notes);
  pm_output_commit(output);
}

static void write_picture(pm_arena *arena, const settings *s, const inputs *in, const pm_nearest *nearest,
                          const char *path) {
  pm_image picture = pm_copy_picture(arena, &in->samples, &in->reference, nearest, (size_t)s->nearest);
  write_png(arena, in, &picture, pm_format(arena, "nearest=%lld; ", (long long)s->nearest), path);
}

/* What is to be printed below the table; "" for nothing. Writes the picture of --plot. */
static const char *draw_curves(pm_arena *arena, const settings *s, const inputs *in, const pm_score_report *r) {
  static const pm_plot_look look = {640, 400, PM_NEAREST_PANELS, false};
  if (!curves_wanted(s))
    return "";
  const pm_plot_panel *panel =
      pm_nearest_panels(arena, r->samples.nearest, r->samples.samples, r->held.nearest, r->held.samples);
  if (s->plot || s->sixel) {
    pm_image picture = pm_plot(arena, panel, PM_NEAREST_PANELS, look);
    if (s->plot)
      write_png(arena, in, &picture, "", s->plot);
    if (s->sixel)
      return pm_sixel(arena, &picture);
  }
  return s->terminal ? pm_plot_for_terminal(arena, panel, PM_NEAREST_PANELS, s->common.output) : "";
}

static void hash_labels(pm_arena *arena, const pm_score_set *by_class, const pm_score_set *data, char hash[65]) {
  char of_data[65], of_samples[65];
  pm_sha256(data->label, data->sprites.count * sizeof *data->label, of_data);
  pm_sha256(by_class->label, by_class->sprites.count * sizeof *by_class->label, of_samples);
  const char *both = pm_format(arena, "%s %s", of_data, of_samples);
  pm_sha256(both, strlen(both), hash);
}

static void print_scores(pm_arena *arena, const settings *s, inputs *in) {
  const pm_score_set *samples = &in->samples, *data = &in->data, *by_class = s->by_class ? &in->others : samples;
  const pm_score_reference *reference = &in->reference;
  check_numbers(arena, s, samples, by_class, &reference->training);
  pm_score_reference_fit(arena, &in->reference);
  pm_score_report *r = pm_alloc(arena, 1, sizeof *r);
  r->training = reference->training.sprites.count;
  r->held_out = reference->held.sprites.count;
  r->seed = s->common.seed;
  memcpy(r->samples_hash, in->samples_hash, sizeof r->samples_hash);
  memcpy(r->data_hash, in->data_hash, sizeof r->data_hash);
  pm_sha256(reference->palette.rgba, reference->palette.count * sizeof *reference->palette.rgba, r->palette_hash);
  if (s->labels)
    hash_labels(arena, by_class, data, r->labels_hash);
  if (by_class != samples)
    pm_sprites_hash(&by_class->sprites, r->by_class_hash);
  if (in->bits)
    pm_sha256(in->bits, data->sprites.count * sizeof *in->bits, r->bits_hash);
  if (!reference->exact)
    pm_say(0,
           "%s: more than 256 colours and no --palette: pixels off the palette are not measured, and 32 colours stand "
           "for all in patterns "
           "and copies",
           data->place);
  r->samples = pm_score_judge(arena, samples, by_class, reference, s->tilemaps, s->common.seed);
  if (r->held_out >= PM_SCORE_LEAST)
    r->held = pm_score_judge(arena, &reference->held, &reference->held, reference, s->tilemaps, s->common.seed);
  else if (in->held_out > 0)
    pm_say(0, "%s: %s %s too few for a baseline", data->place, pm_counted(arena, r->held_out, "held-out sprite"),
           r->held_out == 1 ? "is" : "are");
  if (r->held_out >= PM_SCORE_LEAST && !pm_score_has_two_sample(r->samples.samples, reference))
    pm_say(0, "%s and %s are too few for the two-sample test", pm_counted(arena, r->samples.samples, "sample"),
           pm_counted(arena, r->held_out, "held-out sprite"));
  if (s->tile) {
    pm_score_add_seams(arena, &r->samples, samples, reference, (pm_tiling)s->tile, s->common.seed);
    if (r->held.count)
      pm_score_add_seams(arena, &r->held, &reference->held, reference, (pm_tiling)s->tile, s->common.seed);
  }
  if (in->bits)
    pm_score_add_bits(arena, &r->samples, reference, in->bits, s->common.seed);

  if (s->picture)
    write_picture(arena, s, in, r->samples.nearest, s->picture);
  const char *below = draw_curves(arena, s, in, r);
  pm_output *output = pm_output_open(arena, s->common.output, false);
  (s->tsv ? pm_score_print_tsv : s->json ? pm_score_print_json : pm_score_print_text)(output, r);
  if (*below)
    pm_output_print(output, "\n%s", below);
  pm_output_commit(output);
}

/* Those of the samples, one of the data's each. */
static const int32_t *sample_labels(pm_arena *arena, const char *path, const pm_score_set *samples,
                                    const pm_score_set *data) {
  bool each = strcmp(path, PM_EACH_CLASS_NAME) == 0;
  size_t n = samples->sprites.count, known = data->sprites.count;
  const int32_t *label =
      each ? pm_class_labels_each(arena, n, data->label, known) : pm_labels_read(arena, path, n, samples->place).label;
  pm_class_labels_check(label, n, data->label, known, each ? "--sample-labels " PM_EACH_CLASS_NAME : path);
  return label;
}

/* What is to be known of the model: by the options, or by its own file. */
typedef struct {
  double held_out;
  bool has_palette;
  pm_palette palette;
} model_facts;

static model_facts read_model(pm_arena *arena, const settings *s, const char *data, const char *data_hash) {
  model_facts facts = {.held_out = s->held_out, .has_palette = s->palette};
  if (s->model) {
    pm_model model = pm_model_read(arena, s->model);
    if (strcmp(data_hash, model.facts.data_hash) != 0)
      pm_fail(PM_BAD_INPUT, data, "these are not the sprites that %s was trained on", model.place);
    facts.held_out = pm_model_held_out(arena, &model);
    facts.has_palette |= model.facts.format.colours > 0;
    facts.palette = model.facts.palette;
  }
  if (s->palette)
    facts.palette = pm_palette_read(arena, s->palette);
  return facts;
}

static inputs read_inputs(pm_arena *arena, const settings *s, const char *path) {
  inputs in = {.data = pm_score_read(arena, s->data), .samples = pm_score_read(arena, path)};
  const char *place = in.data.place;
  size_t count = in.data.sprites.count;
  pm_sprites_hash(&in.data.sprites, in.data_hash);
  pm_sprites_hash(&in.samples.sprites, in.samples_hash);
  model_facts model = read_model(arena, s, place, in.data_hash);
  if (s->labels)
    in.data.label = pm_labels_read(arena, s->labels, count, place).label;
  in.held_out = model.held_out;
  in.reference = pm_score_reference_of(arena, &in.data, in.held_out, model.has_palette ? &model.palette : NULL);
  pm_score_check(&in.samples, &in.reference);
  if (s->by_class) {
    in.others = pm_score_read(arena, s->by_class);
    pm_score_check(&in.others, &in.reference);
  }
  pm_score_set *by_class = s->by_class ? &in.others : &in.samples;
  if (s->sample_labels)
    by_class->label = sample_labels(arena, s->sample_labels, by_class, &in.data);
  if (s->bits)
    in.bits = pm_score_bits_read(arena, s->bits, count, place);
  return in;
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  const char *path = *operands ? *operands : "-";
  check_usage(&s, path);
  inputs in = read_inputs(arena, &s, path);
  if (s.keep_best > 0) {
    write_best(arena, &s, &in);
  } else if ((s.nearest > 0 && !s.picture) || s.keep_novel) {
    const pm_nearest *nearest = pm_score_nearest(arena, &in.samples, &in.reference);
    if (s.keep_novel)
      write_novel(arena, &s, &in.samples, nearest);
    else
      write_picture(arena, &s, &in, nearest, s.common.output);
  } else {
    print_scores(arena, &s, &in);
  }
  pm_arena_free(arena);
  return PM_DONE;
}
