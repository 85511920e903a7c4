/* tensor: looks at, checks, cuts, joins, converts and compares array files. */
#include "core/number.h"
#include "core/options.h"
#include "io/safetensors.h"
#include "pixels/array_file.h"
#include "pixels/arrays.h"
#include "pixels/canonical.h"
#include "pixels/sprites.h"

#include <string.h>

typedef struct {
  const char *name;
  int to;
  bool colours;
  double range[2];
  double tolerance;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"name", 0, PM_TEXT, offsetof(settings, name), NULL, 0, 0, NULL, "TENSOR", "which tensor of a .safetensors file"},
    {"to", 0, PM_CHOICE, offsetof(settings, to), "u8", 0, 0, "u8|i32|i64|f32|f64", NULL, "type to convert to"},
    {"colours", 0, PM_FLAG, offsetof(settings, colours), NULL, 0, 0, NULL, NULL,
     "convert: u8 from 0 to 255 and floats from 0 to 1 stand for each other"},
    {"range", 0, PM_SPAN, offsetof(settings, range), "0:1", -1e300, 1e300, NULL, "LOW:HIGH",
     "convert: colours are floats from LOW to HIGH; makes sprites of them (with --colours, which it implies)"},
    {"tolerance", 0, PM_REAL, offsetof(settings, tolerance), "0", 0, 1e300, NULL, "X",
     "diff: how far apart two values may be"},
    {0}};

static const pm_tool tool = {
    .name = "tensor",
    .summary = "looks at, checks, cuts, joins, converts and compares array files",
    .operands = "COMMAND FILE...",
    .options = options,
    .shares = PM_HAS_OUTPUT,
    .common_offset = offsetof(settings, common),
    .min_operands = 2,
    .max_operands = -1,
    .description =
        "Files are .npy or PNG, told apart by their content (also on standard input), or .safetensors by their name. "
        "Commands:\n\n"
        "info FILE...: type, shape, least, largest and mean value of each tensor; a .safetensors file's metadata.\n\n"
        "print FILE: all values, a line for each row of the last axis.\n\n"
        "check FILE...: exit status 3 unless all can be read and all values are finite.\n\n"
        "hash FILE...: SHA-256 of type, shape and values of each tensor, whatever the file's format.\n\n"
        "slice FILE FROM:TO: items FROM to TO - 1 of the first axis, as .npy; either end may be missing.\n\n"
        "concat FILE...: one behind the other along the first axis, as .npy.\n\n"
        "convert FILE: the same values in the type --to, as .npy; values that the type cannot hold are refused.\n\n"
        "diff FILE FILE: exit status 1 if shapes or values differ, and where.",
    .examples = "tensor info model.safetensors\n"
                "tensor slice samples.npy 0:16 | montage -o first.png\n"
                "tensor convert --to f32 --colours sprites.npy -o floats.npy\n"
                "tensor convert --range -1:1 floats.npy -o sprites.npy\n"
                "tensor diff --tolerance 1e-5 a.npy b.npy",
};

typedef struct {
  pm_arena *arena;
  const settings *settings;
  char **operand; /* behind the command */
  size_t operands;
} command;

/* All tensors of a file; one without a name for .npy and PNG. With --name that one alone. */
static pm_safetensors read_file(const command *c, const char *path, bool allow_non_finite) {
  pm_safetensors file = {0};
  if (pm_has_suffix(path, ".safetensors")) {
    file = pm_safetensors_read(c->arena, path, allow_non_finite);
    if (c->settings->name) {
      const pm_tensor *tensor = pm_safetensors_find(&file, c->settings->name);
      if (!tensor)
        pm_fail(PM_BAD_INPUT, path, "holds no tensor '%s'; tensor info lists them", c->settings->name);
      pm_safetensors one = {0};
      pm_safetensors_add(c->arena, &one, c->settings->name, *tensor);
      return one;
    }
    return file;
  }
  if (c->settings->name)
    pm_wrong_usage("--name is for .safetensors files, and %s is none", path);
  pm_safetensors_add(c->arena, &file, "", pm_sprites_read_array(c->arena, path));
  return file;
}

static pm_tensor read_one(const command *c, const char *path) {
  pm_safetensors file = read_file(c, path, true);
  if (file.tensors != 1)
    pm_fail(PM_BAD_INPUT, path, "holds %zu tensors, expected one; choose one with --name", file.tensors);
  return file.tensor[0].tensor;
}

static const char *label_of(const command *c, const char *path, const char *name) {
  return *name ? pm_format(c->arena, "%s: %s", path, name) : path;
}

static void need_operands(const command *c, size_t least, size_t most, const char *usage) {
  if (c->operands < least || c->operands > most)
    pm_wrong_usage("expected tensor %s", usage);
}

