/* Sums of a table's rows, and their gradient: slices of the table's columns are the tasks. A slice is copied next to
 * itself where it is read often: rows of a wide table lie at distances of which a cache holds only a few. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

enum { SLICE = 16, BLOCK = 64 }; /* columns; lists */

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

size_t pm_cpu_embedding_sum_scratch(const pm_node *node) {
  return pm_rows(node->in[PM_EMBEDDING_SUM_TABLE]) * SLICE * sizeof(float);
}

static size_t length_of(const int32_t *list, size_t room) {
  size_t n = 0;
  while (n < room && list[n] >= 0)
    n++;
  return n;
}

/* Columns `from` and on of the table, [rows,SLICE]. */
static void copy_slice(float *slice, const sums *s, size_t from) {
  const float *table = (const float *)s->call->in[PM_EMBEDDING_SUM_TABLE] + from;
  const size_t columns = pm_smaller(s->D - from, SLICE);
  for (size_t r = 0; r < s->rows; r++, slice += SLICE) {
    pm_copy(slice, table + r * s->D, columns);
    for (size_t c = columns; c < SLICE; c++)
      slice[c] = 0;
  }
}

static void sum_slice(void *context, size_t task, void *scratch) {
  const sums *s = context;
  const size_t from = task * SLICE, columns = pm_smaller(s->D - from, SLICE);
  const bool copied = s->lists >= BLOCK || columns < SLICE;
  const float *table = (const float *)s->call->in[PM_EMBEDDING_SUM_TABLE] + from;
  if (copied) {
    copy_slice(scratch, s, from);
    table = scratch;
  }
  for (size_t r = 0; r < s->lists; r++) {
    const int32_t *list = s->list + r * s->room;
    float y[SLICE];
    pm_vector_best()->sum_listed(y, table, copied ? SLICE : s->D, list, length_of(list, s->room));
    pm_copy((float *)s->call->out[0] + r * s->D + from, y, columns);
  }
}

void pm_cpu_embedding_sum(const pm_call *call) {
  sums s = sums_of(call);
  pm_parallel_for(pm_pieces(s.D, SLICE), pm_cpu_embedding_sum_scratch(call->node), sum_slice, &s);
}

/* Each number is added up in the order of the lists. */
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
  pm_parallel_for(pm_pieces(s.D, SLICE), pm_cpu_embedding_sum_scratch(call->node), gradient_slice, &s);
}
