#include "check.h"

#include "core/options.h"
#include "core/tasks.h"

#include <math.h>

typedef struct {
  int64_t scale, any;
  uint64_t big;
  double rate, gain, share;
  double density[2];
  int64_t tile[2];
  const char *caption;
  int optimizer, sampler;
  bool grid, flip;
  unsigned char background[3];
  pm_text_list set;
  double key_rate;
  pm_common common;
} settings;

#define AT(field) offsetof(settings, field)
static const pm_option options[] = {
    {"scale", 'S', PM_INTEGER, AT(scale), "8", 1, 64, NULL, "N", "pixels a side for each pixel"},
    {"any", 0, PM_INTEGER, AT(any), "-5", 0, 0, NULL, NULL, "any integer"},
    {"big", 0, PM_UNSIGNED, AT(big), NULL, 0, 0, NULL, NULL, "a large number"},
    {"rate", 'r', PM_REAL, AT(rate), "1e-3", 0, 1, NULL, NULL, "step size"},
    {"gain", 0, PM_REAL, AT(gain), "0.5", 0, INFINITY, NULL, NULL, "at least nothing"},
    {"density", 0, PM_SPAN, AT(density), "0.15:0.5", 0, 1, NULL, NULL,
     "keep the tiles of which this share of the pixels is not background, which is what most sheets want"},
    {"tile", 0, PM_SIZE_2D, AT(tile), "16", 1, 256, NULL, NULL, "size of a tile"},
    {"caption", 'c', PM_TEXT, AT(caption), NULL, 0, 0, NULL, NULL, "text -- above 'it'"},
    {"optimizer", 0, PM_CHOICE, AT(optimizer), "adamw", 0, 0, "adam|adamw|sgd", NULL, "what takes the steps"},
    {"sampler", 0, PM_CHOICE, AT(sampler), NULL, 0, 0, "ddpm|ddim|dpm-solver|something-else", NULL, "how to sample"},
    {"grid", 'g', PM_FLAG, AT(grid), NULL, 0, 0, NULL, NULL, "draw lines"},
    {"flip", 'f', PM_FLAG, AT(flip), "true", 0, 0, NULL, NULL, "mirror half of them"},
    {"background", 0, PM_COLOUR, AT(background), "102030", 0, 0, NULL, NULL, "what lies behind"},
    {"set", 0, PM_LIST, AT(set), NULL, 0, 0, NULL, "KEY=VALUE", "one setting"},
    {"mirror", 0, PM_REAL, AT(share), "auto", 0, 1, "auto", "X|auto", "how much"},
    {"training.rate", 0, PM_REAL, AT(key_rate), "0.25", 0, 1, NULL, NULL, "a config key"},
    {0}};

static const pm_option keys[] = {
    {"training.batch", 0, PM_INTEGER, AT(scale), "32", 1, 65536, NULL, NULL, "sprites a step"},
    {"augment.flip", 0, PM_FLAG, AT(flip), "true", 0, 0, NULL, NULL, "mirror half of them"},
    {0}};

static const pm_tool tool = {.name = "tester",
                             .summary = "one thing to another",
                             .operands = "[FILE.npy]...",
                             .options = options,
                             .shares = PM_HAS_OUTPUT | PM_HAS_SEED | PM_HAS_THREADS | PM_HAS_DEVICE,
                             .common_offset = AT(common),
                             .min_operands = 0,
                             .max_operands = 2,
                             .description = "It reads what there is and does with it what has to be done, so that the\n"
                                            "lines of this get long enough to be broken.\n\n"
                                            "  as  it\n  stands\n\n.dots, 'quotes', back\\slashes and caf\xc3\xa9s.",
                             .examples = "tester a.npy -o b.npy\ntester --scale 4 - < a.npy\n",
                             .keys = keys};

static pm_arena *arena;
static settings got;

static int set_up(void **state) {
  (void)state;
  arena = pm_arena_new();
  memset(&got, 0xA5, sizeof got); /* every field must be set */
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pm_set_verbosity(0);
  pm_set_threads(0);
  pm_arena_free(arena);
  return 0;
}

