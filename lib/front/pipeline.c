#include "front/pipeline.h"

#include "core/file.h"
#include "core/installation.h"
#include "front/child.h"
#include "front/tools_there.h"
#include "pixels/sheets.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the commands ---- */

typedef struct {
  pm_sheet_options sheets;
  pm_common common;
  const char *data, *name, *colours, *classes, *preset, *runs, *samples, *seed, *seeds, *sets, *track, *runner,
      *results;
  pm_text_list set;
  int rows;
  int64_t jobs;
  bool quick, fresh, dry_run;
} pipeline_options;

#define AT(field) offsetof(pipeline_options, field)

static const pm_option pipeline_rows[] = {
    {"quick", 0, PM_FLAG, AT(quick), NULL, 0, 0, NULL, NULL,
     "train for seconds instead of minutes, to see that everything works; the same as --preset smoke"},
    {"preset", 0, PM_TEXT, AT(preset), NULL, 0, 0, NULL, "PRESET",
     "how long to train: smoke (seconds), default (minutes), seed (as the published recipes: hours)"},
    PM_SHEET_ROWS(pipeline_options, sheets),
    {"colours", 0, PM_TEXT, AT(colours), NULL, 0, 0, NULL, "N", "reduce the sheet to N colours"},
    {"classes", 0, PM_TEXT, AT(classes), NULL, 0, 0, "folders", "N|folders",
     "sort the sprites by similarity into N classes, 0 for none; folders: each folder of sheets is a class"},
    {"name", 0, PM_TEXT, AT(name), NULL, 0, 0, NULL, "NAME",
     "name of the data set; a sheet has its file's name if none is given, and what was said of it is remembered by "
     "name"},
    {"data", 0, PM_TEXT, AT(data), NULL, 0, 0, "builtin|tilemaps|kenney|kenney-mono", "SET",
     "a data set instead of a sheet: one that is drawn, or fetched"},
    {"runs", 0, PM_TEXT, AT(runs), NULL, 0, 0, NULL, "RUNS", "only these training runs, divided by blanks"},
    {"rows", 0, PM_CHOICE, AT(rows), NULL, 0, 0, "shown|all", NULL, "rows of the picture; all: before snapping, too"},
    {"samples", 0, PM_TEXT, AT(samples), NULL, 0, 0, NULL, "N", "samples that are scored; 0: no scores"},
    {"set", 0, PM_LIST, AT(set), NULL, 0, 0, NULL, "KEY=VALUE", "set a config key in all training runs"},
    {"seed", 0, PM_TEXT, AT(seed), NULL, 0, 0, NULL, "N", "train with another seed than the configs'"},
    {"seeds", 0, PM_TEXT, AT(seeds), NULL, 0, 0, NULL, "SEEDS",
     "the further seeds of the command seeds, divided by blanks"},
    {"sets", 0, PM_TEXT, AT(sets), NULL, 0, 0, NULL, "SETTINGS",
     "the grid of the command sweep: KEY=VALUE|VALUE..., divided by blanks, or a file of such lines"},
    {"track", 0, PM_TEXT, AT(track), NULL, 0, 0, NULL, "URL", "also send the training runs to this MLflow server"},
    {"runner", 0, PM_TEXT, AT(runner), NULL, 0, 0, "slurm", "COMMAND",
     "put this before each command that trains, samples or scores; slurm: make it a job"},
    {"results", 0, PM_TEXT, AT(results), NULL, 0, 0, NULL, "FOLDER", "folder of the results; default: runs"},
    {"jobs", 'j', PM_INTEGER, AT(jobs), NULL, 1, 1024, NULL, "N", "steps of the pipeline that run at the same time"},
    {"fresh", 0, PM_FLAG, AT(fresh), NULL, 0, 0, NULL, NULL, "make everything again from the start"},
    {"dry-run", 'n', PM_FLAG, AT(dry_run), NULL, 0, 0, NULL, NULL, "print what would be done, and do nothing"},
    {0},
};

static const pm_option list_rows[] = {
    {"results", 0, PM_TEXT, AT(results), NULL, 0, 0, NULL, "FOLDER", "folder of the results; default: runs"},
    {0},
};

static const char of_a_sheet[] =
    "A SHEET is a .png or .aseprite file, or a folder of .png files; several are cut one after the other. Without one, "
    "the built-in sprites are used. Results go to runs/ in the current folder: a folder for the data, and one for each "
    "training run. What is up to date is not made again, and a training run that was stopped goes on.\n\n"
    "A word of capitals and an equals sign sets a variable of the pipeline, as TILE=16x24; 'pixelmill make help' "
    "explains them. Configs in configs/ of the current folder go before those that come with pixelmill.";

