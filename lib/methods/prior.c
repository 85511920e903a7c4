/* Which codes go together: a transformer over the grid of codes of a VQ-VAE, read row by row. After van den Oord,
 * Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", 2017, section 3.3, with a transformer in the
 * place of their PixelCNN.
 *
 * Loss: the cross-entropy of each code given those before it, in nats a code; the first is given the start token. It is
 * trained on what the VQ-VAE, whose weights stay as they are, makes of the sprites of a batch. 828,160 parameters for
 * 128 codes on 4 x 4: token rows 16,512, position rows 2,048, four layers of 198,272, head 16,512.
 *
 * Samples are codes; with the VQ-VAE at hand they are sprites. */
#include "core/fail.h"
#include "core/random.h"
#include "methods/methods.h"
#include "methods/transformer.h"
#include "nn/ops.h"

#include <string.h>

typedef struct {
  int64_t width, layers, heads, feed_forward, codes, height, grid_width, top_k;
  double dropout, drop_classes, temperature;
  bool by_class;
  const char *vqvae;   /* SHA-256 of its file */
  const pm_base *base; /* the VQ-VAE itself; NULL in a tool that has the prior's file alone */
} prior_settings;

#define AT(field) offsetof(prior_settings, field)

static const pm_option keys[] = {
    {"prior.width", 0, PM_INTEGER, AT(width), "128", 4, 4096, NULL, NULL, "features of a token"},
    {"prior.layers", 0, PM_INTEGER, AT(layers), "4", 1, 64, NULL, NULL, "layers of the transformer"},
    {"prior.heads", 0, PM_INTEGER, AT(heads), "4", 1, 64, NULL, NULL, "heads of its attention; they divide the width"},
    {"prior.feed_forward", 0, PM_INTEGER, AT(feed_forward), "512", 1, 65536, NULL, NULL,
     "features between the two linear layers of each"},
    {"prior.dropout", 0, PM_REAL, AT(dropout), "0.1", 0, 0.9, NULL, NULL,
     "probability of each feature to be dropped in training"},
    {"prior.classes", 0, PM_FLAG, AT(by_class), NULL, 0, 0, NULL, NULL,
     "condition the prior on the classes of --labels, so that codes can be drawn by class"},
    {"prior.drop_classes", 0, PM_REAL, AT(drop_classes), "0.1", 0, 1, NULL, NULL,
     "label dropout: probability that training conditions a sprite on no class"},
    {"sampling.temperature", 0, PM_REAL, AT(temperature), "1", 1e-3, 100, NULL, NULL,
     "logits are divided by it: below 1 likely codes become likelier"},
    {"sampling.top_k", 0, PM_INTEGER, AT(top_k), "0", 0, 65536, NULL, NULL,
     "draw from so many likeliest codes; 0: all"},
    {"vqvae.sha256", 0, PM_TEXT, AT(vqvae), NULL, 0, 0, NULL, NULL,
     "hash of the VQ-VAE's file, set by --vqvae; another file is refused"},
    {"vqvae.codes", 0, PM_INTEGER, AT(codes), "0", 0, 65536, NULL, NULL, "its number of codes, set by --vqvae"},
    {"vqvae.height", 0, PM_INTEGER, AT(height), "0", 0, 4096, NULL, NULL, "rows of its grid, set by --vqvae"},
    {"vqvae.width", 0, PM_INTEGER, AT(grid_width), "0", 0, 4096, NULL, NULL, "columns of its grid, set by --vqvae"},
    {0},
};

static const char *const metrics[] = {"cross_entropy", "bits", NULL};

static void need(bool fits, const char *place, const char *what, int64_t set, size_t is) {
  if (!fits)
    pm_fail(PM_BAD_INPUT, place, "%s is %lld in the config, and %zu in this VQ-VAE; leave it out", what, (long long)set,
            is);
}

static void rest_on(void *settings, const pm_base *base, const char *place) {
  prior_settings *s = settings;
  const pm_code_format f = base->method->codes(base->settings, base->format);
  if (s->vqvae && strcmp(s->vqvae, base->hash) != 0)
    pm_fail(PM_BAD_INPUT, place, "another VQ-VAE than the prior's own: SHA-256 %.16s..., expected %.16s...", base->hash,
            s->vqvae);
  need(!s->codes || (size_t)s->codes == f.size, place, "vqvae.codes", s->codes, f.size);
  need(!s->height || (size_t)s->height == f.height, place, "vqvae.height", s->height, f.height);
  need(!s->grid_width || (size_t)s->grid_width == f.width, place, "vqvae.width", s->grid_width, f.width);
  s->vqvae = base->hash;
  s->codes = (int64_t)f.size;
  s->height = (int64_t)f.height;
  s->grid_width = (int64_t)f.width;
  s->base = base;
}

