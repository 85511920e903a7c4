/* Which class a sprite is of, by what a model with an exact likelihood has learned of classes. */
#ifndef PM_TRAIN_LIKELIEST_CLASS_H
#define PM_TRAIN_LIKELIEST_CLASS_H

#include "train/inference.h"

#ifdef __cplusplus
extern "C" {
#endif

/* class_of[count]: for each of the sprites, palette indices pixels[count,H,W], the class under which it takes the
 * fewest bits. The format has classes, and the model's method tells exact bits. */
void pm_likeliest_classes(int32_t *class_of, pm_inference *inference, const pm_sprite_format *format,
                          const unsigned char *pixels, size_t count);

#ifdef __cplusplus
}
#endif
#endif
