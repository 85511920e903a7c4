#include "core/tasks.h"

#include "core/fail.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

enum {
  MAX_THREADS = 256,
  SPINS = 2000, /* some 20 microseconds of looking before a thread sleeps: idle threads must not take other programs'
                   time */
};

/* One piece of parallel work. `claim` holds the number of tasks in its upper half and the next one that nobody took in
 * its lower: taking one is a single addition, and its result says whether one was left. A thread that comes
 * late takes nothing and holds nobody up. */
static struct {
  pm_task task;
  void *context;
  _Atomic uint64_t claim;
  atomic_size_t done;     /* tasks finished */
  atomic_uint generation; /* counts rounds; a change is the signal to look for work */
  atomic_bool stopping;
  pthread_mutex_t lock;
  pthread_cond_t start, finished;
} round_;

static struct {
  pthread_t thread[MAX_THREADS];
  void *scratch[MAX_THREADS]; /* [0] is the caller's */
  size_t scratch_bytes;
  int running; /* workers started: threads - 1 */
  int wanted;  /* 0: by the processors; no more than the system gave */
} pool;

static inline void relax(void) {
#if defined(__SSE__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Denormal numbers cost hundreds of cycles and matter to no result here; alike in every thread, so that results agree.
 */
static uint64_t flush_denormals(void) {
#if defined(__SSE__)
  unsigned old = _mm_getcsr();
  _mm_setcsr(old | 0x8040u); /* FTZ and DAZ */
  return old;
#elif defined(__aarch64__)
  uint64_t old;
  __asm__ volatile("mrs %0, fpcr" : "=r"(old));
  __asm__ volatile("msr fpcr, %0" : : "r"(old | 1u << 24)); /* FZ */
  return old;
#else
  return 0;
#endif
}

static void restore_denormals(uint64_t old) {
#if defined(__SSE__)
  _mm_setcsr((unsigned)old);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(old));
#else
  (void)old;
#endif
}

/* Of this thread. A task that began another round would overwrite the one that it is part of, and its own scratch. */
static _Thread_local bool inside_task;

static void work(void *scratch) {
  for (;;) {
    uint64_t claim = atomic_fetch_add_explicit(&round_.claim, 1, memory_order_acquire);
    size_t task = claim & 0xffffffffu, tasks = claim >> 32;
    if (task >= tasks)
      return;
    inside_task = true;
    round_.task(round_.context, task, scratch);
    inside_task = false;
    if (atomic_fetch_add_explicit(&round_.done, 1, memory_order_acq_rel) + 1 == tasks) {
      pthread_mutex_lock(&round_.lock);
      pthread_cond_signal(&round_.finished);
      pthread_mutex_unlock(&round_.lock);
    }
  }
}

/* Waits until the generation differs from `seen`: spins a little, then sleeps. */
static unsigned await_round(unsigned seen) {
  for (int spin = 0; spin < SPINS; spin++) {
    unsigned now = atomic_load_explicit(&round_.generation, memory_order_acquire);
    if (now != seen)
      return now;
    relax();
  }
  pthread_mutex_lock(&round_.lock);
  while (atomic_load(&round_.generation) == seen)
    pthread_cond_wait(&round_.start, &round_.lock);
  pthread_mutex_unlock(&round_.lock);
  return atomic_load(&round_.generation);
}

static void *worker(void *argument) {
  intptr_t index = (intptr_t)argument;
  unsigned seen = 0;
  flush_denormals();
  for (;;) {
    seen = await_round(seen);
    if (atomic_load(&round_.stopping))
      return NULL;
    work(pool.scratch[index]);
  }
}

static void announce(void) {
  pthread_mutex_lock(&round_.lock);
  atomic_fetch_add_explicit(&round_.generation, 1, memory_order_release);
  pthread_cond_broadcast(&round_.start);
  pthread_mutex_unlock(&round_.lock);
}

