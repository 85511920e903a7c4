/* Diffusion on palette indices with an evidence head: a noised pixel's evidence for its own colour is computed, and the
 * net adds the evidence of the picture around it.
 *
 * A pixel of colour k is the code C[k], ±1 in each channel (one-hot, or the bits of k), x = alpha C[k] + sigma eps. By
 * Bayes' rule, with pi the colours' shares in the training sprites, a reader who sees no other pixel has
 *
 *   p(k | x) = softmax(log pi + e),   e[k] = alpha / sigma^2  x . C[k]        (all |C[k]| are equal)
 *
 * and the model predicts logits = e + log pi + net([x, 2 softmax(log pi + e) - 1], alpha / sigma, class, mirrored). The
 * net's last layer is zero-initialised, so training begins at that reader. The loss is cross-entropy; the estimate of
 * the picture is x0 = softmax(logits) C.
 *
 * The process has `steps` times of PM_SCHEDULE_INFORMATION, and the net is conditioned on log(alpha / sigma). */
#ifndef PM_METHODS_PALETTE_DIFFUSION_H
#define PM_METHODS_PALETTE_DIFFUSION_H

#include "methods/diffusion_sampler.h"
#include "methods/unet.h"
#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Below it shapes are still being chosen, and sharper logits would make samples alike. */
#define PM_SHARPENED_SIGNAL 0.5

typedef struct {
  const pm_sprite_format *format;
  const pm_unet_settings *unet;
  bool one_hot;    /* codes; else bits */
  bool stratified; /* times of a batch */
  size_t steps;    /* times of the process */
  double label_drop;
  pm_sampler_kind sampler;
  size_t sample_steps;
  double eta, guidance_scale;
  double temperature; /* what log pi + net is divided by in sampling, where alpha / sigma > PM_SHARPENED_SIGNAL */
} pm_palette_diffusion;

/* Channels of a code; codes[colours,channels], as a constant of the graph; and the sprites PM_U8 [N,H,W] as codes. */
size_t pm_code_channels(size_t colours, bool one_hot);
pm_value *pm_codes(pm_graph *g, size_t colours, bool one_hot);
pm_value *pm_to_codes(pm_graph *g, pm_value *pixels, size_t colours, bool one_hot);

/* The mean cross-entropy of a batch, nats a pixel: a scalar. */
pm_value *pm_palette_diffusion_loss(pm_graph *g, const pm_palette_diffusion *d, const pm_batch *batch);

/* The parts of sampling (train/method.h). The last of `sample_steps` steps is at the least noisy time, and each pixel
 * gets the colour that is likeliest then. Guidance adds up logits. */
void pm_palette_diffusion_begin(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s);
void pm_palette_diffusion_step(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s);
pm_value *pm_palette_diffusion_sample(pm_graph *g, const pm_palette_diffusion *d, const pm_sampling *s); /* [N,H,W,C] */

/* The bound on -log2 p (diffusion_likelihood.h) by one draw: [N], bits a pixel. The reconstruction term is the model's
 * own cross-entropy at the least noisy time; the prior is N(alpha m, sigma^2) with m = pi C at the noisiest, where
 * sampling begins, too. */
pm_value *pm_palette_diffusion_bits(pm_graph *g, const pm_palette_diffusion *d, const pm_batch *batch);

#ifdef __cplusplus
}
#endif
#endif
