/* A step's gradients: of the batch at once, or of its micro-batches one after the other, each rank's share of them,
 * summed in one order (parallel/tree.h) whoever computes which. */
#include "train/trainer_parts.h"

#include "core/clock.h"
#include "nn/micro_batch.h"

#include <inttypes.h>

void trainer_check_division(const trainer *t) {
  const int64_t n = t->settings->train.micro_batches, batch = t->settings->train.batch, ranks = t->ranks->size;
  const int64_t each = n / ranks;
  if (batch % n)
    pm_fail(PM_BAD_INPUT, "training.micro_batches",
            "%" PRId64 ", which does not divide training.batch (%" PRId64 ") evenly", n, batch);
  if (ranks > 1 && (n % ranks || (each & (each - 1))))
    pm_fail(PM_BAD_INPUT, "training.micro_batches",
            "%" PRId64 "; with %" PRId64 " processes it has to be %" PRId64 ", or 2, 4, 8 ... times that, and divide "
            "training.batch (%" PRId64 ")",
            n, ranks, ranks, batch);
}

void trainer_plan_batch(trainer *t, const pm_graph *micro_batch) {
  size_t floats = 0;
  t->parts = micro_batch->parts + 1;
  t->part = pm_alloc(t->arena, t->parts, sizeof *t->part);
  t->part[0] = pm_store_find_buffer(t->store, "gradients");
  for (size_t i = 0; i < micro_batch->parts; i++)
    t->part[i + 1] = micro_batch->part[i];
  for (size_t i = 0; i < t->parts; i++)
    floats += t->part[i]->count;
  t->sums = pm_tree_new(t->arena, floats);
  t->of_batch = t->backend->compile(micro_batch->of_batch);
  if (t->ranks->size > 1 && t->settings->train.micro_batches == t->ranks->size && t->backend->join)
    t->joined = t->backend->join(t->ranks->transport, t->ranks->rank, t->ranks->size);
}

static void take_parts(trainer *t, float *to) {
  size_t at = 0;
  for (size_t i = 0; i < t->parts; at += t->part[i++]->count)
    pm_store_read(t->store, t->part[i], 0, to + at, t->part[i]->count);
}

static void put_parts(trainer *t, const float *from) {
  size_t at = 0;
  for (size_t i = 0; i < t->parts; at += t->part[i++]->count)
    pm_store_write(t->store, t->part[i], 0, from + at, t->part[i]->count);
}

void trainer_run(trainer *t, pm_program *program) {
  if (t->run_timed)
    t->run_timed(t->run_context, program);
  else
    t->backend->run(program);
}

/* The newest run's part, and with the last one of this rank the others'. */
static void add_part(trainer *t, bool first, bool last) {
  if (first)
    pm_tree_sum_into(&t->sums, pm_ranks_room(t->ranks, t->sums.count));
  take_parts(t, pm_tree_room(&t->sums));
  pm_tree_add(&t->sums);
  if (last) {
    pm_tree_sum(&t->sums);
    put_parts(t, pm_ranks_sum(t->ranks, t->sums.count));
  }
}

void trainer_run_batch(trainer *t) {
  const int64_t n = t->settings->train.micro_batches, slots = t->settings->train.batch / n;
  const int64_t each = n / t->ranks->size, begin = t->ranks->rank * each, end = begin + each;
  if (!t->of_batch) {
    trainer_run(t, t->gradient);
    return;
  }
  for (int64_t k = begin; k < end; k++) {
    pm_store_write(t->store, t->first_scalar, 0, &(int64_t){k * slots}, 1);
    trainer_run(t, t->gradient);
    const double ran = pm_seconds_now();
    if (t->joined)
      t->backend->sum_ranks(t->part, t->parts);
    else
      add_part(t, k == begin, k == end - 1);
    t->seconds_summed += pm_seconds_now() - ran;
  }
  trainer_run(t, t->of_batch);
}

/* ---- what rank 0 found in the folder */

static void share_buffer(trainer *t, pm_buffer *buffer) {
  pm_arena *scratch = pm_arena_new();
  void *items = pm_alloc(scratch, buffer->count, pm_dtype_size(buffer->dtype));
  pm_store_read(t->store, buffer, 0, items, buffer->count);
  pm_ranks_broadcast(t->ranks, items, buffer->count * pm_dtype_size(buffer->dtype));
  pm_store_write(t->store, buffer, 0, items, buffer->count);
  pm_arena_free(scratch);
}

void trainer_share(trainer *t) {
  struct {
    int64_t step, best_step, since_best;
    float best_value, temperature, best_temperature;
  } known = {t->step, t->best_step, t->since_best, t->best_value, t->temperature, t->best_temperature};
  if (t->ranks->size == 1)
    return;
  pm_ranks_broadcast(t->ranks, &known, sizeof known);
  t->step = t->logged = known.step;
  t->best_step = known.best_step;
  t->since_best = known.since_best;
  t->best_value = known.best_value;
  t->temperature = known.temperature;
  t->best_temperature = known.best_temperature;
  for (size_t i = 0; i < t->store->buffers; i++) {
    pm_buffer *buffer = t->store->buffer[i];
    if (buffer->role == PM_PARAM || buffer->role == PM_STATE)
      share_buffer(t, buffer);
  }
}
