#include "report/page.h"

#include "core/number.h"
#include "core/options.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/style.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What is being written: the page, and how much room pictures have left in it. */
typedef struct {
  pm_arena *arena;
  pm_output *out;
  const pm_report *r;
  size_t room;
  size_t pictures; /* so far; numbers their ids */
} page;

static const char *number(const page *p, size_t n) {
  return pm_format(p->arena, "%zu", n);
}

/* "138,371" */
static const char *grouped(const page *p, size_t n) {
  return n < 1000 ? number(p, n) : pm_format(p->arena, "%s,%03zu", grouped(p, n / 1000), n % 1000);
}

/* ---- pictures */

static bool fits(page *p, const pm_picture *picture) {
  if (!picture->bytes || picture->length > p->room)
    return false;
  p->room -= picture->length;
  return true;
}

/* A figure whose picture scrolls and can be enlarged. `room`: whether there was room for it. */
static void figure(page *p, const pm_picture *picture, bool room, const char *alt, const char *caption) {
  pm_html(p->out, "<figure>");
  if (room) {
    const char *id = pm_format(p->arena, "picture%zu", ++p->pictures), *w = number(p, picture->width);
    pm_html(p->out, "<input class=\"zoom\" type=\"checkbox\" id=\"%s\"/><label for=\"%s\">Enlarge</label>\n", id, id);
    pm_html(p->out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">", caption);
    pm_html(p->out, "<img alt=\"%s\" width=\"%s\" height=\"%s\" style=\"--w:%spx\" src=\"", alt, w,
            number(p, picture->height), w);
    pm_html_data(p->out, "image/png", picture->bytes, picture->length);
    pm_html(p->out, "\"/></div>\n");
  } else
    pm_html(p->out, "<p class=\"soft\">Left out to keep the page small: %s</p>\n", alt);
  pm_html(p->out, "<figcaption>%s</figcaption></figure>\n", caption);
}

/* Titles as one reads them out: "A", "A and B", "A, B and C". */
typedef struct {
  const char *rest, *last; /* all but the last, with commas between them; "" for none */
  size_t count;
} title_list;

static void title_add(const page *p, title_list *list, const char *title) {
  if (list->count)
    list->rest = list->count == 1 ? list->last : pm_format(p->arena, "%s, %s", list->rest, list->last);
  list->last = title;
  list->count++;
}

static const char *title_text(const page *p, const title_list *list) {
  return list->count < 2 ? list->last : pm_format(p->arena, "%s and %s", list->rest, list->last);
}

static const char *all_titles(const page *p) {
  title_list all = {.last = ""};
  for (size_t i = 0; i < p->r->runs; i++)
    title_add(p, &all, p->r->run[i].title);
  return title_text(p, &all);
}

/* ---- sections */

static void head(const page *p) {
  pm_html(p->out,
          "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"generator\" content=\"pixelmill report %s\"/>\n<title>%s</title>\n<style>\n",
          pm_version, p->r->title);
  pm_output_write(p->out, pm_report_style, strlen(pm_report_style));
  pm_html(p->out, "</style>\n</head>\n<body>\n");
}

static bool any_scores(const page *p) {
  for (size_t i = 0; i < p->r->runs; i++)
    if (p->r->run[i].scores.count)
      return true;
  return false;
}

static void contents(const page *p) {
  const pm_sprite_format *f = &p->r->run[0].facts.format;
  pm_html(p->out, "<header>\n<h1>%s</h1>\n", p->r->title);
  pm_html(p->out, "<p>%s side by side: %s. Sprites of %s × %s pixels.</p>\n",
          p->r->runs == 1 ? "A model" : pm_format(p->arena, "%zu models", p->r->runs), all_titles(p),
          number(p, f->width), number(p, f->height));
  pm_html(p->out, "<nav aria-label=\"Contents\"><ul>\n");
  if (p->r->comparison.bytes)
    pm_html(p->out, "<li><a href=\"#sprites\">Sprites</a></li>\n");
  if (any_scores(p))
    pm_html(p->out, "<li><a href=\"#scores\">Scores</a></li>\n");
  if (p->r->figures)
    pm_html(p->out, "<li><a href=\"#figures\">Figures</a></li>\n");
  pm_html(p->out, "<li><a href=\"#training\">Training</a></li>\n<li><a href=\"#runs\">Runs</a></li>\n");
  if (p->r->commands)
    pm_html(p->out, "<li><a href=\"#commands\">Commands</a></li>\n");
  pm_html(p->out, "</ul></nav>\n</header>\n<main>\n");
}

