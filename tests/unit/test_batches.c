/* Which sprites a step is made from and what chance does to them: shuffle, flip, shift, palette swap, noise. */
#include "check.h"

#include "nn/backend.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))

/* One op of seed and step, run as often as one likes. */
typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
  pm_draws draws;
  pm_value *out;
  pm_program *program;
} bench;

static bench open_bench(void) {
  bench b = {.arena = pm_arena_new()};
  b.store = pm_store_new(b.arena, &pm_backend_cpu);
  b.g = pm_graph_new(b.arena, b.store, true);
  b.draws = numeric_draws(b.g, 0, 0, 0, 0);
  return b;
}

static void draw(bench *b, int64_t seed, int64_t step, void *out) {
  if (!b->program) {
    pm_keep(b->out, "out");
    b->program = pm_backend_cpu.compile(b->g);
  }
  numeric_set(b->store, "seed", seed);
  numeric_set(b->store, "step", step);
  pm_backend_cpu.run(b->program);
  pm_backend_cpu.read_value(b->program, b->out, out);
}

static void close_bench(bench *b) {
  pm_backend_cpu.free_program(b->program);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

/* ---- shuffle ---- */

enum { MOST = 300 };

/* One epoch's batches one after the other. */
static void deal(bench *b, int64_t seed, int64_t epoch, size_t items, size_t batch, int32_t *order) {
  for (size_t k = 0; k < items / batch; k++)
    draw(b, seed, epoch * (int64_t)(items / batch) + (int64_t)k, order + k * batch);
}

static void check_dealing(size_t items, size_t batch) {
  bench b = open_bench();
  b.draws.whole = batch;
  b.out = pm_shuffle(b.g, b.draws, items, batch);
  size_t dealt = items / batch * batch;
  int32_t order[MOST], first[MOST];
  for (int64_t epoch = 0; epoch < 8; epoch++) {
    bool seen[MOST] = {false};
    deal(&b, 5, epoch, items, batch, order);
    for (size_t i = 0; i < dealt; i++) {
      if (order[i] < 0 || (size_t)order[i] >= items || seen[order[i]])
        fail_msg("%zu items by %zu, epoch %d: item %d is dealt twice or is none", items, batch, (int)epoch, order[i]);
      seen[order[i]] = true;
    }
    if (epoch == 0)
      memcpy(first, order, sizeof first);
    else if (items > 8) /* orders of fewer are the same now and then */
      assert_memory_not_equal(first, order, dealt * sizeof *order);
  }
  int32_t other[MOST];
  deal(&b, 5, 0, items, batch, order); /* the same again, after other steps */
  assert_memory_equal(first, order, dealt * sizeof *order);
  deal(&b, 6, 0, items, batch, other);
  if (items > 8)
    assert_memory_not_equal(first, other, dealt * sizeof *other);
  deal(&b, 5 + ((int64_t)1 << 32), 0, items, batch, other); /* all 64 bits of the seed count */
  if (items > 8)
    assert_memory_not_equal(first, other, dealt * sizeof *other);
  close_bench(&b);
}

static void an_epoch_deals_each_item_once(void **state) {
  static const size_t sizes[][2] = {{1, 1},  {2, 1},  {3, 2},   {4, 4},   {5, 5},    {16, 16},
                                    {17, 4}, {64, 8}, {65, 64}, {100, 7}, {256, 32}, {257, 32}};
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    check_dealing(sizes[i][0], sizes[i][1]);
}

/* Over many epochs each item comes first about equally often: chi-square of 20 items, 19 degrees of freedom. */
static void the_order_is_uniform(void **state) {
  enum { ITEMS = 20, EPOCHS = 4000 };
  double count[ITEMS] = {0}, chi = 0;
  (void)state;
  bench b = open_bench();
  b.draws.whole = ITEMS;
  b.out = pm_shuffle(b.g, b.draws, ITEMS, ITEMS);
  for (int64_t epoch = 0; epoch < EPOCHS; epoch++) {
    int32_t order[ITEMS];
    draw(&b, 1, epoch, order);
    count[order[0]]++;
  }
  for (int i = 0; i < ITEMS; i++)
    chi += (count[i] - EPOCHS / ITEMS) * (count[i] - EPOCHS / ITEMS) / (EPOCHS / ITEMS);
  assert_true(chi < 43.8); /* one in a thousand */
  assert_true(chi > 5.4);
  close_bench(&b);
}

/* ---- augmentation of tiny sprites ---- */

enum { SPRITES = 500 };

/* The same sprite SPRITES times. */
static pm_value *copies(bench *b, const unsigned char *sprite, size_t bytes, pm_shape shape) {
  pm_value *x = pm_graph_input(b->g, "sprites", PM_U8, shape);
  for (size_t i = 0; i < SPRITES; i++)
    pm_store_write(b->store, x->buffer, i * bytes, sprite, bytes);
  return x;
}

static void flip_mirrors_left_to_right(void **state) {
  static const unsigned char sprite[] = {1, 2, 3, 4, 5, 6}, mirror[] = {3, 2, 1, 6, 5, 4};
  static const double chances[] = {0, 0.25, 1};
  (void)state;
  for (int c = 0; c < 3; c++) {
    bench b = open_bench();
    b.out = pm_flip(b.g, copies(&b, sprite, 6, pm_shape_of(3, Z(SPRITES), Z(2), Z(3))), b.draws, chances[c]);
    pm_value *flags = pm_keep(pm_output_of(b.out, PM_FLIP_MIRRORED), "mirrored");
    unsigned char out[SPRITES][6];
    int32_t told[SPRITES];
    int flipped = 0;
    draw(&b, 3, 4, out);
    b.store->backend->read_value(b.program, flags, told);
    for (int i = 0; i < SPRITES; i++) {
      bool mirrored = memcmp(out[i], mirror, 6) == 0;
      flipped += mirrored;
      assert_true(mirrored || memcmp(out[i], sprite, 6) == 0);
      assert_int_equal(told[i], mirrored);
    }
    assert_true(fabs(flipped - chances[c] * SPRITES) <= (c == 1 ? 40 : 0)); /* 4 standard deviations */
    close_bench(&b);
  }
}

static void flip_keeps_channels_together(void **state) {
  static const unsigned char sprite[] = {1, 2, 3, 4, 11, 12, 13, 14}, mirror[] = {11, 12, 13, 14, 1, 2, 3, 4};
  (void)state;
  bench b = open_bench();
  b.out = pm_flip(b.g, copies(&b, sprite, 8, pm_shape_of(4, Z(SPRITES), Z(1), Z(2), Z(4))), b.draws, 1);
  unsigned char out[SPRITES][8];
  draw(&b, 3, 4, out);
  for (int i = 0; i < SPRITES; i++)
    assert_memory_equal(out[i], mirror, 8);
  close_bench(&b);
}

/* A sprite of 4 x 5 different pixels, moved by (dy, dx). */
static void moved(unsigned char *out, size_t channels, int dy, int dx) {
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 5; x++)
      for (size_t c = 0; c < channels; c++) {
        int fy = y - dy, fx = x - dx;
        bool inside = fy >= 0 && fy < 4 && fx >= 0 && fx < 5;
        *out++ = (unsigned char)(inside ? 10 + (size_t)(fy * 5 + fx) * channels + c : 9);
      }
}

