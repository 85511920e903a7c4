#include "core/attempt.h"

#include <setjmp.h>
#include <stdbool.h>

typedef struct {
  jmp_buf back;
  pm_arena *arena;
  const char *text;
  pm_fail_handler outer; /* whose turn it is again after this attempt */
  void *outer_context;
} attempt;

static void caught(void *context, enum pm_status status, const char *line) {
  attempt *a = context;
  pm_set_fail_handler(a->outer, a->outer_context);
  if (status != PM_BAD_INPUT)
    pm_fail(status, NULL, "%s", pm_without_tool(line));
  a->text = pm_copy_text(a->arena, pm_without_tool(line));
  longjmp(a->back, 1);
}

const char *pm_attempt(pm_arena *arena, void (*work)(void *context), void *context) {
  attempt *a = pm_alloc(arena, 1, sizeof *a); /* not a local: what setjmp returns to must not be in registers */
  a->arena = arena;
  a->outer = pm_get_fail_handler(&a->outer_context);
  pm_set_fail_handler(caught, a);
  if (setjmp(a->back) == 0) {
    work(context);
    pm_set_fail_handler(a->outer, a->outer_context);
  }
  return a->text;
}