static void comparison(page *p, bool room) {
  if (!p->r->comparison.bytes)
    return;
  pm_html(p->out, "<section aria-labelledby=\"sprites\">\n<h2 id=\"sprites\">Sprites</h2>\n");
  figure(p, &p->r->comparison, room,
         pm_format(p->arena, "Rows of sprites: real ones first, then those of %s.", all_titles(p)),
         "The first row is real, all others come from the models.");
  pm_html(p->out, "</section>\n");
}

/* ---- scores */

static void score_value(const page *p, const pm_score_line *s, pm_score_rank rank) {
  static const char *const word[] = {"", " best", " near"};
  pm_html(p->out, "<td class=\"number%s\">%s%s", rank == PM_RANK_BEST ? " best" : "",
          pm_format(p->arena, "%.4g", s->value), word[rank]);
  if (s->interval)
    pm_html(p->out, "<small>%s to %s</small>", pm_format(p->arena, "%.3g", s->low),
            pm_format(p->arena, "%.3g", s->high));
  pm_html(p->out, "</td>\n");
}

static void score_cell(const page *p, const pm_score_lines *scores, size_t run, const char *measure) {
  const pm_score_line *s = pm_score_lines_find(&scores[run], measure);
  if (s)
    score_value(p, s, pm_score_lines_rank(scores, p->r->runs, run, measure));
  else
    pm_html(p->out, "<td class=\"number\">–<small>not scored</small></td>\n");
}

/* Lines of this name are about held-out sprites, which are real: what samples can be expected to reach. */
static const char held_prefix[] = "held-out:";

static bool about_held(const pm_score_line *s) {
  return strncmp(s->measure, held_prefix, strlen(held_prefix)) == 0;
}

/* The held-out sprites' line of a measure; with NULL, of any measure. */
static const pm_score_line *held_line(const page *p, const char *measure) {
  for (size_t i = 0; i < p->r->runs; i++)
    for (size_t k = 0; k < p->r->run[i].scores.count; k++) {
      const pm_score_line *s = &p->r->run[i].scores.line[k];
      if (about_held(s) && (!measure || strcmp(s->measure + strlen(held_prefix), measure) == 0))
        return s;
    }
  return NULL;
}

/* Of how many samples a run's scores are: what its first measure says. 0: not scored. */
static long long samples_of(const pm_score_lines *scores) {
  for (size_t k = 0; k < scores->count; k++)
    if (!about_held(&scores->line[k]))
      return scores->line[k].n;
  return 0;
}

static void score_row(const page *p, const pm_score_lines *scores, const pm_score_line *s) {
  static const char *const better[] = {"", "; lower is better", "; higher is better"};
  const pm_score_line *held = held_line(p, s->measure);
  bool others = true; /* whether the measure is over others than the samples */
  for (size_t i = 0; i < p->r->runs; i++)
    others = others && !(pm_score_lines_find(&scores[i], s->measure) && samples_of(&scores[i]) == s->n);
  pm_html(p->out, "<tr><th scope=\"row\">%s<small>%s%s%s</small></th>\n", s->measure, s->about, better[s->better],
          others ? pm_format(p->arena, "; over %s", grouped(p, (size_t)s->n)) : "");
  if (held)
    score_value(p, held, PM_RANK_PLAIN);
  else if (held_line(p, NULL))
    pm_html(p->out, "<td class=\"number\">–</td>\n");
  for (size_t i = 0; i < p->r->runs; i++)
    score_cell(p, scores, i, s->measure);
  pm_html(p->out, "</tr>\n");
}

/* "1,000", or "64 to 1,000": of how many samples the scores are. */
static const char *samples_scored(const page *p) {
  long long least = 0, most = 0;
  for (size_t i = 0; i < p->r->runs; i++) {
    long long n = samples_of(&p->r->run[i].scores);
    least = least && (!n || least < n) ? least : n;
    most = most > n ? most : n;
  }
  const char *text = grouped(p, (size_t)most);
  return least < most ? pm_format(p->arena, "%s to %s", grouped(p, (size_t)least), text) : text;
}

