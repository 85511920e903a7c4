/* Inside io: UTF-8 by characters, and text that is not in it. */
#ifndef PM_IO_UTF8_H
#define PM_IO_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The character that begins here, and its length in bytes; length 0 if it is no UTF-8, and the byte itself then.
 * `text` ends with a zero byte, which is a character of length 1. */
unsigned pm_utf8_decode(const char *text, size_t *length);

/* Whether the bytes begin with the byte-order mark of UTF-16, which some of Windows' programs write. */
bool pm_utf16_begins(const unsigned char *bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
