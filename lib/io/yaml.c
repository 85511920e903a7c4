#include "io/yaml.h"

#include "io/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

enum { MAX_DEPTH = 32, MAX_KEYS = 1024, MAX_KEY_LENGTH = 128, MAX_PATH_LENGTH = 512 };

/* Every key seen, of mappings too. */
typedef struct {
  const char *path;
  size_t line;
} seen_key;

typedef struct {
  pm_arena *arena;
  const char *name, *text;
  yaml_parser_t parser;
  yaml_event_t event;
  bool parser_open, event_open;
  seen_key seen[MAX_KEYS];
  size_t keys;
  pm_yaml out;
} reader;

static void reader_release(void *object) {
  reader *r = object;
  if (r->event_open)
    yaml_event_delete(&r->event);
  if (r->parser_open)
    yaml_parser_delete(&r->parser);
  r->event_open = r->parser_open = false;
}

static const char *at_line(const reader *r, size_t line) {
  return pm_format(r->arena, "%s:%zu", r->name, line);
}

static size_t event_line(const reader *r) {
  return r->event.start_mark.line + 1;
}

static const char *here(const reader *r) {
  return at_line(r, event_line(r));
}

/* ---- nesting, before libyaml sees the text ---- */

/* libyaml takes minutes on some 100 KB of "[", so the depth is judged here, roughly as YAML's rules have it: open flow
 * brackets outside quotes and comments, indentations, and "- " and "? " on one line. What this takes for shallower than
 * it is meets the exact check in enter(). */
typedef struct {
  const char *text;
  size_t at, line;
  size_t indent[MAX_DEPTH + 1], blocks, flows;
  char quote;
} scan;

static void deeper(const reader *r, const scan *s) {
  if (s->blocks + s->flows > MAX_DEPTH)
    pm_fail(PM_BAD_INPUT, at_line(r, s->line), "is nested deeper than the %d levels expected at most", MAX_DEPTH);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0;
}

static void push_block(const reader *r, scan *s, size_t column) {
  s->indent[s->blocks++] = column;
  deeper(r, s);
}

/* At the start of a line of block context. */
static void scan_indent(const reader *r, scan *s) {
  size_t first = s->at;
  while (s->text[s->at] == ' ')
    s->at++;
  if (is_blank(s->text[s->at]) || s->text[s->at] == '#')
    return;
  while (s->blocks && s->indent[s->blocks - 1] >= s->at - first)
    s->blocks--;
  push_block(r, s, s->at - first);
  while ((s->text[s->at] == '-' || s->text[s->at] == '?') && is_blank(s->text[s->at + 1])) {
    s->at++;
    while (s->text[s->at] == ' ')
      s->at++;
    push_block(r, s, s->at - first);
  }
}

static void scan_quoted(scan *s, char c) {
  char next = s->text[s->at + 1];
  if ((s->quote == '"' && c == '\\' && next && next != '\n') || (s->quote == '\'' && c == '\'' && next == '\''))
    s->at++;
  else if (c == s->quote)
    s->quote = 0;
}

static void check_nesting(const reader *r, const char *text, size_t length) {
  scan s = {.text = text, .line = 1};
  bool line_start = true;
  for (; s.at < length; s.at++) {
    if (line_start && !s.quote && !s.flows)
      scan_indent(r, &s);
    if (s.at >= length)
      break;
    char c = text[s.at], before = s.at ? text[s.at - 1] : '\n';
    line_start = c == '\n';
    s.line += c == '\n';
    if (s.quote) {
      scan_quoted(&s, c);
    } else if (c == '#' && is_blank(before)) {
      while (text[s.at + 1] && text[s.at + 1] != '\n')
        s.at++;
    } else if ((c == '"' || c == '\'') && (is_blank(before) || strchr("[{,:", before))) {
      s.quote = c;
    } else if (c == '[' || c == '{') {
      s.flows++;
      deeper(r, &s);
    } else if ((c == ']' || c == '}') && s.flows) {
      s.flows--;
    }
  }
}

/* ---- events ---- */

/* The commonest fault, of which libyaml says no more than that some character cannot start a token. */
static bool is_indented_by_tab(const reader *r, size_t line) {
  const char *c = r->text;
  for (size_t i = 1; i < line && c; i++) {
    c = strchr(c, '\n');
    c += c != NULL;
  }
  return c && c[strspn(c, " ")] == '\t';
}

static void next_event(reader *r) {
  if (r->event_open)
    yaml_event_delete(&r->event);
  r->event_open = false;
  if (!yaml_parser_parse(&r->parser, &r->event)) {
    const char *problem = r->parser.problem ? r->parser.problem : "malformed";
    size_t line = r->parser.problem_mark.line + 1;
    if (r->parser.error == YAML_MEMORY_ERROR)
      pm_fail(PM_FAILED, r->name, "out of memory for libyaml");
    if (is_indented_by_tab(r, line))
      problem = "a tab stands where the line is indented, expected blanks";
    pm_fail(PM_BAD_INPUT, at_line(r, line), "is not YAML: %s", problem);
  }
  r->event_open = true;
}

