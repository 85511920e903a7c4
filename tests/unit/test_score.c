/* Scores of samples whose goodness is known: the data themselves, their copies, noise, one sprite again and again. */
#include "check.h"
#include "drawn.h"

#include "art/sprite_set.h"
#include "core/random.h"
#include "core/tasks.h"
#include "eval/score.h"
#include "pixels/arrays.h"
#include "pixels/tilemaps.h"

#include <math.h>

enum { DATA = 220, SIDE = PM_ART_SIDE, PIXELS = SIDE * SIDE };

typedef struct {
  pm_arena *arena;
  pm_sprites drawn;
  pm_score_set data;
  pm_score_reference reference;
} bench;

static pm_score_set set_of(pm_arena *arena, const pm_sprites *sprites) {
  pm_tensor array = pm_sprites_to_tensor(arena, sprites);
  return (pm_score_set){"here", array, *sprites, NULL};
}

static pm_score_set set_of_tensor(pm_arena *arena, pm_tensor array) {
  return (pm_score_set){"here", array, pm_sprites_from_tensor(arena, &array, "here"), NULL};
}

static pm_score_reference fitted_reference(pm_arena *arena, const pm_score_set *data, double held_out,
                                           const pm_palette *palette) {
  pm_score_reference reference = pm_score_reference_of(arena, data, held_out, palette);
  pm_score_reference_fit(arena, &reference);
  return reference;
}

static bench open_bench(void) {
  bench b = {.arena = pm_arena_new()};
  b.drawn = pm_art_draw(b.arena, 1, DATA, NULL, false);
  b.data = set_of(b.arena, &b.drawn);
  b.reference = fitted_reference(b.arena, &b.data, 0.1, NULL);
  return b;
}

static pm_estimate estimate(const pm_score *score, const char *name) {
  for (size_t i = 0; i < score->count; i++)
    if (strcmp(score->measure[i].name, name) == 0)
      return score->measure[i].estimate;
  fail_msg("there is no measure %s", name);
  return (pm_estimate){0, 0, 0};
}

static double value(const pm_score *score, const char *name) {
  return estimate(score, name).value;
}

static pm_score judge(bench *b, const pm_score_set *samples) {
  return pm_score_judge(b->arena, samples, samples, &b->reference, false, 1);
}

/* A set of the training sprites, each changed by change(bytes, rng, background). */
static pm_score_set changed(bench *b, void (*change)(unsigned char *, pm_rng *, const unsigned char *)) {
  pm_tensor array = pm_tensor_new(b->arena, PM_U8, b->reference.training.array.shape);
  memcpy(array.data, b->reference.training.array.data, pm_shape_count(array.shape));
  for (size_t i = 0; i < array.shape.dim[0]; i++) {
    pm_rng rng = pm_rng_start(5, "test", i);
    static const unsigned char black[3] = {0, 0, 0};
    change((unsigned char *)array.data + i * PIXELS * 3, &rng, black);
  }
  return set_of_tensor(b->arena, array);
}

static void the_training_sprites_themselves(void **state) {
  (void)state;
  bench b = open_bench();
  assert_in_range(b.reference.training.sprites.count, 180, 215);
  assert_int_equal(b.reference.training.sprites.count + b.reference.held.sprites.count, DATA);
  pm_score s = judge(&b, &b.reference.training);
  static const char *const ones[] = {"precision",     "recall",          "coverage", "precision-pixels",
                                     "recall-pixels", "coverage-pixels", "copies"};
  for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
    assert_true(value(&s, ones[i]) == 1);
  static const char *const zeros[] = {"palette-off", "palette-distance", "nearest-distance", "nearest-ratio"};
  for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
    assert_true(value(&s, zeros[i]) == 0);
  assert_true(value(&s, "histogram-js") < 1e-12 && value(&s, "pattern-js") < 1e-12);
  assert_true(value(&s, "density") > 0.95); /* each is in its own ball, too */
  assert_true(value(&s, "kid-pixels") < 0 && value(&s, "kid-features") < 0);
  assert_true(estimate(&s, "copies").low > 0.98 && estimate(&s, "copies").high == 1);
  pm_arena_free(b.arena);
}

