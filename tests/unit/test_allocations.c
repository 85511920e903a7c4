/* A backend allocates when it compiles and not when it runs: every op's kernel on every backend, counted from the first
 * run on. A card's second run captures the program, which allocates in the host's memory. */
#include "check.h"

#include "backend/cpu/sgemm.h"
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "core/tasks.h"
#include "kernel_backends.h"
#include "kernel_cases.h"
#include "numeric.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- counting: every allocation of the process but OpenBLAS's own, the system's libraries' among them ---- */

static atomic_size_t allocations;

#if defined(__SANITIZE_ADDRESS__)
enum { COUNTS = true, KNOWS_CALLERS = false };

/* Called by the sanitizer after each allocation, whoever asked. */
void __sanitizer_malloc_hook(const volatile void *block, size_t size);
void __sanitizer_malloc_hook(const volatile void *block, size_t size) {
  (void)block;
  (void)size;
  allocations++;
}

#elif defined(__GLIBC__)
enum { COUNTS = true, KNOWS_CALLERS = true };

void *__libc_malloc(size_t size), *__libc_calloc(size_t count, size_t size), *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* OpenBLAS allocates within some small products. */
static bool from_openblas(const void *caller) {
  Dl_info at;
  return dladdr(caller, &at) && at.dli_fname && strstr(at.dli_fname, "openblas");
}

void *malloc(size_t size) {
  allocations += !from_openblas(__builtin_return_address(0));
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
  allocations++;
  return __libc_realloc(block, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **block, size_t alignment, size_t size) {
  allocations++;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}
/* C++'s operator new: of the emulated card alone, whose queue stands for the driver's. The backend has none. */
void *_Znwm(size_t size);
void *_Znwm(size_t size) {
  return __libc_malloc(size);
}

#else
enum { COUNTS = false, KNOWS_CALLERS = false };
#endif

/* ---- the cases ---- */

enum { RUNS = 3, CAPTURES = 1 };

static bool captures(const pm_backend *backend) {
  return backend == &pm_backend_cuda || backend == &pm_backend_cuda_bf16;
}

static size_t card_memory_left(void) {
  size_t left = 0, all;
  cudaMemGetInfo(&left, &all);
  return left;
}

/* Compiles and runs; returns whether runs allocated. The process ends then, so nothing is freed, and an emulated card
 * does not do what it was given. */
static bool allocates(const kernel_case *c, const size_t *sizes, const pm_backend *backend) {
  pm_arena *arena = pm_arena_new();
  pm_store *store = pm_store_new(arena, backend);
  pm_graph *g = pm_graph_new(arena, store, true);
  c->build(g, sizes);
  const pm_node *node = g->node[g->nodes - 1];
  for (int k = 0; k < node->outs; k++)
    if (!node->out[k]->buffer)
      pm_keep(node->out[k], c->op);
  pm_program *program = backend->compile(g);
  const size_t card = card_memory_left();
  size_t in_run[RUNS], sum = 0;
  for (int run = 0; run < RUNS; run++) {
    const size_t before = allocations;
    backend->run(program);
    in_run[run] = allocations - before;
    sum += run == CAPTURES && captures(backend) ? 0 : in_run[run];
  }
  sum += card_memory_left() != card;
  if (sum)
    fprintf(stderr,
            "%s on %s, sizes %zu %zu %zu %zu …: %zu, %zu and %zu allocations in its runs, %zu bytes of a card\n", c->op,
            backend->name, sizes[0], sizes[1], sizes[2], sizes[3], in_run[0], in_run[1], in_run[2],
            card - card_memory_left());
  return sum != 0;
}

/* In a process of its own, whose threads have no memory yet. */
static bool allocates_alone(const kernel_case *c, const size_t *sizes, const pm_backend *backend) {
  int status = -1;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL); /* not cmocka's, which would go on with the other tests */
    signal(SIGABRT, SIG_DFL);
    _exit(allocates(c, sizes, backend));
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status != 0;
}

static void runs_allocate_nothing(void **state) {
  const pm_backend *backend = *state;
  if (!COUNTS || (!KNOWS_CALLERS && (captures(backend) || strcmp(pm_sgemm_core(), "tiles") != 0)))
    skip();
  pm_set_threads(KNOWS_CALLERS ? 2 : 1); /* the sanitizer allocates when a thread begins, after it was made */
  pm_sgemm_core();                       /* opens OpenBLAS, which else the first run that needs it does */
  size_t failed = 0;
  for (size_t k = 0; k < kernel_case_count(); k++)
    for (size_t i = 0; i < kernel_case_at(k)->n; i++)
      failed += allocates_alone(kernel_case_at(k), kernel_case_at(k)->sizes[i], backend);
  assert_int_equal(failed, 0);
}

static void allocations_are_counted(void **state) {
  (void)state;
  if (!COUNTS)
    skip();
  size_t before = allocations;
  void *volatile blocks[] = {malloc(10), calloc(2, 5), realloc(NULL, 10), aligned_alloc(64, 64)};
  assert_int_equal(allocations - before, 4);
  for (size_t i = 0; i < 4; i++)
    free(blocks[i]);
}

int main(void) {
  size_t n;
  kernel_backends(&n); /* opens the card */
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocations_are_counted),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_reference),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_double),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_cpu),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_cpu_bf16),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_cuda),
      cmocka_unit_test_prestate(runs_allocate_nothing, (void *)(size_t)&pm_backend_cuda_bf16),
  };
  return cmocka_run_group_tests_name("allocations", tests, NULL, NULL);
}
