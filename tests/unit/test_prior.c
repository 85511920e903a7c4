/* The prior of a VQ-VAE's codes as a whole: its size, what it refuses, that it learns, that the VQ-VAE below stays as
 * it is, that samples are what their numbers and classes say. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/methods.h"
#include "numeric.h"
#include "train/inference.h"

#define Z(n) ((size_t)(n))
enum { CODES = 24, PLACES = 16, BATCH = 8, SIDE = 16 };

/* ---- a VQ-VAE of random weights ---- */

typedef struct {
  numeric_bench bench;
  pm_base base;
} vqvae;

/* Norms that have seen something and codes far from each other, so that sprites have different codes. */
static void give_weights(numeric_bench *b) {
  numeric_bench_initialise(b);
  for (size_t i = 0; i < b->store->slots; i++) {
    const pm_slot *slot = b->store->slot[i];
    size_t n = pm_shape_count(slot->shape);
    if (slot->role == PM_STATE && slot->dtype == PM_F32)
      pm_slot_write(b->store, slot, slot->buffer, numeric_uniform(b->arena, n, slot->name, 0.05, 0.2));
    if (strcmp(slot->name, "codebook.weight") == 0)
      pm_slot_write(b->store, slot, slot->buffer, numeric_uniform(b->arena, n, slot->name, 0, 1.5));
  }
}

/* Sprites of SIDE x SIDE; to be closed after all that borrows from it. */
static vqvae *open_vqvae(const char *codes) {
  numeric_bench b = numeric_bench_open(&pm_method_vqvae, SIDE, SIDE, 3,
                                       (const char *const[]){"codebook.size", codes, "codebook.width", "16", NULL});
  vqvae *v = pm_alloc(b.arena, 1, sizeof *v);
  give_weights(&b);
  v->bench = b;
  v->base = (pm_base){&pm_method_vqvae, v->bench.settings, &v->bench.format, "12ab", v->bench.store};
  return v;
}

static void close_vqvae(vqvae *v) {
  numeric_bench b = v->bench; /* v lies in its arena */
  numeric_bench_close(&b);
}

/* Everything that its store holds: weights, running norms, counters. */
static char *content(vqvae *v, pm_arena *arena, size_t *bytes) {
  pm_store *s = v->bench.store;
  char *all = NULL;
  size_t capacity = 0, used = 0;
  for (size_t i = 0; i < s->slots; i++) {
    size_t size = pm_shape_count(s->slot[i]->shape) * pm_dtype_size(s->slot[i]->dtype);
    all = pm_grow(arena, all, &capacity, used + size, 1);
    pm_slot_fetch(s, s->slot[i], s->slot[i]->buffer, all + used);
    used += size;
  }
  *bytes = used;
  return all;
}

/* ---- a prior on it ---- */

static numeric_bench open_prior(const vqvae *v, size_t classes, const char *const *pairs) {
  const pm_sprite_format format = {.height = SIDE, .width = SIDE, .channels = 3, .classes = classes};
  numeric_bench b = numeric_bench_open_format(&pm_method_prior, &format, pairs);
  if (v)
    pm_method_prior.rest_on(b.settings, &v->base, "vqvae.safetensors");
  return b;
}

static const char *const small[] = {"prior.width",        "32", "prior.layers",  "2", "prior.heads", "2",
                                    "prior.feed_forward", "64", "prior.dropout", "0", NULL};
static const char *const small_classes[] = {"prior.width",
                                            "32",
                                            "prior.layers",
                                            "2",
                                            "prior.heads",
                                            "2",
                                            "prior.feed_forward",
                                            "64",
                                            "prior.dropout",
                                            "0",
                                            "prior.classes",
                                            "true",
                                            "prior.drop_classes",
                                            "0",
                                            NULL};

static float *random_sprites(pm_arena *arena, size_t n) {
  return numeric_uniform(arena, n * SIDE * SIDE * 3, "sprites", 0, 1);
}

/* ---- size ---- */

static size_t parameters(const char *codes, size_t classes, const char *const *pairs) {
  vqvae *v = open_vqvae(codes);
  numeric_bench b = open_prior(v, classes, pairs);
  pm_inference_prepare(b.inference);
  size_t n = pm_store_parameter_count(b.store);
  numeric_bench_close(&b);
  close_vqvae(v);
  return n;
}

