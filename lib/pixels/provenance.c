#include "pixels/provenance.h"

#include "pixels/canonical.h"

const char *const *pm_provenance(pm_arena *arena, const pm_tool *tool, const void *settings, const char *more,
                                 const pm_sprites *sets, size_t n) {
  const char *text = "";
  for (const pm_option *row = tool->options; row->name; row++) {
    if (row->type == PM_TEXT || row->type == PM_TARGET)
      continue;
    const char *value = pm_option_text(arena, row, settings);
    text = pm_format(arena, "%s%s%s=%s", text, *text ? "; " : "", row->name, value ? value : "");
  }
  if (more)
    text = pm_format(arena, "%s; %s", text, more);
  for (size_t i = 0; i < n; i++) {
    char hash[65];
    pm_sprites_hash(&sets[i], hash);
    text = pm_format(arena, "%s; sprites=%s", text, hash);
  }
  const char **notes = pm_alloc(arena, 5, sizeof *notes);
  notes[0] = "Software";
  notes[1] = pm_format(arena, "pixelmill %s %s", tool->name, pm_version);
  notes[2] = "Comment";
  notes[3] = text;
  return notes;
}
