/* The search for copies against one that tries everything, pixel by pixel, on sprites of few and of many colours. */
#include "check.h"

#include "art/sprite_set.h"
#include "core/random.h"
#include "eval/colour_matching.h"
#include "eval/copies.h"
#include "eval/shared_bits.h"

enum { COLOURS = 32, TRAINING = 16, SAMPLES = 6 };

/* The least distance over flips, shifts and exchanges of colours. */
static double plain_distance(const pm_indexed *a, size_t i, const pm_indexed *b, size_t t) {
  static uint32_t together[COLOURS * COLOURS];
  int height = (int)a->height, width = (int)a->width, reach = height >= 8 ? 1 : 0, across = width >= 8 ? 1 : 0;
  const unsigned char *x = a->index + i * a->height * a->width, *y = b->index + t * b->height * b->width;
  double least = 1;
  for (int flip = 0; flip < 4; flip++)
    for (int down = -reach; down <= reach; down++)
      for (int right = -across; right <= across; right++) {
        uint32_t overlap = 0;
        memset(together, 0, sizeof together);
        for (int row = 0; row < height; row++)
          for (int column = 0; column < width; column++) {
            if (row - down < 0 || row - down >= height || column - right < 0 || column - right >= width)
              continue;
            int from_row = flip & 2 ? height - 1 - (row - down) : row - down,
                from_column = flip & 1 ? width - 1 - (column - right) : column - right;
            together[x[from_row * width + from_column] * COLOURS + y[row * width + column]]++;
            overlap++;
          }
        double distance = (double)(overlap - pm_match_colours(together, COLOURS, COLOURS)) / (double)overlap;
        least = distance < least ? distance : least;
      }
  return least;
}

/* Sprites of the built-in set, each pixel with this chance of 100 another of `colours` at random; of `side` pixels from
 * the middle, with copies of the first behind them. */
static pm_indexed spoilt_sprites(pm_arena *arena, size_t count, size_t height, size_t width, int chance,
                                 uint32_t colours, uint64_t seed) {
  pm_sprites drawn = pm_art_draw(arena, seed, count, NULL, false);
  unsigned char *index = pm_alloc(arena, count * height * width, 1);
  pm_rng rng = pm_rng_start(seed, "test", 0);
  for (size_t i = 0; i < count; i++)
    for (size_t y = 0; y < height; y++)
      for (size_t x = 0; x < width; x++) {
        size_t of = i + 3 < count ? i : 0, row = (y + (PM_ART_SIDE - height) / 2) % PM_ART_SIDE,
               column = (x + (PM_ART_SIDE - width) / 2) % PM_ART_SIDE;
        bool other = (int)pm_rng_below(&rng, 100) < chance;
        index[(i * height + y) * width + x] =
            other ? (unsigned char)pm_rng_below(&rng, colours)
                  : (unsigned char)(drawn.index[(of * PM_ART_SIDE + row) * PM_ART_SIDE + column] % colours);
      }
  return (pm_indexed){count, height, width, index};
}

static void compare_with_plain(pm_arena *arena, const pm_indexed *samples, const pm_indexed *training) {
  pm_figures *ours = pm_figures_new(arena, samples), *theirs = pm_figures_new(arena, training);
  size_t *origin = pm_figure_origins(arena, theirs);
  for (size_t t = 0; t < training->count; t++) {
    size_t first = 0;
    while (plain_distance(training, t, training, first) > 0)
      first++;
    assert_int_equal(origin[t], first);
  }
  pm_nearest *nearest = pm_alloc(arena, samples->count, sizeof *nearest);
  pm_figures_nearest(ours, theirs, origin, nearest);
  double *distance = pm_alloc(arena, training->count, sizeof *distance);
  for (size_t i = 0; i < samples->count; i++) {
    size_t least = 0;
    double second = 1;
    pm_figure_distances(ours, i, theirs, distance);
    for (size_t t = 0; t < training->count; t++) {
      assert_true(distance[t] == plain_distance(samples, i, training, t));
      least = distance[t] < distance[least] ? t : least;
    }
    for (size_t t = 0; t < training->count; t++)
      second = origin[t] != origin[least] && distance[t] < second ? distance[t] : second;
    assert_int_equal(nearest[i].index, least);
    assert_true(nearest[i].distance == distance[least] && nearest[i].second == second);
  }
}

static void as_the_plain_search(void **state) {
  (void)state;
  static const struct {
    size_t height, width;
    int chance;
    uint32_t colours;
  } cases[] = {{16, 16, 8, 16}, {16, 16, 100, 16}, {16, 16, 100, 32}, {16, 16, 30, 3}, {12, 18, 20, 20}, {7, 9, 60, 9}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    pm_arena *arena = pm_arena_new();
    pm_indexed training = spoilt_sprites(arena, TRAINING, cases[k].height, cases[k].width, 0, cases[k].colours, k);
    pm_indexed samples = spoilt_sprites(arena, SAMPLES, cases[k].height, cases[k].width, cases[k].chance,
                                        cases[k].colours, k % 2 ? k : k + 100);
    compare_with_plain(arena, &samples, &training);
    pm_arena_free(arena);
  }
}

static void bits_are_counted_alike(void **state) {
  (void)state;
  enum { MASKS = 37, MOST_WORDS = 17 };
  static uint64_t mask[MOST_WORDS], others[MASKS * MOST_WORDS];
  for (size_t words = 1; words <= MOST_WORDS; words++) {
    pm_rng rng = pm_rng_start(3, "test", words);
    for (size_t w = 0; w < words; w++)
      mask[w] = (uint64_t)pm_rng_below(&rng, 1u << 31) << 33 | pm_rng_below(&rng, 1u << 31);
    for (size_t w = 0; w < MASKS * words; w++)
      others[w] = w < words ? UINT64_MAX : (uint64_t)pm_rng_below(&rng, 1u << 31) << 33 | pm_rng_below(&rng, 1u << 31);
    uint32_t plain[MASKS], quick[MASKS], all = 0, most = 0;
    pm_shared a = pm_shared_bits_plain(mask, others, MASKS, words, plain),
              b = pm_shared_bits(NULL)(mask, others, MASKS, words, quick);
    for (size_t i = 0; i < MASKS; i++) {
      uint32_t bits = 0;
      for (size_t w = 0; w < words * 64; w++)
        bits += mask[w / 64] >> w % 64 & others[i * words + w / 64] >> w % 64 & 1;
      assert_int_equal(plain[i], bits);
      assert_int_equal(quick[i], bits);
      all += bits, most = bits > most ? bits : most;
    }
    assert_true(a.all == all && a.most == most && b.all == all && b.most == most);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_are_counted_alike),
      cmocka_unit_test(as_the_plain_search),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
