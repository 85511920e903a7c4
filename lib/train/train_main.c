#include "backend/backends.h"
#include "core/ending.h"
#include "core/options.h"
#include "train/ready_model.h"
#include "train/trainer.h"

#include <string.h>

typedef struct {
  pm_common common;
  const char *config, *preset, *data, *palette, *labels, *class_names, *base, *seed;
  pm_text_list set;
  int ranks;
  bool restart, fresh, other_tier, dry_run, time_kernels, print_key, print_config;
} train_options;

#define AT(field) offsetof(train_options, field)

static const pm_option rows[] = {
    {"config", 'c', PM_TEXT, AT(config), NULL, 0, 0, NULL, "CONFIG.yaml",
     "configuration of the training run; required"},
    {"preset", 0, PM_TEXT, AT(preset), NULL, 0, 0, NULL, "PRESET",
     "lay presets/PRESET.yaml over the config: of its folder, or of those that come with pixelmill"},
    {"set", 0, PM_LIST, AT(set), NULL, 0, 0, NULL, "KEY=VALUE", "set a config key"},
    {"data", 0, PM_TEXT, AT(data), NULL, 0, 0, NULL, "SPRITES.npy", "sprites to learn from; required"},
    {"palette", 0, PM_TEXT, AT(palette), NULL, 0, 0, NULL, "PALETTE",
     "palette that samples in grids are snapped to; default: the sprites' own"},
    {"labels", 0, PM_TEXT, AT(labels), NULL, 0, 0, NULL, "LABELS.npy",
     "class of each sprite, for models that are conditioned on classes"},
    {"class-names", 0, PM_TEXT, AT(class_names), NULL, 0, 0, NULL, "NAMES.txt",
     "names of the classes, one per line, stored in the model"},
    {"seed", 's', PM_TEXT, AT(seed), NULL, 0, 0, NULL, "N", "the same as --set seed=N"},
    {"output", 'o', PM_TEXT, AT(common.output), NULL, 0, 0, NULL, "RUN_DIR", "folder of the training run; required"},
    {"restart", 0, PM_FLAG, AT(restart), NULL, 0, 0, NULL, NULL,
     "start again if the folder holds a different training run, or one that cannot be resumed (without this, both are "
     "refused)"},
    {"fresh", 0, PM_FLAG, AT(fresh), NULL, 0, 0, NULL, NULL, "start again whatever the folder holds"},
    {"other-tier", 0, PM_FLAG, AT(other_tier), NULL, 0, 0, NULL, NULL,
     "resume a training run that began on another kind of processor or card, too (without this, it is refused): it "
     "goes on from the same weights, but not to the same bytes"},
    {"ranks", 0, PM_CHOICE, AT(ranks), "auto", 0, 0, PM_RANKS_KINDS, NULL,
     "one: this process trains alone; mpi: all that mpirun or srun started train together; auto: mpi if this is one of "
     "several"},
    {"dry-run", 0, PM_FLAG, AT(dry_run), NULL, 0, 0, NULL, NULL,
     "print parameters, memory and steps, and train nothing"},
    {"time-kernels", 0, PM_FLAG, AT(time_kernels), NULL, 0, 0, NULL, NULL,
     "take a few steps, print each kernel's share of the time, and write nothing"},
    {"print-key", 0, PM_FLAG, AT(print_key), NULL, 0, 0, NULL, NULL,
     "print everything that determines the result except the data: recipe and effective config"},
    {"print-config", 0, PM_FLAG, AT(print_config), NULL, 0, 0, NULL, NULL, "print the effective config"},
    {0},
};

/* Two tables as one. */
static const pm_option *together(pm_arena *arena, const pm_option *a, const pm_option *b) {
  size_t n = 0, m = 0;
  while (a[n].name)
    n++;
  while (b[m].name)
    m++;
  pm_option *both = pm_alloc(arena, n + m + 1, sizeof *both);
  memcpy(both, a, n * sizeof *both);
  memcpy(both + n, b, m * sizeof *both);
  return both;
}

/* The option that names the model which this method's are built on, if they are. */
static const pm_option *all_rows(pm_arena *arena, const pm_method *method) {
  if (!method->base)
    return rows;
  const char *help = pm_format(arena, "trained %s that this model is built on; required", method->base->summary);
  const pm_option base[] = {{method->base->name, 0, PM_TEXT, AT(base), NULL, 0, 0, NULL, "MODEL.safetensors", help},
                            {0}};
  return together(arena, base, rows);
}

static void print_text(pm_arena *arena, const char *first, const char *text) {
  pm_output *out = pm_output_open(arena, NULL, false);
  pm_output_print(out, "%s%s", first, text);
  pm_output_commit(out);
}

