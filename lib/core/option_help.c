/* --help and --man, both from the tool's table. */
#include "core/option_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 79, MAX_COLUMN = 30, MAX_CHOICES_INLINE = 24 };

const char *pm_option_metavar(const pm_option *option) {
  if (option->metavar)
    return option->metavar;
  switch (option->type) {
  case PM_FLAG:
    return "";
  case PM_INTEGER:
  case PM_UNSIGNED:
    return "N";
  case PM_REAL:
    return "X";
  case PM_TEXT:
  case PM_TARGET:
  case PM_LIST:
    return "TEXT";
  case PM_CHOICE:
    return strlen(option->choices) <= MAX_CHOICES_INLINE ? option->choices : "NAME";
  case PM_SPAN:
    return "LOW:HIGH";
  case PM_COLOUR:
    return "RRGGBB";
  case PM_SIZE_2D:
    return "WxH";
  }
  return "";
}

/* "adam, adamw" for the choices that the metavar does not show, else NULL. */
static const char *listed_choices(pm_arena *arena, const pm_option *option) {
  if (option->type != PM_CHOICE || pm_option_metavar(option) == option->choices)
    return NULL;
  const char *list = "";
  for (const char *one = option->choices; *one;) {
    int letters = (int)strcspn(one, "|");
    list = pm_format(arena, "%s%s%.*s", list, *list ? ", " : "", letters, one);
    one += letters + (one[letters] == '|');
  }
  return list;
}

/* The help line with everything that the row knows: "pixels a side for each pixel (1..64) [8]". */
static const char *explained(pm_arena *arena, const pm_option *option) {
  const char *range = pm_option_range(arena, option), *choices = listed_choices(arena, option);
  const char *text = option->help;
  if (choices)
    text = pm_format(arena, "%s: %s", text, choices);
  if (*range)
    text = pm_format(arena, "%s (%s)", text, range);
  if (option->type == PM_LIST)
    text = pm_format(arena, "%s (may be given more than once)", text);
  if (option->initial && (option->type != PM_FLAG || pm_option_is_key(option)))
    text = pm_format(arena, "%s [%s]", text, option->initial);
  else if (pm_option_is_on(option))
    text = pm_format(arena, "%s [on]", text);
  return text;
}

static const char *long_form(pm_arena *arena, const pm_option *option) {
  if (option->type == PM_FLAG)
    return pm_format(arena, "--%s%s", pm_option_is_on(option) ? "[no-]" : "", option->name);
  return pm_format(arena, "--%s=%s", option->name, pm_option_metavar(option));
}

static const char *key_form(pm_arena *arena, const pm_option *key) {
  return pm_format(arena, "%s=%s", key->name, key->type == PM_FLAG ? "true|false" : pm_option_metavar(key));
}

/* Characters, not bytes, of UTF-8. */
static size_t text_width(const char *text, size_t bytes) {
  size_t width = 0;
  for (size_t i = 0; i < bytes; i++)
    width += ((unsigned char)text[i] & 0xC0) != 0x80;
  return width;
}

/* The words of `text`, filled into lines of at most WIDTH that begin at `indent`; the first goes on at `column`. */
static void put_wrapped(pm_output *output, const char *text, size_t length, size_t indent, size_t column) {
  const char *end = text + length;
  bool first = true;
  for (;;) {
    while (text < end && (*text == ' ' || *text == '\n'))
      text++;
    if (text == end)
      break;
    size_t bytes = 0;
    while (text + bytes < end && text[bytes] != ' ' && text[bytes] != '\n')
      bytes++;
    size_t width = text_width(text, bytes);
    if (!first && column + 1 + width > WIDTH) {
      pm_output_print(output, "\n%*s", (int)indent, "");
      column = indent;
    } else if (!first) {
      pm_output_write(output, " ", 1);
      column++;
    }
    pm_output_write(output, text, bytes);
    column += width;
    text += bytes;
    first = false;
  }
  pm_output_write(output, "\n", 1);
}

/* Calls `put` for each paragraph of `text` (divided by empty lines). */
static void each_paragraph(pm_output *output, const char *text,
                           void (*put)(pm_output *output, const char *text, size_t length)) {
  while (*text) {
    const char *end = strstr(text, "\n\n");
    size_t length = end ? (size_t)(end - text) : strlen(text);
    put(output, text, length);
    text += length;
    text += strspn(text, "\n");
  }
}

/* Paragraphs that begin with a blank are laid out by their author. */
static void help_paragraph(pm_output *output, const char *text, size_t length) {
  pm_output_write(output, "\n", 1);
  if (*text != ' ') {
    put_wrapped(output, text, length, 0, 0);
    return;
  }
  pm_output_write(output, text, length);
  if (text[length - 1] != '\n')
    pm_output_write(output, "\n", 1);
}

