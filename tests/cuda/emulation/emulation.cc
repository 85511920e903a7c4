/* The threads of blocks as fibers. A thread that never waits needs no fiber of its own: one runs it to its end and goes
 * on with the next; only where a thread waits at a barrier does another fiber begin. */
#include "cuda_runtime.h"
#include "emulation_parts.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define ON_TSAN(...) __VA_ARGS__
#define OWN_FIBERS true
#else
#define ON_TSAN(...)
#define OWN_FIBERS false
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define ON_ASAN(...) __VA_ARGS__
#else
#define ON_ASAN(...)
#endif
/* The scheduler's own state is no business of the sanitizers. */
#define UNSEEN __attribute__((noinline, no_sanitize("thread"), no_sanitize("address")))

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

extern "C" char __start_cuda_shared[] __attribute__((weak)), __stop_cuda_shared[] __attribute__((weak));

namespace emulated {

/* Stacks do not begin a power of two apart, or all would share a few lines of the cache. */
enum { MOST_THREADS = 1024, WARP = 32, STACK = (256 << 10) + 1088 };

/* Threads that wait for each other. */
struct group {
  unsigned alive, waiting, round;
  const char *file;
  int line;
};

/* Where a thread stands. */
struct thread {
  bool begun, done;
  int fiber;          /* while it waits */
  const group *wants; /* … for this group to get beyond `round` */
  unsigned round;
};

struct fiber {
  ucontext_t beginning;
  void *at[5]; /* __builtin_setjmp's */
  bool made;
  ON_ASAN(void *fake_stack;)
  ON_TSAN(void *tsan;)
};

static group block_group, warp_group[MOST_THREADS / WARP];
static unsigned long long slot[2][MOST_THREADS];
static thread all[MOST_THREADS];
static uint3 index_of[MOST_THREADS];
static fiber fibers[MOST_THREADS + 1]; /* the last is the scheduler */
static fiber *const scheduler = &fibers[MOST_THREADS];
static char *stacks;
static int idle[MOST_THREADS], idles;
static const unsigned *turn;
static unsigned next_turn;
static unsigned self, threads, left;
static int current;
static const std::function<void()> *body;

[[noreturn]] static void die(const char *why) {
  const group *g = all[self].wants ? all[self].wants : &block_group;
  fprintf(stderr, "emulation: block (%u,%u,%u) thread %u: %s (%s:%d)\n", blockIdx.x, blockIdx.y, blockIdx.z, self, why,
          g->file ? g->file : "", g->line);
  abort();
}

static unsigned threads_of(size3 s) {
  return s.x * s.y * s.z;
}

/* ---- from fiber to fiber ---- */

static void fiber_main();

UNSEEN static void begin_fiber(fiber *f) {
  f->made = true;
  setcontext(&f->beginning);
}

/* Apart from switch_fiber, which may not have both. */
UNSEEN static void jump_into(fiber *f) {
  __builtin_longjmp(f->at, 1);
}

/* ASan is told which stack this is, and tells where the one lies that was left: the scheduler's is the caller's. */
ON_ASAN(static int left_fiber; static const void *stack_of_scheduler; static size_t size_of_scheduler;)
UNSEEN static void arrive() {
  ON_ASAN(const void *bottom; size_t size; __sanitizer_finish_switch_fiber(fibers[current].fake_stack, &bottom, &size);
          if (left_fiber == MOST_THREADS) stack_of_scheduler = bottom, size_of_scheduler = size;)
}

UNSEEN static void switch_fiber(int from, int to) {
  fiber *a = &fibers[from], *b = &fibers[to];
  (void)a;
  current = to;
  ON_TSAN(__tsan_switch_to_fiber(b->tsan, __tsan_switch_to_fiber_no_sync);)
  ON_ASAN(left_fiber = from;
          __sanitizer_start_switch_fiber(&a->fake_stack,
                                         to == MOST_THREADS ? stack_of_scheduler : stacks + (size_t)to * STACK,
                                         to == MOST_THREADS ? size_of_scheduler : (size_t)STACK);)
  if (__builtin_setjmp(a->at) == 0) {
    if (b->made)
      jump_into(b);
    begin_fiber(b);
  }
  arrive();
}

UNSEEN static void prepare_fiber(int n) {
  fiber *f = &fibers[n];
  if (f->made)
    return;
  getcontext(&f->beginning);
  f->beginning.uc_stack.ss_sp = stacks + (size_t)n * STACK;
  f->beginning.uc_stack.ss_size = STACK;
  f->beginning.uc_link = nullptr;
  makecontext(&f->beginning, fiber_main, 0);
  ON_TSAN(f->tsan = __tsan_create_fiber(0);)
}

/* ---- threads and barriers ---- */

UNSEEN static void become(unsigned n) {
  self = n;
  threadIdx = index_of[n];
}

UNSEEN static void release_if_full(group *g) {
  if (g->alive && g->waiting == g->alive) {
    g->waiting = 0;
    g->round++;
  }
}

UNSEEN static void end_thread(unsigned n) {
  for (group *g : {&block_group, &warp_group[n / WARP]}) {
    g->alive--;
    release_if_full(g);
  }
  all[n].done = true;
  left--;
}

UNSEEN static bool take_next(unsigned *n) {
  if (next_turn == threads)
    return false;
  *n = turn[next_turn++];
  all[*n].begun = true;
  become(*n);
  return true;
}

UNSEEN static void give_fiber_back() {
  idle[idles++] = current;
  switch_fiber(current, MOST_THREADS);
}

/* Threads one after the other, as long as there are any that have not begun. */
static void fiber_main() {
  arrive();
  for (;;) {
    for (unsigned n; take_next(&n);) {
      ON_TSAN(__tsan_acquire(fibers);) /* what was done before the block began */
      (*body)();
      ON_TSAN(__tsan_release(all);)
      end_thread(n);
      if (OWN_FIBERS)
        break;
    }
    give_fiber_back();
  }
}

UNSEEN static void barrier(group *g, const char *file, int line) {
  const unsigned me = self;
  thread *t = &all[me];
  t->wants = g;
  if (g->waiting && (g->line != line || g->file != file))
    die("threads wait at different barriers");
  g->file = file;
  g->line = line;
  g->waiting++;
  t->round = g->round;
  t->fiber = current;
  ON_TSAN(__tsan_release(g);)
  release_if_full(g);
  if (g->round == t->round)
    switch_fiber(current, MOST_THREADS);
  become(me);
  t->wants = nullptr;
  ON_TSAN(__tsan_acquire(g);)
}

void block_barrier(const char *file, int line) {
  barrier(&block_group, file, line);
}

void warp_barrier(const char *file, int line) {
  barrier(&warp_group[self / WARP], file, line);
}

UNSEEN unsigned lane() {
  return self % WARP;
}

/* Two sets of slots in turn: who writes one again has passed a barrier that its readers have come to. */
UNSEEN const unsigned long long *exchange(unsigned mask, unsigned long long mine, const char *file, int line) {
  group *g = &warp_group[self / WARP];
  unsigned long long *slots = slot[g->round % 2];
  if (mask != 0xffffffffu || g->alive != WARP)
    die("only whole warps may shuffle here");
  slots[self] = mine;
  barrier(g, file, line);
  return slots + self / WARP * WARP;
}

UNSEEN static void fill_shared() {
  for (char *c = __start_cuda_shared; c + 8 <= __stop_cuda_shared; c += 8)
    *(volatile unsigned long long *)(void *)c = ~0ull;
}

/* Those that wait no longer go on, in the order of their turns. Returns whether there were any. */
UNSEEN static bool go_on(const std::vector<unsigned> &order) {
  bool any = false;
  for (unsigned n : order)
    if (all[n].begun && !all[n].done && all[n].wants->round != all[n].round) {
      any = true;
      switch_fiber(MOST_THREADS, all[n].fiber);
    }
  return any;
}

UNSEEN static void begin_threads() {
  while (next_turn < threads) {
    if (!idles)
      die("too many threads wait");
    const int n = idle[--idles];
    prepare_fiber(n);
    ON_TSAN(__tsan_release(fibers);)
    switch_fiber(MOST_THREADS, n);
  }
}

UNSEEN static void run_block(std::vector<unsigned> &order, unsigned kind, std::mt19937 &random) {
  block_group = {threads, 0, 0, nullptr, 0};
  for (unsigned w = 0; w * WARP < threads; w++)
    warp_group[w] = {std::min((unsigned)WARP, threads - w * WARP), 0, 0, nullptr, 0};
  std::fill(all, all + threads, thread());
  fill_shared();
  turn = order.data();
  next_turn = 0;
  left = threads;
  begin_threads();
  while (left) {
    std::vector<unsigned> now = order;
    if (kind > 1)
      std::shuffle(now.begin(), now.end(), random);
    if (!go_on(now))
      die("not every thread comes to the barrier");
  }
  ON_TSAN(__tsan_acquire(all);)
}

static void prepare() {
  if (stacks)
    return;
  stacks = (char *)mmap(nullptr, (size_t)MOST_THREADS * STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stacks == MAP_FAILED)
    abort();
  for (int n = MOST_THREADS; n-- > 0;)
    idle[idles++] = n;
  scheduler->made = true;
  ON_TSAN(scheduler->tsan = __tsan_get_current_fiber();)
}

static void arrange(std::vector<unsigned> &list, unsigned kind, std::mt19937 &random) {
  for (unsigned i = 0; i < list.size(); i++)
    list[i] = kind == 1 ? (unsigned)list.size() - 1 - i : i;
  if (kind > 1)
    std::shuffle(list.begin(), list.end(), random);
}

void run_kernel(size3 grid, size3 block, const std::function<void()> &kernel) {
  const char *text = getenv("EMULATED_ORDER");
  const unsigned kind = text ? (unsigned)atoi(text) : 0;
  std::mt19937 random(kind);
  std::vector<unsigned> order(threads_of(block)), blocks(threads_of(grid));
  prepare();
  arrange(order, kind, random);
  arrange(blocks, kind, random);
  threads = threads_of(block);
  gridDim = dim3(grid.x, grid.y, grid.z);
  blockDim = dim3(block.x, block.y, block.z);
  body = &kernel;
  for (unsigned n = 0; n < threads; n++)
    index_of[n] = {n % block.x, n / block.x % block.y, n / block.x / block.y};
  for (unsigned b : blocks) {
    blockIdx = {b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y};
    run_block(order, kind, random);
  }
}

bool is_launchable(size3 grid, size3 block) {
  const unsigned n = threads_of(block);
  return n && n <= MOST_THREADS && block.z <= 64 && grid.x && grid.x <= 0x7fffffff && grid.y && grid.y <= 65535 &&
         grid.z && grid.z <= 65535;
}

} // namespace emulated