/* The command line in one text, divided by blanks. */
static char **parse_for(const pm_tool *which, const char *line, size_t *count) {
  char *text = pm_copy_text(arena, line);
  char **argv = pm_alloc(arena, 64, sizeof *argv);
  int argc = 0;
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
    argv[argc++] = word;
  return pm_options_parse(arena, which, argc, argv, &got, count);
}

static char **parse(const char *line) {
  return parse_for(&tool, line, NULL);
}

static const char *text_of(const char *name) {
  return pm_option_text(arena, pm_option_find(options, name), &got);
}

static void defaults(void **state) {
  (void)state;
  char **operands = parse("tester");
  assert_null(operands[0]);
  assert_string_equal(pm_tool_name(), "tester");
  static const char *const expected[][2] = {
      {"scale", "8"},          {"any", "-5"},    {"big", "0"},    {"rate", "0.001"},        {"gain", "0.5"},
      {"density", "0.15:0.5"}, {"tile", "16"},   {"caption", ""}, {"optimizer", "adamw"},   {"sampler", "ddpm"},
      {"grid", "false"},       {"flip", "true"}, {"set", ""},     {"background", "102030"}, {"training.rate", "0.25"}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    assert_string_equal(text_of(expected[i][0]), expected[i][1]);
  assert_null(got.caption);
  assert_int_equal(got.set.count, 0);
  assert_null(got.common.output);
  assert_int_equal(got.common.seed, 1);
  assert_int_equal(got.common.threads, 0);
  assert_string_equal(got.common.device, "cpu");
  assert_false(got.common.quiet || got.common.verbose);
  assert_int_equal(pm_verbosity(), 0);
}

static void command_lines(void **state) {
  (void)state;
  size_t count = 0;
  char **operands =
      parse_for(&tool, "tester a.npy --scale=4 -r 0.5 - --tile 16x24 -gcText --set a=1 --set b=2", &count);
  assert_int_equal(count, 2);
  assert_string_equal(operands[0], "a.npy");
  assert_string_equal(operands[1], "-");
  assert_null(operands[2]);
  assert_int_equal(got.scale, 4);
  assert_true(got.rate == 0.5);
  assert_int_equal(got.tile[0], 16);
  assert_int_equal(got.tile[1], 24);
  assert_true(got.grid);
  assert_string_equal(got.caption, "Text");
  assert_int_equal(got.set.count, 2);
  assert_string_equal(got.set.item[0], "a=1");
  assert_string_equal(got.set.item[1], "b=2");
  assert_string_equal(text_of("set"), "a=1, b=2");
  parse("tester --sca 4 --scale 5 --no-flip --opt sgd --dens .1:1 --background #FFffFF --any=-7 --big "
        "18446744073709551615");
  assert_int_equal(got.scale, 5); /* the last one wins */
  assert_false(got.flip);
  assert_int_equal(got.optimizer, 2);
  assert_true(got.density[0] == 0.1 && got.density[1] == 1);
  assert_string_equal(text_of("background"), "ffffff");
  assert_int_equal(got.any, -7);
  assert_true(got.big == UINT64_MAX);
  assert_int_equal(got.set.count, 0); /* nothing stays from the call before */
  parse("tester --no-flip --flip");
  assert_true(got.flip);
  operands = parse("tester -- --scale -x");
  assert_string_equal(operands[0], "--scale");
  assert_string_equal(operands[1], "-x");
}

static void common_options(void **state) {
  (void)state;
  parse("tester -o out.npy -s 7 -t 3 --device cuda -v");
  assert_string_equal(got.common.output, "out.npy");
  assert_int_equal(got.common.seed, 7);
  assert_int_equal(got.common.threads, 3);
  assert_int_equal(pm_threads(), 3);
  assert_string_equal(got.common.device, "cuda");
  assert_int_equal(pm_verbosity(), 1);
  parse("tester -q");
  assert_int_equal(pm_verbosity(), -1);
  /* What a tool does not share it does not know. */
  pm_tool bare = tool;
  bare.shares = 0;
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "unknown option '-o'", parse_for(&bare, "tester -o x", NULL));
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "unknown option '--seed'", parse_for(&bare, "tester --seed 1", NULL));
  pm_options_parse(arena, &bare, 1, (char *[]){"tester", NULL}, &got, NULL);
  assert_int_equal(got.common.threads, 0);
}

