#include "report/page_parts.h"

#include "core/number.h"
#include "core/options.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/style.h"
#include "train/loss_course.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *number(const page *p, size_t n) {
  return pm_format(p->arena, "%zu", n);
}

const char *page_grouped(const page *p, size_t n) {
  return n < 1000 ? number(p, n) : pm_format(p->arena, "%s,%03zu", page_grouped(p, n / 1000), n % 1000);
}

void page_titles_add(const page *p, page_titles *list, const char *title) {
  if (list->count)
    list->rest = list->count == 1 ? list->last : pm_format(p->arena, "%s, %s", list->rest, list->last);
  list->last = title;
  list->count++;
}

const char *page_titles_text(const page *p, const page_titles *list) {
  return list->count < 2 ? list->last : pm_format(p->arena, "%s and %s", list->rest, list->last);
}

/* ---- pictures */

bool page_fits(page *p, const pm_picture *picture) {
  if (!picture->bytes || picture->length > p->room)
    return false;
  p->room -= picture->length;
  return true;
}

void page_figure(page *p, const pm_picture *picture, bool room, const char *alt, const char *caption) {
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

static const char *all_titles(const page *p) {
  page_titles all = {.last = ""};
  for (size_t i = 0; i < p->r->runs; i++)
    page_titles_add(p, &all, p->r->run[i].title);
  return page_titles_text(p, &all);
}

/* ---- sections */

void page_head(const page *p) {
  pm_html(p->out,
          "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"generator\" content=\"pixelmill report %s\"/>\n<title>%s</title>\n<style>\n",
          pm_version, p->r->title);
  pm_output_print(p->out, "%s%s", pm_page_colours, pm_report_style);
  pm_html(p->out, "</style>\n</head>\n<body>\n");
}

bool page_of_one_set(const page *p) {
  for (size_t i = 1; i < p->r->runs; i++)
    if (strcmp(p->r->run[i].facts.data_hash, p->r->run[0].facts.data_hash) != 0)
      return false;
  return true;
}

/* "16 × 16 pixels", where all are. */
static const char *sizes(const page *p) {
  const pm_sprite_format *f = &p->r->run[0].facts.format;
  for (size_t i = 1; i < p->r->runs; i++)
    if (p->r->run[i].facts.format.width != f->width || p->r->run[i].facts.format.height != f->height)
      return "different sizes";
  return pm_format(p->arena, "%zu × %zu pixels", f->width, f->height);
}

static void contents(const page *p) {
  pm_html(p->out, "<header>\n<h1>%s</h1>\n", p->r->title);
  pm_html(p->out, "<p>%s side by side: %s. Sprites of %s.</p>\n",
          p->r->runs == 1 ? "A model" : pm_format(p->arena, "%zu models", p->r->runs), all_titles(p), sizes(p));
  pm_html(p->out, "<nav aria-label=\"Contents\"><ul>\n");
  if (p->r->comparison.bytes)
    pm_html(p->out, "<li><a href=\"#sprites\">Sprites</a></li>\n");
  if (page_has_scores(p))
    pm_html(p->out, "<li><a href=\"#scores\">Scores</a></li>\n");
  if (p->r->figures)
    pm_html(p->out, "<li><a href=\"#figures\">Figures</a></li>\n");
  pm_html(p->out, "<li><a href=\"#training\">Training</a></li>\n<li><a href=\"#runs\">Training runs</a></li>\n");
  if (p->r->commands)
    pm_html(p->out, "<li><a href=\"#commands\">Commands</a></li>\n");
  pm_html(p->out, "</ul></nav>\n</header>\n<main>\n");
}

static void comparison(page *p, bool room) {
  if (!p->r->comparison.bytes)
    return;
  pm_html(p->out, "<section aria-labelledby=\"sprites\">\n<h2 id=\"sprites\">Sprites</h2>\n");
  page_figure(p, &p->r->comparison, room,
              pm_format(p->arena, "Rows of sprites: real ones first, then those of %s.", all_titles(p)),
              "The first row is real, all others come from the models.");
  pm_html(p->out, "</section>\n");
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
                   .curve = {&run->metrics.series[0], held},
                   .label = {"training", "held out"}};
  pm_chart parts = {.id = pm_format(p->arena, "%s-parts", id),
                    .title = pm_format(p->arena, "%s: parts of the loss", run->title)};
  pm_chart_write(p->arena, p->out, &loss);
  for (size_t k = 1; k < run->metrics.columns; k++) {
    const pm_series *s = &run->metrics.series[k];
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
          run->title, run->facts.method, page_grouped(p, run->parameters), page_grouped(p, (size_t)run->facts.step));
  for (size_t i = 1; held && i < held->count; i++)
    if (held->value[i] < held->value[best])
      best = i;
  if (held)
    pm_html(p->out, "<td class=\"number\">%s</td><td class=\"number\">%s<small>at step %s</small></td></tr>\n",
            pm_format(p->arena, "%.4g", held->value[held->count - 1]), pm_format(p->arena, "%.4g", held->value[best]),
            page_grouped(p, (size_t)held->step[best]));
  else
    pm_html(p->out, "<td class=\"number\">–</td><td class=\"number\">–</td></tr>\n");
}

