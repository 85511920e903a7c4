#include "train/trainer.h"

#include "core/attempt.h"
#include "core/number.h"
#include "core/options.h"
#include "train/loss_course.h"
#include "train/model_file.h"
#include "train/progress.h"
#include "train/trainer_parts.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stop_signal;

static void note_signal(int number) {
  stop_signal = number;
}

/* What is ignored (SIGHUP under nohup, SIGINT in a script's background) stays so. */
static void catch_signals(void) {
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART}, now;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
    if (sigaction(ending[i], NULL, &now) == 0 && ((now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_IGN))
      sigaction(ending[i], &action, NULL);
}

/* Ends by the signal itself, so that make and shells know. */
static void end_by_signal(int number) {
  signal(number, SIG_DFL);
  raise(number);
}

static void write_number(trainer *t, pm_buffer *scalar, int64_t value) {
  pm_store_write(t->store, scalar, 0, &value, 1);
}

void trainer_set_scalars(trainer *t) {
  const pm_train_settings *s = &t->settings->train;
  float rate = (float)pm_learning_rate(s, t->step, t->steps), decay = (float)pm_average_decay(s, t->step);
  write_number(t, t->seed_scalar, (int64_t)s->seed);
  write_number(t, t->step_scalar, t->step);
  write_number(t, t->first_scalar, 0);
  pm_store_write(t->store, t->rate_scalar, 0, &rate, 1);
  if (t->decay_scalar)
    pm_store_write(t->store, t->decay_scalar, 0, &decay, 1);
}

static void one_step(trainer *t) {
  trainer_set_scalars(t);
  trainer_run_batch(t);
  trainer_run(t, t->update);
  t->step++;
}

static bool due(int64_t step, int64_t every, int64_t steps) {
  return every && (step % every == 0 || step == steps);
}

static const char *loss_note(const trainer *t, char text[64]) {
  char number[32];
  snprintf(text, 64, "%s %s", t->settings->method->metrics[0], pm_write_float(number, t->last[0]));
  return text;
}

/* What rank 0 writes after a step. */
static void report_step(trainer *t, pm_progress *progress) {
  const pm_train_settings *s = &t->settings->train;
  char note[64];
  if (t->step - t->logged == LOG_ROWS || t->held_at == t->step)
    trainer_flush_metrics(t);
  if (due(t->step, s->grid_every, t->steps))
    trainer_grid(t);
  if (due(t->step, s->checkpoint_every, t->steps))
    trainer_write_checkpoint(t);
  pm_progress_show(progress, t->step, loss_note(t, note));
}

/* Returns the signal that any rank caught; 0 where training came to its end. */
static int train_steps(trainer *t, pm_progress *progress) {
  const pm_train_settings *s = &t->settings->train;
  for (;;) {
    const int stopped = (int)pm_ranks_most(t->ranks, stop_signal);
    if (stopped || t->step >= t->steps || trainer_stops_early(t))
      return stopped;
    one_step(t);
    if (t->held && due(t->step, s->held_out_every, t->steps)) {
      trainer_held_out(t);
      trainer_keep_best(t);
    }
    if (pm_ranks_lead(t->ranks))
      report_step(t, progress);
  }
}

static void report_stop(trainer *t, double seconds) {
  if (t->good_checkpoint != t->step)
    trainer_write_checkpoint(t);
  pm_run_folder_log(&t->folder,
                    "stopped by a signal at step %" PRId64 " of %" PRId64 " after %.1f s; the same command resumes it",
                    t->step, t->steps, seconds);
}

static void report_end(trainer *t, int64_t begin, double seconds, double rate) {
  char note[64];
  if (trainer_stops_early(t)) {
    pm_run_folder_log(&t->folder,
                      "stopped at step %" PRId64 ": the %s has not fallen since step %" PRId64
                      ", whose weights are the model",
                      t->step, trainer_measure(t), t->best_step);
    if (t->good_checkpoint != t->step)
      trainer_write_checkpoint(t);
  } else if (t->best) {
    pm_run_folder_log(&t->folder, "the weights of step %" PRId64 " are the model: the lowest %s, %s", t->best_step,
                      trainer_measure(t), pm_write_float(note, t->best_value));
  }
  if (t->calibrated)
    pm_run_folder_log(&t->folder, "its logits are divided by %s, at which the held-out sprites are likeliest",
                      pm_write_float(note, t->best_temperature));
  pm_run_folder_log(&t->folder, "%s in %.1f s (%.1f a second), peak memory %.0f MB, %s",
                    pm_counted(t->arena, (size_t)(t->step - begin), "step"), seconds, rate,
                    (double)pm_peak_memory() / 1e6, loss_note(t, note));
  if (t->ranks->size > 1)
    pm_run_folder_log(&t->folder, "%.1f s of that to add up with the other processes, waiting for them included",
                      t->seconds_summed);
}

