#include "pixels/sheet_fit.h"

enum { MOST_NAMED = 12 };

pm_grid pm_slice_grid(const pm_slice_options *o) {
  return (pm_grid){{(size_t)o->tile[0], (size_t)o->margin[0], (size_t)o->spacing[0]},
                   {(size_t)o->tile[1], (size_t)o->margin[1], (size_t)o->spacing[1]}};
}

typedef struct {
  size_t across, down;    /* whole tiles */
  size_t at_right, below; /* pixels left over */
} fit;

static fit fit_of(const pm_image *sheet, pm_grid grid) {
  fit f;
  f.across = pm_grid_tiles(sheet->width, grid.x, &f.at_right);
  f.down = pm_grid_tiles(sheet->height, grid.y, &f.below);
  return f;
}

static bool divides(fit f) {
  return f.across && f.down && f.at_right == 0 && f.below == 0;
}

/* "9 x 5 whole tiles, and 15 pixels left over at the right and 3 below" */
static const char *rest_text(pm_arena *arena, fit f) {
  if (f.across == 0 || f.down == 0)
    return "it is smaller than one tile";
  const char *first = pm_counted(arena, f.at_right ? f.at_right : f.below, "pixel");
  const char *where = !f.below     ? "at the right"
                      : f.at_right ? pm_format(arena, "at the right and %zu below", f.below)
                                   : "below";
  const char *tiles =
      f.across * f.down == 1 ? "1 whole tile" : pm_format(arena, "%zu x %zu whole tiles", f.across, f.down);
  return pm_format(arena, "%s, and %s left over %s", tiles, first, where);
}

/* "3", or "3x1" where they differ: as the options take it. */
static const char *pair(pm_arena *arena, size_t x, size_t y) {
  return x == y ? pm_format(arena, "%zu", x) : pm_format(arena, "%zux%zu", x, y);
}

/* What to do about a sheet; a clause. `others`: sheets that divide. */
static const char *advice(pm_arena *arena, const pm_image *sheet, pm_grid grid, size_t others) {
  pm_grid found;
  const char *skip = others ? "; --rest skip leaves such sheets out" : "";
  fit f = fit_of(sheet, grid);
  if (pm_grid_by_gaps(sheet, grid, &found)) {
    fit of_found = fit_of(sheet, found);
    const char *values = pm_format(arena, "margin %s and spacing %s", pair(arena, found.x.margin, found.y.margin),
                                   pair(arena, found.x.spacing, found.y.spacing));
    if (divides(of_found))
      return pm_format(arena, "by its gaps, tiles of %zu x %zu would with %s%s", grid.x.tile, grid.y.tile, values,
                       skip);
    return pm_format(arena, "its gaps are those of %s: %s, which --rest drop leaves out%s", values,
                     rest_text(arena, of_found), skip);
  }
  if (f.across == 0 || f.down == 0)
    return pm_format(arena, "it is smaller than one tile%s", skip);
  return pm_format(arena, "%s; if that is the tiles' size, --rest drop leaves these out%s", rest_text(arena, f), skip);
}

/* As pictures of one sprite each are. */
static bool all_alike(const pm_image *sheets, size_t n) {
  size_t s = 1;
  while (s < n && sheets[s].width == sheets[0].width && sheets[s].height == sheets[0].height)
    s++;
  return s == n;
}

