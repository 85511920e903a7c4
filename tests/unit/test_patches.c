/* The ops on patches against what ops.h says of them, pixel by pixel; and the gradients of what a patch transformer is
 * made of, against central differences, in double. */
#include "check.h"

#include "backend/backends.h"
#include "core/random.h"
#include "grad.h"
#include "nn/layers.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
  size_t n, height, width;
  unsigned char *pixels;
  pm_value *sprites;
  pm_patches a;
} bench;

static bench start(size_t n, size_t height, size_t width, size_t side, size_t colours) {
  pm_arena *arena = pm_arena_new();
  bench b = {.arena = arena,
             .store = pm_store_new(arena, &pm_backend_cpu),
             .n = n,
             .height = height,
             .width = width,
             .pixels = pm_alloc(arena, n * height * width, 1),
             .a = {.side = side, .colours = colours}};
  pm_rng rng = pm_rng_start(7, "sprites", 0);
  for (size_t i = 0; i < n * height * width; i++)
    b.pixels[i] = (unsigned char)pm_rng_below(&rng, (uint32_t)colours);
  b.g = pm_graph_new(arena, b.store, false);
  b.sprites = pm_graph_input(b.g, "sprites", PM_U8, pm_shape_of(3, n, height, width));
  pm_store_write(b.store, b.sprites->buffer, 0, b.pixels, n * height * width);
  return b;
}

