/* A graph over a store of its own, with everything that goes with it. */
#ifndef PM_TESTS_GRAPH_BENCH_H
#define PM_TESTS_GRAPH_BENCH_H

#include "numeric.h"

typedef struct {
  pm_arena *arena;
  const pm_backend *backend;
  pm_store *store;
  pm_graph *g;
  pm_program *program;
} bench;

static inline bench open_bench(const pm_backend *backend) {
  bench b = {.arena = pm_arena_new(), .backend = backend};
  b.store = pm_store_new(b.arena, backend);
  b.g = pm_graph_new(b.arena, b.store, true);
  return b;
}

/* Compiles what there is the first time. */
static inline void run(bench *b) {
  if (!b->program)
    b->program = b->backend->compile(b->g);
  b->backend->run(b->program);
}

static inline float *result(const bench *b, const pm_value *v) {
  return numeric_read(b->arena, b->backend, b->program, v);
}

static inline void close_bench(bench *b) {
  b->backend->free_program(b->program);
  pm_store_free(b->store);
  pm_arena_free(b->arena);
}

#endif
