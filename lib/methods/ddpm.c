/* Denoising diffusion: Ho, Jain, Abbeel, "Denoising Diffusion Probabilistic Models", 2020, and what came after it.
 *
 *   training  x_t = alpha_t x0 + sigma_t eps for a random time t; from x_t and t the net predicts eps, x0 or v
 *   sampling  begins with noise; each step removes a part of it, by what the net predicts: diffusion_sampler.h
 *
 * Pixels are RGB, or palette indices (one-hot planes with cross-entropy on x0, or the bits of the index with squared
 * error): then every sprite is in the palette before any snapping. Chen, Zhang, Hinton, "Analog Bits", 2023. */
#include "core/random.h"
#include "methods/diffusion_likelihood.h"
#include "methods/diffusion_sampler.h"
#include "methods/guidance.h"
#include "methods/methods.h"
#include "methods/noise_schedule.h"
#include "methods/palette_diffusion.h"
#include "methods/tiny_denoiser.h"
#include "methods/unet.h"
#include "nn/ops.h"

#include <math.h>

typedef struct {
  int model;
  pm_unet_settings unet;
  int64_t hidden;
  bool time_conditioning;
  int pixels, code, range;
  int64_t steps;
  int schedule, prediction;
  double beta_start, beta_end;
  bool end_in_noise, stratified;
  int loss, weighting;
  double snr_limit, label_drop;
  int sampler;
  int64_t sample_steps;
  double eta, guidance_scale, temperature;
  bool clip;
} ddpm_settings;

enum { UNET, TINY_DENOISER };
enum { RGB, PALETTE };
enum { AUTO, ONE_HOT, BITS };
enum { SIGNED, UNIT };
enum { MSE, L1 };
enum { PLAIN, MIN_SNR };

#define AT(field) offsetof(ddpm_settings, field)