#define OF_SHEETS(command_name, says, shows)                                                                           \
  {                                                                                                                    \
    {.name = command_name,                                                                                             \
     .summary = says,                                                                                                  \
     .operands = "[SHEET.png|SHEET.aseprite|FOLDER]...",                                                               \
     .options = pipeline_rows,                                                                                         \
     .shares = PM_HAS_THREADS | PM_HAS_DEVICE,                                                                         \
     .common_offset = AT(common),                                                                                      \
     .max_operands = -1,                                                                                               \
     .description = of_a_sheet,                                                                                        \
     .examples = shows},                                                                                               \
        command_name                                                                                                   \
  }

const pm_pipeline_command pm_pipeline_commands[] = {
    OF_SHEETS("compare", "train the models on a sheet and show their sprites side by side",
              "compare my.png --quick\n"
              "compare heroes.png --tile 16x24 --keep-alpha --name heroes\n"
              "compare swords/ potions/ --classes folders --runs patch-ar"),
    OF_SHEETS("page", "write a page that draws with the model of a sheet in a browser",
              "page --name heroes\n"
              "page my.png --quick"),
    {{.name = "list",
      .summary = "list the training runs in this folder, with their losses and scores",
      .operands = "",
      .options = list_rows,
      .common_offset = AT(common),
      .description = "A line for each training run below runs/: how many steps it took, its held-out loss, and its "
                     "main scores where it was scored."},
     "list"},
    OF_SHEETS("scores", "train and score the models of a sheet, without pictures and page",
              "scores my.png --runs patch-ar --samples 2000"),
    OF_SHEETS("seeds", "train everything with further seeds, too: means and ranges of the scores",
              "seeds my.png --seeds '2 3 4'"),
    OF_SHEETS("sweep", "train a grid of settings: a table and a page of all",
              "sweep my.png --runs vae-mse --sets 'model.latent=16|32 training.batch=16|32'"),
    OF_SHEETS("curves", "show the losses of the training runs, in the terminal and as a picture",
              "curves --name heroes"),
    OF_SHEETS("explain", "say what compare would make, and why", "explain --name heroes"),
    {{.name = "make",
      .summary = "make any goal of the pipeline: one training run, one file",
      .operands = "[ARGUMENT]...",
      .max_operands = -1,
      .description = "Runs GNU Make with the pipeline's makefiles in the current folder; all arguments are make's. "
                     "The goal help lists the goals and the variables.",
      .examples = "make help\n"
                  "make heroes/patch-ar SHEET=heroes.png\n"
                  "make -B builtin/vae-bce\n"
                  "make -n compare"},
     NULL},
    {{0}, NULL},
};

const pm_pipeline_command *pm_pipeline_find(const char *name) {
  for (const pm_pipeline_command *command = pm_pipeline_commands; command->tool.name; command++)
    if (strcmp(command->tool.name, name) == 0)
      return command;
  return NULL;
}

/* ---- words of make's command line ---- */

typedef struct {
  pm_arena *arena;
  pm_text_list word;
} make_line;

static void add(make_line *line, const char *word) {
  pm_text_list_add(line->arena, &line->word, word);
}

/* KEEP_ALPHA of keep-alpha. */
static const char *variable_of(pm_arena *arena, const char *option) {
  char *name = pm_copy_text(arena, option);
  for (char *c = name; *c; c++)
    *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
  return name;
}

/* The value of a row that was given, as make's variables have it. */
static const char *value_of(pm_arena *arena, const pm_option *row, const void *settings) {
  if (row->type == PM_FLAG)
    return *(const bool *)((const char *)settings + row->offset) ? "1" : "0";
  if (row->type != PM_LIST)
    return pm_option_text(arena, row, settings);
  const pm_text_list *list = (const void *)((const char *)settings + row->offset);
  const char *text = "";
  for (size_t i = 0; i < list->count; i++)
    text = pm_format(arena, "%s%s%s", text, *text ? " " : "", list->item[i]);
  return text;
}

/* Text that make is not to expand. */
static const char *unexpanded(pm_arena *arena, const char *value) {
  char *text = pm_alloc(arena, 2 * strlen(value) + 1, 1), *to = text;
  for (; *value; value++) {
    if (*value == '$')
      *to++ = '$';
    *to++ = *value;
  }
  return text;
}