static size_t by_hand(size_t codes, size_t places, size_t width, size_t layers, size_t feed_forward, size_t classes) {
  size_t attention = 3 * width * width + 3 * width + width * width + width, norms = 4 * width;
  size_t between = width * feed_forward + feed_forward + feed_forward * width + width;
  size_t tables = (codes + 1 + places + (classes ? classes + 1 : 0)) * width;
  return tables + layers * (attention + norms + between) + width * codes + codes;
}

static void number_of_parameters(void **state) {
  (void)state;
  assert_int_equal(parameters("128", 0, NULL), 828160);
  assert_int_equal(parameters("128", 0, NULL), by_hand(128, 16, 128, 4, 512, 0));
  assert_int_equal(parameters("24", 0, small), by_hand(24, 16, 32, 2, 64, 0));
  assert_int_equal(parameters("24", 3, small_classes), by_hand(24, 16, 32, 2, 64, 3));
}

/* Largest item, and root of the mean square, of a slot as training begins. */
static void expect_beginning(const numeric_bench *b, const char *name, double largest, double root) {
  const pm_slot *slot = pm_store_find_slot(b->store, name);
  if (!slot)
    fail_msg("there is no %s", name);
  const float *x = pm_slot_read(b->store, slot, slot->buffer, b->arena).data;
  size_t n = pm_shape_count(slot->shape);
  double most = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    most = fmax(most, fabs((double)x[i]));
    squares += (double)x[i] * x[i] / (double)n;
  }
  if (!(most <= largest && fabs(sqrt(squares) - root) <= 0.05 * root))
    fail_msg("%s begins with at most %g and a root mean square of %g, expected %g and %g", name, most, sqrt(squares),
             largest, root);
}

/* As a PyTorch module of the default sizes begins. */
static void weights_begin_as_in_pytorch(void **state) {
  const double glorot = sqrt(6.0 / (128 + 3 * 128)), linear = 1 / sqrt(128), narrow = 1 / sqrt(512);
  (void)state;
  vqvae *v = open_vqvae("128");
  numeric_bench b = open_prior(v, 0, NULL);
  numeric_bench_initialise(&b);
  expect_beginning(&b, "tokens.weight", 6, 1);
  expect_beginning(&b, "positions.weight", 6, 1);
  expect_beginning(&b, "transformer.layers.3.self_attn.in_proj_weight", glorot, glorot / sqrt(3));
  expect_beginning(&b, "transformer.layers.3.self_attn.in_proj_bias", 0, 0);
  expect_beginning(&b, "transformer.layers.3.self_attn.out_proj.weight", linear, linear / sqrt(3));
  expect_beginning(&b, "transformer.layers.3.self_attn.out_proj.bias", 0, 0);
  expect_beginning(&b, "transformer.layers.0.linear1.weight", linear, linear / sqrt(3));
  expect_beginning(&b, "transformer.layers.0.linear2.weight", narrow, narrow / sqrt(3));
  expect_beginning(&b, "transformer.layers.0.norm1.weight", 1, 1);
  expect_beginning(&b, "transformer.layers.0.norm2.bias", 0, 0);
  expect_beginning(&b, "head.weight", linear, linear / sqrt(3));
  numeric_bench_close(&b);
  close_vqvae(v);
}

/* ---- what does not fit ---- */

static void refused(const vqvae *v, size_t classes, const char *const *pairs, const char *message) {
  numeric_bench b = open_prior(v, classes, pairs);
  PM_EXPECT_FAIL(PM_BAD_INPUT, message, pm_method_prior.check(b.settings, &b.format, "place"));
  numeric_bench_close(&b);
}

