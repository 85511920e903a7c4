/* What a training run reports: rows of metrics, held-out losses, grids of samples. */
#include "train/trainer_parts.h"

#include "core/number.h"
#include "core/sizes.h"
#include "pixels/montage.h"
#include "pixels/snap.h"
#include "train/model_file.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_row(trainer *t, int64_t step, const float *metric) {
  char text[512], number[32];
  int n = snprintf(text, sizeof text, "%" PRId64, step);
  for (int k = 0; k < t->metrics; k++)
    n += snprintf(text + n, sizeof text - (size_t)n, "\t%s", pm_write_float(number, metric[k]));
  if (t->held && step == t->held_at)
    snprintf(text + n, sizeof text - (size_t)n, "\t%s\n", pm_write_float(number, t->held_value));
  else
    snprintf(text + n, sizeof text - (size_t)n, "\t\n");
  pm_run_folder_metrics(&t->folder, text);
}

static const char *not_finite(const trainer *t, const char *what, float value) {
  return pm_format(t->arena, "%s is %s", what, isnan(value) ? "not a number" : "infinite");
}

void trainer_diverged(const trainer *t, const char *what, int64_t step) {
  const char *kept = t->good_checkpoint < 0
                         ? "there is no checkpoint yet"
                         : pm_format(t->arena, "the checkpoint of step %" PRId64 " is kept", t->good_checkpoint);
  pm_run_folder_note(&t->folder, pm_format(t->arena, "ended at step %" PRId64 ": %s", step, what));
  pm_fail(PM_FAILED, t->folder.path, "%s at step %" PRId64 "; %s; try a lower training.learning_rate", what, step,
          kept);
}

/* Rows are read from the device a few at a time; a loss that is no number is found here, before any checkpoint takes it
 * in. */
void trainer_flush_metrics(trainer *t) {
  float rows[LOG_ROWS][MAX_METRICS];
  if (t->logged == t->step)
    return;
  pm_store_read(t->store, t->log, 0, rows, (size_t)LOG_ROWS * MAX_METRICS);
  for (; t->logged < t->step; t->logged++) {
    const float *metric = rows[t->logged % LOG_ROWS];
    memcpy(t->last, metric, sizeof t->last);
    if (!isfinite(metric[0]))
      trainer_diverged(t, not_finite(t, "the loss", metric[0]), t->logged + 1);
    write_row(t, t->logged + 1, metric);
  }
}

static void write_scalar(pm_store *store, const char *name, int64_t value) {
  pm_buffer *scalar = pm_store_find_buffer(store, name);
  if (scalar)
    pm_store_write(store, scalar, 0, &value, 1);
}

/* Runs a program on the block of held-out sprites from `first` on. */
static void run_held_out(trainer *t, pm_program *program, int32_t *index, size_t first) {
  const size_t block = (size_t)t->settings->train.batch;
  const size_t count = pm_smaller(t->data->held - first, block);
  for (size_t k = 0; k < block; k++)
    index[k] = (int32_t)(k < count ? first + k : first);
  pm_store_write(t->store, t->held_index, 0, index, block);
  pm_store_write(t->store, t->held_count, 0, &(int64_t){(int64_t)count}, 1);
  write_scalar(t->store, "first", (int64_t)first);
  t->backend->run(program);
}

/* The mean over all held-out sprites of what a program makes of a block of them: `result` is the block's own mean, or a
 * number for each. `step` is the draw of its noise; seed and slots are always the same. The ranks take blocks in turn,
 * and all get the mean. */
