#include "core/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

/* A decimal number taken apart: +-0.D1 D2 D3… times 10^exponent, D1 and the last digit not '0'. */
typedef struct {
  bool negative;
  char digit[24]; /* the first ones; integers have no more than 20 */
  size_t digits;  /* how many there are, also where more than `digit` holds */
  int64_t exponent;
} decimal;

enum { EXPONENT_LIMIT = 1000000 }; /* beyond it every number is 0 or too large */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Takes in one digit: zeros that are still open (they may be the end) are counted in `zeros`. */
static void take_digit(decimal *number, char c, size_t *zeros, bool before_point) {
  if (c == '0' && number->digits == 0) {
    number->exponent -= !before_point;
    return;
  }
  number->exponent += before_point;
  if (c == '0') {
    (*zeros)++;
    return;
  }
  for (; *zeros; (*zeros)--, number->digits++)
    if (number->digits < sizeof number->digit)
      number->digit[number->digits] = '0';
  if (number->digits < sizeof number->digit)
    number->digit[number->digits] = c;
  number->digits++;
}

/* [-] digits [. digits] [e [+-] digits], at least one digit before or after the point; nothing else. */
static bool read_decimal(const char *text, decimal *number) {
  *number = (decimal){0};
  if (!text)
    return false;
  number->negative = *text == '-';
  text += number->negative;
  size_t zeros = 0, seen = 0;
  for (; is_digit(*text); text++, seen++)
    take_digit(number, *text, &zeros, true);
  if (*text == '.')
    for (text++; is_digit(*text); text++, seen++)
      take_digit(number, *text, &zeros, false);
  if (!seen)
    return false;
  if (*text == 'e' || *text == 'E') {
    text++;
    bool down = *text == '-';
    text += *text == '-' || *text == '+';
    if (!is_digit(*text))
      return false;
    int64_t exponent = 0;
    for (; is_digit(*text); text++)
      if (exponent < EXPONENT_LIMIT)
        exponent = exponent * 10 + (*text - '0');
    number->exponent += down ? -exponent : exponent;
  }
  return *text == 0;
}

/* The size of a whole number; false if it is not whole or does not fit. */
static bool whole(const decimal *number, uint64_t *value) {
  *value = 0;
  if (number->digits == 0)
    return true;
  if (number->exponent > 20 || number->digits > 20 || (int64_t)number->digits > number->exponent)
    return false;
  for (int64_t i = 0; i < number->exponent; i++) {
    unsigned digit = (size_t)i < number->digits ? (unsigned)(number->digit[i] - '0') : 0;
    if (*value > (UINT64_MAX - digit) / 10)
      return false;
    *value = *value * 10 + digit;
  }
  return true;
}

bool pm_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value) {
  decimal number;
  uint64_t size;
  if (!read_decimal(text, &number) || !whole(&number, &size))
    return false;
  if (size > (uint64_t)INT64_MAX + number.negative)
    return false;
  int64_t parsed = number.negative ? (int64_t)(0 - size) : (int64_t)size;
  if (parsed < low || parsed > high)
    return false;
  *value = parsed;
  return true;
}

bool pm_parse_unsigned(const char *text, uint64_t high, uint64_t *value) {
  decimal number;
  uint64_t size;
  if (!read_decimal(text, &number) || !whole(&number, &size) || (number.negative && size) || size > high)
    return false;
  *value = size;
  return true;
}

/* The locale that programs start in; as it is the system's own, it is never freed. */
static locale_t c_locale(void) {
  static _Atomic(locale_t) kept;
  if (!kept)
    kept = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return kept;
}

bool pm_parse_real(const char *text, double low, double high, double *value) {
  decimal number;
  if (!read_decimal(text, &number))
    return false;
  double parsed = strtod_l(text, NULL, c_locale());
  if (!isfinite(parsed) || !(parsed >= low && parsed <= high))
    return false;
  *value = parsed;
  return true;
}

static int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

int pm_parse_channels(const char *text, unsigned char rgba[4]) {
  if (!text)
    return 0;
  text += *text == '#';
  size_t digits = 0;
  int digit[8];
  while (digits < 8 && (digit[digits] = hex_digit(text[digits])) >= 0)
    digits++;
  if (text[digits] || (digits != 3 && digits != 4 && digits != 6 && digits != 8))
    return 0;
  bool short_form = digits < 6; /* one digit a channel: f is ff */
  int channels = (int)(short_form ? digits : digits / 2);
  for (int c = 0; c < channels; c++)
    rgba[c] = (unsigned char)(short_form ? digit[c] * 17 : digit[2 * c] * 16 + digit[2 * c + 1]);
  return channels;
}

bool pm_parse_colour(const char *text, unsigned char rgb[3]) {
  unsigned char parsed[4];
  if (pm_parse_channels(text, parsed) != 3)
    return false;
  memcpy(rgb, parsed, 3);
  return true;
}

/* True if it was one of the three that are no numbers. */
static bool write_special(char text[32], double value) {
  if (isfinite(value))
    return false;
  snprintf(text, 32, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
  return true;
}

/* Every number of 15 decimal digits survives a double (6: a float), so fewer need not be tried: %g drops the zeros at
 * the end. Only denormal numbers hold less and may be written shorter. */
char *pm_write_real(char text[32], double value) {
  if (write_special(text, value))
    return text;
  locale_t previous = uselocale(c_locale());
  for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
    snprintf(text, 32, "%.*g", digits, value);
    if (strtod(text, NULL) == value)
      break;
  }
  uselocale(previous);
  return text;
}

char *pm_write_float(char text[32], float value) {
  if (write_special(text, (double)value))
    return text;
  locale_t previous = uselocale(c_locale());
  for (int digits = fabsf(value) < FLT_MIN ? 1 : FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
    snprintf(text, 32, "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value)
      break;
  }
  uselocale(previous);
  return text;
}