static void scores_head(const page *p) {
  const pm_score_line *held = held_line(p, NULL);
  pm_html(p->out, "<caption>Over %s samples of each model%s.</caption>\n<thead><tr><th scope=\"col\">measure</th>",
          samples_scored(p),
          held ? pm_format(p->arena, ", beside %s held-out sprites, which are real", grouped(p, (size_t)held->n)) : "");
  if (held)
    pm_html(p->out, "<th scope=\"col\">real, held out</th>");
  for (size_t i = 0; i < p->r->runs; i++)
    pm_html(p->out, "<th scope=\"col\">%s</th>", p->r->run[i].title);
  pm_html(p->out, "</tr></thead>\n<tbody>\n");
}

/* Calls `see` for each measure of samples once, in the order in which they come. */
static void each_measure(const page *p, const pm_score_lines *scores,
                         void (*see)(const page *p, const pm_score_lines *scores, const pm_score_line *s,
                                     void *context),
                         void *context) {
  for (size_t i = 0; i < p->r->runs; i++)
    for (size_t k = 0; k < scores[i].count; k++) {
      const pm_score_line *s = &scores[i].line[k];
      bool known = about_held(s);
      for (size_t before = 0; before < i; before++)
        known = known || pm_score_lines_find(&scores[before], s->measure);
      if (!known)
        see(p, scores, s, context);
    }
}

/* In how many measures that all scored runs have somebody is best, and each run is best or near. */
typedef struct {
  size_t measures, *good; /* [runs] */
} tally;

static void count_measure(const page *p, const pm_score_lines *scores, const pm_score_line *s, void *context) {
  tally *t = context;
  bool differ = false;
  for (size_t i = 0; i < p->r->runs; i++)
    if (scores[i].count && !pm_score_lines_find(&scores[i], s->measure))
      return;
  for (size_t i = 0; i < p->r->runs; i++) {
    bool good = pm_score_lines_find(&scores[i], s->measure) &&
                pm_score_lines_rank(scores, p->r->runs, i, s->measure) != PM_RANK_PLAIN;
    t->good[i] += good;
    differ |= good;
  }
  t->measures += differ;
}

/* "0.4 %", or with its interval "0.4 % (0 to 1.2)" */
static const char *percent(const page *p, const pm_score_line *s) {
  const char *share = pm_format(p->arena, "%.3g %%", 100 * s->value);
  return s->interval ? pm_format(p->arena, "%s (%.2g to %.2g)", share, 100 * s->low, 100 * s->high) : share;
}

/* Whether more of the run's samples are copies than real sprites count as by chance, beyond both intervals. */
static bool surely_copies(const page *p, const pm_score_lines *scores) {
  const pm_score_line *held = held_line(p, "copies"), *s = pm_score_lines_find(scores, "copies");
  return s && held && s->interval && held->interval && s->low > held->high;
}

/* Whether samples of any run come near a tenth of the training sprites; true where nothing tells. */
static bool any_near(const page *p, const pm_score_lines *scores) {
  bool known = false;
  for (size_t i = 0; i < p->r->runs; i++) {
    const pm_score_line *s = pm_score_lines_find(&scores[i], "coverage");
    known |= s != NULL;
    if (s && s->value >= 0.1)
      return true;
  }
  return !known;
}

/* Which to use: the run that is most often best or near, and all that are as often. */
static void which_to_use(const page *p, const pm_score_lines *scores) {
  tally t = {0, pm_alloc(p->arena, p->r->runs, sizeof *t.good)};
  size_t most = 0;
  title_list names = {.last = ""}, copying = {.last = ""};
  each_measure(p, scores, count_measure, &t);
  for (size_t i = 0; i < p->r->runs; i++)
    most = t.good[i] > most ? t.good[i] : most;
  if (!most)
    return;
  if (!any_near(p, scores)) {
    pm_html(p->out, "<p><strong>Which to use?</strong> None yet: no model's samples come near even a tenth of the "
                    "training sprites (coverage). Train longer, or on more sprites.</p>\n");
    return;
  }
  for (size_t i = 0; i < p->r->runs; i++)
    if (t.good[i] == most) {
      title_add(p, &names, p->r->run[i].title);
      if (surely_copies(p, &scores[i]))
        title_add(p, &copying, p->r->run[i].title);
    }
  pm_html(p->out,
          "<p><strong>Which to use?</strong> By these figures %s: best, or near the best, in %s of the %s measures "
          "in which the models differ.",
          title_text(p, &names), number(p, most), number(p, t.measures));
  if (copying.count)
    pm_html(p->out, " But copies are good in all figures that do not look for them, and of %s they are part.",
            names.count == copying.count ? (names.count == 1 ? "its samples" : "their samples")
                                         : pm_format(p->arena, "the samples of %s", title_text(p, &copying)));
  pm_html(p->out, " Then look at the sprites; figures do not see what they mean.</p>\n");
}

