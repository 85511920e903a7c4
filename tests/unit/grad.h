/* Signed finite-difference checks of gradients, in double. */
#ifndef PM_TESTS_GRAD_H
#define PM_TESTS_GRAD_H

#include "nn/ops.h"

/* Builds a scalar from inputs that it makes with `grad_input`. */
typedef pm_value *(*grad_builder)(pm_graph *g);

/* An input "NAME" of that shape, filled with reproducible numbers in [low, high], that wants a gradient. */
pm_value *grad_input(pm_graph *g, const char *name, pm_shape shape, double low, double high);

/* sum_i x_i w_i with fixed weights w of both signs: makes a scalar of anything, so that no error cancels. */
pm_value *grad_weighted_sum(pm_graph *g, pm_value *x);

/* For every such input and every parameter, which gets numbers in [-1, 1) as well: the analytic derivative along each
 * item (at most 64 of them, evenly taken) against the central difference, signed; fails the test with the input, the
 * item and both numbers. */
void grad_check(grad_builder build);

#endif