static void real_sprites_that_were_held_out(void **state) {
  (void)state;
  bench b = open_bench();
  pm_score s = judge(&b, &b.reference.held);
  assert_int_equal(s.samples, b.reference.held.sprites.count);
  assert_true(value(&s, "palette-off") == 0);
  assert_true(value(&s, "precision") > 0.7 && value(&s, "recall") > 0.7);
  assert_true(value(&s, "copies") < 0.35);     /* the set has many of a kind */
  assert_true(value(&s, "pattern-js") < 0.25); /* of few sprites it is never small */
  static const char *const distances[] = {"kid-pixels", "kid-features"};
  for (size_t i = 0; i < 2; i++) {
    pm_estimate kid = estimate(&s, distances[i]);
    assert_true(kid.low < 0 && kid.high > 0);
  }
  pm_arena_free(b.arena);
}

static void one_sprite_again_and_again(void **state) {
  (void)state;
  bench b = open_bench();
  pm_tensor array = pm_tensor_new(b.arena, PM_U8, pm_shape_of(4, (size_t)100, (size_t)SIDE, (size_t)SIDE, (size_t)3));
  for (size_t i = 0; i < 100; i++)
    memcpy((char *)array.data + i * PIXELS * 3, (char *)b.reference.training.array.data + 7 * PIXELS * 3, PIXELS * 3);
  pm_score_set samples = set_of_tensor(b.arena, array);
  pm_score s = judge(&b, &samples);
  assert_true(value(&s, "copies") == 1 && value(&s, "precision") == 1);
  assert_true(value(&s, "recall") < 0.02 && value(&s, "recall-pixels") < 0.02);
  assert_true(value(&s, "coverage") < 0.15 && value(&s, "coverage-pixels") < 0.15);
  assert_true(value(&s, "pattern-js") > 0.1);
  pm_arena_free(b.arena);
}

static void shuffle_pixels(unsigned char *sprite, pm_rng *rng, const unsigned char *background) {
  (void)background;
  uint32_t order[PIXELS];
  unsigned char old[PIXELS * 3];
  memcpy(old, sprite, sizeof old);
  pm_rng_shuffle(rng, order, PIXELS);
  for (size_t p = 0; p < PIXELS; p++)
    memcpy(sprite + 3 * p, old + 3 * order[p], 3);
}

static void make_noise(unsigned char *sprite, pm_rng *rng, const unsigned char *background) {
  (void)background;
  for (size_t i = 0; i < PIXELS * 3; i++)
    sprite[i] = (unsigned char)pm_rng_below(rng, 256);
}

static void what_is_no_sprite(void **state) {
  (void)state;
  bench b = open_bench();
  pm_score_set shuffled = changed(&b, shuffle_pixels), noise = changed(&b, make_noise);
  pm_score s = judge(&b, &shuffled), n = judge(&b, &noise);
  assert_true(value(&s, "histogram-js") < 1e-12); /* the colours are the same, their places are not */
  assert_true(value(&s, "pattern-js") > 0.2 && value(&n, "pattern-js") > 0.4);
  assert_true(value(&s, "palette-off") == 0 && value(&n, "palette-off") > 0.99);
  assert_true(value(&n, "palette-distance") > 20 && value(&n, "histogram-js") > 0.1);
  assert_true(value(&s, "copies") == 0 && value(&n, "copies") == 0);
  assert_true(estimate(&n, "copies").low == 0 && estimate(&n, "copies").high > 0.005);
  assert_true(value(&s, "precision") < 0.1 && value(&n, "precision") == 0);
  assert_true(value(&s, "coverage") < 0.1 && value(&n, "coverage") == 0);
  assert_true(estimate(&s, "kid-pixels").low > 0 && estimate(&n, "kid-features").low > 0);
  pm_arena_free(b.arena);
}

