/* A case for each op, for test_kernels.c to run on every backend. */
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

extern const kernel_case kernel_cases[];
extern const size_t kernel_case_count;

#endif
