#include "eval/score.h"

#include "eval/kernel_distance.h"
#include "eval/neighbours.h"
#include "eval/seams.h"
#include "eval/two_sample.h"
#include "io/npy.h"
#include "pixels/arrays.h"
#include "pixels/canonical.h"
#include "pixels/extract.h"
#include "pixels/snap.h"
#include "pixels/tilemap_facts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { STAND_IN_COLOURS = 32 /* where the data have more than a palette holds */ };

/* ---- sets ---- */

pm_score_set pm_score_read(pm_arena *arena, const char *path) {
  pm_score_set set = {.place = pm_path_name(path)};
  set.array = pm_sprites_read_array(arena, path);
  set.sprites = pm_sprites_from_tensor(arena, &set.array, set.place);
  pm_array_warn_of_range(arena, &set.array, set.place);
  return set;
}

pm_score_set pm_score_part(pm_arena *arena, const pm_score_set *set, const bool *flags, bool flag) {
  pm_tensor array = set->array;
  array.shape.dim[0] = 0;
  for (size_t i = 0; i < set->sprites.count; i++)
    array.shape.dim[0] += flags[i] == flag;
  array = pm_tensor_new(arena, array.dtype, array.shape);
  size_t count = set->sprites.count, at = 0;
  int32_t *label = set->label ? pm_alloc(arena, array.shape.dim[0], sizeof *label) : NULL;
  size_t bytes = count ? pm_shape_count(set->array.shape) / count * pm_dtype_size(array.dtype) : 0;
  for (size_t i = 0; i < count; i++) {
    if (flags[i] != flag)
      continue;
    memcpy((char *)array.data + at * bytes, (const char *)set->array.data + i * bytes, bytes);
    if (label)
      label[at] = set->label[i];
    at++;
  }
  return (pm_score_set){set->place, array, pm_sprites_from_tensor(arena, &array, set->place), label};
}

pm_score_reference pm_score_reference_of(pm_arena *arena, const pm_score_set *data, double held_out,
                                         const pm_palette *palette) {
  const bool *held = pm_held_out_flags(arena, &data->sprites, held_out, NULL);
  pm_score_reference r = {pm_score_part(arena, data, held, false),
                          pm_score_part(arena, data, held, true),
                          held,
                          {0},
                          true,
                          NULL,
                          NULL,
                          NULL};
  if (r.training.sprites.count == 0 && r.held.sprites.count > 0)
    pm_fail(PM_BAD_INPUT, data->place,
            "all its sprites (%zu) are held out, which leaves none to compare with; expected at least %d "
            "(--held-out 0 holds out none)",
            r.held.sprites.count, PM_SCORE_REFERENCES);
  if (r.training.sprites.count == 0)
    pm_fail(PM_BAD_INPUT, data->place, "holds no sprites to compare with, expected at least %d", PM_SCORE_REFERENCES);
  if (palette) {
    r.palette = *palette;
  } else {
    pm_extract_report report = {.exact = data->sprites.index != NULL};
    r.palette =
        pm_extract_palette(arena, &data->sprites, data->sprites.index ? 0 : STAND_IN_COLOURS, 1, data->place, &report);
    r.exact = report.exact;
  }
  pm_indexed training = pm_score_indexed(arena, &r.training, &r.palette);
  pm_figures *figures = pm_figures_new(arena, &training);
  r.figures = figures;
  r.origin = pm_figure_origins(arena, figures);
  return r;
}

void pm_score_reference_fit(pm_arena *arena, pm_score_reference *r) {
  pm_indexed training = pm_score_indexed(arena, &r->training, &r->palette);
  size_t colours = r->palette.count + (r->palette.count < PM_MAX_COLOURS); /* transparency may come behind */
  r->code = pm_context_code_fit(arena, &training, colours, r->origin, r->training.label);
}

void pm_score_check(const pm_score_set *samples, const pm_score_reference *reference) {
  const pm_sprites *a = &samples->sprites, *b = &reference->training.sprites;
  if (a->count == 0)
    pm_fail(PM_BAD_INPUT, samples->place, "holds no sprites, expected at least one");
  if (a->height != b->height || a->width != b->width || a->channels != b->channels)
    pm_fail(PM_BAD_INPUT, samples->place,
            "holds sprites of %zu x %zu pixels with %d channels, expected %zu x %zu with %d as in %s", a->width,
            a->height, a->channels, b->width, b->height, b->channels, reference->training.place);
}

