/* Canonical forms: against a slow search through everything that should not matter, and what the split makes of them.
 */
#include "check.h"
#include "drawn.h"

#include "core/random.h"
#include "core/tasks.h"
#include "pixels/canonical.h"

enum { SIDE = 6, PIXELS = SIDE * SIDE };

typedef struct {
  uint32_t pixel[PIXELS];
  size_t height, width;
} grid;

/* The sprite shifted by (dy, dx), flipped by two bits, its colours renamed. */
static grid changed(const grid *g, size_t dy, size_t dx, unsigned flips, const uint32_t *names) {
  grid out = *g;
  for (size_t y = 0; y < g->height; y++)
    for (size_t x = 0; x < g->width; x++) {
      size_t ty = (flips & 1 ? g->height - 1 - y : y) + dy, tx = (flips & 2 ? g->width - 1 - x : x) + dx;
      uint32_t name = g->pixel[y * g->width + x];
      out.pixel[ty % g->height * g->width + tx % g->width] = names ? names[name] : name;
    }
  return out;
}

static void number_by_appearance(grid *g) {
  uint32_t names[256], count = 0;
  memset(names, 255, sizeof names);
  for (size_t p = 0; p < g->height * g->width; p++) {
    if (names[g->pixel[p]] == UINT32_MAX)
      names[g->pixel[p]] = count++;
    g->pixel[p] = names[g->pixel[p]];
  }
}

/* The definition, letter by letter. */
static grid least_of_all(const grid *g) {
  grid best = {.height = 0};
  for (unsigned flips = 0; flips < 4; flips++)
    for (size_t dy = 0; dy < g->height; dy++)
      for (size_t dx = 0; dx < g->width; dx++) {
        grid candidate = changed(g, dy, dx, flips, NULL);
        number_by_appearance(&candidate);
        size_t p = 0, n = g->height * g->width;
        while (best.height && p < n && candidate.pixel[p] == best.pixel[p])
          p++;
        if (!best.height || (p < n && candidate.pixel[p] < best.pixel[p]))
          best = candidate;
      }
  return best;
}

static grid random_grid(pm_rng *rng) {
  grid g = {.height = 1 + pm_rng_below(rng, SIDE), .width = 1 + pm_rng_below(rng, SIDE)};
  uint32_t colours = 1 + pm_rng_below(rng, 4), flat_rows = pm_rng_below(rng, 3);
  for (size_t p = 0; p < g.height * g.width; p++)
    g.pixel[p] = pm_rng_below(rng, colours);
  for (size_t y = 0; y < flat_rows && y < g.height; y++) /* long runs are what the fast way goes by */
    for (size_t x = 0; x < g.width; x++)
      g.pixel[y * g.width + x] = flat_rows - 1;
  return g;
}

static pm_sprites as_sprites(pm_arena *arena, const grid *g, bool indexed) {
  size_t n = g->height * g->width;
  pm_sprites s = {.count = 1, .height = g->height, .width = g->width, .channels = 4};
  s.palette = pm_alloc(arena, 256, 4);
  for (size_t c = 0; c < 256; c++) {
    const unsigned char rgba[4] = {(unsigned char)(255 - 16 * c), 3, (unsigned char)(5 * c),
                                   (unsigned char)(c ? 255 : 0)};
    memcpy(s.palette[c], rgba, 4);
  }
  s.colours = indexed ? 256 : 0;
  s.index = indexed ? pm_alloc(arena, n, 1) : NULL;
  s.rgba = indexed ? NULL : pm_alloc(arena, n, 4);
  for (size_t p = 0; p < n; p++)
    if (indexed)
      s.index[p] = (unsigned char)g->pixel[p];
    else
      memcpy(s.rgba + 4 * p, s.palette[g->pixel[p]], 4);
  return s;
}

static void agrees_with_the_definition(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_rng rng = pm_rng_start(7, "test", 0);
  for (int round = 0; round < 400; round++) {
    grid g = random_grid(&rng), expected = least_of_all(&g);
    pm_sprites s = as_sprites(arena, &g, round % 2);
    uint32_t form[PIXELS], most = 0;
    size_t colours = pm_canonical_form(arena, &s, 0, form), n = g.height * g.width;
    assert_memory_equal(form, expected.pixel, n * sizeof *form);
    for (size_t p = 0; p < n; p++)
      most = form[p] > most ? form[p] : most;
    assert_int_equal(colours, most + 1);
  }
  pm_arena_free(arena);
}

static void does_not_see_what_should_not_matter(void **state) {
  (void)state;
  static const uint32_t names[] = {3, 0, 7, 1};
  pm_arena *arena = pm_arena_new();
  pm_rng rng = pm_rng_start(8, "test", 0);
  for (int round = 0; round < 50; round++) {
    grid g = random_grid(&rng);
    grid other = changed(&g, pm_rng_below(&rng, SIDE), pm_rng_below(&rng, SIDE), pm_rng_below(&rng, 4), names);
    pm_sprites a = as_sprites(arena, &g, true), b = as_sprites(arena, &other, false);
    char hash_a[65], hash_b[65];
    pm_canonical_hash(&a, 0, hash_a);
    pm_canonical_hash(&b, 0, hash_b);
    assert_string_equal(hash_a, hash_b);
  }
  pm_arena_free(arena);
}