static void check_shift(size_t channels, int distance) {
  bench b = open_bench();
  size_t bytes = 20 * channels;
  unsigned char sprite[80], want[80], *out = pm_alloc(b.arena, SPRITES, bytes);
  int count[7][7] = {{0}}, found = 0;
  moved(sprite, channels, 0, 0);
  pm_shape shape =
      channels == 1 ? pm_shape_of(3, Z(SPRITES), Z(4), Z(5)) : pm_shape_of(4, Z(SPRITES), Z(4), Z(5), channels);
  b.out = pm_shift(b.g, copies(&b, sprite, bytes, shape), b.draws, distance, 9);
  draw(&b, 1, 2, out);
  for (size_t i = 0; i < SPRITES; i++)
    for (int dy = -distance; dy <= distance; dy++)
      for (int dx = -distance; dx <= distance; dx++) {
        moved(want, channels, dy, dx);
        if (memcmp(out + i * bytes, want, bytes) == 0) {
          count[dy + 3][dx + 3]++;
          found++;
        }
      }
  assert_int_equal(found, SPRITES); /* every one is one of the moves */
  int moves = (2 * distance + 1) * (2 * distance + 1);
  for (int dy = -distance; dy <= distance; dy++)
    for (int dx = -distance; dx <= distance; dx++)
      assert_true(abs(count[dy + 3][dx + 3] - SPRITES / moves) < 5 * sqrt(SPRITES / moves) + 1);
  close_bench(&b);
}

static void shift_moves_and_fills(void **state) {
  (void)state;
  check_shift(1, 1);
  check_shift(4, 2);
  check_shift(1, 3);
  check_shift(3, 0);
}

/* Three colours and the background: all six orders come, about equally often; the background and what lies where
 * stay. */