/* --seed as one more --set; two that differ are refused, since neither is the later one. */
static void set_seed(pm_arena *arena, train_options *o) {
  static const char key[] = "seed=";
  if (!o->seed)
    return;
  for (size_t i = 0; i < o->set.count; i++) {
    const char *text = o->set.item[i];
    if (strncmp(text, key, strlen(key)) == 0 && strcmp(text + strlen(key), o->seed) != 0)
      pm_wrong_usage("--seed %s and --set %s: two seeds, expected one", o->seed, text);
  }
  o->set.item = pm_grow(arena, o->set.item, &o->set.capacity, o->set.count + 1, sizeof *o->set.item);
  o->set.item[o->set.count++] = pm_format(arena, "%s%s", key, o->seed);
}

static const char *description =
    "Trains a model on sprites and keeps everything about the training run in one folder: model.safetensors (the "
    "weights, when training is complete), checkpoint.safetensors, metrics.tsv (one row per step), config.yaml (the "
    "effective config), grids/ (samples during training) and log.txt.\n\n"
    "The same command on the same folder resumes a stopped training run; the result has the same bytes as without the "
    "stop. Ctrl-C stops training after writing a checkpoint, and so does the end of the session, except under nohup.";

int pm_train_main(const pm_method *method, const char *name, int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  train_options o = {0}; /* not every method has every option */
  const char *base =
      method->base ? pm_format(arena, " --%s runs/mine/%s/model.safetensors", method->base->name, method->base->example)
                   : "";
  pm_tool tool = {.name = name,
                  .summary = pm_format(arena, "train a %s%s", method->summary, method->base ? "" : " on sprites"),
                  .operands = "",
                  .options = all_rows(arena, method),
                  .shares = PM_HAS_THREADS | PM_HAS_DEVICE,
                  .common_offset = AT(common),
                  .description = description,
                  .examples = pm_format(arena,
                                        "%s -c configs/%s.yaml%s --data sprites.npy -o runs/mine/%s\n"
                                        "%s -c configs/%s.yaml%s --set training.epochs=10 --data sprites.npy --dry-run",
                                        name, method->example, base, method->example, name, method->example, base),
                  /* the shared keys and the method's, for --help; offsets are not used there */
                  .keys = together(arena, pm_train_keys, method->keys)};
  pm_ranks_speak_in_turn();
  pm_options_parse(arena, &tool, argc, argv, &o, NULL);
  if (!o.config)
    pm_wrong_usage("-c CONFIG.yaml is missing");
  if (o.other_tier && (o.restart || o.fresh))
    pm_wrong_usage("--other-tier resumes and --%s starts again; expected one of them", o.fresh ? "fresh" : "restart");
  set_seed(arena, &o);
  pm_run_settings settings = pm_run_settings_read(arena, method, o.config, o.preset, &o.set);
  if (o.print_config || o.print_key) {
    print_text(arena, o.print_key ? pm_format(arena, "%s recipe %d\n", method->name, method->recipe) : "",
               pm_run_settings_text(arena, &settings, true));
    pm_arena_free(arena);
    return PM_DONE;
  }
  if (!o.data)
    pm_wrong_usage("--data SPRITES.npy is missing");
  if (!o.common.output && !o.dry_run && !o.time_kernels)
    pm_wrong_usage("-o RUN_DIR is missing");
  pm_check_ending(o.common.output, PM_AS_FOLDER);
  if (o.class_names && !o.labels)
    pm_wrong_usage("--class-names needs --labels LABELS.npy");
  if (method->base && !o.base)
    pm_wrong_usage("--%s MODEL.safetensors is missing", method->base->name);
  pm_ranks *ranks = pm_ranks_open(arena, (pm_ranks_kind)o.ranks);
  const pm_backend *backend = pm_backend_find(o.common.device, (pm_precision)settings.train.precision);
  const char *chosen = settings.train.precision == PM_ANY_PRECISION ? "precision: auto is" : NULL;
  settings.train.precision = backend->precision;
  pm_base *model_below = method->base ? pm_base_read(arena, backend, method, o.base) : NULL;
  if (model_below)
    method->rest_on(settings.model, model_below, o.base);
  pm_dataset data = pm_dataset_read(arena, o.data, o.palette, o.labels, o.class_names, &settings.train);
  const char *remark = pm_dataset_settle_flip(arena, &data, &settings);
  if (chosen)
    remark = pm_format(arena, "%s %s%s%s", chosen, backend->precision == PM_BFLOAT16 ? "bf16" : "fp32",
                       remark ? "; " : "", remark ? remark : "");
  if (method->check)
    method->check(settings.model, &data.format, data.place);
  if (o.dry_run)
    pm_train_plan(arena, ranks, backend, &settings, &data);
  else if (o.time_kernels)
    pm_train_time(arena, ranks, backend, &settings, &data);
  else
    pm_train(arena, ranks, backend, &settings, &data, remark, o.common.output,
             o.fresh        ? PM_ALWAYS_RESTART
             : o.restart    ? PM_RESUME_OR_RESTART
             : o.other_tier ? PM_RESUME_ON_ANY_TIER
                            : PM_RESUME_OR_REFUSE);
  pm_base_free(model_below);
  pm_ranks_close(ranks);
  pm_arena_free(arena);
  return PM_DONE;
}
