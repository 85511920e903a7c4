/* How good samples are: a list of measures of them against the sprites that a model was trained on. docs/judging.md
 * explains each of them. */
#ifndef PM_EVAL_SCORE_H
#define PM_EVAL_SCORE_H

#include "eval/context_code.h"
#include "eval/copies.h"
#include "eval/features.h"
#include "eval/resample.h"
#include "io/palette.h"
#include "pixels/sprites.h"
#include "pixels/tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PM_SCORE_SAMPLES = 1000, /* scores of fewer are too rough */
  PM_SCORE_REFERENCES = 50,
  PM_SCORE_LEAST = 10, /* with fewer there are no figures at all */
  PM_SCORE_MOST_MEASURES = 32,
};

/* A set of sprites as it came, and in bytes. */
typedef struct {
  const char *place;
  pm_tensor array; /* u8 or f32 [N,H,W,C] */
  pm_sprites sprites;
  const int32_t *label; /* the class of each, or NULL */
} pm_score_set;

/* From .npy or PNG, "-" for standard input; status 3 for anything but sprites. Memory from the arena. */
pm_score_set pm_score_read(pm_arena *arena, const char *path);

/* Those of the set whose flag is `flag`, in their order, with their labels. flags[count]. */
pm_score_set pm_score_part(pm_arena *arena, const pm_score_set *set, const bool *flags, bool flag);

/* What samples are compared with. */
typedef struct {
  pm_score_set training, held; /* the latter may be empty */
  const bool *is_held;         /* of each sprite of the data */
  pm_palette palette;
  bool exact; /* the palette is given or has every colour of the data; else it stands for them in patterns alone */
  const pm_figures *figures;   /* of the training sprites */
  const size_t *origin;        /* of the figures */
  const pm_context_code *code; /* fitted to the training sprites by pm_score_reference_fit, before that NULL */
} pm_score_reference;

/* Splits as the trainers do (pm_held_out). `palette` NULL: the data's own colours; where they are more than 256, the 32
 * that k-means finds. Memory from the arena. Runs on all threads. */
pm_score_reference pm_score_reference_of(pm_arena *arena, const pm_score_set *data, double held_out,
                                         const pm_palette *palette);

/* Fits the code that judges samples and, where the data have labels, their classes: seconds. Memory from the arena. */
void pm_score_reference_fit(pm_arena *arena, pm_score_reference *reference);

/* Fails with status 3 unless the samples are of the training sprites' size and channels. */
void pm_score_check(const pm_score_set *samples, const pm_score_reference *reference);

typedef enum { PM_NEITHER, PM_LOWER, PM_HIGHER } pm_better;

typedef struct {
  const char *name, *about;
  pm_better better;
  bool share; /* of 0 to 1, better read in percent */
  size_t n;   /* how many sprites it is over */
  pm_estimate estimate;
} pm_measure;

typedef struct {
  size_t samples;
  size_t count;
  pm_measure measure[PM_SCORE_MOST_MEASURES];
  const pm_nearest *nearest; /* [samples]: pm_score_nearest of them, since the search takes most of the time */
} pm_score;

/* Measures of a set: the samples, or as a baseline the held-out sprites. The set must be of the training sprites' size
 * and channels, both of at least PM_SCORE_LEAST sprites; with `tilemaps`, of 32 x 32 pixels and 3 channels (status 3).
 * `by_class`: sprites whose labels are measured, if the training sprites have some; the set itself, others of the same
 * size, or NULL. The reference is fitted. The two-sample test
 * is left out for the held-out sprites themselves and where there are too few (pm_score_has_two_sample). The same bytes
 * at any number of threads. Runs on all threads. */
pm_score pm_score_judge(pm_arena *arena, const pm_score_set *set, const pm_score_set *by_class,
                        const pm_score_reference *reference, bool tilemaps, uint64_t seed);

/* Whether there are enough samples and held-out sprites for the two-sample test. */
bool pm_score_has_two_sample(size_t samples, const pm_score_reference *reference);

/* How many bits per pixel a model needs for each of `count` sprites of the data, >= 0, from a .npy of f32 [count];
 * status 3 for anything else. `of` says in the message whose they are. In the arena. */
float *pm_score_bits_read(pm_arena *arena, const char *path, size_t count, const char *of);

/* Adds measures of the model itself: the mean of `bits`, one number for each sprite of the data, over the held-out
 * sprites where there are PM_SCORE_LEAST of them, and over the training sprites. */
void pm_score_add_bits(pm_arena *arena, pm_score *score, const pm_score_reference *reference, const float *bits,
                       uint64_t seed);

/* Adds how well copies of the set's sprites fit side by side (eval/seams.h). The reference is fitted. Runs on all
 * threads. */
void pm_score_add_seams(pm_arena *arena, pm_score *score, const pm_score_set *set, const pm_score_reference *reference,
                        pm_tiling tiling, uint64_t seed);

/* nearest[count]: where copies are looked for, by themselves. In the arena. Runs on all threads. */
pm_nearest *pm_score_nearest(pm_arena *arena, const pm_score_set *set, const pm_score_reference *reference);

/* The colour numbers of a set, each pixel's nearest. */
pm_indexed pm_score_indexed(pm_arena *arena, const pm_score_set *set, const pm_palette *palette);

#ifdef __cplusplus
}
#endif
#endif
