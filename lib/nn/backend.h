/* What a backend is: memory for buffers, and graphs compiled and run. Lowering, fusion, memory planning and physical
 * layout are its own business. The implementations lie in lib/backend/. */
#ifndef PM_NN_BACKEND_H
#define PM_NN_BACKEND_H

#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_program pm_program;

/* What a compiled graph will take, in bytes; for --dry-run. */
typedef struct {
  size_t planned;  /* its own values, after sharing of memory */
  size_t values;   /* the same values without sharing */
  size_t resident; /* buffers of the store that it touches */
  size_t nodes;
} pm_program_size;

struct pm_backend {
  const char *name; /* "cpu" */
  /* The processor or card that decides the bits of a result: "avx512 SkylakeX". Same tier, same bytes. */
  const char *(*tier)(void);

  /* Memory of a buffer, zeroed. PM_F32 items cross the boundary as float. */
  void (*allocate)(pm_buffer *buffer);
  void (*release)(pm_buffer *buffer);
  void (*write)(pm_buffer *buffer, size_t offset, const void *items, size_t count);
  void (*read)(const pm_buffer *buffer, size_t offset, void *items, size_t count);

  /* Compiles what the kept values and the updated buffers need, nothing else, after pm_check_order (nn/order.h). Seals
   * the store; allocates the buffers. The graph must outlive the program. */
  pm_program *(*compile)(const pm_graph *graph);
  void (*run)(pm_program *program);
  /* A kept value's items (PM_F32 as float) after a run. */
  void (*read_value)(const pm_program *program, const pm_value *value, void *items);
  pm_program_size (*size)(const pm_program *program);
  void (*free_program)(pm_program *program);
};

#ifdef __cplusplus
}
#endif
#endif
