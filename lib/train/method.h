/* What a method is: a row of functions that the trainer, inference and the tools call without knowing which they
 * have. A new method is one file in lib/methods/, one row in methods.def there, one small tool, a config, and two
 * lines in pipeline/methods.mk; tests/dummy/ is one to copy. */
#ifndef PM_TRAIN_METHOD_H
#define PM_TRAIN_METHOD_H

#include "core/options.h"
#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the sprites that a model makes. */
typedef struct {
  size_t height, width, channels; /* channels 3, or 4 with alpha */
  size_t colours;                 /* of the palette that all of them are in; 0: none */
  const float *table;             /* [colours, channels] of that palette, 0 … 1 */
  size_t classes;                 /* 0: not labelled */
  /* How often each colour [colours] and class [classes] occurs in the training sprites, in shares that sum to 1. NULL
   * where it is not known: in model files of before these were kept. */
  const float *colour_shares, *class_shares;
} pm_sprite_format;

/* What a loss is made from; every value is a node or input of the graph. */
typedef struct {
  const pm_sprite_format *format;
  pm_value *images;   /* [N,H,W,C], 0 … 1 */
  pm_value *pixels;   /* PM_U8 [N,H,W]: the same as palette indices; NULL without a palette */
  pm_value *labels;   /* PM_I32 [N], 0 … classes - 1; NULL without classes */
  pm_value *mirrored; /* PM_I32 [N]: 1 where augmentation mirrored the sprite, else 0; NULL where it mirrors none */
  pm_draws draws;     /* of all its noise */
  pm_value *count;    /* PM_I64 scalar, or NULL: how many of the N count; for the last block of a set */
} pm_batch;

/* What sampling is made from: rows number first … first + n - 1 of a seed, each a sprite or one of its particles. */
typedef struct {
  const pm_sprite_format *format;
  size_t n;
  pm_draws draws;            /* as in pm_batch; step is 0 */
  pm_value *step;            /* PM_I64 scalar: number of the sampling step, from 0 */
  pm_value *labels;          /* PM_I32 [n]: the class wanted, or `classes` for any; NULL without classes */
  pm_value *labels_and_none; /* PM_I32 [2 n]: the same, and then `classes` n times: both halves of guidance */
  /* Of a method that takes hints (train/hints.h), where there are any: */
  size_t particles; /* rows of each sprite, at least 1: the n rows are drawings of n / particles sprites */
  pm_value *hints;  /* PM_I32 [n / particles,H,W], pm_hints' maps; NULL: there are none */
  pm_value *banned; /* [colours]: 0, and PM_BANNED for banned colours: to be added to logits */
} pm_sampling;

/* Of the noise of this sampling step. */
static inline pm_draws pm_sampling_draws(const pm_sampling *s) {
  pm_draws draws = s->draws;
  draws.step = s->step;
  return draws;
}

/* A grid of codes: indices below `size`. */
typedef struct {
  size_t height, width, size;
} pm_code_format;

/* A trained model that another one is built on: as one of codes on the autoencoder that makes them. */
typedef struct {
  const struct pm_method *method;
  const void *settings;           /* the method's own */
  const pm_sprite_format *format; /* of the sprites it was trained on */
  const char *hash;               /* SHA-256 of its file, in hexadecimal */
  pm_store *store;                /* its weights; pm_graph_borrow puts them into a graph */
} pm_base;

typedef struct pm_method {
  const char *name;           /* the config's `method`; that of pm_method_NAME */
  const char *summary;        /* one line, for --help */
  const char *example;        /* a config of ours that trains it: NAME of configs/NAME.yaml */
  int recipe;                 /* counted up when the same settings would train another model than before */
  const pm_option *keys;      /* config keys of its model and loss, ended by a row without a name */
  size_t settings_size;       /* of the struct that they fill */
  const char *const *metrics; /* what `loss` returns, by name; the first is minimised; ended by NULL */

  /* Ends with status 3 if the settings do not fit sprites of this format; `place` names the data. NULL: all fit. */
  void (*check)(const void *settings, const pm_sprite_format *format, const char *place);
  /* The scalar metrics of a batch, in the order of `metrics`. In a graph not for training: as in use. */
  void (*loss)(pm_graph *g, const void *settings, const pm_batch *batch, pm_value **metrics);

  bool knows_mirrored; /* `loss` conditions on batch->mirrored, and samples are drawn as not mirrored: mirror images
                        * teach it nothing wrong, so that augment.flip: auto is 0.5 */

  /* Sampling: what `sample_begin` builds runs once, `sample_step` sample_steps(settings) times, `sample` once; it
   * returns the sprites [n,H,W,C], or codes PM_I32 [n,h,w]. What lasts from one to the next is in states. The first
   * three are NULL where `sample` does it all. */
  size_t (*sample_steps)(const void *settings, const pm_sprite_format *format);
  void (*sample_begin)(pm_graph *g, const void *settings, const pm_sampling *s);
  void (*sample_step)(pm_graph *g, const void *settings, const pm_sampling *s);
  pm_value *(*sample)(pm_graph *g, const void *settings, const pm_sampling *s);
  /* Whether sprites can be drawn to hints; NULL: they cannot. Then `sample` returns n / particles sprites. */
  bool (*takes_hints)(const void *settings);
  /* Whether a sprite's particles differ, so that more than one pays. */
  bool draws_particles;
  /* Whether a model trained with classes can be asked for sprites of any: the null row, which guidance goes away from.
   * NULL: it can. */
  bool (*knows_any_class)(const void *settings);
  /* What the model makes of sprites [N,H,W,C]. NULL: not an autoencoder. */
  pm_value *(*reconstruct)(pm_graph *g, const void *settings, pm_value *images);
  /* From a to b, each [N,H,W,C], by weights[N] in 0 … 1. NULL: there is no way between two sprites. */
  pm_value *(*interpolate)(pm_graph *g, const void *settings, pm_value *a, pm_value *b, pm_value *weights);

  /* An upper bound of -log2 p(sprite) under the model, in bits a pixel, of each of the batch's sprites: [N], by one
   * draw without bias; means over draws (steps of the batch) come close. Only asked for sprites in a palette. The
   * batch's labels are told: the sprites' own (sample --labels; the trainer with training.keep: best), or `classes`:
   * any, only where knows_any_class. Returns NULL, and appends nothing, if these settings make a model without one.
   * NULL: no settings make one with it. */
  pm_value *(*bits)(pm_graph *g, const void *settings, const pm_batch *batch);
  /* The layers that the logits are linear in, by name, ended by NULL: divided by a temperature, they divide the logits
   * (training.calibrate). NULL: not to be calibrated. */
  const char *const *logits;
  bool bits_are_exact; /* no bound but -log2 p(sprite) itself, the same in every draw */

  /* Sprites [N,H,W,C] to codes PM_I32 [N,h,w], and back. NULL: there are no codes in between. */
  pm_code_format (*codes)(const void *settings, const pm_sprite_format *format);
  pm_value *(*encode)(pm_graph *g, const void *settings, pm_value *images);
  pm_value *(*decode)(pm_graph *g, const void *settings, pm_value *codes, const pm_sprite_format *format);

  /* The method whose trained model this one is built on, and the word for the option that names it; `rest_on` puts it
   * into the settings, once, before anything is built. NULL: stands alone. Without it a model can still `sample`. */
  const struct pm_method *base;
  void (*rest_on)(void *settings, const pm_base *base, const char *place);
} pm_method;

#ifdef __cplusplus
}
#endif
#endif
