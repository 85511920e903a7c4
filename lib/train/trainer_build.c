/* The graphs of a training: a gradient program, an update program, the held-out loss, inference. */
#include "train/trainer_parts.h"

#include "backend/work.h"
#include "nn/micro_batch.h"
#include "nn/ops.h"

static void metric_count(trainer *t) {
  while (t->settings->method->metrics[t->metrics])
    t->metrics++;
  assert(t->metrics >= 1 && t->metrics <= MAX_METRICS);
}

/* Every metric's mean over the batch goes to the log. */
static void build_log(trainer *t, pm_graph *g, pm_value **metric) {
  pm_graph *whole = pm_graph_of_batch(g);
  for (int k = 0; k < t->metrics; k++)
    metric[k] = pm_batch_mean(g, metric[k]);
  pm_value *log = pm_graph_state(whole, "log", PM_F32, pm_shape_of(2, (size_t)LOG_ROWS, (size_t)MAX_METRICS));
  t->log = log->buffer;
  pm_record(whole, log, pm_graph_scalar(whole, "step", PM_I64), metric, t->metrics);
}

static void build_gradient(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  pm_graph *g = pm_graph_new(t->arena, t->store, true);
  pm_graph_divide(g, (size_t)s->micro_batches);
  pm_batch batch = {.format = &t->data->format, .draws = pm_graph_draws(g, (size_t)s->batch)};
  pm_dataset_batch(g, t->data, s, (size_t)(s->batch / s->micro_batches), &batch);
  t->seed_scalar = batch.draws.seed->buffer;
  t->step_scalar = batch.draws.step->buffer;
  t->first_scalar = batch.draws.first->buffer;

  pm_value *metric[MAX_METRICS] = {NULL};
  t->settings->method->loss(g, t->settings->model, &batch, metric);
  pm_batch_gradients(g, metric[0]);
  build_log(t, g, metric);
  t->gradient = t->backend->compile(g);
  if (pm_graph_of_batch(g) != g)
    trainer_plan_batch(t, g);
  for (size_t i = 0; i < g->nodes; i++)
    t->flops += pm_node_flops(g->node[i]);
}

static pm_value *states_block(pm_graph *g, const char *name) {
  return pm_graph_state(g, name, PM_F32, pm_shape_of(1, g->store->states->count));
}

/* Those of the parameters that are matrices or more, as they lie in the block. */
static const pm_range *matrices(const trainer *t, size_t *n) {
  pm_range *range = pm_alloc(t->arena, t->store->slots, sizeof *range);
  *n = 0;
  for (size_t i = 0; i < t->store->slots; i++) {
    const pm_slot *slot = t->store->slot[i];
    if (slot->role == PM_PARAM && slot->shape.rank >= 2)
      range[(*n)++] = (pm_range){slot->offset, pm_shape_count(slot->shape)};
  }
  return range;
}

static const pm_weights averages = {"average", "average states"};

static void build_update(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  pm_graph *g = pm_graph_new(t->arena, t->store, true);
  pm_value *parameters = pm_graph_block(g, "parameters"), *gradients = pm_graph_block(g, "gradients");
  pm_value *rate = pm_graph_scalar(g, "learning rate", PM_F32), *step = pm_graph_scalar(g, "step", PM_I64);
  t->rate_scalar = rate->buffer;
  if (s->clip_norm > 0)
    pm_clip_norm(g, gradients, s->clip_norm);
  const bool decoupled = s->optimizer == PM_ADAMW, all = s->decay_of == PM_DECAY_ALL;
  if (!all) {
    pm_weight_decay_attributes a = {.decay = s->weight_decay, .decoupled = decoupled};
    a.range = matrices(t, &a.ranges);
    pm_weight_decay(g, parameters, gradients, rate, a);
  }
  pm_adam(g, parameters, gradients, pm_graph_block(g, "adam m"), pm_graph_block(g, "adam v"), rate, step,
          (pm_adam_attributes){s->beta1, s->beta2, s->epsilon, all ? s->weight_decay : 0, decoupled});
  if (s->average > 0) {
    pm_value *decay = pm_graph_scalar(g, "average decay", PM_F32);
    t->decay_scalar = decay->buffer;
    pm_moving_average(g, pm_graph_block(g, averages.parameters), parameters, decay);
    if (t->store->states->count)
      pm_moving_average(g, states_block(g, averages.states), pm_graph_block(g, "states"), decay);
  }
  t->update = t->backend->compile(g);
}

/* Of the model as it stands. */
static pm_graph *use_graph(trainer *t) {
  pm_graph *g = pm_graph_new(t->arena, t->store, false);
  g->weights = t->weights;
  return g;
}

/* The blocks that the model is made of. */
static pm_weights model_weights(const trainer *t) {
  return t->calibrated ? (pm_weights){t->calibrated->name, t->weights.states} : t->weights;
}

/* A block of the held-out sprites. */
static pm_batch held_batch(trainer *t, pm_graph *g) {
  const size_t slots = (size_t)t->settings->train.batch;
  pm_value *index = pm_graph_input(g, "held-out index", PM_I32, pm_shape_of(1, slots));
  pm_batch batch = {.format = &t->data->format,
                    .draws = pm_graph_draws(g, slots),
                    .count = pm_graph_scalar(g, "held-out count", PM_I64)};
  pm_dataset_held(g, t->data, index, &batch);
  t->held_index = index->buffer;
  t->held_count = batch.count->buffer;
  return batch;
}

