/* extract-palette: the colours that sprites are drawn in. */
#include "core/options.h"
#include "pixels/canonical.h"
#include "pixels/extract.h"

typedef struct {
  int64_t colours;
  bool stored;
  pm_common common;
} settings;

static const pm_option options[] = {
    {"colours", 'k', PM_INTEGER, offsetof(settings, colours), "0", 0, 256, NULL, "N",
     "opaque colours wanted; 0: all that there are, at most 256"},
    {"stored", 0, PM_FLAG, offsetof(settings, stored), NULL, 0, 0, NULL, NULL,
     "the palette that the file itself holds, in its order: of an .aseprite file, or any file of a palette"},
    {0}};

static const pm_tool tool = {
    .name = "extract-palette",
    .summary = "the colours that sprites are drawn in",
    .operands = "[SPRITES.npy|PICTURE.png|SPRITE.aseprite|FOLDER]...",
    .options = options,
    .shares = PM_HAS_OUTPUT | PM_HAS_SEED | PM_HAS_THREADS,
    .common_offset = offsetof(settings, common),
    .max_operands = -1,
    .description =
        "Writes the palette of all sprites given, dark colours first. The name of the output decides the format: "
        ".gpl (GIMP; also on standard output), .hex (one rrggbb per line), .pal (JASC) or .png.\n\n"
        "The palette is exact unless there are more colours than wanted, or than a palette holds; then k-means "
        "finds the colours that represent them best. Pixels with alpha below 128 give one transparent entry, the "
        "first, in addition to the number wanted.\n\n"
        "With --stored it ignores pixels and writes the palette of an .aseprite file, or of a palette file of any "
        "kind that is read (.gpl, .hex, .pal, .txt, .act, .ase), unchanged: with its order and its unused colours.",
    .examples = "extract-palette sprites.npy -o palette.gpl\n"
                "extract-palette -k 8 photo.png -o eight.hex\n"
                "extract-palette --stored hero.aseprite -o hero.gpl",
};

static void write_stored(pm_arena *arena, const settings *s, char *const *operands, size_t n) {
  pm_refuse_given(&s->common, (const char *const[]){"colours", NULL}, "for colours of pixels, without --stored");
  if (n > 1)
    pm_wrong_usage("--stored: %zu files, expected one", n);
  pm_palette palette = pm_palette_read(arena, n ? operands[0] : "-");
  pm_say(0, "%s", pm_counted(arena, palette.count, "colour"));
  pm_palette_write(arena, s->common.output, &palette,
                   pm_format(arena, "pixelmill extract-palette %s --stored", pm_version));
}

static void write_extracted(pm_arena *arena, const settings *s, char *const *operands, size_t n) {
  pm_sprites sprites = pm_sprites_read_all(arena, operands);

  pm_extract_report report;
  pm_palette palette = pm_extract_palette(arena, &sprites, (size_t)s->colours, s->common.seed,
                                          n ? operands[0] : "standard input", &report);
  const char *count = pm_counted(arena, palette.count, "colour");
  const char *transparent = report.transparent ? ", the transparent one among them" : "";
  if (report.exact)
    pm_say(0, "%s, exact%s", count, transparent);
  else
    pm_say(0, "%s by k-means from %zu%s", count, report.distinct, transparent);

  char hash[65];
  pm_sprites_hash(&sprites, hash);
  const char *provenance = pm_format(arena, "pixelmill extract-palette %s --colours %lld --seed %llu, sprites %s",
                                     pm_version, (long long)s->colours, (unsigned long long)s->common.seed, hash);
  pm_palette_write(arena, s->common.output, &palette, provenance);
}

int main(int argc, char **argv) {
  pm_arena *arena = pm_arena_new();
  settings s;
  size_t n;
  char **operands = pm_options_parse(arena, &tool, argc, argv, &s, &n);
  if (s.stored)
    write_stored(arena, &s, operands, n);
  else
    write_extracted(arena, &s, operands, n);
  pm_arena_free(arena);
  return PM_DONE;
}
