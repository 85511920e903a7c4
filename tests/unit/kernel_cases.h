/* A case for each op, for test_kernels.c to run on every backend: how its inputs are made, at which sizes it runs, how
 * near its reference it must come. */
#ifndef PM_TESTS_KERNEL_CASES_H
#define PM_TESTS_KERNEL_CASES_H

#include "nn/graph.h"

enum { KERNEL_SIZES = 8 };

typedef struct {
  const char *op;
  void (*build)(pm_graph *g, const size_t *sizes); /* the op under test is the last node */
  const size_t (*sizes)[KERNEL_SIZES];
  size_t n;
  double tolerance;      /* over the largest item of the result; 0: the same numbers */
  double tolerance_bf16; /* … where operands may be rounded to bfloat16 */
} kernel_case;

typedef struct {
  const kernel_case *item;
  size_t n;
} kernel_case_set;

/* All of kernel_cases_*.c: k from 0 to kernel_case_count() - 1. */
size_t kernel_case_count(void);
const kernel_case *kernel_case_at(size_t k);

#endif
