/* Bits per pixel of sprites under a lossless code that was fitted to the training sprites: a measure of how much they
 * look like these, pixel by pixel, which no model was trained to optimise.
 *
 * The code mixes contexts, as the strongest codes for text and pictures do (Mahoney, "Adaptive weighing of context
 * models for lossless data compression", 2005; Salomon and Motta, "Handbook of Data Compression", 2010).
 * A pixel is coded as a few binary decisions: is it the colour of this neighbour, of that one, and if of none, then
 * down a Huffman tree of the colours that are left. For each decision each context (context_pixels.h) has counted how
 * it went in the training sprites. How sure such counts are is learned as well: for each context a table from a pair of
 * counts to a probability. A logistic mixture of these,
 *
 *   p = squash(mean over sets s of sum_i w[s][selected_s][i] stretch(p_i)),  stretch(p) = log(p / (1 - p)),
 *
 * is the decision's probability; its weights are selected by the decision, by which neighbours are equal and by how
 * many contexts are known. Tables and weights are learned with the counts of the sprite at hand, and of those that are
 * the same up to flips, shifts and colours, taken out (leave one out), so that they fit sprites which were not counted.
 * Then all is frozen: each sprite is coded by itself, and their order means nothing. One pixel in
 * 1,024 may be of any colour, so that what was never seen costs some bits and not all. The probabilities sum to 1 over
 * the colours of a pixel: its bits are those of a real code.
 *
 * Where the training sprites have labels, there is a second mixture, with contexts that include the class: the class
 * under which a sprite takes the fewest bits is the likeliest. */
#ifndef PM_EVAL_CONTEXT_CODE_H
#define PM_EVAL_CONTEXT_CODE_H

#include "eval/patterns.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_context_code pm_context_code;

/* Fits a code to sprites of `colours` (1 to 256) colours, at least one of them. origin[count]: the first sprite that
 * each is the same as (pm_figure_origins). label[count] >= 0, or NULL. Of more than 2^23 pixels in all only the first
 * sprites are looked at. Memory from the arena. Runs on one thread. */
pm_context_code *pm_context_code_fit(pm_arena *arena, const pm_indexed *training, size_t colours, const size_t *origin,
                                     const int32_t *label);

/* bits[count]: how many bits per pixel each sprite takes. Their colours are such as the code was fitted for; their size
 * may be another. counted[height,width]: the pixels whose bits count, given all before them; NULL: all. Runs on all
 * threads. */
void pm_context_code_bits(const pm_context_code *code, const pm_indexed *sprites, const bool *counted, double *bits);

/* The colour that most pixels of the training sprites have. */
unsigned char pm_context_code_background(const pm_context_code *code);

/* called[count], in the arena: the class of the training sprites under which each takes the fewest bits, the lowest of
 * equals; of each pixel at most one bit more than under the class that knows it best, so that a few stray
 * pixels do not decide; and a class that is 64 bits behind another is given up. The code was fitted with labels. Runs
 * on all threads. */
int32_t *pm_context_code_classify(pm_arena *arena, const pm_context_code *code, const pm_indexed *sprites);

/* p[colours] of the pixel, given those before it; label -1: not conditioned on a class. */
void pm_context_code_probabilities(const pm_context_code *code, const pm_indexed *sprites, size_t i, size_t row,
                                   size_t column, int32_t label, double *p);

#ifdef __cplusplus
}
#endif
#endif