static void refused_base(const vqvae *v, const char *const *pairs, const char *message) {
  numeric_bench b = open_prior(NULL, 0, pairs);
  PM_EXPECT_FAIL(PM_BAD_INPUT, message, pm_method_prior.rest_on(b.settings, &v->base, "vqvae.safetensors"));
  numeric_bench_close(&b);
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  vqvae *v = open_vqvae("24");
  refused(v, 0, PAIRS("prior.width", "30", "prior.heads", "4"), "prior.width is 30, which does not divide by");
  refused(v, 0, PAIRS("prior.classes", "true"), "the sprites have no classes; --labels");
  refused(v, 3, NULL, "the sprites have classes, and prior.classes is off");
  refused(NULL, 0, NULL, "does not say of which VQ-VAE");
  numeric_bench b = open_prior(v, 0, NULL);
  pm_method_prior.check(b.settings, &b.format, "place");
  b.format.width = 24;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "sprites of 24x16, 3 channels; the VQ-VAE was trained on 16x16, 3 channels",
                 pm_method_prior.check(b.settings, &b.format, "place"));
  numeric_bench_close(&b);
  refused_base(v, PAIRS("vqvae.sha256", "12ac"), "another VQ-VAE than the prior's own: SHA-256 12ab..., expected 12ac");
  refused_base(v, PAIRS("vqvae.codes", "25"), "vqvae.codes is 25 in the config, and 24 in this VQ-VAE");
  refused_base(v, PAIRS("vqvae.height", "5"), "vqvae.height is 5 in the config, and 4");
  refused_base(v, PAIRS("vqvae.width", "3"), "vqvae.width is 3 in the config, and 4");
  numeric_bench same = open_prior(v, 0, PAIRS("vqvae.sha256", "12ab", "vqvae.codes", "24", "vqvae.height", "4"));
  pm_method_prior.check(same.settings, &same.format, "place");
  numeric_bench_close(&same);
  close_vqvae(v);
}

/* ---- learning ---- */

enum { DRAWN = 32 };

typedef struct {
  float first, last;
  char *weights; /* of the prior, in the arena given */
  size_t bytes;
  float *drawn; /* DRAWN sprites of the trained model, of each class in turn if it has classes; in that arena, too */
} outcome;

/* Trains on one batch of sprites; with labels where the prior has classes, each sprite of its own class. */
static outcome overfit(pm_arena *arena, const vqvae *v, const char *const *pairs, size_t classes, int steps) {
  numeric_bench b = open_prior(v, classes, pairs);
  pm_graph *g = pm_graph_new(b.arena, b.store, true);
  pm_value *metric[2], *rate = pm_graph_scalar(g, "rate", PM_F32);
  pm_batch batch = {.format = &b.format,
                    .images = pm_graph_input(g, "images", PM_F32, pm_shape_of(4, Z(BATCH), Z(SIDE), Z(SIDE), Z(3))),
                    .draws = numeric_draws(g, 1, 0, 0, 0)};
  if (classes)
    batch.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, Z(BATCH)));
  pm_method_prior.loss(g, b.settings, &batch, metric);
  pm_keep(metric[0], "cross-entropy");
  pm_gradients(g, metric[0]);
  for (size_t i = 0; i < g->values; i++) /* the VQ-VAE's own are none of those that are learned */
    if (g->value[i]->buffer == v->bench.store->parameters)
      assert_true(!g->value[i]->requires_gradient && (i >= g->gradients || !g->gradient[i]));
  pm_adam(g, pm_graph_block(g, "parameters"), pm_graph_block(g, "gradients"), pm_graph_block(g, "m"),
          pm_graph_block(g, "v"), rate, batch.draws.step, (pm_adam_attributes){0.9, 0.999, 1e-8, 0, false});
  pm_program *program = pm_backend_cpu.compile(g);
  const float lr = 2e-3f;
  const int32_t labels[BATCH] = {0, 1, 2, 3, 4, 5, 6, 7};
  outcome o = {0};
  pm_store_initialise(b.store, 1);
  pm_store_write(b.store, batch.images->buffer, 0, random_sprites(b.arena, BATCH), Z(BATCH * SIDE * SIDE * 3));
  if (classes)
    pm_store_write(b.store, batch.labels->buffer, 0, labels, BATCH);
  pm_store_write(b.store, rate->buffer, 0, &lr, 1);
  for (int i = 0; i < steps; i++) {
    numeric_set(b.store, "step", i);
    pm_backend_cpu.run(program);
    pm_backend_cpu.read_value(program, metric[0], i ? &o.last : &o.first);
  }
  pm_buffer *block = b.store->parameters;
  o.bytes = block->count * sizeof(float);
  o.weights = pm_alloc(arena, o.bytes, 1);
  pm_store_read(b.store, block, 0, o.weights, block->count);
  pm_backend_cpu.free_program(program);
  o.drawn = pm_alloc(arena, DRAWN * numeric_bench_sprite(&b), sizeof *o.drawn);
  numeric_bench_draw(&b, 3, 0, DRAWN, classes ? PM_EACH_CLASS : PM_ANY_CLASS, o.drawn);
  numeric_bench_close(&b);
  return o;
}

