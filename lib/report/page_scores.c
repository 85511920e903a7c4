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

static pm_score_rank rank_of(const page *p, const pm_score_lines *scores, size_t run, const char *measure);

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
    score_value(p, s, page_of_one_set(p) ? rank_of(p, scores, run, measure) : PM_RANK_PLAIN);
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

/* Measures that express the same property of a model count once. The first two are the most sensitive and decide
 * first; a measure that is in no group is a group by itself. */
typedef struct {
  const char *const measure[8];
} group;

static const group groups[] = {
    {{"two-sample"}},
    {{"context-bits"}},
    {{"class-agreement"}},
    {{"pattern-js", "histogram-js"}},
    {{"precision", "precision-pixels", "density", "density-pixels"}},
    {{"coverage", "recall", "coverage-pixels", "recall-pixels"}},
    {{"kid-features", "kid-pixels"}},
    {{"palette-off", "palette-distance"}},
    {{"copies", "nearest-distance", "nearest-ratio"}},
    {{"bits", "bits-training"}},
    {{"legal", "legal-exact", "flat-tiles", "smear"}},
};

enum { FIRST_GROUPS = 2, GROUPS = sizeof groups / sizeof *groups, MOST_IN_GROUP = 8 };

static size_t group_of(const char *measure) {
  for (size_t g = 0; g < GROUPS; g++)
    for (size_t k = 0; k < MOST_IN_GROUP && groups[g].measure[k]; k++)
      if (strcmp(groups[g].measure[k], measure) == 0)
        return g;
  return GROUPS;
}

/* Bits in the context code are good where they are near those of held-out sprites: the runs' distances to these. NULL
 * for other measures, and where nothing was held out. */
static const pm_score_lines *distances_to_held(const page *p, const pm_score_lines *scores, const char *measure) {
  const pm_score_line *held = strcmp(measure, "context-bits") == 0 ? held_line(p, measure) : NULL;
  if (!held)
    return NULL;
  pm_score_lines *lines = pm_alloc(p->arena, p->r->runs, sizeof *lines);
  for (size_t i = 0; i < p->r->runs; i++) {
    const pm_score_line *s = pm_score_lines_find(&scores[i], measure);
    if (!s)
      continue;
    pm_score_line *line = pm_alloc(p->arena, 1, sizeof *line);
    double distance = s->value > held->value ? s->value - held->value : held->value - s->value;
    *line = *s;
    line->better = PM_END_LOWER;
    line->value = distance;
    line->low = distance - (s->high - s->low) / 2;
    line->high = distance + (s->high - s->low) / 2;
    lines[i] = (pm_score_lines){1, line};
  }
  return lines;
}

static pm_score_rank rank_of(const page *p, const pm_score_lines *scores, size_t run, const char *measure) {
  const pm_score_lines *distances = distances_to_held(p, scores, measure);
  return pm_score_lines_rank(distances ? distances : scores, p->r->runs, run, measure);
}

/* In how many groups of measures that all scored runs have there is a best run; and for each run, in how many it is
 * best or near in at least half of the group's measures. */
typedef struct {
  size_t groups, *good, *first; /* [runs]; of the first groups alone */
  size_t differ[GROUPS];        /* measures of the group in which there is a best run */
  size_t *near;                 /* [GROUPS, runs]: in how many of them a run is best or near */
} tally;

static void count_measure(const page *p, const pm_score_lines *scores, const pm_score_line *s, void *context) {
  tally *t = context;
  size_t group = group_of(s->measure), runs = p->r->runs, goods = 0;
  for (size_t i = 0; i < runs; i++)
    if (scores[i].count && !pm_score_lines_find(&scores[i], s->measure))
      return;
  for (size_t i = 0; i < runs; i++) {
    bool good = pm_score_lines_find(&scores[i], s->measure) && rank_of(p, scores, i, s->measure) != PM_RANK_PLAIN;
    goods += good;
    if (group < GROUPS)
      t->near[group * runs + i] += good;
    else
      t->good[i] += good;
  }
  if (group < GROUPS)
    t->differ[group] += goods > 0;
  else
    t->groups += goods > 0;
}

