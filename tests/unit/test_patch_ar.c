/* The patch transformer as a whole: that it is a distribution over sprites, that no pixel sees what comes after it,
 * that sampling with kept keys and values is what whole sprites give, that it learns, what it refuses, and that samples
 * are what their numbers and classes say. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/methods.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))
#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SMALL                                                                                                          \
  "transformer.width", "24", "transformer.layers", "2", "transformer.heads", "3", "transformer.feed_forward", "40",    \
      "patch.hidden", "20", "transformer.dropout", "0", "patch.feature_dropout", "0"

static const float table[256 * 3] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0}; /* the first colours differ */

static pm_sprite_format format_of(size_t height, size_t width, size_t colours, size_t classes) {
  return (pm_sprite_format){
      .height = height, .width = width, .channels = 3, .colours = colours, .table = table, .classes = classes};
}

static numeric_bench open_bench(pm_sprite_format format, const char *const *pairs) {
  return numeric_bench_open_format(&pm_method_patch_ar, &format, pairs);
}

/* Weights that are none of them zero, so that everything counts. */
static void give_weights(numeric_bench *b) {
  numeric_bench_initialise(b);
  pm_buffer *block = b->store->parameters;
  float *items = pm_alloc(b->arena, block->count, sizeof *items);
  const float *by = numeric_uniform(b->arena, block->count, "moved by", -0.3, 0.3);
  pm_store_read(b->store, block, 0, items, block->count);
  for (size_t i = 0; i < block->count; i++)
    items[i] += by[i];
  pm_store_write(b->store, block, 0, items, block->count);
}

/* Whole sprites: their logits [n,H,W,K] and bits [n]. */
typedef struct {
  pm_value *pixels, *labels, *logits, *bits;
  pm_program *program;
} whole;

static whole compile_whole(numeric_bench *b, size_t n) {
  pm_graph *g = pm_graph_new(b->arena, b->store, false);
  whole w = {.pixels = pm_graph_input(g, "pixels", PM_U8, pm_shape_of(3, n, b->format.height, b->format.width))};
  if (b->format.classes)
    w.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, n));
  pm_batch batch = {
      .format = &b->format, .pixels = w.pixels, .labels = w.labels, .draws = numeric_draws(g, 1, 0, 0, 0)};
  w.bits = pm_keep(pm_method_patch_ar.bits(g, b->settings, &batch), "bits");
  w.logits = pm_keep(numeric_node(g, &pm_op_patches_to_pixels_float, 0)->out[0], "logits");
  w.program = pm_backend_cpu.compile(g);
  return w;
}

static float *run_whole(numeric_bench *b, const whole *w, const unsigned char *pixels, pm_value *value) {
  pm_store_write(b->store, w->pixels->buffer, 0, pixels, pm_count(w->pixels));
  pm_backend_cpu.run(w->program);
  return numeric_read(b->arena, &pm_backend_cpu, w->program, value);
}

static unsigned char *some_pixels(pm_arena *arena, size_t n, size_t colours, uint64_t seed) {
  unsigned char *pixels = pm_alloc(arena, n, 1);
  pm_rng rng = pm_rng_start(seed, "pixels", 0);
  for (size_t i = 0; i < n; i++)
    pixels[i] = (unsigned char)pm_rng_below(&rng, (uint32_t)colours);
  return pixels;
}

/* ---- a distribution ---- */

/* 2^6 sprites of 3 x 2 pixels in two colours: their probabilities are 1 together, for each class and for none. */
static void all_sprites_together_are_certain(void **state) {
  enum { PIXELS = 6, SPRITES = 64 };
  static const char *const sides[] = {"1", "2"};
  (void)state;
  for (size_t side = 0; side < 2; side++) {
    numeric_bench b = open_bench(format_of(3, 2, 2, 2), PAIRS(SMALL, "patch.side", sides[side]));
    whole w = compile_whole(&b, SPRITES);
    give_weights(&b);
    unsigned char pixels[SPRITES][PIXELS];
    for (int i = 0; i < SPRITES; i++)
      for (int p = 0; p < PIXELS; p++)
        pixels[i][p] = (unsigned char)(i >> p & 1);
    for (int32_t class = 0; class <= 2; class ++) {
      int32_t labels[SPRITES];
      double sum = 0, largest = 0;
      for (int i = 0; i < SPRITES; i++)
        labels[i] = class;
      pm_store_write(b.store, w.labels->buffer, 0, labels, SPRITES);
      const float *bits = run_whole(&b, &w, *pixels, w.bits);
      for (int i = 0; i < SPRITES; i++) {
        double p = exp2(-(double)bits[i] * PIXELS);
        sum += p;
        largest = fmax(largest, p);
      }
      assert_true(fabs(sum - 1) < 1e-5);
      assert_true(largest > 1.0 / SPRITES && largest < 0.9); /* not all alike, nor all on one */
    }
    pm_backend_cpu.free_program(w.program);
    numeric_bench_close(&b);
  }
}

