/* Sums over processes with a card each, on emulated cards with a stand-in for NCCL: the bytes of the host's sum. */
#include "files.h"

#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "backend/cuda/ranks.h"
#include "core/random.h"
#include "parallel/tree.h"
#include "tests/cuda/emulation/link.h"

#include <sys/wait.h>
#include <unistd.h>

enum { BUFFERS = 3, MOST = 5 };
static const size_t counts[BUFFERS] = {1000, 7, 333}; /* no multiple of a number of ranks */
enum { ALL = 1340 };

/* What rank k has to add: of very different sizes, so that another order gives other bits, some of them denormal. */
static void own_part(float *x, int k) {
  pm_normals(x, ALL, 1, pm_purpose("part"), (uint64_t)k, 0);
  for (size_t i = 0; i < ALL; i++)
    x[i] *= i % 10 == 9 ? 1e-39f : (float)(1 << (k * 5 % 19));
}

static const float *sum_on_host(int size) {
  float *part[MOST];
  for (int k = 0; k < size; k++)
    own_part(part[k] = pm_alloc(arena, ALL, sizeof(float)), k);
  pm_sum_parts(part, (size_t)size, ALL);
  return part[0];
}

/* What a process of its own does: its exit status. Twice, as from step to step. */
static int sums_as_the_host(int rank, int size, const float *expected) {
  char why[200];
  float x[ALL];
  pm_buffer buffer[BUFFERS], *list[BUFFERS];
  if (pm_cuda_open_card(0, why, sizeof why) || !pm_cuda_join(emulated_transport(rank), rank, size))
    return 2;
  for (int turn = 0; turn < 2; turn++) {
    size_t at = 0;
    own_part(x, rank);
    for (int i = 0; i < BUFFERS; at += counts[i++]) {
      buffer[i] = (pm_buffer){.name = "gradients", .role = PM_STATE, .dtype = PM_F32, .count = counts[i]};
      pm_cuda_allocate(&pm_backend_cuda, list[i] = &buffer[i]);
      pm_cuda_write(list[i], 0, x + at, counts[i]);
    }
    pm_cuda_sum_ranks(list, BUFFERS);
    at = 0;
    for (int i = 0; i < BUFFERS; at += counts[i++]) {
      pm_cuda_read(list[i], 0, x + at, counts[i]);
      pm_cuda_release(list[i]);
    }
    if (memcmp(x, expected, sizeof x) != 0)
      return 1;
  }
  return 0;
}

static void cards_sum_as_the_host_does(void **state) {
  (void)state;
  for (int size = 2; size <= MOST; size++) {
    const float *expected = sum_on_host(size);
    pid_t process[MOST];
    emulated_link_prepare(size, 2 * ALL);
    for (int k = 0; k < size; k++) {
      process[k] = fork();
      assert_true(process[k] >= 0);
      if (process[k] == 0)
        _exit(sums_as_the_host(k, size, expected));
    }
    for (int k = 0; k < size; k++) {
      int status = -1;
      assert_int_equal(waitpid(process[k], &status, 0), process[k]);
      if (status)
        fail_msg("rank %d of %d: status %d", k, size, WEXITSTATUS(status));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {FILE_CASE(cards_sum_as_the_host_does)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
