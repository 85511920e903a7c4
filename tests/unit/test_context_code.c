/* The code of contexts and the two-sample test: exact bits, and sprites whose goodness is known. */
#include "check.h"

#include "art/sprite_set.h"
#include "core/random.h"
#include "core/tasks.h"
#include "eval/context_code.h"
#include "eval/score.h"
#include "eval/two_sample.h"
#include "pixels/arrays.h"

#include <math.h>

enum { SIDE = PM_ART_SIDE, PIXELS = SIDE * SIDE };

/* Sprites of random blots, which have some order. */
static pm_indexed blots(pm_arena *arena, size_t count, size_t height, size_t width, size_t colours, uint64_t seed) {
  unsigned char *index = pm_alloc(arena, count * height * width, 1);
  pm_rng rng = pm_rng_start(seed, "test", 0);
  for (size_t p = 0; p < count * height * width; p++)
    index[p] =
        (unsigned char)(p % width && pm_rng_chance(&rng, 0.6) ? index[p - 1] : pm_rng_below(&rng, (uint32_t)colours));
  return (pm_indexed){count, height, width, index};
}

static pm_context_code *fit(pm_arena *arena, const pm_indexed *sprites, size_t colours, const int32_t *label) {
  size_t *origin = pm_alloc(arena, sprites->count, sizeof *origin);
  for (size_t i = 0; i < sprites->count; i++)
    origin[i] = i;
  return pm_context_code_fit(arena, sprites, colours, origin, label);
}

/* Over all colours of every pixel the probabilities sum to 1, and those of the pixels' own colours are the bits. */
static void probabilities_sum_to_one(void **state) {
  (void)state;
  static const size_t cases[][4] = {{7, 5, 4, 4}, {1, 9, 3, 2},   {6, 1, 2, 1},  {4, 4, 256, 256},
                                    {3, 3, 1, 1}, {8, 8, 16, 12}, {5, 6, 200, 7}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    pm_arena *arena = pm_arena_new();
    size_t height = cases[k][0], width = cases[k][1], colours = cases[k][2], n = 30;
    pm_indexed training = blots(arena, n, height, width, cases[k][3], k),
               fresh = blots(arena, 3, height, width, colours, 99);
    int32_t label[30];
    for (size_t i = 0; i < n; i++)
      label[i] = (int32_t)(i % 3 * 2);
    pm_context_code *code = fit(arena, &training, colours, label);
    double p[256], bits[3], sum_of_logs = 0;
    pm_context_code_bits(code, &fresh, NULL, bits);
    for (size_t at = 0; at < height * width; at++)
      for (int32_t told = -1; told < 3; told++) {
        double sum = 0;
        pm_context_code_probabilities(code, &fresh, 1, at / width, at % width, told, p);
        for (size_t c = 0; c < colours; c++) {
          assert_true(p[c] > 0 && p[c] <= 1);
          sum += p[c];
        }
        assert_true(fabs(sum - 1) < 1e-9);
        sum_of_logs -= told < 0 ? log2(p[fresh.index[height * width + at]]) : 0;
      }
    assert_true(fabs(sum_of_logs / (double)(height * width) - bits[1]) < 1e-9);
    pm_arena_free(arena);
  }
}

static void the_same_at_any_number_of_threads(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_indexed training = blots(arena, 40, 8, 8, 5, 1), fresh = blots(arena, 30, 8, 8, 5, 2);
  int32_t label[40], *called[2];
  double bits[2][30];
  for (size_t i = 0; i < 40; i++)
    label[i] = (int32_t)(i % 4);
  for (int k = 0; k < 2; k++) {
    pm_set_threads(k ? 3 : 1);
    pm_context_code *code = fit(arena, &training, 5, label);
    pm_context_code_bits(code, &fresh, NULL, bits[k]);
    called[k] = pm_context_code_classify(arena, code, &fresh);
  }
  pm_set_threads(0);
  assert_memory_equal(bits[0], bits[1], sizeof bits[0]);
  assert_memory_equal(called[0], called[1], 30 * sizeof *called[0]);
  pm_arena_free(arena);
}

/* ---- the built-in sprites ---- */

typedef struct {
  pm_arena *arena;
  pm_score_reference reference;
  pm_score held;
} bench;

static bench open_bench(void) {
  enum { DATA = 600 };
  bench b = {.arena = pm_arena_new()};
  int32_t *label = pm_alloc(b.arena, DATA, sizeof *label);
  pm_sprites drawn = pm_art_draw(b.arena, 1, DATA, label, false);
  pm_score_set data = {"here", pm_sprites_to_tensor(b.arena, &drawn), drawn, label};
  b.reference = pm_score_reference_of(b.arena, &data, 0.2, NULL);
  pm_score_reference_fit(b.arena, &b.reference);
  b.held = pm_score_judge(b.arena, &b.reference.held, &b.reference.held, &b.reference, false, 1);
  return b;
}

static const pm_measure *measure(const pm_score *score, const char *name) {
  for (size_t i = 0; i < score->count; i++)
    if (strcmp(score->measure[i].name, name) == 0)
      return &score->measure[i];
  return NULL;
}

static double value(const pm_score *score, const char *name) {
  const pm_measure *m = measure(score, name);
  assert_non_null(m);
  return m->estimate.value;
}

typedef unsigned char *pixels;

