/* A codebook kept up without gradients: running averages and new places for codes out of use, on every backend. */
#include "check.h"

#include "numeric.h"

#include <string.h>

enum { CODES = 3, WIDTH = 2, VECTORS = 4 };

static const pm_backend *const backends[] = {&pm_backend_cpu, &pm_backend_reference, &pm_backend_double};
#define EACH_BACKEND(k) (size_t k = 0; k < sizeof backends / sizeof *backends; k++)

/* Three codes, and the batch's four vectors, of which none is near code 2. */
static const float begin[CODES * WIDTH] = {0, 0, 10, 0, -50, -50};
static const float vectors[VECTORS * WIDTH] = {1, 1, 3, 1, 12, 0, 14, 4};
static const int32_t nearest[VECTORS] = {0, 0, 1, 1};

typedef struct {
  pm_arena *arena;
  pm_store *store;
  pm_graph *g;
  const pm_backend *backend;
  pm_program *program;
  pm_codebook_states states;
} bench;

static pm_value *state_of(bench *b, const char *name, size_t rows, size_t columns) {
  return pm_graph_state(b->g, name, PM_F32, columns ? pm_shape_of(2, rows, columns) : pm_shape_of(1, rows));
}

static bench open_bench(const pm_backend *backend) {
  bench b = {.arena = pm_arena_new(), .backend = backend};
  b.store = pm_store_new(b.arena, backend);
  b.g = pm_graph_new(b.arena, b.store, true);
  b.states = (pm_codebook_states){state_of(&b, "codebook", CODES, WIDTH), state_of(&b, "idle", CODES, 0),
                                  state_of(&b, "counts", CODES, 0), state_of(&b, "sums", CODES, WIDTH)};
  return b;
}

static pm_value *vectors_of(bench *b) {
  pm_value *x = pm_graph_input(b->g, "x", PM_F32, pm_shape_of(2, (size_t)VECTORS, (size_t)WIDTH));
  pm_store_write(b->store, x->buffer, 0, vectors, VECTORS * WIDTH);
  return x;
}

static pm_value *index_of(bench *b) {
  pm_value *index = pm_graph_input(b->g, "index", PM_I32, pm_shape_of(1, (size_t)VECTORS));
  pm_store_write(b->store, index->buffer, 0, nearest, VECTORS);
  return index;
}

static void compile(bench *b) {
  b->program = b->backend->compile(b->g);
  pm_store_write(b->store, b->states.codebook->buffer, 0, begin, CODES * WIDTH);
}

static void read_state(bench *b, const pm_value *state, float *items) {
  pm_store_read(b->store, state->buffer, 0, items, pm_count(state));
}

