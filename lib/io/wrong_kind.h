/* The message about a file of the wrong kind: what it is, by its first bytes, and what was expected.
 */
#ifndef PM_IO_WRONG_KIND_H
#define PM_IO_WRONG_KIND_H

#include "core/file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "a JPEG picture", "text that begins with 'GIMP Palette'", "empty", "of an unknown kind": what follows "is". In the
 * arena. */
const char *pm_kind_in_words(pm_arena *arena, const char *path, const unsigned char *bytes, size_t length);

/* Whether the bytes, a file's first or all, are of another kind than text in UTF-8: they begin as such a file does or a
 * text in UTF-16, or one of them is zero. */
bool pm_is_no_text(const unsigned char *bytes, size_t length);

/* Ends with status 3: "FILE: is a JPEG picture, expected EXPECTED". Of the input the next bytes are looked at. */
PM_NORETURN void pm_fail_wrong_kind(pm_arena *arena, pm_input *input, const char *expected);

/* The whole of a text file but a byte-order mark, with one zero byte behind it. What is none by its first bytes,
 * and what is longer than `limit`, fails with status 3; `expected` says what the text was to be, "a table (.tsv)".
 * `length` may be NULL. */
char *pm_text_read(pm_arena *arena, const char *path, size_t limit, const char *expected, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
