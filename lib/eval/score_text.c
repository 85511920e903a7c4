#include "eval/score_text.h"

#include "core/options.h"

#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 18, VALUE_WIDTH = 9, RANGE_WIDTH = 19 };

static const char *const better_names[] = {[PM_NEITHER] = "-", [PM_LOWER] = "lower", [PM_HIGHER] = "higher"};

static const char held_prefix[] = "held-out:";

/* ---- for people ---- */

typedef char cell[48];

static const char *value_text(cell text, const pm_measure *m) {
  if (m->share)
    snprintf(text, sizeof(cell), "%.1f %%", 100 * m->estimate.value);
  else
    snprintf(text, sizeof(cell), "%.4g", m->estimate.value);
  return text;
}

static const char *range_text(cell text, const pm_measure *m) {
  const pm_estimate *e = &m->estimate;
  if (m->share)
    snprintf(text, sizeof(cell), "%.1f to %.1f %%", 100 * e->low, 100 * e->high);
  else
    snprintf(text, sizeof(cell), "%.3g to %.3g", e->low, e->high);
  return text;
}

static const pm_measure *measure_of(const pm_score *score, const char *name) {
  for (size_t i = 0; i < score->count; i++)
    if (strcmp(score->measure[i].name, name) == 0)
      return &score->measure[i];
  return NULL;
}

static void print_copies(pm_output *output, const pm_score *score, const char *what) {
  double share = measure_of(score, "copies")->estimate.value;
  pm_output_print(output, "%.0f of %zu %s (%.1f %%)", share * (double)score->samples, score->samples, what,
                  100 * share);
}

void pm_score_print_text(pm_output *output, const pm_score_report *r) {
  bool held = r->held.count > 0;
  pm_output_print(output, "%zu samples against %zu training sprites", r->samples.samples, r->training);
  if (held)
    pm_output_print(output, ", beside %zu held-out sprites against the same", r->held.samples);
  pm_output_print(output, "\n\n%-*s %*s  %*s", NAME_WIDTH, "", VALUE_WIDTH, "samples", RANGE_WIDTH, "95 % interval");
  if (held)
    pm_output_print(output, " %*s  %*s", VALUE_WIDTH, "held-out", RANGE_WIDTH, "95 % interval");
  pm_output_print(output, "  better  what it is\n");
  for (size_t i = 0; i < r->samples.count; i++) {
    const pm_measure *m = &r->samples.measure[i], *h = measure_of(&r->held, m->name);
    cell value, range;
    pm_output_print(output, "%-*s %*s  %*s", NAME_WIDTH, m->name, VALUE_WIDTH, value_text(value, m), RANGE_WIDTH,
                    range_text(range, m));
    if (h)
      pm_output_print(output, " %*s  %*s", VALUE_WIDTH, value_text(value, h), RANGE_WIDTH, range_text(range, h));
    else if (held)
      pm_output_print(output, " %*s  %*s", VALUE_WIDTH, "", RANGE_WIDTH, "");
    pm_output_print(output, "  %-6s  %s\n", better_names[m->better], m->about);
  }
  pm_output_print(output, "\nCopies: ");
  print_copies(output, &r->samples, "samples");
  if (held) {
    pm_output_print(output, "; of the held-out sprites, which are no copies, ");
    print_copies(output, &r->held, "look like it");
  }
  pm_output_print(output, ".\n");
}

/* ---- for programs ---- */

static void print_rows(pm_output *output, const pm_score *score, const char *prefix) {
  for (size_t i = 0; i < score->count; i++) {
    const pm_measure *m = &score->measure[i];
    pm_output_print(output, "%s%s\t%.6g\t%.6g\t%.6g\t%zu\t%s\t%s\n", prefix, m->name, m->estimate.value,
                    m->estimate.low, m->estimate.high, m->n, better_names[m->better], m->about);
  }
}

void pm_score_print_tsv(pm_output *output, const pm_score_report *r) {
  pm_output_print(output, "measure\tvalue\tlow\thigh\tn\tbetter\tabout\n");
  print_rows(output, &r->samples, "");
  print_rows(output, &r->held, held_prefix);
}

/* Names and phrases are our own and need no escapes. */
static void print_objects(pm_output *output, const pm_score *score, const char *prefix, bool first) {
  for (size_t i = 0; i < score->count; i++, first = false) {
    const pm_measure *m = &score->measure[i];
    pm_output_print(output,
                    "%s\n    {\"measure\": \"%s%s\", \"value\": %.6g, \"low\": %.6g, \"high\": %.6g, \"n\": %zu, "
                    "\"better\": \"%s\", \"about\": \"%s\"}",
                    first ? "" : ",", prefix, m->name, m->estimate.value, m->estimate.low, m->estimate.high, m->n,
                    better_names[m->better], m->about);
  }
}

void pm_score_print_json(pm_output *output, const pm_score_report *r) {
  pm_output_print(output, "{\n  \"tool\": \"pixelmill score %s\",\n  \"seed\": %llu,\n", pm_version,
                  (unsigned long long)r->seed);
  pm_output_print(output, "  \"samples\": %zu,\n  \"training\": %zu,\n  \"held_out\": %zu,\n", r->samples.samples,
                  r->training, r->held_out);
  pm_output_print(output, "  \"hashes\": {\"samples\": \"%s\", \"data\": \"%s\", \"palette\": \"%s\"", r->samples_hash,
                  r->data_hash, r->palette_hash);
  if (*r->labels_hash)
    pm_output_print(output, ", \"labels\": \"%s\"", r->labels_hash);
  if (*r->by_class_hash)
    pm_output_print(output, ", \"by_class\": \"%s\"", r->by_class_hash);
  if (*r->bits_hash)
    pm_output_print(output, ", \"bits\": \"%s\"", r->bits_hash);
  pm_output_print(output, "},\n");
  pm_output_print(output, "  \"measures\": [");
  print_objects(output, &r->samples, "", true);
  print_objects(output, &r->held, held_prefix, r->samples.count == 0);
  pm_output_print(output, "\n  ]\n}\n");
}
