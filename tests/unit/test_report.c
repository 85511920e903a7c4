/* What the report is made of: escaped text, base64, tables, the ranks of scores, curves. */
#include "check.h"

#include "report/chart.h"
#include "report/html.h"
#include "report/table.h"

#include <math.h>

static pm_arena *arena;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_arena_free(arena);
  return 0;
}

/* What was written to the file "out" since pm_output_open. */
static const char *written(pm_output *out) {
  pm_output_commit(out);
  return (const char *)pm_read_file(arena, check_path("out"), 1 << 20, NULL);
}

static pm_output *open_out(void) {
  return pm_output_open(arena, check_path("out"), false);
}

static void text_is_escaped(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"plain: ä × 🙂", "plain: ä × 🙂"},
      {"<a href='x'>\"&amp;\"", "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;&quot;"},
      {"tab\tand\nline", "tab\tand\nline"},
      {"\x01\x1f\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xff<\xc3", "\xef\xbf\xbd&lt;\xef\xbf\xbd"},          /* no UTF-8, and a character that is cut */
      {"\xef\xbf\xbe \xc2\x85", "\xef\xbf\xbd \xef\xbf\xbd"}, /* U+FFFE, U+0085 */
      {"", ""}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    pm_output *out = open_out();
    pm_html_text(out, pairs[i][0]);
    assert_string_equal(written(out), pairs[i][1]);
  }
  pm_output *out = open_out();
  pm_html(out, "<p title=\"%s\">100 %% %s</p>", "a\"b", "<%s>");
  assert_string_equal(written(out), "<p title=\"a&quot;b\">100 % &lt;%s&gt;</p>");
}