/* The text of a scalar; an unquoted null is the empty text. */
static const char *scalar_text(reader *r) {
  const char *text = (const char *)r->event.data.scalar.value;
  size_t length = r->event.data.scalar.length;
  if (r->event.data.scalar.anchor || r->event.data.scalar.tag)
    pm_fail(PM_BAD_INPUT, here(r), "has an anchor or a tag, expected plain values");
  if (strlen(text) != length)
    pm_fail(PM_BAD_INPUT, here(r), "a value holds a zero byte");
  if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
      (strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0))
    return "";
  return pm_copy_text(r->arena, text);
}

static void check_key(const reader *r, const char *key) {
  size_t length = strlen(key);
  bool good = length > 0 && length <= MAX_KEY_LENGTH && key[0] != '.' && key[length - 1] != '.' && !strstr(key, "..");
  for (const char *c = key; *c; c++)
    good = good && (isalnum((unsigned char)*c) || strchr("_-.", *c));
  if (!good)
    pm_fail(PM_BAD_INPUT, here(r), "'%.60s' cannot be a key, expected letters, digits, '_' and '-'", key);
}

/* "training" and "batch": "training.batch". Each path once. */
static const char *take_key(reader *r, const char *parent) {
  if (r->event.type == YAML_ALIAS_EVENT)
    pm_fail(PM_BAD_INPUT, here(r), "has an alias, expected plain values");
  if (r->event.type != YAML_SCALAR_EVENT)
    pm_fail(PM_BAD_INPUT, here(r), "has a key that is a list or a mapping, expected a word");
  const char *key = scalar_text(r);
  check_key(r, key);
  const char *path = parent ? pm_format(r->arena, "%s.%s", parent, key) : key;
  if (strlen(path) > MAX_PATH_LENGTH)
    pm_fail(PM_BAD_INPUT, here(r), "the key is longer than the %d characters expected at most", MAX_PATH_LENGTH);
  for (size_t i = 0; i < r->keys; i++)
    if (strcmp(r->seen[i].path, path) == 0)
      pm_fail(PM_BAD_INPUT, here(r), "the key '%s' was given before, in line %zu", path, r->seen[i].line);
  if (r->keys == MAX_KEYS)
    pm_fail(PM_BAD_INPUT, here(r), "has more than the %d keys expected at most", MAX_KEYS);
  r->seen[r->keys++] = (seen_key){path, event_line(r)};
  return path;
}

static void enter(const reader *r, int depth, const void *anchor, const void *tag) {
  if (depth > MAX_DEPTH)
    pm_fail(PM_BAD_INPUT, here(r), "is nested deeper than the %d levels expected at most", MAX_DEPTH);
  if (anchor || tag)
    pm_fail(PM_BAD_INPUT, here(r), "has an anchor or a tag, expected plain values");
}

/* From behind the list's start to its end. */
static pm_text_list read_list(reader *r, const char *key) {
  pm_text_list list = {0};
  for (next_event(r); r->event.type != YAML_SEQUENCE_END_EVENT; next_event(r)) {
    if (r->event.type != YAML_SCALAR_EVENT)
      pm_fail(PM_BAD_INPUT, here(r), "the list '%s' holds more than plain values", key);
    list.item = pm_grow(r->arena, list.item, &list.capacity, list.count + 1, sizeof *list.item);
    list.item[list.count++] = scalar_text(r);
  }
  return list;
}

static const char *joined(pm_arena *arena, const pm_text_list *list) {
  size_t length = 1;
  for (size_t i = 0; i < list->count; i++)
    length += strlen(list->item[i]) + 2;
  char *text = pm_alloc(arena, length, 1), *to = text;
  for (size_t i = 0; i < list->count; i++) {
    to = stpcpy(to, i ? ", " : "");
    to = stpcpy(to, list->item[i]);
  }
  return text;
}

static void add_entry(reader *r, pm_config_entry entry) {
  if (strcmp(entry.key, "defaults") == 0) {
    r->out.layers = pm_alloc(r->arena, 1, sizeof *r->out.layers);
    *r->out.layers = entry.list;
    if (!entry.list.count && *entry.value) {
      r->out.layers->item = pm_alloc(r->arena, 1, sizeof *entry.list.item);
      r->out.layers->item[0] = entry.value;
      r->out.layers->count = 1;
    }
    r->out.layers_place = entry.place;
    return;
  }
  pm_config *config = &r->out.config;
  config->entry = pm_grow(r->arena, config->entry, &config->capacity, config->entries + 1, sizeof *config->entry);
  config->entry[config->entries++] = entry;
}

