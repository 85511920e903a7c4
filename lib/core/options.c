#include "core/options.h"

#include "core/file.h"
#include "core/option_rows.h"
#include "core/tasks.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char pm_version[] = "0.1.0";

/* What getopt_long returns for the long form of row i, and one more for its --no- form. */
enum { LONG_FORM = 256, MAX_TARGETS = 8 };

static const struct {
  unsigned share; /* 0: every tool has it */
  pm_option row;
} common_rows[] = {
    {PM_HAS_OUTPUT,
     {"output", 'o', PM_TARGET, offsetof(pm_common, output), NULL, 0, 0, NULL, "FILE",
      "file for the result; -, the default, is standard output"}},
    {PM_HAS_SEED,
     {"seed", 's', PM_UNSIGNED, offsetof(pm_common, seed), "1", 0, 0, NULL, "N",
      "seed of all random numbers: the same seed gives the same bytes"}},
    {PM_HAS_THREADS,
     {"threads", 't', PM_INTEGER, offsetof(pm_common, threads), "0", 0, 1024, NULL, "N",
      "number of threads, 0: one per processor; the result does not depend on it"}},
    {PM_HAS_DEVICE,
     {"device", 0, PM_TEXT, offsetof(pm_common, device), "cpu", 0, 0, NULL, "NAME", "backend that computes"}},
    {0, {"quiet", 'q', PM_FLAG, offsetof(pm_common, quiet), NULL, 0, 0, NULL, NULL, "print only errors and warnings"}},
    {0, {"verbose", 'v', PM_FLAG, offsetof(pm_common, verbose), NULL, 0, 0, NULL, NULL, "print more"}},
    {0, {"help", 'h', PM_FLAG, PM_ROW_ACT, NULL, 0, 0, NULL, NULL, "print this help and exit"}},
    {0, {"version", 0, PM_FLAG, PM_ROW_ACT, NULL, 0, 0, NULL, NULL, "print the version and exit"}},
    {0, {"man", 0, PM_FLAG, PM_ROW_ACT, NULL, 0, 0, NULL, NULL, "print the manual page (roff) and exit"}},
    {0, {"describe", 0, PM_FLAG, PM_ROW_ACT, NULL, 0, 0, NULL, NULL, "print the options for other programs and exit"}},
};
enum { COMMON_ROWS = sizeof common_rows / sizeof *common_rows };

size_t pm_option_count(const pm_option *rows) {
  size_t count = 0;
  while (rows[count].name)
    count++;
  return count;
}

bool pm_option_is_key(const pm_option *option) {
  return strchr(option->name, '.') != NULL;
}

bool pm_option_is_on(const pm_option *option) {
  return option->type == PM_FLAG && option->initial && strcmp(option->initial, "true") == 0;
}

const pm_option *pm_option_rows(pm_arena *arena, const pm_tool *tool) {
  const size_t own = tool->options ? pm_option_count(tool->options) : 0;
  size_t count = 0;
  pm_option *rows = pm_alloc(arena, own + COMMON_ROWS + 1, sizeof *rows);
  for (size_t i = 0; i < own; i++)
    if (!pm_option_is_key(&tool->options[i]))
      rows[count++] = tool->options[i];
  for (size_t i = 0; i < COMMON_ROWS; i++)
    if (!common_rows[i].share || (tool->shares & common_rows[i].share)) {
      rows[count] = common_rows[i].row;
      if (rows[count].offset != PM_ROW_ACT)
        rows[count].offset += tool->common_offset;
      count++;
    }
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < i; k++)
      assert(strcmp(rows[i].name, rows[k].name) && (!rows[i].letter || rows[i].letter != rows[k].letter));
  return rows;
}

/* The rows in getopt_long's words. */
typedef struct {
  struct option *longs;
  char *shorts;
} getopt_tables;

static getopt_tables make_tables(pm_arena *arena, const pm_option *rows) {
  size_t count = pm_option_count(rows), longs = 0;
  getopt_tables tables = {pm_alloc(arena, 2 * count + 1, sizeof(struct option)), pm_alloc(arena, 2 * count + 2, 1)};
  char *letter = tables.shorts;
  *letter++ = ':';
  for (size_t i = 0; i < count; i++) {
    int argument = rows[i].type == PM_FLAG ? no_argument : required_argument, form = LONG_FORM + 2 * (int)i;
    tables.longs[longs++] = (struct option){rows[i].name, argument, NULL, form};
    if (pm_option_is_on(&rows[i]))
      tables.longs[longs++] = (struct option){pm_format(arena, "no-%s", rows[i].name), no_argument, NULL, form + 1};
    if (rows[i].letter) {
      *letter++ = rows[i].letter;
      if (argument == required_argument)
        *letter++ = ':';
    }
  }
  return tables;
}

static const pm_option *row_of(const pm_option *rows, int got) {
  if (got >= LONG_FORM)
    return &rows[(got - LONG_FORM) / 2];
  while (rows->name && rows->letter != got)
    rows++;
  return rows->name ? rows : NULL;
}

PM_NORETURN static void unknown_option(pm_arena *arena, const pm_option *rows, const struct option *longs,
                                       const char *argument, int letter) {
  if (letter && letter < LONG_FORM)
    pm_wrong_usage("unknown option '-%c'", letter);
  if (letter)
    pm_wrong_usage("--%s takes no value", row_of(rows, letter)->name);
  const char *name = argument + strspn(argument, "-");
  name = pm_format(arena, "%.*s", (int)strcspn(name, "="), name);
  const char *could_be = NULL;
  size_t fitting = 0;
  for (; longs->name; longs++)
    if (strncmp(longs->name, name, strlen(name)) == 0) {
      could_be = could_be ? pm_format(arena, "%s, --%s", could_be, longs->name) : pm_format(arena, "--%s", longs->name);
      fitting++;
    }
  if (fitting > 1)
    pm_wrong_usage("option '--%s' is ambiguous: it could be %s", name, could_be);
  const char *meant = pm_option_suggest(rows, name);
  if (meant)
    pm_wrong_usage("unknown option '--%s', did you mean '--%s'?", name, meant);
  pm_wrong_usage("unknown option '--%s'", name);
}

