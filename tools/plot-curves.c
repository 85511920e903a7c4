/* plot-curves: losses of training runs as a picture, or in the terminal. */
#include "core/ending.h"
#include "core/file.h"
#include "core/options.h"
#include "report/plot.h"

#include <string.h>
#include <unistd.h>

typedef struct {
  pm_text_list columns, captions;
  int scale;
  bool apart, terminal, sixel, dark;
  int64_t size[2];
  pm_common common;
} settings;

#define AT(field) offsetof(settings, field)

static const pm_option options[] = {
    {"column", 0, PM_LIST, AT(columns), NULL, 0, 0, NULL, "NAME",
     "a column of metrics.tsv to draw (default: the loss and held_out)"},
    {"caption", 0, PM_LIST, AT(captions), NULL, 0, 0, NULL, "TEXT",
     "name of a training run in the picture; the first is for the first RUN_DIR, and so on (default: the folder's)"},
    {"scale", 0, PM_CHOICE, AT(scale), "auto", 0, 0, "auto|linear|log", NULL,
     "axis of values; auto is logarithmic where they span a wide range"},
    {"apart", 0, PM_FLAG, AT(apart), NULL, 0, 0, NULL, NULL,
     "a panel with axes of its own for each training run, as losses of different kinds need"},
    {"terminal", 0, PM_FLAG, AT(terminal), NULL, 0, 0, NULL, NULL,
     "draw with characters (Unicode Braille); on a terminal also without this option, unless -o is given"},
    {"sixel", 0, PM_FLAG, AT(sixel), NULL, 0, 0, NULL, NULL,
     "write the picture as sixels, for terminals that show them"},
    {"size", 0, PM_SIZE_2D, AT(size), "640x400", PM_PLOT_LEAST, 8192, NULL, NULL, "pixels of a panel"},
    {"dark", 0, PM_FLAG, AT(dark), NULL, 0, 0, NULL, NULL, "light lines on a dark ground"},
    {0}};

static const pm_tool tool = {
    .name = "plot-curves",
    .summary = "losses of training runs as a picture, or in the terminal",
    .operands = "RUN_DIR...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .min_operands = 1,
    .max_operands = -1,
    .description =
        "Draws the curves of one or more training runs, finished or not, as a PNG. A solid line is the mean of several "
        "steps, in a band from the least to the largest of them; a dashed one is the held-out loss. Curves of one "
        "training run have one colour.\n\n"
        "In a terminal it draws with characters instead. Colours are used only there, and not where NO_COLOR is set; "
        "without them, each of several curves is drawn with a letter of its own.",
    .examples = "plot-curves runs/mine/patch-ar\n"
                "plot-curves --apart runs/mine/* -o curves.png\n"
                "plot-curves --column recon --column kl runs/mine/vae-mse runs/mine/vae-bce -o parts.png",
};

/* ---- what is drawn */

static pm_metrics read_run(pm_arena *arena, const char *folder) {
  const char *path = pm_join(arena, folder, "metrics.tsv");
  if (!pm_file_exists(folder))
    pm_fail(PM_BAD_INPUT, folder, "there is no such folder, expected that of a training run");
  if (!pm_file_exists(path))
    pm_fail(PM_BAD_INPUT, folder, "there is no metrics.tsv in it, expected the folder of a training run");
  pm_metrics m = pm_metrics_read(arena, path, true);
  if (!m.rows)
    pm_fail(PM_BAD_INPUT, path, "has no row yet: the training run has not taken a step");
  return m;
}

static const pm_series *series_of(pm_arena *arena, const char *folder, const pm_metrics *m, const char *name) {
  const pm_series *s = pm_metrics_series(m, name);
  const char *path = pm_join(arena, folder, "metrics.tsv"), *names = "";
  for (size_t k = 0; k < m->columns; k++)
    names = pm_format(arena, "%s%s%s", names, k ? ", " : "", m->series[k].name);
  if (!s)
    pm_fail(PM_BAD_INPUT, path, "has no column '%s', expected one of %s", name, names);
  if (!s->count && s->not_finite)
    pm_fail(PM_BAD_INPUT, path, "holds no finite value of %s (%s nan or inf)", name,
            pm_counted(arena, s->not_finite, "row"));
  if (!s->count)
    pm_fail(PM_BAD_INPUT, path, "holds no value of %s", name);
  return s;
}