static void loop(trainer *t) {
  pm_progress progress = pm_progress_start("steps", t->step, t->steps);
  const int64_t begin = t->step;
  const int stopped = train_steps(t, &progress);
  pm_progress_clear(&progress);
  double rate = pm_progress_rate(&progress, t->step), seconds = pm_progress_seconds(&progress);
  if (stopped) {
    if (pm_ranks_lead(t->ranks))
      report_stop(t, seconds);
    pm_ranks_close(t->ranks); /* which waits for rank 0 */
    end_by_signal(stopped);
  }
  if (t->calibrated && !t->best) {
    trainer_held_bits(t);
    t->best_temperature = t->temperature;
  }
  if (pm_ranks_lead(t->ranks))
    report_end(t, begin, seconds, rate);
}

/* A loss that is finite may still have diverged; who looks at nothing but the exit status should not take the model for
 * a good one. */
static void warn_of_loss(trainer *t) {
  pm_arena *scratch = pm_arena_new();
  pm_loss_course course = pm_loss_course_read(scratch, t->folder.metrics);
  const char *how = pm_loss_ran_away(scratch, course.step, course.loss, course.rows);
  if (how)
    pm_run_folder_warn(&t->folder,
                       "the loss diverged: it %s; samples of such a model are rarely of use; try a lower "
                       "training.learning_rate (it is %g)",
                       how, t->settings->train.learning_rate);
  pm_arena_free(scratch);
}

/* The step whose weights are the model. */
static int64_t model_step(const trainer *t) {
  return t->best ? t->best_step : t->step;
}

static void write_model(trainer *t) {
  pm_model_facts facts = {.method = t->settings->method->name,
                          .config = pm_run_settings_text(t->arena, t->settings, true),
                          .data_hash = t->data->hash,
                          .format = t->data->format,
                          .palette = t->data->palette,
                          .colour_counts = t->data->colour_counts,
                          .class_counts = t->data->class_counts,
                          .class_names = t->data->class_names,
                          .step = model_step(t)};
  pm_buffer *parameters = t->best ? t->best : trainer_model_parameters(t);
  pm_buffer *states = t->best_states ? t->best_states : trainer_model_states(t);
  pm_model_write(t->arena, t->folder.model, &facts, t->store, parameters, states);
}

typedef struct {
  pm_arena *arena;
  const char *path;
  pm_model model;
} finished;

static void read_finished(void *context) {
  finished *f = context;
  f->model = pm_model_read(f->arena, f->path);
}

/* Whether the folder holds the model of this very training: one that has grown leaves a shorter one's until then, and
 * one that is damaged is written again. */
static bool complete(const trainer *t, const char *config) {
  bool ended = t->step == t->steps || trainer_stops_early(t);
  if (!ended || !pm_file_exists(t->folder.model))
    return false;
  pm_arena *scratch = pm_arena_new();
  finished f = {.arena = scratch, .path = t->folder.model};
  bool same = !pm_attempt(scratch, read_finished, &f) && f.model.facts.step == model_step(t) &&
              strcmp(f.model.facts.config, config) == 0;
  pm_arena_free(scratch);
  return same;
}

static const char *metrics_header(const trainer *t) {
  const char *text = "step";
  for (int k = 0; k < t->metrics; k++)
    text = pm_format(t->arena, "%s\t%s", text, t->settings->method->metrics[k]);
  return pm_format(t->arena, "%s\theld_out\n", text);
}

static void log_start(trainer *t, const char *remark) {
  const pm_train_settings *s = &t->settings->train;
  pm_run_folder_log(&t->folder,
                    "%s: %s, %zu parameters, %s (%zu held out), batch %" PRId64 ", steps %" PRId64 " to %" PRId64
                    ", %s, seed %" PRIu64,
                    s->name, t->settings->method->summary, pm_store_parameter_count(t->store),
                    pm_counted(t->arena, t->data->train, "sprite"), t->data->held, s->batch, t->step, t->steps,
                    t->backend->tier(t->backend), s->seed);
  if (remark)
    pm_run_folder_log(&t->folder, "%s", remark);
  if (t->ranks->size > 1)
    pm_run_folder_log(&t->folder, "%d processes by %s, each with %" PRId64 " of %" PRId64 " micro-batches",
                      t->ranks->size, t->ranks->transport->name, s->micro_batches / t->ranks->size, s->micro_batches);
}

