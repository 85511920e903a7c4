/* Which of many samples to show. A selection shows how good a model can be, not how good it is: scores are of samples
 * as they come. */
#ifndef PM_EVAL_SELECTION_H
#define PM_EVAL_SELECTION_H

#include "eval/score.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t selected;
  size_t copies;  /* samples left out because they are copies of training sprites */
  size_t strange; /* those that are no copies and left out because they do not look like their class */
  bool by_held;   /* whether held-out sprites define which bits are typical, or the samples themselves */
} pm_selection;

/* chosen[samples' count], in the arena: at most n samples that are no copies, of the class that they were drawn for
 * where samples and training sprites have labels, and no two the same whichever way round and in whatever colours. The
 * first is the most typical one, each other the one that is best by
 *
 *   distance to the nearest chosen one / (1 + z^2),  z = (bits in the context code - mean) / deviation,
 *
 * mean and deviation of held-out sprites, or where fewer than PM_SCORE_LEAST are held out, of the samples; of equals
 * the first. The distance is that of copies.h. The reference is fitted. The same at any number of threads. Runs on all
 * threads. */
bool *pm_select_best(pm_arena *arena, const pm_score_set *samples, const pm_score_reference *reference, size_t n,
                     pm_selection *selection);

#ifdef __cplusplus
}
#endif
#endif
