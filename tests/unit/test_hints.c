/* Drawing with a part of the sprite fixed: the ops on known cases, the patch transformer's completions beside the
 * distribution that they should come from, and that hints are kept by every method that takes them. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/methods.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))
#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
} op_bench;

static op_bench start(void) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, &pm_backend_cpu);
  return (op_bench){arena, store, pm_graph_new(arena, store, false)};
}

static void end(const op_bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

static pm_value *given(const op_bench *b, const char *name, pm_dtype dtype, pm_shape shape, const void *items) {
  pm_value *x = pm_graph_input(b->g, name, dtype, shape);
  pm_store_write(b->store, x->buffer, 0, items, pm_count(x));
  return x;
}

static pm_value *state_of(const op_bench *b, const char *name, pm_dtype dtype, pm_shape shape, const void *items) {
  pm_value *x = pm_graph_state(b->g, name, dtype, shape);
  pm_store_write(b->store, x->buffer, 0, items, pm_count(x));
  return x;
}

static void run_graph(const op_bench *b, pm_value *kept, void *items) {
  if (kept)
    pm_keep(kept, "kept");
  pm_program *program = pm_backend_cpu.compile(b->g);
  pm_backend_cpu.run(program);
  if (kept)
    pm_backend_cpu.read_value(program, kept, items);
  pm_backend_cpu.free_program(program);
}

/* ---- one pixel ---- */

/* Of rows with the same logits: what is drawn, and what it costs. The pixel is number 2 of a row of 4. */
static void draw_one(int32_t hint, int32_t *drawn, float *weight) {
  static const float row[] = {1, 0.5f, 1.5f, (float)PM_BANNED};
  op_bench b = start();
  float logits[64 * 4];
  for (size_t i = 0; i < 64 * 4; i++)
    logits[i] = row[i % 4];
  const int32_t hints[] = {-1, -1, hint, -1};
  unsigned char canvas[64 * 4];
  memset(canvas, 2, sizeof canvas);
  const float none[64] = {0};
  pm_value *weights = state_of(&b, "weights", PM_F32, pm_shape_of(1, Z(64)), none);
  const pm_draw_hinted_attributes a = {
      .how = {.temperature = 0.5, .purpose = 3}, .at = {1, 4, true, 0}, .background = 2};
  pm_value *x = pm_draw_hinted(b.g, given(&b, "logits", PM_F32, pm_shape_of(2, Z(64), Z(4)), logits),
                               numeric_draws(b.g, 1, 2, 0, 64),
                               given(&b, "hints", PM_I32, pm_shape_of(3, Z(1), Z(1), Z(4)), hints),
                               state_of(&b, "canvas", PM_U8, pm_shape_of(3, Z(64), Z(1), Z(4)), canvas),
                               numeric_scalar(b.g, "position", 2), weights, a);
  run_graph(&b, x, drawn);
  pm_store_read(b.store, weights->buffer, 0, weight, 64);
  end(&b);
}

static void expect_drawn(int32_t hint, unsigned allowed, double p) {
  int32_t drawn[64];
  float weight[64];
  unsigned seen = 0;
  draw_one(hint, drawn, weight);
  for (size_t i = 0; i < 64; i++) {
    assert_in_range(drawn[i], 0, 3);
    seen |= 1u << drawn[i];
    assert_true(fabs((double)weight[i] - log(p)) < 1e-5);
  }
  assert_int_equal(seen, allowed);
}

static void pixels_keep_to_their_hints_and_pay_for_them(void **state) {
  const double e0 = exp(2), e1 = exp(1), e2 = exp(3), total = e0 + e1 + e2; /* at temperature 0.5 */
  (void)state;
  expect_drawn(PM_HINT_UNKNOWN, 7, 1);
  expect_drawn(0, 1, e0 / total);
  expect_drawn(PM_HINT_BACKGROUND, 4, e2 / total);
  expect_drawn(PM_HINT_NOT_BACKGROUND, 3, (e0 + e1) / total);
  expect_drawn(PM_HINT_MIRRORED, 4, 1); /* as the canvas has it on the left */
  expect_drawn(3, 8, 1);                /* banned, but fixed */
}

