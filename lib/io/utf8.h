/* Inside io: UTF-8 by characters. */
#ifndef PM_IO_UTF8_H
#define PM_IO_UTF8_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The character that begins here, and its length in bytes; length 0 if it is no UTF-8, and the byte itself then.
 * `text` ends with a zero byte, which is a character of length 1. */
unsigned pm_utf8_decode(const char *text, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
