/* U-Net: Ronneberger, Fischer, Brox, "U-Net", 2015, as Ho, Jain, Abbeel, "Denoising Diffusion Probabilistic Models",
 * 2020, use it: residual blocks with group normalisation that are conditioned on the time. */
#ifndef PM_METHODS_UNET_H
#define PM_METHODS_UNET_H

#include "core/options.h"
#include "nn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_UNET_MAX_LEVELS = 6 };

typedef struct {
  const char *widths_text, *attention_text; /* as in the config: "64, 128, 256" */
  int64_t blocks, groups, heads, time_features, patch;
  double dropout;
  bool position_map, zero_init;
} pm_unet_settings;

/* A row of a table of options: the config key unet.KEY. */
#define PM_UNET_KEY(base, key, type, field, initial, low, high, help)                                                  \
  { "unet." key, 0, type, (base) + offsetof(pm_unet_settings, field), initial, low, high, NULL, NULL, help }

/* clang-format off */
/* The rows of these settings, for a table whose struct holds a pm_unet_settings at `base`. */
#define PM_UNET_KEYS(base) \
  PM_UNET_KEY(base, "widths", PM_TEXT, widths_text, "64, 128, 256", 0, 0, \
              "channels of each level; the picture of each has half the width and height of the one before"), \
  PM_UNET_KEY(base, "blocks", PM_INTEGER, blocks, "2", 1, 8, \
              "residual blocks of each level, on the way down and again on the way up"), \
  PM_UNET_KEY(base, "groups", PM_INTEGER, groups, "8", 1, 64, \
              "groups of channels in a group normalisation; divides all widths"), \
  PM_UNET_KEY(base, "attention", PM_TEXT, attention_text, NULL, 0, 0, \
              "levels with self-attention, as 1, 2, from 0; the middle of the net has it where the last level has"), \
  PM_UNET_KEY(base, "heads", PM_INTEGER, heads, "4", 1, 64, \
              "heads of a self-attention; divides all widths"), \
  PM_UNET_KEY(base, "time_features", PM_INTEGER, time_features, "128", 4, 4096, \
              "length of the sinusoidal embedding of the time"), \
  PM_UNET_KEY(base, "patch", PM_INTEGER, patch, "1", 1, 16, \
              "side of the squares of pixels that each become one place of the first level; 1: each pixel is one"), \
  PM_UNET_KEY(base, "dropout", PM_REAL, dropout, "0", 0, 0.9, \
              "probability of each feature to be dropped in a residual block, in training"), \
  PM_UNET_KEY(base, "position_map", PM_FLAG, position_map, NULL, 0, 0, \
              "add a learned vector for each place of the picture to the features of the first level"), \
  PM_UNET_KEY(base, "zero_init", PM_FLAG, zero_init, NULL, 0, 0, \
              "zero-initialise the last layer of each residual block and of the net")
/* clang-format on */

/* Ends with status 3 if the lists are malformed, the widths do not divide by the groups, …; `place` for errors. */
void pm_unet_check(const pm_unet_settings *settings, const char *place);

/* What the net is conditioned on. */
typedef struct {
  pm_value *t;       /* PM_F32 [N] */
  pm_value *classes; /* PM_I32 [N] in 0 … class_count, or NULL */
  size_t class_count;
  pm_value *mirrored; /* PM_I32 [N] of 0 and 1, or NULL: a net without it. Both rows of its embedding begin at 0 */
  pm_draws draws;     /* of dropout */
} pm_unet_conditions;

/* x[N,H,W,C] -> [N,H,W,out]. Sides that the levels do not divide are padded with zeros and cropped again. With
 * settings->patch above 1 the input convolution takes squares of patch x patch pixels without overlap and a transposed
 * one makes pixels of the result (Peebles, Xie, "Scalable Diffusion Models with Transformers", 2023, "patchify"). */
pm_value *pm_unet(pm_graph *g, const pm_unet_settings *settings, pm_value *x, const pm_unet_conditions *conditions,
                  size_t out);

#ifdef __cplusplus
}
#endif
#endif