static void a_word_in_a_numbers_place(void **state) {
  (void)state;
  const pm_option *row = pm_option_find(options, "mirror");
  parse("tester");
  assert_true(isnan(got.share));
  assert_string_equal(pm_option_text(arena, row, &got), "auto");
  parse("tester --mirror 0.25");
  assert_true(got.share == 0.25);
  assert_string_equal(pm_option_text(arena, row, &got), "0.25");
  parse("tester --mirror=0.25 --mirror auto");
  assert_true(isnan(got.share));
}

static void wrong_usage(void **state) {
  (void)state;
  static const char *const wrong[][2] = {
      {"--scale 0", "tester: --scale: '0' is not an integer from 1 to 64"},
      {"-S 65", "tester: --scale: '65' is not an integer from 1 to 64"},
      {"-S 1.5", "'1.5' is not an integer from 1 to 64"},
      {"--any x", "--any: 'x' is not an integer"},
      {"--big -1", "--big: '-1' is not an integer from 0 to 18446744073709551615"},
      {"--rate 2", "--rate: '2' is not a number from 0 to 1"},
      {"--gain -1", "--gain: '-1' is not a number of at least 0"},
      {"--gain nan", "--gain: 'nan' is not a number of at least 0"},
      {"--mirror aut", "--mirror: 'aut' is not a number from 0 to 1, or auto"},
      {"--mirror nan", "--mirror: 'nan' is not a number from 0 to 1, or auto"},
      {"--mirror 2", "--mirror: '2' is not a number from 0 to 1, or auto"},
      {"--density 0.5", "--density: '0.5' is not LOW:HIGH with LOW <= HIGH, numbers from 0 to 1"},
      {"--density 0.5:0.1", "is not LOW:HIGH"},
      {"--density 0.5:", "is not LOW:HIGH"},
      {"--density 0:2", "is not LOW:HIGH"},
      {"--density 0:1:1", "is not LOW:HIGH"},
      {"--tile 16x", "--tile: '16x' is not W or WxH, integers from 1 to 256"},
      {"--tile 16x24x2", "is not W or WxH"},
      {"--tile 0", "is not W or WxH"},
      {"--tile 16x257", "is not W or WxH"},
      {"--optimizer admaw", "'admaw' is not one of adam, adamw, sgd; did you mean 'adamw'?"},
      {"--optimizer lion", "'lion' is not one of adam, adamw, sgd"},
      {"--optimizer adam|adamw", "is not one of"},
      {"--background 12345", "'12345' is not a colour as six hexadecimal digits, rrggbb"},
      {"--scael 4", "unknown option '--scael', did you mean '--scale'?; try 'tester --help'"},
      {"--zzzzzz=4", "tester: unknown option '--zzzzzz'; try 'tester --help'"},
      {"-gz", "unknown option '-z'; try 'tester --help'"},
      {"--training.rate 1", "unknown option '--training.rate'"},
      {"--s 4", "option '--s' is ambiguous: it could be --scale, --sampler, --set, --seed"},
      {"--grid=1", "--grid takes no value"},
      {"--scale", "--scale needs a value: N"},
      {"-o", "--output needs a value: FILE"},
      {"--output=", "--output: is empty, expected FILE"},
      {"--caption=", "--caption: is empty, expected TEXT"},
      {"--threads 1025", "--threads: '1025' is not an integer from 0 to 1024"},
      {"a b c", "unexpected operand 'c'; try 'tester --help'"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    PM_EXPECT_FAIL(PM_WRONG_USAGE, wrong[i][1], parse(pm_format(arena, "tester %s", wrong[i][0])));
  pm_tool needy = tool;
  needy.min_operands = 2;
  needy.operands = "OLD NEW";
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "no operand given, expected OLD NEW", parse_for(&needy, "tester", NULL));
  char *argv[] = {(char[]){"tester"}, (char[]){"a"}, (char[]){""}, NULL}; /* "$unset" in a script */
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "operand 2 is empty, expected OLD NEW",
                 pm_options_parse(arena, &needy, 3, argv, &got, NULL));
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "too few operands, expected OLD NEW", parse_for(&needy, "tester a", NULL));
  PM_EXPECT_FAIL(PM_WRONG_USAGE, "tester: a and b exclude each other; try 'tester --help'",
                 pm_wrong_usage("%s and b exclude each other", "a"));
}

