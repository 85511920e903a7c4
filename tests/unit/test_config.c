#include "mutate.h"

#include "core/file.h"
#include "io/config.h"

#include <time.h>

static pm_config from_text(const char *text) {
  return pm_config_parse(arena, pm_copy_text(arena, text), strlen(text), "run.yaml");
}

static void reads(pm_arena *in, const char *path) {
  size_t length;
  const char *text = (const char *)pm_read_file(in, path, 1 << 20, &length);
  pm_config_parse(in, text, length, path);
}

/* "key=value@place; ..." */
static void holds(pm_config config, const char *expected) {
  const char *text = "";
  for (size_t i = 0; i < config.entries; i++)
    text = pm_format(arena, "%s%s%s=%s@%s", text, i ? "; " : "", config.entry[i].key, config.entry[i].value,
                     config.entry[i].place);
  assert_string_equal(text, expected);
}

static void values(void **state) {
  (void)state;
  holds(
      from_text("# first\nname: vae-mse\ntraining: {epochs: 1000, rate: 1e-3}\nmodel:\n  latent: 32\n  a.b: 'it''s'\n"),
      "name=vae-mse@run.yaml:2; training.epochs=1000@run.yaml:3; training.rate=1e-3@run.yaml:3; "
      "model.latent=32@run.yaml:5; model.a.b=it's@run.yaml:6");
  holds(from_text("---\na: [1, two, '3, 4']\nb: []\nc:\n- x\n- y\n...\n"),
        "a=1, two, 3, 4@run.yaml:2; b=@run.yaml:3; c=x, y@run.yaml:4");
  holds(from_text("a:\nb: null\nc: ~\nd: \"null\"\ne: ''\nf: \"tab\\t\\u00e9\"\n"),
        "a=@run.yaml:1; b=@run.yaml:2; c=@run.yaml:3; d=null@run.yaml:4; e=@run.yaml:5; f=tab\t\xc3\xa9@run.yaml:6");
  holds(from_text("a: 0.15:0.50\nb: true\r\nc: 00ff00\n"),
        "a=0.15:0.50@run.yaml:1; b=true@run.yaml:2; c=00ff00@run.yaml:3");
  const char *marked = check_file("marked.yaml", "\xef\xbb\xbf# Windows\r\na: 1\r\n", 20);
  holds(pm_config_read(arena, marked, NULL, NULL, NULL), pm_format(arena, "a=1@%s:2", marked));
  holds(from_text(""), "");
  holds(from_text("# nothing\n"), "");
  holds(from_text("{}\n"), "");
  holds(from_text("a: {}\n"), "");
}

static void refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } bad[] = {
      {"a: 1\nb: 2\na: 3\n", "run.yaml:3: the key 'a' was given before, in line 1"},
      {"a:\n  b: 1\n  b: 2\n", "run.yaml:3: the key 'a.b' was given before, in line 2"},
      {"a: {b: 1}\na.b: 2\n", "run.yaml:2: the key 'a.b' was given before"},
      {"a: {}\na: 1\n", "run.yaml:2: the key 'a'"},
      {"a: &x 1\nb: *x\n", "run.yaml:1: has an anchor or a tag"},
      {"a: &x {b: 1}\n", "has an anchor"},
      {"&x a: 1\n", "has an anchor"},
      {"a: *x\n", "run.yaml:1: has an alias"},
      {"*x : 1\n", "has an alias"},
      {"a: [*x]\n", "more than plain values"},
      {"a: !!int 1\n", "has an anchor or a tag"},
      {"a: !x {b: 1}\n", "has an anchor or a tag"},
      {"a: ! 1\n", "has an anchor or a tag"},
      {"%YAML 1.1\n---\na: 1\n", "a YAML directive"},
      {"%TAG ! tag:x,2000:\n---\na: 1\n", "a YAML directive"},
      {"a: 1\n---\nb: 2\n", "run.yaml:2: has a second document"},
      {"a: 1\n...\n---\n", "second document"},
      {"- a\n- b\n", "run.yaml:1: is not a mapping"},
      {"hello\n", "run.yaml:1: is not a mapping"},
      {"a: [[1]]\n", "the list 'a' holds more than plain values"},
      {"a: [{b: 1}]\n", "the list 'a' holds more than plain values"},
      {"? [a]\n: 1\n", "a key that is a list"},
      {"a b: 1\n", "'a b' cannot be a key"},
      {"'': 1\n", "'' cannot be a key"},
      {"~: 1\n", "'' cannot be a key"},
      {"a..b: 1\n", "cannot be a key"},
      {".a: 1\n", "cannot be a key"},
      {"<<: {a: 1}\n", "cannot be a key"},
      {"a: [1, 2\n", "run.yaml:2: is not YAML"},
      {"a: 1\n\tb: 2\n", "run.yaml:2: is not YAML: a tab stands where the line is indented, expected blanks"},
      {"a:\n  \tb: 2\n", "run.yaml:2: is not YAML: a tab stands where the line is indented"},
      {"a: 1\nb: @x\n", "run.yaml:2: is not YAML: found character that cannot start any token"},
      {"a: 'x\n", "is not YAML"},
      {"a: \"\\q\"\n", "run.yaml:1: is not YAML"},
      {"a: \x01\n", "is not YAML"},
      {"a: \xff\n", "is not YAML"},
      {"a: \"\\0\"\n", "zero byte"},
      {"defaults: [base]\n", "cannot have defaults"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    PM_EXPECT_FAIL(PM_BAD_INPUT, bad[i].says, from_text(bad[i].text));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "zero byte", pm_config_parse(arena, "a: \0 1\n", 7, "x"));
}