/* What make's own options say, and no variable. */
static bool is_of_make(make_line *line, const char *given, const pipeline_options *o) {
  if (strcmp(given, "jobs") == 0)
    add(line, pm_format(line->arena, "-j%lld", (long long)o->jobs));
  else if (strcmp(given, "fresh") == 0)
    add(line, "-B");
  else if (strcmp(given, "dry-run") == 0)
    add(line, "-n");
  else if (strcmp(given, "quiet") == 0)
    add(line, "-s");
  else if (strcmp(given, "verbose") == 0)
    add(line, "--trace");
  else if (strcmp(given, "quick") == 0)
    add(line, "PRESET=smoke");
  else
    return false;
  return true;
}

/* Threads and device are rows that all tools share, and not in the command's own table. */
static const char *given_value(pm_arena *arena, const pm_tool *tool, const char *given, const pipeline_options *o) {
  const pm_option *row = pm_option_find(tool->options, given);
  if (row)
    return value_of(arena, row, o);
  return strcmp(given, "device") == 0 ? o->common.device : pm_format(arena, "%lld", (long long)o->common.threads);
}

static void add_options(make_line *line, const pm_tool *tool, const pipeline_options *o) {
  const pm_text_list *given = &o->common.given;
  for (size_t i = 0; i < given->count; i++) {
    bool again = false;
    for (size_t k = 0; k < i; k++)
      again = again || strcmp(given->item[k], given->item[i]) == 0;
    if (again || is_of_make(line, given->item[i], o))
      continue;
    add(line, pm_format(line->arena, "%s=%s", variable_of(line->arena, given->item[i]),
                        unexpanded(line->arena, given_value(line->arena, tool, given->item[i], o))));
  }
  if (o->quick && o->preset)
    pm_wrong_usage("--quick and --preset exclude each other");
}

/* ---- sheets ---- */

static bool is_variable(const char *word) {
  size_t letters = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  return letters && word[letters] == '=';
}

static bool is_pattern(const char *path) {
  return strpbrk(path, "*?[") || strncmp(path, "~/", 2) == 0;
}

/* Blanks divide sheets; in a name they stand behind a backslash. */
static const char *escaped(pm_arena *arena, const char *path) {
  char *text = pm_alloc(arena, 2 * strlen(path) + 1, 1), *to = text;
  for (; *path; path++) {
    if (strchr(" \t\\", *path))
      *to++ = '\\';
    *to++ = *path;
  }
  return text;
}

static void add_sheets(make_line *line, char *const *operands) {
  pm_text_list sheets = {0};
  for (; *operands; operands++) {
    if (is_variable(*operands)) {
      add(line, *operands);
      continue;
    }
    if (!pm_file_exists(*operands) && !is_pattern(*operands))
      pm_fail(
          PM_BAD_INPUT, *operands,
          "there is no such file; expected a sheet (.png, .aseprite), a folder of sheets, or a variable as TILE=16");
    pm_text_list_add(line->arena, &sheets, *operands);
  }
  if (!sheets.count)
    return;
  const char *text = sheets.count == 1 ? sheets.item[0] : escaped(line->arena, sheets.item[0]);
  for (size_t i = 1; i < sheets.count; i++)
    text = pm_format(line->arena, "%s %s", text, escaped(line->arena, sheets.item[i]));
  add(line, pm_format(line->arena, "SHEET=%s", text));
}

/* ---- running it ---- */

/* The results' folder, or the first above it that is there, must take files. */
static void check_writable(pm_arena *arena, const char *results) {
  char *folder = pm_copy_text(arena, results);
  while (!pm_file_exists(folder)) {
    char *slash = strrchr(folder, '/');
    if (!slash) {
      folder = ".";
      break;
    }
    slash[slash == folder] = 0;
  }
  if (access(folder, W_OK) != 0)
    pm_fail(PM_FAILED, strcmp(folder, ".") ? folder : "the current folder",
            "cannot be written to (%s), and the results go to %s/ there; change to another folder, or give one with "
            "--results",
            strerror(errno), results);
}

static const char *results_of(const make_line *line) {
  static const char variable[] = "RESULTS=";
  const char *results = "runs";
  for (size_t i = 0; i < line->word.count; i++)
    if (strncmp(line->word.item[i], variable, strlen(variable)) == 0)
      results = line->word.item[i] + strlen(variable);
  if (!*results || strpbrk(results, " \t"))
    pm_wrong_usage("RESULTS=%s: expected the name of a folder, without blanks", results);
  return results;
}