static void flip(unsigned char *sprite, bool across, bool down) {
  unsigned char old[PIXELS * 3];
  memcpy(old, sprite, sizeof old);
  for (size_t y = 0; y < SIDE; y++)
    for (size_t x = 0; x < SIDE; x++)
      memcpy(sprite + 3 * (y * SIDE + x), old + 3 * ((down ? SIDE - 1 - y : y) * SIDE + (across ? SIDE - 1 - x : x)),
             3);
}

/* One of three disguises, or all: turned over, moved by a pixel, every colour exchanged for another one. */
static void disguise(unsigned char *sprite, pm_rng *rng, const unsigned char *background) {
  unsigned char old[PIXELS * 3];
  uint32_t way = pm_rng_below(rng, 4);
  if (way == 0 || way == 3)
    flip(sprite, pm_rng_below(rng, 2), pm_rng_below(rng, 2));
  int dy = pm_rng_between(rng, -1, 1), dx = pm_rng_between(rng, -1, 1);
  memcpy(old, sprite, sizeof old);
  for (int y = 0; y < SIDE && (way == 1 || way == 3); y++)
    for (int x = 0; x < SIDE; x++) {
      bool inside = y - dy >= 0 && y - dy < SIDE && x - dx >= 0 && x - dx < SIDE;
      memcpy(sprite + 3 * (y * SIDE + x), inside ? old + 3 * ((y - dy) * SIDE + x - dx) : background, 3);
    }
  for (size_t p = 0; p < PIXELS && way >= 2; p++) { /* channels in turn, one upside down */
    unsigned char *c = sprite + 3 * p, red = c[0];
    c[0] = c[1], c[1] = c[2], c[2] = (unsigned char)(255 - red);
  }
}

static void copies_in_every_disguise(void **state) {
  (void)state;
  bench b = open_bench();
  /* The palette must know the new colours, or snapping melts them together. */
  pm_score_set copies = changed(&b, disguise);
  pm_palette palette = {.count = copies.sprites.colours};
  assert_in_range(palette.count, 17, 32);
  memcpy(palette.rgba, copies.sprites.palette, palette.count * 4);
  pm_score_reference reference = fitted_reference(b.arena, &b.data, 0.1, &palette);
  const pm_nearest *nearest = pm_score_nearest(b.arena, &copies, &reference);
  for (size_t i = 0; i < copies.sprites.count; i++) {
    assert_true(nearest[i].distance == 0 && pm_is_copy(&nearest[i]) && nearest[i].second > 0);
    assert_int_equal(nearest[i].index, i);
  }
  pm_arena_free(b.arena);
}

/* Training sprites: a figure, its mirror image, another figure. The sample is the first but for a pixel. */
static void twins_are_one_training_sprite(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites s = drawn_sprites(arena, 4,
                               "        / aaa    / a      / a  b   / ab     / a      / a      /        /"
                               "        /    aaa /      a /   b  a /     ba /      a /      a /        /"
                               "cccccccc/c      c/c cccc c/c c  c c/c c  c c/c cccc c/c      c/cccccccc/"
                               "        / aaa    / a      / a  b   / abb    / a      / a      /        /");
  pm_indexed sprites = {3, 8, 8, s.index}, sample = {1, 8, 8, s.index + 3 * 64};
  pm_figures *training = pm_figures_new(arena, &sprites), *samples = pm_figures_new(arena, &sample);
  size_t *origin = pm_figure_origins(arena, training);
  assert_true(origin[0] == 0 && origin[1] == 0 && origin[2] == 2);
  pm_nearest nearest;
  pm_figures_nearest(samples, training, origin, &nearest);
  assert_true(nearest.index == 0 && fabs(nearest.distance - 1 / 64.0) < 1e-12 && nearest.second > 0.2);
  assert_true(pm_is_copy(&nearest));
  size_t alone = 0;
  pm_indexed just_one = {1, 8, 8, s.index};
  pm_figures_nearest(samples, pm_figures_new(arena, &just_one), &alone, &nearest);
  assert_true(nearest.second == 1 && pm_is_copy(&nearest)); /* no second: everything else differs */
  pm_arena_free(arena);
}

