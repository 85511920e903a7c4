/* Drawing with a part of the sprite fixed. See ops.h. */
#ifndef PM_NN_HINT_OPS_H
#define PM_NN_HINT_OPS_H

#include "nn/attention_ops.h"
#include "nn/patch_ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- drawing what an artist has fixed a part of: hints and particles ----
 *
 * hints PM_I32 [S,H,W] say for each pixel of S sprites which index it has, or one of pm_hint_code; `background` is the
 * index that the codes mean. A batch of N = S M rows draws each sprite M times, side by side: its particles, one behind
 * the other. */

/* What a hint map has in the place of an index for a pixel that it does not fix to one. */
typedef enum {
  PM_HINT_UNKNOWN = -1,
  PM_HINT_BACKGROUND = -2,
  PM_HINT_NOT_BACKGROUND = -3,
  PM_HINT_MIRRORED = -4, /* equals its mirror image about the sprite's vertical axis; of the right half only */
} pm_hint_code;

/* pm_draw_index of logits [N,K] for pixel `at.pixel` of patch `position` of a canvas PM_U8 [N,H,W], restricted to what
 * its hint allows. What a hint rules out is paid for: to weights PM_F32 [N], a state, the logarithm of the probability
 * of what is allowed is added (sequential importance sampling), but for mirrored pixels, which cost nothing. A fixed
 * index with a logit of PM_BANNED costs nothing, either. */
#define PM_BANNED (-1e30)
typedef struct {
  pm_draw_index_attributes how;
  pm_patches at; /* of one pixel */
  int32_t background;
} pm_draw_hinted_attributes;
enum {
  PM_DRAW_HINTED_LOGITS,
  PM_DRAW_HINTED_DRAWS,
  PM_DRAW_HINTED_HINTS = PM_DRAW_HINTED_DRAWS + 3,
  PM_DRAW_HINTED_CANVAS,
  PM_DRAW_HINTED_POSITION,
  PM_DRAW_HINTED_WEIGHTS
};
enum { PM_DRAW_HINTED_INDEX, PM_DRAW_HINTED_NEW_WEIGHTS }; /* outputs */
static inline pm_value *pm_draw_hinted(pm_graph *g, pm_value *logits, pm_draws draws, pm_value *hints, pm_value *canvas,
                                       pm_value *position, pm_value *weights, pm_draw_hinted_attributes a) {
  return PM_APPLY(g, draw_hinted, &a, sizeof a, logits, PM_DRAWS(draws), hints, canvas, position, weights);
}
/* logits[N,H,W,K] of which a softmax or the largest keeps to hints [N,H,W]: what is ruled out is PM_BANNED, a mirrored
 * pixel has the logits of its mirror image. */
enum { PM_RESTRICT_LOGITS_LOGITS, PM_RESTRICT_LOGITS_HINTS };
static inline pm_value *pm_restrict_logits(pm_graph *g, pm_value *logits, pm_value *hints, int32_t background) {
  return PM_APPLY(g, restrict_logits, &background, sizeof background, logits, hints);
}
/* Resampling (Doucet, de Freitas and Gordon, "Sequential Monte Carlo Methods in Practice", 2001): PM_I32 [N], the row
 * that each row goes on from. Where the effective number of a sprite's particles, (sum w)^2 / sum w^2 of w = exp of the
 * state `weights` [N], is below half of M, they are drawn anew by their weights (systematically, with one random
 * number), and these become equal; a particle that survives keeps its row. Else every row goes on from itself. */
typedef struct {
  size_t particles; /* M */
  uint32_t purpose;
} pm_particles_attributes;
enum { PM_PARTICLES_WEIGHTS, PM_PARTICLES_DRAWS };                      /* of pm_pick_particle, too */
enum { PM_RESAMPLE_PARTICLES_ROWS, PM_RESAMPLE_PARTICLES_NEW_WEIGHTS }; /* outputs */
static inline pm_value *pm_resample_particles(pm_graph *g, pm_value *weights, pm_draws draws,
                                              pm_particles_attributes a) {
  return PM_APPLY(g, resample_particles, &a, sizeof a, weights, PM_DRAWS(draws));
}
/* Rows of a state [N,…], each replaced by that named in rows PM_I32 [N]; a row that is named keeps its place. Of a
 * state of several times N rows, each N alike. With `position`, a PM_I64 scalar, of a state [N,T,…] only what lies in T
 * up to it. */
enum { PM_COPY_ROWS_STATE, PM_COPY_ROWS_ROWS, PM_COPY_ROWS_POSITION };
static inline void pm_copy_rows(pm_graph *g, pm_value *state, pm_value *rows, pm_value *position) {
  PM_APPLY(g, copy_rows, NULL, 0, state, rows, position);
}
/* PM_I32 [S]: a row of each sprite's particles, drawn by their weights [N]. */
static inline pm_value *pm_pick_particle(pm_graph *g, pm_value *weights, pm_draws draws, pm_particles_attributes a) {
  return PM_APPLY(g, pick_particle, &a, sizeof a, weights, PM_DRAWS(draws));
}

#ifdef __cplusplus
}
#endif
#endif
