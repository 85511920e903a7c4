/* One setting: its value from text and back, its range, the name that was probably meant. */
#include "core/number.h"
#include "core/option_rows.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PROBLEM_BYTES = 256, QUOTED_BYTES = 80, MAX_NAME = 64 };

bool pm_option_is_text(const pm_option *option) {
  return option->type == PM_TEXT || option->type == PM_TARGET;
}

static bool unlimited(const pm_option *option) {
  return option->low == 0 && option->high == 0;
}

static double real_low(const pm_option *option) {
  return unlimited(option) ? -INFINITY : option->low;
}

static double real_high(const pm_option *option) {
  return unlimited(option) ? INFINITY : option->high;
}

static int64_t integer_low(const pm_option *option) {
  return real_low(option) <= -0x1p63 ? INT64_MIN : (int64_t)option->low;
}

static int64_t integer_high(const pm_option *option) {
  return real_high(option) >= 0x1p63 ? INT64_MAX : (int64_t)option->high;
}

/* "KIND from 1 to 64", with only the ends that there are. */
static void expected_range(char *text, size_t bytes, const pm_option *option, const char *kind) {
  char low[32], high[32];
  pm_write_real(low, real_low(option));
  pm_write_real(high, real_high(option));
  bool has_low = isfinite(real_low(option)), has_high = isfinite(real_high(option));
  if (has_low && has_high)
    snprintf(text, bytes, "%s from %s to %s", kind, low, high);
  else if (has_low)
    snprintf(text, bytes, "%s of at least %s", kind, low);
  else if (has_high)
    snprintf(text, bytes, "%s of at most %s", kind, high);
  else
    snprintf(text, bytes, "%s", kind);
}

const char *pm_option_range(pm_arena *arena, const pm_option *option) {
  bool ranged =
      option->type == PM_INTEGER || option->type == PM_REAL || option->type == PM_SPAN || option->type == PM_SIZE_2D;
  bool has_low = ranged && isfinite(real_low(option)), has_high = ranged && isfinite(real_high(option));
  char low[32], high[32];
  pm_write_real(low, real_low(option));
  pm_write_real(high, real_high(option));
  if (has_low && has_high)
    return pm_format(arena, "%s..%s", low, high);
  if (has_low)
    return pm_format(arena, ">= %s", low);
  return has_high ? pm_format(arena, "<= %s", high) : "";
}

/* Writes "'TEXT' is not EXPECTED"; returns false for the caller to return. */
static bool refuse(char problem[PROBLEM_BYTES], const char *text, const char *expected) {
  size_t shown = strlen(text);
  bool cut = shown > QUOTED_BYTES;
  if (cut) {
    shown = QUOTED_BYTES;
    while (shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80)
      shown--; /* not through the middle of a UTF-8 character */
  }
  snprintf(problem, PROBLEM_BYTES, "'%.*s%s' is not %s", (int)shown, text, cut ? "..." : "", expected);
  return false;
}

/* The place of `text` among "adam|adamw", or -1. */
static int choice_index(const char *choices, const char *text) {
  size_t length = strlen(text);
  for (int index = 0;; index++) {
    size_t one = strcspn(choices, "|");
    if (one == length && memcmp(choices, text, one) == 0)
      return index;
    if (!choices[one])
      return -1;
    choices += one + 1;
  }
}

static const char *choice_name(pm_arena *arena, const char *choices, int index) {
  for (; index > 0; index--)
    choices += strcspn(choices, "|") + 1;
  return pm_format(arena, "%.*s", (int)strcspn(choices, "|"), choices);
}

/* Edit distance with swaps of neighbours, letters compared without case; longer names are never near. */
static size_t distance(const char *a, const char *b, size_t b_length) {
  size_t a_length = strlen(a);
  if (a_length > MAX_NAME || b_length > MAX_NAME)
    return SIZE_MAX;
  size_t row[MAX_NAME + 1][MAX_NAME + 1];
  for (size_t i = 0; i <= a_length; i++)
    for (size_t j = 0; j <= b_length; j++) {
      if (i == 0 || j == 0) {
        row[i][j] = i + j;
        continue;
      }
      int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
      size_t best = row[i - 1][j - 1] + (x != y);
      if (row[i - 1][j] + 1 < best)
        best = row[i - 1][j] + 1;
      if (row[i][j - 1] + 1 < best)
        best = row[i][j - 1] + 1;
      bool swapped = i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]);
      if (swapped && row[i - 2][j - 2] + 1 < best)
        best = row[i - 2][j - 2] + 1;
      row[i][j] = best;
    }
  return row[a_length][b_length];
}

