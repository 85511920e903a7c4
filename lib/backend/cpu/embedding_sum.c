/* Sums of a table's rows, blocks of lists being the tasks; and their gradient, slices of the table's columns being the
 * tasks, so that each number of it is added up in the order of the lists. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { LISTS = 64, COLUMNS = 64, SLICE = 16 };

typedef struct {
  const pm_call *call;
  const int32_t *list;
  size_t lists, room, rows, D;
} sums;

static_assert((int)PM_EMBEDDING_SUM_TABLE == (int)PM_EMBEDDING_SUM_GRAD_TABLE &&
                  (int)PM_EMBEDDING_SUM_LIST == (int)PM_EMBEDDING_SUM_GRAD_LIST,
              "the sizes are those of both ops");

static sums sums_of(const pm_call *call) {
  const pm_value *table = call->node->in[PM_EMBEDDING_SUM_TABLE], *list = call->node->in[PM_EMBEDDING_SUM_LIST];
  return (sums){
      call, call->in[PM_EMBEDDING_SUM_LIST], pm_rows(list), pm_columns(list), pm_rows(table), pm_columns(table)};
}

static size_t length_of(const int32_t *list, size_t room) {
  size_t n = 0;
  while (n < room && list[n] >= 0)
    n++;
  return n;
}

/* Columns outside, so that the part of the table that is in use stays in a near cache. */
static void sum_block(void *context, size_t block, void *scratch) {
  const sums *s = context;
  const size_t first = block * LISTS, lists = pm_smaller(s->lists - first, LISTS);
  size_t length[LISTS];
  (void)scratch;
  for (size_t r = 0; r < lists; r++)
    length[r] = length_of(s->list + (first + r) * s->room, s->room);
  for (size_t from = 0; from < s->D; from += COLUMNS)
    for (size_t r = first; r < first + lists; r++)
      pm_vector_best()->sum_listed((float *)s->call->out[0] + r * s->D + from,
                                   (const float *)s->call->in[PM_EMBEDDING_SUM_TABLE] + from, s->list + r * s->room,
                                   length[r - first], pm_smaller(s->D - from, COLUMNS), s->D);
}

void pm_cpu_embedding_sum(const pm_call *call) {
  sums s = sums_of(call);
  pm_parallel_for(pm_pieces(s.lists, LISTS), 0, sum_block, &s);
}

size_t pm_cpu_embedding_sum_grad_scratch(const pm_node *node) {
  return pm_rows(node->in[PM_EMBEDDING_SUM_GRAD_TABLE]) * SLICE * sizeof(float);
}

/* A slice's sums lie side by side: rows of a wide table have distances of which the first-level cache holds only a few.
 */
static void gradient_slice(void *context, size_t task, void *scratch) {
  const sums *s = context;
  const size_t from = task * SLICE, columns = pm_smaller(s->D - from, SLICE);
  const float *dy = (const float *)s->call->in[PM_EMBEDDING_SUM_GRAD_DY] + from;
  float *slice = memset(scratch, 0, s->rows * SLICE * sizeof *slice), x[SLICE] = {0};
  for (size_t r = 0; r < s->lists; r++) {
    const int32_t *list = s->list + r * s->room;
    pm_copy(x, dy + r * s->D, columns);
    pm_vector_best()->add_to_listed(slice, x, list, length_of(list, s->room));
  }
  for (size_t r = 0; r < s->rows; r++)
    pm_copy((float *)s->call->out[0] + r * s->D + from, slice + r * SLICE, columns);
}

void pm_cpu_embedding_sum_grad(const pm_call *call) {
  sums s = sums_of(call);
  pm_parallel_for(pm_pieces(s.D, SLICE), pm_cpu_embedding_sum_grad_scratch(call->node), gradient_slice, &s);
}
