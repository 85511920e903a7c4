/* Where the operands of a lowered program lie: in one block, whose pieces are shared by operands that are not needed at
 * the same time. It knows no kernel and no device, so that every backend can use it. */
#ifndef PM_BACKEND_PLANNER_H
#define PM_BACKEND_PLANNER_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t block;  /* bytes that all operands of the program's own need together */
  size_t values; /* … that the same would need without sharing */
} pm_memory_plan;

enum { PM_OPERAND_ALIGNMENT = 64 }; /* bytes: operands, and parameters in their buffer, begin at multiples of it */

/* Sets `place` of every operand that is the root of its memory (`same` is itself) and in no buffer, a multiple of
 * PM_OPERAND_ALIGNMENT; others lie where their root does. Lets steps write in place where no later step reads the
 * input. */
pm_memory_plan pm_plan_memory(pm_lowered *lowered);

/* The operand in whose memory this one lies. */
pm_operand *pm_operand_root(const pm_operand *operand);

#ifdef __cplusplus
}
#endif
#endif