static void info_tensor(const command *c, pm_output *output, const char *label, const pm_tensor *tensor) {
  pm_array_facts f = pm_array_examine(tensor);
  char low[32], high[32], mean[32];
  bool in_float = tensor->dtype == PM_F32 || tensor->dtype == PM_U8; /* as many digits as such values are worth */
  pm_output_print(output, "%s: %s %s", label, pm_dtype_name(tensor->dtype), pm_shape_text(c->arena, tensor->shape));
  if (pm_shape_count(tensor->shape) > f.non_finite)
    pm_output_print(output, ", %s to %s, mean %s", pm_array_text(low, tensor, f.low_at),
                    pm_array_text(high, tensor, f.high_at),
                    in_float ? pm_write_float(mean, (float)f.mean) : pm_write_real(mean, f.mean));
  if (f.non_finite)
    pm_output_print(output, ", %zu not finite", f.non_finite);
  pm_output_print(output, "\n");
}

static int info(const command *c) {
  pm_output *output = pm_output_open(c->arena, c->settings->common.output, false);
  for (size_t i = 0; i < c->operands; i++) {
    pm_safetensors file = read_file(c, c->operand[i], true);
    for (size_t t = 0; t < file.tensors; t++)
      info_tensor(c, output, label_of(c, c->operand[i], file.tensor[t].name), &file.tensor[t].tensor);
    for (size_t m = 0; m < file.entries; m++)
      pm_output_print(output, "%s: %s = %s\n", c->operand[i], file.metadata[m].key, file.metadata[m].value);
  }
  pm_output_commit(output);
  return PM_DONE;
}

static int print(const command *c) {
  need_operands(c, 1, 1, "print FILE");
  pm_tensor tensor = read_one(c, c->operand[0]);
  pm_output *output = pm_output_open(c->arena, c->settings->common.output, false);
  pm_array_print(output, &tensor);
  pm_output_commit(output);
  return PM_DONE;
}

static int check(const command *c) {
  for (size_t i = 0; i < c->operands; i++) {
    pm_safetensors file = read_file(c, c->operand[i], true);
    for (size_t t = 0; t < file.tensors; t++) {
      size_t non_finite = pm_array_examine(&file.tensor[t].tensor).non_finite;
      if (non_finite)
        pm_fail(PM_BAD_INPUT, label_of(c, c->operand[i], file.tensor[t].name), "%zu of %s %s not finite, expected none",
                non_finite, pm_counted(c->arena, pm_shape_count(file.tensor[t].tensor.shape), "value"),
                non_finite == 1 ? "is" : "are");
    }
    pm_say(1, "%s: good", c->operand[i]);
  }
  return PM_DONE;
}

static int hash(const command *c) {
  pm_output *output = pm_output_open(c->arena, c->settings->common.output, false);
  for (size_t i = 0; i < c->operands; i++) {
    pm_safetensors file = read_file(c, c->operand[i], true);
    for (size_t t = 0; t < file.tensors; t++) {
      char hex[65];
      pm_tensor_hash(&file.tensor[t].tensor, hex);
      pm_output_print(output, "%s  %s\n", hex, label_of(c, c->operand[i], file.tensor[t].name));
    }
  }
  pm_output_commit(output);
  return PM_DONE;
}

/* One end of FROM:TO; `missing` if there is no text. */
static size_t parse_end(const command *c, const char *text, size_t length, size_t missing, size_t limit) {
  char *end = pm_copy_text(c->arena, text);
  end[length] = 0;
  uint64_t value = missing;
  if (length && !pm_parse_unsigned(end, limit, &value))
    pm_wrong_usage("slice %s: expected FROM:TO within 0:%zu", c->operand[1], limit);
  return (size_t)value;
}

static int slice(const command *c) {
  need_operands(c, 2, 2, "slice FILE FROM:TO");
  const char *range = c->operand[1], *colon = strchr(range, ':');
  if (!colon)
    pm_wrong_usage("slice %s: expected FROM:TO, such as 0:16", range);
  pm_tensor tensor = read_one(c, c->operand[0]);
  if (tensor.shape.rank < 1)
    pm_fail(PM_BAD_INPUT, c->operand[0], "holds a single value, expected at least one axis to slice");
  size_t n = tensor.shape.dim[0];
  size_t from = parse_end(c, range, (size_t)(colon - range), 0, n);
  size_t to = parse_end(c, colon + 1, strlen(colon + 1), n, n);
  if (from > to)
    pm_wrong_usage("slice %s: the end lies before the start", range);
  pm_tensor rows = pm_array_rows(&tensor, from, to);
  pm_array_write(c->arena, c->settings->common.output, &rows);
  return PM_DONE;
}