/* Codes of the sprites that overfit trains on. */
static int32_t *codes_of_batch(vqvae *v) {
  int32_t *codes = pm_alloc(v->bench.arena, Z(BATCH * PLACES), sizeof *codes);
  pm_inference_encode(v->bench.inference, random_sprites(v->bench.arena, BATCH), BATCH, codes);
  return codes;
}

/* The least cross-entropy that a model of these sequences can have, each as likely as the others: of the place that
 * each is told from the others at. In nats a code. */
static double least_entropy(const int32_t *codes) {
  double sum = 0;
  for (int n = 0; n < BATCH; n++)
    for (int t = 0; t < PLACES; t++) {
      int same_before = 0, same = 0;
      for (int m = 0; m < BATCH; m++) {
        bool before = memcmp(codes + m * PLACES, codes + n * PLACES, Z(t) * sizeof *codes) == 0;
        same_before += before;
        same += before && codes[m * PLACES + t] == codes[n * PLACES + t];
      }
      sum += log((double)same_before / same);
    }
  return sum / (BATCH * PLACES);
}

/* How many of the sprites drawn are one of the batch as the VQ-VAE gives it back, and how many of the batch occur. With
 * `in_turn` the i-th must be that of class i. */
static void count_drawn(vqvae *v, const int32_t *codes, const float *drawn, bool in_turn, int *known, int *kinds) {
  size_t sprite = numeric_bench_sprite(&v->bench);
  float *batch = pm_alloc(v->bench.arena, BATCH * sprite, sizeof *batch);
  bool seen[BATCH] = {false};
  pm_inference_decode(v->bench.inference, codes, BATCH, batch);
  *known = *kinds = 0;
  for (int i = 0; i < DRAWN; i++)
    for (int n = 0; n < BATCH; n++)
      if ((!in_turn || n == i % BATCH) &&
          numeric_distance(drawn + (size_t)i * sprite, batch + (size_t)n * sprite, sprite, 1) < 1e-5) {
        ++*known;
        seen[n] = true;
        break;
      }
  for (int n = 0; n < BATCH; n++)
    *kinds += seen[n];
}

/* What it has learned is what it draws: so each code is drawn given the one before it, at its own place. */
static void overfits_a_batch(void **state) {
  (void)state;
  int known, kinds;
  vqvae *v = open_vqvae("24");
  pm_set_threads(2);
  const int32_t *codes = codes_of_batch(v);
  bool seen[CODES] = {false};
  size_t different = 0;
  for (int i = 0; i < BATCH * PLACES; i++)
    seen[codes[i]] = true;
  for (int k = 0; k < CODES; k++)
    different += seen[k];
  assert_true(different > 4); /* it has something to learn */
  double least = least_entropy(codes);
  outcome plain = overfit(v->bench.arena, v, small, 0, 300), told = overfit(v->bench.arena, v, small_classes, 8, 300);
  print_message("# %zu codes; cross-entropy %.3f -> %.4f, at least %.4f; told the class %.3f -> %.4f\n", different,
                plain.first, plain.last, least, told.first, told.last);
  assert_true(plain.first > 2 && told.first > 2);
  assert_true(plain.last < least + 0.05 && plain.last > least - 1e-4);
  assert_true(told.last < 0.05f);
  count_drawn(v, codes, plain.drawn, false, &known, &kinds);
  print_message("# of %d drawn %d are known, of %d kinds\n", DRAWN, known, kinds);
  assert_true(known > DRAWN * 3 / 4 && kinds > BATCH / 2);
  count_drawn(v, codes, told.drawn, true, &known, &kinds);
  assert_true(known > DRAWN * 3 / 4 && kinds > BATCH / 2);
  close_vqvae(v);
}