static double held_out_mean(trainer *t, pm_program *program, const pm_value *result, int64_t step) {
  const size_t block = (size_t)t->settings->train.batch, held = t->data->held, each = pm_count(result);
  const size_t blocks = pm_pieces(held, block);
  double sum = 0;
  pm_arena *scratch = pm_arena_new();
  int32_t *index = pm_alloc(scratch, block, sizeof *index);
  /* Of all blocks; what other ranks make is 0 until all are added. */
  float *made = pm_ranks_room(t->ranks, blocks * each);
  memset(made, 0, blocks * each * sizeof *made);
  write_scalar(t->store, "seed", (int64_t)t->settings->train.seed);
  write_scalar(t->store, "step", step);
  for (size_t b = (size_t)t->ranks->rank; b < blocks; b += (size_t)t->ranks->size) {
    run_held_out(t, program, index, b * block);
    t->backend->read_value(program, result, made + b * each);
  }
  const float *all = pm_ranks_sum(t->ranks, blocks * each);
  for (size_t b = 0; b < blocks; b++) {
    const size_t count = pm_smaller(held - b * block, block);
    for (size_t k = 0; k < (each == 1 ? 1 : count); k++)
      sum += (double)all[b * each + k] * (each == 1 ? (double)count : 1);
  }
  pm_arena_free(scratch);
  return sum / (double)held;
}

static float finite_or_end(trainer *t, const char *what, double mean) {
  if (!isfinite((float)mean) && pm_ranks_lead(t->ranks)) {
    trainer_flush_metrics(t); /* the loss itself may have gone first */
    trainer_diverged(t, not_finite(t, what, (float)mean), t->step);
  }
  return (float)mean;
}

void trainer_held_out(trainer *t) {
  t->held_value = finite_or_end(t, "the held-out loss", held_out_mean(t, t->held, t->held_loss, 0));
  t->held_at = t->step;
}

/* One draw of the bound is rough, but the same draws at every step make steps comparable. */
static float measured_bits(trainer *t) {
  enum { DRAWS = 8 };
  const int64_t draws = t->settings->method->bits_are_exact ? 1 : DRAWS;
  double sum = 0;
  for (int64_t draw = 0; draw < draws; draw++)
    sum += held_out_mean(t, t->held_bits, t->bits, draw);
  return finite_or_end(t, "what the held-out sprites take in bits", sum / (double)draws);
}

float trainer_held_bits(trainer *t) {
  return t->calibrated ? trainer_calibrated_bits(t, measured_bits) : measured_bits(t);
}

/* grids/STEP.png: sixteen samples of the same seed each time, raw and snapped to the palette. */
void trainer_grid(trainer *t) {
  enum { SAMPLES = PM_INFERENCE_BLOCK };
  pm_arena *scratch = pm_arena_new();
  const pm_sprite_format *f = &t->data->format;
  pm_shape shape = pm_shape_of(4, (size_t)SAMPLES, f->height, f->width, f->channels);
  pm_tensor raw = pm_tensor_new(scratch, PM_F32, shape), snapped = pm_tensor_new(scratch, PM_U8, shape);
  if (t->calibrated)
    trainer_calibrate(t, t->temperature);
  pm_inference_draw(t->inference, t->settings->train.seed, 0, SAMPLES, PM_BY_SHARE, raw.data, NULL, NULL);
  if (!pm_tensor_is_finite(&raw, &(size_t){0}))
    trainer_diverged(t, "a sample is not finite", t->step);
  pm_snap(raw, &t->data->palette, snapped.data, NULL);
  pm_montage_group groups[] = {{pm_format(scratch, "%s, step %" PRId64, t->settings->train.name, t->step),
                                pm_sprites_from_tensor(scratch, &raw, "samples")},
                               {"snapped", pm_sprites_from_tensor(scratch, &snapped, "samples")}};
  pm_image image = pm_montage(scratch, groups, 2,
                              (pm_montage_options){.scale = 3, .columns = 16, .gap = 1, .background = {32, 32, 40}});
  pm_make_folder(t->folder.grids);
  pm_output *output = pm_output_open(
      scratch, pm_join(scratch, t->folder.grids, pm_format(scratch, "%06" PRId64 ".png", t->step)), true);
  pm_png_write(output, &image, NULL);
  pm_output_commit(output);
  pm_arena_free(scratch);
}