static void ratios(void **state) {
  (void)state;
  const pm_nearest same = {0, 0, 0}, near = {0, 0.1, 0.31}, between = {0, 0.1, 0.29}, tied = {0, 0.2, 0.2};
  assert_true(pm_nearest_ratio(&same) == 0 && pm_is_copy(&same));
  assert_true(pm_is_copy(&near) && !pm_is_copy(&between) && !pm_is_copy(&tied));
  assert_true(pm_nearest_ratio(&tied) == 1 && fabs(pm_nearest_ratio(&between) - 0.1 / 0.29) < 1e-12);
}

static pm_score_set every_second(bench *b, bool odd) {
  bool *flags = pm_alloc(b->arena, DATA, sizeof *flags);
  pm_rng rng = pm_rng_start(3, "halves", 0);
  for (size_t i = 0; i < DATA; i++)
    flags[i] = pm_rng_below(&rng, 2);
  return pm_score_part(b->arena, &b->data, flags, odd);
}

static void two_halves_of_one_set(void **state) {
  (void)state;
  bench b = open_bench();
  pm_score_set one = every_second(&b, false), other = every_second(&b, true);
  pm_score_reference reference = fitted_reference(b.arena, &one, 0, NULL);
  assert_int_equal(reference.held.sprites.count, 0);
  pm_score s = pm_score_judge(b.arena, &other, &other, &reference, false, 1);
  static const char *const distances[] = {"kid-pixels", "kid-features"};
  for (size_t i = 0; i < 2; i++) {
    pm_estimate kid = estimate(&s, distances[i]);
    assert_true(kid.low < 0 && kid.high > 0);
  }
  assert_true(fabs(value(&s, "density") - 1) < 0.25 && value(&s, "coverage") > 0.85);
  assert_true(value(&s, "recall") > 0.8 && value(&s, "precision") > 0.8);
  pm_arena_free(b.arena);
}

static void pixels_off_the_palette(void **state) {
  (void)state;
  bench b = open_bench();
  pm_tensor training = b.reference.training.array, array = pm_tensor_new(b.arena, PM_F32, training.shape);
  size_t n = array.shape.dim[0];
  for (size_t i = 0; i < pm_shape_count(array.shape); i++) /* half of each fourth sprite: 3 levels of green too much */
    ((float *)array.data)[i] =
        ((float)((const unsigned char *)training.data)[i] +
         (i / (PIXELS * 3) % 4 == 0 && i % (PIXELS * 3) < PIXELS * 3 / 2 && i % 3 == 1 ? 3 : 0)) /
        255;
  pm_score_set samples = set_of_tensor(b.arena, array);
  pm_score s = judge(&b, &samples);
  double expected = (double)((n + 3) / 4) / (double)n / 2;
  assert_true(fabs(value(&s, "palette-off") - expected) < 0.01); /* white cannot have more green */
  assert_true(fabs(value(&s, "palette-distance") - 3 * expected) < 0.03);
  assert_true(estimate(&s, "palette-off").low < expected && estimate(&s, "palette-off").high > expected);
  assert_true(value(&s, "pattern-js") < 1e-12 && value(&s, "copies") == 1); /* snapped first */
  pm_arena_free(b.arena);
}