static void build_held_out(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  if (!t->data->held || !s->held_out_every)
    return;
  pm_graph *g = use_graph(t);
  pm_batch batch = held_batch(t, g);
  pm_value *metric[MAX_METRICS] = {NULL};
  t->settings->method->loss(g, t->settings->model, &batch, metric);
  t->held_loss = pm_keep(metric[0], "held-out loss");
  t->held = t->backend->compile(g);
}

static void build_held_bits(trainer *t) {
  const pm_method *method = t->settings->method;
  if (!method->bits || !t->data->format.colours)
    return;
  pm_graph *g = use_graph(t);
  g->weights = model_weights(t);
  pm_batch batch = held_batch(t, g);
  pm_value *bits = method->bits(g, t->settings->model, &batch);
  if (!bits)
    return;
  t->bits = pm_keep(bits, "held-out bits");
  t->held_bits = t->backend->compile(g);
}

/* A block beside another, of its size. */
static pm_buffer *block_beside(trainer *t, const char *name, const pm_buffer *other) {
  pm_buffer *buffer = pm_store_buffer(t->store, name, PM_STATE, PM_F32, other->count);
  if (!buffer->device)
    t->backend->allocate(t->backend, buffer);
  return buffer;
}

static void build_calibrated(trainer *t) {
  if (!t->settings->train.calibrate)
    return;
  if (!t->settings->method->logits)
    pm_fail(PM_BAD_INPUT, t->data->place, "training.calibrate is not for a %s", t->settings->method->summary);
  if (!t->data->held)
    pm_fail(PM_BAD_INPUT, t->data->place,
            "training.calibrate needs held-out sprites (data.held_out; 0 are); training.calibrate: false goes without");
  t->calibrated = block_beside(t, "calibrated", t->store->parameters);
  t->temperature = 1;
}

static void build_best(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  if (pm_keeps_best(s) || t->calibrated)
    build_held_bits(t);
  if (!pm_keeps_best(s))
    return;
  if (!t->held)
    pm_fail(PM_BAD_INPUT, t->data->place,
            "%s needs held-out sprites (data.held_out; %zu are) and their losses (output.held_out_every); %s goes "
            "without",
            s->stop_after ? "training.stop_after" : "training.keep: best", t->data->held,
            s->stop_after ? "training.stop_after: 0" : "training.keep: last");
  t->best = block_beside(t, "best", trainer_model_parameters(t));
  if (trainer_model_states(t)->count)
    t->best_states = block_beside(t, "best states", trainer_model_states(t));
}

static void copy_block(pm_store *store, pm_buffer *to, pm_buffer *from) {
  pm_arena *scratch = pm_arena_new();
  float *items = pm_alloc(scratch, from->count, sizeof *items);
  pm_store_read(store, from, 0, items, from->count);
  pm_store_write(store, to, 0, items, from->count);
  pm_arena_free(scratch);
}

void trainer_keep_best(trainer *t) {
  if (!t->best)
    return;
  float value = t->held_bits ? trainer_held_bits(t) : t->held_value;
  t->since_best++;
  if (t->best_step && value >= t->best_value)
    return;
  t->best_step = t->step;
  t->best_value = value;
  t->best_temperature = t->temperature;
  t->since_best = 0;
  copy_block(t->store, t->best, trainer_model_parameters(t));
  if (t->best_states)
    copy_block(t->store, t->best_states, trainer_model_states(t));
}

bool trainer_stops_early(const trainer *t) {
  const int64_t most = t->settings->train.stop_after;
  return most && t->since_best >= most;
}

const char *trainer_measure(const trainer *t) {
  return t->held_bits ? "mean of held-out bits per pixel" : "held-out loss";
}

void trainer_build(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  trainer_check_division(t);
  metric_count(t);
  t->epoch_steps = (int64_t)(t->data->train / (size_t)s->batch);
  t->steps = s->steps ? s->steps : s->epochs * t->epoch_steps;
  t->good_checkpoint = -1;
  t->store = pm_store_new(t->arena, t->backend);
  t->weights = s->average > 0 ? averages : pm_own_weights();
  build_gradient(t);
  build_update(t);
  build_held_out(t);
  build_calibrated(t);
  t->inference =
      pm_inference_new(t->arena, t->store, model_weights(t), t->settings->method, t->settings->model, &t->data->format);
  pm_inference_prepare(t->inference);
  build_best(t);
  pm_dataset_upload(t->data, t->store);
  pm_store_initialise(t->store, s->seed);
}

void trainer_free(trainer *t) {
  pm_program *programs[] = {t->gradient, t->of_batch, t->update, t->held, t->held_bits};
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
    t->backend->free_program(programs[i]);
  pm_inference_free(t->inference);
  pm_store_free(t->store);
}

pm_buffer *trainer_model_parameters(const trainer *t) {
  return t->calibrated ? t->calibrated : pm_store_find_buffer(t->store, t->weights.parameters);
}

pm_buffer *trainer_model_states(const trainer *t) {
  return t->store->states->count ? pm_store_find_buffer(t->store, t->weights.states) : t->store->states;
}