PM_NORETURN static void refuse(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                               const pm_slice_options *o, size_t misfits) {
  pm_grid grid = pm_slice_grid(o);
  const char *wanted =
      pm_format(arena, "into tiles of %zu x %zu with margin %s and spacing %s", grid.x.tile, grid.y.tile,
                pair(arena, grid.x.margin, grid.y.margin), pair(arena, grid.x.spacing, grid.y.spacing));
  const char *list = "";
  size_t listed = 0, first = n;
  for (size_t s = 0; s < n; s++) {
    if (divides(fit_of(&sheets[s], grid)))
      continue;
    first = first < n ? first : s;
    if (listed < MOST_NAMED)
      list = pm_format(arena, "%s%s%s (%zu x %zu)", list, listed ? ", " : "", places[s], sheets[s].width,
                       sheets[s].height);
    listed++;
  }
  const char *help = all_alike(sheets, n) && misfits == n && n > 1
                         ? pm_format(arena, "all have that size; --tile %s takes each whole",
                                     pair(arena, sheets[0].width, sheets[0].height))
                         : advice(arena, &sheets[first], grid, n - misfits);
  if (misfits == 1)
    pm_fail(PM_BAD_INPUT, places[first], "%zu x %zu pixels do not divide %s, expected a sheet that does: %s",
            sheets[first].width, sheets[first].height, wanted, help);
  if (misfits > MOST_NAMED)
    list = pm_format(arena, "%s and %zu more", list, misfits - MOST_NAMED);
  pm_fail(PM_BAD_INPUT, NULL, "%zu of %zu sheets do not divide %s, expected sheets that do: %s. Of the first: %s",
          misfits, n, wanted, list, help);
}

/* A sheet may divide, or all but a rest of it that is left out, by chance though it has gaps: 15 tiles of 16 with a
 * margin and spacing of 1 are 256 pixels, as 16 tiles without are. Looked for where nobody has said that there are
 * gaps, and where enough of them are in a row. */
static void warn_of_gaps(pm_arena *arena, const pm_image *sheet, const char *place, pm_grid grid) {
  enum { LEAST_TILE = 4, LEAST_GAPS = 4 };
  bool given = grid.x.margin || grid.y.margin || grid.x.spacing || grid.y.spacing;
  pm_grid found;
  if (given || grid.x.tile < LEAST_TILE || grid.y.tile < LEAST_TILE || !pm_grid_by_gaps(sheet, grid, &found))
    return;
  fit f = fit_of(sheet, found);
  size_t gaps = (found.x.spacing ? f.across - 1 : 0) + (found.y.spacing ? f.down - 1 : 0);
  bool narrow = found.x.spacing < grid.x.tile && found.y.spacing < grid.y.tile; /* not a row of empty tiles */
  bool no_worse = divides(f) || !divides(fit_of(sheet, grid));
  if (no_worse && gaps >= LEAST_GAPS && narrow)
    pm_warn(place,
            "by its gaps, tiles of %zu x %zu lie with margin %s and spacing %s, and without these they are cut through",
            grid.x.tile, grid.y.tile, pair(arena, found.x.margin, found.y.margin),
            pair(arena, found.x.spacing, found.y.spacing));
}

bool *pm_sheets_fit(pm_arena *arena, const pm_image *sheets, const char *const *places, size_t n,
                    const pm_slice_options *o) {
  pm_grid grid = pm_slice_grid(o);
  bool *cut = pm_alloc(arena, n, sizeof *cut);
  size_t misfits = 0;
  for (size_t s = 0; s < n; s++) {
    cut[s] = divides(fit_of(&sheets[s], grid));
    misfits += !cut[s];
  }
  if (misfits && o->rest == PM_REST_REFUSE)
    refuse(arena, sheets, places, n, o, misfits);
  size_t said = 0;
  for (size_t s = 0; s < n && misfits; s++) {
    if (cut[s])
      continue;
    fit f = fit_of(&sheets[s], grid);
    cut[s] = o->rest == PM_REST_DROP && f.across && f.down;
    if (said++ < MOST_NAMED)
      pm_warn(places[s], "%zu x %zu pixels: %s; %s left out", sheets[s].width, sheets[s].height, rest_text(arena, f),
              cut[s] ? "these are" : "the sheet is");
  }
  if (said > MOST_NAMED)
    pm_warn(NULL, "so are %zu more sheets or parts of them", said - MOST_NAMED);
  for (size_t s = 0; s < n; s++)
    if (cut[s])
      warn_of_gaps(arena, &sheets[s], places[s], grid);
  return cut;
}