/* Real sprites are of their class as held-out ones are; the same sprites under each other's names are by chance. */
static void classes_of_samples(void **state) {
  (void)state;
  enum { ALL = 300, CLASSES = 5 };
  pm_arena *arena = pm_arena_new();
  int32_t label[ALL], fresh_label[ALL], wrong[ALL];
  size_t chosen[CLASSES], agreeing = 0;
  for (size_t c = 0; c < CLASSES; c++)
    chosen[c] = c;
  const pm_art_choice choice = {PM_ART_THINGS, chosen, CLASSES, 1};
  pm_sprites drawn = pm_art_draw_classes(arena, 1, ALL, &choice, label, false);
  pm_sprites fresh = pm_art_draw_classes(arena, 2, ALL, &choice, fresh_label, false);
  pm_score_set data = set_of(arena, &drawn), samples = set_of(arena, &fresh);
  data.label = label;
  pm_score_reference reference = fitted_reference(arena, &data, 0.2, NULL);
  assert_non_null(reference.held.label);
  samples.label = fresh_label;
  pm_score s = pm_score_judge(arena, &samples, &samples, &reference, false, 1);
  pm_score h = pm_score_judge(arena, &reference.held, &reference.held, &reference, false, 1);
  pm_estimate real = estimate(&s, "class-agreement"), held = estimate(&h, "class-agreement");
  assert_true(held.value > 0.9 && held.low < 1);
  assert_true(fabs(real.value - held.value) < 0.15);

  uint32_t order[ALL];
  pm_rng rng = pm_rng_start(4, "test", 0);
  pm_rng_shuffle(&rng, order, ALL);
  for (size_t i = 0; i < ALL; i++) {
    wrong[i] = fresh_label[order[i]];
    agreeing += wrong[i] == fresh_label[i];
  }
  assert_in_range(agreeing, ALL / CLASSES / 2, ALL / CLASSES * 2);
  samples.label = wrong;
  s = pm_score_judge(arena, &samples, &samples, &reference, false, 1);
  assert_true(fabs(value(&s, "class-agreement") - 1.0 / CLASSES) < 0.06);
  pm_arena_free(arena);
}

static void tilemaps(void **state) {
  (void)state;
  enum { MAPS = 120, MAP = 32 * 32 * 3 };
  pm_arena *arena = pm_arena_new();
  pm_sprites maps = pm_tilemaps(arena, 1, 0, 400, NULL), fresh = pm_tilemaps(arena, 2, 0, MAPS, NULL);
  pm_score_set data = set_of(arena, &maps), samples = set_of(arena, &fresh);
  pm_score_reference reference = fitted_reference(arena, &data, 0.1, NULL);
  pm_score s = pm_score_judge(arena, &samples, &samples, &reference, true, 1);
  assert_true(value(&s, "legal") == 1 && value(&s, "legal-exact") == 1 && value(&s, "flat-tiles") == 1);
  assert_true(value(&s, "smear") == 0);
  assert_true(fabs(value(&s, "legal-cave") + value(&s, "legal-island") + value(&s, "legal-skyline") - 1) < 1e-12);
  assert_true(value(&s, "legal-cave") > 0.2 && value(&s, "legal-skyline") < 0.5);

  /* A tile of grass in the first row is legal nowhere; a pixel of it elsewhere only spoils a tile. */
  unsigned char *bytes = samples.array.data;
  for (size_t p = 0; p < 16; p++)
    memcpy(bytes + 3 * (p / 4 * 32 + p % 4), pm_tilemap_colours[PM_GRASS], 3);
  memcpy(bytes + MAP, pm_tilemap_colours[PM_GRASS], 3);
  samples = set_of_tensor(arena, samples.array);
  s = pm_score_judge(arena, &samples, &samples, &reference, true, 1);
  assert_true(fabs(value(&s, "legal") - (MAPS - 1.0) / MAPS) < 1e-12);
  assert_true(fabs(value(&s, "legal-exact") - (MAPS - 2.0) / MAPS) < 1e-12);
  assert_true(fabs(value(&s, "flat-tiles") - (64.0 * MAPS - 1) / (64.0 * MAPS)) < 1e-12 && value(&s, "smear") > 0);
  pm_arena_free(arena);
}

/* More colours than a palette holds: nothing is said about it, and copies are found all the same. */
static void photographs(void **state) {
  (void)state;
  bench b = open_bench();
  pm_score_set noise = changed(&b, make_noise);
  pm_score_reference reference = fitted_reference(b.arena, &noise, 0, NULL);
  assert_false(reference.exact);
  pm_score_set some = pm_score_part(b.arena, &noise, pm_alloc(b.arena, noise.sprites.count, sizeof(bool)), false);
  pm_score s = pm_score_judge(b.arena, &some, &some, &reference, false, 1);
  assert_true(value(&s, "copies") == 1);
  for (size_t i = 0; i < s.count; i++)
    assert_true(strncmp(s.measure[i].name, "palette", 7) != 0);
  pm_arena_free(b.arena);
}