static void palette_swap_permutes_the_colours(void **state) {
  static const unsigned char sprite[] = {7, 7, 0, 200, 31, 0, 31, 31, 200};
  enum { PIXELS = sizeof sprite };
  int count[256][256] = {{0}};
  (void)state;
  bench b = open_bench();
  b.out = pm_palette_swap(b.g, copies(&b, sprite, PIXELS, pm_shape_of(3, Z(SPRITES), Z(3), Z(3))), b.draws, 1, 0);
  unsigned char out[SPRITES][PIXELS];
  draw(&b, 9, 1, out);
  for (int i = 0; i < SPRITES; i++) {
    unsigned char a = out[i][0], c = out[i][3], d = out[i][4]; /* what 7, 200 and 31 became */
    const unsigned char want[PIXELS] = {a, a, 0, c, d, 0, d, d, c};
    assert_memory_equal(out[i], want, PIXELS);
    assert_true(a != c && c != d && a != d);
    assert_int_equal(a + c + d, 7 + 200 + 31);
    assert_int_equal(a * c * d, 7 * 200 * 31);
    count[a][c]++;
  }
  static const unsigned char colour[] = {7, 200, 31};
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      if (i != k)
        assert_true(abs(count[colour[i]][colour[k]] - SPRITES / 6) < 45); /* 5 standard deviations */
  close_bench(&b);
}

static void palette_swap_by_chance(void **state) {
  static const unsigned char sprite[] = {1, 2, 3, 4};
  static const double chances[] = {0, 0.5};
  (void)state;
  for (int c = 0; c < 2; c++) {
    bench b = open_bench();
    b.out =
        pm_palette_swap(b.g, copies(&b, sprite, 4, pm_shape_of(3, Z(SPRITES), Z(2), Z(2))), b.draws, chances[c], 255);
    unsigned char out[SPRITES][4];
    int changed = 0;
    draw(&b, 2, 3, out);
    for (int i = 0; i < SPRITES; i++)
      changed += memcmp(out[i], sprite, 4) != 0;
    assert_true(fabs(changed - chances[c] * SPRITES * 23 / 24) <= (c ? 45 : 0)); /* one order of 24 changes nothing */
    close_bench(&b);
  }
}

/* Each augmentation draws for itself and for each step and seed anew, and the same again for the same. */
static void draws_depend_on_seed_step_and_slot(void **state) {
  (void)state;
  for (int op = 0; op < 4; op++) {
    bench b = open_bench();
    pm_value *x = numeric_whole(b.g, "sprites", PM_U8, pm_shape_of(3, Z(16), Z(8), Z(8)), 200);
    size_t bytes = 1024;
    b.out = op == 0   ? pm_flip(b.g, x, b.draws, 0.5)
            : op == 1 ? pm_shift(b.g, x, b.draws, 2, 0)
            : op == 2 ? pm_palette_swap(b.g, x, b.draws, 0.5, 0)
                      : pm_normal(b.g, pm_shape_of(2, Z(16), Z(16)), b.draws, 1);
    unsigned char first[1024], again[1024], step[1024], seed[1024];
    draw(&b, 1, 1, first);
    draw(&b, 1, 2, step);
    draw(&b, 2, 1, seed);
    draw(&b, 1, 1, again);
    assert_memory_equal(first, again, bytes);
    assert_memory_not_equal(first, step, bytes);
    assert_memory_not_equal(first, seed, bytes);
    assert_memory_not_equal(step, seed, bytes);
    close_bench(&b);
  }
}

/* Row i of noise is that of number first + i, however many rows there are; another purpose, other numbers. */
static void noise_belongs_to_its_number(void **state) {
  enum { ROW = 37 };
  float six[6 * ROW], two[2 * ROW], other[2 * ROW];
  (void)state;
  for (int k = 0; k < 3; k++) {
    bench b = open_bench();
    numeric_set(b.store, "first", k ? 14 : 10);
    b.out = pm_normal(b.g, pm_shape_of(2, Z(k ? 2 : 6), Z(ROW)), b.draws, k == 2 ? 8 : 7);
    draw(&b, 3, 4, k == 0 ? six : k == 1 ? two : other);
    close_bench(&b);
  }
  assert_memory_equal(two, six + 4 * ROW, sizeof two);
  assert_memory_not_equal(two, other, sizeof two);
  double sum = 0, squares = 0;
  for (int i = 0; i < 6 * ROW; i++) {
    sum += six[i];
    squares += (double)six[i] * six[i];
  }
  assert_true(fabs(sum / (6 * ROW)) < 0.25 && fabs(squares / (6 * ROW) - 1) < 0.4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_epoch_deals_each_item_once), cmocka_unit_test(the_order_is_uniform),
      cmocka_unit_test(flip_mirrors_left_to_right),    cmocka_unit_test(flip_keeps_channels_together),
      cmocka_unit_test(shift_moves_and_fills),         cmocka_unit_test(palette_swap_permutes_the_colours),
      cmocka_unit_test(palette_swap_by_chance),        cmocka_unit_test(draws_depend_on_seed_step_and_slot),
      cmocka_unit_test(noise_belongs_to_its_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
