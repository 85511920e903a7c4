/* Programs that run on the card: compiled by the lowering and the planner of the host's, captured at the second run. */
#ifndef PM_BACKEND_CUDA_PROGRAM_H
#define PM_BACKEND_CUDA_PROGRAM_H

#include "backend/cuda/schedule.h"
#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For the function `compile` of a backend. */
pm_program *pm_cuda_compile_with(const pm_graph *graph, const pm_lowering_rules *rules);

/* Of pm_backend. The first run puts step after step into the queue; the second captures them as one graph, in which
 * a step waits for those alone that touch its memory (schedule.h), and which it and all later runs launch. Conversions
 * of parameters are no part of it: they run before, when their source has changed. */
void pm_cuda_run(pm_program *program);
/* As a graph of many runs, between which the card counts the scalar up. */
void pm_cuda_run_counted(pm_program *program, pm_buffer *scalar, int64_t first, size_t runs);
void pm_cuda_run_timed(pm_program *program, pm_step_time *steps);
void pm_cuda_read_value(const pm_program *program, const pm_value *value, void *items);
pm_program_size pm_cuda_size(const pm_program *program);
void pm_cuda_free_program(pm_program *program);

/* What a step of a run is, without running it: nodes of the captured graph (0: a conversion of parameters, which is
 * none of it), bytes that it reads and writes (each operand once), floating-point operations of its products, steps
 * that it waits for. For each of pm_cuda_size's steps, in the arena. */
typedef struct {
  const char *name;
  size_t nodes;
  double bytes, flops;
  pm_cuda_wait waits;
} pm_cuda_step_work;
pm_cuda_step_work *pm_cuda_work_of(pm_program *program, pm_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