static int concat(const command *c) {
  pm_tensor *tensors = pm_alloc(c->arena, c->operands, sizeof *tensors);
  for (size_t i = 0; i < c->operands; i++)
    tensors[i] = read_one(c, c->operand[i]);
  pm_tensor all = pm_array_join(c->arena, tensors, (const char *const *)c->operand, c->operands);
  pm_array_write(c->arena, c->settings->common.output, &all);
  return PM_DONE;
}

static int convert(const command *c) {
  static const pm_dtype types[] = {PM_U8, PM_I32, PM_I64, PM_F32, PM_F64};
  need_operands(c, 1, 1, "convert --to TYPE FILE");
  pm_tensor tensor = read_one(c, c->operand[0]);
  const double *range = c->settings->range;
  bool ranged = range[0] != 0 || range[1] != 1;
  if (range[0] == range[1])
    pm_wrong_usage("--range: LOW and HIGH are the same, expected two numbers");
  if (ranged)
    pm_array_to_unit(&tensor, range[0], range[1], c->operand[0]);
  bool colours = c->settings->colours || ranged;
  if (colours)
    pm_array_warn_of_range(c->arena, &tensor, c->operand[0]);
  pm_tensor out = pm_array_convert(c->arena, &tensor, types[c->settings->to], colours, c->operand[0]);
  pm_array_write(c->arena, c->settings->common.output, &out);
  return PM_DONE;
}

/* Prints where two tensors differ; true if they do. */
static bool differ(const command *c, pm_output *output, const char *label, const pm_tensor *a, const pm_tensor *b) {
  if (!pm_shape_equal(a->shape, b->shape)) {
    pm_output_print(output, "%s: shapes differ: %s and %s\n", label, pm_shape_text(c->arena, a->shape),
                    pm_shape_text(c->arena, b->shape));
    return true;
  }
  pm_array_difference d = pm_array_compare(a, b, c->settings->tolerance);
  if (d.differing)
    pm_output_print(output, "%s: %zu of %s differ%s, the first at %s, most at %s: by %.6g\n", label, d.differing,
                    pm_counted(c->arena, pm_shape_count(a->shape), "value"), d.differing == 1 ? "s" : "",
                    pm_array_position(c->arena, a->shape, d.first), pm_array_position(c->arena, a->shape, d.largest_at),
                    d.largest);
  return d.differing > 0;
}

static int diff(const command *c) {
  need_operands(c, 2, 2, "diff FILE FILE");
  pm_safetensors a = read_file(c, c->operand[0], true), b = read_file(c, c->operand[1], true);
  pm_output *output = pm_output_open(c->arena, c->settings->common.output, false);
  bool different = false;
  /* Two single tensors are compared whatever their names. */
  bool single = a.tensors == 1 && b.tensors == 1;
  for (size_t t = 0; t < a.tensors; t++) {
    const char *name = a.tensor[t].name;
    const pm_tensor *other = single ? &b.tensor[0].tensor : pm_safetensors_find(&b, name);
    if (other)
      different |= differ(c, output, *name ? name : c->operand[0], &a.tensor[t].tensor, other);
    else {
      pm_output_print(output, "%s: only in %s\n", name, c->operand[0]);
      different = true;
    }
  }
  for (size_t t = 0; !single && t < b.tensors; t++)
    if (!pm_safetensors_find(&a, b.tensor[t].name)) {
      pm_output_print(output, "%s: only in %s\n", b.tensor[t].name, c->operand[1]);
      different = true;
    }
  pm_output_commit(output);
  return different ? PM_FAILED : PM_DONE;
}

static const struct {
  const char *name;
  int (*run)(const command *);
} commands[] = {{"info", info},   {"print", print},   {"check", check},     {"hash", hash},
                {"slice", slice}, {"concat", concat}, {"convert", convert}, {"diff", diff}};

/* Options of other commands. */
static void check_usage(const settings *s, int (*run)(const command *)) {
  static const char *const of_convert[] = {"to", "colours", "range", NULL}, *const of_diff[] = {"tolerance", NULL},
                           *const of_output[] = {"output", NULL};
  if (run != convert)
    pm_refuse_given(&s->common, of_convert, "for tensor convert");
  if (run != diff)
    pm_refuse_given(&s->common, of_diff, "for tensor diff");
  if (run == info || run == print || run == hash || run == diff)
    pm_check_ending(s->common.output, PM_AS_TEXT);
  if (run == check)
    pm_refuse_given(&s->common, of_output, "where a result goes, and tensor check answers by its exit status alone");
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  command c = {arena, &s, operands + 1, n - 1};
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(operands[0], commands[i].name) == 0) {
      check_usage(&s, commands[i].run);
      int status = commands[i].run(&c);
      pm_arena_free(arena);
      return status;
    }
  pm_wrong_usage("unknown command '%s'", operands[0]);
}