static void mirror(pixels sprite, const unsigned char *old, pm_rng *rng) {
  (void)rng;
  for (size_t p = 0; p < PIXELS; p++)
    memcpy(sprite + 3 * p, old + 3 * (p / SIDE * SIDE + SIDE - 1 - p % SIDE), 3);
}

/* Some pixels in the colour of another place of the sprite. */
static void speckle(pixels sprite, const unsigned char *old, pm_rng *rng) {
  memcpy(sprite, old, (size_t)PIXELS * 3);
  for (size_t p = 0; p < PIXELS; p++)
    if (pm_rng_chance(rng, 0.15))
      memcpy(sprite + 3 * p, old + (size_t)3 * pm_rng_below(rng, PIXELS), 3);
}

static void make_noise(pixels sprite, const unsigned char *old, pm_rng *rng) {
  (void)old;
  for (size_t i = 0; i < (size_t)PIXELS * 3; i++)
    sprite[i] = (unsigned char)pm_rng_below(rng, 256);
}

static void blur(pixels sprite, const unsigned char *old, pm_rng *rng) {
  (void)rng;
  for (int p = 0; p < PIXELS; p++)
    for (int c = 0; c < 3; c++) {
      int sum = 0, n = 0;
      for (int tap = 0; tap < 9; tap++) {
        int y = p / SIDE + tap / 3 - 1, x = p % SIDE + tap % 3 - 1;
        if (y >= 0 && y < SIDE && x >= 0 && x < SIDE)
          sum += old[3 * (y * SIDE + x) + c], n++;
      }
      sprite[3 * p + c] = (unsigned char)(sum / n);
    }
}

static void keep(pixels sprite, const unsigned char *old, pm_rng *rng) {
  (void)rng;
  memcpy(sprite, old, (size_t)PIXELS * 3);
}

/* The held-out sprites, each changed; or the first of them again and again. */
static pm_score judge_changed(bench *b, void (*change)(pixels, const unsigned char *, pm_rng *), bool one) {
  const pm_score_set *held = &b->reference.held;
  pm_tensor array = pm_tensor_new(b->arena, PM_U8, held->array.shape);
  for (size_t i = 0; i < held->sprites.count; i++) {
    pm_rng rng = pm_rng_start(1, "test", i);
    change((pixels)array.data + i * PIXELS * 3, (const unsigned char *)held->array.data + (one ? 0 : i) * PIXELS * 3,
           &rng);
  }
  pm_score_set set = {"here", array, pm_sprites_from_tensor(b->arena, &array, "here"), held->label};
  return pm_score_judge(b->arena, &set, &set, &b->reference, false, 1);
}

static void sprites_whose_goodness_is_known(void **state) {
  (void)state;
  bench b = open_bench();
  double held = value(&b.held, "context-bits");
  assert_null(measure(&b.held, "two-sample")); /* of themselves */
  assert_true(held > 0.3 && held < 0.8);
  assert_true(value(&b.held, "class-agreement") > 0.9);
  pm_score same = judge_changed(&b, keep, false), mirrored = judge_changed(&b, mirror, false);
  pm_score noise = judge_changed(&b, make_noise, false), blurred = judge_changed(&b, blur, false);
  pm_score one = judge_changed(&b, keep, true), speckled = judge_changed(&b, speckle, false);
  pm_score training = pm_score_judge(b.arena, &b.reference.training, NULL, &b.reference, false, 1);
  assert_true(value(&same, "context-bits") == held);
  assert_true(value(&training, "context-bits") < held * 0.7); /* they were counted: no fair figure */
  assert_true(value(&mirrored, "context-bits") > held * 1.5);
  assert_true(value(&blurred, "context-bits") > held * 1.5);
  assert_true(value(&noise, "context-bits") > 3);
  print_message("# speckled: class %.3f, bits %.3f\n", value(&speckled, "class-agreement"),
                value(&speckled, "context-bits"));
  assert_true(value(&speckled, "context-bits") > held * 1.5 && value(&speckled, "class-agreement") > 0.85);
  assert_true(value(&same, "two-sample") < 0.6); /* each has its twin on the other side */
  assert_true(value(&mirrored, "two-sample") > 0.8 && value(&blurred, "two-sample") > 0.9);
  assert_true(value(&noise, "two-sample") > 0.98 && value(&one, "two-sample") > 0.9);
  assert_true(value(&training, "two-sample") > 0.7); /* it takes fewer bits */
  const pm_estimate *e = &measure(&mirrored, "two-sample")->estimate;
  assert_true(e->low < e->value && e->value <= e->high && e->high <= 1);
  pm_arena_free(b.arena);
}

/* Other sprites of the same kind cannot be told from the held-out ones. */
static void fresh_real_sprites(void **state) {
  (void)state;
  bench b = open_bench();
  pm_sprites drawn = pm_art_draw(b.arena, 7, 300, NULL, false);
  pm_score_set fresh = {"here", pm_sprites_to_tensor(b.arena, &drawn), drawn, NULL};
  pm_score s = pm_score_judge(b.arena, &fresh, NULL, &b.reference, false, 1);
  assert_true(fabs(value(&s, "context-bits") - value(&b.held, "context-bits")) < 0.08);
  assert_true(fabs(value(&s, "two-sample") - 0.5) < 0.12);
  pm_arena_free(b.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(probabilities_sum_to_one),
      cmocka_unit_test(the_same_at_any_number_of_threads),
      cmocka_unit_test(sprites_whose_goodness_is_known),
      cmocka_unit_test(fresh_real_sprites),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