/* Whatever is refused leaves the field as it was. */
static void refusals_change_nothing(void **state) {
  (void)state;
  pm_options_reset(options, &got);
  for (const pm_option *option = options; option->name; option++) {
    if (option->type == PM_TEXT || option->type == PM_LIST)
      continue;
    const char *before = pm_option_text(arena, option, &got);
    char problem[256] = "";
    assert_false(pm_option_set(arena, option, &got, "no such thing", problem));
    assert_non_null(strstr(problem, "'no such thing' is not "));
    assert_false(pm_option_set(arena, option, &got, "", problem));
    assert_string_equal(pm_option_text(arena, option, &got), before);
  }
  /* However long the text, the problem fits, and no character is cut in two. */
  char text[1001], problem[256];
  memset(text, 'x', 1000);
  text[1000] = 0;
  memcpy(text + 79, "\xc3\xa9", 2);
  assert_false(pm_option_set(arena, pm_option_find(options, "scale"), &got, text, problem));
  assert_int_equal(strlen(problem), strlen("'...' is not an integer from 1 to 64") + 79);
  assert_false(pm_option_set(arena, pm_option_find(options, "density"), &got, text, problem));
  assert_false(pm_option_set(arena, pm_option_find(options, "tile"), &got, text, problem));
  assert_false(pm_option_set(arena, pm_option_find(options, "sampler"), &got, text, problem));
}

/* The text of a value reads back as the value. */
static void round_trips(void **state) {
  (void)state;
  static const char *const values[][2] = {{"scale", "64"},
                                          {"any", "9223372036854775807"},
                                          {"any", "-9223372036854775808"},
                                          {"rate", "0.1"},
                                          {"big", "18446744073709551615"},
                                          {"rate", "1e-300"},
                                          {"gain", "1e+300"},
                                          {"density", "0.25:1"},
                                          {"density", "0:0"},
                                          {"tile", "7"},
                                          {"tile", "16x24"},
                                          {"caption", "some text: x=\"y\""},
                                          {"optimizer", "adam"},
                                          {"optimizer", "sgd"},
                                          {"sampler", "something-else"},
                                          {"grid", "true"},
                                          {"grid", "false"},
                                          {"background", "00ff7f"},
                                          {"set", "training.x=[1,2]"},
                                          {"caption", ""}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    const pm_option *option = pm_option_find(options, values[i][0]);
    char problem[256];
    pm_options_reset(options, &got);
    assert_true(pm_option_set(arena, option, &got, values[i][1], problem));
    assert_string_equal(pm_option_text(arena, option, &got), values[i][1]);
  }
  /* Other spellings come out as the one. */
  char problem[256];
  assert_true(pm_option_set(arena, pm_option_find(options, "tile"), &got, "16x16", problem));
  assert_string_equal(text_of("tile"), "16");
  assert_true(pm_option_set(arena, pm_option_find(options, "scale"), &got, "1e1", problem));
  assert_string_equal(text_of("scale"), "10");
}

