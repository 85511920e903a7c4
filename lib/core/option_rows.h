/* Inside the options module: the rows that a tool's command line is made of, and the texts made from them. */
#ifndef PM_CORE_OPTION_ROWS_H
#define PM_CORE_OPTION_ROWS_H

#include "core/file.h"
#include "core/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The offset of the rows that are acts and no settings: --help, --version, --man, --describe. */
#define PM_ROW_ACT SIZE_MAX

/* The tool's own rows without its config keys, then the shared ones with offsets from the start of the tool's settings,
 * then the acts; ended by a row without a name. In the arena. */
const pm_option *pm_option_rows(pm_arena *arena, const pm_tool *tool);

/* How many rows a table has before the one without a name. */
size_t pm_option_count(const pm_option *rows);
/* A row whose name has a '.' is set by config files only. */
bool pm_option_is_key(const pm_option *option);
/* True for a flag that is on by default: the command line also has --no-NAME. */
bool pm_option_is_on(const pm_option *option);

/* True where the field is a const char *. */
bool pm_option_is_text(const pm_option *option);

/* "N", "WxH", "adam|adamw". */
const char *pm_option_metavar(const pm_option *option);
/* "1..64", ">= 0" or "" where there is nothing useful to say. */
const char *pm_option_range(pm_arena *arena, const pm_option *option);

/* What stands before a tool's name where somebody types it: "pixelmill " in the man page, and in messages where the
 * front command started the tool, which sets the environment variable PIXELMILL_FRONT; else "". */
#define PM_FRONT "pixelmill"
#define PM_FRONT_ENVIRONMENT "PIXELMILL_FRONT"
const char *pm_option_front(void);

/* What --help, --man and --describe print. */
void pm_option_help(pm_arena *arena, pm_output *output, const pm_tool *tool);
void pm_option_man(pm_arena *arena, pm_output *output, const pm_tool *tool);
void pm_option_describe(pm_arena *arena, pm_output *output, const pm_tool *tool);

#ifdef __cplusplus
}
#endif
#endif
