/* The transformer of sequences of indices: who sees what, that it is a distribution over sequences, and that sampling
 * step by step with kept keys and values gives what whole sequences give. */
#include "check.h"

#include "core/random.h"
#include "core/tasks.h"
#include "methods/transformer.h"
#include "numeric.h"

#define Z(n) ((size_t)(n))

typedef struct {
  pm_arena *arena;
  const pm_backend *backend;
  pm_store *store;
  pm_transformer net;
  size_t n;
} bench;

static bench start(const pm_backend *backend, pm_transformer net, size_t n) {
  pm_arena *arena = pm_arena_new();
  return (bench){arena, backend, pm_store_new(arena, backend), net, n};
}

static void end(const bench *b) {
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

/* Weights as a training begins with, but for norms and biases, which begin at one and zero: all are moved a little. */
static void give_weights(const bench *b) {
  pm_buffer *block = b->store->parameters;
  float *items = pm_alloc(b->arena, block->count, sizeof *items);
  const float *by = numeric_uniform(b->arena, block->count, "moved by", -0.2, 0.2);
  pm_store_initialise(b->store, 3);
  pm_store_read(b->store, block, 0, items, block->count);
  for (size_t i = 0; i < block->count; i++)
    items[i] += by[i];
  pm_store_write(b->store, block, 0, items, block->count);
}

/* Whole sequences: index PM_I32 [n,T] and, with classes, labels PM_I32 [n] to logits [n,T,vocabulary]. */
typedef struct {
  pm_value *index, *labels, *logits;
  pm_program *program;
} whole;

static whole compile_whole(const bench *b) {
  pm_graph *g = pm_graph_new(b->arena, b->store, false);
  whole w = {.index = pm_graph_input(g, "index", PM_I32, pm_shape_of(2, b->n, b->net.length))};
  if (b->net.classes)
    w.labels = pm_graph_input(g, "labels", PM_I32, pm_shape_of(1, b->n));
  w.logits = pm_keep(pm_transformer_logits(g, &b->net, w.index, w.labels), "logits");
  w.program = b->backend->compile(g);
  return w;
}

static float *run_whole(const bench *b, const whole *w, const int32_t *index) {
  pm_store_write(b->store, w->index->buffer, 0, index, b->n * b->net.length);
  b->backend->run(w->program);
  return numeric_read(b->arena, b->backend, w->program, w->logits);
}

static int32_t *some_indices(const bench *b, uint64_t seed) {
  size_t n = b->n * b->net.length;
  int32_t *index = pm_alloc(b->arena, n, sizeof *index);
  pm_rng rng = pm_rng_start(seed, "indices", 0);
  for (size_t i = 0; i < n; i++)
    index[i] = (int32_t)pm_rng_below(&rng, (uint32_t)b->net.vocabulary);
  return index;
}

/* ---- who sees what ---- */

/* Row t of the logits: the same bits whatever comes from index t on, others for another index t - 1. */
static void no_row_sees_what_comes_after(void **state) {
  const pm_backend *backend = *state;
  bench b = start(backend, (pm_transformer){23, 9, 24, 2, 3, 40, 0, 0, {0}, false}, 4);
  whole w = compile_whole(&b);
  give_weights(&b);
  size_t T = b.net.length, row = b.net.vocabulary;
  int32_t *index = some_indices(&b, 1);
  const int32_t *other = some_indices(&b, 2);
  const float *before = run_whole(&b, &w, index);
  for (size_t t = T; t-- > 0;) {
    for (size_t n = 0; n < b.n; n++) /* index t and all behind it are others now */
      index[n * T + t] = other[n * T + t] == index[n * T + t] ? (other[n * T + t] + 1) % 23 : other[n * T + t];
    const float *after = run_whole(&b, &w, index);
    for (size_t n = 0; n < b.n; n++) {
      assert_memory_equal(after + n * T * row, before + n * T * row, (t + 1) * row * sizeof *after);
      for (size_t later = t + 1; later < T; later++)
        assert_memory_not_equal(after + (n * T + later) * row, before + (n * T + later) * row, row * sizeof *after);
    }
  }
  backend->free_program(w.program);
  end(&b);
}

/* The logits of a class are its own; those of the same class are the same. */
static void logits_depend_on_the_class(void **state) {
  const pm_backend *backend = *state;
  bench b = start(backend, (pm_transformer){11, 5, 16, 2, 2, 24, 3, 0, {0}, false}, 5);
  whole w = compile_whole(&b);
  give_weights(&b);
  size_t sequence = b.net.length * b.net.vocabulary;
  int32_t *index = some_indices(&b, 1);
  for (size_t n = 1; n < b.n; n++)
    memcpy(index + n * b.net.length, index, b.net.length * sizeof *index);
  pm_store_write(b.store, w.labels->buffer, 0, (const int32_t[]){0, 1, 2, 3, 1}, 5); /* 3: none */
  const float *logits = run_whole(&b, &w, index);
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < i; k++)
      for (size_t t = 0; t < b.net.length; t++)
        assert_memory_not_equal(logits + i * sequence + t * 11, logits + k * sequence + t * 11, 11 * sizeof *logits);
  numeric_expect("of the same class", logits + 4 * sequence, logits + sequence, sequence, 0, 0);
  backend->free_program(w.program);
  end(&b);
}

