/* Programs that run in the host's memory: what the cpu backend and the references share. */
#ifndef PM_BACKEND_HOST_PROGRAM_H
#define PM_BACKEND_HOST_PROGRAM_H

#include "backend/lowering.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For the function `compile` of a backend. */
pm_program *pm_host_compile(const pm_graph *graph, const pm_lowering_rules *rules);
/* Any node: an op without an implementation runs its reference. */
bool pm_host_supports(const pm_backend *self, const pm_node *node);
void pm_host_run(pm_program *program);
void pm_host_run_timed(pm_program *program, pm_step_time *steps);
pm_program_size pm_host_size(const pm_program *program);
void pm_host_free_program(pm_program *program);
void pm_host_read_value(const pm_program *program, const pm_value *value, void *items);

/* Memory of buffers whose PM_F32 items have 4 bytes. */
void pm_host_allocate(const pm_backend *self, pm_buffer *buffer);
void pm_host_release(pm_buffer *buffer);
void pm_host_write(pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_host_read(const pm_buffer *buffer, size_t offset, void *items, size_t count);
/* … and 8. */
void pm_host_allocate_double(const pm_backend *self, pm_buffer *buffer);
void pm_host_write_double(pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_host_read_double(const pm_buffer *buffer, size_t offset, void *items, size_t count);

#ifdef __cplusplus
}
#endif
#endif
