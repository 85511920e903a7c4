/* What writes memory that outlives a run: the update of a training step, and states. See ops.h. */
#ifndef PM_NN_UPDATE_OPS_H
#define PM_NN_UPDATE_OPS_H

#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the update of a step; all in place on whole blocks ---- */

/* Kingma and Ba, "Adam", 2015; with `decoupled` decay Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019. rate a PM_F32 scalar; step counts from 0. */
typedef struct {
  double beta1, beta2, epsilon, decay;
  bool decoupled;
} pm_adam_attributes;
/* The first three are updated: they are the outputs, too. */
enum { PM_ADAM_PARAMETERS, PM_ADAM_M, PM_ADAM_V, PM_ADAM_GRADIENTS, PM_ADAM_RATE, PM_ADAM_STEP };
static inline void pm_adam(pm_graph *g, pm_value *parameters, pm_value *gradients, pm_value *m, pm_value *v,
                           pm_value *rate, pm_value *step, pm_adam_attributes a) {
  PM_APPLY(g, adam, &a, sizeof a, parameters, m, v, gradients, rate, step);
}
/* Items offset … offset + count - 1 of a block. */
typedef struct {
  size_t offset, count;
} pm_range;
/* The weight decay of pm_adam on some ranges of the parameters alone, to be run before a pm_adam whose decay is 0:
 * together they do to these ranges, bit for bit, what pm_adam with decay does to all. `ranges` must outlive the graph.
 */
typedef struct {
  double decay;
  bool decoupled; /* parameters shrink by rate * decay; else decay * parameters is added to the gradients */
  size_t ranges;
  const pm_range *range;
} pm_weight_decay_attributes;
/* The first two are updated: they are the outputs, too. */
enum { PM_WEIGHT_DECAY_PARAMETERS, PM_WEIGHT_DECAY_GRADIENTS, PM_WEIGHT_DECAY_RATE };
static inline void pm_weight_decay(pm_graph *g, pm_value *parameters, pm_value *gradients, pm_value *rate,
                                   pm_weight_decay_attributes a) {
  PM_APPLY(g, weight_decay, &a, sizeof a, parameters, gradients, rate);
}
/* average = decay * average + (1 - decay) * x; decay a PM_F32 scalar. */
enum { PM_MOVING_AVERAGE_AVERAGE, PM_MOVING_AVERAGE_X, PM_MOVING_AVERAGE_DECAY };
static inline void pm_moving_average(pm_graph *g, pm_value *average, pm_value *x, pm_value *decay) {
  PM_APPLY(g, moving_average, NULL, 0, average, x, decay);
}
/* Scales the block so that its Euclidean norm is at most `norm`. */
typedef struct {
  double norm;
} pm_clip_norm_attributes;
static inline void pm_clip_norm(pm_graph *g, pm_value *gradients, double norm) {
  pm_clip_norm_attributes a = {norm};
  PM_APPLY(g, clip_norm, &a, sizeof a, gradients);
}
/* log[row, k] = scalars[k] for log [L,K]; row a PM_I64 scalar, taken modulo L. At most 6 scalars. */
enum { PM_RECORD_LOG, PM_RECORD_ROW, PM_RECORD_SCALARS };
void pm_record(pm_graph *g, pm_value *log, pm_value *row, pm_value *const *scalars, int n);

/* ---- states ---- */

/* state = x, both of as many items. */
enum { PM_ASSIGN_STATE, PM_ASSIGN_X };
static inline void pm_assign(pm_graph *g, pm_value *state, pm_value *x) {
  PM_APPLY(g, assign, NULL, 0, state, x);
}
/* state = 0, of any type. */
static inline void pm_clear(pm_graph *g, pm_value *state) {
  PM_APPLY(g, clear, NULL, 0, state);
}

#ifdef __cplusplus
}
#endif
#endif
