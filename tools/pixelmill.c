/* pixelmill: the front command. `pixelmill sample …` runs the tool sample, `pixelmill compare …` the pipeline. Only
 * this one goes on the PATH: montage, sample and snap are others' names, too. */
#include "core/file.h"
#include "core/installation.h"
#include "core/option_rows.h"
#include "front/child.h"
#include "front/pipeline.h"
#include "front/tools_there.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  pm_arena *arena;
  const char *folder; /* of the tools */
  pm_text_list tools;
} front;

static const char help_summary[] = "show the manual page of a command or tool, or its help";
static const char book_summary[] = "say where the tutorials lie, as one page for a browser";

/* ---- what there is ---- */

static const char *row(pm_arena *arena, const char *name, const char *text) {
  return pm_format(arena, "  %-16s %s\n", name, text);
}

static const char *command_list(pm_arena *arena) {
  const char *text = "";
  for (const pm_pipeline_command *c = pm_pipeline_commands; c->tool.name; c++)
    text = pm_format(arena, "%s%s", text, row(arena, c->tool.name, c->tool.summary));
  return pm_format(arena, "%s%s%s", text, row(arena, "book", book_summary), row(arena, "help", help_summary));
}

static const char *tool_list(const front *f) {
  const char *text = "";
  for (size_t i = 0; i < f->tools.count; i++)
    text = pm_format(f->arena, "%s%s", text,
                     row(f->arena, f->tools.item[i], pm_tool_summary(f->arena, f->folder, f->tools.item[i])));
  return text;
}

/* NAME in the folder that share/pixelmill lies in: of the manual pages, the texts. */
static const char *beside_shared(pm_arena *arena, const char *name) {
  const char *shared = pm_shared_folder(arena), *slash = shared ? strrchr(shared, '/') : NULL;
  return slash ? pm_format(arena, "%.*s/%s", (int)(slash - shared), shared, name) : "";
}

/* Where the texts lie: beside share/pixelmill, or in the tree; NULL where they were not installed. */
static const char *texts_folder(pm_arena *arena) {
  const char *shared = pm_shared_folder(arena);
  const char *installed = beside_shared(arena, "doc/pixelmill"),
             *in_tree = shared ? pm_join(arena, shared, "docs") : "";
  return pm_file_exists(installed) ? installed : pm_file_exists(in_tree) ? in_tree : NULL;
}

/* `texts`: where the texts lie, or NULL: a manual page is made on one machine and read on another. */
static pm_tool front_tool(const front *f, const char *texts) {
  pm_arena *arena = f->arena;
  const char *description =
      pm_format(arena,
                "pixelmill trains small generative models on your own machine, and draws with them.\n\n"
                "From a sheet to new sprites; the results go to runs/ in the current folder:\n\n"
                "  pixelmill compare --quick            try it on built-in sprites, in a minute\n"
                "  pixelmill compare my.png             train on your sheet, in ten to fifteen minutes\n"
                "  pixelmill page my.png                write a page that draws with the model\n\n"
                "With a trained model:\n\n"
                "  M=runs/my/default/patch-ar/model.safetensors\n"
                "  pixelmill sample $M -n 64 -o new.png                            a picture to look at\n"
                "  pixelmill sample $M -n 64 | pixelmill export-sprites -o new.png     a sheet to work with\n\n"
                "Commands:\n\n%s\n\n"
                "Tools, which read and write files and pipes:\n\n%s\n\n"
                "pixelmill NAME --help explains one; pixelmill help NAME shows its manual page, which is also "
                "pixelmill-NAME(1).%s%s%s",
                command_list(arena), tool_list(f), texts ? " Texts and tutorials lie in " : "", texts ? texts : "",
                texts ? "." : "");
  return (pm_tool){.name = PM_FRONT,
                   .summary = "learn the style of a pixel-art sheet and draw new sprites in it",
                   .operands = "COMMAND [ARGUMENT]...",
                   .description = description,
                   .max_operands = -1};
}

/* ---- what it does ---- */

/* The commands that are neither the pipeline's nor tools. */
static bool is_own(const char *name) {
  return strcmp(name, "book") == 0 || strcmp(name, "help") == 0;
}

PM_NORETURN static void unknown(const front *f, const char *name) {
  pm_option *names = pm_alloc(f->arena, f->tools.count + 32, sizeof *names);
  size_t count = 0;
  for (const pm_pipeline_command *c = pm_pipeline_commands; c->tool.name; c++)
    names[count++].name = c->tool.name;
  names[count++].name = "book";
  names[count++].name = "help";
  for (size_t i = 0; i < f->tools.count; i++)
    names[count++].name = f->tools.item[i];
  const char *meant = pm_option_suggest(names, name);
  if (meant)
    pm_wrong_usage("'%s' is no command and no tool, did you mean '%s'?", name, meant);
  pm_wrong_usage("'%s' is no command and no tool", name);
}

PM_NORETURN static void run_tool(const char *file, char **argv) {
  execv(file, argv);
  pm_fail(PM_FAILED, file, "cannot be started: %s", strerror(errno));
}