/* A third of the letters may be wrong, one in short names. */
static size_t near_enough(const char *name) {
  size_t third = strlen(name) / 3;
  return third < 1 ? 1 : third > 3 ? 3 : third;
}

static bool refuse_choice(char problem[PROBLEM_BYTES], const char *choices, const char *text) {
  char expected[PROBLEM_BYTES] = "one of ";
  size_t length = strlen(expected), best = near_enough(text) + 1, nearest_length = 0;
  const char *nearest = NULL;
  for (const char *one = choices; *one;) {
    size_t letters = strcspn(one, "|"), off = distance(text, one, letters);
    if (off < best) {
      best = off;
      nearest = one;
      nearest_length = letters;
    }
    if (length + letters + 3 < sizeof expected)
      length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%.*s", one == choices ? "" : ", ",
                                 (int)letters, one);
    one += letters + (one[letters] == '|');
  }
  refuse(problem, text, expected);
  length = strlen(problem);
  if (nearest)
    snprintf(problem + length, PROBLEM_BYTES - length, "; did you mean '%.*s'?", (int)nearest_length, nearest);
  return false;
}

static bool set_span(const pm_option *option, double field[2], const char *text, char problem[PROBLEM_BYTES]) {
  char expected[160], low[64];
  double span[2];
  size_t before = strcspn(text, ":");
  if (text[before] && before < sizeof low) {
    memcpy(low, text, before);
    low[before] = 0;
    if (pm_parse_real(low, real_low(option), real_high(option), &span[0]) &&
        pm_parse_real(text + before + 1, real_low(option), real_high(option), &span[1]) && span[0] <= span[1]) {
      memcpy(field, span, sizeof span);
      return true;
    }
  }
  expected_range(expected, sizeof expected, option, "LOW:HIGH with LOW <= HIGH, numbers");
  return refuse(problem, text, expected);
}

static bool set_size(const pm_option *option, int64_t field[2], const char *text, char problem[PROBLEM_BYTES]) {
  char expected[160], width[64];
  int64_t low = integer_low(option), high = integer_high(option), size[2];
  size_t before = strcspn(text, "x");
  if (before < sizeof width) {
    memcpy(width, text, before);
    width[before] = 0;
    if (pm_parse_integer(width, low, high, &size[0]) &&
        pm_parse_integer(text[before] ? text + before + 1 : width, low, high, &size[1])) {
      memcpy(field, size, sizeof size);
      return true;
    }
  }
  expected_range(expected, sizeof expected, option, "W or WxH, integers");
  return refuse(problem, text, expected);
}

static bool set_flag(bool *field, const char *text, char problem[PROBLEM_BYTES]) {
  bool on = strcmp(text, "true") == 0;
  if (!on && strcmp(text, "false"))
    return refuse(problem, text, "true or false");
  *field = on;
  return true;
}

void pm_text_list_add(pm_arena *arena, pm_text_list *list, const char *text) {
  list->item = pm_grow(arena, list->item, &list->capacity, list->count + 1, sizeof *list->item);
  list->item[list->count++] = pm_copy_text(arena, text);
}

bool pm_option_set(pm_arena *arena, const pm_option *option, void *settings, const char *text,
                   char problem[PROBLEM_BYTES]) {
  void *field = (char *)settings + option->offset;
  char expected[160];
  switch (option->type) {
  case PM_FLAG:
    return set_flag(field, text, problem);
  case PM_INTEGER:
    if (pm_parse_integer(text, integer_low(option), integer_high(option), field))
      return true;
    expected_range(expected, sizeof expected, option, "an integer");
    return refuse(problem, text, expected);
  case PM_UNSIGNED:
    return pm_parse_unsigned(text, UINT64_MAX, field) ||
           refuse(problem, text, "an integer from 0 to 18446744073709551615");
  case PM_REAL:
    if (pm_parse_real(text, real_low(option), real_high(option), field))
      return true;
    if (option->choices && strcmp(text, option->choices) == 0) {
      *(double *)field = NAN;
      return true;
    }
    expected_range(expected, sizeof expected, option, "a number");
    if (option->choices)
      snprintf(expected + strlen(expected), sizeof expected - strlen(expected), ", or %s", option->choices);
    return refuse(problem, text, expected);
  case PM_TEXT:
  case PM_TARGET:
    *(const char **)field = *text ? pm_copy_text(arena, text) : NULL;
    return true;
  case PM_CHOICE: {
    int index = choice_index(option->choices, text);
    if (index < 0)
      return refuse_choice(problem, option->choices, text);
    *(int *)field = index;
    return true;
  }
  case PM_SPAN:
    return set_span(option, field, text, problem);
  case PM_COLOUR:
    return pm_parse_colour(text, field) || refuse(problem, text, "a colour as six hexadecimal digits, rrggbb");
  case PM_SIZE_2D:
    return set_size(option, field, text, problem);
  case PM_LIST:
    pm_text_list_add(arena, field, text);
    return true;
  }
  assert(!"a type of option");
  return false;
}