static void the_vqvae_stays_as_it_is(void **state) {
  (void)state;
  vqvae *v = open_vqvae("24");
  size_t before_bytes, after_bytes, buffers = v->bench.store->buffers;
  char *before = content(v, v->bench.arena, &before_bytes);
  overfit(v->bench.arena, v, small, 0, 5);
  char *after = content(v, v->bench.arena, &after_bytes);
  assert_true(before_bytes == after_bytes && before_bytes > 40000);
  assert_memory_equal(before, after, before_bytes);
  assert_null(pm_store_find_buffer(v->bench.store, "gradients"));
  assert_int_equal(v->bench.store->buffers, buffers);
  close_vqvae(v);
}

/* Its running norms count: with others the sprites have other codes, and the prior learns something else. */
static void codes_are_those_of_the_vqvae_in_use(void **state) {
  (void)state;
  vqvae *v = open_vqvae("24");
  outcome one = overfit(v->bench.arena, v, small, 0, 2);
  const pm_slot *slot = pm_store_find_slot(v->bench.store, "encoder.1.running_mean");
  assert_non_null(slot);
  size_t n = pm_shape_count(slot->shape);
  pm_slot_write(v->bench.store, slot, slot->buffer, numeric_uniform(v->bench.arena, n, "other means", -1, 1));
  outcome other = overfit(v->bench.arena, v, small, 0, 2);
  assert_true(one.first != other.first);
  close_vqvae(v);
}

static void training_gives_the_same_numbers_at_any_number_of_threads(void **state) {
  static const char *const dropping[] = {
      "prior.width",   "32",  "prior.layers",  "2",    "prior.heads", "4", "prior.feed_forward", "64",
      "prior.dropout", "0.2", "prior.classes", "true", NULL};
  (void)state;
  vqvae *v = open_vqvae("24");
  pm_set_threads(1);
  outcome one = overfit(v->bench.arena, v, dropping, 8, 5);
  for (int threads = 2; threads <= 8; threads *= 2) {
    pm_set_threads(threads);
    outcome more = overfit(v->bench.arena, v, dropping, 8, 5);
    assert_int_equal(more.bytes, one.bytes);
    assert_memory_equal(more.weights, one.weights, one.bytes);
  }
  close_vqvae(v);
}

/* ---- sampling ---- */

static void a_sprite_depends_on_its_number_alone(void **state) {
  (void)state;
  vqvae *v = open_vqvae("24");
  numeric_bench plain = open_prior(v, 0, small), told = open_prior(v, 3, small_classes);
  numeric_bench_initialise(&plain);
  numeric_bench_initialise(&told);
  numeric_bench_check_numbers(&plain, PM_ANY_CLASS);
  numeric_bench_check_numbers(&told, PM_EACH_CLASS);
  numeric_bench_close(&plain), numeric_bench_close(&told);
  close_vqvae(v);
}

/* With the VQ-VAE, sprites are what it makes of the codes that are drawn without. */
static void sprites_are_the_codes_decoded(void **state) {
  enum { N = 37 };
  (void)state;
  vqvae *v = open_vqvae("24");
  numeric_bench with = open_prior(v, 0, small);
  numeric_bench without =
      open_prior(NULL, 0,
                 PAIRS("prior.width", "32", "prior.layers", "2", "prior.heads", "2", "prior.feed_forward", "64",
                       "prior.dropout", "0", "vqvae.codes", "24", "vqvae.height", "4", "vqvae.width", "4"));
  numeric_bench_initialise(&with);
  numeric_bench_initialise(&without);
  size_t items = N * numeric_bench_sprite(&with);
  pm_tensor sprites = pm_inference_room(with.inference, with.arena, N);
  pm_tensor codes = pm_inference_room(without.inference, without.arena, N);
  assert_true(sprites.dtype == PM_F32 && pm_shape_equal(sprites.shape, pm_shape_of(4, Z(N), Z(SIDE), Z(SIDE), Z(3))));
  assert_true(codes.dtype == PM_I32 && pm_shape_equal(codes.shape, pm_shape_of(3, Z(N), Z(4), Z(4))));
  numeric_bench_draw(&with, 5, 0, N, PM_ANY_CLASS, sprites.data);
  pm_inference_draw(without.inference, 5, 0, N, PM_ANY_CLASS, codes.data, NULL, NULL);
  const int32_t *code = codes.data;
  for (size_t i = 0; i < Z(N * PLACES); i++)
    assert_in_range(code[i], 0, CODES - 1);
  float *decoded = pm_alloc(with.arena, items, sizeof *decoded);
  pm_inference_decode(v->bench.inference, code, N, decoded);
  assert_memory_equal(decoded, sprites.data, items * sizeof *decoded);
  numeric_bench_close(&with), numeric_bench_close(&without);
  close_vqvae(v);
}

