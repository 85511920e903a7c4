/* A method that is as small as one can be and still learns, for whoever adds another to copy. These go to
 * their places:
 *
 *   dummy.c        lib/methods/dummy.c     what it computes, and nothing else: files, options, loops are the trainer's
 *   train-dummy.c  tools/train-dummy.c     its trainer
 *   dummy.yaml     configs/dummy.yaml      a run of it
 *
 * and add the row to lib/methods/methods.def and the two lines to pipeline/methods.mk that tests/method-contract.bats
 * adds. That test does all this in a copy of the tree, then trains, samples and compares.
 *
 * The model is the mean sprite, a learned number for each pixel and channel in front of a sigmoid. Loss: the squared
 * error of that picture. A sample is the picture with normal noise in front of the sigmoid. */
#include "core/random.h"
#include "methods/methods.h"
#include "nn/layers.h"

/* The config keys of the method's own, and the table that reads them, checks their ranges and shows them in --help. */
typedef struct {
  double noise;
} dummy_settings;

static const pm_option keys[] = {
    {"sampling.noise", 0, PM_REAL, offsetof(dummy_settings, noise), "0.25", 0, 10, NULL, NULL,
     "standard deviation of the noise in samples, before the sigmoid"},
    {0},
};

/* What `loss` fills, in this order; columns of metrics.tsv. */
static const char *const metrics[] = {"total", NULL};

/* The picture before the sigmoid, n times: [n,H,W,C]. Most models are made of layers (nn/layers.h), which have their
 * parameters with them; this one asks for its only parameter itself. In files it is [C,H,W], PyTorch's order. */
static pm_value *mean_logits(pm_graph *g, size_t n, const pm_sprite_format *f) {
  size_t items = f->height * f->width * f->channels;
  const pm_slot slot = {.name = "mean",
                        .role = PM_PARAM,
                        .dtype = PM_F32,
                        .shape = pm_shape_of(3, f->height, f->width, f->channels),
                        .file_axis = {2, 0, 1},
                        .init = PM_INIT_ZERO};
  pm_value *mean = pm_reshape(g, pm_graph_parameter(g, &slot), pm_shape_of(1, items));
  pm_value *all = pm_add_bias(g, pm_fill(g, pm_shape_of(2, n, items), 0), mean);
  return pm_reshape(g, all, pm_shape_of(4, n, f->height, f->width, f->channels));
}

/* Forward only: the gradient is worked out from the graph. `count` is for the last block of the held-out sprites. */
static void loss(pm_graph *g, const void *settings, const pm_batch *batch, pm_value **metric) {
  (void)settings;
  pm_value *picture = pm_sigmoid(g, mean_logits(g, batch->images->shape.dim[0], batch->format));
  metric[0] = pm_mean_rows(g, pm_squared_error(g, picture, batch->images), batch->count);
}

/* Whatever is random comes from seed, purpose, step and slot, so that sprite i is the same however many are made. */
static pm_value *sample(pm_graph *g, const void *settings, const pm_sampling *s) {
  const dummy_settings *dummy = settings;
  pm_value *logits = mean_logits(g, s->n, s->format);
  pm_value *noise = pm_normal(g, logits->shape, s->draws, pm_purpose("sample"));
  return pm_sigmoid(g, pm_plus(g, logits, pm_affine(g, noise, dummy->noise, 0)));
}

/* What the user can get wrong is said here, before a graph is built. */
static void check(const void *settings, const pm_sprite_format *format, const char *place) {
  (void)settings;
  if (format->classes)
    pm_fail(PM_BAD_INPUT, place, "the mean sprite knows no classes; leave --labels out");
}

/* What is left out, it cannot do: `sample --reconstruct` and `--interpolate` say so. */
const pm_method pm_method_dummy = {
    .name = "dummy",
    .summary = "mean sprite",
    .example = "dummy",
    .recipe = 1,
    .keys = keys,
    .settings_size = sizeof(dummy_settings),
    .metrics = metrics,
    .check = check,
    .loss = loss,
    .sample = sample,
};
