#include "kernel_cases.h"

extern const kernel_case_set kernel_cases_arithmetic, kernel_cases_network, kernel_cases_sequences, kernel_cases_data;

static const kernel_case_set *const sets[] = {&kernel_cases_arithmetic, &kernel_cases_network, &kernel_cases_sequences,
                                              &kernel_cases_data};

size_t kernel_case_count(void) {
  size_t n = 0;
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
    n += sets[i]->n;
  return n;
}

const kernel_case *kernel_case_at(size_t k) {
  size_t i = 0;
  for (; k >= sets[i]->n; i++)
    k -= sets[i]->n;
  return &sets[i]->item[k];
}