static const char *repeat(const char *text, size_t n) {
  size_t length = strlen(text);
  char *all = pm_alloc(arena, n * length + 1, 1);
  for (size_t i = 0; i < n; i++)
    memcpy(all + i * length, text, length);
  return all;
}

/* a: {a: {a: … 1 …}}, n mappings deep with the outermost. */
static const char *flow(size_t n) {
  return pm_format(arena, "%sa: 1%s\n", repeat("a: {", n - 1), repeat("}", n - 1));
}

/* The same by indentation. */
static const char *block(size_t n) {
  const char *text = "";
  for (size_t i = 0; i < n; i++)
    text = pm_format(arena, "%s%*sa:%s\n", text, (int)i, "", i + 1 == n ? " 1" : "");
  return text;
}

static void nesting(void **state) {
  (void)state;
  assert_int_equal(from_text(flow(32)).entries, 1);
  assert_int_equal(from_text(block(32)).entries, 1);
  assert_int_equal(strlen(from_text(block(32)).entry[0].key), 63);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: is nested deeper than the 32 levels", from_text(flow(33)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:33: is nested deeper than the 32 levels", from_text(block(33)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(pm_format(arena, "a: %s", repeat("[", 33))));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(repeat("- ", 40)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(repeat("? ", 40)));
  /* Brackets in quotes, comments and words are no nesting, and closing ones there hide none. */
  const char *many = repeat("[", 60), *closing = repeat("]", 60);
  from_text(pm_format(arena, "a: '%s' # %s\nb: \"\\\"%s\"\n", many, many, many));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(pm_format(arena, "a: \"%s\"\nb: %s", closing, many)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(pm_format(arena, "a: 'x' # %s\nb: %s", closing, many)));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "nested deeper", from_text(pm_format(arena, "a: it's %s\nb: %s", closing, many)));
}

/* A quote inside a word begins none, but the quick check takes it for one: the exact one then counts. */
static void nesting_hidden(void **state) {
  (void)state;
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: is nested deeper than the 32 levels",
                 from_text(pm_format(arena, "a: {x: y \", %sd: 1%s}\n", repeat("c: {", 40), repeat("}", 40))));
}

/* What takes libyaml minutes takes us no time. */
static void bombs(void **state) {
  (void)state;
  static const char *const pieces[] = {"[",         "{",       "- ", "? ",  "a: {", "[\n",  "{a: ", "'a' \"[",
                                       "\"] [\" [", "a \"[\n", "! ", "&a ", "-\n ", "[a, ", "{? "};
  clock_t start = clock();
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    const char *text = repeat(pieces[i], 65000 / strlen(pieces[i]));
    PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml", from_text(text));
    PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml", from_text(pm_format(arena, "a: %s", text)));
  }
  const char *keys = "";
  for (int i = 0; i < 1025; i++)
    keys = pm_format(arena, "%sk%d: 1\n", keys, i);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1025: has more than the 1024 keys", from_text(keys));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "holds 65537 bytes, expected at most 65536", from_text(repeat("#", 65537)));
  holds(from_text(repeat("#", 65536)), "");
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
}

/* ---- settings ---- */

typedef struct {
  bool flag;
  int64_t integer;
  uint64_t number;
  double real;
  const char *text, *other;
  int choice;
  double span[2];
  unsigned char colour[3];
  int64_t size[2];
  pm_text_list list;
} settings;

