/* What the files of kernel_cases_*.c write their cases with: one builder for each op, its inputs from the sizes, then
 * the op under test, last; and a row for each op. */
#ifndef PM_TESTS_KERNEL_CASE_BUILDERS_H
#define PM_TESTS_KERNEL_CASE_BUILDERS_H

#include "kernel_cases.h"

#include "numeric.h"

typedef const size_t *sizes;

#define IN(name, low, high, shape) numeric_input(g, name, shape, low, high)
#define STATE(name, low, high, shape) numeric_state(g, name, shape, low, high)
#define SHAPE_1 pm_shape_of(1, d[0])
#define SHAPE_4 pm_shape_of(4, d[0], d[1], d[2], d[3])
#define COLUMNS pm_shape_of(1, d[3])
#define OP(name) static void build_##name(pm_graph *g, sizes d)
#define SEED numeric_scalar(g, "seed", 77)
#define STEP numeric_scalar(g, "step", 5)
#define DRAWS numeric_draws(g, 77, 5, 1000, d[0])
#define SPRITES(colours) numeric_whole(g, "sprites", PM_U8, pm_shape_of(3, d[0], d[1], d[2]), colours)
#define PIXELS pm_shape_of(3, d[0], d[1], d[2])
#define VECTORS pm_shape_of(2, d[0], d[3])
#define TABLE pm_shape_of(2, (size_t)20, d[3])
#define INDEX numeric_whole(g, "index", PM_I32, SHAPE_1, 20)

/* 1, odd, around the widths of vectors and the lengths of tasks */
static const size_t lengths[][KERNEL_SIZES] = {{1},   {3},     {15},    {16},    {17},   {64},
                                               {999}, {16384}, {16385}, {50000}, {70001}};
static const size_t rows[][KERNEL_SIZES] = {{1, 1, 1, 1},   {1, 1, 1, 7},   {3, 1, 1, 1},  {1, 5, 51, 5},
                                            {4, 8, 8, 16},  {7, 5, 9, 3},   {1, 1, 2, 64}, {5, 16, 16, 3},
                                            {9, 8, 8, 129}, {33, 16, 16, 3}};

#define CASE(name, sizes, tolerance)                                                                                   \
  { #name, build_##name, sizes, sizeof sizes / sizeof *sizes, tolerance, tolerance }
#define CASE_BF16(name, sizes, tolerance, tolerance_bf16)                                                              \
  { #name, build_##name, sizes, sizeof sizes / sizeof *sizes, tolerance, tolerance_bf16 }

#endif