/* The patch that a pixel is in, and its place there: the order in which sprites are drawn. */
static size_t order_of(size_t pixel, size_t width, size_t side) {
  size_t y = pixel / width, x = pixel % width, columns = (width + side - 1) / side;
  return (y / side * columns + x / side) * side * side + y % side * side + x % side;
}

/* Changing a pixel changes no logits of those drawn before it, nor its own; and it changes all later ones. */
static void no_pixel_sees_what_comes_after(void **state) {
  enum { H = 5, W = 6, K = 4 };
  (void)state;
  numeric_bench b = open_bench(format_of(H, W, K, 0), PAIRS(SMALL));
  whole w = compile_whole(&b, 1);
  give_weights(&b);
  unsigned char *pixels = some_pixels(b.arena, H * W, K, 1);
  const float *before = run_whole(&b, &w, pixels, w.logits);
  for (size_t changed = 0; changed < H * W; changed++) {
    unsigned char kept = pixels[changed];
    size_t others = 0;
    pixels[changed] = (unsigned char)((kept + 1) % K);
    const float *after = run_whole(&b, &w, pixels, w.logits);
    for (size_t p = 0; p < H * W; p++) {
      bool same = memcmp(after + p * K, before + p * K, K * sizeof *after) == 0;
      if (order_of(p, W, 2) <= order_of(changed, W, 2))
        assert_true(same);
      others += !same;
    }
    size_t later = 0;
    for (size_t p = 0; p < H * W; p++)
      later += order_of(p, W, 2) > order_of(changed, W, 2);
    assert_int_equal(others, later);
    pixels[changed] = kept;
  }
  pm_backend_cpu.free_program(w.program);
  numeric_bench_close(&b);
}

/* ---- step by step ---- */

/* Draws a block of sprites with the logits that each pixel was drawn from, then has the logits of whole sprites. */
static void check_steps(pm_sprite_format format, const char *const *pairs) {
  numeric_bench b = open_bench(format, pairs);
  const size_t n = PM_INFERENCE_BLOCK, area = format.height * format.width, K = format.colours;
  whole w = compile_whole(&b, n);
  pm_graph *run = pm_graph_new(b.arena, b.store, false), *begin = pm_graph_new(b.arena, b.store, false);
  pm_sampling a = {.format = &b.format,
                   .n = n,
                   .draws = numeric_draws(run, 1, 0, 0, 0),
                   .step = pm_graph_scalar(run, "sampling step", PM_I64)};
  if (format.classes)
    a.labels = pm_graph_input(run, "labels", PM_I32, pm_shape_of(1, n));
  pm_method_patch_ar.sample_begin(begin, b.settings, &a);
  pm_method_patch_ar.sample_step(run, b.settings, &a);
  size_t pixels = 0;
  pm_value *logits[16];
  for (pm_node *node; (node = numeric_node(run, &pm_op_draw_index_float, pixels)); pixels++)
    logits[pixels] = pm_keep(node->in[0], "logits");
  pm_program *programs[] = {pm_backend_cpu.compile(begin), pm_backend_cpu.compile(run)};
  give_weights(&b);
  if (format.classes) {
    int32_t labels[PM_INFERENCE_BLOCK];
    for (size_t i = 0; i < n; i++)
      labels[i] = (int32_t)(i % (format.classes + 1));
    pm_store_write(b.store, a.labels->buffer, 0, labels, n);
  }
  size_t steps = pm_method_patch_ar.sample_steps(b.settings, &b.format);
  float *drawn_from = pm_alloc(b.arena, n * steps * pixels * K, sizeof *drawn_from);
  pm_backend_cpu.run(programs[0]);
  for (size_t t = 0; t < steps; t++) {
    numeric_set(b.store, "sampling step", (int64_t)t);
    pm_backend_cpu.run(programs[1]);
    for (size_t j = 0; j < pixels; j++)
      pm_backend_cpu.read_value(programs[1], logits[j], drawn_from + (t * pixels + j) * n * K);
  }
  unsigned char *canvas = pm_alloc(b.arena, n * area, 1);
  pm_store_read(b.store, pm_store_find_buffer(b.store, "canvas"), 0, canvas, n * area);
  const float *want = run_whole(&b, &w, canvas, w.logits);
  size_t side = 1;
  while (side * side < pixels)
    side++;
  for (size_t i = 0; i < n; i++)
    for (size_t p = 0; p < area; p++) {
      const float *got = drawn_from + (order_of(p, format.width, side) * n + i) * K;
      assert_memory_equal(got, want + (i * area + p) * K, K * sizeof *got);
    }
  for (size_t i = 0; i < 2; i++)
    pm_backend_cpu.free_program(programs[i]);
  pm_backend_cpu.free_program(w.program);
  numeric_bench_close(&b);
}

