/* NumPy's .npy, version 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): |u1 <i4 <i8 <f4
 * <f8, C order. A stream may hold several records back to back, which readers join along the first axis; we write one.
 */
#ifndef PM_IO_NPY_H
#define PM_IO_NPY_H

#include "core/file.h"
#include "io/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most that one input may declare, in bytes (default 4 GiB); more is refused before anything is allocated. */
void pm_npy_limit(uint64_t bytes);

/* The whole input as one tensor: its records joined along the first axis, which must agree in type and the other sizes.
 * Big endian, Fortran order, object and structured types, holes and wrong sizes fail with status 3, the place (file,
 * record, byte) and what was expected; Fortran order with the hint numpy.ascontiguousarray. */
pm_tensor pm_npy_read(pm_arena *arena, const char *path);
/* The same of an input that was opened already; closes it. */
pm_tensor pm_npy_read_input(pm_arena *arena, pm_input *input);

/* One record; false at the end of the input. */
int pm_npy_read_record(pm_arena *arena, pm_input *input, pm_tensor *tensor);

/* One record of version 1.0, its header padded to 64 bytes as NumPy does: equal tensors give equal bytes. */
void pm_npy_write(pm_output *output, const pm_tensor *tensor);
/* The same as the whole of a file; path NULL or "-": on standard output. */
void pm_npy_write_file(pm_arena *arena, const char *path, const pm_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
