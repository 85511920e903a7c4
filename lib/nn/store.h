/* What outlives a program's run and may be shared by several graphs: parameters, their gradients and moments, states,
 * the resident data set, scalars. Described here, on the host; the bytes lie on a backend's device.
 *
 * Parameters lie in one flat block in the order of their registration; gradients, moments and averages are blocks of
 * the same layout, so that an optimizer is one loop over one range. */
#ifndef PM_NN_STORE_H
#define PM_NN_STORE_H

#include "io/tensor.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* param: learned. state: kept from run to run by the programs themselves (running norms, moments, codebook averages,
 * key/value cache). input: written from outside (the data set, a batch to encode). scalar: an input of one number that
 * changes from run to run (step, learning rate, how many sprites of the last block count). value: a program's own,
 * planned memory. */
typedef enum { PM_PARAM, PM_STATE, PM_INPUT, PM_SCALAR, PM_VALUE } pm_role;

typedef struct pm_buffer {
  const char *name;
  pm_role role;
  pm_dtype dtype;
  size_t count;
  void *device;     /* the backend's; NULL until it is first needed */
  uint64_t version; /* counts the times that it was written, by the host or by a program's run */
} pm_buffer;

/* How a parameter begins. Uniform on (-bound, bound), or normal, by element number from the seed and the parameter's
 * name; or as given numbers, of which the slot has `items`, in the file's order. */
typedef enum { PM_INIT_ZERO, PM_INIT_ONE, PM_INIT_UNIFORM, PM_INIT_NORMAL, PM_INIT_GIVEN } pm_init;

/* A named slice of the parameter block or of the state block. `shape` is how the graph sees it; files have PyTorch's
 * shape: file dimension d is dimension file_axis[d] of `shape`; with none given (all 0) files have `shape` as it is. */
typedef struct pm_slot {
  const char *name; /* PyTorch's: "encoder.0.weight" */
  pm_role role;     /* PM_PARAM or PM_STATE */
  pm_dtype dtype;   /* PM_F32; PM_I64 for a counter, which lies in a buffer of its own */
  pm_shape shape;
  int file_axis[PM_MAX_RANK];
  pm_init init;
  double scale; /* bound, or standard deviation */
  const float *items;
  pm_buffer *buffer;
  size_t offset; /* in items */
} pm_slot;

typedef struct pm_backend pm_backend;

typedef struct pm_store {
  pm_arena *arena;
  const pm_backend *backend;
  pm_slot **slot; /* in order of registration */
  size_t slots, slot_capacity;
  pm_buffer **buffer;
  size_t buffers, buffer_capacity;
  pm_buffer *parameters, *states; /* the blocks; sealed by the first compile */
  bool sealed;
} pm_store;

pm_store *pm_store_new(pm_arena *arena, const pm_backend *backend);
/* Gives the device memory back; the host's goes with the arena. */
void pm_store_free(pm_store *store);

/* The slot of that name; made on first use, checked for the same shape after. A sealed store makes none: programmer's
 * error. */
pm_slot *pm_store_slot(pm_store *store, const pm_slot *wanted);
pm_slot *pm_store_find_slot(const pm_store *store, const char *name);

/* The buffer of that name, made on first use. */
pm_buffer *pm_store_buffer(pm_store *store, const char *name, pm_role role, pm_dtype dtype, size_t count);
pm_buffer *pm_store_find_buffer(const pm_store *store, const char *name);

/* Number of learned numbers, without the padding between them. */
size_t pm_store_parameter_count(const pm_store *store);
/* Items of a block as laid out, padding included. */
size_t pm_store_block_size(const pm_store *store);

/* Host copies, in a buffer's own item type. */
void pm_store_write(pm_store *store, pm_buffer *buffer, size_t offset, const void *items, size_t count);
void pm_store_read(pm_store *store, pm_buffer *buffer, size_t offset, void *items, size_t count);

/* Fills parameters and states with their beginnings. Needs a sealed store (after the first compile). */
void pm_store_initialise(pm_store *store, uint64_t seed);

/* A slot's content in the file's shape and order, read from `block` (the parameter block, or one parallel to it:
 * moments, averages); as a tensor in the arena, or into items[] of its own type; and back. */
pm_tensor pm_slot_read(pm_store *store, const pm_slot *slot, pm_buffer *block, pm_arena *arena);
void pm_slot_fetch(pm_store *store, const pm_slot *slot, pm_buffer *block, void *items);
void pm_slot_write(pm_store *store, const pm_slot *slot, pm_buffer *block, const void *items);
/* Its shape in files. */
pm_shape pm_slot_file_shape(const pm_slot *slot);

#ifdef __cplusplus
}
#endif
#endif
