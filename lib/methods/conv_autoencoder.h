/* The encoder and the decoder that the VAE and the VQ-VAE share, around a grid of a quarter of each side:
 *
 *   encoder  conv3 stride 2, BatchNorm, ReLU              C     -> 32      H/2 x W/2
 *            conv3 stride 2, BatchNorm, ReLU              32    -> width   H/4 x W/4
 *   decoder  transposed conv3 stride 2, BatchNorm, ReLU   width -> 32      H/2 x W/2
 *            transposed conv3 stride 2                    32    -> C       H x W
 *
 * Sides that do not divide by 4 are rounded up: zeros on the right and below go in, and what comes out is cropped.
 */
#ifndef PM_METHODS_CONV_AUTOENCODER_H
#define PM_METHODS_CONV_AUTOENCODER_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A side of the grid for a side of the sprites: a quarter, rounded up. */
size_t pm_conv_grid(size_t side);

/* images[N,H,W,C] -> [N,pm_conv_grid(H),pm_conv_grid(W),width] */
pm_value *pm_conv_encoder(pm_graph *g, pm_value *images, size_t width);

/* x[N,h,w,width] -> logits[N,H,W,C] of images of this format. */
pm_value *pm_conv_decoder(pm_graph *g, pm_value *x, const pm_sprite_format *format);

/* The format of images[N,H,W,C]. */
pm_sprite_format pm_conv_format(const pm_value *images);

/* Ends with status 3 if the sprites have classes; `who` is the method's name. */
void pm_conv_autoencoder_check(const pm_sprite_format *format, const char *who, const char *place);

#ifdef __cplusplus
}
#endif
#endif