/* Left sides of a table and its column of help. */
typedef struct {
  const char *left, *right;
} help_line;

static void help_table(pm_output *output, const char *title, const help_line *lines, size_t count) {
  size_t column = 0;
  for (size_t i = 0; i < count; i++) {
    size_t width = text_width(lines[i].left, strlen(lines[i].left)) + 2;
    if (width <= MAX_COLUMN && width > column)
      column = width;
  }
  if (column == 0)
    column = MAX_COLUMN;
  pm_output_print(output, "\n%s:\n", title);
  for (size_t i = 0; i < count; i++) {
    size_t width = text_width(lines[i].left, strlen(lines[i].left));
    pm_output_print(output, "%s", lines[i].left);
    if (width + 2 > column)
      pm_output_print(output, "\n%*s", (int)column, "");
    else
      pm_output_print(output, "%*s", (int)(column - width), "");
    put_wrapped(output, lines[i].right, strlen(lines[i].right), column, column);
  }
}

static void help_options(pm_arena *arena, pm_output *output, const pm_tool *tool) {
  const pm_option *rows = pm_option_rows(arena, tool);
  size_t count = pm_option_count(rows);
  help_line *lines = pm_alloc(arena, count, sizeof *lines);
  for (size_t i = 0; i < count; i++) {
    const char *name = long_form(arena, &rows[i]);
    lines[i].left =
        rows[i].letter ? pm_format(arena, "  -%c, %s", rows[i].letter, name) : pm_format(arena, "      %s", name);
    lines[i].right = explained(arena, &rows[i]);
  }
  help_table(output, "Options", lines, count);
}

static void help_keys(pm_arena *arena, pm_output *output, const pm_option *keys) {
  size_t count = pm_option_count(keys);
  help_line *lines = pm_alloc(arena, count, sizeof *lines);
  for (size_t i = 0; i < count; i++) {
    lines[i].left = pm_format(arena, "  %s", key_form(arena, &keys[i]));
    lines[i].right = explained(arena, &keys[i]);
  }
  help_table(output, "Config keys (--set KEY=VALUE)", lines, count);
}

/* The examples with `front` before each tool: where a line begins, and behind a pipe. */
static const char *with_front(pm_arena *arena, const char *examples, const char *front) {
  if (!*front)
    return examples;
  const char *text = "";
  while (*examples) {
    size_t length = strcspn(examples, "|\n");
    length += examples[length] != 0;
    length += strspn(examples + length, " ");
    const char *name = strncmp(examples, PM_FRONT, strlen(PM_FRONT)) == 0 ? "" : front;
    text = pm_format(arena, "%s%s%.*s", text, name, (int)length, examples);
    examples += length;
  }
  return text;
}

static void help_examples(pm_output *output, const char *examples) {
  pm_output_print(output, "\nExamples:\n");
  while (*examples) {
    size_t length = strcspn(examples, "\n");
    pm_output_print(output, "  %.*s\n", (int)length, examples);
    examples += length + (examples[length] == '\n');
  }
}

void pm_option_help(pm_arena *arena, pm_output *output, const pm_tool *tool) {
  bool operands = tool->operands && *tool->operands;
  pm_output_print(output, "Usage: %s%s [OPTION]...%s%s\n", pm_option_front(), tool->name, operands ? " " : "",
                  operands ? tool->operands : "");
  const char *summary = pm_format(arena, "%c%s.", toupper((unsigned char)tool->summary[0]), tool->summary + 1);
  put_wrapped(output, summary, strlen(summary), 0, 0);
  if (tool->description)
    each_paragraph(output, tool->description, help_paragraph);
  help_options(arena, output, tool);
  if (tool->keys)
    help_keys(arena, output, tool->keys);
  if (tool->examples)
    help_examples(output, with_front(arena, tool->examples, pm_option_front()));
  pm_output_print(output, "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 bad input.\n");
}

/* One UTF-8 character of several bytes as \[uXXXX]; returns how many bytes it was. */
static size_t man_unicode(pm_output *output, const char *text, size_t length) {
  unsigned char lead = (unsigned char)*text;
  size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (bytes > length)
    return length;
  unsigned long code = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; i++)
    code = code << 6 | ((unsigned char)text[i] & 0x3F);
  pm_output_print(output, "\\[u%04lX]", code);
  return bytes;
}