static const pm_option keys[] = {
    {"model", 0, PM_CHOICE, AT(model), "unet", 0, 0, "unet|tiny-denoiser", NULL, "the net"},
    PM_UNET_KEYS(AT(unet)),
    {"denoiser.hidden", 0, PM_INTEGER, AT(hidden), "64", 1, 1024, NULL, NULL, "channels of the tiny denoiser"},
    {"denoiser.time_conditioning", 0, PM_FLAG, AT(time_conditioning), "true", 0, 0, NULL, NULL,
     "condition the tiny denoiser on the timestep"},
    {"pixels", 0, PM_CHOICE, AT(pixels), "rgb", 0, 0, "rgb|palette", NULL,
     "what the model makes: colours or palette indices"},
    {"palette.code", 0, PM_CHOICE, AT(code), "auto", 0, 0, "auto|onehot|bits", NULL,
     "how a palette index is given to the net; auto: as bits in up to 8 colours, else one-hot"},
    {"process.steps", 0, PM_INTEGER, AT(steps), "1000", 1, 100000, NULL, NULL,
     "diffusion timesteps, from picture to noise"},
    {"process.schedule", 0, PM_CHOICE, AT(schedule), "linear", 0, 0, "linear|cosine|information", NULL,
     "noise schedule; information: times at equal steps of information, on palette indices alone, with an evidence "
     "head"},
    {"process.beta_start", 0, PM_REAL, AT(beta_start), "1e-4", 0, 0.999, NULL, NULL, "linear schedule's first beta"},
    {"process.beta_end", 0, PM_REAL, AT(beta_end), "0.02", 1e-6, 0.999, NULL, NULL, "linear schedule's last beta"},
    {"process.end_in_noise", 0, PM_FLAG, AT(end_in_noise), NULL, 0, 0, NULL, NULL,
     "zero terminal SNR: rescale the schedule so that nothing of the picture is left at its end (not with eps "
     "prediction)"},
    {"process.stratified", 0, PM_FLAG, AT(stratified), NULL, 0, 0, NULL, NULL,
     "stratified sampling of the timesteps of a batch"},
    {"process.prediction", 0, PM_CHOICE, AT(prediction), "eps", 0, 0, "eps|x0|v", NULL,
     "what the net predicts: the noise, the clean picture, or v (x0 on palette indices and in the tiny denoiser, "
     "whatever "
     "stands here)"},
    {"process.range", 0, PM_CHOICE, AT(range), "signed", 0, 0, "signed|unit", NULL, "RGB from -1 to 1, or from 0 to 1"},
    {"loss.kind", 0, PM_CHOICE, AT(loss), "mse", 0, 0, "mse|l1", NULL,
     "squared or absolute error (one-hot: cross-entropy)"},
    {"loss.weighting", 0, PM_CHOICE, AT(weighting), "plain", 0, 0, "plain|min-snr", NULL,
     "loss weight by timestep: none, or Min-SNR"},
    {"loss.snr_limit", 0, PM_REAL, AT(snr_limit), "5", 0.01, 1000, NULL, NULL, "gamma of Min-SNR"},
    {"classes.drop", 0, PM_REAL, AT(label_drop), "0.1", 0, 1, NULL, NULL,
     "label dropout: probability of the null class in the class's place, for classifier-free guidance; 0: the model "
     "can "
     "draw by class alone, and without guidance"},
    {"sampling.sampler", 0, PM_CHOICE, AT(sampler), "ddim", 0, 0, PM_SAMPLER_NAMES, NULL, "sampler"},
    {"sampling.steps", 0, PM_INTEGER, AT(sample_steps), "50", 1, 100000, NULL, NULL,
     "sampling steps; each is one forward pass, two with guidance"},
    {"sampling.eta", 0, PM_REAL, AT(eta), "0", 0, 1, NULL, NULL, "ddim: share of the ancestral sampler's noise"},
    {"sampling.guidance_scale", 0, PM_REAL, AT(guidance_scale), "1", 0, 100, NULL, NULL,
     "scale of classifier-free guidance; 1: none"},
    {"sampling.temperature", 0, PM_REAL, AT(temperature), "1", 0.05, 10, NULL, NULL,
     "with process.schedule: information: what all logits but the evidence are divided by where there is little noise; "
     "below 1: fewer stray pixels"},
    {"sampling.clip", 0, PM_FLAG, AT(clip), "true", 0, 0, NULL, NULL,
     "clip the predicted x0 to its range (-1 to 1 with eps and v prediction, whatever process.range)"},
    {0},
};

static const char *const metrics[] = {"loss", NULL};

/* ---- what a picture is to the net ---- */

/* Measured (docs/diffusion.md): bits win where a few colours fill all their numbers, and with more leave stray pixels,
 * for colours whose numbers differ in one bit are taken for neighbours. */
enum { MOST_COLOURS_AS_BITS = 8 };

static bool one_hot(const ddpm_settings *s, const pm_sprite_format *f) {
  return s->pixels == PALETTE && (s->code == ONE_HOT || (s->code == AUTO && f->colours > MOST_COLOURS_AS_BITS));
}

static size_t net_channels(const ddpm_settings *s, const pm_sprite_format *f) {
  return s->pixels == RGB ? f->channels : pm_code_channels(f->colours, one_hot(s, f));
}

/* Sprites as the net sees them, noise-free. */
static pm_value *to_net(pm_graph *g, const ddpm_settings *s, const pm_batch *b) {
  if (s->pixels == RGB)
    return s->range == SIGNED ? pm_affine(g, b->images, 2, -1) : b->images;
  return pm_to_codes(g, b->pixels, b->format->colours, one_hot(s, b->format));
}

static pm_value *to_images(pm_graph *g, const ddpm_settings *s, const pm_sprite_format *f, pm_value *x) {
  if (s->pixels == RGB)
    return pm_clamp(g, s->range == SIGNED ? pm_affine(g, x, 0.5, 0.5) : x, 0, 1);
  pm_value *index = one_hot(s, f) ? pm_argmax(g, x) : pm_from_bits(g, x, f->colours);
  return pm_colour_lookup(g, index, pm_graph_constant(g, "colours", pm_shape_of(2, f->colours, f->channels), f->table));
}

