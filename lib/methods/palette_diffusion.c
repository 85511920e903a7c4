#include "methods/palette_diffusion.h"

#include "core/random.h"
#include "methods/diffusion_likelihood.h"
#include "methods/guidance.h"
#include "methods/noise_schedule.h"
#include "nn/layers.h"
#include "train/hints.h"

#include <math.h>

static const double LN_2 = 0.69314718055994530942;

/* ---- codes ---- */

size_t pm_code_channels(size_t colours, bool one_hot) {
  size_t bits = 1;
  while (((size_t)1 << bits) < colours)
    bits++;
  return one_hot ? colours : bits;
}

/* C[k,c] */
static float code(size_t k, size_t c, bool one_hot) {
  return (one_hot ? c == k : k >> c & 1) ? 1 : -1;
}

pm_value *pm_codes(pm_graph *g, size_t colours, bool one_hot) {
  const size_t channels = pm_code_channels(colours, one_hot);
  float *codes = pm_alloc(g->arena, colours * channels, sizeof *codes);
  for (size_t k = 0; k < colours; k++)
    for (size_t c = 0; c < channels; c++)
      codes[k * channels + c] = code(k, c, one_hot);
  return pm_graph_constant(g, "codes", pm_shape_of(2, colours, channels), codes);
}

pm_value *pm_to_codes(pm_graph *g, pm_value *pixels, size_t colours, bool one_hot) {
  if (one_hot)
    return pm_one_hot(g, pixels, colours, -1, 1);
  return pm_to_bits(g, pixels, pm_code_channels(colours, one_hot));
}

static size_t channels_of(const pm_palette_diffusion *d) {
  return pm_code_channels(d->format->colours, d->one_hot);
}

/* ---- what is known before any pixel is seen ---- */

/* A colour that no training sprite has must stay possible: the likelihood of other sprites is finite. */
static const double LEAST_SHARE = 1e-3;

static double share(const pm_palette_diffusion *d, size_t k) {
  const pm_sprite_format *f = d->format;
  return f->colour_shares ? (double)f->colour_shares[k] : 1 / (double)f->colours;
}

/* log pi, [colours] */
static pm_value *log_shares(pm_graph *g, const pm_palette_diffusion *d) {
  const size_t K = d->format->colours;
  float *log_pi = pm_alloc(g->arena, K, sizeof *log_pi);
  for (size_t k = 0; k < K; k++)
    log_pi[k] = (float)log(fmax(share(d, k), LEAST_SHARE));
  return pm_graph_constant(g, "log shares", pm_shape_of(1, K), log_pi);
}

/* m = pi C times `scale`, [channels] */
static pm_value *mean_code(pm_graph *g, const pm_palette_diffusion *d, const char *name, double scale) {
  const size_t channels = channels_of(d);
  float *mean = pm_alloc(g->arena, channels, sizeof *mean);
  for (size_t c = 0; c < channels; c++) {
    double sum = 0;
    for (size_t k = 0; k < d->format->colours; k++)
      sum += share(d, k) * (double)code(k, c, d->one_hot);
    mean[c] = (float)(scale * sum);
  }
  return pm_graph_constant(g, name, pm_shape_of(1, channels), mean);
}

/* ---- times ---- */

static double *alpha_bars(pm_arena *arena, const pm_palette_diffusion *d) {
  double *alpha_bar = pm_alloc(arena, d->steps, sizeof *alpha_bar);
  pm_noise_schedule(alpha_bar, d->steps, PM_SCHEDULE_INFORMATION, 0, 0, false);
  return alpha_bar;
}

/* What the model needs to know of each row's time, [N] each. */
typedef struct {
  pm_value *alpha, *sigma;
  pm_value *gain; /* of evidence: alpha / sigma^2 */
  pm_value *t;    /* what the net is conditioned on: 0 … 1000, linear in log(alpha / sigma) */
} moments;

