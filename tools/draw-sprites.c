/* draw-sprites: the built-in data set, procedural 16 x 16 sprites in named classes. */
#include "art/sprite_set.h"
#include "core/options.h"
#include "pixels/array_file.h"

#include <string.h>

typedef struct {
  int64_t count;
  int set;    /* pm_art_set */
  int frames; /* index into frame_counts */
  pm_text_list classes;
  const char *labels, *names;
  bool keep_alpha, list;
  pm_common common;
} settings;

static const int frame_counts[] = {1, 2, 4};

static const pm_option options[] = {
    {"count", 'n', PM_INTEGER, offsetof(settings, count), "1200", 1, PM_ART_MOST, NULL, "N", "number of sprites"},
    {"set", 0, PM_CHOICE, offsetof(settings, set), "things", 0, 0, "things|terrain", NULL,
     "things on a background, or tiles of ground and walls that wrap around"},
    {"class", 0, PM_LIST, offsetof(settings, classes), NULL, 0, 0, NULL, "NAME", "only this class"},
    {"frames", 0, PM_CHOICE, offsetof(settings, frames), "1", 0, 0, "1|2|4", NULL,
     "pictures of each sprite, side by side: of heroes and creatures, who walk"},
    {"keep-alpha", 0, PM_FLAG, offsetof(settings, keep_alpha), NULL, 0, 0, NULL, NULL,
     "transparent background instead of black"},
    {"labels", 0, PM_TARGET, offsetof(settings, labels), NULL, 0, 0, NULL, "LABELS.npy",
     "write the number of each sprite's class, too: i4 [N], counted among the classes that are drawn"},
    {"names", 0, PM_TARGET, offsetof(settings, names), NULL, 0, 0, NULL, "NAMES.txt",
     "write the names of the classes that are drawn, too: a line each, in the order of their numbers"},
    {"list", 0, PM_FLAG, offsetof(settings, list), NULL, 0, 0, NULL, NULL, "print the names of the classes and stop"},
    {0}};

static const pm_tool tool = {
    .name = "draw-sprites",
    .summary = "the built-in set of sprites",
    .operands = "",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED,
    .common_offset = offsetof(settings, common),
    .description =
        "Draws sprites of 16 x 16 pixels, shaded and outlined, all in one palette of 16 colours, and writes them as "
        "one "
        ".npy array of bytes, [N, 16, 16, 3], or [N, 16, 16, 4] with --keep-alpha.\n\n"
        "The classes take turns, so any beginning of the set is balanced; sprite number i depends on the seed, on i "
        "and on the chosen classes alone. No two sprites are equal up to flips and an exchange of colours. The bytes "
        "are the same on every machine.\n\n"
        "With --frames each sprite is several pictures side by side, [N, 16, 16 x frames, 3]: heroes and creatures "
        "that "
        "walk on the spot. A model that is trained on such sprites draws all frames of one together.",
    .examples = "draw-sprites --labels labels.npy -o sprites.npy\n"
                "draw-sprites -n 64 --class potion --class sword | montage -o weapons.png\n"
                "draw-sprites --list",
};

static pm_art_set set_of(const settings *s) {
  return (pm_art_set)s->set;
}

static bool walks(const char *name) {
  return strcmp(name, "hero") == 0 || strcmp(name, "creature") == 0;
}

/* The numbers of the classes asked for; all of them when none is, or all that walk. */
static size_t choose_classes(const settings *s, size_t *chosen) {
  const bool frames = frame_counts[s->frames] > 1;
  const pm_art_set set = set_of(s);
  if (s->classes.count == 0) {
    size_t all = 0;
    for (size_t k = 0; k < pm_art_classes(set); k++)
      if (!frames || walks(pm_art_class_name(set, k)))
        chosen[all++] = k;
    return all;
  }
  size_t n = 0;
  for (size_t i = 0; i < s->classes.count; i++) {
    size_t k = pm_art_class_find(set, s->classes.item[i]);
    if (k == pm_art_classes(set))
      pm_wrong_usage("there is no class '%s', expected one of those that --list%s prints", s->classes.item[i],
                     set == PM_ART_TERRAIN ? " --set terrain" : "");
    for (size_t j = 0; j < n; j++)
      if (chosen[j] == k)
        pm_wrong_usage("the class '%s' is named twice", s->classes.item[i]);
    if (frames && !walks(pm_art_class_name(set, k)))
      pm_wrong_usage("--frames: a %s does not walk; heroes and creatures do", s->classes.item[i]);
    chosen[n++] = k;
  }
  return n;
}

static void write_names(pm_arena *arena, const char *path, const pm_art_choice *choice) {
  pm_output *output = pm_output_open(arena, path, false);
  for (size_t k = 0; k < choice->n; k++)
    pm_output_print(output, "%s\n", pm_art_class_name(choice->set, choice->classes[k]));
  pm_output_commit(output);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  pm_options_parse(arena, &tool, argc, argv, &s, NULL);
  pm_check_ending(s.common.output, s.list ? PM_AS_TEXT : PM_AS_ARRAY_OR_PICTURE);
  pm_check_ending(s.labels, PM_AS_ARRAY);
  pm_check_ending(s.names, PM_AS_TEXT);
  if (frame_counts[s.frames] > 1 && set_of(&s) == PM_ART_TERRAIN)
    pm_wrong_usage("--frames: terrain does not walk; heroes and creatures do");
  size_t *classes = pm_alloc(arena, pm_art_classes(set_of(&s)), sizeof *classes);
  const pm_art_choice choice = {set_of(&s), classes, choose_classes(&s, classes), frame_counts[s.frames]};
  if (s.list) {
    static const char *const of_drawing[] = {"count", "class", "frames", "keep-alpha", "labels", "names", "seed", NULL};
    pm_refuse_given(&s.common, of_drawing, "for drawing, and --list draws nothing");
    write_names(arena, s.common.output, &choice);
    pm_arena_free(arena);
    return PM_DONE;
  }

  pm_tensor labels = pm_tensor_new(arena, PM_I32, pm_shape_of(1, (size_t)s.count));
  pm_sprites sprites = pm_art_draw_classes(arena, s.common.seed, (size_t)s.count, &choice, labels.data, s.keep_alpha);
  pm_tensor pixels = pm_sprites_to_tensor(arena, &sprites);

  if (s.labels)
    pm_array_write(arena, s.labels, &labels);
  if (s.names)
    write_names(arena, s.names, &choice);
  pm_array_write(arena, s.common.output, &pixels);
  pm_arena_free(arena);
  return PM_DONE;
}