/* Number of a snapped colour: transparency has one behind the palette's if that names none. */
static size_t number_of(const pm_palette *palette, const unsigned char *colour, size_t channels, const char *place) {
  unsigned char rgba[4] = {0, 0, 0, 255};
  memcpy(rgba, colour, channels);
  size_t k = pm_palette_find(palette, rgba);
  if (k == PM_MAX_COLOURS)
    pm_fail(PM_BAD_INPUT, place, "has transparent pixels, and the palette %d opaque colours: together one too many",
            PM_MAX_COLOURS);
  return k;
}

pm_indexed pm_score_indexed(pm_arena *arena, const pm_score_set *set, const pm_palette *palette) {
  size_t pixels = set->sprites.count * set->sprites.height * set->sprites.width, channels = set->array.shape.dim[3];
  unsigned char *index = pm_alloc(arena, pixels, 1), *snapped = pm_alloc(arena, pixels, channels), *before = NULL;
  pm_snap(set->array, palette, snapped, NULL);
  for (size_t p = 0; p < pixels; p++) {
    unsigned char *colour = snapped + p * channels;
    if (before && memcmp(before, colour, channels) == 0) /* neighbours often have the same colour */
      index[p] = index[p - 1];
    else
      index[p] = (unsigned char)number_of(palette, colour, channels, set->place);
    before = colour;
  }
  return (pm_indexed){set->sprites.count, set->sprites.height, set->sprites.width, index};
}

pm_nearest *pm_score_nearest(pm_arena *arena, const pm_score_set *set, const pm_score_reference *reference) {
  pm_indexed indexed = pm_score_indexed(arena, set, &reference->palette);
  pm_nearest *nearest = pm_alloc(arena, indexed.count, sizeof *nearest);
  pm_figures_nearest(pm_figures_new(arena, &indexed), reference->figures, reference->origin, nearest);
  return nearest;
}

/* ---- measures ---- */

bool pm_score_has_two_sample(size_t samples, const pm_score_reference *reference) {
  return samples >= PM_TWO_SAMPLE_LEAST && reference->held.sprites.count >= PM_TWO_SAMPLE_LEAST;
}

typedef struct {
  pm_arena *arena;
  const pm_score_set *set, *by_class;
  const pm_score_reference *reference;
  pm_resamples of_samples, of_real;
  uint64_t seed;
  pm_score score;
} judging;

static void append(pm_score *score, pm_measure measure) {
  assert(score->count < PM_SCORE_MOST_MEASURES);
  score->measure[score->count++] = measure;
}

static void add_over(judging *j, size_t n, const char *name, pm_better better, bool share, pm_estimate estimate,
                     const char *about) {
  append(&j->score, (pm_measure){name, about, better, share, n, estimate});
}

static void add(judging *j, const char *name, pm_better better, bool share, pm_estimate estimate, const char *about) {
  add_over(j, j->score.samples, name, better, share, estimate, about);
}

static void judge_palette(judging *j) {
  size_t n = j->score.samples;
  double *off = pm_alloc(j->arena, n, sizeof *off), *distance = pm_alloc(j->arena, n, sizeof *distance);
  unsigned char *snapped = pm_alloc(j->arena, pm_shape_count(j->set->array.shape) / n, 1);
  for (size_t i = 0; i < n; i++) {
    pm_snap_report report;
    pm_snap(pm_array_rows(&j->set->array, i, i + 1), &j->reference->palette, snapped, &report);
    off[i] = (double)report.off / (double)report.pixels;
    distance[i] = report.mean;
  }
  add(j, "palette-off", PM_LOWER, true, pm_estimate_mean(&j->of_samples, off, 0, 1),
      "pixels whose colour is not in the palette");
  add(j, "palette-distance", PM_LOWER, false, pm_estimate_mean(&j->of_samples, distance, 0, INFINITY),
      "mean distance of a pixel to the palette, of 255");
}

typedef struct {
  const char *name, *about;
  pm_better better;
} measure_text;

/* Neighbours and kernel distance in one space; `ours` and `theirs` of the same dimensions. text: precision, recall,
 * density, coverage, kid. */
