/* One table of settings feeds the command line, --help, the man pages and the config files.
 *
 *   typedef struct { int64_t scale; pm_common common; } settings;
 *   static const pm_option options[] = {
 *     {"scale", 'S', PM_INTEGER, offsetof(settings, scale), "8", 1, 64, NULL, "N", "pixels a side for each pixel"},
 *     {0}};
 *   static const pm_tool tool = {"montage", "sprites to one picture", "[FILE]...", options, PM_HAS_OUTPUT, ...};
 *   settings s;
 *   char **operands = pm_options_parse(arena, &tool, argc, argv, &s);
 *
 * A setting's default is text in the table, read by the same parser as the user's text: what --help shows is what
 * happens. */
#ifndef PM_CORE_OPTIONS_H
#define PM_CORE_OPTIONS_H

#include "core/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The type names the C type of the field at `offset`. */
typedef enum {
  PM_FLAG,     /* bool; no argument on the command line (--no-NAME, too, if it is on by default), true or false in a
                  config */
  PM_INTEGER,  /* int64_t in [low, high] */
  PM_UNSIGNED, /* uint64_t in [0, 2^64 - 1]; low and high are not looked at */
  PM_REAL,     /* double in [low, high]; NAN for the word in `choices`, if there is one */
  PM_TEXT,     /* const char *; NULL for none, which as text is "" */
  PM_TARGET,   /* the same: the name of a file that the tool writes; no two options may name one file */
  PM_CHOICE,   /* int: index into `choices`, "adam|adamw" */
  PM_SPAN,     /* double[2]: LOW:HIGH, both in [low, high], LOW <= HIGH */
  PM_COLOUR,   /* unsigned char[3]: rrggbb */
  PM_SIZE_2D,  /* int64_t[2]: W or WxH, each in [low, high] */
  PM_LIST,     /* pm_text_list: may be given more than once (command line) */
} pm_option_type;

typedef struct {
  const char **item;
  size_t count, capacity;
} pm_text_list;

/* Adds a copy of the text. */
void pm_text_list_add(pm_arena *arena, pm_text_list *list, const char *text);

typedef struct {
  const char *name; /* long option "tile", or config key "training.batch" */
  char letter;      /* short option, or 0 */
  pm_option_type type;
  size_t offset;       /* of the field in the caller's struct */
  const char *initial; /* the default as text; NULL: false, 0 or none */
  double low, high;    /* both inclusive; both 0: no limits; INFINITY where one end has none */
  const char *choices; /* of PM_CHOICE; of PM_REAL NULL, or a word that may stand in the number's place; of PM_TEXT
                          NULL, or words that a shell offers */
  const char *metavar; /* "N", "FILE"; NULL: by type */
  const char *help;    /* one line, lower case, no full stop */
} pm_option;

/* What every tool shares. Lies at `common_offset` in the caller's struct. */
typedef struct {
  const char *output; /* -o, NULL: standard output */
  uint64_t seed;      /* -s */
  int64_t threads;    /* -t, 0: one for each processor that this process may use */
  const char *device; /* --device: "cpu" */
  bool quiet, verbose;
  pm_text_list given; /* the names of the options on the command line, in their order */
} pm_common;

enum { PM_HAS_OUTPUT = 1, PM_HAS_SEED = 2, PM_HAS_THREADS = 4, PM_HAS_DEVICE = 8 }; /* -q -v -h --version always */

typedef struct {
  const char *name;         /* "slice-tiles" */
  const char *summary;      /* one line, lower case, no full stop */
  const char *operands;     /* "[SHEET.png]...", "" for none; shown in the usage line */
  const pm_option *options; /* ended by a row without a name */
  unsigned shares;          /* PM_HAS_… */
  size_t common_offset;
  int min_operands, max_operands; /* max -1: any number */
  const char *description;        /* paragraphs divided by an empty line; for --help and the man page */
  const char *examples;           /* lines, each a command as one would type it */
  const pm_option *keys;          /* config keys, listed by --help after the options; NULL for none */
} pm_tool;

/* Sets every field to its default, then reads argv by GNU rules (long options may be shortened, "--" ends options, "-"
 * is an operand, options and operands mix). Handles --help, --version, --man (a man page on standard output) and
 * --describe (option_describe.c) itself and exits 0 after checking that the text was written. Wrong usage ends with
 * status 2 and names --help. Returns the operands, NULL at the end; `*count` (may be NULL) their number. Sets the
 * tool's name and the verbosity; sets the number of threads of core/tasks.h if the tool shares PM_HAS_THREADS. */
char **pm_options_parse(pm_arena *arena, const pm_tool *tool, int argc, char **argv, void *settings, size_t *count);

/* Sets every field of the table to its default; lists to empty. (pm_options_parse does it for tool->options, also for
 * the rows with a '.' in their name, which are config keys and unknown to the command line; not for tool->keys.) */
void pm_options_reset(const pm_option *table, void *settings);

/* Reads `text` into the field; adds it to a PM_LIST. False if refused: the field stays as it was and `problem` (at
 * least 256 bytes) says "'TEXT' is not WHAT WAS EXPECTED". Texts are copied into the arena. */
bool pm_option_set(pm_arena *arena, const pm_option *option, void *settings, const char *text, char problem[256]);

/* The field's value as the text that pm_option_set would read; in the arena. */
const char *pm_option_text(pm_arena *arena, const pm_option *option, const void *settings);

/* The row of that name, or NULL. */
const pm_option *pm_option_find(const pm_option *table, const char *name);

/* The name in `choices` nearest to `name` by edit distance if it is near enough to suggest, else NULL. */
const char *pm_option_suggest(const pm_option *table, const char *name);

/* Wrong usage if one of these options (names, NULL at the end) was given: "--NAME is WHAT_FOR". So nobody believes that
 * an option did something where it does nothing. */
void pm_refuse_given(const pm_common *common, const char *const *names, const char *what_for);

/* Wrong usage found after parsing (two options that exclude each other): message, "try --help", status 2. */
PM_NORETURN void pm_wrong_usage(const char *format, ...) PM_PRINTF(1, 2);

extern const char pm_version[]; /* "0.1.0" */

#ifdef __cplusplus
}
#endif
#endif
