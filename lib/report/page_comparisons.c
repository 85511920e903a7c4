/* The page of several comparisons. */
#include "io/config.h"
#include "report/chart.h"
#include "report/comparison.h"
#include "report/html.h"
#include "report/page_parts.h"

#include <string.h>

typedef struct {
  page page;
  const pm_comparison *c; /* [n] */
  size_t n;
  pm_text_list names; /* of all training runs, each once, in the order in which they come */
} comparisons;

static const pm_run *run_named(const pm_comparison *c, const char *name) {
  for (size_t i = 0; i < c->runs; i++)
    if (strcmp(c->run[i].title, name) == 0)
      return &c->run[i];
  return NULL;
}

static bool listed(const pm_text_list *list, const char *text) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->item[i], text) == 0)
      return true;
  return false;
}

static void table_begin(const comparisons *w, const char *label, const char *first) {
  pm_html(w->page.out,
          "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table>\n<thead><tr><th "
          "scope=\"col\">%s</th>",
          label, first);
  for (size_t i = 0; i < w->n; i++)
    pm_html(w->page.out, "<th scope=\"col\">%s</th>", w->c[i].title);
  pm_html(w->page.out, "</tr></thead>\n<tbody>\n");
}

static void table_end(const comparisons *w) {
  pm_html(w->page.out, "</tbody></table></div>\n");
}

/* ---- scores */

/* Lines about held-out sprites say what the data are like, not the models. */
static bool about_samples(const pm_score_line *s) {
  return strncmp(s->measure, "held-out:", 9) != 0;
}

static void value_cell(const comparisons *w, const pm_score_line *first, const pm_score_line *s) {
  pm_arena *arena = w->page.arena;
  if (!s) {
    pm_html(w->page.out, "<td class=\"number\">–</td>");
    return;
  }
  static const char *const class[] = {"number", "number best", "number worse"};
  static const char *const word[] = {"", " better", " worse"};
  pm_score_change change = first && first != s ? pm_score_changed(first, s) : PM_CHANGE_NONE;
  pm_html(w->page.out, "<td class=\"%s\">%s%s", class[change], pm_format(arena, "%.4g", s->value), word[change]);
  if (s->interval)
    pm_html(w->page.out, "<small>%s to %s</small>", pm_format(arena, "%.3g", s->low),
            pm_format(arena, "%.3g", s->high));
  if (first && first != s)
    pm_html(w->page.out, "<small>%s</small>",
            s->value == first->value ? "the same" : pm_format(arena, "%+.3g", s->value - first->value));
  pm_html(w->page.out, "</td>");
}

static const pm_score_line *score_of(const comparisons *w, size_t i, const char *name, const char *measure) {
  const pm_run *run = run_named(&w->c[i], name);
  return run ? pm_score_lines_find(&run->scores, measure) : NULL;
}

static void score_table(const comparisons *w, const char *name) {
  static const char *const better[] = {"", "; lower is better", "; higher is better"};
  pm_text_list seen = {0};
  table_begin(w, pm_format(w->page.arena, "Scores of %s", name), "measure");
  for (size_t i = 0; i < w->n; i++) {
    const pm_run *run = run_named(&w->c[i], name);
    for (size_t k = 0; run && k < run->scores.count; k++) {
      const pm_score_line *s = &run->scores.line[k];
      if (!about_samples(s) || listed(&seen, s->measure))
        continue;
      pm_text_list_add(w->page.arena, &seen, s->measure);
      pm_html(w->page.out, "<tr><th scope=\"row\">%s<small>%s%s</small></th>", s->measure, s->about, better[s->better]);
      for (size_t j = 0; j < w->n; j++)
        value_cell(w, score_of(w, 0, name, s->measure), score_of(w, j, name, s->measure));
      pm_html(w->page.out, "</tr>\n");
    }
  }
  table_end(w);
}

static bool scored(const comparisons *w, const char *name) {
  for (size_t i = 0; i < w->n; i++) {
    const pm_run *run = run_named(&w->c[i], name);
    if (run && run->scores.count)
      return true;
  }
  return false;
}

/* In how many measures each later comparison is better or worse than the first. */
static void change_cell(const comparisons *w, size_t i, const char *name) {
  const pm_run *first = run_named(&w->c[0], name), *run = run_named(&w->c[i], name);
  size_t count[3] = {0};
  for (size_t k = 0; first && run && k < first->scores.count; k++) {
    const pm_score_line *was = &first->scores.line[k], *is = pm_score_lines_find(&run->scores, was->measure);
    if (about_samples(was) && is)
      count[pm_score_changed(was, is)]++;
  }
  if (!run)
    pm_html(w->page.out, "<td class=\"number\">not there</td>");
  else if (!first)
    pm_html(w->page.out, "<td class=\"number\">new</td>");
  else if (!run->scores.count || !first->scores.count)
    pm_html(w->page.out, "<td class=\"number\">not scored</td>");
  else
    pm_html(w->page.out, "<td class=\"number\">%s better, %s worse<small>%s alike</small></td>",
            pm_format(w->page.arena, "%zu", count[PM_CHANGE_BETTER]),
            pm_format(w->page.arena, "%zu", count[PM_CHANGE_WORSE]),
            pm_format(w->page.arena, "%zu", count[PM_CHANGE_NONE]));
}