/* RFC 4648, section 10. */
static void base64(void **state) {
  (void)state;
  static const char *const codes[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (size_t n = 0; n < 7; n++) {
    pm_output *out = open_out();
    pm_html_data(out, "text/plain", (const unsigned char *)"foobar", n);
    assert_string_equal(written(out), pm_format(arena, "data:text/plain;base64,%s", codes[n]));
  }
  pm_output *out = open_out();
  pm_html_data(out, "a", (const unsigned char *)"\xfb\xff\xfe", 3);
  assert_string_equal(written(out), "data:a;base64,+//+");
}

static void tables(void **state) {
  (void)state;
  pm_table t = pm_table_read(arena, check_text_file("t", "step\tloss\theld out\n1\t0.5\t\n2\t-1e-3\tx\n"));
  assert_int_equal(t.columns, 3);
  assert_int_equal(t.rows, 2);
  assert_string_equal(t.name[2], "held out");
  assert_string_equal(pm_table_cell(&t, 0, 2), "");
  assert_true(pm_table_number(arena, &t, 1, 1) == -1e-3);
  assert_string_equal(pm_base_name(pm_table_place(arena, &t, 1)), "t:3");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "t:3: held out is 'x', expected a number", pm_table_number(arena, &t, 1, 2));
  t = pm_table_read(arena, check_text_file("names", "alone\n"));
  assert_true(t.columns == 1 && t.rows == 0);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "e: is empty", pm_table_read(arena, check_text_file("e", "")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "c:2: ends in", pm_table_read(arena, check_text_file("c", "a\tb\n1\t2")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "f:3: 1 fields", pm_table_read(arena, check_text_file("f", "a\tb\n1\t2\n3\n")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "z: is of an unknown kind, expected a table (.tsv)",
                 pm_table_read(arena, check_file("z", "a\tb\n1\0\t2\n", 9)));
  char zero[100];
  memset(zero, '1', sizeof zero);
  memcpy(zero + sizeof zero - 4, "\n2\0\n", 4);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "z:2: a zero byte", pm_table_read(arena, check_file("z", zero, sizeof zero)));
  char wide[PM_TABLE_COLUMNS + 2];
  memset(wide, '\t', sizeof wide);
  wide[PM_TABLE_COLUMNS] = '\n';
  PM_EXPECT_FAIL(PM_BAD_INPUT, "w:1: 65 fields", pm_table_read(arena, check_file("w", wide, PM_TABLE_COLUMNS + 1)));
}

static pm_score_line line_of(double value, double low, double high, pm_score_end better) {
  return (pm_score_line){
      .measure = "m", .value = value, .interval = low <= high, .low = low, .high = high, .better = better};
}

static void ranks(void **state) {
  (void)state;
  static const struct {
    pm_score_end better;
    double score[3][3]; /* value, low, high; no interval where low > high */
    pm_score_rank want[3];
  } cases[] = {
      {PM_END_LOWER, {{1, 0.9, 1.1}, {2, 1.9, 2.1}, {1.05, 1, 1.2}}, {PM_RANK_BEST, PM_RANK_PLAIN, PM_RANK_NEAR}},
      {PM_END_HIGHER, {{1, 0.9, 1.1}, {2, 1.9, 2.1}, {2, 1, 3}}, {PM_RANK_PLAIN, PM_RANK_BEST, PM_RANK_BEST}},
      {PM_END_HIGHER, {{1, 1, 0}, {2, 1, 0}, {1.9, 1, 3}}, {PM_RANK_PLAIN, PM_RANK_BEST, PM_RANK_PLAIN}},
      {PM_END_LOWER, {{-1, -2, 0}, {-0.5, 0, 1}, {3, 0.1, 5}}, {PM_RANK_BEST, PM_RANK_NEAR, PM_RANK_PLAIN}},
      {PM_END_NONE, {{1, 0, 2}, {2, 1, 3}, {3, 2, 4}}, {PM_RANK_PLAIN, PM_RANK_PLAIN, PM_RANK_PLAIN}},
      {PM_END_LOWER, {{4, 0, 9}, {4, 0, 9}, {4, 0, 9}}, {PM_RANK_PLAIN, PM_RANK_PLAIN, PM_RANK_PLAIN}},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    pm_score_line line[3];
    pm_score_lines scores[3];
    for (size_t i = 0; i < 3; i++) {
      const double *s = cases[k].score[i];
      line[i] = line_of(s[0], s[1], s[2], cases[k].better);
      scores[i] = (pm_score_lines){1, &line[i]};
    }
    for (size_t i = 0; i < 3; i++)
      assert_int_equal(pm_score_lines_rank(scores, 3, i, "m"), cases[k].want[i]);
    assert_int_equal(pm_score_lines_rank(scores, 1, 0, "m"), PM_RANK_PLAIN); /* alone */
    assert_int_equal(pm_score_lines_rank(scores, 3, 0, "other"), PM_RANK_PLAIN);
  }
}

static void less_than_chance_is_chance(void **state) {
  (void)state;
  pm_score_line line[] = {line_of(0.46, 0.4, 0.5, PM_END_LOWER), line_of(0.5, 0.49, 0.51, PM_END_LOWER),
                          line_of(0.62, 0.6, 0.64, PM_END_LOWER)};
  const pm_score_rank want[] = {PM_RANK_BEST, PM_RANK_BEST, PM_RANK_PLAIN};
  pm_score_lines scores[3];
  for (size_t i = 0; i < 3; i++) {
    line[i].measure = "two-sample";
    scores[i] = (pm_score_lines){1, &line[i]};
  }
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(pm_score_lines_rank(scores, 3, i, "two-sample"), want[i]);
}

/* ---- curves ---- */

static pm_series series_of(size_t n, double (*value)(double step)) {
  pm_series s = {.name = "s",
                 .count = n,
                 .step = pm_alloc(arena, n, sizeof *s.step),
                 .value = pm_alloc(arena, n, sizeof *s.value)};
  for (size_t i = 0; i < n; i++) {
    s.step[i] = (double)(i + 1);
    s.value[i] = value(s.step[i]);
  }
  return s;
}

static double falling(double step) {
  return 100 / step;
}
static double constant(double step) {
  (void)step;
  return 0.25;
}
static double crossing_zero(double step) {
  return 50 - step;
}
static double tiny(double step) {
  return 1e-30 * step;
}

static const char *chart_of(const pm_series *first, const pm_series *second) {
  pm_chart c = {.id = "c",
                .title = "loss <1>",
                .curves = second ? 2 : 1,
                .curve = {first, second},
                .label = {"training", "held out"}};
  pm_output *out = open_out();
  pm_chart_write(arena, out, &c);
  return written(out);
}

/* Every number in the paths lies inside the picture, and none is missing. */
static void expect_inside(const char *svg) {
  size_t numbers = 0;
  assert_null(strstr(svg, "nan"));
  assert_null(strstr(svg, "inf\""));
  for (const char *d = svg; (d = strstr(d, " d=\""));) {
    d += 4;
    while (*d != '"') {
      char *end;
      double number = strtod(d, &end);
      if (end > d) {
        assert_true(number >= 0 && number <= 400);
        numbers++;
      }
      d = end > d ? end : d + 1;
    }
  }
  assert_true(numbers > 4);
}

static void curves(void **state) {
  (void)state;
  pm_series few = series_of(3, falling), many = series_of(20000, falling), flat = series_of(7, constant),
            below = series_of(100, crossing_zero), one = series_of(1, falling), small = series_of(50, tiny),
            zero = {.name = "z", .count = 1, .step = (double[]){1}, .value = (double[]){0}};
  const pm_series *all[] = {&few, &many, &flat, &below, &one, &small, &zero};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
      expect_inside(chart_of(all[i], all[k]));
  const char *svg = chart_of(&many, &few);
  assert_true(strlen(svg) < 16000); /* however many steps there are */
  assert_non_null(strstr(svg, "class=\"band\""));
  assert_non_null(strstr(svg, "loss &lt;1&gt;"));
  assert_non_null(strstr(svg, "training: 100 at step 1, 0.005 at step 20000; least 0.005 at step 20000."));
  assert_non_null(strstr(svg, "logarithmic"));
  assert_null(strstr(chart_of(&below, NULL), "; logarithmic"));
  assert_null(strstr(chart_of(&few, NULL), "class=\"band\""));
}

/* Values that a double cannot tell apart by a step of the axis, or whose distance it cannot hold. */
static void curves_at_the_ends_of_doubles(void **state) {
  (void)state;
  static const double pairs[][2] = {{1e17, 100000000000000016},
                                    {-1e17, -100000000000000016},
                                    {-1e308, 1.7e308},
                                    {1e308, 1.7e308},
                                    {-1.7e308, -1e308},
                                    {0, 5e-324},
                                    {5e-324, 1e308},
                                    {1e-300, 1e300},
                                    {1, 1 + 1e-13}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    pm_series s = {.name = "s", .count = 2, .step = (double[]){1, 2}, .value = (double[]){pairs[i][0], pairs[i][1]}};
    const char *svg = chart_of(&s, NULL);
    assert_true(strlen(svg) < 4000);
    expect_inside(svg);
  }
}

/* On a logarithmic axis equal ratios are equally far apart. */
static void logarithms(void **state) {
  (void)state;
  pm_series s = {.name = "s", .count = 3, .step = (double[]){0, 1, 2}, .value = (double[]){1, 10, 100}};
  const char *at = strstr(chart_of(&s, NULL), "class=\"first\" d=\"M");
  double x, y[3];
  assert_non_null(at);
  assert_int_equal(sscanf(at, "class=\"first\" d=\"M%lf %lfL%lf %lfL%lf %lf", &x, &y[0], &x, &y[1], &x, &y[2]), 6);
  assert_true(y[0] - y[1] > 50);
  assert_true(fabs((y[0] - y[1]) - (y[1] - y[2])) <= 0.2);
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {CASE(text_is_escaped),
                                     CASE(base64),
                                     CASE(tables),
                                     CASE(ranks),
                                     CASE(less_than_chance_is_chance),
                                     CASE(curves),
                                     CASE(curves_at_the_ends_of_doubles),
                                     CASE(logarithms)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