static void end(const bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static const int32_t *lists_of(const bench *b, pm_value *x) {
  pm_keep(x, "lists");
  pm_program *program = pm_backend_cpu.compile(b->g);
  pm_backend_cpu.run(program);
  int32_t *items = pm_alloc(b->arena, pm_count(x), sizeof *items);
  pm_backend_cpu.read_value(program, x, items);
  pm_backend_cpu.free_program(program);
  return items;
}

/* A pixel of sprite 0, or -1 outside. */
static int at(const bench *b, long y, long x) {
  return y < 0 || x < 0 || y >= (long)b->height || x >= (long)b->width ? -1
                                                                       : b->pixels[(size_t)y * b->width + (size_t)x];
}

/* The neighbours of 2 x 2 patches as they are listed in docs/patch-ar.md. */
static const int offsets[14][2] = {{-2, -1}, {-2, 0}, {-2, 1}, {-2, 2}, {-1, -2}, {-1, -1}, {-1, 0},
                                   {-1, 1},  {-1, 2}, {-1, 3}, {0, -2}, {0, -1},  {1, -2},  {1, -1}};

static void features_are_what_is_known_around(void **state) {
  enum { K = 5, S = 18, PAIRS = 153 };
  bench b = start(2, 6, 8, 2, K);
  pm_value *features = pm_patch_features(b.g, b.sprites, NULL, b.a);
  (void)state;
  assert_int_equal(pm_patch_neighbours(2), S);
  assert_int_equal(pm_patch_feature_count(2, K), S * (K + 1) + PAIRS + K);
  assert_int_equal(pm_columns(features), S + PAIRS + K);
  const int32_t *list = lists_of(&b, features);
  bool used[K] = {false};
  for (long p = 0; p < 12; p++, list += S + PAIRS + K) {
    long top = p / 4 * 2, left = p % 4 * 2;
    int around[S], n = 0;
    for (int i = 0; i < 14; i++)
      around[i] = at(&b, top + offsets[i][0], left + offsets[i][1]);
    for (int j = 0; j < 4; j++) /* mirrored about the middle: known in the right half */
      around[14 + j] = left >= 4 ? at(&b, top + j / 2, 7 - (left + j % 2)) : -1;
    for (int i = 0; i < S; i++)
      assert_int_equal(list[n++], i * (K + 1) + (around[i] < 0 ? K : around[i]));
    for (int i = 0, pair = S * (K + 1); i < S; i++)
      for (int k = i + 1; k < S; k++, pair++)
        if (around[i] == around[k])
          assert_int_equal(list[n++], pair);
    for (int k = 0; k < K; k++)
      if (used[k])
        assert_int_equal(list[n++], S * (K + 1) + PAIRS + k);
    assert_true(n == S + PAIRS + K || list[n] == -1);
    for (int j = 0; j < 4; j++)
      used[at(&b, top + j / 2, left + j % 2)] = true;
  }
  end(&b);
}

static void the_patch_before_and_the_pixels_within(void **state) {
  bench b = start(1, 3, 3, 2, 4); /* the last column and row of patches reach beyond the sprite */
  (void)state;
  const int32_t *before = lists_of(&b, pm_patch_before(b.g, b.sprites, NULL, b.a));
  const unsigned char *s = b.pixels;
  const int32_t rows[4][4] = {
      {16, -1, -1, -1}, {s[0], 4 + s[1], 8 + s[3], 12 + s[4]}, {s[2], 8 + s[5], -1, -1}, {s[6], 4 + s[7], -1, -1}};
  assert_memory_equal(before, rows, sizeof rows);
  bench c = start(1, 3, 3, 2, 4);
  const int32_t *within = lists_of(&c, pm_patch_within(c.g, c.sprites, NULL, c.a));
  const int32_t first[4][3] = {
      {-1, -1, -1}, {s[0], -1, -1}, {4 + s[0], 8 + s[1], -1}, {12 + s[0], 16 + s[1], 20 + s[3]}};
  assert_memory_equal(within, first, sizeof first);
  const int32_t second[4][3] = {{-1, -1, -1}, {s[2], -1, -1}, {4 + s[2], -1, -1}, {12 + s[2], 20 + s[5], -1}};
  assert_memory_equal(within + 12, second, sizeof second);
  end(&b);
  end(&c);
}

/* Of one patch at a position, and of one of its pixels: the rows that whole sprites have. */
static void a_position_is_a_row_of_all(void **state) {
  bench b = start(3, 5, 7, 2, 6);
  pm_value *position = pm_graph_scalar(b.g, "position", PM_I64);
  pm_patches pixel = b.a;
  (void)state;
  pixel.one_pixel = true;
  pixel.pixel = 2;
  pm_value *all[] = {pm_patch_before(b.g, b.sprites, NULL, b.a), pm_patch_features(b.g, b.sprites, NULL, b.a),
                     pm_patch_within(b.g, b.sprites, NULL, b.a)};
  pm_value *one[] = {pm_patch_before(b.g, b.sprites, position, b.a), pm_patch_features(b.g, b.sprites, position, b.a),
                     pm_patch_within(b.g, b.sprites, position, pixel)};
  for (int k = 0; k < 3; k++) {
    pm_keep(all[k], "all");
    pm_keep(one[k], "one");
  }
  pm_program *program = pm_backend_cpu.compile(b.g);
  for (size_t p = 0; p < 12; p++) {
    numeric_set(b.store, "position", (int64_t)p);
    pm_backend_cpu.run(program);
    for (int k = 0; k < 3; k++) {
      size_t row = pm_count(one[k]) / 3, patch = pm_count(all[k]) / 3 / 12, skip = k == 2 ? 2 * row : 0;
      int32_t *whole = pm_alloc(b.arena, pm_count(all[k]), sizeof *whole),
              *step = pm_alloc(b.arena, 3 * row, sizeof *step);
      pm_backend_cpu.read_value(program, all[k], whole);
      pm_backend_cpu.read_value(program, one[k], step);
      for (size_t n = 0; n < 3; n++)
        assert_memory_equal(step + n * row, whole + (n * 12 + p) * patch + skip, row * sizeof *step);
    }
  }
  pm_backend_cpu.free_program(program);
  end(&b);
}

/* ---- gradients ---- */

#define INPUT(name, low, high, ...) grad_input(g, name, pm_shape_of(__VA_ARGS__), low, high)
#define SPRITES(n, height, width, colours)                                                                             \
  numeric_whole(g, "sprites", PM_U8, pm_shape_of(3, Z(n), Z(height), Z(width)), colours)

static pm_value *embedding_sum(pm_graph *g) {
  pm_value *list = numeric_whole(g, "list", PM_I32, pm_shape_of(3, Z(4), Z(3), Z(5)), 9);
  list = pm_drop_listed(g, list, numeric_draws(g, 5, 9, 0, 0), 0.3, 1);
  pm_value *y = pm_embedding_sum(g, INPUT("table", -2, 2, 2, Z(9), Z(7)), list);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *grouped_linear(pm_graph *g) {
  pm_value *x = INPUT("x", -2, 2, 3, Z(4), Z(3), Z(5)), *w = INPUT("w", -1, 1, 3, Z(3), Z(6), Z(5));
  pm_value *y = pm_grouped_linear(g, x, w, INPUT("b", -1, 1, 2, Z(3), Z(6)), 0);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *patch_copies(pm_graph *g) {
  const pm_patches a = {.side = 2, .colours = 4};
  pm_value *logits = INPUT("logits", -1, 1, 4, Z(2), Z(6), Z(4), Z(4));
  pm_value *gates = INPUT("gates", -1, 1, 4, Z(2), Z(6), Z(4), pm_patch_gates(2));
  pm_value *y = pm_patch_copies(g, logits, gates, SPRITES(2, 4, 5, 4), NULL, a);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *patches_to_pixels(pm_graph *g) {
  const pm_patch_layout a = {2, 5, 3};
  pm_value *y = pm_patches_to_pixels(g, INPUT("x", -1, 1, 4, Z(2), Z(6), Z(4), Z(3)), a);
  return grad_weighted_sum(g, pm_times(g, y, y));
}

static pm_value *pixels_to_patches(pm_graph *g) {
  const pm_patch_layout a = {2, 5, 3};
  pm_value *y = PM_APPLY(g, pixels_to_patches, &a, sizeof a, INPUT("x", -1, 1, 4, Z(2), Z(5), Z(3), Z(3)));
  return grad_weighted_sum(g, pm_times(g, y, y));
}

#define CHECK(name)                                                                                                    \
  static void check_##name(void **state) {                                                                             \
    (void)state;                                                                                                       \
    grad_check(name);                                                                                                  \
  }
CHECK(embedding_sum)
CHECK(grouped_linear)
CHECK(patch_copies)
CHECK(patches_to_pixels)
CHECK(pixels_to_patches)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(features_are_what_is_known_around),
      cmocka_unit_test(the_patch_before_and_the_pixels_within),
      cmocka_unit_test(a_position_is_a_row_of_all),
      cmocka_unit_test(check_embedding_sum),
      cmocka_unit_test(check_grouped_linear),
      cmocka_unit_test(check_patch_copies),
      cmocka_unit_test(check_patches_to_pixels),
      cmocka_unit_test(check_pixels_to_patches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
