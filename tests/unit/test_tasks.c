/* The pool of threads: each task done exactly once, whatever the number of threads and however often it changes. */
#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "core/tasks.h"

enum { MANY = 1000000 };

typedef struct {
  unsigned char *done; /* by task; plain, so that a task done by two threads is a data race, too */
  size_t tasks, scratch_bytes;
  atomic_size_t calls, bad_scratch, bad_number;
} round_of_work;

static void mark(void *context, size_t task, void *scratch) {
  round_of_work *w = context;
  atomic_fetch_add(&w->calls, 1);
  if (task >= w->tasks) {
    atomic_fetch_add(&w->bad_number, 1);
    return;
  }
  w->done[task]++;
  if (!w->scratch_bytes)
    return;
  /* the whole block is ours while the task lasts */
  unsigned char *bytes = scratch, seal = (unsigned char)(task * 31 + 7);
  memset(bytes, seal, w->scratch_bytes);
  for (size_t i = 0; i < w->scratch_bytes; i++)
    if (((volatile unsigned char *)bytes)[i] != seal) {
      atomic_fetch_add(&w->bad_scratch, 1);
      return;
    }
  if (!scratch || (uintptr_t)scratch % 64)
    atomic_fetch_add(&w->bad_scratch, 1);
}

static void one_round(size_t tasks, size_t scratch_bytes) {
  round_of_work w = {.done = calloc(tasks + 1, 1), .tasks = tasks, .scratch_bytes = scratch_bytes};
  assert_non_null(w.done);
  pm_parallel_for(tasks, scratch_bytes, mark, &w);
  assert_int_equal(w.calls, tasks);
  assert_int_equal(w.bad_number, 0);
  assert_int_equal(w.bad_scratch, 0);
  for (size_t i = 0; i < tasks; i++)
    if (w.done[i] != 1)
      fail_msg("task %zu of %zu was done %d times", i, tasks, w.done[i]);
  free(w.done);
}

static void each_task_once(void **state) {
  (void)state;
  for (int threads = 1; threads <= 8; threads++) {
    pm_set_threads(threads);
    assert_int_equal(pm_threads(), threads);
    for (size_t tasks = 0; tasks <= 40; tasks++)
      one_round(tasks, 0);
    one_round(1000, 0);
  }
}

static void many_rounds(void **state) {
  (void)state;
  for (int threads = 2; threads <= 8; threads += 3) {
    pm_set_threads(threads);
    for (size_t round = 0; round < 2000; round++)
      one_round(round % 17, 0);
  }
}

/* Rounds that follow each other at once reuse what the one before left: a late thread must not take a task twice. */
static void count(void *context, size_t task, void *scratch) {
  (void)task, (void)scratch;
  atomic_fetch_add_explicit((atomic_size_t *)context, 1, memory_order_relaxed);
}

static void rounds_back_to_back(void **state) {
  (void)state;
  for (int threads = 2; threads <= 8; threads *= 2) {
    pm_set_threads(threads);
    for (size_t round = 0; round < 5000; round++) {
      atomic_size_t calls = 0;
      pm_parallel_for(3, 0, count, &calls);
      if (calls != 3)
        fail_msg("round %zu at %d threads: %zu calls of 3", round, threads, (size_t)calls);
    }
  }
}

static void huge_number_of_tasks(void **state) {
  (void)state;
  for (int threads = 1; threads <= 8; threads += 7) {
    pm_set_threads(threads);
    one_round(MANY, 0);
  }
}

static void scratch_is_ones_own(void **state) {
  (void)state;
  static const size_t bytes[] = {1, 64, 100, 5000, 7, 100000, 0, 3};
  for (int threads = 1; threads <= 8; threads++) {
    pm_set_threads(threads);
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
      one_round(50, bytes[i] + (size_t)threads);
  }
  pm_tasks_reserve(1 << 20);
  one_round(20, 1 << 20);
}

static void threads_change_between_rounds(void **state) {
  (void)state;
  static const int threads[] = {1, 8, 2, 7, 1, 3, 0, 5, 4, 8, 1};
  for (size_t round = 0; round < 100; round++) {
    pm_set_threads(threads[round % (sizeof threads / sizeof *threads)]);
    one_round(23, round % 3 * 128);
  }
  pm_set_threads(0);
  assert_true(pm_threads() >= 1);
  pm_set_threads(100000); /* more than there may be */
  assert_true(pm_threads() < 100000);
  pm_set_threads(-3);
  assert_true(pm_threads() >= 1);
  one_round(23, 64);
}