static size_t field_bytes(pm_option_type type) {
  switch (type) {
  case PM_FLAG:
    return sizeof(bool);
  case PM_INTEGER:
    return sizeof(int64_t);
  case PM_UNSIGNED:
    return sizeof(uint64_t);
  case PM_REAL:
    return sizeof(double);
  case PM_TEXT:
  case PM_TARGET:
    return sizeof(const char *);
  case PM_CHOICE:
    return sizeof(int);
  case PM_SPAN:
    return sizeof(double[2]);
  case PM_COLOUR:
    return 3;
  case PM_SIZE_2D:
    return sizeof(int64_t[2]);
  case PM_LIST:
    return sizeof(pm_text_list);
  }
  return 0;
}

void pm_options_reset(const pm_option *table, void *settings) {
  for (const pm_option *option = table; option->name; option++) {
    void *field = (char *)settings + option->offset;
    memset(field, 0, field_bytes(option->type));
    if (pm_option_is_text(option))
      *(const char **)field = option->initial;
    if (!option->initial || pm_option_is_text(option))
      continue;
    char problem[PROBLEM_BYTES];
    assert(option->type != PM_LIST); /* lists begin empty */
    bool taken = pm_option_set(NULL, option, settings, option->initial, problem);
    assert(taken); /* a default that its own row refuses */
    (void)taken;
  }
}

static const char *list_text(pm_arena *arena, const pm_text_list *list) {
  const char *text = list->count ? list->item[0] : "";
  for (size_t i = 1; i < list->count; i++)
    text = pm_format(arena, "%s, %s", text, list->item[i]);
  return text;
}

const char *pm_option_text(pm_arena *arena, const pm_option *option, const void *settings) {
  const void *field = (const char *)settings + option->offset;
  char first[32], second[32];
  switch (option->type) {
  case PM_FLAG:
    return *(const bool *)field ? "true" : "false";
  case PM_INTEGER:
    return pm_format(arena, "%lld", (long long)*(const int64_t *)field);
  case PM_UNSIGNED:
    return pm_format(arena, "%llu", (unsigned long long)*(const uint64_t *)field);
  case PM_REAL:
    if (isnan(*(const double *)field))
      return option->choices;
    return pm_copy_text(arena, pm_write_real(first, *(const double *)field));
  case PM_TEXT:
  case PM_TARGET:
    return *(const char *const *)field ? *(const char *const *)field : "";
  case PM_CHOICE:
    return choice_name(arena, option->choices, *(const int *)field);
  case PM_SPAN:
    return pm_format(arena, "%s:%s", pm_write_real(first, ((const double *)field)[0]),
                     pm_write_real(second, ((const double *)field)[1]));
  case PM_COLOUR: {
    const unsigned char *rgb = field;
    return pm_format(arena, "%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  }
  case PM_SIZE_2D: {
    const int64_t *size = field;
    return size[0] == size[1] ? pm_format(arena, "%lld", (long long)size[0])
                              : pm_format(arena, "%lldx%lld", (long long)size[0], (long long)size[1]);
  }
  case PM_LIST:
    return list_text(arena, field);
  }
  assert(!"a type of option");
  return "";
}

const pm_option *pm_option_find(const pm_option *table, const char *name) {
  for (const pm_option *option = table; option->name; option++)
    if (strcmp(option->name, name) == 0)
      return option;
  return NULL;
}

const char *pm_option_suggest(const pm_option *table, const char *name) {
  const char *nearest = NULL;
  size_t best = near_enough(name) + 1;
  for (const pm_option *option = table; option->name; option++) {
    const char *dot = strrchr(option->name, '.');
    size_t off = distance(name, option->name, strlen(option->name));
    /* "batch" for "training.batch" */
    if (dot && strcasecmp(dot + 1, name) == 0 && off > 1)
      off = 1;
    if (off < best) {
      best = off;
      nearest = option->name;
    }
  }
  return nearest;
}
