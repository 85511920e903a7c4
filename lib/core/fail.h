/* How the library ends the program.
 *
 * The tools are one-shot programs, so bad input, a failed write or a lack of memory ends them: through pm_fail, with
 * one line on stderr, `tool: place: what is wrong, what was expected`, and an exit status. A program that must go on (a
 * fuzzer, a test) puts its own handler in, which leaves by longjmp or by ending the process. Programmers' errors are
 * asserts; input never reaches one. */
#ifndef PM_CORE_FAIL_H
#define PM_CORE_FAIL_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PM_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define PM_NORETURN __attribute__((noreturn))
#else
#define PM_PRINTF(text, first)
#define PM_NORETURN
#endif

enum pm_status {
  PM_DONE = 0,        /* all went well */
  PM_FAILED = 1,      /* the machine failed: memory, disk, a closed pipe */
  PM_WRONG_USAGE = 2, /* the command line is not one this tool takes */
  PM_BAD_INPUT = 3,   /* a file's content (or absence) is the reason */
};

/* Called with the complete line (no newline). Must not return. */
typedef void (*pm_fail_handler)(void *context, enum pm_status status, const char *line);
/* For handlers: the line without its "tool: ", as pm_fail takes it. */
const char *pm_without_tool(const char *line);

/* NULL puts the default back: run the clean-ups, print the line on stderr, exit(status). */
void pm_set_fail_handler(pm_fail_handler handler, void *context);
/* The one that is in place, NULL for the default, and its context. */
pm_fail_handler pm_get_fail_handler(void **context);

/* The name that begins every message; not copied. pm_options_parse sets it. */
void pm_set_tool_name(const char *name);
const char *pm_tool_name(void);

/* Ends the program. `place` is a file's name, `file:line`, `file: byte N` and the like, or NULL where there is none. */
PM_NORETURN void pm_fail(enum pm_status status, const char *place, const char *format, ...) PM_PRINTF(3, 4);

/* One line on stderr in the same form, unless the verbosity is -2; the program goes on. */
void pm_warn(const char *place, const char *format, ...) PM_PRINTF(2, 3);

/* A line on stderr where the verbosity is at least `level` (-2 not even warnings, -1 quiet: -q, 0 usual, 1 more: -v);
 * control characters become '?'. */
void pm_say(int level, const char *format, ...) PM_PRINTF(2, 3);
void pm_set_verbosity(int verbosity);
int pm_verbosity(void);

/* `clean_up` runs before the default handler exits (newest first); files half-written are removed so. At most 16. */
void pm_at_fail(void (*clean_up)(void));

#ifdef __cplusplus
}
#endif
#endif