/* What the trainer warned of, too. */
static void loss_warnings(const page *p) {
  for (size_t i = 0; i < p->r->runs; i++) {
    const pm_run *run = &p->r->run[i];
    const pm_series *loss = &run->metrics.series[0];
    const char *how = pm_loss_ran_away(p->arena, loss->step, loss->value, loss->count);
    if (how)
      pm_html(p->out,
              "<p class=\"warning\"><strong>%s: the loss diverged.</strong> It %s. Samples of such a model are rarely "
              "of use; "
              "train it with a lower training.learning_rate.</p>\n",
              run->title, how);
  }
}

static void training_section(const page *p) {
  pm_html(p->out, "<section aria-labelledby=\"training\">\n<h2 id=\"training\">Training</h2>\n"
                  "<p>Losses of different kinds (squared error, cross-entropy, that of diffusion) cannot be compared "
                  "with each other.</p>\n");
  loss_warnings(p);
  pm_html(p->out, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Models\"><table>\n"
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
  page_figure(p, grid, room,
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
          f->method, page_grouped(p, run->parameters));
  pm_html(p->out,
          "<dt>Steps</dt><dd>%s</dd>\n<dt>Sprites</dt><dd>%s × %s, %s channels%s, SHA-256 %s</dd>\n"
          "<dt>Model file</dt><dd>SHA-256 %s</dd>\n</dl>\n",
          page_grouped(p, (size_t)f->step), number(p, f->format.width), number(p, f->format.height),
          number(p, f->format.channels),
          f->format.classes ? pm_format(p->arena, ", %s", pm_counted(p->arena, f->format.classes, "class")) : "",
          f->data_hash, run->model_hash);
  if (run->nearest.bytes)
    page_figure(
        p, &run->nearest, room->nearest,
        pm_format(p->arena, "Samples of %s, each beside the training sprites that are nearest to it.", run->title),
        pm_format(p->arena, "%s: samples, each beside its nearest training sprites.", run->title));
  if (run->grids)
    grid_figure(p, run, &run->grid[run->grids - 1], room->last);
  if (earlier) {
    pm_html(p->out, "<details><summary>Earlier in the training run of %s</summary>\n", run->title);
    for (size_t k = 0; k < earlier; k++)
      grid_figure(p, run, &run->grid[at[k]], room->earlier[k]);
    pm_html(p->out, "</details>\n");
  }
  palette(p, &f->palette);
  pm_html(p->out, "<details><summary>All settings of %s</summary><pre tabindex=\"0\">%s</pre></details>\n", run->title,
          f->config);
}

/* Which pictures fit: the most informative first. */
static bool share_room(page *p, room_for *room) {
  bool first = page_fits(p, &p->r->comparison);
  for (size_t i = 0; i < p->r->runs; i++)
    room[i].nearest = page_fits(p, &p->r->run[i].nearest);
  for (size_t i = 0; i < p->r->runs; i++)
    room[i].last = p->r->run[i].grids && page_fits(p, &p->r->run[i].grid[p->r->run[i].grids - 1]);
  for (size_t i = 0; i < p->r->runs; i++) {
    size_t at[EARLIER], n = earlier_grids(&p->r->run[i], at);
    for (size_t k = 0; k < n; k++)
      room[i].earlier[k] = page_fits(p, &p->r->run[i].grid[at[k]]);
  }
  return first;
}

static void commands_section(const page *p) {
  if (!p->r->commands)
    return;
  pm_html(
      p->out,
      "<section aria-labelledby=\"commands\">\n<h2 id=\"commands\">Commands</h2>\n"
      "<p>The commands that made everything on this page, in order.</p>\n<pre tabindex=\"0\">%s</pre>\n</section>\n",
      p->r->commands);
}

void page_foot(const page *p) {
  pm_html(p->out, "</main>\n<footer><p class=\"soft\">Made by pixelmill report %s.</p></footer>\n</body>\n</html>\n",
          pm_version);
}

static void write_page(pm_arena *arena, pm_output *out, const pm_report *report, size_t room_for_pictures) {
  page p = {.arena = arena, .out = out, .r = report, .room = room_for_pictures};
  room_for *room = pm_alloc(arena, report->runs, sizeof *room);
  bool room_for_comparison = share_room(&p, room);
  page_head(&p);
  contents(&p);
  comparison(&p, room_for_comparison);
  page_scores(&p);
  figures_section(&p);
  training_section(&p);
  pm_html(out, "<section aria-labelledby=\"runs\">\n<h2 id=\"runs\">Training runs</h2>\n");
  for (size_t i = 0; i < report->runs; i++)
    run_section(&p, &report->run[i], &room[i]);
  pm_html(out, "</section>\n");
  commands_section(&p);
  page_foot(&p);
}

/* Bytes of markup around a picture, at most. */
enum { AROUND_PICTURE = 1024 };

void pm_report_write(pm_arena *arena, pm_output *out, const pm_report *report) {
  pm_arena *scratch = pm_arena_new();
  pm_output *text = pm_output_counting(scratch);
  write_page(scratch, text, report, 0);
  size_t used = (size_t)pm_output_counted(text), left = used < PM_REPORT_BYTES ? PM_REPORT_BYTES - used : 0;
  pm_arena_free(scratch);
  size_t around = (1 + (2 + EARLIER) * report->runs) * AROUND_PICTURE;
  left = left > around ? (left - around) / 4 * 3 : 0; /* base64 writes four bytes for three */
  write_page(arena, out, report, left < PM_REPORT_PICTURES ? left : PM_REPORT_PICTURES);
}