/* For rows of which number n stands at time[index[n]]; `times` of them. `name` tells the tables apart. */
static moments moments_at(pm_graph *g, const pm_palette_diffusion *d, const char *name, const float *time, size_t times,
                          pm_value *index) {
  const double *alpha_bar = alpha_bars(g->arena, d), span = log(PM_MOST_SIGNAL / PM_LEAST_SIGNAL);
  float *column[4];
  pm_value *row[4];
  for (int k = 0; k < 4; k++)
    column[k] = pm_alloc(g->arena, times, sizeof **column);
  for (size_t i = 0; i < times; i++) {
    double signal = alpha_bar[(size_t)time[i]], noise = 1 - signal;
    column[0][i] = (float)sqrt(signal);
    column[1][i] = (float)sqrt(noise);
    column[2][i] = (float)(sqrt(signal) / noise);
    column[3][i] = (float)(1000 * (log(PM_MOST_SIGNAL) - 0.5 * log(signal / noise)) / span);
  }
  for (int k = 0; k < 4; k++) {
    static const char *const what[] = {"alpha", "sigma", "gain", "t"};
    pm_value *table =
        pm_graph_constant(g, pm_format(g->arena, "%s %s", name, what[k]), pm_shape_of(1, times), column[k]);
    row[k] = pm_lookup_rows(g, table, index);
  }
  return (moments){row[0], row[1], row[2], row[3]};
}

/* The same for rows that are all at one time. */
static moments moments_of_one(pm_graph *g, const pm_palette_diffusion *d, const char *name, size_t time, size_t rows) {
  const float times[] = {(float)time};
  return moments_at(g, d, name, times, 1, pm_count_up(g, rows, 0, 1));
}

/* ---- the model ---- */

/* What the model is conditioned on besides x and its time. */
typedef struct {
  pm_value *classes;  /* or NULL */
  pm_value *mirrored; /* or NULL: none is */
  pm_draws draws;
} conditions;

/* Of x[N,H,W,channels]: both parts of the logits, [N,H,W,colours]. */
typedef struct {
  pm_value *evidence; /* e, of each pixel for itself */
  pm_value *context;  /* log pi + net(…) */
} prediction;

static prediction predict(pm_graph *g, const pm_palette_diffusion *d, pm_value *x, const moments *at, conditions c) {
  const size_t K = d->format->colours;
  pm_value *evidence = pm_scale_rows(g, pm_linear(g, x, pm_codes(g, K, d->one_hot), NULL), at->gain);
  pm_value *log_pi = log_shares(g, d);
  pm_value *alone = pm_softmax(g, pm_add_bias(g, evidence, log_pi));
  pm_value *input = pm_concat(g, x, pm_affine(g, alone, 2, -1));
  const pm_unet_conditions of_net = {.t = at->t,
                                     .classes = c.classes,
                                     .class_count = d->format->classes,
                                     .mirrored = c.mirrored ? c.mirrored : pm_count_up(g, x->shape.dim[0], 0, 1),
                                     .draws = c.draws};
  pm_value *net = pm_unet(g, d->unet, input, &of_net, K);
  pm_zero_initialise_layer(g, "conv_out");
  return (prediction){evidence, pm_add_bias(g, net, log_pi)};
}

static pm_value *logits(pm_graph *g, const pm_palette_diffusion *d, pm_value *x, const moments *at, conditions c) {
  prediction p = predict(g, d, x, at, c);
  return pm_plus(g, p.context, p.evidence);
}

/* x0 = softmax(logits) C */
static pm_value *estimate(pm_graph *g, const pm_palette_diffusion *d, pm_value *logits) {
  pm_value *codes = pm_codes(g, d->format->colours, d->one_hot);
  return pm_linear(g, pm_softmax(g, logits), pm_permute(g, codes, (pm_permute_attributes){{1, 0}}), NULL);
}

