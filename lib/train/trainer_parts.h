/* What the files of the trainer share; private to them. */
#ifndef PM_TRAIN_TRAINER_PARTS_H
#define PM_TRAIN_TRAINER_PARTS_H

#include "nn/backend.h"
#include "parallel/ranks.h"
#include "parallel/tree.h"
#include "train/inference.h"
#include "train/run_folder.h"
#include "train/trainer.h"

enum { MAX_METRICS = 6, LOG_ROWS = 16 };

typedef struct {
  pm_arena *arena;
  const pm_backend *backend;
  const pm_run_settings *settings;
  const pm_dataset *data;
  pm_ranks *ranks;
  pm_run_folder folder;       /* rank 0's alone */
  int64_t steps, epoch_steps; /* of the whole training; of one pass over the data */
  int64_t step;               /* done so far */

  pm_store *store;
  pm_weights weights; /* what grids, held-out losses and the model are made with: those that are trained, or averages */
  pm_program *gradient, *update, *held;
  /* Of a batch in micro-batches, else NULL: `gradient` is a run of one, `of_batch` what follows from all. */
  pm_program *of_batch;
  pm_buffer **part; /* what the runs of `gradient` leave to be added up, the block "gradients" first */
  size_t parts;
  pm_tree sums;
  bool joined;           /* the ranks' devices: each has one micro-batch, and `part` is added up there */
  double seconds_summed; /* that this process has taken to add up, waiting for others included */
  /* What --time-kernels does in place of backend->run; else NULL. */
  void (*run_timed)(void *context, pm_program *program);
  void *run_context;
  double flops; /* of the matrix products of a run of `gradient` */
  pm_value *held_loss;
  pm_program *held_bits; /* NULL where the loss decides which weights are best, or nothing does */
  pm_value *bits;        /* what it makes, [batch] */
  pm_inference *inference;
  pm_buffer *seed_scalar, *step_scalar, *first_scalar, *rate_scalar, *decay_scalar;
  pm_buffer *held_index, *held_count;

  int metrics;
  pm_buffer *log;  /* [LOG_ROWS, MAX_METRICS], row step % LOG_ROWS */
  int64_t logged;  /* steps whose row is in metrics.tsv */
  int64_t held_at; /* step of the newest held-out loss; 0: none */
  float held_value;
  float last[MAX_METRICS];
  /* With training.keep: best, the weights of the lowest measurement on the held-out sprites (bits per pixel where the
   * method tells them, else the loss), its step and itself, and the measurements since; else NULL. */
  pm_buffer *best, *best_states;
  int64_t best_step, since_best;
  float best_value;
  /* With training.calibrate, the weights with logits that are divided by `temperature`; else NULL. */
  pm_buffer *calibrated;
  float temperature, best_temperature; /* of the newest measurement, of the best one */
  int64_t good_checkpoint;             /* step of the last one; -1: none */
} trainer;

/* trainer.c: what differs from step to step. */
void trainer_set_scalars(trainer *t);

/* trainer_batch.c: the gradients, losses and averages of a batch. */
void trainer_plan_batch(trainer *t, const pm_graph *micro_batch);
void trainer_run_batch(trainer *t);
void trainer_run(trainer *t, pm_program *program);
/* Ends with status 3 where the settings do not divide a batch evenly, or not among these ranks. */
void trainer_check_division(const trainer *t);
/* What rank 0 knows of a training that is resumed, or begun, for all ranks. */
void trainer_share(trainer *t);

/* trainer_build.c: store, graphs, programs; weights at their beginning. */
void trainer_build(trainer *t);
void trainer_free(trainer *t);
/* The blocks that the model is made of as it stands: t->calibrated, or those of t->weights. */
pm_buffer *trainer_model_parameters(const trainer *t);
pm_buffer *trainer_model_states(const trainer *t);
/* Keeps those blocks if the newest measurement on the held-out sprites is the lowest so far. */
void trainer_keep_best(trainer *t);
/* What that measurement is, with "the" before it: "held-out loss". */
const char *trainer_measure(const trainer *t);
/* Whether that has not happened for long enough. */
bool trainer_stops_early(const trainer *t);

/* trainer_calibrate.c. Only with training.calibrate: fills t->calibrated from t->weights for a temperature … */
void trainer_calibrate(trainer *t, float temperature);
/* … and for the temperature that minimises `measure`, which reads it; returns the minimum. */
float trainer_calibrated_bits(trainer *t, float (*measure)(trainer *t));

/* trainer_checkpoint.c */
void trainer_write_checkpoint(trainer *t);
/* True if there is one to resume from; else clears the folder, or refuses where the user has not allowed that. */
bool trainer_resume(trainer *t, pm_resume mode);

/* trainer_report.c */
void trainer_flush_metrics(trainer *t);
void trainer_held_out(trainer *t);
/* Bits per pixel of the held-out sprites, conditioned on their classes: a mean over draws that are the same at every
 * step. */
float trainer_held_bits(trainer *t);
void trainer_grid(trainer *t);
/* Ends with status 1 and says which value is not finite, after which step, and which checkpoint is kept. */
PM_NORETURN void trainer_diverged(const trainer *t, const char *what, int64_t step);

#endif