/* `name` with its arguments: a command of the pipeline, or a tool. */
static int run_named(const front *f, int argc, char **argv) {
  const pm_pipeline_command *command = pm_pipeline_find(argv[0]);
  setenv(PM_FRONT_ENVIRONMENT, "1", 1);
  if (command)
    return pm_pipeline_run(f->arena, command, argc, argv);
  const char *file = pm_tool_file(f->arena, f->folder, argv[0]);
  if (!file)
    unknown(f, argv[0]);
  run_tool(file, argv);
}

static int book(const front *f, int argc, char **argv) {
  if (argc > 1)
    pm_wrong_usage("book takes no arguments, got '%s'", argv[1]);
  const char *texts = texts_folder(f->arena);
  static const char *const places[] = {"book.html", "../build/book.html"};
  for (size_t i = 0; texts && i < sizeof places / sizeof *places; i++) {
    const char *file = pm_join(f->arena, texts, places[i]);
    if (pm_file_exists(file)) {
      pm_output *output = pm_output_open(f->arena, NULL, false);
      pm_output_print(output, "Look at %s\n", file);
      pm_output_commit(output);
      return PM_DONE;
    }
  }
  pm_fail(PM_FAILED, NULL, "the book was not installed; in the source tree make book makes it");
}

static int front_help(const front *f) {
  char *asked[] = {PM_FRONT, "--help", NULL};
  pm_common common;
  pm_tool tool = front_tool(f, texts_folder(f->arena));
  pm_options_parse(f->arena, &tool, 2, asked, &common, NULL); /* exits */
  return PM_DONE;
}

/* In a terminal the manual page, if it is installed and there is a program to show it; true if it was shown. */
static bool show_page(const front *f, const char *name) {
  const char *man = pm_find_program(f->arena, (const char *const[]){"man", NULL});
  const char *pages = beside_shared(f->arena, "man");
  const char *page = name ? pm_format(f->arena, PM_FRONT "-%s", name) : PM_FRONT;
  const char *file = pm_format(f->arena, "%s/man1/%s.1", pages, page);
  if (!man || !isatty(STDOUT_FILENO) || (!pm_file_exists(file) && !pm_file_exists(pm_format(f->arena, "%s.gz", file))))
    return false;
  char *shown[] = {(char *)man, "-M", (char *)pages, (char *)page, NULL};
  return pm_run_child(shown, NULL) == 0;
}

static int show_help(const front *f, int argc, char **argv) {
  if (argc > 2)
    pm_wrong_usage("help takes one name, got '%s' besides", argv[2]);
  const char *name = argc == 2 && !is_own(argv[1]) && argv[1][0] != '-' ? argv[1] : NULL;
  if (name && !pm_pipeline_find(name) && !pm_tool_file(f->arena, f->folder, name))
    unknown(f, name);
  if (show_page(f, name))
    return PM_DONE;
  char *asked[] = {(char *)name, "--help", NULL};
  return name ? run_named(f, 2, asked) : front_help(f);
}

/* --describe of the front also tells what there is: lines `command NAME SUMMARY`. */
static void describe(const front *f) {
  pm_output *output = pm_output_open(f->arena, NULL, false);
  pm_tool tool = front_tool(f, NULL);
  pm_option_describe(f->arena, output, &tool);
  for (const pm_pipeline_command *c = pm_pipeline_commands; c->tool.name; c++)
    pm_output_print(output, "command\t%s\t%s\n", c->tool.name, c->tool.summary);
  for (size_t i = 0; i < f->tools.count; i++)
    pm_output_print(output, "command\t%s\t%s\n", f->tools.item[i],
                    pm_tool_summary(f->arena, f->folder, f->tools.item[i]));
  pm_output_print(output, "own\tbook\t%s\nown\thelp\t%s\n", book_summary, help_summary);
  pm_output_commit(output);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  front f = {.arena = arena, .folder = pm_tools_folder(arena)};
  if (!f.folder)
    pm_fail(PM_FAILED, NULL, "the tools are not there; pixelmill must be installed as a whole, or lie in its tree");
  f.tools = pm_tools_there(arena, f.folder);
  pm_set_tool_name(PM_FRONT);
  int status;
  if (argc < 2) {
    status = front_help(&f);
  } else if (strcmp(argv[1], "--describe") == 0) {
    describe(&f);
    status = PM_DONE;
  } else if (argv[1][0] == '-') {
    pm_tool tool = front_tool(&f, strcmp(argv[1], "--man") ? texts_folder(arena) : NULL);
    pm_common common;
    pm_options_parse(arena, &tool, argc, argv, &common, NULL);
    pm_wrong_usage("expected a command behind the options");
  } else if (strcmp(argv[1], "book") == 0) {
    status = book(&f, argc - 1, argv + 1);
  } else if (strcmp(argv[1], "help") == 0) {
    status = show_help(&f, argc - 1, argv + 1);
  } else {
    status = run_named(&f, argc - 1, argv + 1);
  }
  pm_arena_free(arena);
  return status;
}
