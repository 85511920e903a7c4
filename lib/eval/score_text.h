/* Scores as text: for people, as tab-separated values, as JSON. docs/judging.md describes the fields. */
#ifndef PM_EVAL_SCORE_TEXT_H
#define PM_EVAL_SCORE_TEXT_H

#include "core/file.h"
#include "eval/score.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  pm_score samples, held;    /* held.count 0: no baseline */
  size_t training, held_out; /* sprites */
  uint64_t seed;
  char samples_hash[65], data_hash[65], palette_hash[65];
  char labels_hash[65];   /* of the data's labels and the samples'; empty where there are none */
  char by_class_hash[65]; /* of the sprites by class, where they are not the samples; else empty */
  char bits_hash[65];     /* of the bits per pixel of each sprite of the data; likewise */
} pm_score_report;

/* An aligned table with the baseline beside the samples, and a sentence on copies. */
void pm_score_print_text(pm_output *output, const pm_score_report *report);

/* A line for each measure: measure, value, low, high, n, better, about; the baseline's are called held-out:MEASURE. */
void pm_score_print_tsv(pm_output *output, const pm_score_report *report);
void pm_score_print_json(pm_output *output, const pm_score_report *report);

#ifdef __cplusplus
}
#endif
#endif
