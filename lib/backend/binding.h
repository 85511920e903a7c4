/* A lowered program with its memory: the steps with addresses, which programs of the host and of a device share. */
#ifndef PM_BACKEND_BINDING_H
#define PM_BACKEND_BINDING_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A step with its operands' addresses. A conversion of parameters is done again when their buffer has changed. */
typedef struct {
  pm_kernel kernel;
  pm_call call;
  const pm_buffer *source;
  uint64_t version;
} pm_bound_step;

typedef struct {
  pm_arena *arena;
  const pm_lowered *lowered;
  pm_bound_step *step;
  size_t steps;
  pm_buffer **updated; /* that the steps write */
  size_t updates;
  char *block; /* where the operands lie that are in no buffer */
  pm_program_size size;
} pm_binding;

/* Checks the graph's order, lowers it and plans its memory, in the arena: size.planned bytes, which the caller gives to
 * pm_bind. Buffers that are not there yet are allocated; the store is sealed. */
pm_binding pm_bind_lowered(const pm_graph *graph, const pm_lowering_rules *rules, pm_arena *arena);
/* Gives the steps their addresses, and the queue in whose order they work. */
void pm_bind(pm_binding *b, void *block, void *queue);

void *pm_bound_address(const pm_binding *b, const pm_operand *operand);
/* Whether a step need not run: a conversion whose source has not changed since it last did. */
bool pm_bound_is_current(const pm_bound_step *step);
/* Runs the step, unless it is current. */
void pm_bound_run(pm_bound_step *step);
/* To be called at the end of a run: the buffers that it wrote have another version. */
void pm_count_updates(pm_binding *b);

#ifdef __cplusplus
}
#endif
#endif