/* The probabilities of all sequences of 4 out of 3 indices are 1 together, for each class and for none. */
static void all_sequences_together_are_certain(void **state) {
  enum { SEQUENCES = 81, T = 4 };
  const pm_backend *backend = *state;
  bench b = start(backend, (pm_transformer){3, T, 16, 2, 4, 24, 2, 0, {0}, false}, SEQUENCES);
  whole w = compile_whole(&b);
  give_weights(&b);
  int32_t index[SEQUENCES][T], labels[SEQUENCES];
  for (int i = 0; i < SEQUENCES; i++)
    for (int t = 0, rest = i; t < T; t++, rest /= 3)
      index[i][t] = rest % 3;
  for (int32_t class = 0; class <= 2; class ++) {
    for (int i = 0; i < SEQUENCES; i++)
      labels[i] = class;
    pm_store_write(b.store, w.labels->buffer, 0, labels, SEQUENCES);
    const float *logits = run_whole(&b, &w, *index);
    double sum = 0, largest = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      double p = 1;
      for (int t = 0; t < T; t++) {
        const float *x = logits + (i * T + t) * 3;
        p *= exp((double)x[index[i][t]]) / (exp((double)x[0]) + exp((double)x[1]) + exp((double)x[2]));
      }
      sum += p;
      largest = fmax(largest, p);
    }
    assert_true(fabs(sum - 1) < 1e-5);
    assert_true(largest > 0.02 && largest < 0.9); /* not all alike, nor all on one */
  }
  backend->free_program(w.program);
  end(&b);
}

/* ---- step by step ---- */

typedef struct {
  pm_value *before, *logits;
  pm_program *program;
} stepwise;

static stepwise compile_step(const bench *b, pm_value *labels) {
  pm_graph *g = pm_graph_new(b->arena, b->store, false);
  stepwise s = {.before = pm_graph_input(g, "before", PM_I32, pm_shape_of(1, b->n))};
  if (labels)
    labels = pm_graph_input(g, "labels", PM_I32, labels->shape);
  s.logits = pm_transformer_next(g, &b->net, s.before, pm_graph_scalar(g, "position", PM_I64), labels);
  pm_keep(s.logits, "logits");
  s.program = b->backend->compile(g);
  return s;
}