/* Codes as often as the model of one place says, over many samples: a grid of 1 x 1, whose logits are read from the
 * net's weights through the loss of each code. */
static void codes_come_as_often_as_the_model_says(void **state) {
  enum { N = 8000, K = 5 };
  static const char *const pairs[] = {
      "prior.width",  "8", "prior.layers", "1", "prior.heads", "2", "prior.feed_forward", "8", "vqvae.codes", "5",
      "vqvae.height", "1", "vqvae.width",  "1", NULL};
  (void)state;
  pm_set_threads(2);
  numeric_bench b = open_prior(NULL, 0, pairs);
  numeric_bench_initialise(&b);
  const pm_slot *head = pm_store_find_slot(b.store, "head.weight"), *bias = pm_store_find_slot(b.store, "head.bias");
  float zero[K * 8] = {0}, logits[K] = {0.5f, -1, 1.5f, 0, -0.5f};
  pm_slot_write(b.store, head, head->buffer, zero);
  pm_slot_write(b.store, bias, bias->buffer, logits);
  int32_t *codes = pm_alloc(b.arena, N, sizeof *codes);
  pm_inference_draw(b.inference, 3, 0, N, PM_ANY_CLASS, codes, NULL, NULL);
  double total = 0;
  size_t times[K] = {0};
  for (int k = 0; k < K; k++)
    total += exp((double)logits[k]);
  for (int i = 0; i < N; i++) {
    assert_in_range(codes[i], 0, K - 1);
    times[codes[i]]++;
  }
  for (int k = 0; k < K; k++) {
    double p = exp((double)logits[k]) / total;
    assert_true(fabs((double)times[k] - p * N) < 5 * sqrt(p * (1 - p) * N));
  }
  numeric_bench_close(&b);
}

/* The class asked for is the one that is drawn: the class's row in the weights decides alone. */
static void a_class_is_drawn_as_it_is_asked_for(void **state) {
  enum { N = 40, SAME = PLACES * sizeof(int32_t) };
  (void)state;
  numeric_bench b =
      open_prior(NULL, 3,
                 PAIRS("prior.width", "32", "prior.layers", "2", "prior.heads", "2", "prior.feed_forward", "64",
                       "prior.classes", "true", "vqvae.codes", "24", "vqvae.height", "4", "vqvae.width", "4"));
  numeric_bench_initialise(&b);
  static int32_t each[N][PLACES], one[4][N][PLACES];
  pm_inference_draw(b.inference, 5, 0, N, PM_EACH_CLASS, each, NULL, NULL);
  for (int32_t class = 0; class < 3; class ++)
    pm_inference_draw(b.inference, 5, 0, N, class, one[class], NULL, NULL);
  pm_inference_draw(b.inference, 5, 0, N, PM_ANY_CLASS, one[3], NULL, NULL);
  for (int i = 0; i < N; i++)
    assert_memory_equal(each[i], one[i % 3][i], SAME);
  for (int a = 0; a < 4; a++)
    for (int c = 0; c < a; c++)
      assert_memory_not_equal(one[a], one[c], sizeof one[a]);
  numeric_bench_close(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(number_of_parameters),
      cmocka_unit_test(weights_begin_as_in_pytorch),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(overfits_a_batch),
      cmocka_unit_test(the_vqvae_stays_as_it_is),
      cmocka_unit_test(codes_are_those_of_the_vqvae_in_use),
      cmocka_unit_test(training_gives_the_same_numbers_at_any_number_of_threads),
      cmocka_unit_test(a_sprite_depends_on_its_number_alone),
      cmocka_unit_test(sprites_are_the_codes_decoded),
      cmocka_unit_test(codes_come_as_often_as_the_model_says),
      cmocka_unit_test(a_class_is_drawn_as_it_is_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
