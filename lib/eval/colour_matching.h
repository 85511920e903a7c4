/* Which colour of one sprite stands for which of another. */
#ifndef PM_EVAL_COLOUR_MATCHING_H
#define PM_EVAL_COLOUR_MATCHING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_MATCHING_MOST = 256 };

/* The largest sum of cells, at most one of each row and each column, of together[rows, columns]: as many pixels agree
 * under the best one-to-one exchange of colours, if cell (a, b) counts the pixels where one sprite has colour a and the
 * other b. rows and columns up to PM_MATCHING_MOST. Exact: the Hungarian method in Jonker and Volgenant's form. */
uint32_t pm_match_colours(const uint32_t *together, size_t rows, size_t columns);

#ifdef __cplusplus
}
#endif
#endif