static void with_alpha(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites drawn = pm_art_draw(arena, 1, 150, NULL, true);
  pm_score_set data = set_of(arena, &drawn);
  pm_palette palette = {.count = 2,
                        .rgba = {{0, 0, 0, 255}, {255, 255, 255, 255}}}; /* transparency goes without saying */
  for (int given = 0; given < 2; given++) {
    pm_score_reference reference = fitted_reference(arena, &data, 0.2, given ? &palette : NULL);
    pm_score s = pm_score_judge(arena, &reference.training, NULL, &reference, false, 1);
    assert_true(value(&s, "copies") == 1 && value(&s, "coverage-pixels") == 1);
    assert_true((value(&s, "palette-off") > 0) == given);
  }
  for (palette.count = 0; palette.count < 256; palette.count++)
    memcpy(palette.rgba[palette.count], (unsigned char[4]){(unsigned char)palette.count, 9, 9, 255}, 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "together one too many", pm_score_reference_of(arena, &data, 0.2, &palette));
  pm_arena_free(arena);
}

static void the_same_at_any_number_of_threads(void **state) {
  (void)state;
  bench b = open_bench();
  pm_score_set samples = changed(&b, disguise);
  pm_set_threads(1);
  pm_score one = judge(&b, &samples);
  for (int threads = 2; threads <= 5; threads += 3) {
    pm_set_threads(threads);
    pm_score more = judge(&b, &samples);
    assert_int_equal(more.count, one.count);
    for (size_t i = 0; i < one.count; i++)
      assert_memory_equal(&more.measure[i].estimate, &one.measure[i].estimate, sizeof(pm_estimate));
  }
  pm_set_threads(0);
  pm_score other = pm_score_judge(b.arena, &samples, &samples, &b.reference, false, 2);
  assert_true(value(&other, "precision") == value(&one, "precision"));
  assert_true(estimate(&other, "density").low != estimate(&one, "density").low); /* another seed, other resamples */
  pm_arena_free(b.arena);
}

static void sets_that_do_not_fit(void **state) {
  (void)state;
  bench b = open_bench();
  pm_tensor narrow = pm_tensor_new(b.arena, PM_U8, pm_shape_of(4, (size_t)9, (size_t)SIDE, (size_t)8, (size_t)3));
  pm_tensor clear = pm_tensor_new(b.arena, PM_U8, pm_shape_of(4, (size_t)9, (size_t)SIDE, (size_t)SIDE, (size_t)4));
  pm_tensor none = pm_tensor_new(b.arena, PM_U8, pm_shape_of(4, (size_t)0, (size_t)SIDE, (size_t)SIDE, (size_t)3));
  pm_score_set sets[] = {set_of_tensor(b.arena, narrow), set_of_tensor(b.arena, clear), set_of_tensor(b.arena, none)};
  PM_EXPECT_FAIL(PM_BAD_INPUT, "8 x 16 pixels with 3 channels, expected 16 x 16 with 3",
                 pm_score_check(&sets[0], &b.reference));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "16 x 16 pixels with 4 channels", pm_score_check(&sets[1], &b.reference));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "holds no sprites", pm_score_check(&sets[2], &b.reference));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "holds no sprites to compare with", pm_score_reference_of(b.arena, &sets[2], 0.1, NULL));
  pm_score_check(&b.reference.held, &b.reference);
  pm_arena_free(b.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_training_sprites_themselves),
      cmocka_unit_test(real_sprites_that_were_held_out),
      cmocka_unit_test(one_sprite_again_and_again),
      cmocka_unit_test(what_is_no_sprite),
      cmocka_unit_test(copies_in_every_disguise),
      cmocka_unit_test(twins_are_one_training_sprite),
      cmocka_unit_test(ratios),
      cmocka_unit_test(two_halves_of_one_set),
      cmocka_unit_test(pixels_off_the_palette),
      cmocka_unit_test(classes_of_samples),
      cmocka_unit_test(tilemaps),
      cmocka_unit_test(photographs),
      cmocka_unit_test(with_alpha),
      cmocka_unit_test(the_same_at_any_number_of_threads),
      cmocka_unit_test(sets_that_do_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