static pm_prediction prediction(const ddpm_settings *s) {
  return s->pixels == PALETTE || s->model == TINY_DENOISER ? PM_PREDICT_X0 : (pm_prediction)s->prediction;
}

/* x[N,H,W,C] at times t[N] (PM_F32) -> what the net predicts, [N,H,W,C]. */
static pm_value *net(pm_graph *g, const ddpm_settings *s, const pm_sprite_format *f, pm_value *x, pm_value *t,
                     pm_value *classes, pm_draws draws) {
  size_t out = net_channels(s, f);
  if (s->model == UNET) {
    const pm_unet_conditions c = {.t = t, .classes = classes, .class_count = f->classes, .draws = draws};
    return pm_unet(g, &s->unet, x, &c, out);
  }
  pm_value *logits = pm_tiny_denoiser(g, x, s->time_conditioning ? t : NULL, (size_t)s->hidden, out);
  if (s->pixels == PALETTE)
    return logits;
  pm_value *unit = pm_sigmoid(g, logits);
  return s->range == SIGNED ? pm_affine(g, unit, 2, -1) : unit;
}

/* ---- palette indices with times by information are palette_diffusion.h's ---- */

static bool by_information(const ddpm_settings *s) {
  return s->schedule == PM_SCHEDULE_INFORMATION;
}

static size_t sample_steps(const void *settings, const pm_sprite_format *format) {
  const ddpm_settings *s = settings;
  (void)format;
  return (size_t)(s->sample_steps < s->steps ? s->sample_steps : s->steps);
}

static pm_palette_diffusion palette(const ddpm_settings *s, const pm_sprite_format *f) {
  return (pm_palette_diffusion){.format = f,
                                .unet = &s->unet,
                                .one_hot = one_hot(s, f),
                                .stratified = s->stratified,
                                .steps = (size_t)s->steps,
                                .label_drop = s->label_drop,
                                .sampler = (pm_sampler_kind)s->sampler,
                                .sample_steps = sample_steps(s, f),
                                .eta = s->eta,
                                .guidance_scale = s->guidance_scale,
                                .temperature = s->temperature};
}

/* ---- training ---- */

/* [steps], as the schedule has them. */
static double *alpha_bars(pm_arena *arena, const ddpm_settings *s) {
  size_t T = (size_t)s->steps;
  double *alpha_bar = pm_alloc(arena, T, sizeof *alpha_bar);
  pm_noise_schedule(alpha_bar, T, (pm_schedule_kind)s->schedule, s->beta_start, s->beta_end, s->end_in_noise);
  return alpha_bar;
}

/* A number of the schedule for each time, as a constant of the graph; `number` of alpha_bar. */
static pm_value *schedule_table(pm_graph *g, const ddpm_settings *s, const char *name,
                                double (*number)(const ddpm_settings *, double alpha_bar)) {
  size_t T = (size_t)s->steps;
  const double *alpha_bar = alpha_bars(g->arena, s);
  float *table = pm_alloc(g->arena, T, sizeof *table);
  for (size_t t = 0; t < T; t++)
    table[t] = (float)number(s, alpha_bar[t]);
  return pm_graph_constant(g, name, pm_shape_of(1, T), table);
}

static double alpha(const ddpm_settings *s, double alpha_bar) {
  (void)s;
  return sqrt(alpha_bar);
}

static double sigma(const ddpm_settings *s, double alpha_bar) {
  (void)s;
  return sqrt(1 - alpha_bar);
}

static double minus_sigma(const ddpm_settings *s, double alpha_bar) {
  return -sigma(s, alpha_bar);
}

/* Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy", 2023: min(SNR, gamma) on x0, as it reads
 * for each prediction. Where nothing of the picture is left that is 0 for x0 and v: with process.end_in_noise the time
 * that sampling begins at is learned from its neighbours alone. */
static double min_snr(const ddpm_settings *s, double alpha_bar) {
  double snr = alpha_bar / (1 - alpha_bar), limited = fmin(snr, s->snr_limit);
  switch (prediction(s)) {
  case PM_PREDICT_EPS:
    return snr > 0 ? limited / snr : 1;
  case PM_PREDICT_V:
    return limited / (snr + 1);
  default:
    return limited;
  }
}

static pm_value *random_times(pm_graph *g, const ddpm_settings *s, const pm_batch *b, size_t n) {
  pm_value *u = pm_random_uniform(g, b->draws, n, s->stratified, pm_purpose("time"));
  return pm_to_index(g, u, (size_t)s->steps);
}

static pm_value *target_of(pm_graph *g, const ddpm_settings *s, pm_value *x0, pm_value *noise, pm_value *a,
                           pm_value *minus_sigma_t) {
  switch (prediction(s)) {
  case PM_PREDICT_EPS:
    return noise;
  case PM_PREDICT_V: /* alpha eps - sigma x0 */
    return pm_combine_rows(g, noise, x0, a, minus_sigma_t);
  default:
    return x0;
  }
}

static void loss(pm_graph *g, const void *settings, const pm_batch *b, pm_value **metric) {
  const ddpm_settings *s = settings;
  if (by_information(s)) {
    const pm_palette_diffusion d = palette(s, b->format);
    metric[0] = pm_palette_diffusion_loss(g, &d, b);
    return;
  }
  pm_value *x0 = to_net(g, s, b);
  const size_t n = x0->shape.dim[0];
  pm_value *t = random_times(g, s, b, n);
  pm_value *a = pm_lookup_rows(g, schedule_table(g, s, "alpha", alpha), t);
  pm_value *sg = pm_lookup_rows(g, schedule_table(g, s, "sigma", sigma), t);
  pm_value *noise = pm_normal(g, x0->shape, b->draws, pm_purpose("noise"));
  pm_value *x = pm_combine_rows(g, x0, noise, a, sg);

  pm_value *classes = b->labels;
  if (classes && g->training)
    classes = pm_drop_labels(g, classes, b->draws, s->label_drop, (int32_t)b->format->classes);
  pm_value *out = net(g, s, b->format, x, pm_to_float(g, t), classes, b->draws);

  pm_value *rows;
  if (one_hot(s, b->format)) {
    rows = pm_cross_entropy(g, out, b->pixels);
  } else {
    pm_value *minus = pm_lookup_rows(g, schedule_table(g, s, "minus sigma", minus_sigma), t);
    pm_value *target = target_of(g, s, x0, noise, a, minus);
    rows = s->loss == L1 ? pm_absolute_error(g, out, target) : pm_squared_error(g, out, target);
  }
  if (s->weighting == MIN_SNR)
    rows = pm_times(g, rows, pm_lookup_rows(g, schedule_table(g, s, "min snr", min_snr), t));
  metric[0] = pm_mean_rows(g, rows, b->count);
}

/* ---- sampling: the state is x and, for second-order samplers, the estimate of the step before ---- */

static pm_shape block_shape(const ddpm_settings *s, const pm_sampling *a) {
  return pm_shape_of(4, a->n, a->format->height, a->format->width, net_channels(s, a->format));
}

static pm_value *state_x(pm_graph *g, const ddpm_settings *s, const pm_sampling *a) {
  return pm_graph_state(g, "sample x", PM_F32, block_shape(s, a));
}

static pm_value *state_before(pm_graph *g, const ddpm_settings *s, const pm_sampling *a) {
  return pm_graph_state(g, "sample x0 before", PM_F32, block_shape(s, a));
}

