/* Which of the compiled tiers this processor runs. */
#include "backend/cpu/vector.h"
#include "core/fail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool runs_here(const pm_vector *tier) {
#ifdef PM_TIERS_X86
  __builtin_cpu_init();
  if (tier == &pm_vector_avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (tier == &pm_vector_avx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return tier == &pm_vector_baseline;
}

static const pm_vector *choose_tier(void) {
  static const pm_vector *const best_first[] = {
#ifdef PM_TIERS_X86
      &pm_vector_avx512, &pm_vector_avx2,
#endif
      &pm_vector_baseline};
  const char *wanted = getenv("PIXELMILL_TIER");
  if (wanted && strcmp(wanted, "avx512bf16") == 0) /* this one and the next are about bfloat16 alone (bf16.h) */
    wanted = "avx512";
  if (wanted && strcmp(wanted, "amxplain") == 0)
    wanted = NULL;
  for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
    if (runs_here(best_first[i]) && (!wanted || strcmp(wanted, best_first[i]->name) == 0))
      return best_first[i];
  pm_fail(PM_WRONG_USAGE, NULL, "PIXELMILL_TIER: this build or processor has no tier '%s'", wanted);
}

/* Asked for each range of a loop, so the answer is kept; threads that ask at once find the same. */
const pm_vector *pm_vector_best(void) {
  static const pm_vector *_Atomic chosen;
  const pm_vector *tier = chosen;
  if (!tier)
    chosen = tier = choose_tier();
  return tier;
}
