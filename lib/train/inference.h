/* A model in use: new sprites, reconstructions, codes, likelihoods. Work is done in blocks of a fixed number of
 * sprites, so that sprite i depends on the seed and i alone, however many are asked for. */
#ifndef PM_TRAIN_INFERENCE_H
#define PM_TRAIN_INFERENCE_H

#include "train/hints.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PM_INFERENCE_BLOCK = 16 };

typedef struct pm_inference pm_inference;

/* Over a store in whose blocks `weights` the model is (or will be); the graphs are built when first needed. */
pm_inference *pm_inference_new(pm_arena *arena, pm_store *store, pm_weights weights, const pm_method *method,
                               const void *settings, const pm_sprite_format *format);
void pm_inference_free(pm_inference *inference);

/* New sprites follow the hints, each as one of `particles` drawings (1 to PM_MOST_PARTICLES) that is drawn by how well
 * what is fixed fits to it. To be said before anything else; later only to name other hints, with as many particles.
 * The method must take hints; what they say is free of contradictions (pm_hints_problem) and outlives the inference. */
enum { PM_MOST_PARTICLES = 4096 };
void pm_inference_follow(pm_inference *inference, const pm_hints *hints, size_t particles);

/* Registers all parameters and no more: enough for pm_model_check, before any memory is planned. */
void pm_inference_register(pm_inference *inference);
/* Registers all parameters and seals the store, so that weights can be loaded. */
void pm_inference_prepare(pm_inference *inference);

/* How many new sprites are drawn at once: PM_INFERENCE_BLOCK, fewer with particles. */
size_t pm_inference_block(const pm_inference *inference);

/* Sees the sprites of a block while they come into being: `step` of `steps` sampling steps are done,
 * images[pm_inference_block,H,W,C]. */
typedef void (*pm_inference_watch)(void *context, size_t step, size_t steps, const float *images);

/* Room for `count` of what pm_inference_draw makes: sprites PM_F32 [count,H,W,C], or codes PM_I32 [count,h,w]. */
pm_tensor pm_inference_room(pm_inference *inference, pm_arena *arena, size_t count);

/* In the place of a class wanted. any: none is told, the null row is asked; each: sprite i is of class i modulo their
 * number; by share: sprite i's class is drawn by the seed and i, each class as often as it occurs in the training
 * sprites, or all alike where a file does not tell; with hints it is the hints' class, or, where that is not known,
 * each particle draws its own, so that what is fixed decides. Without classes all are the same. */
enum { PM_ANY_CLASS = -1, PM_EACH_CLASS = -2, PM_BY_SHARE = -3 };

/* out[count]: the classes that sprites number first … first + count - 1 are asked for; the number of classes for any.
 * Not by share where particles draw their own. */
void pm_inference_classes(const pm_inference *inference, uint64_t seed, uint64_t first, size_t count, int32_t label,
                          int32_t *out);
/* out[count,H,W,C], 0 … 1 (or codes out[count,h,w]): new sprites number first … first + count - 1 of a seed. label: the
 * class wanted, or one of the above. `watch` may be NULL. */
void pm_inference_draw(pm_inference *inference, uint64_t seed, uint64_t first, size_t count, int32_t label, void *out,
                       pm_inference_watch watch, void *context);
/* What the model makes of in[count,H,W,C]. The method must have `reconstruct`. */
void pm_inference_reconstruct(pm_inference *inference, const float *in, size_t count, float *out);
/* Whether pm_inference_bits can be asked for: the model has a likelihood, of sprites that are in its palette. */
bool pm_inference_has_bits(pm_inference *inference);
/* out[count]: for each of the sprites, palette indices pixels[count,H,W], an upper bound of -log2 p(sprite) in bits a
 * pixel: the mean of `draws` estimates. labels[count]: their classes, on which the model is conditioned; NULL: any. A
 * pure function of the sprite, its class, its number, the seed and `draws`. */
void pm_inference_bits(pm_inference *inference, const unsigned char *pixels, const int32_t *labels, size_t count,
                       uint64_t seed, size_t draws, float *out);

/* A grid of codes for each sprite in[count,H,W,C], and sprites from codes[count,h,w], all below pm_inference_codes'
 * size. The method must have `codes`. */
pm_code_format pm_inference_codes(const pm_inference *inference);
void pm_inference_encode(pm_inference *inference, const float *in, size_t count, int32_t *out);
void pm_inference_decode(pm_inference *inference, const int32_t *codes, size_t count, float *out);

/* out[count,H,W,C]: from sprite a to sprite b, each [H,W,C], both ends included. The method must have `interpolate`. */
void pm_inference_interpolate(pm_inference *inference, const float *a, const float *b, size_t count, float *out);

#ifdef __cplusplus
}
#endif
#endif