/* From the mapping's start to its end. */
static void read_mapping(reader *r, const char *parent, int depth) {
  enter(r, depth, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag);
  for (next_event(r); r->event.type != YAML_MAPPING_END_EVENT; next_event(r)) {
    pm_config_entry entry = {.key = take_key(r, parent), .place = here(r)};
    next_event(r);
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
      entry.value = scalar_text(r);
      add_entry(r, entry);
      break;
    case YAML_SEQUENCE_START_EVENT:
      enter(r, depth + 1, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag);
      entry.list = read_list(r, entry.key);
      entry.value = joined(r->arena, &entry.list);
      add_entry(r, entry);
      break;
    case YAML_MAPPING_START_EVENT:
      read_mapping(r, entry.key, depth + 1);
      break;
    default:
      pm_fail(PM_BAD_INPUT, here(r), "has an alias, expected plain values");
    }
  }
}

static void read_document(reader *r) {
  next_event(r); /* the stream's start */
  next_event(r);
  if (r->event.type == YAML_STREAM_END_EVENT)
    return; /* nothing, or comments alone */
  if (r->event.data.document_start.version_directive ||
      r->event.data.document_start.tag_directives.start != r->event.data.document_start.tag_directives.end)
    pm_fail(PM_BAD_INPUT, here(r), "has a YAML directive, expected none");
  next_event(r);
  if (r->event.type == YAML_MAPPING_START_EVENT)
    read_mapping(r, NULL, 1);
  else if (r->event.type != YAML_SCALAR_EVENT || *scalar_text(r))
    pm_fail(PM_BAD_INPUT, here(r), "is not a mapping, expected lines of the form `key: value`");
  next_event(r); /* the document's end */
  next_event(r);
  if (r->event.type != YAML_STREAM_END_EVENT)
    pm_fail(PM_BAD_INPUT, here(r), "has a second document, expected one");
}

pm_yaml pm_yaml_read(pm_arena *arena, const char *text, size_t length, const char *name) {
  reader *r = pm_alloc(arena, 1, sizeof *r);
  r->arena = arena;
  r->name = name;
  if (length > PM_YAML_BYTES)
    pm_fail(PM_BAD_INPUT, name, "holds %zu bytes, expected at most %d", length, PM_YAML_BYTES);
  if (memchr(text, 0, length))
    pm_fail(PM_BAD_INPUT, name, "holds a zero byte, expected text");
  r->text = text;
  check_nesting(r, text, length);
  pm_arena_defer(arena, reader_release, r);
  if (!yaml_parser_initialize(&r->parser))
    pm_fail(PM_FAILED, name, "out of memory for libyaml");
  r->parser_open = true;
  yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, length);
  read_document(r);
  reader_release(r);
  return r->out;
}

/* ---- writing ---- */

/* Narrower than YAML's rule, which other readers hold differently: letters, digits and a few signs, and no word or
 * number that YAML 1.1 takes for something else (null, 1:30). */
bool pm_yaml_is_plain(const char *text) {
  static const char *const words[] = {"null", "Null", "NULL", "yes", "no", "on", "off", "y", "n"};
  if (!*text || (text[0] == '-' && !isalnum((unsigned char)text[1])))
    return false;
  for (const char *c = text; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("_./+-", *c))
      return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcasecmp(text, words[i]) == 0)
      return false;
  return strcmp(text, "...") != 0;
}

/* May stand between double quotes as it is; the others are breaks, controls and byte-order marks. */
static bool is_printable(unsigned code) {
  return (code >= 0x20 && code < 0x7f && code != '"' && code != '\\') || (code >= 0xa0 && code < 0x2028) ||
         (code > 0x2029 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe && code != 0xfeff) || code >= 0x10000;
}

const char *pm_yaml_scalar(pm_arena *arena, const char *text) {
  if (pm_yaml_is_plain(text))
    return text;
  char *quoted = pm_alloc(arena, pm_add(NULL, pm_multiply(NULL, strlen(text), 4), 3), 1), *to = quoted;
  *to++ = '"';
  while (*text) {
    size_t bytes;
    unsigned code = pm_utf8_decode(text, &bytes);
    if (bytes && is_printable(code))
      to = mempcpy(to, text, bytes);
    else if (code == '"' || code == '\\')
      to += snprintf(to, 3, "\\%c", (char)code);
    else /* a byte that is no UTF-8 is taken for Latin-1 */
      to += code < 0x100 ? snprintf(to, 5, "\\x%02x", code) : snprintf(to, 7, "\\u%04x", code);
    text += bytes ? bytes : 1;
  }
  memcpy(to, "\"", 2);
  return quoted;
}