static void finding(void **state) {
  (void)state;
  assert_ptr_equal(pm_option_find(options, "any"), &options[1]);
  assert_null(pm_option_find(options, "an"));
  assert_string_equal(pm_option_suggest(options, "scaled"), "scale");
  assert_string_equal(pm_option_suggest(options, "CAPTION"), "caption");
  assert_string_equal(pm_option_suggest(options, "density "), "density");
  assert_string_equal(pm_option_suggest(keys, "batch"), "training.batch");
  assert_string_equal(pm_option_suggest(keys, "trainig.batch"), "training.batch");
  assert_null(pm_option_suggest(options, "wholly-different"));
  assert_null(pm_option_suggest(options, ""));
  char name[200];
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = 0;
  assert_null(pm_option_suggest(options, name));
}

static void run_act(void *context) {
  settings own;
  char *argv[] = {"tester", context, NULL};
  pm_options_parse(pm_arena_new(), &tool, 2, argv, &own, NULL);
  printf("not reached\n");
}

static void assert_has(const char *text, const char *part) {
  if (!strstr(text, part))
    fail_msg("no \"%s\" in:\n%s", part, text);
}

static void help(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(run_act, "--help", "", &output), 0);
  assert_string_equal(output.err, "");
  static const char *const parts[] = {
      "Usage: tester [OPTION]... [FILE.npy]...\nOne thing to another.\n\nIt reads",
      "\n  as  it\n  stands\n\n.dots",
      "\n  -S, --scale=N            pixels a side for each pixel (1..64) [8]\n",
      "\n      --any=N              any integer [-5]\n",
      "\n      --gain=X             at least nothing (>= 0) [0.5]\n",
      "\n      --density=LOW:HIGH   keep the tiles",
      "\n      --optimizer=adam|adamw|sgd",
      "\n      --sampler=NAME       how to sample: ddpm, ddim, dpm-solver,\n",
      "\n  -f, --[no-]flip          mirror half of them [on]\n",
      "\n      --set=KEY=VALUE      one setting (may be given more than once)\n",
      "\n  -o, --output=FILE ",
      "\n  -h, --help ",
      "\nConfig keys (--set KEY=VALUE):\n  training.batch=N         sprites a step (1..65536) [32]\n",
      "\n  augment.flip=true|false  mirror half of them [true]\n",
      "\nExamples:\n  tester a.npy -o b.npy\n  tester --scale 4 - < a.npy\n",
      "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 bad input.\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    assert_has(output.out, parts[i]);
  assert_null(strstr(output.out, "training.rate"));
  assert_null(strstr(output.out, "not reached"));
  for (const char *line = output.out; *line; line += strcspn(line, "\n") + 1) {
    size_t length = strcspn(line, "\n");
    if (length > 80 || (length && line[length - 1] == ' ')) /* 79 characters, of which one has two bytes */
      fail_msg("a line is too long or ends in a blank: %.*s", (int)length, line);
  }
  assert_int_equal(check_child(run_act, "-h", "", &output), 0);
  assert_has(output.out, "Usage: ");
  assert_int_equal(check_child(run_act, "--version", "", &output), 0);
  assert_string_equal(output.out, pm_format(arena, "tester (pixelmill) %s\n", pm_version));
  assert_int_equal(check_child(run_act, "--help", "/dev/full", &output), PM_FAILED);
  assert_has(output.err, "No space left on device");
  assert_int_equal(check_child(run_act, "--version", NULL, &output), PM_FAILED);
  assert_int_equal(check_child(run_act, "--nothing", "", &output), PM_WRONG_USAGE);
  assert_string_equal(output.err, "tester: unknown option '--nothing'; try 'tester --help'\n");
}

