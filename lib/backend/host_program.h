/* Programs that run in the host's memory: what the cpu backend and the references share. */
#ifndef PM_BACKEND_HOST_PROGRAM_H
#define PM_BACKEND_HOST_PROGRAM_H

#include "nn/backend.h"
#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_kernel kernel;
  size_t (*workspace)(const pm_node *node); /* bytes that the kernel wants for one call; NULL: none */
} pm_kernel_choice;

/* `real_size`: bytes of a PM_F32 item; `choose` names the kernel of an op. */
pm_program *pm_host_compile(const pm_graph *graph, size_t real_size, pm_kernel_choice (*choose)(const pm_op *op));
void pm_host_run(pm_program *program);
pm_program_size pm_host_size(const pm_program *program);
void pm_host_free_program(pm_program *program);
void pm_host_read_value(const pm_program *program, const pm_value *value, void *items);

/* Memory of buffers whose PM_F32 items have 4 bytes. */
void pm_host_allocate(pm_buffer *buffer);
void pm_host_release(pm_buffer *buffer);
void pm_host_write(pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_host_read(const pm_buffer *buffer, size_t offset, void *items, size_t count);
/* … and 8. */
void pm_host_allocate_double(pm_buffer *buffer);
void pm_host_write_double(pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_host_read_double(const pm_buffer *buffer, size_t offset, void *items, size_t count);

#ifdef __cplusplus
}
#endif
#endif
