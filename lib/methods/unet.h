/* U-Net: Ronneberger, Fischer, Brox, "U-Net", 2015, as Ho, Jain, Abbeel, "Denoising Diffusion Probabilistic Models",
 * 2020, use it: residual blocks with group normalisation that are told the time. */
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

/* The rows of these settings, for a table whose struct holds a pm_unet_settings at `base`. */
#define PM_UNET_KEYS(base)                                                                                             \
  {"unet.widths",                                                                                                      \
   0,                                                                                                                  \
   PM_TEXT,                                                                                                            \
   (base) + offsetof(pm_unet_settings, widths_text),                                                                   \
   "64, 128, 256",                                                                                                     \
   0,                                                                                                                  \
   0,                                                                                                                  \
   NULL,                                                                                                               \
   NULL,                                                                                                               \
   "channels of each level; each level has half the pixels of the one before"},                                        \
      {"unet.blocks",                                                                                                  \
       0,                                                                                                              \
       PM_INTEGER,                                                                                                     \
       (base) + offsetof(pm_unet_settings, blocks),                                                                    \
       "2",                                                                                                            \
       1,                                                                                                              \
       8,                                                                                                              \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "residual blocks a level"},                                                                                     \
      {"unet.groups",                                                                                                  \
       0,                                                                                                              \
       PM_INTEGER,                                                                                                     \
       (base) + offsetof(pm_unet_settings, groups),                                                                    \
       "8",                                                                                                            \
       1,                                                                                                              \
       64,                                                                                                             \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "groups of a group normalisation"},                                                                             \
      {"unet.attention",                                                                                               \
       0,                                                                                                              \
       PM_TEXT,                                                                                                        \
       (base) + offsetof(pm_unet_settings, attention_text),                                                            \
       NULL,                                                                                                           \
       0,                                                                                                              \
       0,                                                                                                              \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "levels with attention, counted from 0; the middle has it where the last level has"},                           \
      {"unet.heads",           0, PM_INTEGER, (base) + offsetof(pm_unet_settings, heads), "4", 1, 64, NULL, NULL,      \
       "heads of an attention"},                                                                                       \
      {"unet.time_features",                                                                                           \
       0,                                                                                                              \
       PM_INTEGER,                                                                                                     \
       (base) + offsetof(pm_unet_settings, time_features),                                                             \
       "128",                                                                                                          \
       4,                                                                                                              \
       4096,                                                                                                           \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "length of the time's embedding"},                                                                              \
      {"unet.patch", 0,                                                                                                \
       PM_INTEGER,   (base) + offsetof(pm_unet_settings, patch),                                                       \
       "1",          1,                                                                                                \
       16,           NULL,                                                                                             \
       NULL,         "side of the squares of pixels that the first level takes as one place"},                         \
      {"unet.dropout",                                                                                                 \
       0,                                                                                                              \
       PM_REAL,                                                                                                        \
       (base) + offsetof(pm_unet_settings, dropout),                                                                   \
       "0",                                                                                                            \
       0,                                                                                                              \
       0.9,                                                                                                            \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "share of features dropped in each residual block"},                                                            \
      {"unet.position_map",                                                                                            \
       0,                                                                                                              \
       PM_FLAG,                                                                                                        \
       (base) + offsetof(pm_unet_settings, position_map),                                                              \
       NULL,                                                                                                           \
       0,                                                                                                              \
       0,                                                                                                              \
       NULL,                                                                                                           \
       NULL,                                                                                                           \
       "add a learned map of the picture's places to the first features"},                                             \
  {                                                                                                                    \
    "unet.zero_init", 0, PM_FLAG, (base) + offsetof(pm_unet_settings, zero_init), NULL, 0, 0, NULL, NULL,              \
        "begin with blocks and output that add nothing"                                                                \
  }

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