static void close_bench(bench *b) {
  b->backend->free_program(b->program);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

/* Counts and sums begin at nothing, so that the first average is the batch's own mean, and the same batch again keeps
 * it; a code that nobody chose stays. */
static void a_code_is_the_average_of_what_chose_it(void **unused) {
  static const float want[CODES * WIDTH] = {2, 1, 13, 2, -50, -50}, count[CODES] = {1.5f, 1.5f, 0};
  (void)unused;
  for
    EACH_BACKEND(k) {
      bench b = open_bench(backends[k]);
      float codes[CODES * WIDTH], counts[CODES];
      pm_codebook_average(b.g, b.states.codebook, b.states.counts, b.states.sums, vectors_of(&b), index_of(&b), 0.5);
      compile(&b);
      for (int run = 0; run < 2; run++) {
        b.backend->run(b.program);
        read_state(&b, b.states.codebook, codes);
        numeric_expect("codebook", codes, want, CODES * WIDTH, 1, 1e-6);
      }
      read_state(&b, b.states.counts, counts); /* 0.5 * 2, then half of that + 0.5 * 2 */
      numeric_expect("counts", counts, count, CODES, 1, 1e-6);
      close_bench(&b);
    }
}

static void averages_follow_slowly(void **unused) {
  (void)unused;
  bench b = open_bench(&pm_backend_cpu);
  static const float before[CODES] = {100, 100, 0}, sums[CODES * WIDTH] = {0, 0, 1000, 0, 0, 0};
  float codes[CODES * WIDTH];
  pm_codebook_average(b.g, b.states.codebook, b.states.counts, b.states.sums, vectors_of(&b), index_of(&b), 0.9);
  compile(&b);
  pm_store_write(b.store, b.states.counts->buffer, 0, before, CODES);
  pm_store_write(b.store, b.states.sums->buffer, 0, sums, CODES * WIDTH);
  b.backend->run(b.program);
  read_state(&b, b.states.codebook, codes);
  /* (0.9 * 1000 + 0.1 * 26) / (0.9 * 100 + 0.1 * 2) */
  assert_true(fabs((double)codes[2] - 902.6 / 90.2) < 1e-4);
  close_bench(&b);
}

static bool is_a_vector(const float *code) {
  for (size_t n = 0; n < VECTORS; n++)
    if (memcmp(code, vectors + n * WIDTH, WIDTH * sizeof *code) == 0)
      return true;
  return false;
}

static void a_code_out_of_use_is_put_where_a_vector_is(void **unused) {
  (void)unused;
  for
    EACH_BACKEND(k) {
      bench b = open_bench(backends[k]);
      float codes[CODES * WIDTH], idle[CODES], counts[CODES], sums[CODES * WIDTH];
      pm_codebook_restart(b.g, b.states, vectors_of(&b), index_of(&b), numeric_scalar(b.g, "seed", 1),
                          numeric_scalar(b.g, "step", 7), (pm_codebook_restart_attributes){3, 11});
      compile(&b);
      for (int run = 1; run <= 2; run++)
        b.backend->run(b.program);
      read_state(&b, b.states.codebook, codes);
      read_state(&b, b.states.idle, idle);
      assert_memory_equal(codes, begin, sizeof codes);
      assert_true(idle[0] == 0 && idle[1] == 0 && idle[2] == 2);
      b.backend->run(b.program);
      read_state(&b, b.states.codebook, codes);
      read_state(&b, b.states.idle, idle);
      read_state(&b, b.states.counts, counts);
      read_state(&b, b.states.sums, sums);
      assert_memory_equal(codes, begin, 2 * WIDTH * sizeof *codes); /* those in use stay */
      assert_true(is_a_vector(codes + 2 * WIDTH));
      assert_memory_equal(sums + 2 * WIDTH, codes + 2 * WIDTH, WIDTH * sizeof *codes);
      assert_true(counts[2] == 1 && counts[0] == 0 && idle[2] == 0);
      close_bench(&b);
    }
}

/* By gradient there are no averages to begin anew; where a code goes depends on the step. */
static void another_step_another_place(void **unused) {
  (void)unused;
  bool differs = false;
  float first[WIDTH];
  for (int step = 0; step < 20; step++) {
    bench b = open_bench(&pm_backend_cpu);
    float codes[CODES * WIDTH];
    b.states.counts = b.states.sums = NULL;
    pm_codebook_restart(b.g, b.states, vectors_of(&b), index_of(&b), numeric_scalar(b.g, "seed", 1),
                        numeric_scalar(b.g, "step", step), (pm_codebook_restart_attributes){1, 11});
    compile(&b);
    b.backend->run(b.program);
    read_state(&b, b.states.codebook, codes);
    assert_true(is_a_vector(codes + 2 * WIDTH));
    if (step == 0)
      memcpy(first, codes + 2 * WIDTH, sizeof first);
    differs |= memcmp(first, codes + 2 * WIDTH, sizeof first) != 0;
    close_bench(&b);
  }
  assert_true(differs);
}

/* Of a batch in two micro-batches: the same codes move to the same vectors as where one op sees the whole batch. */
static void codes_restart_alike_in_micro_batches(void **unused) {
  (void)unused;
  enum { HALF = VECTORS / 2 };
  static const float before[CODES] = {9, 9, 9};
  float whole[CODES * WIDTH], parts[CODES * WIDTH], idle[2][CODES];
  for (int64_t step = 0; step < 8; step++) {
    float candidates[CODES * WIDTH] = {0};
    bench b = open_bench(&pm_backend_cpu);
    pm_codebook_restart(b.g, b.states, vectors_of(&b), index_of(&b), numeric_scalar(b.g, "seed", 1),
                        numeric_scalar(b.g, "step", step), (pm_codebook_restart_attributes){3, 11});
    compile(&b);
    pm_store_write(b.store, b.states.idle->buffer, 0, before, CODES);
    b.backend->run(b.program);
    read_state(&b, b.states.codebook, whole);
    read_state(&b, b.states.idle, idle[0]);
    close_bench(&b);
    for (size_t part = 0; part < 2; part++) {
      bench half = open_bench(&pm_backend_cpu);
      float made[CODES * WIDTH];
      pm_value *x = pm_graph_input(half.g, "x", PM_F32, pm_shape_of(2, (size_t)HALF, (size_t)WIDTH));
      pm_store_write(half.store, x->buffer, 0, vectors + part * HALF * WIDTH, HALF * WIDTH);
      pm_value *out = pm_keep(
          pm_code_candidates(half.g, x, numeric_draws(half.g, 1, step, (int64_t)part * HALF, VECTORS),
                             (pm_code_candidates_attributes){.codes = CODES, .parts = 2, .rows = 1, .purpose = 11}),
          "candidates");
      compile(&half);
      half.backend->run(half.program);
      half.backend->read_value(half.program, out, made);
      for (size_t i = 0; i < CODES * WIDTH; i++)
        candidates[i] += made[i] / 2;
      close_bench(&half);
    }
    static const float chosen[CODES] = {1, 1, 0}; /* the mean over the halves of {2, 0, 0} and {0, 2, 0} */
    bench r = open_bench(&pm_backend_cpu);
    pm_value *n = pm_graph_input(r.g, "n", PM_F32, pm_shape_of(1, (size_t)CODES));
    pm_value *c = pm_graph_input(r.g, "candidates", PM_F32, pm_shape_of(2, (size_t)CODES, (size_t)WIDTH));
    pm_store_write(r.store, n->buffer, 0, chosen, CODES);
    pm_store_write(r.store, c->buffer, 0, candidates, CODES * WIDTH);
    pm_codebook_replace(r.g, r.states, n, c, 3);
    compile(&r);
    pm_store_write(r.store, r.states.idle->buffer, 0, before, CODES);
    r.backend->run(r.program);
    read_state(&r, r.states.codebook, parts);
    read_state(&r, r.states.idle, idle[1]);
    assert_memory_equal(parts, whole, sizeof whole);
    assert_memory_equal(idle[1], idle[0], sizeof *idle);
    assert_true(is_a_vector(parts + 2 * WIDTH));
    close_bench(&r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_code_is_the_average_of_what_chose_it),     cmocka_unit_test(averages_follow_slowly),
      cmocka_unit_test(a_code_out_of_use_is_put_where_a_vector_is), cmocka_unit_test(another_step_another_place),
      cmocka_unit_test(codes_restart_alike_in_micro_batches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
