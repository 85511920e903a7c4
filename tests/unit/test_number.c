#include "check.h"

#include "core/number.h"
#include "core/random.h"

#include <float.h>
#include <locale.h>
#include <math.h>

static void integers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"7", 7},
              {"007", 7},
              {"-12", -12},
              {"1e3", 1000},
              {"1E3", 1000},
              {"1e+3", 1000},
              {"2.5e1", 25},
              {"12.0", 12},
              {"5.", 5},
              {"1000e-3", 1},
              {"0.001e3", 1},
              {"0e999999999999", 0},
              {"0.000", 0},
              {"9007199254740993", 9007199254740993},
              {"9223372036854775807", INT64_MAX},
              {"-9223372036854775808", INT64_MIN},
              {"922337203685477580700e-2", INT64_MAX},
              {"00000000000000000000000000000000000000001", 1}};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    int64_t value = -99;
    if (!pm_parse_integer(good[i].text, INT64_MIN, INT64_MAX, &value) || value != good[i].value)
      fail_msg("'%s' gave %lld", good[i].text, (long long)value);
  }
  static const char *const bad[] = {"",
                                    " 1",
                                    "1 ",
                                    "+1",
                                    "--1",
                                    "-",
                                    ".",
                                    "-.",
                                    "e3",
                                    "1e",
                                    "1e+",
                                    "1.5",
                                    "1e-1",
                                    "0x10",
                                    "1x",
                                    "inf",
                                    "nan",
                                    "1,5",
                                    "1_000",
                                    "1.2.3",
                                    "1e1.5",
                                    "1e99999999999999999999",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "99999999999999999999999999",
                                    "0.1",
                                    "1\n",
                                    "\xd9\xa1"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    int64_t value = -99;
    if (pm_parse_integer(bad[i], INT64_MIN, INT64_MAX, &value))
      fail_msg("'%s' was taken as %lld", bad[i], (long long)value);
    assert_int_equal(value, -99); /* not touched */
  }
  assert_false(pm_parse_integer(NULL, 0, 9, &(int64_t){0}));
}

static void integer_ranges(void **state) {
  (void)state;
  int64_t value;
  assert_true(pm_parse_integer("1", 1, 64, &value));
  assert_true(pm_parse_integer("64", 1, 64, &value));
  assert_false(pm_parse_integer("0", 1, 64, &value));
  assert_false(pm_parse_integer("65", 1, 64, &value));
  assert_false(pm_parse_integer("-1", 0, 64, &value));
}

static void unsigneds(void **state) {
  (void)state;
  uint64_t value;
  assert_true(pm_parse_unsigned("18446744073709551615", UINT64_MAX, &value));
  assert_true(value == UINT64_MAX);
  assert_false(pm_parse_unsigned("18446744073709551616", UINT64_MAX, &value));
  assert_false(pm_parse_unsigned("20000000000000000000", UINT64_MAX, &value));
  assert_false(pm_parse_unsigned("-1", UINT64_MAX, &value));
  assert_true(pm_parse_unsigned("-0", UINT64_MAX, &value));
  assert_true(value == 0);
  assert_true(pm_parse_unsigned("255", 255, &value));
  assert_false(pm_parse_unsigned("256", 255, &value));
}

static void reals(void **state) {
  (void)state;
  double value = 0;
  assert_true(pm_parse_real("0.15", 0, 1, &value));
  assert_true(value == 0.15);
  assert_true(pm_parse_real("1e-3", 0, 1, &value));
  assert_true(value == 1e-3);
  assert_true(pm_parse_real(".5", 0, 1, &value));
  assert_true(value == 0.5);
  assert_true(pm_parse_real("-2.5E+1", -INFINITY, INFINITY, &value));
  assert_true(value == -25);
  assert_true(pm_parse_real("4.9e-324", 0, 1, &value)); /* the smallest there is */
  assert_true(value == 4.9e-324);
  assert_true(pm_parse_real("1e-999", 0, 1, &value));
  assert_true(value == 0);
  assert_false(pm_parse_real("1.0000001", 0, 1, &value));
  assert_false(pm_parse_real("-1e-9", 0, 1, &value));
  static const char *const bad[] = {"",    "inf", "nan", "-inf", "infinity", "0x1p3", "1e999",
                                    "1,5", " 1",  "1 ",  "+1",   "1f",       "1e",    "."};
  value = 42;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (pm_parse_real(bad[i], -INFINITY, INFINITY, &value))
      fail_msg("'%s' was taken as %g", bad[i], value);
  assert_true(value == 42);
}

