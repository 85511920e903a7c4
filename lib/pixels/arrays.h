/* Looking at, comparing and converting arrays of any type and shape. */
#ifndef PM_PIXELS_ARRAYS_H
#define PM_PIXELS_ARRAYS_H

#include "core/file.h"
#include "io/tensor.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  double low, high, mean; /* of the finite values; 0 if there are none */
  size_t low_at, high_at; /* where the least and the largest stand first */
  size_t non_finite;
} pm_array_facts;

pm_array_facts pm_array_examine(const pm_tensor *tensor);

/* A value as text, exactly: whole numbers in full, floats as short as reads back the same. `text` may be used for it.
 */
const char *pm_array_text(char text[32], const pm_tensor *tensor, size_t i);

/* "[0, 3, 2]": where item number i lies; in the arena. */
const char *pm_array_position(pm_arena *arena, pm_shape shape, size_t i);

/* Items from … to - 1 of the first axis, as a view of the same memory. */
pm_tensor pm_array_rows(const pm_tensor *tensor, size_t from, size_t to);

/* One behind the other along the first axis. Types and the other sizes must agree: status 3 names places[i] if not. */
pm_tensor pm_array_join(pm_arena *arena, const pm_tensor *tensors, const char *const *places, size_t n);

/* The same values in another type; a value that the type cannot hold (3.5 or 256 as u8; as a float an integer that
 * would be rounded) fails with status 3, `place` and its position. With `colours` u8 0 … 255 and floats 0 … 1 stand for
 * each other: floats are clamped and rounded. */
pm_tensor pm_array_convert(pm_arena *arena, const pm_tensor *tensor, pm_dtype to, bool colours, const char *place);

/* Warns of floats that are taken for colours from 0 to 1 and are not: their range, how many are clamped, and what
 * helps. Of other types, and where clamping changes no colour, it says nothing. */
void pm_array_warn_of_range(pm_arena *arena, const pm_tensor *tensor, const char *place);

/* Floats moved from low … high to 0 … 1, as pm_array_warn_of_range may advise; in place. Other types fail with
 * status 3. */
void pm_array_to_unit(pm_tensor *tensor, double low, double high, const char *place);

typedef struct {
  size_t differing; /* values further apart than the tolerance, or just one of them no number */
  size_t first;     /* the first of them */
  double largest;   /* difference; infinite where just one is no number */
  size_t largest_at;
} pm_array_difference;

/* Of two arrays of one shape, whatever their types. */
pm_array_difference pm_array_compare(const pm_tensor *a, const pm_tensor *b, double tolerance);

/* All values: a line for each row of the last axis, an empty line between planes; floats as the shortest text that
 * reads back the same. */
void pm_array_print(pm_output *output, const pm_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