PM_NORETURN static void do_act(pm_arena *arena, const pm_tool *tool, const char *act) {
  pm_output *output = pm_output_open(arena, NULL, false);
  if (strcmp(act, "help") == 0)
    pm_option_help(arena, output, tool);
  else if (strcmp(act, "man") == 0)
    pm_option_man(arena, output, tool);
  else if (strcmp(act, "describe") == 0)
    pm_option_describe(arena, output, tool);
  else
    pm_output_print(output, "%s (pixelmill) %s\n", tool->name, pm_version);
  pm_output_commit(output);
  exit(PM_DONE);
}

static void take_option(pm_arena *arena, const pm_option *row, bool off, const char *value, void *settings) {
  char problem[256];
  if (row->type == PM_FLAG)
    value = off ? "false" : "true";
  if (!pm_option_set(arena, row, settings, value, problem))
    pm_fail(PM_WRONG_USAGE, pm_format(arena, "--%s", row->name), "%s", problem);
  /* An empty variable in a script must not send a picture to the terminal, or train without the labels meant. */
  if (pm_option_is_text(row) && !*value)
    pm_fail(PM_WRONG_USAGE, pm_format(arena, "--%s", row->name), "is empty, expected %s", pm_option_metavar(row));
}

static void check_operands(const pm_tool *tool, char **operands, size_t count) {
  if (count < (size_t)tool->min_operands)
    pm_wrong_usage(count ? "too few operands, expected %s" : "no operand given, expected %s", tool->operands);
  if (tool->max_operands >= 0 && count > (size_t)tool->max_operands)
    pm_wrong_usage("unexpected operand '%s'", operands[tool->max_operands]);
  for (size_t i = 0; i < count; i++)
    if (!*operands[i])
      pm_wrong_usage("operand %zu is empty, expected %s", i + 1, tool->operands);
}

/* Of two outputs in one place the first would be lost, or both be mixed. */
static void check_targets(pm_arena *arena, const pm_option *rows, const void *settings) {
  const pm_option *target[MAX_TARGETS];
  const char *path[MAX_TARGETS];
  size_t n = 0;
  for (; rows->name; rows++) {
    if (rows->type != PM_TARGET)
      continue;
    const char *own = *(const char *const *)((const char *)settings + rows->offset);
    bool usual = strcmp(rows->name, "output") == 0; /* goes to standard output if it is not given */
    if (!own && !usual)
      continue;
    assert(n < MAX_TARGETS);
    for (size_t i = 0; i < n; i++)
      if (pm_same_target(arena, path[i], own))
        pm_wrong_usage("--%s and --%s cannot both go to %s", target[i]->name, rows->name,
                       own && strcmp(own, "-") ? own : "standard output");
    path[n] = own;
    target[n++] = rows;
  }
}

char **pm_options_parse(pm_arena *arena, const pm_tool *tool, int argc, char **argv, void *settings, size_t *count) {
  pm_set_tool_name(tool->name);
  pm_guard_standard_streams();
  const pm_option *rows = pm_option_rows(arena, tool);
  pm_common *common = (pm_common *)((char *)settings + tool->common_offset);
  *common = (pm_common){0};
  for (size_t i = 0; i < COMMON_ROWS; i++)
    if (common_rows[i].row.offset != PM_ROW_ACT)
      pm_options_reset((const pm_option[]){common_rows[i].row, {0}}, common);
  if (tool->options)
    pm_options_reset(tool->options, settings);
  getopt_tables tables = make_tables(arena, rows);
  opterr = 0;
#ifdef __GLIBC__
  optind = 0; /* glibc's way to start anew */
#else
  optind = 1;
#endif
  for (int got; (got = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1;) {
    if (got == '?')
      unknown_option(arena, rows, tables.longs, argv[optind - 1], optopt);
    const pm_option *row = row_of(rows, got == ':' ? optopt : got);
    if (got == ':')
      pm_wrong_usage("--%s needs a value: %s", row->name, pm_option_metavar(row));
    if (row->offset == PM_ROW_ACT)
      do_act(arena, tool, row->name);
    pm_text_list_add(arena, &common->given, row->name);
    take_option(arena, row, got >= LONG_FORM && got % 2, optarg, settings);
  }
  pm_set_verbosity(common->quiet ? -1 : common->verbose ? 1 : 0);
  if (tool->shares & PM_HAS_THREADS)
    pm_set_threads((int)common->threads);
  size_t operands = (size_t)(argc - optind);
  check_operands(tool, argv + optind, operands);
  check_targets(arena, rows, settings);
  if (count)
    *count = operands;
  return argv + optind;
}

void pm_refuse_given(const pm_common *common, const char *const *names, const char *what_for) {
  for (; *names; names++)
    for (size_t i = 0; i < common->given.count; i++)
      if (strcmp(common->given.item[i], *names) == 0)
        pm_wrong_usage("--%s is %s", *names, what_for);
}

const char *pm_option_front(void) {
  return getenv(PM_FRONT_ENVIRONMENT) && strcmp(pm_tool_name(), PM_FRONT) != 0 ? PM_FRONT " " : "";
}

void pm_wrong_usage(const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  pm_fail(PM_WRONG_USAGE, NULL, "%s; try '%s%s --help'", text, pm_option_front(), pm_tool_name());
}