typedef struct {
  pm_plot_curve *curve;
  size_t count, capacity;
} curve_list;

static void add_curve(pm_arena *arena, curve_list *list, const char *caption, const pm_series *s, size_t colour) {
  list->curve = pm_grow(arena, list->curve, &list->capacity, list->count + 1, sizeof *list->curve);
  list->curve[list->count++] =
      (pm_plot_curve){.label = pm_format(arena, "%s%s%s", caption, *caption ? " " : "", s->name),
                      .series = s,
                      .colour = colour,
                      .dashed = strcmp(s->name, "held_out") == 0};
}

/* The curves of a run: the columns asked for, else the loss and, where it was computed, the held-out loss. */
static void add_run(pm_arena *arena, const settings *s, const char *folder, const char *caption, size_t colour,
                    curve_list *list) {
  pm_metrics *m = pm_alloc(arena, 1, sizeof *m);
  *m = read_run(arena, folder);
  for (size_t k = 0; k < s->columns.count; k++)
    add_curve(arena, list, caption, series_of(arena, folder, m, s->columns.item[k]), colour + k);
  if (s->columns.count)
    return;
  const pm_series *held = pm_metrics_series(m, "held_out");
  add_curve(arena, list, caption, series_of(arena, folder, m, m->series[0].name), colour);
  if (held && held != &m->series[0] && held->count)
    add_curve(arena, list, caption, held, colour);
}

/* The folder's name; the path where two have the same. */
static const char *name_of(pm_arena *arena, char **folders, size_t n, size_t which) {
  char *name = pm_copy_text(arena, folders[which]);
  for (size_t length = strlen(name); length > 1 && name[length - 1] == '/'; length--)
    name[length - 1] = 0;
  for (size_t i = 0; i < n; i++)
    if (i != which && strcmp(pm_base_name(folders[i]), pm_base_name(name)) == 0)
      return name;
  return pm_base_name(name);
}

static pm_plot_panel *panels_of(pm_arena *arena, const settings *s, char **folders, size_t n, size_t *count) {
  pm_plot_panel *panel = pm_alloc(arena, n, sizeof *panel);
  curve_list all = {0};
  bool apart = s->apart || n == 1;
  for (size_t i = 0; i < n; i++) {
    const char *name = i < s->captions.count ? s->captions.item[i] : name_of(arena, folders, n, i);
    curve_list own = {0};
    add_run(arena, s, folders[i], apart ? "" : name, apart ? i : i * (s->columns.count ? s->columns.count : 1),
            apart ? &own : &all);
    panel[i] = (pm_plot_panel){name, own.count, own.curve, (pm_scale)s->scale, NULL};
  }
  *count = apart ? n : 1;
  if (!apart)
    panel[0] = (pm_plot_panel){NULL, all.count, all.curve, (pm_scale)s->scale, NULL};
  return panel;
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n, panels;
  char **folders = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  bool as_text = s.terminal || (!s.common.output && !s.sixel && isatty(STDOUT_FILENO));
  if (s.terminal && s.sixel)
    pm_wrong_usage("--terminal and --sixel exclude each other");
  pm_check_ending(s.common.output, as_text || s.sixel ? PM_AS_TEXT : PM_AS_PICTURE);
  if (s.captions.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.captions.count, "caption"),
                   pm_counted(arena, n, "run"));

  const pm_plot_panel *panel = panels_of(arena, &s, folders, n, &panels);
  if (as_text) {
    pm_output *out = pm_output_open(arena, s.common.output, false);
    pm_output_print(out, "%s", pm_plot_for_terminal(arena, panel, panels, s.common.output));
    pm_output_commit(out);
    pm_arena_free(arena);
    return PM_DONE;
  }
  pm_plot_look look = {(size_t)s.size[0], (size_t)s.size[1], panels > 1 ? 2 : 1, s.dark};
  pm_image picture = pm_plot(arena, panel, panels, look);
  pm_output *out = pm_output_open(arena, s.common.output, !s.sixel);
  if (s.sixel)
    pm_output_print(out, "%s", pm_sixel(arena, &picture));
  else
    pm_png_write(out, &picture, NULL);
  pm_output_commit(out);
  pm_arena_free(arena);
  return PM_DONE;
}
