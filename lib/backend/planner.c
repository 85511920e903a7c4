#include "backend/planner.h"

#include "core/sizes.h"

#include <stdlib.h>

static size_t rounded(size_t bytes) {
  return pm_rounded_up(bytes, PM_OPERAND_ALIGNMENT);
}

pm_operand *pm_operand_root(const pm_operand *operand) {
  while (operand->same != operand)
    operand = operand->same;
  return operand->same;
}

static bool in_buffer(const pm_operand *root) {
  return root->form == PM_PLAIN && root->value && root->value->buffer;
}

static void survive(pm_operand *operand, size_t step) {
  pm_operand *root = pm_operand_root(operand);
  if (in_buffer(root))
    return;
  if (!root->used) {
    root->used = true;
    root->first = step;
  }
  if (step > root->last)
    root->last = step;
}

/* First and last step of every operand's memory. What is kept lives to the program's end; what lasts, always. */
static void find_lives(pm_lowered *l) {
  for (size_t i = 0; i < l->steps; i++) {
    const pm_step *step = &l->step[i];
    for (int k = 0; k < step->ins; k++)
      if (step->in[k])
        survive(step->in[k], i);
    for (int k = 0; k < step->outs; k++)
      survive(step->out[k], i);
    if (step->workspace)
      survive(step->workspace, i);
  }
  for (size_t i = 0; i < l->operands; i++) {
    pm_operand *o = l->operand[i], *root = pm_operand_root(o);
    if (!root->used)
      continue;
    if (o->lasting)
      root->first = 0;
    if (o->lasting || (o->form == PM_PLAIN && o->value && o->value->is_output))
      root->last = l->steps;
  }
}

/* A step that may write over an input does so where no later step reads it. */
static void share_in_place(pm_lowered *l) {
  for (size_t i = 0; i < l->steps; i++) {
    const pm_step *step = &l->step[i];
    if (!step->in_place || !step->in[step->in_place - 1] || step->out[0]->same != step->out[0])
      continue;
    pm_operand *from = pm_operand_root(step->in[step->in_place - 1]), *to = step->out[0];
    bool again = false; /* the same memory is another input too */
    for (int k = 0; k < step->ins; k++)
      again |= k != step->in_place - 1 && step->in[k] && pm_operand_root(step->in[k]) == from;
    if (in_buffer(from) || in_buffer(to) || again || from->last != i || rounded(from->bytes) != rounded(to->bytes))
      continue;
    to->same = from;
    from->last = to->last;
  }
}

static int larger_first(const void *a, const void *b) {
  const pm_operand *x = *(pm_operand *const *)a, *y = *(pm_operand *const *)b;
  if (rounded(x->bytes) != rounded(y->bytes))
    return rounded(x->bytes) < rounded(y->bytes) ? 1 : -1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static int lower_first(const void *a, const void *b) {
  const pm_operand *x = *(pm_operand *const *)a, *y = *(pm_operand *const *)b;
  return x->place < y->place ? -1 : x->place > y->place;
}

/* First fit: each operand, the largest first, at the lowest place where no other is needed at the same time. */
static size_t place_all(pm_operand **piece, size_t n, pm_arena *arena) {
  size_t end = 0;
  pm_operand **near = pm_alloc(arena, n, sizeof *near);
  for (size_t i = 0; i < n; i++) {
    size_t count = 0, place = 0, bytes = rounded(piece[i]->bytes);
    for (size_t j = 0; j < i; j++)
      if (piece[j]->first <= piece[i]->last && piece[i]->first <= piece[j]->last)
        near[count++] = piece[j];
    qsort(near, count, sizeof *near, lower_first);
    for (size_t j = 0; j < count && near[j]->place < place + bytes; j++)
      if (near[j]->place + rounded(near[j]->bytes) > place)
        place = near[j]->place + rounded(near[j]->bytes);
    piece[i]->place = place;
    if (place + bytes > end)
      end = place + bytes;
  }
  return end;
}

pm_memory_plan pm_plan_memory(pm_lowered *l) {
  pm_memory_plan plan = {0, 0};
  pm_arena *scratch = pm_arena_new();
  pm_operand **piece = pm_alloc(scratch, l->operands, sizeof *piece);
  size_t n = 0;
  find_lives(l);
  for (size_t i = 0; i < l->operands; i++)
    if (l->operand[i]->used && l->operand[i]->value)
      plan.values += rounded(l->operand[i]->bytes);
  share_in_place(l);
  for (size_t i = 0; i < l->operands; i++)
    if (l->operand[i]->used && l->operand[i]->same == l->operand[i]) {
      l->operand[i]->last += l->rules->beside;
      piece[n++] = l->operand[i];
    }
  qsort(piece, n, sizeof *piece, larger_first);
  plan.block = place_all(piece, n, scratch);
  pm_arena_free(scratch);
  return plan;
}