static void judge_space(judging *j, const pm_features *ours, const pm_features *theirs, const measure_text text[5]) {
  pm_neighbour_scores n = pm_neighbours_score(j->arena, ours, theirs, PM_NEIGHBOURS, &j->of_samples, &j->of_real);
  pm_estimate kid = pm_kernel_distance(j->arena, ours, theirs, &j->of_samples, &j->of_real, NULL);
  const pm_estimate estimate[5] = {n.precision, n.recall, n.density, n.coverage, kid};
  static const bool share[5] = {true, true, false, true, false};
  for (int k = 0; k < 5; k++)
    add(j, text[k].name, text[k].better, share[k], estimate[k], text[k].about);
}

static void judge_classes(judging *j) {
  const pm_score_set *set = j->by_class;
  if (!set || !set->label || !j->reference->training.label)
    return;
  size_t n = set->sprites.count;
  pm_indexed indexed = pm_score_indexed(j->arena, set, &j->reference->palette);
  const int32_t *called = pm_context_code_classify(j->arena, j->reference->code, &indexed);
  bool *agrees = pm_alloc(j->arena, n, sizeof *agrees);
  for (size_t i = 0; i < n; i++)
    agrees[i] = called[i] == set->label[i];
  pm_resamples resamples = set == j->set ? j->of_samples : pm_resample(j->arena, n, j->seed, "score by class");
  add_over(j, n, "class-agreement", PM_HIGHER, true, pm_estimate_share(&resamples, agrees),
           "samples that look like the class they were drawn for");
}

static double *context_bits(pm_arena *arena, const pm_score_reference *r, const pm_indexed *indexed) {
  double *bits = pm_alloc(arena, indexed->count, sizeof *bits);
  pm_context_code_bits(r->code, indexed, NULL, bits);
  return bits;
}

/* What distinguishes samples from real sprites: the code's bits, and a classifier on these and other features. */
static void judge_likeness(judging *j) {
  const pm_score_reference *r = j->reference;
  pm_arena *arena = j->arena;
  pm_indexed ours = pm_score_indexed(arena, j->set, &r->palette);
  double *bits = context_bits(arena, r, &ours);
  add(j, "context-bits", PM_NEITHER, false, pm_estimate_mean(&j->of_samples, bits, 0, INFINITY),
      "bits per pixel under a code fitted to the training sprites; as held-out is right");
  if (j->set == &r->held || !pm_score_has_two_sample(j->score.samples, r))
    return;
  pm_indexed real = pm_score_indexed(arena, &r->held, &r->palette);
  unsigned char background = pm_context_code_background(r->code);
  const double *our_facts = pm_two_sample_facts(arena, &ours, bits, background);
  const double *real_facts = pm_two_sample_facts(arena, &real, context_bits(arena, r, &real), background);
  pm_features f = pm_features_of_net(arena, &j->set->sprites), g = pm_features_of_net(arena, &r->held.sprites);
  pm_resamples of_held = pm_resample(arena, real.count, j->seed, "score held out");
  add(j, "two-sample", PM_LOWER, true,
      pm_two_sample_test(arena, &f, our_facts, &g, real_facts, &j->of_samples, &of_held, j->seed),
      "how often a classifier tells samples from held-out sprites; 50 % is a guess");
}

static void judge_features(judging *j) {
  static const measure_text by_features[5] = {
      {"precision", "samples that lie near a training sprite", PM_HIGHER},
      {"recall", "training sprites that lie near a sample", PM_HIGHER},
      {"density", "how densely training sprites surround a sample; 1 is as in the data", PM_NEITHER},
      {"coverage", "training sprites with a sample among their nearest neighbours", PM_HIGHER},
      {"kid-features", "kernel distance (KID) of random features; 0 is no difference", PM_LOWER}};
  /* Blur lies between sprites, nearer to more of them than these are to each other. */
  static const measure_text by_pixels[5] = {
      {"precision-pixels", "the same by pixels; blur has more than real sprites", PM_NEITHER},
      {"recall-pixels", "the same by pixels", PM_HIGHER},
      {"density-pixels", "the same by pixels", PM_NEITHER},
      {"coverage-pixels", "the same by pixels", PM_HIGHER},
      {"kid-pixels", "kernel distance (KID) of the pixels; 0 is no difference", PM_LOWER}};
  pm_arena *arena = j->arena;
  const pm_sprites *samples = &j->set->sprites, *real = &j->reference->training.sprites;
  pm_features ours = pm_features_of_net(arena, samples), theirs = pm_features_of_net(arena, real);
  pm_features_standardise(arena, &ours, &theirs);
  pm_features_standardise(arena, &theirs, &theirs);
  judge_space(j, &ours, &theirs, by_features);
  ours = pm_features_of_pixels(arena, samples);
  theirs = pm_features_of_pixels(arena, real);
  judge_space(j, &ours, &theirs, by_pixels);
}