pm_value *pm_palette_diffusion_loss(pm_graph *g, const pm_palette_diffusion *d, const pm_batch *b) {
  pm_value *x0 = pm_to_codes(g, b->pixels, d->format->colours, d->one_hot);
  const size_t n = x0->shape.dim[0];
  float *times = pm_alloc(g->arena, d->steps, sizeof *times);
  for (size_t t = 0; t < d->steps; t++)
    times[t] = (float)t;
  pm_value *u = pm_random_uniform(g, b->draws, n, d->stratified, pm_purpose("time"));
  moments at = moments_at(g, d, "process", times, d->steps, pm_to_index(g, u, d->steps));
  pm_value *noise = pm_normal(g, x0->shape, b->draws, pm_purpose("noise"));
  pm_value *x = pm_combine_rows(g, x0, noise, at.alpha, at.sigma);

  conditions c = {b->labels, b->mirrored, b->draws};
  if (c.classes && g->training)
    c.classes = pm_drop_labels(g, c.classes, b->draws, d->label_drop, (int32_t)d->format->classes);
  return pm_mean_rows(g, pm_cross_entropy(g, logits(g, d, x, &at, c), b->pixels), b->count);
}

/* ---- sampling: the states are x, the estimate of the step before, and the logits of the last step ---- */

static pm_value *state(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s, const char *name,
                       size_t channels) {
  return pm_graph_state(g, name, PM_F32, pm_shape_of(4, s->n, d->format->height, d->format->width, channels));
}

static pm_value *state_x(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  return state(g, d, s, "sample x", channels_of(d));
}

static pm_value *state_before(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  return state(g, d, s, "sample x0 before", channels_of(d));
}

static pm_value *state_logits(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  return state(g, d, s, "sample logits", d->format->colours);
}

void pm_palette_diffusion_begin(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  const double noisiest = alpha_bars(g->arena, d)[d->steps - 1];
  pm_value *x = state_x(g, d, s);
  pm_value *noise = pm_normal(g, x->shape, s->draws, pm_purpose("sample"));
  pm_value *start =
      pm_add_bias(g, pm_affine(g, noise, sqrt(1 - noisiest), 0), mean_code(g, d, "sample start", sqrt(noisiest)));
  pm_assign(g, x, start);
  pm_assign(g, state_before(g, d, s), pm_fill(g, x->shape, 0));
  /* What is shown before the first step: noise. */
  pm_assign(g, state_logits(g, d, s), pm_linear(g, noise, pm_codes(g, d->format->colours, d->one_hot), NULL));
}

/* Evenly from the noisiest to the least noisy time. */
static size_t *sample_times(pm_arena *arena, const pm_palette_diffusion *d) {
  size_t steps = d->sample_steps, *times = pm_alloc(arena, steps, sizeof *times);
  for (size_t i = 0; i < steps; i++) {
    size_t left = steps > 1 ? steps - 1 - i : 1, all = steps > 1 ? steps - 1 : 1;
    times[i] = ((d->steps - 1) * left + all / 2) / all;
  }
  return times;
}

/* [steps]: what the context is divided by, as a factor. */
static float *sharpness(pm_arena *arena, const pm_palette_diffusion *d, const size_t *times) {
  const double *alpha_bar = alpha_bars(arena, d), least = PM_SHARPENED_SIGNAL * PM_SHARPENED_SIGNAL;
  float *factor = pm_alloc(arena, d->sample_steps, sizeof *factor);
  for (size_t i = 0; i < d->sample_steps; i++) {
    double snr = alpha_bar[times[i]] / (1 - alpha_bar[times[i]]);
    factor[i] = (float)(snr > least ? 1 / d->temperature : 1);
  }
  return factor;
}

/* What hints say is evidence beyond doubt: they leave of the logits what they allow. */
static pm_value *keep_to_hints(pm_graph *g, const pm_sampling *s, pm_value *logits) {
  if (!s->hints)
    return logits;
  return pm_restrict_logits(g, pm_add_bias(g, logits, s->banned), s->hints, pm_background_of(s->format));
}