/* A task has one scratch block and its thread one round of work: work inside of work is refused at any number of
 * threads, so that a test finds it on any machine. */
static void begin_another(void *context, size_t task, void *scratch) {
  (void)scratch;
  if (task == 1)
    pm_parallel_for(4, 0, count, context);
}

static void work_inside_of_work(void *context) {
  atomic_size_t calls = 0;
  pm_set_threads(*(int *)context);
  pm_parallel_for(2, 0, begin_another, &calls);
}

static void rounds_do_not_nest(void **state) {
  (void)state;
  atomic_size_t calls = 0;
  pm_set_threads(1);
  pm_parallel_for(1, 0, count, &calls); /* this process's threads end: a child would wait for them */
  for (int threads = 1; threads <= 2; threads++) {
    check_output output;
    assert_int_equal(check_child(work_inside_of_work, &threads, "", &output), -SIGABRT);
    assert_non_null(strstr(output.err, "inside_task"));
  }
}

/* Denormal numbers are flushed in every task, on every thread, and kept outside of them. */
#if defined(__SSE__) || defined(__aarch64__)
static volatile float tiny = 1e-30f, tinier = 1e-10f;

static float product(void) {
  return tiny * tinier;
}

static void multiply_tiny(void *context, size_t task, void *scratch) {
  (void)scratch;
  ((float *)context)[task] = product();
}

static void denormals_are_flushed(void **state) {
  (void)state;
  for (int threads = 1; threads <= 4; threads++) {
    float results[64];
    memset(results, 0x7f, sizeof results);
    pm_set_threads(threads);
    for (size_t tasks = 1; tasks <= 64; tasks += 63) { /* a single task is done without the pool */
      pm_parallel_for(tasks, 0, multiply_tiny, results);
      for (size_t i = 0; i < tasks; i++)
        assert_true(results[i] == 0);
    }
    assert_true(product() > 0);
  }
}
#else
static void denormals_are_flushed(void **state) {
  (void)state;
  skip();
}
#endif

/* The result of a task cannot depend on who does it: order and threads do not show. */
typedef struct {
  float *out;
} sums;

static void sum_series(void *context, size_t task, void *scratch) {
  float *terms = scratch, sum = 0;
  for (size_t i = 0; i < 100; i++)
    terms[i] = 1 / (float)(task + i + 1);
  for (size_t i = 0; i < 100; i++)
    sum += terms[i];
  ((sums *)context)->out[task] = sum;
}

static void same_bytes_at_any_number_of_threads(void **state) {
  (void)state;
  float first[500], again[500];
  sums w = {first};
  pm_set_threads(1);
  pm_parallel_for(500, 100 * sizeof(float), sum_series, &w);
  w.out = again;
  for (int threads = 2; threads <= 8; threads++) {
    memset(again, 0, sizeof again);
    pm_set_threads(threads);
    pm_parallel_for(500, 100 * sizeof(float), sum_series, &w);
    assert_memory_equal(first, again, sizeof first);
  }
}

/* A system that gives fewer threads than are wanted is asked once, not before each round of work. */
#if !defined(__SANITIZE_THREAD__) /* which has a pthread_create of its own */
static int asked, given = 1000;

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*start)(void *), void *argument) {
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
  asked++;
  return given-- > 0 ? real(thread, how, start, argument) : EAGAIN;
}

static void fewer_threads_than_wanted(void **state) {
  (void)state;
  for (int there = 0; there <= 2; there++) {
    pm_set_threads(1);
    one_round(10, 64);
    asked = 0;
    given = there;
    pm_set_threads(8);
    for (int round = 0; round < 20; round++)
      one_round(10, 64);
    assert_int_equal(asked, there + 1); /* all that there are, and one more */
    assert_int_equal(pm_threads(), there + 1);
  }
  given = 1000;
  pm_set_threads(3);
  one_round(10, 64);
  assert_int_equal(pm_threads(), 3);
}
#else
static void fewer_threads_than_wanted(void **state) {
  (void)state;
  skip();
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_task_once),
      cmocka_unit_test(many_rounds),
      cmocka_unit_test(rounds_back_to_back),
      cmocka_unit_test(huge_number_of_tasks),
      cmocka_unit_test(scratch_is_ones_own),
      cmocka_unit_test(threads_change_between_rounds),
      cmocka_unit_test(rounds_do_not_nest),
      cmocka_unit_test(denormals_are_flushed),
      cmocka_unit_test(same_bytes_at_any_number_of_threads),
      cmocka_unit_test(fewer_threads_than_wanted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
