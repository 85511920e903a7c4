#include "backend/cuda/schedule.h"

#include <stdint.h>
#include <string.h>

enum { MOST_RANGES = PM_MAX_IN + PM_MAX_OUT + 1, BITS = 64 };

/* Bytes that a step reads or writes. */
typedef struct {
  const char *at;
  size_t bytes;
  bool written;
} range;

typedef struct {
  range range[MOST_RANGES];
  int n;
} touched;

static void touch(touched *t, const pm_binding *b, const pm_operand *operand, bool written) {
  if (operand && operand->bytes)
    t->range[t->n++] = (range){pm_bound_address(b, operand), operand->bytes, written};
}

static touched touched_by(const pm_binding *b, size_t i) {
  const pm_step *step = &b->lowered->step[i];
  touched t = {.n = 0};
  for (int k = 0; k < step->ins; k++)
    touch(&t, b, step->in[k], false);
  for (int k = 0; k < step->outs; k++)
    touch(&t, b, step->out[k], true);
  touch(&t, b, step->workspace, true);
  return t;
}

static bool conflict(const touched *a, const touched *b) {
  for (int i = 0; i < a->n; i++)
    for (int j = 0; j < b->n; j++) {
      const range *x = &a->range[i], *y = &b->range[j];
      if ((x->written || y->written) && x->at < y->at + y->bytes && y->at < x->at + x->bytes)
        return true;
    }
  return false;
}

pm_cuda_wait *pm_cuda_waits(const pm_binding *b, pm_arena *arena) {
  const size_t n = b->steps, words = (n + BITS - 1) / BITS;
  pm_arena *scratch = pm_arena_new();
  touched *all = pm_alloc(scratch, n, sizeof *all);
  uint64_t *before = pm_alloc(scratch, n * words, sizeof *before); /* a row of bits a step: those it comes after */
  size_t *found = pm_alloc(scratch, n, sizeof *found);
  pm_cuda_wait *waits = pm_alloc(arena, n, sizeof *waits);
  for (size_t j = 0; j < n; j++) {
    uint64_t *mine = before + j * words;
    size_t count = 0;
    if (b->step[j].source)
      continue;
    all[j] = touched_by(b, j);
    for (size_t i = j; i-- > 0;) {
      if (b->step[i].source || mine[i / BITS] >> i % BITS & 1 || !conflict(&all[i], &all[j]))
        continue;
      found[count++] = i;
      mine[i / BITS] |= (uint64_t)1 << i % BITS;
      for (size_t w = 0; w < words; w++)
        mine[w] |= before[i * words + w];
    }
    waits[j] = (pm_cuda_wait){pm_alloc(arena, count, sizeof *found), count};
    memcpy(waits[j].step, found, count * sizeof *found);
  }
  pm_arena_free(scratch);
  return waits;
}