static void tells_different_sprites_apart(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  char corner[65], middle[65], turned[65];
  pm_sprites s = drawn_sprites(arena, 3,
                               "ab /a  /   /"
                               "ab /b  /   /"
                               "aaa/ b /   /");
  pm_canonical_hash(&s, 0, corner);
  pm_canonical_hash(&s, 1, middle);
  pm_canonical_hash(&s, 2, turned);
  assert_string_not_equal(corner, middle);
  assert_string_not_equal(corner, turned);
  assert_string_not_equal(middle, turned);
  pm_arena_free(arena);
}

/* Numbers beyond a byte: the hash must not take colour 256 for colour 0. */
static void counts_beyond_256_colours(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites s = {.count = 1, .height = 20, .width = 20, .channels = 4};
  s.rgba = pm_alloc(arena, 400, 4);
  for (size_t p = 0; p < 400; p++)
    memcpy(s.rgba + 4 * p, (unsigned char[4]){(unsigned char)p, (unsigned char)(p / 256), 0, 255}, 4);
  uint32_t form[400];
  assert_int_equal(pm_canonical_form(arena, &s, 0, form), 400);
  char many[65], fewer[65];
  pm_canonical_hash(&s, 0, many);
  pm_sprites full = s;
  full.height = full.width = 16; /* 256 different pixels still go into a byte each: sha256sum of the bytes 0 … 255 */
  pm_canonical_hash(&full, 0, fewer);
  assert_string_equal(fewer, "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
  s.rgba[4 * 399] = 0, s.rgba[4 * 399 + 1] = 0; /* the last pixel as the first */
  pm_canonical_hash(&s, 0, fewer);
  assert_string_not_equal(many, fewer);
  pm_arena_free(arena);
}

/* SHA-256 of the bytes 0 0 0 1 begins with 0xb4, of a single 0 with 0x6e; computed by sha256sum. */
static void splits_by_the_hash(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_sprites square = drawn_sprites(arena, 1, "aa/ba/"), dot = drawn_sprites(arena, 1, "a/");
  char hex[65];
  pm_canonical_hash(&square, 0, hex);
  assert_string_equal(hex, "b40711a88c7039756fb8a73827eabe2c0fe5a0346ca7e0a104adc0fc764f528d");
  pm_canonical_hash(&dot, 0, hex);
  assert_string_equal(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  assert_false(pm_held_out(&dot, 0, 0));
  assert_false(pm_held_out(&dot, 0, 110.0 / 256)); /* 0x6e is 110 */
  assert_true(pm_held_out(&dot, 0, 111.0 / 256));
  assert_true(pm_held_out(&dot, 0, 1));
  pm_arena_free(arena);
}

static void flags_are_the_same_at_any_thread_count(void **state) {
  (void)state;
  enum { N = 300 };
  pm_arena *arena = pm_arena_new();
  pm_sprites s = {.count = N, .height = 4, .width = 4, .channels = 3, .colours = 2};
  s.palette = pm_alloc(arena, 2, 4);
  s.palette[1][0] = 1;
  s.index = pm_alloc(arena, N, 16);
  pm_rng rng = pm_rng_start(9, "test", 0);
  for (size_t p = 0; p < 16 * N; p++)
    s.index[p] = (unsigned char)pm_rng_below(&rng, 2);
  size_t expected = 0, held;
  for (size_t i = 0; i < N; i++)
    expected += pm_held_out(&s, i, 0.3);
  assert_in_range(expected, 1, N - 1);
  for (int threads = 1; threads <= 3; threads++) {
    pm_set_threads(threads);
    bool *flags = pm_held_out_flags(arena, &s, 0.3, &held);
    assert_int_equal(held, expected);
    for (size_t i = 0; i < N; i++)
      assert_int_equal(flags[i], pm_held_out(&s, i, 0.3));
  }
  pm_set_threads(0);
  pm_held_out_flags(arena, &s, 0, &held);
  assert_int_equal(held, 0);
  pm_arena_free(arena);
}

/* The hash of content, as any other program would compute it. */
static void content_has_a_hash(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_tensor tensor = pm_tensor_new(arena, PM_U8, pm_shape_of(1, (size_t)3));
  memcpy(tensor.data, "abc", 3);
  char hex[65], again[65];
  pm_tensor_hash(&tensor, hex);
  /* printf 'u8 [3]\nabc' | sha256sum */
  assert_string_equal(hex, "645a56b596446b2373a977d1b1308a908527f993bd2febe60d7c63ae8669756c");
  pm_sprites s = drawn_sprites(arena, 1, "ab/ba/");
  pm_tensor pixels = pm_sprites_to_tensor(arena, &s);
  pm_sprites_hash(&s, hex);
  pm_tensor_hash(&pixels, again);
  assert_string_equal(hex, again);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_the_definition),
      cmocka_unit_test(does_not_see_what_should_not_matter),
      cmocka_unit_test(tells_different_sprites_apart),
      cmocka_unit_test(counts_beyond_256_colours),
      cmocka_unit_test(splits_by_the_hash),
      cmocka_unit_test(flags_are_the_same_at_any_thread_count),
      cmocka_unit_test(content_has_a_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