/* True for a path that can stand in a makefile as it is. */
static bool is_plain(const char *path) {
  for (const char *c = path; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("/._+-", *c))
      return false;
  return true;
}

static char links[] = "/tmp/pixelmill.XXXXXX"; /* the folder of the links below, while there is one */
static bool has_links;

static void remove_links(void) {
  static const char *const names[] = {"/share", "/tools"};
  for (int i = 0; has_links && i < 2; i++) {
    char path[sizeof links + 8];
    memcpy(path, links, sizeof links);
    strcat(path, names[i]);
    unlink(path);
  }
  if (has_links)
    rmdir(links);
  has_links = false;
}

/* A path that make can hold: itself, or a link to it. */
static const char *for_make(pm_arena *arena, const char *path, const char *name) {
  if (is_plain(path))
    return path;
  if (!has_links && !mkdtemp(links))
    pm_fail(PM_FAILED, links, "cannot make a folder: %s", strerror(errno));
  has_links = true;
  pm_at_fail(remove_links);
  const char *link = pm_join(arena, links, name);
  if (symlink(path, link) != 0)
    pm_fail(PM_FAILED, link, "cannot make a link: %s", strerror(errno));
  return link;
}

static void start_line(make_line *line) {
  pm_arena *arena = line->arena;
  const char *make = pm_find_program(arena, (const char *const[]){"gmake", "make", NULL});
  if (!make)
    pm_fail(PM_FAILED, NULL, "make is not installed: expected GNU Make 4.3 or newer (a package of the name make)");
  if (!pm_find_program(arena, (const char *const[]){"bash", NULL}))
    pm_fail(PM_FAILED, NULL, "bash is not installed, and the pipeline's steps are commands for it");
  const char *shared = pm_shared_folder(arena), *tools = pm_tools_folder(arena);
  if (!shared || !tools || !pm_file_exists(pm_join(arena, shared, "Makefile")))
    pm_fail(PM_FAILED, NULL, "its pipeline is not there: pixelmill must be installed as a whole, or lie in its tree");
  add(line, make);
  add(line, "--no-print-directory");
  add(line, "-f");
  add(line, pm_join(arena, for_make(arena, shared, "share"), "Makefile"));
  add(line, pm_format(arena, "TOOLS=%s", for_make(arena, tools, "tools")));
}

/* A make above this one is none of ours. */
static void leave_other_makes(void) {
  static const char *const theirs[] = {"MAKELEVEL", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"};
  if (!getenv(theirs[0]))
    return;
  for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
    unsetenv(theirs[i]);
}

static int run(make_line *line) {
  leave_other_makes();
  char **argv = pm_alloc(line->arena, line->word.count + 1, sizeof *argv);
  for (size_t i = 0; i < line->word.count; i++)
    argv[i] = (char *)line->word.item[i];
  return pm_run_child(argv, remove_links);
}

/* Arguments that are make's, but for the acts that every tool has. */
static int run_make(pm_arena *arena, const pm_tool *tool, int argc, char **argv) {
  static const char *const acts[] = {"-h", "--help", "--version", "--man", "--describe"};
  make_line line = {.arena = arena};
  pm_common common;
  for (size_t i = 0; argc == 2 && i < sizeof acts / sizeof *acts; i++)
    if (strcmp(argv[1], acts[i]) == 0)
      pm_options_parse(arena, tool, argc, argv, &common, NULL);
  start_line(&line);
  for (int i = 1; i < argc; i++)
    add(&line, argv[i]);
  return run(&line);
}

int pm_pipeline_run(pm_arena *arena, const pm_pipeline_command *command, int argc, char **argv) {
  if (!command->goal)
    return run_make(arena, &command->tool, argc, argv);
  pipeline_options o = {0}; /* list has few of the options */
  make_line line = {.arena = arena};
  char **operands = pm_options_parse(arena, &command->tool, argc, argv, &o, NULL);
  start_line(&line);
  add(&line, command->goal);
  if (strcmp(command->goal, "sweep") != 0)
    pm_refuse_given(&o.common, (const char *const[]){"sets", NULL}, "for the command sweep");
  if (strcmp(command->goal, "seeds") != 0)
    pm_refuse_given(&o.common, (const char *const[]){"seeds", NULL},
                    "for the command seeds; one other seed is --seed N");
  add_options(&line, &command->tool, &o);
  add_sheets(&line, operands);
  if (strcmp(command->goal, "list") != 0)
    check_writable(arena, results_of(&line));
  /* make's 2 is a failure of a step, which has said why. */
  return run(&line) == 0 ? PM_DONE : PM_FAILED;
}
