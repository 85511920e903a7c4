/* --describe: the tool's table as lines for the programs that make completions of it (pipeline/completion-*.awk):
 *
 *   tool NAME SUMMARY
 *   operands KIND
 *   option NAME LETTER KIND HELP      LETTER - for none
 *   key NAME KIND HELP                a config key
 *
 * with a tab between two fields. KIND is what a value is: `flag`, none; `words A B C`, one of these, or for most
 * options something else, too; `files ENDING...`, a file or folder, all files where no ending follows; `folder`;
 * `config`, `preset`, `setting` (KEY=VALUE); `text`, which nobody can complete. */
#include "core/option_rows.h"

#include <ctype.h>
#include <string.h>

/* What the metavars that name no ending stand for. */
static const struct {
  const char *metavar, *kind;
} kinds[] = {
    {"CONFIG.yaml", "config"},
    {"PRESET", "preset"},
    {"KEY=VALUE", "setting"},
    {"FOLDER", "folder"},
    {"RUN_DIR", "folder"},
    {"FILE", "files"},
    {"SPRITES", "files npy png aseprite ase"},
    {"HINTS", "files npy png"},
    {"MASK", "files npy png"},
    {"SHAPE", "files npy png"},
    {"PALETTE", "files gpl hex pal txt act ase aseprite png"},
};

/* "files npy png" for "SPRITES.npy|PICTURE.png|FOLDER"; NULL where no ending is named. */
static const char *named_endings(pm_arena *arena, const char *metavar) {
  const char *kind = NULL;
  for (const char *dot = metavar; (dot = strchr(dot, '.')); dot++) {
    size_t letters = 0;
    while (isalpha((unsigned char)dot[1 + letters]))
      letters++;
    if (letters && dot > metavar && isupper((unsigned char)dot[-1]))
      kind = pm_format(arena, "%s %.*s", kind ? kind : "files", (int)letters, dot + 1);
  }
  return kind;
}

static const char *kind_of_metavar(pm_arena *arena, const char *metavar) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(metavar, kinds[i].metavar) == 0)
      return kinds[i].kind;
  const char *endings = named_endings(arena, metavar);
  return endings ? endings : "text";
}

static const char *kind_of_operands(pm_arena *arena, const char *operands) {
  if (!operands || !*operands)
    return "none";
  const char *endings = named_endings(arena, operands);
  return endings ? endings : strstr(operands, "FILE") ? "files" : strstr(operands, "_DIR") ? "folder" : "text";
}

static const char *words(pm_arena *arena, const char *choices) {
  char *list = pm_format(arena, "words %s", choices);
  for (char *c = list; *c; c++)
    *c = *c == '|' ? ' ' : *c;
  return list;
}

static const char *kind_of(pm_arena *arena, const pm_option *option) {
  if (option->type == PM_FLAG)
    return pm_option_is_key(option) ? "words true false" : "flag";
  if (option->choices)
    return words(arena, option->choices);
  return kind_of_metavar(arena, pm_option_metavar(option));
}

void pm_option_describe(pm_arena *arena, pm_output *output, const pm_tool *tool) {
  pm_output_print(output, "tool\t%s\t%s\n", tool->name, tool->summary);
  pm_output_print(output, "operands\t%s\n", kind_of_operands(arena, tool->operands));
  for (const pm_option *row = pm_option_rows(arena, tool); row->name; row++) {
    const char *kind = kind_of(arena, row);
    const char letter[2] = {row->letter ? row->letter : '-'};
    pm_output_print(output, "option\t%s\t%s\t%s\t%s\n", row->name, letter, kind, row->help);
    if (pm_option_is_on(row))
      pm_output_print(output, "option\tno-%s\t-\tflag\tnot: %s\n", row->name, row->help);
  }
  for (const pm_option *key = tool->keys; key && key->name; key++)
    pm_output_print(output, "key\t%s\t%s\t%s\n", key->name, kind_of(arena, key), key->help);
}