/* Are they copies: each run's share beside that of the held-out sprites, who is surely above it, and what to do. */
static void are_they_copies(const page *p, const pm_score_lines *scores) {
  const pm_score_line *held = held_line(p, "copies");
  const char *shares = "";
  title_list above = {.last = ""};
  for (size_t i = 0; i < p->r->runs; i++) {
    const pm_score_line *s = pm_score_lines_find(&scores[i], "copies");
    if (s)
      shares = pm_format(p->arena, "%s%s%s %s", shares, *shares ? ", " : "", p->r->run[i].title, percent(p, s));
    if (surely_copies(p, &scores[i]))
      title_add(p, &above, p->r->run[i].title);
  }
  if (!*shares)
    return;
  pm_html(p->out, "<p><strong>Are they copies?</strong> Of the samples so many are training sprites again: %s.",
          shares);
  if (held)
    pm_html(p->out, " Of real sprites that the models have not seen, %s count as copies. Surely above that: %s.",
            percent(p, held), above.count ? title_text(p, &above) : "no model");
  else
    pm_html(p->out, " Too few sprites were held out to tell how many real ones would count as copies.");
  if (above.count)
    pm_html(p->out, " <code>score --keep-novel</code> passes on the samples that are no copies; training on more "
                    "sprites, or for fewer steps, makes fewer.");
  pm_html(p->out, "</p>\n");
}

static void show_measure(const page *p, const pm_score_lines *scores, const pm_score_line *s, void *context) {
  (void)context;
  score_row(p, scores, s);
}

static void scores_section(const page *p) {
  if (!any_scores(p))
    return;
  pm_score_lines *scores = pm_alloc(p->arena, p->r->runs, sizeof *scores);
  for (size_t i = 0; i < p->r->runs; i++)
    scores[i] = p->r->run[i].scores;
  pm_html(p->out, "<section aria-labelledby=\"scores\">\n<h2 id=\"scores\">Scores</h2>\n");
  which_to_use(p, scores);
  are_they_copies(p, scores);
  pm_html(p->out,
          "<p>Below a value stands its 95 %% "
          "interval. <strong>best</strong>: no model has a better value. <strong>near</strong>: its interval overlaps "
          "that of the best, so these samples do not tell the two apart.</p>\n"
          "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Scores\"><table>\n");
  scores_head(p);
  each_measure(p, scores, show_measure, NULL);
  pm_html(p->out, "</tbody></table></div>\n</section>\n");
}

/* A long number in four digits, anything else as it is. */
static const char *figure_text(const page *p, const char *cell) {
  double value;
  bool is_long = strlen(cell) > 8 && pm_parse_real(cell, -INFINITY, INFINITY, &value);
  return is_long ? pm_format(p->arena, "%.4g", value) : cell;
}

static void figures_section(const page *p) {
  const pm_table *t = p->r->figures;
  if (!t)
    return;
  pm_html(p->out, "<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Figures</h2>\n<div class=\"wide\" "
                  "tabindex=\"0\" role=\"group\" aria-label=\"Figures\"><table>\n<thead><tr>");
  for (size_t k = 0; k < t->columns; k++)
    pm_html(p->out, "<th scope=\"col\">%s</th>", t->name[k]);
  pm_html(p->out, "</tr></thead>\n<tbody>\n");
  for (size_t row = 0; row < t->rows; row++) {
    pm_html(p->out, "<tr><th scope=\"row\">%s</th>", pm_table_cell(t, row, 0));
    for (size_t k = 1; k < t->columns; k++)
      pm_html(p->out, "<td class=\"number\">%s</td>", figure_text(p, pm_table_cell(t, row, k)));
    pm_html(p->out, "</tr>\n");
  }
  pm_html(p->out, "</tbody></table></div>\n</section>\n");
}

/* ---- training */

/* What a codebook's metric is in words; NULL for all others. */
static const char *of_codebook(const char *name) {
  return strstr(name, "codes_used")   ? "share of the codes that a batch uses"
         : strstr(name, "perplexity") ? "perplexity of a batch's codes"
                                      : NULL;
}