/* Each row of whole sequences against a step from the token before it: the same bits. */
static void expect_steps(const bench *b, const stepwise *s, const float *want, const int32_t *index) {
  size_t T = b->net.length, row = b->net.vocabulary;
  int32_t *before = pm_alloc(b->arena, b->n, sizeof *before);
  for (size_t t = 0; t < T; t++) {
    for (size_t n = 0; n < b->n; n++)
      before[n] = t ? index[n * T + t - 1] : (int32_t)b->net.vocabulary;
    pm_store_write(b->store, s->before->buffer, 0, before, b->n);
    numeric_set(b->store, "position", (int64_t)t);
    b->backend->run(s->program);
    const float *got = numeric_read(b->arena, b->backend, s->program, s->logits);
    for (size_t n = 0; n < b->n; n++) {
      const char *what = pm_format(b->arena, "%s: sequence %zu, position %zu", b->backend->name, n, t);
      numeric_expect(what, got + n * row, want + (n * T + t) * row, row, 0, 0);
      assert_memory_equal(got + n * row, want + (n * T + t) * row, row * sizeof *got);
    }
  }
}

static void check_steps(const pm_backend *backend, pm_transformer net, size_t n) {
  bench b = start(backend, net, n);
  whole w = compile_whole(&b);
  stepwise s = compile_step(&b, w.labels);
  give_weights(&b);
  if (w.labels) {
    int32_t *labels = pm_alloc(b.arena, n, sizeof *labels);
    for (size_t i = 0; i < n; i++)
      labels[i] = (int32_t)(i % (net.classes + 1));
    pm_store_write(b.store, w.labels->buffer, 0, labels, n);
  }
  for (uint64_t block = 0; block < 3; block++) { /* the second and third find what the one before kept */
    const int32_t *index = some_indices(&b, block);
    expect_steps(&b, &s, run_whole(&b, &w, index), index);
  }
  backend->free_program(w.program);
  backend->free_program(s.program);
  end(&b);
}

static void steps_are_rows_of_whole_sequences(void **state) {
  static const pm_transformer nets[] = {
      {37, 12, 20, 2, 4, 28, 0, 0, {0}, false},    {5, 1, 4, 1, 1, 3, 0, 0, {0}, false},
      {300, 17, 33, 1, 3, 50, 4, 0, {0}, false},   {17, 6, 48, 3, 2, 100, 2, 0, {0}, false},
      {128, 16, 128, 2, 4, 512, 0, 0, {0}, false}, /* as the prior has them by default, with half of its layers
                                                    */
  };
  const pm_backend *backend = *state;
  for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
    check_steps(backend, nets[i], i == 4 ? 16 : 7);
}

/* Dropout is for training: with it set, a graph in use is what it is without. */
static void in_use_nothing_is_dropped(void **state) {
  const pm_backend *backend = *state;
  pm_transformer net = {9, 5, 16, 1, 2, 24, 0, 0, {0}, false};
  bench b = start(backend, net, 3);
  whole without = compile_whole(&b);
  b.net.dropout = 0.5;
  whole with = compile_whole(&b);
  give_weights(&b);
  const int32_t *index = some_indices(&b, 1);
  const float *a = run_whole(&b, &without, index), *c = run_whole(&b, &with, index);
  assert_memory_equal(a, c, Z(3 * 5 * 9) * sizeof *a);
  backend->free_program(without.program);
  backend->free_program(with.program);
  end(&b);
}

#define ON(backend, test)                                                                                              \
  { #backend ": " #test, test, NULL, NULL, (void *)(size_t)&pm_backend_##backend }

int main(void) {
  const struct CMUnitTest tests[] = {
      ON(cpu, no_row_sees_what_comes_after),
      ON(reference, no_row_sees_what_comes_after),
      ON(cpu, logits_depend_on_the_class),
      ON(reference, logits_depend_on_the_class),
      ON(cpu, all_sequences_together_are_certain),
      ON(reference, all_sequences_together_are_certain),
      ON(double, all_sequences_together_are_certain),
      ON(cpu, steps_are_rows_of_whole_sequences),
      ON(reference, steps_are_rows_of_whole_sequences),
      ON(cpu, in_use_nothing_is_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