static void steps_are_pixels_of_whole_sprites(void **state) {
  (void)state;
  check_steps(format_of(6, 8, 5, 3), PAIRS(SMALL));
  check_steps(format_of(5, 7, 3, 0), PAIRS(SMALL));
  check_steps(format_of(8, 8, 200, 2), PAIRS(SMALL, "patch.side", "4"));
  check_steps(format_of(4, 3, 4, 0), PAIRS(SMALL, "patch.side", "1"));
  check_steps(format_of(16, 16, 16, 15), PAIRS("transformer.layers", "1"));
}

/* ---- learning ---- */

enum { BATCH = 8, SIDE = 8, COLOURS = 5 };

/* Trains on one batch, each sprite of its own class, and draws of each class in turn: they are those sprites. */
static void overfits_a_batch(void **state) {
  (void)state;
  pm_set_threads(2);
  numeric_bench b = open_bench(format_of(SIDE, SIDE, COLOURS, BATCH), PAIRS(SMALL, "classes.drop", "0"));
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_value *metric[2], *rate = pm_graph_scalar(g, "rate", PM_F32);
  pm_batch batch = {.format = &b.format,
                    .pixels = pm_graph_input(g, "pixels", PM_U8, pm_shape_of(3, Z(BATCH), Z(SIDE), Z(SIDE))),
                    .labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, Z(BATCH))),
                    .draws = numeric_draws(g, 1, 0, 0, 0)};
  pm_method_patch_ar.loss(g, b.settings, &batch, metric);
  pm_keep(metric[0], "cross-entropy");
  pm_gradients(g, metric[0]);
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), rate, batch.draws.step, (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  pm_program *program = pm_backend_cpu.compile(g);
  const float lr = 1e-2f;
  const int32_t labels[BATCH] = {0, 1, 2, 3, 4, 5, 6, 7};
  const unsigned char *pixels = some_pixels(b.arena, BATCH * SIDE * SIDE, COLOURS, 1);
  float first = 0, last = 0;
  pm_store_initialise(b.store, 1);
  pm_store_write(b.store, batch.pixels->buffer, 0, pixels, Z(BATCH * SIDE * SIDE));
  pm_store_write(b.store, batch.labels->buffer, 0, labels, BATCH);
  pm_store_write(b.store, rate->buffer, 0, &lr, 1);
  for (int i = 0; i < 150; i++) {
    numeric_set(b.store, "step", i);
    pm_backend_cpu.run(program);
    pm_backend_cpu.read_value(program, metric[0], i ? &last : &first);
  }
  pm_backend_cpu.free_program(program);
  print_message("# cross-entropy %.3f -> %.4f\n", first, last);
  assert_true(fabs(first - log(COLOURS)) < 0.02); /* without colour shares it begins with all colours alike */
  assert_true(last < 0.05);
  float drawn[BATCH * SIDE * SIDE * 3];
  int known = 0;
  numeric_bench_draw(&b, 3, 0, BATCH, PM_EACH_CLASS, drawn);
  for (int n = 0; n < BATCH; n++) {
    bool same = true;
    for (int p = 0; p < SIDE * SIDE; p++)
      same &=
          memcmp(drawn + (n * SIDE * SIDE + p) * 3, table + 3 * pixels[n * SIDE * SIDE + p], 3 * sizeof *drawn) == 0;
    known += same;
  }
  assert_true(known >= BATCH - 2);
  numeric_bench_close(&b);
}