static void judge_patterns(judging *j) {
  pm_indexed ours = pm_score_indexed(j->arena, j->set, &j->reference->palette);
  pm_indexed theirs = pm_score_indexed(j->arena, &j->reference->training, &j->reference->palette);
  add(j, "histogram-js", PM_LOWER, false,
      pm_pattern_divergence(j->arena, &ours, &theirs, 1, &j->of_samples, &j->of_real),
      "how far the shares of the colours differ (nats)");
  add(j, "pattern-js", PM_LOWER, false, pm_pattern_divergence(j->arena, &ours, &theirs, 2, &j->of_samples, &j->of_real),
      "how far the shares of 2 x 2 pixel patterns differ (nats)");
}

static void judge_copies(judging *j) {
  size_t n = j->score.samples;
  const pm_nearest *nearest = pm_score_nearest(j->arena, j->set, j->reference);
  bool *copy = pm_alloc(j->arena, n, sizeof *copy);
  double *distance = pm_alloc(j->arena, n, sizeof *distance), *ratio = pm_alloc(j->arena, n, sizeof *ratio);
  for (size_t i = 0; i < n; i++) {
    copy[i] = pm_is_copy(&nearest[i]);
    distance[i] = nearest[i].distance;
    ratio[i] = pm_nearest_ratio(&nearest[i]);
  }
  j->score.nearest = nearest;
  add(j, "copies", PM_LOWER, true, pm_estimate_share(&j->of_samples, copy),
      "samples that are copies of a training sprite");
  add(j, "nearest-distance", PM_NEITHER, true, pm_estimate_mean(&j->of_samples, distance, 0, 1),
      "pixels that differ from the nearest training sprite");
  add(j, "nearest-ratio", PM_NEITHER, false, pm_estimate_mean(&j->of_samples, ratio, 0, 1),
      "distance to the nearest over that to the second");
}

static const measure_text legal_measures[PM_TILEMAP_THEMES] = {
    {"legal-cave", "maps that are legal as a cave; a third is right", PM_NEITHER},
    {"legal-island", "maps that are legal as an island; a third is right", PM_NEITHER},
    {"legal-skyline", "maps that are legal as a skyline; a third is right", PM_NEITHER},
};

static void judge_tilemaps(judging *j) {
  enum { ANY = PM_TILEMAP_THEMES, EXACT };
  size_t n = j->score.samples;
  double *spread = pm_alloc(j->arena, n, sizeof *spread), *flat = pm_alloc(j->arena, n, sizeof *flat);
  bool *legal[EXACT + 1];
  for (int k = 0; k <= EXACT; k++)
    legal[k] = pm_alloc(j->arena, n, sizeof(bool));
  for (size_t i = 0; i < n; i++) {
    pm_arena *own = pm_arena_new();
    pm_tensor map = pm_array_rows(&j->set->array, i, i + 1);
    pm_tilemap_facts facts = pm_tilemap_judge(own, &map, j->set->place);
    spread[i] = facts.spread;
    flat[i] = facts.flat;
    for (int theme = 0; theme < PM_TILEMAP_THEMES; theme++)
      legal[theme][i] = facts.legal[theme] > 0;
    legal[ANY][i] = facts.legal[PM_TILEMAP_THEMES] <= 0;
    legal[EXACT][i] = facts.exact > 0;
    pm_arena_free(own);
  }
  add(j, "smear", PM_LOWER, false, pm_estimate_mean(&j->of_samples, spread, 0, INFINITY),
      "spread of a channel inside a 4 x 4 tile, of 255");
  add(j, "flat-tiles", PM_HIGHER, true, pm_estimate_mean(&j->of_samples, flat, 0, 1),
      "tiles of one colour, each pixel in the nearest");
  add(j, "legal", PM_HIGHER, true, pm_estimate_share(&j->of_samples, legal[ANY]),
      "maps that the generator could have drawn");
  for (int theme = 0; theme < PM_TILEMAP_THEMES; theme++)
    add(j, legal_measures[theme].name, legal_measures[theme].better, true,
        pm_estimate_share(&j->of_samples, legal[theme]), legal_measures[theme].about);
  add(j, "legal-exact", PM_HIGHER, true, pm_estimate_share(&j->of_samples, legal[EXACT]),
      "legal maps whose tiles are all of one colour");
}