/* Text in which roff finds nothing to obey: '-' is a minus that can be copied, no line begins with a control. */
static void man_text(pm_output *output, const char *text, size_t length) {
  bool line_start = true;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (line_start && (c == '.' || c == '\''))
      pm_output_print(output, "\\&");
    line_start = c == '\n';
    if (c == '-')
      pm_output_print(output, "\\-");
    else if (c == '\\')
      pm_output_print(output, "\\e");
    else if (c == '\'')
      pm_output_print(output, "\\(aq");
    else if (c == '^')
      pm_output_print(output, "\\(ha");
    else if (c == '~')
      pm_output_print(output, "\\(ti");
    else if (c == '`')
      pm_output_print(output, "\\(ga");
    else if ((unsigned char)c >= 0x80)
      i += man_unicode(output, text + i, length - i) - 1;
    else
      pm_output_write(output, &c, 1);
  }
}

static void man_word(pm_output *output, const char *text) {
  man_text(output, text, strlen(text));
}

static void man_paragraph(pm_output *output, const char *text, size_t length) {
  bool as_is = *text == ' ';
  pm_output_print(output, as_is ? ".PP\n.nf\n" : ".PP\n");
  man_text(output, text, length);
  pm_output_print(output, as_is ? "\n.fi\n" : "\n");
}

/* ".TP", the tag with its metavar in italics, the text. */
static void man_entry(pm_arena *arena, pm_output *output, const pm_option *option, bool key) {
  pm_output_print(output, ".TP\n");
  if (!key && option->letter)
    pm_output_print(output, "\\fB\\-%c\\fR, ", option->letter);
  const char *form = key ? key_form(arena, option) : long_form(arena, option);
  size_t name = strcspn(form, "=");
  pm_output_print(output, "\\fB");
  man_text(output, form, name);
  pm_output_print(output, "\\fR");
  if (form[name]) {
    pm_output_print(output, "=\\fI");
    man_word(output, form + name + 1);
    pm_output_print(output, "\\fR");
  }
  pm_output_print(output, "\n");
  man_word(output, explained(arena, option));
  pm_output_print(output, "\n");
}

static void man_head(pm_arena *arena, pm_output *output, const pm_tool *tool) {
  bool is_front = strcmp(tool->name, PM_FRONT) == 0;
  const char *page = is_front ? PM_FRONT : pm_format(arena, PM_FRONT "-%s", tool->name);
  char *title = pm_copy_text(arena, page);
  for (char *c = title; *c; c++)
    *c = (char)toupper((unsigned char)*c);
  pm_output_print(output, ".TH \"");
  man_word(output, title);
  pm_output_print(output, "\" 1 \"\" \"pixelmill %s\" \"pixelmill\"\n.nh\n.ad l\n.SH NAME\n", pm_version);
  man_word(output, page);
  pm_output_print(output, " \\- ");
  man_word(output, tool->summary);
  pm_output_print(output, "\n.SH SYNOPSIS\n\\fBpixelmill");
  if (!is_front) {
    pm_output_print(output, " ");
    man_word(output, tool->name);
  }
  pm_output_print(output, "\\fR [\\fIOPTION\\fR]...");
  if (tool->operands && *tool->operands) {
    pm_output_print(output, " ");
    man_word(output, tool->operands);
  }
  pm_output_print(output, "\n");
}

void pm_option_man(pm_arena *arena, pm_output *output, const pm_tool *tool) {
  man_head(arena, output, tool);
  if (tool->description) {
    pm_output_print(output, ".SH DESCRIPTION\n");
    each_paragraph(output, tool->description, man_paragraph);
  }
  pm_output_print(output, ".SH OPTIONS\n");
  for (const pm_option *row = pm_option_rows(arena, tool); row->name; row++)
    man_entry(arena, output, row, false);
  if (tool->keys) {
    pm_output_print(output,
                    ".SH CONFIG KEYS\nSet in a config file or by \\fB\\-\\-set\\fR \\fIKEY\\fR=\\fIVALUE\\fR.\n");
    for (const pm_option *key = tool->keys; key->name; key++)
      man_entry(arena, output, key, true);
  }
  pm_output_print(output, ".SH EXIT STATUS\n"
                          ".TP\n0\ndone\n"
                          ".TP\n1\nfailed: memory, disk, a closed pipe\n"
                          ".TP\n2\nwrong usage\n"
                          ".TP\n3\nbad input\n");
  if (tool->examples) {
    const char *examples = with_front(arena, tool->examples, PM_FRONT " ");
    pm_output_print(output, ".SH EXAMPLES\n.nf\n");
    man_word(output, examples);
    size_t length = strlen(examples);
    pm_output_print(output, "%s.fi\n", length && examples[length - 1] == '\n' ? "" : "\n");
  }
}