static tally count_groups(const page *p, const pm_score_lines *scores) {
  size_t runs = p->r->runs;
  tally t = {.good = pm_alloc(p->arena, runs, sizeof *t.good),
             .first = pm_alloc(p->arena, runs, sizeof *t.first),
             .near = pm_alloc(p->arena, GROUPS * runs, sizeof *t.near)};
  each_measure(p, scores, count_measure, &t);
  for (size_t g = 0; g < GROUPS; g++) {
    t.groups += t.differ[g] > 0;
    for (size_t i = 0; i < runs && t.differ[g] > 0; i++) {
      bool good = 2 * t.near[g * runs + i] >= t.differ[g];
      t.good[i] += good;
      t.first[i] += good && g < FIRST_GROUPS;
    }
  }
  return t;
}

/* "0.4 %", or with its interval "0.4 % (0 to 1.2)" */
static const char *percent(const page *p, const pm_score_line *s) {
  const char *share = pm_format(p->arena, "%.3g %%", 100 * s->value);
  return s->interval ? pm_format(p->arena, "%s (%.2g to %.2g)", share, 100 * s->low, 100 * s->high) : share;
}

/* Whether significantly more of the run's samples are copies than of the held-out sprites: the intervals do not
 * overlap. */
static bool surely_copies(const page *p, const pm_score_lines *scores) {
  const pm_score_line *held = held_line(p, "copies"), *s = pm_score_lines_find(scores, "copies");
  return s && held && s->interval && held->interval && s->low > held->high;
}

/* Whether any run covers a tenth of the training sprites; true where coverage is not known. */
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

/* Those that are best or near in as many of the first groups as any, and among them in as many of all. */
static bool is_leader(const page *p, const tally *t, size_t run) {
  for (size_t i = 0; i < p->r->runs; i++)
    if (t->first[i] > t->first[run] || (t->first[i] == t->first[run] && t->good[i] > t->good[run]))
      return false;
  return t->good[run] > 0;
}

static void which_to_use(const page *p, const pm_score_lines *scores) {
  tally t = count_groups(p, scores);
  size_t good = 0;
  bool first = false;
  page_titles names = {.last = ""}, copying = {.last = ""};
  if (!t.groups)
    return;
  if (!any_near(p, scores)) {
    pm_html(p->out, "<p><strong>Which to use?</strong> None yet: no model's samples come near even a tenth of the "
                    "training sprites (coverage). Train longer, or on more sprites.</p>\n");
    return;
  }
  for (size_t i = 0; i < p->r->runs; i++)
    if (is_leader(p, &t, i)) {
      good = t.good[i];
      first |= t.first[i] > 0;
      page_titles_add(p, &names, p->r->run[i].title);
      if (surely_copies(p, &scores[i]))
        page_titles_add(p, &copying, p->r->run[i].title);
    }
  pm_html(p->out,
          "<p><strong>Which to use?</strong> Draw your sprites with %s%s. By these scores %s best, or near the "
          "best, in %s of the %s kinds of measures in which the models differ%s.",
          names.count == 1 ? "this model: " : "any of these models: ", page_titles_text(p, &names),
          names.count == 1 ? "it is" : "each is", page_grouped(p, good), page_grouped(p, t.groups),
          first ? ", and its sprites are the hardest to tell from real ones, which counts most" : "");
  if (copying.count)
    pm_html(p->out,
            " But some of %s are copies of training sprites, and copies score well in every measure that does not look "
            "for them.",
            names.count == copying.count ? (names.count == 1 ? "its samples" : "their samples")
                                         : pm_format(p->arena, "the samples of %s", page_titles_text(p, &copying)));
  pm_html(p->out, " Then look at the sprites; scores do not see what they depict.</p>\n");
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
  pm_html(p->out, "<p><strong>Are they copies?</strong> Shares of samples that are copies of training sprites: %s.",
          shares);
  if (held)
    pm_html(p->out, " Of real sprites that the models have not seen, %s count as copies. Significantly more: %s.",
            percent(p, held), above.count ? page_titles_text(p, &above) : "no model");
  else
    pm_html(p->out, " Too few sprites were held out to know how many real ones would count as copies.");
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
  pm_html(p->out, "<p>Below each value is its 95 %% confidence interval.");
  if (page_of_one_set(p))
    pm_html(p->out, " <strong>best</strong>: no model has a better value. <strong>near</strong>: its interval overlaps "
                    "that of the best, so other samples might reverse the order.</p>\n");
  else
    pm_html(p->out, " These models were trained on different sprites, and each is scored against its own: their scores "
                    "cannot be compared, and none is marked as best.</p>\n");
  pm_html(p->out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Scores\"><table>\n");
  scores_head(p);
  each_measure(p, scores, show_measure, NULL);
  pm_html(p->out, "</tbody></table></div>\n</section>\n");
}
