/* report: training runs side by side on one page of HTML. */
#include "core/ending.h"
#include "core/options.h"
#include "io/wrong_kind.h"
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
     "settings)"},
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
        "one in each measure, and those whose confidence intervals overlap that of the best.",
    .examples = "report runs/mine/vae-mse runs/mine/vae-bce -o index.html\n"
                "report --title 'My tiles' --caption VAE --grid grid.png runs/mine/vae-mse -o index.html",
};

/* Bytes of the text of commands. */
enum { MOST_COMMANDS = 256 * 1024 };

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **folders = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  pm_check_ending(s.common.output, PM_AS_TEXT);
  if (s.captions.count > n)
    pm_wrong_usage("%s for %s, expected at most one for each", pm_counted(arena, s.captions.count, "caption"),
                   pm_counted(arena, n, "run"));

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