static void colours(void **state) {
  (void)state;
  unsigned char rgb[3] = {1, 2, 3};
  static const char *const bad[] = {"",       "#",    "12345",    "1234567",  "##12345", "12345g",
                                    "#ff",    "fg0",  "##fff",    "#ffff",    " 123456", "0x1234",
                                    "12345 ", "fff ", "12345678", "123456789"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(pm_parse_colour(bad[i], rgb));
  assert_memory_equal(rgb, ((unsigned char[]){1, 2, 3}), 3);
  assert_true(pm_parse_colour("#09aFfF", rgb));
  assert_memory_equal(rgb, ((unsigned char[]){0x09, 0xaf, 0xff}), 3);
  assert_true(pm_parse_colour("ABCDEF", rgb));
  assert_memory_equal(rgb, ((unsigned char[]){0xab, 0xcd, 0xef}), 3);
  assert_true(pm_parse_colour("#0F8", rgb));
  assert_memory_equal(rgb, ((unsigned char[]){0, 0xff, 0x88}), 3);
  unsigned char rgba[4] = {9, 9, 9, 9};
  assert_int_equal(pm_parse_channels("#102030", rgba), 3);
  assert_memory_equal(rgba, ((unsigned char[]){0x10, 0x20, 0x30, 9}), 4);
  assert_int_equal(pm_parse_channels("01020304", rgba), 4);
  assert_memory_equal(rgba, ((unsigned char[]){1, 2, 3, 4}), 4);
  assert_int_equal(pm_parse_channels("1234", rgba), 4);
  assert_memory_equal(rgba, ((unsigned char[]){0x11, 0x22, 0x33, 0x44}), 4);
  assert_int_equal(pm_parse_channels("1234567", rgba), 0);
}

static void known_texts(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *text;
  } real[] = {{0, "0"},
              {-0.0, "-0"},
              {0.1, "0.1"},
              {1.0 / 3, "0.3333333333333333"},
              {24000, "24000"},
              {1e-3, "0.001"},
              {0.1 + 0.2, "0.30000000000000004"},
              {1e22, "1e+22"},
              {4.9e-324, "5e-324"},
              {DBL_MAX, "1.7976931348623157e+308"},
              {DBL_MIN, "2.2250738585072014e-308"},
              {INFINITY, "inf"},
              {-INFINITY, "-inf"},
              {(double)NAN, "nan"},
              {-(double)NAN, "nan"}};
  char text[32];
  for (size_t i = 0; i < sizeof real / sizeof *real; i++)
    assert_string_equal(pm_write_real(text, real[i].value), real[i].text);
  assert_string_equal(pm_write_float(text, 0.1f), "0.1");
  assert_string_equal(pm_write_float(text, 1.0f / 3), "0.33333334");
  assert_string_equal(pm_write_float(text, 16777216.0f), "16777216");
  assert_string_equal(pm_write_float(text, 1e-45f), "1e-45");
  assert_string_equal(pm_write_float(text, FLT_MAX), "3.4028235e+38");
  assert_string_equal(pm_write_float(text, -INFINITY), "-inf");
}

/* Any bits, written and read back, are the same bits; no text with one digit less reads back. */
static void round_trips(void **state) {
  (void)state;
  pm_rng rng = pm_rng_start(1, "number", 0);
  char text[32], shorter[400];
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = (uint64_t)pm_rng_u32(&rng) << 32 | pm_rng_u32(&rng);
    if (i % 4 == 0)
      bits &= ~(UINT64_C(0x7ff) << 52); /* denormal */
    double value, back = 0;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
      continue;
    assert_true(pm_parse_real(pm_write_real(text, value), -INFINITY, INFINITY, &back));
    assert_memory_equal(&back, &value, sizeof value);
    const char *first = text + strspn(text, "-0.");
    int digits = (int)strcspn(first, "e") - (strcspn(first, ".") < strcspn(first, "e"));
    snprintf(shorter, sizeof shorter, "%.*e", digits > 1 ? digits - 2 : 0, value);
    if (digits > 1 && strchr(text, '.') && strtod(shorter, NULL) == value)
      fail_msg("%s is longer than need be: %s", text, shorter);
    uint32_t small = (uint32_t)bits;
    float narrow, narrow_back;
    memcpy(&narrow, &small, sizeof narrow);
    if (!isfinite(narrow))
      continue;
    narrow_back = strtof(pm_write_float(text, narrow), NULL);
    assert_memory_equal(&narrow_back, &narrow, sizeof narrow);
  }
}

/* Where the machine has the sources of locales and no German one made of them. */
static const char *make_locale(void) {
  char command[600];
  snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s' >/dev/null 2>&1", check_path("de_DE.UTF-8"));
  if (system(command) != 0)
    return NULL;
  setenv("LOCPATH", check_folder(), 1);
  return setlocale(LC_ALL, "de_DE.UTF-8");
}

/* A locale with a comma for the point changes nothing. */
static void other_locale(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8", "nl_NL.UTF-8"};
  const char *found = NULL;
  for (size_t i = 0; !found && i < sizeof names / sizeof *names; i++)
    found = setlocale(LC_ALL, names[i]);
  if (!found)
    found = make_locale();
  if (!found)
    skip(); /* no such locale on this machine */
  char text[32];
  double value = 0;
  snprintf(text, sizeof text, "%.1f", 0.5);
  assert_string_equal(text, "0,5");
  bool right = strcmp(pm_write_real(text, 0.5), "0.5") == 0 && strcmp(pm_write_float(text, 0.25f), "0.25") == 0 &&
               pm_parse_real("1.5", 0, 2, &value) && value == 1.5 && !pm_parse_real("1,5", 0, 2, &value);
  setlocale(LC_ALL, "C");
  assert_true(right);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers),    cmocka_unit_test(integer_ranges), cmocka_unit_test(unsigneds),
      cmocka_unit_test(reals),       cmocka_unit_test(colours),        cmocka_unit_test(known_texts),
      cmocka_unit_test(round_trips), cmocka_unit_test(other_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