static void man_page(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(run_act, "--man", "", &output), 0);
  static const char *const parts[] = {".TH \"PIXELMILL\\-TESTER\" 1 ",
                                      "\npixelmill\\-tester \\- one thing to another\n",
                                      "\n.PP\n\\&.dots, \\(aqquotes\\(aq, back\\eslashes and caf\\[u00E9]s.\n",
                                      "\n.nf\n  as  it\n  stands\n.fi\n",
                                      "\n.TP\n\\fB\\-S\\fR, \\fB\\-\\-scale\\fR=\\fIN\\fR\npixels a side",
                                      "\ntext \\-\\- above \\(aqit\\(aq\n",
                                      ".SH CONFIG KEYS\n",
                                      "\n\\fBtraining.batch\\fR=\\fIN\\fR\n",
                                      ".SH EXIT STATUS\n",
                                      ".SH EXAMPLES\n.nf\npixelmill tester a.npy \\-o b.npy\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    assert_has(output.out, parts[i]);
  if (system("command -v groff >/dev/null") != 0)
    return;
  const char *page = check_text_file("page.1", output.out), *warnings = check_path("warnings");
  assert_int_equal(system(pm_format(arena, "groff -man -Tutf8 -ww '%s' >/dev/null 2>'%s'", page, warnings)), 0);
  check_file_is(warnings, "");
}

/* Where the front command started it, tools are named as somebody types them. */
static void called_by_the_front(void **state) {
  (void)state;
  static check_output output;
  setenv("PIXELMILL_FRONT", "1", 1);
  assert_int_equal(check_child(run_act, "--help", "", &output), 0);
  assert_has(output.out, "Usage: pixelmill tester [OPTION]...");
  assert_has(output.out, "\n  pixelmill tester a.npy -o b.npy\n  pixelmill tester --scale 4 - < a.npy\n\n");
  assert_int_equal(check_child(run_act, "--nothing", "", &output), PM_WRONG_USAGE);
  assert_string_equal(output.err, "tester: unknown option '--nothing'; try 'pixelmill tester --help'\n");
  unsetenv("PIXELMILL_FRONT");
}

static void description(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(run_act, "--describe", "", &output), 0);
  static const char *const parts[] = {
      "tool\ttester\tone thing to another\noperands\tfiles npy\noption\tscale\tS\ttext\tpixels",
      "\noption\toptimizer\t-\twords adam adamw sgd\twhat takes the steps\n",
      "\noption\tflip\tf\tflag\tmirror half of them\n",
      "\noption\tno-flip\t-\tflag\tnot: mirror half of them\n",
      "\noption\tset\t-\tsetting\tone setting\n",
      "\noption\tmirror\t-\twords auto\thow much\n",
      "\noption\toutput\to\tfiles\tfile for",
      "\nkey\ttraining.batch\ttext\tsprites a step\n",
      "\nkey\taugment.flip\twords true false\tmirror half of them\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    assert_has(output.out, parts[i]);
  assert_null(strstr(output.out, "training.rate"));
}

/* Memory that runs out at any allocation of a parse ends it in order. */
static void every_allocation_fails_once(void **state) {
  (void)state;
  char *argv[] = {"tester", "a", "--set", "x=1", "-c", "text", "--scale=3", NULL};
  for (size_t n = 1;; n++) {
    pm_arena *own = pm_arena_new();
    settings s;
    pm_fail_allocation(n);
    check_caught.failed = false;
    pm_set_fail_handler(check_catch, NULL);
    if (!setjmp(check_caught.back))
      pm_options_parse(own, &tool, 7, argv, &s, NULL);
    pm_set_fail_handler(NULL, NULL);
    pm_fail_allocation(0);
    pm_arena_free(own);
    if (!check_caught.failed) {
      assert_true(n > 5);
      break;
    }
    assert_int_equal(check_caught.status, PM_FAILED);
    assert_has(check_caught.line, "out of memory");
  }
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {CASE(defaults),
                                     CASE(command_lines),
                                     CASE(a_word_in_a_numbers_place),
                                     CASE(wrong_usage),
                                     CASE(common_options),
                                     CASE(finding),
                                     CASE(refusals_change_nothing),
                                     CASE(round_trips),
                                     CASE(help),
                                     CASE(man_page),
                                     CASE(called_by_the_front),
                                     CASE(description),
                                     CASE(every_allocation_fails_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