/* Rank 0's part before the first step: the folder, and what can be resumed there. False if there is nothing to do. */
static bool begin_run(trainer *t, const char *remark, const char *path, pm_resume resume) {
  t->folder = pm_run_folder_open(t->arena, path);
  const char *config = pm_run_settings_text(t->arena, t->settings, true);
  bool resumed = trainer_resume(t, resume);
  if (resumed && complete(t, config)) {
    pm_say(0, "%s: complete with %s; nothing to do", t->folder.model,
           pm_counted(t->arena, (size_t)model_step(t), "step"));
    return false;
  }
  pm_run_folder_remove_model(&t->folder);
  pm_write_file(t->arena, t->folder.config, config, strlen(config));
  if (!resumed)
    pm_run_folder_begin_metrics(&t->folder, 0, metrics_header(t));
  log_start(t, remark);
  return true;
}

void pm_train(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
              const pm_dataset *data, const char *remark, const char *path, pm_resume resume) {
  trainer t = {.arena = arena, .ranks = ranks, .backend = backend, .settings = settings, .data = data};
  const bool leads = pm_ranks_lead(ranks);
  catch_signals();
  trainer_build(&t); /* which refuses what does not fit, before there is a folder */
  bool wanted = leads && begin_run(&t, remark, path, resume);
  pm_ranks_broadcast(ranks, &wanted, sizeof wanted);
  if (wanted) {
    trainer_share(&t);
    loop(&t);
  }
  if (wanted && leads) {
    write_model(&t);
    pm_say(0, "wrote %s", t.folder.model);
    warn_of_loss(&t);
  }
  trainer_free(&t);
  if (leads)
    pm_run_folder_close(&t.folder);
}

/* `program`: bytes that the program itself takes. */
static void print_plan(const trainer *t, size_t program) {
  const pm_train_settings *s = &t->settings->train;
  const pm_program_size gradient = t->backend->size(t->gradient), update = t->backend->size(t->update);
  const size_t of_batch = t->of_batch ? t->backend->size(t->of_batch).steps : 0, n = (size_t)s->micro_batches;
  const double mb = 1e6;
  pm_output *out = pm_output_open(t->arena, NULL, false);
  pm_output_print(out, "run               %s: %s on %s\n", s->name, t->settings->method->summary,
                  t->backend->tier(t->backend));
  pm_output_print(out, "sprites           %zu to train on, %zu held out, %zux%zu, %zu channels\n", t->data->train,
                  t->data->held, t->data->format.width, t->data->format.height, t->data->format.channels);
  pm_output_print(out, "parameters        %zu\n", pm_store_parameter_count(t->store));
  pm_output_print(out, "steps             %" PRId64 " of batch %" PRId64 " (%" PRId64 " an epoch)\n", t->steps,
                  s->batch, t->epoch_steps);
  if (n > 1)
    pm_output_print(out, "micro-batches     %zu of %" PRId64 "\n", n, s->batch / s->micro_batches);
  pm_output_print(out, "kernels a step    %zu\n", n * gradient.steps + of_batch + update.steps);
  pm_output_print(out, "products a step   %.4g GFLOP\n", (double)n * t->flops * 1e-9);
  pm_output_print(out, "gradient          %.2f MB\n", (double)pm_store_block_size(t->store) * sizeof(float) / mb);
  pm_output_print(out, "activations       %.2f MB (%.2f MB without sharing)\n", (double)gradient.planned / mb,
                  (double)gradient.values / mb);
  pm_output_print(out, "resident          %.2f MB (data, weights, gradients, moments)\n",
                  (double)(gradient.resident > update.resident ? gradient.resident : update.resident) / mb);
  pm_output_print(out, "peak memory       at least %.0f MB\n",
                  ((double)program + (double)gradient.planned + (double)update.resident) / mb);
  pm_output_commit(out);
}

void pm_train_plan(pm_arena *arena, pm_ranks *ranks, const pm_backend *backend, const pm_run_settings *settings,
                   const pm_dataset *data) {
  trainer t = {.arena = arena, .ranks = ranks, .backend = backend, .settings = settings, .data = data};
  const size_t program = pm_peak_memory(); /* building touches some of what is counted below */
  trainer_build(&t);
  if (pm_ranks_lead(ranks))
    print_plan(&t, program);
  trainer_free(&t);
}