static void overview(const comparisons *w) {
  pm_html(
      w->page.out,
      "<p>Each is held against the first, %s. <strong>better</strong> and <strong>worse</strong>: the confidence "
      "intervals do not overlap. A second training run with another seed differs, too; <code>make seeds</code> tells "
      "by how much.</p>\n",
      w->c[0].title);
  table_begin(w, "Changes", "training run");
  for (size_t k = 0; k < w->names.count; k++) {
    const pm_run *first = run_named(&w->c[0], w->names.item[k]);
    pm_html(w->page.out, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td>", w->names.item[k],
            !first                ? "not there"
            : first->scores.count ? "scored"
                                  : "not scored");
    for (size_t i = 1; i < w->n; i++)
      change_cell(w, i, w->names.item[k]);
    pm_html(w->page.out, "</tr>\n");
  }
  table_end(w);
}

/* ---- what differs */

/* Whether the values of those comparisons that have the training run are not all the same. NULL: it has no such
 * setting.
 */
static bool differs(const comparisons *w, const char *name, const char *const *value) {
  const char *const *first = NULL;
  for (size_t i = 0; i < w->n; i++) {
    if (!run_named(&w->c[i], name))
      continue;
    if (first && (!value[i] != !*first || (*first && strcmp(value[i], *first) != 0)))
      return true;
    first = first ? first : &value[i];
  }
  return false;
}

/* `rows`: of the table so far, which begins with its first. */
static void difference(const comparisons *w, const char *name, size_t *rows, const char *what,
                       const char *const *value) {
  if (!differs(w, name, value))
    return;
  if (!(*rows)++)
    table_begin(w, pm_format(w->page.arena, "Differences of %s", name), "setting or fact");
  pm_html(w->page.out, "<tr><th scope=\"row\">%s</th>", what);
  for (size_t i = 0; i < w->n; i++)
    pm_html(w->page.out, "<td class=\"number\">%s</td>", value[i] ? value[i] : "–");
  pm_html(w->page.out, "</tr>\n");
}

static const char *setting_of(const pm_config *config, const char *key) {
  for (size_t i = 0; i < config->entries; i++)
    if (strcmp(config->entry[i].key, key) == 0)
      return config->entry[i].value;
  return NULL;
}

static const char *short_hash(const page *p, const char *hash) {
  return pm_format(p->arena, "%.12s…", hash);
}

static void facts(const comparisons *w, const char *name, size_t *rows) {
  const page *p = &w->page;
  enum { SPRITES, MODEL, PARAMETERS, STEPS, HELD, FACTS };
  static const char *const what[FACTS] = {"sprites (SHA-256)", "model (SHA-256)", "parameters", "steps",
                                          "held-out loss at the end"};
  for (size_t k = 0; k < FACTS; k++) {
    const char **value = pm_alloc(p->arena, w->n, sizeof *value);
    for (size_t i = 0; i < w->n; i++) {
      const pm_run *run = run_named(&w->c[i], name);
      const pm_series *held = run ? pm_run_series(run, "held_out") : NULL;
      if (run)
        value[i] = k == SPRITES      ? short_hash(p, run->facts.data_hash)
                   : k == MODEL      ? short_hash(p, run->model_hash)
                   : k == PARAMETERS ? page_grouped(p, run->parameters)
                   : k == STEPS      ? page_grouped(p, (size_t)run->facts.step)
                   : held            ? pm_format(p->arena, "%.4g", held->value[held->count - 1])
                                     : NULL;
    }
    difference(w, name, rows, what[k], value);
  }
}

/* Whether there is any; else it says so. */
static bool differences(const comparisons *w, const char *name) {
  pm_arena *arena = w->page.arena;
  size_t rows = 0;
  pm_config *config = pm_alloc(arena, w->n, sizeof *config);
  pm_text_list keys = {0};
  for (size_t i = 0; i < w->n; i++) {
    const pm_run *run = run_named(&w->c[i], name);
    if (run)
      config[i] = pm_config_parse(arena, run->facts.config, strlen(run->facts.config), run->path);
    for (size_t k = 0; k < config[i].entries; k++)
      if (!listed(&keys, config[i].entry[k].key))
        pm_text_list_add(arena, &keys, config[i].entry[k].key);
  }
  for (size_t k = 0; k < keys.count; k++) {
    const char **value = pm_alloc(arena, w->n, sizeof *value);
    for (size_t i = 0; i < w->n; i++)
      value[i] = setting_of(&config[i], keys.item[k]);
    difference(w, name, &rows, keys.item[k], value);
  }
  facts(w, name, &rows);
  if (rows)
    table_end(w);
  page_titles without = {.last = ""};
  for (size_t i = 0; i < w->n; i++)
    if (!run_named(&w->c[i], name))
      page_titles_add(&w->page, &without, w->c[i].title);
  if (without.count)
    pm_html(w->page.out, "<p>There is no such training run in %s.</p>\n", page_titles_text(&w->page, &without));
  else if (!rows)
    pm_html(w->page.out, "<p>The same settings, sprites and model, byte for byte.</p>\n");
  return rows > 0;
}