/* Before it has learned anything it predicts the training sprites' colours by their shares, each at least 1e-3. */
static void begins_with_the_shares_of_the_colours(void **state) {
  static const float shares[3] = {0.75f, 0.25f, 0};
  pm_sprite_format format = format_of(4, 4, 3, 0);
  (void)state;
  format.colour_shares = shares;
  numeric_bench b = open_bench(format, PAIRS(SMALL));
  whole w = compile_whole(&b, 1);
  numeric_bench_initialise(&b);
  const float *logits = run_whole(&b, &w, some_pixels(b.arena, 16, 3, 1), w.logits);
  for (int p = 0; p < 16; p++)
    for (int k = 0; k < 3; k++)
      assert_true(fabs(logits[p * 3 + k] - log(fmax(shares[k], 1e-3))) < 1e-6);
  pm_backend_cpu.free_program(w.program);
  numeric_bench_close(&b);
}

/* ---- samples ---- */

static void a_sprite_depends_on_its_number_alone(void **state) {
  (void)state;
  numeric_bench plain = open_bench(format_of(8, 8, 5, 0), PAIRS(SMALL)),
                told = open_bench(format_of(8, 8, 5, 3), PAIRS(SMALL, "sampling.guidance_scale", "2"));
  numeric_bench_initialise(&plain);
  numeric_bench_initialise(&told);
  numeric_bench_check_numbers(&plain, PM_ANY_CLASS);
  numeric_bench_check_numbers(&told, PM_EACH_CLASS);
  numeric_bench_close(&plain);
  numeric_bench_close(&told);
}

/* The most frequent sprite of a model: near temperature 0, and where top-p allows one colour alone. */
static void temperature_and_top_p(void **state) {
  enum { N = 4, ITEMS = 6 * 6 * 3 };
  float cold[N * ITEMS], likeliest[N * ITEMS], free[N * ITEMS];
  const pm_sprite_format format = format_of(6, 6, 5, 0);
  const char *const *const pairs[] = {PAIRS(SMALL, "sampling.temperature", "0.001"),
                                      PAIRS(SMALL, "sampling.top_p", "1e-6"), PAIRS(SMALL)};
  float *const out[] = {cold, likeliest, free};
  (void)state;
  for (int i = 0; i < 3; i++) {
    numeric_bench b = open_bench(format, pairs[i]);
    pm_inference_prepare(b.inference);
    give_weights(&b);
    numeric_bench_draw(&b, 5, 0, N, PM_ANY_CLASS, out[i]);
    numeric_bench_close(&b);
  }
  for (int n = 1; n < N; n++)
    assert_memory_equal(cold, cold + n * ITEMS, ITEMS * sizeof *cold);
  assert_memory_equal(cold, likeliest, sizeof cold);
  assert_memory_not_equal(free, free + ITEMS, ITEMS * sizeof *free);
}

/* ---- refusals ---- */

static void refused(pm_sprite_format format, const char *const *pairs, const char *message) {
  numeric_bench b = open_bench(format, pairs);
  PM_EXPECT_FAIL(PM_BAD_INPUT, message, pm_method_patch_ar.check(b.settings, &b.format, "place"));
  numeric_bench_close(&b);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  refused(format_of(8, 8, 0, 0), NULL, "in a palette of at most 256");
  refused(format_of(2, 2, 4, 0), NULL, "less than two patches of 2 x 2");
  refused(format_of(4, 4, 4, 0), PAIRS("patch.side", "4"), "less than two patches of 4 x 4");
  refused(format_of(8, 8, 4, 0), PAIRS("transformer.width", "30"), "transformer.width is 30");
  refused(format_of(8, 8, 4, 3), PAIRS("classes.drop", "1"), "no class would ever be learned");
  refused(format_of(8, 8, 4, 3), PAIRS("classes.drop", "0", "sampling.guidance_scale", "2"), "has to be 1");
  numeric_bench b = open_bench(format_of(3, 2, 256, 3), PAIRS("classes.drop", "0"));
  pm_method_patch_ar.check(b.settings, &b.format, "place");
  numeric_bench_close(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_sprites_together_are_certain),
      cmocka_unit_test(no_pixel_sees_what_comes_after),
      cmocka_unit_test(steps_are_pixels_of_whole_sprites),
      cmocka_unit_test(overfits_a_batch),
      cmocka_unit_test(begins_with_the_shares_of_the_colours),
      cmocka_unit_test(a_sprite_depends_on_its_number_alone),
      cmocka_unit_test(temperature_and_top_p),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
