/* The page's scores: two questions answered in words, and the table behind them. */
#include "report/html.h"
#include "report/page_parts.h"

#include <string.h>

bool page_has_scores(const page *p) {
  for (size_t i = 0; i < p->r->runs; i++)
    if (p->r->run[i].scores.count)
      return true;
  return false;
}

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
    score_value(p, s, page_of_one_set(p) ? pm_score_lines_rank(scores, p->r->runs, run, measure) : PM_RANK_PLAIN);
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
  if (!page_of_one_set(p)) /* whose? */
    return NULL;
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
          others ? pm_format(p->arena, "; over %s", page_grouped(p, (size_t)s->n)) : "");
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
  const char *text = page_grouped(p, (size_t)most);
  return least < most ? pm_format(p->arena, "%s to %s", page_grouped(p, (size_t)least), text) : text;
}

static void scores_head(const page *p) {
  const pm_score_line *held = held_line(p, NULL);
  pm_html(p->out, "<caption>Over %s samples of each model%s.</caption>\n<thead><tr><th scope=\"col\">measure</th>",
          samples_scored(p),
          held ? pm_format(p->arena, ", beside %s held-out sprites, which are real", page_grouped(p, (size_t)held->n))
               : "");
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
  page_titles names = {.last = ""}, copying = {.last = ""};
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
      page_titles_add(p, &names, p->r->run[i].title);
      if (surely_copies(p, &scores[i]))
        page_titles_add(p, &copying, p->r->run[i].title);
    }
  pm_html(p->out,
          "<p><strong>Which to use?</strong> By these figures %s: best, or near the best, in %s of the %s measures "
          "in which the models differ.",
          page_titles_text(p, &names), page_grouped(p, most), page_grouped(p, t.measures));
  if (copying.count)
    pm_html(p->out,
            " But some of %s are copies of training sprites, and copies do well in every figure that does not look for "
            "them.",
            names.count == copying.count ? (names.count == 1 ? "its samples" : "their samples")
                                         : pm_format(p->arena, "the samples of %s", page_titles_text(p, &copying)));
  pm_html(p->out, " Then look at the sprites; figures do not see what they mean.</p>\n");
}

/* Are they copies: each run's share beside that of the held-out sprites, who is surely above it, and what to do. */
static void are_they_copies(const page *p, const pm_score_lines *scores) {
  const pm_score_line *held = held_line(p, "copies");
  const char *shares = "";
  page_titles above = {.last = ""};
  for (size_t i = 0; i < p->r->runs; i++) {
    const pm_score_line *s = pm_score_lines_find(&scores[i], "copies");
    if (s)
      shares = pm_format(p->arena, "%s%s%s %s", shares, *shares ? ", " : "", p->r->run[i].title, percent(p, s));
    if (surely_copies(p, &scores[i]))
      page_titles_add(p, &above, p->r->run[i].title);
  }
  if (!*shares)
    return;
  pm_html(p->out, "<p><strong>Are they copies?</strong> Of the samples so many are training sprites again: %s.",
          shares);
  if (held)
    pm_html(p->out, " Of real sprites that the models have not seen, %s count as copies. Surely above that: %s.",
            percent(p, held), above.count ? page_titles_text(p, &above) : "no model");
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

void page_scores(const page *p) {
  if (!page_has_scores(p))
    return;
  pm_score_lines *scores = pm_alloc(p->arena, p->r->runs, sizeof *scores);
  for (size_t i = 0; i < p->r->runs; i++)
    scores[i] = p->r->run[i].scores;
  pm_html(p->out, "<section aria-labelledby=\"scores\">\n<h2 id=\"scores\">Scores</h2>\n");
  if (page_of_one_set(p)) {
    which_to_use(p, scores);
    are_they_copies(p, scores);
  }
  pm_html(p->out, "<p>Below a value stands its 95 %% interval.");
  if (page_of_one_set(p))
    pm_html(p->out, " <strong>best</strong>: no model has a better value. <strong>near</strong>: its interval overlaps "
                    "that of the best, so these samples do not tell the two apart.</p>\n");
  else
    pm_html(p->out, " These models were trained on different sprites, and each is scored against its own: their "
                    "figures cannot be held against each other, and none is marked as best.</p>\n");
  pm_html(p->out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Scores\"><table>\n");
  scores_head(p);
  each_measure(p, scores, show_measure, NULL);
  pm_html(p->out, "</tbody></table></div>\n</section>\n");
}