pm_score pm_score_judge(pm_arena *arena, const pm_score_set *set, const pm_score_set *by_class,
                        const pm_score_reference *reference, bool tilemaps, uint64_t seed) {
  size_t n = set->sprites.count, m = reference->training.sprites.count;
  assert(n >= PM_SCORE_LEAST && m >= PM_SCORE_LEAST && reference->code);
  judging j = {.arena = arena,
               .set = set,
               .by_class = by_class,
               .reference = reference,
               .of_samples = pm_resample(arena, n, seed, "score samples"),
               .of_real = pm_resample(arena, m, seed, "score training"),
               .seed = seed,
               .score = {.samples = n}};
  judge_likeness(&j); /* the most telling first */
  if (reference->exact)
    judge_palette(&j);
  judge_patterns(&j);
  judge_classes(&j);
  judge_features(&j);
  judge_copies(&j);
  if (tilemaps)
    judge_tilemaps(&j);
  return j.score;
}

void pm_score_add_seams(pm_arena *arena, pm_score *score, const pm_score_set *set, const pm_score_reference *r,
                        pm_tiling tiling, uint64_t seed) {
  const size_t n = set->sprites.count;
  const pm_resamples resamples = pm_resample(arena, n, seed, "score seams");
  pm_indexed sprites = pm_score_indexed(arena, set, &r->palette);
  double *bits = pm_alloc(arena, n, sizeof *bits);
  pm_seam_bits(arena, r->code, &sprites, tiling, bits);
  append(score, (pm_measure){"seam-bits", "context bits of the pixels where copies touch; as held-out is right",
                             PM_NEITHER, false, n, pm_estimate_mean(&resamples, bits, 0, INFINITY)});
}

/* ---- bits per pixel: of the model, not of its samples ---- */

float *pm_score_bits_read(pm_arena *arena, const char *path, size_t count, const char *of) {
  const char *place = pm_path_name(path);
  pm_tensor t = pm_npy_read(arena, path);
  if (t.dtype != PM_F32 || t.shape.rank != 1 || t.shape.dim[0] != count)
    pm_fail(PM_BAD_INPUT, place, "%s %s; expected f32 [%zu]: the bits per pixel of each sprite of %s",
            pm_dtype_name(t.dtype), pm_shape_text(arena, t.shape), count, of);
  float *bits = t.data;
  for (size_t i = 0; i < count; i++)
    if (!(bits[i] >= 0 && isfinite(bits[i])))
      pm_fail(PM_BAD_INPUT, place, "%g bits per pixel of sprite %zu; expected a finite number, 0 or more",
              (double)bits[i], i);
  return bits;
}

static void add_mean_bits(pm_arena *arena, pm_score *score, const pm_score_reference *r, const float *bits,
                          uint64_t seed, bool held) {
  size_t data = r->training.sprites.count + r->held.sprites.count, n = 0;
  double *own = pm_alloc(arena, data, sizeof *own);
  for (size_t i = 0; i < data; i++)
    if (r->is_held[i] == held)
      own[n++] = (double)bits[i];
  if (n < PM_SCORE_LEAST)
    return;
  pm_resamples resamples = pm_resample(arena, n, seed, held ? "score bits" : "score bits training");
  append(score, (pm_measure){
                    held ? "bits" : "bits-training",
                    held ? "bits per pixel of the model for held-out sprites: exact (autoregressive) or an upper bound"
                         : "the same for training sprites",
                    held ? PM_LOWER : PM_NEITHER, false, n, pm_estimate_mean(&resamples, own, 0, INFINITY)});
}

void pm_score_add_bits(pm_arena *arena, pm_score *score, const pm_score_reference *reference, const float *bits,
                       uint64_t seed) {
  add_mean_bits(arena, score, reference, bits, seed, true);
  add_mean_bits(arena, score, reference, bits, seed, false);
}
