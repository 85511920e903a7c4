/* What a backend is: memory for buffers, and graphs compiled and run. Lowering, fusion, memory planning and physical
 * layout are its own business. The implementations lie in lib/backend/. */
#ifndef PM_NN_BACKEND_H
#define PM_NN_BACKEND_H

#include "nn/graph.h"
#include "parallel/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_program pm_program;

/* What a compiled graph will take, in bytes; for --dry-run. */
typedef struct {
  size_t planned;  /* its own values, after sharing of memory */
  size_t values;   /* the same values without sharing */
  size_t resident; /* buffers of the store that it touches */
  size_t steps;    /* calls of kernels in a run */
} pm_program_size;

/* In what the operands of matrix products and convolutions are given to the processor. Sums, normalisation, losses, the
 * optimizer and all that is kept from step to step are float in any case. */
typedef enum { PM_FP32, PM_BFLOAT16, PM_ANY_PRECISION } pm_precision;
#define PM_PRECISIONS "fp32|bf16|auto" /* their names, in this order */

/* How long a call of a kernel took. */
typedef struct {
  const char *name;       /* of the kernel: "conv2d" */
  const pm_value *result; /* its first output */
  double seconds, flops;  /* flops: of its matrix products */
} pm_step_time;

enum { PM_BACKEND_ABI = 5 }; /* a plugin built for another is refused */

/* An instance: what it computes in, and where. Of one instance, what is called first is done first: a read after a run
 * sees what the run wrote, and a run after a write what was written. */
struct pm_backend {
  int abi;
  const char *name; /* "cpu" */
  pm_precision precision;
  int device; /* number of the card; 0 on the host */

  /* The processor or card that decides the bits of a result, and the precision: "avx512 SkylakeX". Same tier, same
   * bytes. */
  const char *(*tier)(const pm_backend *self);
  /* Whether it has a kernel for this node: one that it declines cannot be compiled. */
  bool (*supports)(const pm_backend *self, const pm_node *node);

  /* Memory of a buffer, zeroed. PM_F32 items cross the boundary as float. */
  void (*allocate)(const pm_backend *self, pm_buffer *buffer);
  void (*release)(pm_buffer *buffer);
  void (*write)(pm_buffer *buffer, size_t offset, const void *items, size_t count);
  void (*read)(const pm_buffer *buffer, size_t offset, void *items, size_t count);

  /* Compiles what the kept values and the updated buffers need, nothing else, for the backend of the graph's store,
   * after pm_check_order (nn/order.h). Seals the store; allocates the buffers. The graph must outlive the program. */
  pm_program *(*compile)(const pm_graph *graph);
  void (*run)(pm_program *program);
  /* `runs` runs, as if the host wrote first, first + 1, … into the PM_I64 scalar, one number before each. NULL: nothing
   * is gained by knowing them beforehand. See pm_run_counted. */
  void (*run_counted)(pm_program *program, pm_buffer *scalar, int64_t first, size_t runs);
  /* A run that takes the time of each of its size()->steps steps; one that was left out takes 0. */
  void (*run_timed)(pm_program *program, pm_step_time *steps);
  /* A kept value's items (PM_F32 as float) after a run. */
  void (*read_value)(const pm_program *program, const pm_value *value, void *items);
  pm_program_size (*size)(const pm_program *program);
  void (*free_program)(pm_program *program);

  /* Both NULL where what several processes add up goes through the host. `join`, called by all ranks: false, with a
   * warning, where their devices cannot be joined. After it, sum_ranks makes buffers (PM_F32) the sums of all ranks',
   * in the order of parallel/tree.h. */
  bool (*join)(const pm_transport *transport, int rank, int size);
  void (*sum_ranks)(pm_buffer *const *buffer, size_t buffers);
};

static inline void pm_run_counted(const pm_backend *backend, pm_program *program, pm_buffer *scalar, int64_t first,
                                  size_t runs) {
  if (backend->run_counted) {
    backend->run_counted(program, scalar, first, runs);
    return;
  }
  for (size_t i = 0; i < runs; i++) {
    const int64_t number = first + (int64_t)i;
    backend->write(scalar, 0, &number, 1);
    backend->run(program);
  }
}

#ifdef __cplusplus
}
#endif
#endif