/* ---- the rest */

/* The held-out losses, or the losses where there are none of these. */
static void curves(const comparisons *w, const char *name, size_t number) {
  pm_chart chart = {.id = pm_format(w->page.arena, "run%zu", number)};
  bool held = true;
  for (size_t i = 0; i < w->n; i++) {
    const pm_run *run = run_named(&w->c[i], name);
    held = held && (!run || pm_run_series(run, "held_out"));
  }
  for (size_t i = 0; i < w->n && chart.curves < PM_CHART_CURVES; i++) {
    const pm_run *run = run_named(&w->c[i], name);
    if (!run)
      continue;
    chart.label[chart.curves] = w->c[i].title;
    chart.curve[chart.curves++] = held ? pm_run_series(run, "held_out") : &run->metrics.series[0];
  }
  chart.title = pm_format(w->page.arena, "%s: %s", name, held ? "held-out loss" : "loss");
  pm_chart_write(w->page.arena, w->page.out, &chart);
}

static void grids(comparisons *w, const bool *room) {
  pm_html(w->page.out,
          "<section aria-labelledby=\"sprites\">\n<h2 id=\"sprites\">Sprites</h2>\n<div class=\"pair\">\n");
  for (size_t i = 0; i < w->n; i++)
    page_figure(
        &w->page, &w->c[i].grid, room[i],
        pm_format(w->page.arena, "Rows of sprites of %s: real ones first, then those of its models.", w->c[i].title),
        w->c[i].title);
  pm_html(w->page.out, "</div>\n</section>\n");
}

static void run_section(const comparisons *w, const char *name, size_t number) {
  pm_html(w->page.out, "<section aria-labelledby=\"r%s\">\n<h2 id=\"r%s\">%s</h2>\n",
          pm_format(w->page.arena, "%zu", number), pm_format(w->page.arena, "%zu", number), name);
  bool open = differences(w, name);
  if (scored(w, name)) {
    pm_html(w->page.out, open ? "<details open=\"open\">" : "<details>");
    pm_html(w->page.out, "<summary>Scores of %s</summary>\n", name);
    score_table(w, name);
    pm_html(w->page.out, "</details>\n");
  }
  pm_html(w->page.out, "<div class=\"charts\">\n");
  curves(w, name, number);
  pm_html(w->page.out, "</div>\n</section>\n");
}

static void contents(const comparisons *w) {
  page_titles all = {.last = ""};
  for (size_t i = 0; i < w->n; i++)
    page_titles_add(&w->page, &all, w->c[i].title);
  pm_html(w->page.out, "<header>\n<h1>%s</h1>\n<p>%s comparisons side by side: %s.</p>\n", w->page.r->title,
          pm_format(w->page.arena, "%zu", w->n), page_titles_text(&w->page, &all));
  pm_html(w->page.out, "<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#sprites\">Sprites</a></li>\n<li><a "
                       "href=\"#changes\">Changes</a></li>\n");
  for (size_t k = 0; k < w->names.count; k++)
    pm_html(w->page.out, "<li><a href=\"#r%s\">%s</a></li>\n", pm_format(w->page.arena, "%zu", k + 1),
            w->names.item[k]);
  pm_html(w->page.out, "</ul></nav>\n</header>\n<main>\n");
}

void pm_comparisons_write(pm_arena *arena, pm_output *out, const char *title, const pm_comparison *c, size_t n) {
  const pm_report report = {.title = title};
  comparisons w = {.page = {.arena = arena, .out = out, .r = &report, .room = PM_REPORT_PICTURES}, .c = c, .n = n};
  bool *room = pm_alloc(arena, n, sizeof *room);
  for (size_t i = 0; i < n; i++) {
    room[i] = page_fits(&w.page, &c[i].grid);
    for (size_t k = 0; k < c[i].runs; k++)
      if (!listed(&w.names, c[i].run[k].title))
        pm_text_list_add(arena, &w.names, c[i].run[k].title);
  }
  page_head(&w.page);
  contents(&w);
  grids(&w, room);
  pm_html(out, "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">Changes</h2>\n");
  overview(&w);
  pm_html(out, "</section>\n");
  for (size_t k = 0; k < w.names.count; k++)
    run_section(&w, w.names.item[k], k + 1);
  page_foot(&w.page);
}