static const pm_option table[] = {
    {"flag", 0, PM_FLAG, offsetof(settings, flag), NULL, 0, 0, NULL, NULL, ""},
    {"training.batch", 0, PM_INTEGER, offsetof(settings, integer), "32", 1, 4096, NULL, NULL, ""},
    {"training.number", 0, PM_UNSIGNED, offsetof(settings, number), "0", 0, 0, NULL, NULL, ""},
    {"training.rate", 0, PM_REAL, offsetof(settings, real), "1e-3", 0, 1, NULL, NULL, ""},
    {"name", 0, PM_TEXT, offsetof(settings, text), NULL, 0, 0, NULL, NULL, ""},
    {"training.deep.other", 0, PM_TEXT, offsetof(settings, other), "x", 0, 0, NULL, NULL, ""},
    {0}};
static const pm_option more[] = {
    {"method", 0, PM_CHOICE, offsetof(settings, choice), "adam", 0, 0, "adam|adamw", NULL, ""},
    {"density", 0, PM_SPAN, offsetof(settings, span), "0:1", 0, 1, NULL, NULL, ""},
    {"colour", 0, PM_COLOUR, offsetof(settings, colour), "000000", 0, 0, NULL, NULL, ""},
    {"training.tile", 0, PM_SIZE_2D, offsetof(settings, size), "16", 1, 4096, NULL, NULL, ""},
    {"list", 0, PM_LIST, offsetof(settings, list), NULL, 0, 0, NULL, NULL, ""},
    {0}};
static const pm_option *const tables[] = {table, more};

static settings applied(pm_config config) {
  settings s;
  void *const structs[] = {&s, &s};
  pm_options_reset(table, &s);
  pm_options_reset(more, &s);
  pm_config_apply(arena, &config, tables, structs, 2);
  return s;
}

static const char *text_of(settings *s) {
  void *const structs[] = {s, s};
  return pm_config_text(arena, tables, structs, 2);
}

static void applies(void **state) {
  (void)state;
  settings s = applied(from_text("training: {batch: 1e2, rate: 1e-4, tile: 8x16}\nname: a b\nmethod: adamw\n"
                                 "density: 0.15:0.50\nflag: true\nlist: [a, 'b, c']\ncolour: FF0080\n"));
  assert_int_equal(s.integer, 100);
  assert_true(s.real == 1e-4 && s.span[0] == 0.15 && s.span[1] == 0.5 && s.flag);
  assert_int_equal(s.size[1], 16);
  assert_string_equal(s.text, "a b");
  assert_int_equal(s.choice, 1);
  assert_int_equal(s.list.count, 2);
  assert_string_equal(s.list.item[1], "b, c");
  s = applied(from_text("training:\n# batch: 3\nname:\n"));
  assert_int_equal(s.integer, 32);
  assert_null(s.text);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:2: unknown key 'training.bach', did you mean 'training.batch'?",
                 applied(from_text("name: x\ntraining: {bach: 3}\n")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: unknown key 'zebra'", applied(from_text("zebra: 3\n")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: unknown key 'training'", applied(from_text("training: 3\n")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: training.batch: '0' is not an integer from 1 to 4096",
                 applied(from_text("training: {batch: 0}\n")));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "run.yaml:1: method: 'sgd' is not one of adam, adamw",
                 applied(from_text("method: sgd")));
}

static void same(const settings *a, const settings *b) {
  assert_true(a->flag == b->flag && a->integer == b->integer && a->number == b->number && a->real == b->real &&
              a->choice == b->choice && a->span[0] == b->span[0] && a->span[1] == b->span[1] &&
              a->size[0] == b->size[0] && a->size[1] == b->size[1]);
  assert_memory_equal(a->colour, b->colour, 3);
  assert_int_equal(a->list.count, b->list.count);
  for (size_t i = 0; i < a->list.count; i++)
    assert_string_equal(a->list.item[i], b->list.item[i]);
  assert_string_equal(a->text ? a->text : "(none)", b->text ? b->text : "(none)");
  assert_string_equal(a->other ? a->other : "(none)", b->other ? b->other : "(none)");
}