/* The loss and the held-out loss; the use of a codebook; what the loss is made of. */
static void charts_of(const page *p, size_t number_of_run) {
  const pm_run *run = &p->r->run[number_of_run];
  const char *id = pm_format(p->arena, "run%zu", number_of_run + 1);
  const pm_series *held = pm_run_series(run, "held_out");
  pm_chart loss = {.id = pm_format(p->arena, "%s-loss", id),
                   .title = pm_format(p->arena, "%s: loss", run->title),
                   .curves = held ? 2 : 1,
                   .curve = {&run->series[0], held},
                   .label = {"training", "held out"}};
  pm_chart parts = {.id = pm_format(p->arena, "%s-parts", id),
                    .title = pm_format(p->arena, "%s: what the loss is made of", run->title)};
  pm_chart_write(p->arena, p->out, &loss);
  for (size_t k = 1; k < run->columns; k++) {
    const pm_series *s = &run->series[k];
    const char *codes = of_codebook(s->name);
    if (!s->count || s == held)
      continue;
    if (codes) {
      pm_chart use = {.id = pm_format(p->arena, "%s-codes%zu", id, k),
                      .title = pm_format(p->arena, "%s: %s", run->title, codes),
                      .linear = true,
                      .curves = 1,
                      .curve = {s},
                      .label = {s->name}};
      pm_chart_write(p->arena, p->out, &use);
    } else if (parts.curves < PM_CHART_CURVES) {
      parts.label[parts.curves] = s->name;
      parts.curve[parts.curves++] = s;
    }
  }
  if (parts.curves > 1)
    pm_chart_write(p->arena, p->out, &parts);
}

static void model_row(const page *p, const pm_run *run) {
  const pm_series *held = pm_run_series(run, "held_out");
  size_t best = 0;
  pm_html(p->out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%s</td><td class=\"number\">%s</td>",
          run->title, run->facts.method, grouped(p, run->parameters), grouped(p, (size_t)run->facts.step));
  for (size_t i = 1; held && i < held->count; i++)
    if (held->value[i] < held->value[best])
      best = i;
  if (held)
    pm_html(p->out, "<td class=\"number\">%s</td><td class=\"number\">%s<small>at step %s</small></td></tr>\n",
            pm_format(p->arena, "%.4g", held->value[held->count - 1]), pm_format(p->arena, "%.4g", held->value[best]),
            grouped(p, (size_t)held->step[best]));
  else
    pm_html(p->out, "<td class=\"number\">–</td><td class=\"number\">–</td></tr>\n");
}