static void check(const void *settings, const pm_sprite_format *format, const char *place) {
  const prior_settings *s = settings;
  if (s->width % s->heads)
    pm_fail(PM_BAD_INPUT, place, "prior.width is %lld, which does not divide by prior.heads (%lld)",
            (long long)s->width, (long long)s->heads);
  if (s->by_class && !format->classes)
    pm_fail(PM_BAD_INPUT, place, "prior.classes is on, and the sprites have no classes; --labels gives them");
  if (!s->by_class && format->classes)
    pm_fail(PM_BAD_INPUT, place,
            "the sprites have classes, and prior.classes is off; turn it on or leave --labels out");
  if (s->by_class && s->drop_classes == 1)
    pm_fail(PM_BAD_INPUT, place, "prior.drop_classes is 1, so no class would ever be learned; turn prior.classes off");
  if (s->codes < 1 || s->height < 1 || s->grid_width < 1)
    pm_fail(PM_BAD_INPUT, place, "the prior does not say of which VQ-VAE it is (vqvae.codes, .height, .width)");
  if (!s->base)
    return;
  const pm_sprite_format *f = s->base->format;
  if (f->height != format->height || f->width != format->width || f->channels != format->channels)
    pm_fail(PM_BAD_INPUT, place, "sprites of %zux%zu, %zu channels; the VQ-VAE was trained on %zux%zu, %zu channels",
            format->width, format->height, format->channels, f->width, f->height, f->channels);
}

static pm_transformer net_of(const prior_settings *s, const pm_sprite_format *format, pm_draws draws) {
  return (pm_transformer){.vocabulary = (size_t)s->codes,
                          .length = (size_t)(s->height * s->grid_width),
                          .width = (size_t)s->width,
                          .layers = (size_t)s->layers,
                          .heads = (size_t)s->heads,
                          .feed_forward = (size_t)s->feed_forward,
                          .classes = format->classes,
                          .dropout = s->dropout,
                          .draws = draws};
}

/* The sprites' codes, PM_I32 [N, h w]. */
static pm_value *encode(pm_graph *g, const pm_base *vqvae, pm_value *images) {
  pm_graph_loan loan = pm_graph_borrow(g, vqvae->store);
  pm_value *codes = vqvae->method->encode(g, vqvae->settings, images);
  pm_graph_return(g, loan);
  size_t n = images->shape.dim[0];
  return pm_reshape(g, codes, pm_shape_of(2, n, pm_count(codes) / n));
}

static void loss(pm_graph *g, const void *settings, const pm_batch *b, pm_value **metric) {
  const prior_settings *s = settings;
  pm_transformer net = net_of(s, b->format, b->draws);
  pm_value *codes = encode(g, s->base, b->images), *labels = b->labels;
  if (labels && g->training)
    labels = pm_drop_labels(g, labels, b->draws, s->drop_classes, (int32_t)b->format->classes);
  pm_value *logits = pm_transformer_logits(g, &net, codes, labels);
  metric[0] = pm_mean_rows(g, pm_cross_entropy(g, logits, codes), b->count);
  metric[1] = pm_affine(g, metric[0], 1.44269504088896340736, 0); /* 1 / ln 2 */
}

/* ---- sampling: a step for each code of the grid ---- */

static size_t sample_steps(const void *settings, const pm_sprite_format *format) {
  const prior_settings *s = settings;
  (void)format;
  return (size_t)(s->height * s->grid_width);
}

/* The code drawn last, and all so far. */
static pm_value *last_code(pm_graph *g, const pm_sampling *a) {
  return pm_graph_state(g, "last code", PM_I32, pm_shape_of(1, a->n));
}
static pm_value *codes_drawn(pm_graph *g, const prior_settings *s, const pm_sampling *a) {
  return pm_graph_state(g, "codes drawn", PM_I32, pm_shape_of(2, a->n, (size_t)(s->height * s->grid_width)));
}

/* The start token: the number after the last code. */
static void sample_begin(pm_graph *g, const void *settings, const pm_sampling *a) {
  const prior_settings *s = settings;
  pm_assign(g, last_code(g, a), pm_count_up(g, a->n, (size_t)s->codes, 1));
}

static void sample_step(pm_graph *g, const void *settings, const pm_sampling *a) {
  const prior_settings *s = settings;
  pm_transformer net = net_of(s, a->format, (pm_draws){0});
  pm_value *last = last_code(g, a), *logits = pm_transformer_next(g, &net, last, a->step, a->labels);
  const pm_draw_index_attributes how = {
      .temperature = s->temperature, .top = (size_t)s->top_k, .purpose = pm_purpose("sample code")};
  pm_value *next = pm_draw_index(g, logits, pm_sampling_draws(a), how);
  pm_put_column(g, codes_drawn(g, s, a), next, a->step);
  pm_assign(g, last, next);
}

static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *a) {
  const prior_settings *s = settings;
  pm_shape grid = pm_shape_of(3, a->n, (size_t)s->height, (size_t)s->grid_width);
  pm_value *codes = pm_reshape(g, codes_drawn(g, s, a), grid);
  if (!s->base)
    return codes;
  pm_graph_loan loan = pm_graph_borrow(g, s->base->store);
  pm_value *images = s->base->method->decode(g, s->base->settings, codes, a->format);
  pm_graph_return(g, loan);
  return images;
}

static bool knows_any_class(const void *settings) {
  return ((const prior_settings *)settings)->drop_classes > 0;
}

const pm_method pm_method_prior = {
    .name = "prior",
    .summary = "prior of a VQ-VAE's codes",
    .example = "prior",
    .recipe = 2,
    .keys = keys,
    .settings_size = sizeof(prior_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample_steps = sample_steps,
    .sample_begin = sample_begin,
    .sample_step = sample_step,
    .sample = sample,
    .knows_any_class = knows_any_class,
    .base = &pm_method_vqvae,
    .rest_on = rest_on,
};