static void sample_begin(pm_graph *g, const void *settings, const pm_sampling *a) {
  const ddpm_settings *s = settings;
  if (by_information(s)) {
    const pm_palette_diffusion d = palette(s, a->format);
    pm_palette_diffusion_begin(g, &d, a);
    return;
  }
  pm_value *noise = pm_normal(g, block_shape(s, a), a->draws, pm_purpose("sample"));
  pm_assign(g, state_x(g, s, a), noise);
  pm_assign(g, state_before(g, s, a), pm_fill(g, block_shape(s, a), 0));
}

/* With one-hot planes the softmax of what the net predicts is an estimate of the picture. */
static pm_value *as_estimate(pm_graph *g, const ddpm_settings *s, const pm_sprite_format *f, pm_value *out) {
  return one_hot(s, f) ? pm_affine(g, pm_softmax(g, out), 2, -1) : out;
}

/* What the net predicts from x, guided towards the class. */
static pm_value *estimate(pm_graph *g, const ddpm_settings *s, const pm_sampling *a, pm_value *x,
                          const pm_sampler_table *table) {
  const pm_guidance guidance = pm_guidance_of(a, s->guidance_scale);
  pm_value *input = pm_guidance_twice(g, &guidance, x);
  pm_value *t = pm_by_step(g, "sampling step t", table->t, table->steps, a, input->shape.dim[0]);
  pm_value *out = net(g, s, a->format, input, t, guidance.labels, a->draws);
  return pm_guided(g, &guidance, as_estimate(g, s, a->format, out));
}

/* With eps and v prediction the published recipe clamps to [-1, 1] even where pictures are in [0, 1]. */
static pm_value *in_range(pm_graph *g, const ddpm_settings *s, pm_value *x0) {
  if (!s->clip)
    return x0;
  return pm_clamp(g, x0, s->pixels == RGB && s->range == UNIT && prediction(s) == PM_PREDICT_X0 ? 0 : -1, 1);
}

static void sample_step(pm_graph *g, const void *settings, const pm_sampling *a) {
  const ddpm_settings *s = settings;
  if (by_information(s)) {
    const pm_palette_diffusion d = palette(s, a->format);
    pm_palette_diffusion_step(g, &d, a);
    return;
  }
  const size_t T = (size_t)s->steps, steps = sample_steps(s, a->format);
  const double *alpha_bar = alpha_bars(g->arena, s);
  pm_sampler_table table =
      pm_sampler_table_new(g->arena, (pm_sampler_kind)s->sampler, prediction(s), alpha_bar, T, steps, s->eta);
  pm_value *x = state_x(g, s, a), *before = state_before(g, s, a);
  pm_value *out = estimate(g, s, a, x, &table);
  pm_value *x0 = pm_combine_rows(g, x, out, pm_by_step(g, "sampling step P", table.P, steps, a, a->n),
                                 pm_by_step(g, "sampling step Q", table.Q, steps, a, a->n));
  pm_sampler_step(g, &table, a, x, before, in_range(g, s, x0));
}

static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *a) {
  if (by_information(settings)) {
    const pm_palette_diffusion d = palette(settings, a->format);
    return pm_palette_diffusion_sample(g, &d, a);
  }
  return to_images(g, settings, a->format, state_x(g, settings, a));
}

/* ---- likelihood ---- */

/* The net predicts x0 itself wherever pixels are palette indices. */
static pm_value *bits(pm_graph *g, const void *settings, const pm_batch *b) {
  const ddpm_settings *s = settings;
  if (s->pixels != PALETTE)
    return NULL;
  if (by_information(s)) {
    const pm_palette_diffusion d = palette(s, b->format);
    return pm_palette_diffusion_bits(g, &d, b);
  }
  const size_t T = (size_t)s->steps;
  const double *alpha_bar = alpha_bars(g->arena, s);
  pm_bound bound = pm_bound_new(g->arena, alpha_bar, T, net_channels(s, b->format));
  pm_value *x0 = to_net(g, s, b);
  pm_bound_draw draw = pm_bound_draw_time(g, &bound, b, x0);
  pm_value *out = net(g, s, b->format, draw.x, draw.t, b->labels, b->draws);
  pm_value *estimate = in_range(g, s, as_estimate(g, s, b->format, out));
  return pm_bound_bits(g, &bound, b, &draw, x0, estimate, pm_codes(g, b->format->colours, one_hot(s, b->format)));
}

