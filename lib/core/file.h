/* Files and standard streams. "-" names standard input or output everywhere.
 *
 * Reading: what comes through a pipe grows as its bytes arrive. Writing: a regular file appears whole or not at all: it
 * is written beside its place (`.NAME.XXXXXX`), synced, renamed over it, and the folder synced; symbolic links are
 * followed to the file they name; devices and pipes are written in place. pm_fail and the signals INT, TERM
 * and HUP remove what is half-written, and so does freeing the arena. */
#ifndef PM_CORE_FILE_H
#define PM_CORE_FILE_H

#include "core/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_input pm_input;

/* Fails with status 3 if it is missing, unreadable or a folder, and with status 2 if it is standard input and was
 * opened before. Closed by pm_input_close, or with the arena. */
pm_input *pm_input_open(pm_arena *arena, const char *path);
/* The same; where it is a folder, `expected` says what was expected: "a palette". */
pm_input *pm_input_open_as(pm_arena *arena, const char *path, const char *expected);
/* Up to `size` bytes; fewer only at the end. */
size_t pm_input_read(pm_input *input, void *bytes, size_t size);
/* Exactly `size` bytes or failure with status 3: "ends at byte N in the middle of WHAT". */
void pm_input_read_exactly(pm_input *input, void *bytes, size_t size, const char *what);
/* The next bytes without taking them: up to `size`, at most 64; fewer only at the end. Tells formats apart, in pipes
 * too. */
size_t pm_input_peek(pm_input *input, void *bytes, size_t size);
/* True at the end of the input (reads ahead one byte). */
bool pm_input_at_end(pm_input *input);
/* Bytes read so far; for messages. */
uint64_t pm_input_offset(const pm_input *input);
/* Bytes left if known (a regular file), else UINT64_MAX. */
uint64_t pm_input_left(const pm_input *input);
/* How messages name what a path stands for: itself, or "standard input" for "-". */
const char *pm_path_name(const char *path);
/* The same of an input. */
const char *pm_input_name(const pm_input *input);
/* "NAME: byte N" in the arena, for pm_fail's place. */
const char *pm_input_place(const pm_input *input, uint64_t offset);
void pm_input_close(pm_input *input);
/* All that is left of it, with one zero byte behind; closes it. Fails with status 3 if that is longer than `limit`. */
unsigned char *pm_input_read_all(pm_arena *arena, pm_input *input, size_t limit, size_t *length);
/* Has the bytes that are read be hashed, from the first on; and what came of it, once, as pm_sha256 writes it. */
void pm_input_hash(pm_input *input);
void pm_input_digest(pm_input *input, char hex[65]);

/* The same of the whole file. */
unsigned char *pm_read_file(pm_arena *arena, const char *path, size_t limit, size_t *length);

typedef struct pm_output pm_output;

/* path NULL or "-": standard output; "/dev/stdout" and "/dev/fd/N" are this process's descriptors and stay open.
 * Refuses (status 2) binary output to a terminal when `binary`. */
pm_output *pm_output_open(pm_arena *arena, const char *path, bool binary);
/* One that goes nowhere: what is written is counted, and pm_output_discard ends it. */
pm_output *pm_output_counting(pm_arena *arena);
uint64_t pm_output_counted(const pm_output *output);
void pm_output_write(pm_output *output, const void *bytes, size_t size);
void pm_output_print(pm_output *output, const char *format, ...) PM_PRINTF(2, 3);
/* Flushes, syncs, renames into place; any error ends the program with status 1. Must be called once. For standard
 * output it also checks that closing works, so a full device is never taken for success. */
void pm_output_commit(pm_output *output);
/* Gives up: nothing is left behind, the old file stays. */
void pm_output_discard(pm_output *output);

/* Whether two paths of outputs (NULL or "-": standard output) lead to one file or stream, whatever they are called.
 * What is no file and no pipe, such as /dev/null, takes as many as come, unless it is one descriptor of ours. */
bool pm_same_target(pm_arena *arena, const char *a, const char *b);

/* Write `length` bytes as the whole of `path`, by the rules above. */
void pm_write_file(pm_arena *arena, const char *path, const void *bytes, size_t length);

/* Folder and parents, as mkdir -p. Fails with status 1 if it cannot be made. */
void pm_make_folder(const char *path);
/* "folder/name" in the arena. */
char *pm_join(pm_arena *arena, const char *folder, const char *name);
/* The part after the last '/'. */
const char *pm_base_name(const char *path);
/* True if `path` ends with `suffix`, letters compared without case (".PNG"). */
bool pm_has_suffix(const char *path, const char *suffix);
bool pm_file_exists(const char *path);

/* Puts /dev/null where standard input, output or error was closed by the caller, so that no file we open takes its
 * number and gets what was meant for it. Reading or writing it fails all the same. pm_options_parse calls it. */
void pm_guard_standard_streams(void);

/* SHA-256 as 64 lower-case hex digits and a zero byte. */
void pm_sha256(const void *bytes, size_t length, char hex[65]);

/* Fault injection for the tests: the n-th write from now fails (no space), where sync, close and rename count as
 * writes; 0 stops it. The environment variable PIXELMILL_FAIL_WRITE=n does the same to a tool. */
void pm_fail_write(size_t n);

#ifdef __cplusplus
}
#endif
#endif