static void text_reads_back(void **state) {
  (void)state;
  static const char *const texts[] = {NULL,
                                      "plain",
                                      "two words",
                                      "null",
                                      "~",
                                      "yes",
                                      "1:30",
                                      "a: b",
                                      "a #b",
                                      "- x",
                                      "-x",
                                      "--",
                                      "---",
                                      "...",
                                      "[a",
                                      "{b",
                                      "*c",
                                      "&d",
                                      "!e",
                                      "%f",
                                      "@g",
                                      "`h",
                                      "'i'",
                                      "\"j\"",
                                      "k\\l",
                                      "\n",
                                      "m\n\nn\n",
                                      "\t",
                                      " o ",
                                      "\x7f",
                                      "\x01\x1b",
                                      "\xc3\xa9",
                                      "\xc2\x85",
                                      "\xe2\x80\xa8",
                                      "\xef\xbb\xbf",
                                      "\xef\xbf\xbe",
                                      "\xf0\x9f\x8e\xa8",
                                      ",",
                                      "?",
                                      "? x",
                                      ":",
                                      "|",
                                      ">",
                                      "# p",
                                      "true",
                                      "1e-3",
                                      "0x10",
                                      "path/to/file.npy",
                                      "a,b",
                                      "=",
                                      "<<"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    settings s = {.flag = i % 2,
                  .integer = 1 + (int64_t)i,
                  .number = UINT64_MAX - i,
                  .real = 1.0 / (3 + (double)i),
                  .text = texts[i],
                  .other = texts[(i + 7) % (sizeof texts / sizeof *texts)],
                  .choice = i % 2,
                  .span = {0.1, 1.0 / 3 + 1e-9 * (double)i},
                  .colour = {(unsigned char)i, 255, 0},
                  .size = {1 + (int64_t)i, 16}};
    const char *items[] = {"x", texts[i] ? texts[i] : "", "y, z"};
    s.list = (pm_text_list){items, i % 4, i % 4};
    const char *text = text_of(&s);
    settings back = applied(from_text(text));
    same(&s, &back);
    assert_string_equal(text_of(&back), text);
  }
}

static void text_is_sorted(void **state) {
  (void)state;
  settings s;
  pm_options_reset(table, &s);
  pm_options_reset(more, &s);
  assert_string_equal(text_of(&s), "colour: 000000\ndensity: \"0:1\"\nflag: false\nlist: []\nmethod: adam\nname: \"\"\n"
                                   "training:\n  batch: 32\n  deep:\n    other: x\n  number: 0\n  rate: 0.001\n"
                                   "  tile: 16\n");
  assert_string_equal(pm_config_text(arena, NULL, NULL, 0), "");
}

/* ---- layers ---- */

static const char *folder(void) {
  const char *path = pm_copy_text(arena, check_path("configs"));
  pm_make_folder(pm_format(arena, "%s/presets", path));
  return path;
}

static const char *put(const char *name, const char *text) {
  const char *path = pm_join(arena, folder(), name);
  pm_write_file(arena, path, text, strlen(text));
  return path;
}

static const char *value(const pm_config *config, const char *key) {
  for (size_t i = 0; i < config->entries; i++)
    if (strcmp(config->entry[i].key, key) == 0)
      return pm_format(arena, "%s@%s", config->entry[i].value, pm_base_name(config->entry[i].place));
  return NULL;
}

static void layers(void **state) {
  (void)state;
  put("base.yaml", "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\n");
  put("mid.yaml", "defaults: base\nb: 2\n");
  const char *path = put("run.yaml", "defaults: [mid]\nname: my-run\nc: 3\nd: 3\n");
  put("presets/smoke.yaml",
      "d: 4\ne: 4\nmethods: {vae: {e: 5, f: 5}, ddpm: {a: 9}}\nruns:\n  my-run: {f: 6, g: 6}\n  your-run: {a: 9}\n");
  const char *items[] = {"g=7=7", "h=8"};
  pm_text_list set = {items, 2, 2};
  pm_config config = pm_config_read(arena, path, "smoke", &set, "vae");
  static const char *const expected[][2] = {
      {"a", "1@base.yaml:1"},  {"b", "2@mid.yaml:2"},   {"c", "3@run.yaml:3"},
      {"d", "4@smoke.yaml:1"}, {"e", "5@smoke.yaml:3"}, {"f", "6@smoke.yaml:5"},
      {"g", "7=7@--set"},      {"h", "8@--set"},        {"name", "my-run@run.yaml:2"}};
  assert_int_equal(config.entries, 9);
  for (size_t i = 0; i < 9; i++)
    assert_string_equal(value(&config, expected[i][0]), expected[i][1]);
  config = pm_config_read(arena, path, NULL, NULL, NULL);
  assert_string_equal(value(&config, "d"), "3@run.yaml:4");
  config = pm_config_read(arena, path, "smoke", NULL, NULL);
  assert_string_equal(value(&config, "e"), "4@smoke.yaml:2");
}

