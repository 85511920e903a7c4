/* The encoder and the decoder that the VAE and the VQ-VAE share, around a grid of a quarter of each side:
 *
 *   encoder  conv3 stride 2, BatchNorm, ReLU              C     -> 32      H/2 x W/2
 *            conv3 stride 2, BatchNorm, ReLU              32    -> width   H/4 x W/4
 *   decoder  transposed conv3 stride 2, BatchNorm, ReLU   width -> 32      H/2 x W/2
 *            transposed conv3 stride 2                    32    -> C       H x W
 */
#ifndef PM_METHODS_CONV_AUTOENCODER_H
#define PM_METHODS_CONV_AUTOENCODER_H

#include "train/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/* images[N,H,W,C], sides that divide by 4 -> [N,H/4,W/4,width] */
pm_value *pm_conv_encoder(pm_graph *g, pm_value *images, size_t width);

/* x[N,h,w,width] -> logits[N,4h,4w,channels] of the images */
pm_value *pm_conv_decoder(pm_graph *g, pm_value *x, size_t channels);

/* Ends with status 3 if a side does not divide by 4 or the sprites have classes; `who` is the method's name. */
void pm_conv_autoencoder_check(const pm_sprite_format *format, const char *who, const char *place);

#ifdef __cplusplus
}
#endif
#endif