/* The logits of this step: the context, guided towards the class and sharpened, and the evidence. */
static pm_value *sampled_logits(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s, pm_value *x,
                                const size_t *times, const pm_sampler_table *table) {
  const pm_guidance guidance = pm_guidance_of(s, d->guidance_scale);
  pm_value *input = pm_guidance_twice(g, &guidance, x);
  moments at =
      moments_at(g, d, "sampling step", table->t, table->steps, pm_fill_index(g, s->step, input->shape.dim[0]));
  const prediction p = predict(g, d, input, &at, (conditions){guidance.labels, NULL, s->draws});
  pm_value *context = pm_guided(g, &guidance, p.context), *evidence = pm_guided(g, &guidance, p.evidence);
  pm_value *factor = pm_by_step(g, "sampling step sharpness", sharpness(g->arena, d, times), table->steps, s, s->n);
  return keep_to_hints(g, s, pm_plus(g, pm_scale_rows(g, context, factor), evidence));
}

void pm_palette_diffusion_step(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  const size_t *times = sample_times(g->arena, d);
  const pm_sampler_table table =
      pm_sampler_table_at(g->arena, d->sampler, PM_PREDICT_X0, alpha_bars(g->arena, d), times, d->sample_steps, d->eta);
  pm_value *x = state_x(g, d, s);
  pm_value *predicted = sampled_logits(g, d, s, x, times, &table);
  pm_sampler_step(g, &table, s, x, state_before(g, d, s), estimate(g, d, predicted));
  pm_assign(g, state_logits(g, d, s), predicted);
}

pm_value *pm_palette_diffusion_sample(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s) {
  const pm_sprite_format *f = d->format;
  pm_value *table = pm_graph_constant(g, "colours", pm_shape_of(2, f->colours, f->channels), f->table);
  return pm_colour_lookup(g, pm_argmax(g, state_logits(g, d, s)), table);
}

/* ---- likelihood ---- */

/* KL of N(alpha x0, sigma^2) from N(alpha m, sigma^2) is |alpha (x0 - m)|^2 / 2 sigma^2; bits a pixel, [N]. */
static pm_value *prior_bits(pm_graph *g, const pm_palette_diffusion *d, pm_value *x0, double noisiest) {
  const double half_snr = 0.5 * noisiest / (1 - noisiest), bits = (double)channels_of(d) / LN_2;
  pm_value *apart = pm_add_bias(g, x0, mean_code(g, d, "minus mean code", -1));
  return pm_affine(g, pm_squared_error(g, apart, pm_fill(g, x0->shape, 0)), half_snr * bits, 0);
}

pm_value *pm_palette_diffusion_bits(pm_graph *g, const pm_palette_diffusion *d, const pm_batch *b) {
  const double *alpha_bar = alpha_bars(g->arena, d);
  const pm_bound bound = pm_bound_new(g->arena, alpha_bar, d->steps, channels_of(d));
  const conditions c = {b->labels, b->mirrored, b->draws};
  pm_value *x0 = pm_to_codes(g, b->pixels, d->format->colours, d->one_hot);

  pm_bound_draw draw = pm_bound_draw_time(g, &bound, b, x0);
  moments at = moments_at(g, d, "bits process", bound.t, bound.times, draw.index);
  pm_value *way = pm_bound_way(g, &bound, &draw, x0, estimate(g, d, logits(g, d, draw.x, &at, c)));

  moments last = moments_of_one(g, d, "bits last", bound.t0, x0->shape.dim[0]);
  pm_value *nats = pm_cross_entropy(g, logits(g, d, pm_bound_last(g, &bound, b, x0), &last, c), b->pixels);
  pm_value *read = pm_affine(g, nats, 1 / LN_2, 0);
  return pm_plus(g, pm_plus(g, way, read), prior_bits(g, d, x0, alpha_bar[d->steps - 1]));
}
