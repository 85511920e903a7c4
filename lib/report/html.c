#include "report/html.h"

#include "io/utf8.h"

#include <stdarg.h>
#include <string.h>

static const char *entity(unsigned character) {
  switch (character) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return NULL;
  }
}

/* Of the control characters, HTML and XML both hold only these. */
static bool allowed(unsigned character) {
  return character == '\t' || character == '\n' ||
         (character >= 0x20 && character != 0x7f && !(character >= 0x80 && character < 0xa0) &&
          (character & 0xfffe) != 0xfffe);
}

void pm_html_text(pm_output *out, const char *text) {
  while (*text) {
    size_t length;
    unsigned character = pm_utf8_decode(text, &length);
    if (!length || !allowed(character))
      pm_output_write(out, "\xef\xbf\xbd", 3);
    else if (entity(character))
      pm_output_write(out, entity(character), strlen(entity(character)));
    else
      pm_output_write(out, text, length);
    text += length ? length : 1;
  }
}

void pm_html(pm_output *out, const char *markup, ...) {
  va_list texts;
  va_start(texts, markup);
  while (*markup) {
    size_t plain = strcspn(markup, "%");
    pm_output_write(out, markup, plain);
    markup += plain;
    if (*markup && markup[1] == 's')
      pm_html_text(out, va_arg(texts, const char *));
    else if (*markup)
      pm_output_write(out, "%", 1);
    markup += *markup ? 2 : 0;
  }
  va_end(texts);
}

void pm_html_data(pm_output *out, const char *type, const unsigned char *bytes, size_t length) {
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  pm_html(out, "data:%s;base64,", type);
  for (size_t i = 0; i < length; i += 3) {
    size_t left = length - i;
    unsigned group = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                     (left > 2 ? (unsigned)bytes[i + 2] : 0);
    char four[4] = {digit[group >> 18], digit[group >> 12 & 63], left > 1 ? digit[group >> 6 & 63] : '=',
                    left > 2 ? digit[group & 63] : '='};
    pm_output_write(out, four, 4);
  }
}