/* With eps prediction the picture is computed by a division by what is left of it. With less than this the
 * quotients leave the range of floats, and samples would be no numbers. */
static const double LEAST_LEFT = 1e-30;

static void check_last_time(const ddpm_settings *s, const char *place) {
  if (by_information(s) || prediction(s) != PM_PREDICT_EPS)
    return;
  if (s->end_in_noise)
    pm_fail(PM_BAD_INPUT, place,
            "process.end_in_noise leaves nothing to tell from the noise; process.prediction must be x0 or v");
  pm_arena *arena = pm_arena_new();
  double left = sqrt(alpha_bars(arena, s)[s->steps - 1]);
  pm_arena_free(arena);
  if (left < LEAST_LEFT)
    pm_fail(
        PM_BAD_INPUT, place,
        "after process.steps (%lld) with betas up to process.beta_end (%g), %.2g of the picture is left, too little "
        "to tell from the noise; take fewer or smaller ones, or process.prediction x0 or v",
        (long long)s->steps, s->beta_end, left);
}

static void check(const void *settings, const pm_sprite_format *f, const char *place) {
  const ddpm_settings *s = settings;
  if (s->pixels == PALETTE && !f->colours)
    pm_fail(PM_BAD_INPUT, place, "pixels: palette needs sprites whose every colour is in the palette; snap them first");
  if (by_information(s) && (s->pixels != PALETTE || s->model != UNET))
    pm_fail(PM_BAD_INPUT, place, "process.schedule: information is for pixels: palette and model: unet");
  if (by_information(s) && (s->sampler == PM_BLEND || s->sampler == PM_PRINTED))
    pm_fail(PM_BAD_INPUT, place, "process.schedule: information can be sampled by ancestral, ddim and dpm++2m only");
  if (s->model == UNET)
    pm_unet_check(&s->unet, place);
  else if (f->height % 2 || f->width % 2)
    pm_fail(PM_BAD_INPUT, place,
            "sprites of %zu x %zu pixels; the tiny denoiser halves them, so both sides must be even", f->width,
            f->height);
  if (s->model == TINY_DENOISER && f->classes)
    pm_fail(PM_BAD_INPUT, place, "the tiny denoiser knows no classes; leave --labels out");
  if (f->classes && s->label_drop == 1)
    pm_fail(PM_BAD_INPUT, place, "classes.drop is 1, so no class would ever be learned; leave --labels out");
  if (f->classes && s->label_drop == 0 && s->guidance_scale != 1)
    pm_fail(PM_BAD_INPUT, place,
            "guidance goes from sprites of any class towards one, and with classes.drop: 0 a model learns none of any "
            "class; sampling.guidance_scale has to be 1");
  check_last_time(s, place);
  if (s->sample_steps > s->steps)
    pm_fail(PM_BAD_INPUT, place, "sampling.steps is %lld; the process has %lld", (long long)s->sample_steps,
            (long long)s->steps);
}

static bool knows_any_class(const void *settings) {
  return ((const ddpm_settings *)settings)->label_drop > 0;
}

static bool takes_hints(const void *settings) {
  return by_information(settings);
}

const pm_method pm_method_ddpm = {
    .name = "ddpm",
    .summary = "diffusion model",
    .example = "ddpm",
    .recipe = 3,
    .keys = keys,
    .settings_size = sizeof(ddpm_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample_steps = sample_steps,
    .sample_begin = sample_begin,
    .sample_step = sample_step,
    .sample = sample,
    .takes_hints = takes_hints,
    .knows_any_class = knows_any_class,
    .bits = bits,
};
