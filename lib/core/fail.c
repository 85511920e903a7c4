#include "core/fail.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CLEAN_UPS = 16, LINE_BYTES = 8192 };

static pm_fail_handler handler;
static void *handler_context;
static const char *tool_name = "pixelmill";
static int verbosity;
static void (*clean_ups[MAX_CLEAN_UPS])(void);
static int clean_up_count;

#if defined(__SANITIZE_ADDRESS__)
/* Asked by LeakSanitizer when the program exits: what it holds when it fails half-way is no leak. */
static int failing;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
  return failing;
}
#endif

void pm_set_fail_handler(pm_fail_handler new_handler, void *context) {
  handler = new_handler;
  handler_context = context;
}

pm_fail_handler pm_get_fail_handler(void **context) {
  *context = handler_context;
  return handler;
}

void pm_set_tool_name(const char *name) {
  tool_name = name;
}

const char *pm_tool_name(void) {
  return tool_name;
}

void pm_set_verbosity(int level) {
  verbosity = level;
}

int pm_verbosity(void) {
  return verbosity;
}

void pm_at_fail(void (*clean_up)(void)) {
  for (int i = 0; i < clean_up_count; i++)
    if (clean_ups[i] == clean_up)
      return;
  assert(clean_up_count < MAX_CLEAN_UPS);
  clean_ups[clean_up_count++] = clean_up;
}

/* Control characters, which may come out of a hostile file, become '?': what is printed stays one line and cannot steer
 * the terminal. Those from U+0080 to U+009F, which terminals obey, too, are two bytes of UTF-8. */
static void disarm(char *line) {
  for (char *c = line; *c; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      *c = '?';
    else if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] >= 0x80 && (unsigned char)c[1] < 0xa0)
      c[0] = c[1] = '?';
}

const char *pm_without_tool(const char *line) {
  return line + strlen(tool_name) + strlen(": ");
}

/* "tool: place: text" without its newline. */
static void compose(char line[LINE_BYTES], const char *place, const char *format, va_list arguments) {
  int length =
      place ? snprintf(line, LINE_BYTES, "%s: %s: ", tool_name, place) : snprintf(line, LINE_BYTES, "%s: ", tool_name);
  if (length >= 0 && length < LINE_BYTES)
    vsnprintf(line + length, LINE_BYTES - (size_t)length, format, arguments);
  disarm(line);
}

static void print_line(char line[LINE_BYTES]) {
  /* One write, so that the lines of several processes do not mix. */
  size_t length = strlen(line);
  if (length > LINE_BYTES - 2)
    length = LINE_BYTES - 2;
  memcpy(line + length, "\n", 2);
  fputs(line, stderr);
}

void pm_fail(enum pm_status status, const char *place, const char *format, ...) {
  char line[LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  compose(line, place, format, arguments);
  va_end(arguments);
  if (handler) {
    handler(handler_context, status, line);
    abort(); /* a handler that returns broke its contract */
  }
  /* Taken off before it runs: a clean-up that fails in turn does not come back to itself. */
  while (clean_up_count > 0)
    clean_ups[--clean_up_count]();
  print_line(line);
#if defined(__SANITIZE_ADDRESS__)
  failing = 1;
#endif
  exit(status);
}

void pm_warn(const char *place, const char *format, ...) {
  if (verbosity < -1)
    return;
  char line[LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  compose(line, place, format, arguments);
  va_end(arguments);
  print_line(line);
}

void pm_say(int level, const char *format, ...) {
  if (level > verbosity)
    return;
  char line[LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  disarm(line);
  print_line(line);
}
