/* Programs that run on the card: compiled by the lowering and the planner of the host's, captured at the second run. */
#ifndef PM_BACKEND_CUDA_PROGRAM_H
#define PM_BACKEND_CUDA_PROGRAM_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For the function `compile` of a backend. */
pm_program *pm_cuda_compile_with(const pm_graph *graph, const pm_lowering_rules *rules);

/* Of pm_backend. The first run puts step after step into the queue; the second captures them as one graph, which it
 * and all later ones launch. Conversions of parameters are no part of it: they run before, when their source has
 * changed. */
void pm_cuda_run(pm_program *program);
void pm_cuda_run_timed(pm_program *program, pm_step_time *steps);
void pm_cuda_read_value(const pm_program *program, const pm_value *value, void *items);
pm_program_size pm_cuda_size(const pm_program *program);
void pm_cuda_free_program(pm_program *program);

/* What a run is, without running it: nodes of its captured graph, bytes that its steps read and write (each operand of
 * a step once), floating-point operations of its products. */
typedef struct {
  size_t steps, nodes;
  double bytes, flops;
} pm_cuda_work;
pm_cuda_work pm_cuda_work_of(pm_program *program);

#ifdef __cplusplus
}
#endif
#endif