static void stop_workers(void) {
  if (pool.running == 0)
    return;
  atomic_store(&round_.stopping, true);
  announce();
  for (int i = 1; i <= pool.running; i++)
    pthread_join(pool.thread[i], NULL);
  atomic_store(&round_.stopping, false);
  atomic_store(&round_.generation, 0);
  pool.running = 0;
}

static void *scratch_block(size_t bytes) {
  void *block = NULL;
  if (bytes && posix_memalign(&block, 64, bytes))
    pm_fail(PM_FAILED, NULL, "out of memory: %zu bytes of scratch for a thread", bytes);
  return block;
}

static void start_workers(int threads) {
  static bool ready;
  if (!ready) {
    pthread_mutex_init(&round_.lock, NULL);
    pthread_cond_init(&round_.start, NULL);
    pthread_cond_init(&round_.finished, NULL);
    atexit(stop_workers);
    ready = true;
  }
  for (int i = 0; i < threads; i++)
    if (!pool.scratch[i])
      pool.scratch[i] = scratch_block(pool.scratch_bytes);
  for (int i = 1; i < threads; i++) {
    if (pthread_create(&pool.thread[i], NULL, worker, (void *)(intptr_t)i)) {
      pool.wanted = i; /* fewer give the same bytes, and more are not asked for before each round of work */
      return;
    }
    pool.running = i;
  }
}

static int processors(void) {
#if defined(__linux__)
  cpu_set_t set; /* a container or taskset may allow fewer than the machine has */
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int pm_threads(void) {
  int n = pool.wanted ? pool.wanted : processors();
  return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

void pm_set_threads(int threads) {
  pool.wanted = threads > MAX_THREADS ? MAX_THREADS : threads < 0 ? 0 : threads;
}

void pm_tasks_reserve(size_t bytes) {
  static int threads; /* asked of the system once for each setting */
  static int threads_for = -1;
  assert(!inside_task);
  if (threads_for != pool.wanted) {
    threads = pm_threads();
    threads_for = pool.wanted;
  }
  if (bytes > pool.scratch_bytes) {
    stop_workers();
    pool.scratch_bytes = bytes;
    for (int i = 0; i < MAX_THREADS; i++) {
      free(pool.scratch[i]);
      pool.scratch[i] = NULL;
    }
  }
  if (pool.running != threads - 1 || !pool.scratch[0] != !pool.scratch_bytes) {
    stop_workers();
    start_workers(threads);
  }
}

static void one_after_the_other(size_t tasks, pm_task task, void *context) {
  inside_task = true;
  for (size_t i = 0; i < tasks; i++)
    task(context, i, pool.scratch[0]);
  inside_task = false;
}

static void share(size_t tasks, pm_task task, void *context) {
  assert(tasks < UINT32_MAX - MAX_THREADS);
  round_.task = task;
  round_.context = context;
  atomic_store_explicit(&round_.done, 0, memory_order_relaxed);
  atomic_store_explicit(&round_.claim, (uint64_t)tasks << 32, memory_order_release);
  announce();
  work(pool.scratch[0]);
  for (int spin = 0; spin < SPINS && atomic_load_explicit(&round_.done, memory_order_acquire) < tasks; spin++)
    relax();
  if (atomic_load_explicit(&round_.done, memory_order_acquire) == tasks)
    return;
  pthread_mutex_lock(&round_.lock);
  while (atomic_load_explicit(&round_.done, memory_order_acquire) < tasks)
    pthread_cond_wait(&round_.finished, &round_.lock);
  pthread_mutex_unlock(&round_.lock);
}

void pm_parallel_for(size_t tasks, size_t scratch_bytes, pm_task task, void *context) {
  pm_tasks_reserve(scratch_bytes);
  uint64_t before = flush_denormals();
  if (tasks <= 1 || pool.running == 0)
    one_after_the_other(tasks, task, context);
  else
    share(tasks, task, context);
  restore_denormals(before);
}
