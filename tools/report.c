/* report: training runs side by side on one page of HTML. */
#include "core/ending.h"
#include "core/options.h"
#include "io/wrong_kind.h"
#include "report/comparison.h"
#include "report/page.h"

typedef struct {
  const char *title, *grid, *figures, *commands;
  pm_text_list captions;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"title", 0, PM_TEXT, offsetof(settings, title), "Comparison", 0, 0, NULL, "TEXT", "the page's heading"},
    {"caption", 0, PM_LIST, offsetof(settings, captions), NULL, 0, 0, NULL, "TEXT",
     "name of a training run on the page; the first is for the first RUN_DIR, and so on (default: the name in its "
     "settings; of a comparison its path)"},
    {"grid", 0, PM_TEXT, offsetof(settings, grid), NULL, 0, 0, NULL, "FILE.png",
     "a picture of sprites of all training runs, for the beginning of the page"},
    {"figures", 0, PM_TEXT, offsetof(settings, figures), NULL, 0, 0, NULL, "FILE.tsv",
     "a table to show; its first column names the rows"},
    {"commands", 0, PM_TEXT, offsetof(settings, commands), NULL, 0, 0, NULL, "FILE.txt",
     "a text to show unchanged: the commands that made the training runs"},
    {0}};

static const pm_tool tool = {
    .name = "report",
    .summary = "training runs side by side on one page of HTML",
    .operands = "RUN_DIR...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .min_operands = 1,
    .max_operands = -1,
    .description =
        "Writes one page about finished training runs: sprites, scores, curves of the losses, settings, hashes and "
        "sizes of the models. The page needs no other file, no network and no script. It is at most 2 MB (unless "
        "the text of very many runs is longer), and the same inputs give the same bytes.\n\n"
        "Of each RUN_DIR it reads model.safetensors, metrics.tsv and grids/, and, where they exist, scores.tsv "
        "(from score --tsv) and nearest.png (from score --nearest). Among scored training runs it marks the best "
        "one in each measure, and those whose confidence intervals overlap that of the best.\n\n"
        "Instead of training runs it takes two or more comparisons, folders that make compare made "
        "(runs/DATASET/PRESET): the page then shows, for each training run, what changed from the first to the others: "
        "sprites, scores with their differences, settings, curves.",
    .examples = "report runs/mine/vae-mse runs/mine/vae-bce -o index.html\n"
                "report --title 'My tiles' --caption VAE --grid grid.png runs/mine/vae-mse -o index.html\n"
                "report --caption 'Last week' --caption Today old/mine/default runs/mine/default -o changes.html",
};

/* Bytes of the text of commands. */
enum { MOST_COMMANDS = 256 * 1024 };

/* Whether the operands are comparisons; they are all, or none is. */
static bool of_comparisons(pm_arena *arena, char **folders, size_t n) {
  size_t comparisons = 0;
  for (size_t i = 0; i < n; i++)
    comparisons += pm_is_comparison(arena, folders[i]);
  if (comparisons == 0)
    return false;
  for (size_t i = 0; i < n; i++)
    if (!pm_is_comparison(arena, folders[i]))
      pm_fail(PM_BAD_INPUT, folders[i],
              "is no comparison, as others here are; expected only comparisons, or only training "
              "runs");
  if (n == 1)
    pm_wrong_usage("%s is a comparison; expected a second one to hold it against, or the folders of training runs",
                   folders[0]);
  return true;
}

static void write_comparisons(pm_arena *arena, const settings *s, char **folders, size_t n) {
  static const char *const of_runs[] = {"grid", "figures", "commands", NULL};
  pm_refuse_given(&s->common, of_runs, "for a page of training runs; comparisons bring their own");
  pm_comparison *comparisons = pm_alloc(arena, n, sizeof *comparisons);
  for (size_t i = 0; i < n; i++)
    comparisons[i] = pm_comparison_read(arena, folders[i], i < s->captions.count ? s->captions.item[i] : NULL);
  pm_output *output = pm_output_open(arena, s->common.output, false);
  pm_comparisons_write(arena, output, s->title, comparisons, n);
  pm_output_commit(output);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **folders = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  pm_check_ending(s.common.output, PM_AS_TEXT);
  if (s.captions.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.captions.count, "caption"),
                   pm_counted(arena, n, "run"));

  if (of_comparisons(arena, folders, n)) {
    write_comparisons(arena, &s, folders, n);
    pm_arena_free(arena);
    return PM_DONE;
  }
  pm_report report = {.title = s.title, .runs = n};
  pm_run *runs = pm_alloc(arena, n, sizeof *runs);
  for (size_t i = 0; i < n; i++)
    runs[i] = pm_run_read(arena, folders[i], i < s.captions.count ? s.captions.item[i] : NULL);
  report.run = runs;
  if (s.grid)
    report.comparison = pm_picture_read(arena, s.grid);
  if (s.commands)
    report.commands = pm_text_read(arena, s.commands, MOST_COMMANDS, "a text of commands", NULL);
  pm_table figures;
  if (s.figures) {
    figures = pm_table_read(arena, s.figures);
    report.figures = &figures;
  }

  pm_output *output = pm_output_open(arena, s.common.output, false);
  pm_report_write(arena, output, &report);
  pm_output_commit(output);
  pm_arena_free(arena);
  return PM_DONE;
}