/* What a preset says of a run, it says of those laid over it; the nearest wins. */
static void sections_of_the_files_below(void **state) {
  (void)state;
  put("lowest.yaml", "a: 1\nb: 1\nc: 1\n");
  put("lower.yaml", "defaults: [lowest]\n");
  const char *path = put("upper.yaml", "defaults: [lower]\nname: upper\n");
  put("presets/smoke.yaml", "runs:\n  upper: {c: 4}\n  lower: {b: 3, c: 3}\n  lowest: {a: 2, b: 2, c: 2}\n");
  pm_config config = pm_config_read(arena, path, "smoke", NULL, NULL);
  assert_string_equal(value(&config, "a"), "2@smoke.yaml:4");
  assert_string_equal(value(&config, "b"), "3@smoke.yaml:3");
  assert_string_equal(value(&config, "c"), "4@smoke.yaml:2");
}

static void layers_refused(void **state) {
  (void)state;
  put("presets/smoke.yaml", "d: 4\n");
  put("presets/default.yaml", "");
  put("presets/over.yaml", "defaults: [smoke]\n");
  const char *plain = put("plain.yaml", "a: 1\n");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "there is no preset 'smok': ", pm_config_read(arena, plain, "smok", NULL, NULL));
  assert_non_null(strstr(check_caught.line, "/presets holds default, over, smoke"));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "there is no preset '../plain'", pm_config_read(arena, plain, "../plain", NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "over.yaml:1: a preset has no defaults",
                 pm_config_read(arena, plain, "over", NULL, NULL));
  put("one.yaml", "\ndefaults: [two]\n");
  put("two.yaml", "defaults: [one]\n");
  PM_EXPECT_FAIL(PM_BAD_INPUT, "two.yaml:1: the defaults form a cycle",
                 pm_config_read(arena, pm_join(arena, folder(), "one.yaml"), NULL, NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "self.yaml:1: the defaults form a cycle",
                 pm_config_read(arena, put("self.yaml", "defaults: [self]\n"), NULL, NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "lost.yaml:2: the defaults name",
                 pm_config_read(arena, put("lost.yaml", "a: 1\ndefaults: [nowhere]\n"), NULL, NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "the defaults name '../x', expected the name of a file",
                 pm_config_read(arena, put("out.yaml", "defaults: [../x]\n"), NULL, NULL, NULL));
  const char *many = "defaults: [plain";
  for (int i = 0; i < 64; i++)
    many = pm_format(arena, "%s, plain", many);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "more than 64 files",
                 pm_config_read(arena, put("many.yaml", pm_format(arena, "%s]\n", many)), NULL, NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "expected at most 65536",
                 pm_config_read(arena, put("big.yaml", repeat("#\n", 40000)), NULL, NULL, NULL));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "missing.yaml", pm_config_read(arena, check_path("missing.yaml"), NULL, NULL, NULL));
  static const char *const sets[] = {"a", "=1", ""};
  for (int i = 0; i < 3; i++) {
    const char *items[] = {sets[i]};
    pm_text_list set = {items, 1, 1};
    PM_EXPECT_FAIL(PM_WRONG_USAGE, "expected KEY=VALUE", pm_config_read(arena, plain, NULL, &set, NULL));
  }
}

static void damaged(void **state) {
  (void)state;
  static const char text[] = "# c\nname: \"v\\\"ae\"\ntraining: {epochs: [1, 'b''c'], rate: 1e-3}\nm:\n  - x\n  - y\n";
  for (size_t cut = 0; cut < strlen(text); cut++)
    mutate_reads(reads, check_file("short.yaml", text, cut));
  mutate_flip(reads, "flipped.yaml", text, strlen(text), strlen(text));
  PM_EXPECT_FAIL(PM_BAD_INPUT, "is not YAML", from_text("training: {epochs: [1, 'b''c'], rate: 1e-3"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(values, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nesting, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nesting_hidden, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bombs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(applies, set_up, tear_down),
      cmocka_unit_test_setup_teardown(text_reads_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(text_is_sorted, set_up, tear_down),
      cmocka_unit_test_setup_teardown(layers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sections_of_the_files_below, set_up, tear_down),
      cmocka_unit_test_setup_teardown(layers_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