static void training_section(const page *p) {
  pm_html(p->out, "<section aria-labelledby=\"training\">\n<h2 id=\"training\">Training</h2>\n"
                  "<p>Losses of different kinds (squared error, cross-entropy, a diffusion's) cannot be compared with "
                  "each other.</p>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Models\"><table>\n"
                  "<thead><tr><th scope=\"col\">model</th><th scope=\"col\">method</th><th "
                  "scope=\"col\">parameters</th><th scope=\"col\">steps</th><th scope=\"col\">held-out loss at the "
                  "end</th><th scope=\"col\">least held-out loss</th></tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < p->r->runs; i++)
    model_row(p, &p->r->run[i]);
  pm_html(p->out, "</tbody></table></div>\n<div class=\"charts\">\n");
  for (size_t i = 0; i < p->r->runs; i++)
    charts_of(p, i);
  pm_html(p->out, "</div>\n</section>\n");
}

/* ---- runs */

static void palette(const page *p, const pm_palette *colours) {
  pm_html(p->out, "<details><summary>Palette of %s colours</summary><ul class=\"swatches\">\n",
          number(p, colours->count));
  for (size_t i = 0; i < colours->count; i++) {
    const unsigned char *c = colours->rgba[i];
    const char *text = pm_format(p->arena, "%02x%02x%02x", c[0], c[1], c[2]);
    if (c[3])
      pm_html(p->out,
              "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><path style=\"fill:#%s\" d=\"M0 0h1v1H0z\"/></svg>"
              "%s</li>\n",
              text, text);
    else
      pm_html(p->out, "<li>transparent</li>\n");
  }
  pm_html(p->out, "</ul></details>\n");
}

/* Up to four grids of those before the last, from all over the training. */
enum { EARLIER = 4 };

static size_t earlier_grids(const pm_run *run, size_t at[EARLIER]) {
  size_t before = run->grids ? run->grids - 1 : 0, n = before < EARLIER ? before : EARLIER;
  for (size_t k = 0; k < n; k++)
    at[k] = k * before / n;
  return n;
}

static void grid_figure(page *p, const pm_run *run, const pm_picture *grid, bool room) {
  const char *step = pm_format(p->arena, "%lld", grid->step);
  figure(p, grid, room,
         pm_format(p->arena, "Samples of %s at step %s, and the same snapped to the palette.", run->title, step),
         pm_format(p->arena, "%s at step %s: samples, and the same snapped to the palette.", run->title, step));
}

typedef struct {
  bool nearest, last, earlier[EARLIER];
} room_for;

static void run_section(page *p, const pm_run *run, const room_for *room) {
  const pm_model_facts *f = &run->facts;
  size_t at[EARLIER], earlier = earlier_grids(run, at);
  pm_html(p->out, "<h3>%s</h3>\n<dl>\n<dt>Method</dt><dd>%s</dd>\n<dt>Parameters</dt><dd>%s</dd>\n", run->title,
          f->method, grouped(p, run->parameters));
  pm_html(p->out,
          "<dt>Steps</dt><dd>%s</dd>\n<dt>Sprites</dt><dd>%s × %s, %s channels%s, SHA-256 %s</dd>\n"
          "<dt>Model file</dt><dd>SHA-256 %s</dd>\n</dl>\n",
          grouped(p, (size_t)f->step), number(p, f->format.width), number(p, f->format.height),
          number(p, f->format.channels),
          f->format.classes ? pm_format(p->arena, ", %zu classes", f->format.classes) : "", f->data_hash,
          run->model_hash);
  if (run->nearest.bytes)
    figure(p, &run->nearest, room->nearest,
           pm_format(p->arena, "Samples of %s, each beside the training sprites that are nearest to it.", run->title),
           pm_format(p->arena, "%s: samples, each beside its nearest training sprites.", run->title));
  if (run->grids)
    grid_figure(p, run, &run->grid[run->grids - 1], room->last);
  if (earlier) {
    pm_html(p->out, "<details><summary>Earlier in the training of %s</summary>\n", run->title);
    for (size_t k = 0; k < earlier; k++)
      grid_figure(p, run, &run->grid[at[k]], room->earlier[k]);
    pm_html(p->out, "</details>\n");
  }
  palette(p, &f->palette);
  pm_html(p->out, "<details><summary>All settings of %s</summary><pre tabindex=\"0\">%s</pre></details>\n", run->title,
          f->config);
}

/* Who gets room: the pictures that tell most, first. */
static bool share_room(page *p, room_for *room) {
  bool first = fits(p, &p->r->comparison);
  for (size_t i = 0; i < p->r->runs; i++)
    room[i].nearest = fits(p, &p->r->run[i].nearest);
  for (size_t i = 0; i < p->r->runs; i++)
    room[i].last = p->r->run[i].grids && fits(p, &p->r->run[i].grid[p->r->run[i].grids - 1]);
  for (size_t i = 0; i < p->r->runs; i++) {
    size_t at[EARLIER], n = earlier_grids(&p->r->run[i], at);
    for (size_t k = 0; k < n; k++)
      room[i].earlier[k] = fits(p, &p->r->run[i].grid[at[k]]);
  }
  return first;
}

static void commands_section(const page *p) {
  if (!p->r->commands)
    return;
  pm_html(p->out,
          "<section aria-labelledby=\"commands\">\n<h2 id=\"commands\">Commands</h2>\n"
          "<p>What made all this, in order.</p>\n<pre tabindex=\"0\">%s</pre>\n</section>\n",
          p->r->commands);
}

void pm_report_write(pm_arena *arena, pm_output *out, const pm_report *report) {
  page p = {.arena = arena, .out = out, .r = report, .room = PM_REPORT_PICTURES};
  room_for *room = pm_alloc(arena, report->runs, sizeof *room);
  bool room_for_comparison = share_room(&p, room);
  head(&p);
  contents(&p);
  comparison(&p, room_for_comparison);
  scores_section(&p);
  figures_section(&p);
  training_section(&p);
  pm_html(out, "<section aria-labelledby=\"runs\">\n<h2 id=\"runs\">Runs</h2>\n");
  for (size_t i = 0; i < report->runs; i++)
    run_section(&p, &report->run[i], &room[i]);
  pm_html(out, "</section>\n");
  commands_section(&p);
  pm_html(out, "</main>\n<footer><p class=\"soft\">Made by pixelmill report %s.</p></footer>\n</body>\n</html>\n",
          pm_version);
}
