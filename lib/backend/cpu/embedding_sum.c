/* Sums of a table's rows, blocks of lists being the tasks; and their gradient, blocks of the table's columns being the
 * tasks, so that each number of it is added up in the order of the lists. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { LISTS = 64, COLUMNS = 64 };

typedef struct {
  const pm_call *call;
  const int32_t *list;
  size_t lists, room, D;
} sums;

static_assert((int)PM_EMBEDDING_SUM_TABLE == (int)PM_EMBEDDING_SUM_GRAD_TABLE &&
                  (int)PM_EMBEDDING_SUM_LIST == (int)PM_EMBEDDING_SUM_GRAD_LIST,
              "the sizes are those of both ops");

static sums sums_of(const pm_call *call) {
  const pm_value *table = call->node->in[PM_EMBEDDING_SUM_TABLE], *list = call->node->in[PM_EMBEDDING_SUM_LIST];
  return (sums){call, call->in[PM_EMBEDDING_SUM_LIST], pm_rows(list), pm_columns(list), pm_columns(table)};
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

static void gradient_columns(void *context, size_t block, void *scratch) {
  const sums *s = context;
  const size_t from = block * COLUMNS, columns = pm_smaller(s->D - from, COLUMNS);
  const size_t rows = pm_rows(s->call->node->out[0]);
  float *table = (float *)s->call->out[0] + from;
  const float *dy = (const float *)s->call->in[PM_EMBEDDING_SUM_GRAD_DY] + from;
  (void)scratch;
  for (size_t r = 0; r < rows; r++)
    memset(table + r * s->D, 0, columns * sizeof *table);
  for (size_t r = 0; r < s->lists; r++) {
    const int32_t *list = s->list + r * s->room;
    pm_vector_best()->add_to_listed(table, dy + r * s->D, list, length_of(list, s->room), columns, s->D);
  }
}

void pm_cpu_embedding_sum_grad(const pm_call *call) {
  sums s = sums_of(call);
  pm_parallel_for(pm_pieces(s.D, COLUMNS), 0, gradient_columns, &s);
}