static void logits_keep_to_their_hints(void **state) {
  static const float logits[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const int32_t hints[] = {PM_HINT_NOT_BACKGROUND, 1, PM_HINT_UNKNOWN, PM_HINT_MIRRORED};
  const float ban = (float)PM_BANNED;
  const float want[] = {ban, 2, 3, ban, 0, ban, 7, 8, 9, ban, 2, 3};
  float got[12];
  op_bench b = start();
  pm_value *x = pm_restrict_logits(b.g, given(&b, "x", PM_F32, pm_shape_of(4, Z(1), Z(1), Z(4), Z(3)), logits),
                                   given(&b, "hints", PM_I32, pm_shape_of(3, Z(1), Z(1), Z(4)), hints), 0);
  (void)state;
  run_graph(&b, x, got);
  assert_memory_equal(got, want, sizeof want);
  end(&b);
}

/* ---- particles ---- */

enum { M = 8, SPRITES = 500 };

/* Rows of SPRITES sprites with the same weights after resampling. */
static void resampled(const float *log_weight, int32_t *rows, float *after) {
  op_bench b = start();
  float *all = pm_alloc(b.arena, SPRITES * M, sizeof *all);
  for (size_t i = 0; i < SPRITES * M; i++)
    all[i] = log_weight[i % M];
  pm_value *weights = state_of(&b, "weights", PM_F32, pm_shape_of(1, Z(SPRITES * M)), all);
  pm_value *x = pm_resample_particles(b.g, weights, numeric_draws(b.g, 5, 1, 0, 0), (pm_particles_attributes){M, 4});
  run_graph(&b, x, rows);
  pm_store_read(b.store, weights->buffer, 0, after, SPRITES * M);
  end(&b);
}

static void particles_are_drawn_by_their_weights(void **state) {
  static const float weight[M] = {-900, -1, -2, -900, 0.5f, -3, -1e4f, -5};
  int32_t rows[SPRITES * M];
  float after[SPRITES * M];
  size_t times[M] = {0};
  double total = 0;
  (void)state;
  for (size_t i = 0; i < M; i++)
    total += exp(weight[i]);
  resampled(weight, rows, after);
  for (size_t i = 0; i < SPRITES * M; i++) {
    const size_t from = (size_t)rows[i];
    assert_int_equal(from / M, i / M);
    assert_true(after[i] == 0);
    assert_int_equal(rows[from], from); /* whoever is copied keeps its own row */
    times[from % M]++;
  }
  /* Systematic: each sprite's copies are M w rounded up or down, so means over sprites are within 1 / sqrt(SPRITES). */
  for (size_t i = 0; i < M; i++) {
    double expected = M * exp(weight[i]) / total, mean = (double)times[i] / SPRITES;
    if (fabs(mean - expected) > 5 * 0.5 / sqrt(SPRITES))
      fail_msg("particle %zu goes on %.3f times, expected %.3f", i, mean, expected);
  }
}

static void even_particles_stay(void **state) {
  static const float weight[M] = {-3, -3, -2.5f, -3, -3.5f, -3, -3, -3};
  int32_t rows[SPRITES * M];
  float after[SPRITES * M];
  (void)state;
  resampled(weight, rows, after);
  for (size_t i = 0; i < SPRITES * M; i++) {
    assert_int_equal(rows[i], i);
    assert_true(after[i] == weight[i % M]);
  }
}

static void rows_take_the_place_of_others(void **state) {
  static const unsigned char small[] = {1, 2, 3, 4, 5, 6, 7, 8}, moved[] = {1, 2, 1, 2, 5, 6, 5, 6};
  static const float tokens[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const float up_to_1[] = {1, 2, 3, 1, 2, 6, 7, 8, 9, 7, 8, 12}; /* [4,3]: two halves, each by rows [2] */
  static const int32_t rows[] = {0, 0}, four[] = {0, 0, 2, 2};
  unsigned char bytes[8];
  float floats[12];
  op_bench b = start();
  pm_value *by = given(&b, "rows", PM_I32, pm_shape_of(1, Z(2)), rows);
  pm_value *canvas = state_of(&b, "canvas", PM_U8, pm_shape_of(3, Z(4), Z(1), Z(2)), small);
  pm_value *kept = state_of(&b, "tokens", PM_F32, pm_shape_of(2, Z(4), Z(3)), tokens);
  (void)state;
  pm_copy_rows(b.g, canvas, given(&b, "four", PM_I32, pm_shape_of(1, Z(4)), four), NULL);
  pm_copy_rows(b.g, kept, by, numeric_scalar(b.g, "position", 1));
  run_graph(&b, NULL, NULL);
  pm_store_read(b.store, canvas->buffer, 0, bytes, 8);
  pm_store_read(b.store, kept->buffer, 0, floats, 12);
  assert_memory_equal(bytes, moved, sizeof moved);
  assert_memory_equal(floats, up_to_1, sizeof up_to_1);
  end(&b);
}

static void one_is_picked_by_its_weight(void **state) {
  static const float weight[M] = {-900, 0, -900, -900, (float)-0.6931472, -900, -900, -900};
  int32_t picked[SPRITES];
  size_t times[M] = {0};
  op_bench b = start();
  float *all = pm_alloc(b.arena, SPRITES * M, sizeof *all);
  (void)state;
  for (size_t i = 0; i < SPRITES * M; i++)
    all[i] = weight[i % M];
  pm_value *x = pm_pick_particle(b.g, given(&b, "weights", PM_F32, pm_shape_of(1, Z(SPRITES * M)), all),
                                 numeric_draws(b.g, 5, 1, 0, 0), (pm_particles_attributes){M, 4});
  run_graph(&b, x, picked);
  for (size_t s = 0; s < SPRITES; s++) {
    assert_int_equal((size_t)picked[s] / M, s);
    times[(size_t)picked[s] % M]++;
  }
  assert_int_equal(times[1] + times[4], SPRITES);
  assert_true(fabs((double)times[1] - SPRITES * 2 / 3.0) < 5 * sqrt(SPRITES * 2 / 9.0));
  end(&b);
}

/* ---- the patch transformer ---- */

enum { HEIGHT = 2, WIDTH = 4, PIXELS = HEIGHT * WIDTH, K = 3, ALL = 6561 }; /* K to the power of PIXELS */

static const float table[K * 3] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
static const float shares[K] = {0.5f, 0.25f, 0.25f};

static pm_sprite_format tiny_format(size_t classes) {
  return (pm_sprite_format){.height = HEIGHT,
                            .width = WIDTH,
                            .channels = 3,
                            .colours = K,
                            .table = table,
                            .classes = classes,
                            .colour_shares = shares};
}

#define TINY                                                                                                           \
  "transformer.width", "12", "transformer.layers", "1", "transformer.heads", "2", "transformer.feed_forward", "16",    \
      "patch.hidden", "8", "sampling.temperature", "1"

/* A bench whose sprites follow the hints, with weights under which pixels depend much on each other. */
static numeric_bench hinted_bench(const pm_hints *hints, size_t particles, size_t classes, const char *const *pairs) {
  const pm_sprite_format format = tiny_format(classes);
  numeric_bench b = numeric_bench_open_format(&pm_method_patch_ar, &format, pairs);
  if (hints)
    pm_inference_follow(b.inference, hints, particles);
  numeric_bench_initialise(&b);
  pm_buffer *block = b.store->parameters;
  float *items = pm_alloc(b.arena, block->count, sizeof *items);
  const float *by = numeric_uniform(b.arena, block->count, "moved by", -0.3, 0.3);
  pm_store_read(b.store, block, 0, items, block->count);
  for (size_t i = 0; i < block->count; i++)
    items[i] += by[i];
  pm_store_write(b.store, block, 0, items, block->count);
  return b;
}

/* Index of the colour of each pixel drawn. */
static void indices_of(const float *sprites, size_t n, unsigned char *out) {
  for (size_t i = 0; i < n * PIXELS; i++)
    out[i] = sprites[i * 3] > 0.5f ? 1 : sprites[i * 3 + 1] > 0.5f ? 2 : 0;
}

static unsigned char *draw_hinted(numeric_bench *b, size_t n) {
  float *sprites = pm_alloc(b->arena, n * PIXELS * 3, sizeof *sprites);
  unsigned char *out = pm_alloc(b->arena, n * PIXELS, 1);
  numeric_bench_draw(b, 3, 0, n, PM_ANY_CLASS, sprites);
  indices_of(sprites, n, out);
  return out;
}

/* p[pixel][colour] of all sprites that are as the hints fix them, by the exact likelihood of each. */
static void exact_shares(const pm_hints *hints, double p[PIXELS][K]) {
  numeric_bench b = hinted_bench(NULL, 1, 0, PAIRS(TINY));
  unsigned char *all = pm_alloc(b.arena, Z(ALL) * PIXELS, 1);
  float *bits = pm_alloc(b.arena, ALL, sizeof *bits);
  double total = 0;
  for (size_t i = 0; i < ALL; i++)
    for (size_t k = 0, left = i; k < PIXELS; k++, left /= K)
      all[i * PIXELS + k] = (unsigned char)(left % K);
  pm_inference_bits(b.inference, all, NULL, ALL, 0, 1, bits);
  memset(p, 0, PIXELS * sizeof *p);
  for (size_t i = 0; i < ALL; i++) {
    bool fits = true;
    for (size_t k = 0; k < PIXELS; k++)
      fits = fits && (hints->pixel[k] < 0 || hints->pixel[k] == all[i * PIXELS + k]);
    double q = fits ? exp2(-(double)bits[i] * PIXELS) : 0;
    total += q;
    for (size_t k = 0; k < PIXELS; k++)
      p[k][all[i * PIXELS + k]] += q;
  }
  for (size_t k = 0; k < PIXELS; k++)
    for (size_t c = 0; c < K; c++)
      p[k][c] /= total;
  numeric_bench_close(&b);
}

/* The largest difference between a colour's share in n completions and in the exact distribution. */
static double furthest(const pm_hints *hints, size_t particles, const double p[PIXELS][K]) {
  enum { N = 3000 };
  numeric_bench b = hinted_bench(hints, particles, 0, PAIRS(TINY));
  unsigned char *drawn = draw_hinted(&b, N);
  double worst = 0;
  for (size_t k = 0; k < PIXELS; k++)
    for (size_t c = 0; c < K; c++) {
      size_t times = 0;
      for (size_t i = 0; i < N; i++)
        times += drawn[i * PIXELS + k] == c;
      worst = fmax(worst, fabs((double)times / N - p[k][c]));
    }
  numeric_bench_close(&b);
  return worst;
}

static void completions_come_from_the_models_distribution(void **state) {
  /* The last pixels are fixed: what is drawn before them must foresee them. */
  int32_t map[PIXELS] = {-1, -1, -1, 2, -1, -1, 1, 2};
  const pm_hints hints = {.count = 1, .pixel = map};
  double p[PIXELS][K], forced, few;
  (void)state;
  exact_shares(&hints, p);
  forced = furthest(&hints, 1, p);
  few = furthest(&hints, 64, p);
  if (!(few < 0.04 && forced > 2 * few)) /* five standard deviations of 3,000 draws are 0.045 at most */
    fail_msg("64 particles are %.3f off the exact distribution, one is %.3f off", few, forced);
}

static void hints_are_kept_and_numbers_hold(void **state) {
  int32_t map[2 * PIXELS] = {-3, -1, 2, -4, -1, 1, -4, -4, -2, -1, -1, -4, -1, 0, -4, -1};
  unsigned char banned[K] = {0, 1, 0};
  const pm_hints hints = {.count = 2, .pixel = map, .banned = banned};
  (void)state;
  for (size_t particles = 1; particles <= 20; particles += 19) {
    numeric_bench b = hinted_bench(&hints, particles, 2, PAIRS(TINY, "sampling.guidance_scale", "1.5"));
    const size_t n = 24;
    float *many = pm_alloc(b.arena, n * PIXELS * 3, sizeof *many),
          *few = pm_alloc(b.arena, n * PIXELS * 3, sizeof *few);
    unsigned char *drawn = pm_alloc(b.arena, n * PIXELS, 1);
    pm_set_threads(2);
    numeric_bench_draw(&b, 9, 0, n, PM_BY_SHARE, many);
    pm_set_threads(1);
    numeric_bench_draw(&b, 9, 5, 11, PM_BY_SHARE, few);
    assert_memory_equal(many + 5 * PIXELS * 3, few, 11 * PIXELS * 3 * sizeof *few);
    indices_of(many, n, drawn);
    for (size_t i = 0; i < n * PIXELS; i++) {
      const int32_t hint = map[i % (2 * PIXELS)];
      const size_t x = i % WIDTH, mirror = i - x + WIDTH - 1 - x;
      if (hint >= 0)
        assert_int_equal(drawn[i], hint);
      else if (hint != PM_HINT_MIRRORED)
        assert_int_not_equal(drawn[i], 1); /* banned, but where it is fixed or mirrored */
      if (hint == PM_HINT_BACKGROUND)
        assert_int_equal(drawn[i], 0);
      if (hint == PM_HINT_NOT_BACKGROUND)
        assert_int_not_equal(drawn[i], 0);
      if (hint == PM_HINT_MIRRORED && x >= WIDTH / 2)
        assert_int_equal(drawn[i], drawn[mirror]);
    }
    numeric_bench_close(&b);
  }
}

/* With nothing fixed a particle is a sprite as it is drawn without hints. */
static void unknown_pixels_change_nothing(void **state) {
  int32_t map[PIXELS] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const pm_hints hints = {.count = 1, .pixel = map};
  numeric_bench with = hinted_bench(&hints, 1, 0, PAIRS(TINY)), without = hinted_bench(NULL, 1, 0, PAIRS(TINY));
  (void)state;
  assert_memory_equal(draw_hinted(&with, 40), draw_hinted(&without, 40), Z(40) * PIXELS);
  numeric_bench_close(&with);
  numeric_bench_close(&without);
}

/* Colours that are banned cost nothing: a sprite is not blank for it (each pixel of the only other colour would be). */
static void bans_do_not_weigh(void **state) {
  int32_t map[PIXELS] = {-1, -1, -1, -1, -1, -1, -1, -1};
  unsigned char banned[K] = {0, 1, 0};
  const pm_hints hints = {.count = 1, .pixel = map, .banned = banned};
  numeric_bench one = hinted_bench(&hints, 1, 0, PAIRS(TINY)), many = hinted_bench(&hints, 16, 0, PAIRS(TINY));
  enum { N = 800 };
  unsigned char *a = draw_hinted(&one, N), *b = draw_hinted(&many, N);
  double first = 0, second = 0;
  (void)state;
  for (size_t i = 0; i < Z(N) * PIXELS; i++) {
    first += a[i] == 0;
    second += b[i] == 0;
  }
  assert_true(fabs(first - second) / (N * PIXELS) < 0.05);
  numeric_bench_close(&one);
  numeric_bench_close(&many);
}

static void contradictions_are_found(void **state) {
  const pm_sprite_format f = tiny_format(0);
  pm_arena *arena = pm_arena_new();
  int32_t map[PIXELS] = {-1, -1, -1, 2, -1, -1, 1, 2};
  unsigned char banned[K] = {0, 1, 1};
  pm_hints hints = {.count = 1, .pixel = map};
  (void)state;
  assert_int_equal(pm_background_of(&f), 0);
  assert_null(pm_hints_problem(arena, &hints, &f));
  map[5] = K;
  assert_non_null(strstr(pm_hints_problem(arena, &hints, &f), "(1, 1) of hint map 0 is no colour"));
  map[5] = -5;
  assert_non_null(strstr(pm_hints_problem(arena, &hints, &f), "no colour"));
  map[5] = PM_HINT_NOT_BACKGROUND;
  hints.banned = banned;
  assert_non_null(strstr(pm_hints_problem(arena, &hints, &f), "every other colour is banned"));
  map[5] = PM_HINT_UNKNOWN;
  assert_null(pm_hints_problem(arena, &hints, &f));
  banned[0] = 1;
  assert_non_null(strstr(pm_hints_problem(arena, &hints, &f), "every colour is banned"));
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pixels_keep_to_their_hints_and_pay_for_them),
      cmocka_unit_test(logits_keep_to_their_hints),
      cmocka_unit_test(particles_are_drawn_by_their_weights),
      cmocka_unit_test(even_particles_stay),
      cmocka_unit_test(rows_take_the_place_of_others),
      cmocka_unit_test(one_is_picked_by_its_weight),
      cmocka_unit_test(completions_come_from_the_models_distribution),
      cmocka_unit_test(hints_are_kept_and_numbers_hold),
      cmocka_unit_test(unknown_pixels_change_nothing),
      cmocka_unit_test(bans_do_not_weigh),
      cmocka_unit_test(contradictions_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
