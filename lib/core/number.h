/* Numbers from text, strictly: the whole text is one number of the type, inside the range, or it is refused. */
#ifndef PM_CORE_NUMBER_H
#define PM_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True and *value set if `text` is exactly one number in [low, high]. Decimal; no blanks, no trailing text, no "+",
 * no hexadecimal, no inf or nan. Integers may have an exponent or point when the value is whole (1e3). Independent of
 * the locale. */
bool pm_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value);
bool pm_parse_unsigned(const char *text, uint64_t high, uint64_t *value);
bool pm_parse_real(const char *text, double low, double high, double *value);

/* `rrggbb`, or the short `rgb` for rrggbb with each digit twice; perhaps with a `#` before it; either case. */
bool pm_parse_colour(const char *text, unsigned char rgb[3]);
/* The same, or with a fourth channel, `rrggbbaa` or `rgba`: how many channels were set, 3 or 4; 0 if it is refused. */
int pm_parse_channels(const char *text, unsigned char rgba[4]);

/* The shortest decimal text that reads back as the same double (or float), in a buffer of at least 32 bytes; "." as
 * the point whatever the locale. Returns `text`. */
char *pm_write_real(char text[32], double value);
char *pm_write_float(char text[32], float value);

#ifdef __cplusplus
}
#endif
#endif
