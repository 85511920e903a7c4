/* Every op on every backend, on the host's at several numbers of threads, against its reference kernel in double. */
#include "check.h"

#include "core/tasks.h"
#include "kernel_backends.h"
#include "kernel_cases.h"
#include "nn/backend.h"
#include "numeric.h"

typedef const size_t *sizes;

typedef struct {
  int outs;
  size_t count[PM_MAX_OUT];
  pm_dtype dtype[PM_MAX_OUT];
  void *items[PM_MAX_OUT];
} results;

static results run_case(pm_arena *arena, const kernel_case *c, sizes d, const pm_backend *backend) {
  pm_store *store = pm_store_new(arena, backend);
  pm_graph *g = pm_graph_new(arena, store, true);
  c->build(g, d);
  const pm_node *node = g->node[g->nodes - 1];
  assert_string_equal(node->op->name, c->op);
  results r = {.outs = node->outs};
  for (int k = 0; k < node->outs; k++)
    if (!node->out[k]->buffer)
      pm_keep(node->out[k], c->op);
  pm_program *program = backend->compile(g);
  backend->run(program);
  for (int again = 0; !node->out[0]->buffer && again < 2; again++)
    backend->run(
        program); /* what the first run left in the workspace must not matter; and a card captures the second */
  for (int k = 0; k < node->outs; k++) {
    pm_value *out = node->out[k];
    r.count[k] = pm_count(out);
    r.dtype[k] = out->dtype;
    r.items[k] = pm_alloc(arena, r.count[k], pm_dtype_size(out->dtype));
    if (out->buffer)
      pm_store_read(store, out->buffer, 0, r.items[k], r.count[k]);
    else
      backend->read_value(program, out, r.items[k]);
  }
  backend->free_program(program);
  pm_store_free(store);
  return r;
}

static const char *name_of(pm_arena *arena, const kernel_case *c, sizes d, const char *backend, int out) {
  return pm_format(arena, "%s on %s, sizes %zu %zu %zu %zu %zu %zu %zu %zu, output %d", c->op, backend, d[0], d[1],
                   d[2], d[3], d[4], d[5], d[6], d[7], out);
}

static void expect_near(pm_arena *arena, const kernel_case *c, sizes d, const char *backend, const results *got,
                        const results *want, double tolerance) {
  assert_int_equal(got->outs, want->outs);
  for (int k = 0; k < want->outs; k++) {
    const char *name = name_of(arena, c, d, backend, k);
    if (want->dtype[k] == PM_F32)
      numeric_expect(name, got->items[k], want->items[k], want->count[k], 0, tolerance);
    else if (memcmp(got->items[k], want->items[k], want->count[k] * pm_dtype_size(want->dtype[k])) != 0)
      fail_msg("%s: not the same numbers", name);
  }
}

static void expect_same(pm_arena *arena, const kernel_case *c, sizes d, const char *backend, int threads,
                        const results *got, const results *want) {
  for (int k = 0; k < want->outs; k++)
    if (memcmp(got->items[k], want->items[k], want->count[k] * pm_dtype_size(want->dtype[k])) != 0)
      fail_msg("%s: other bytes at %d threads than at one", name_of(arena, c, d, backend, k), threads);
}

static void check_case(void **state) {
  static const int threads[] = {2, 3, 8};
  size_t count;
  const kernel_backend *backends = kernel_backends(&count);
  const kernel_case *c = *state;
  for (size_t i = 0; i < c->n; i++) {
    pm_arena *arena = pm_arena_new();
    sizes d = c->sizes[i];
    results exact = run_case(arena, c, d, &pm_backend_double);
    for (size_t b = 0; b < count; b++) {
      const pm_backend *backend = backends[b].backend;
      if (backends[b].only_rounded && c->tolerance == c->tolerance_bf16)
        continue;
      pm_set_threads(1);
      results one = run_case(arena, c, d, backend);
      expect_near(arena, c, d, backends[b].name, &one, &exact,
                  backend->precision == PM_BFLOAT16 ? c->tolerance_bf16 : c->tolerance);
      for (size_t t = 0; backends[b].threaded && t < sizeof threads / sizeof *threads; t++) {
        pm_set_threads(threads[t]);
        results more = run_case(arena, c, d, backend);
        expect_same(arena, c, d, backends[b].name, threads[t], &more, &one);
      }
    }
    pm_arena_free(arena);
  }
}

/* A new op needs a case in one of kernel_cases_*.c. */
static void every_op_has_a_case(void **state) {
  static const char *const ops[] = {
#define X(name) #name,
#include "nn/ops.def"
#undef X
  };
  (void)state;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
    size_t found = 0;
    for (size_t k = 0; k < kernel_case_count(); k++)
      found += strcmp(kernel_case_at(k)->op, ops[i]) == 0;
    if (!found)
      fail_msg("the op %s has no case in kernel_cases_*.c", ops[i]);
  }
}

/* An argument chooses ops: test_kernels 'groupnorm*'. */
int main(int argc, char **argv) {
  if (argc > 1)
    cmocka_set_test_filter(argv[1]);
  struct CMUnitTest tests[kernel_case_count() + 1];
  tests[0] = (struct CMUnitTest)cmocka_unit_test(every_op_has_a_case);
  for (size_t k = 0; k < kernel_case_count(); k++)
    tests[k + 1] = (struct CMUnitTest){
        .name = kernel_case_at(k)->op, .test_func = check_case, .initial_state = (void *)(size_t)kernel_case_at(k)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
