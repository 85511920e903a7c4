#include "pixels/grid.h"

#include "core/sizes.h"

#include <string.h>

enum { MOST_GAP = 64 };

static const double NEARLY_ALL = 0.9;

size_t pm_grid_tiles(size_t length, pm_grid_side side, size_t *rest) {
  *rest = length;
  if (length < side.margin + side.tile)
    return 0;
  size_t inner = length - side.margin, tiles = (inner + side.spacing) / (side.tile + side.spacing);
  *rest = inner - tiles * side.tile - (tiles - 1) * side.spacing;
  *rest -= *rest > side.spacing ? side.spacing : 0;
  /* A margin of a tile's size or more behind the last tile would hold tiles itself. */
  const size_t ends[4] = {side.margin, 0, side.margin + side.spacing, side.spacing};
  for (int e = 0; e < 4; e++) {
    if (inner < ends[e] + side.tile)
      continue;
    size_t whole = inner - ends[e] + side.spacing;
    if (whole % (side.tile + side.spacing) == 0) {
      *rest = 0;
      return whole / (side.tile + side.spacing);
    }
  }
  return tiles;
}

/* ---- lines of one colour ---- */

/* The columns or rows of a sheet. */
typedef struct {
  size_t length;
  size_t *run;      /* [length]: how many in a row, this one the last, are of one and the same colour; 0: not of one */
  uint32_t *colour; /* [length]: the colour, where run is not 0 */
} lines;

static uint32_t colour_at(const pm_image *sheet, bool columns, size_t line, size_t along) {
  uint32_t rgba;
  memcpy(&rgba, columns ? pm_image_pixel(sheet, along, line) : pm_image_pixel(sheet, line, along), 4);
  return rgba;
}

static lines lines_of(pm_arena *arena, const pm_image *sheet, bool columns) {
  lines l = {.length = columns ? sheet->width : sheet->height};
  size_t across = columns ? sheet->height : sheet->width;
  l.run = pm_alloc(arena, l.length, sizeof *l.run);
  l.colour = pm_alloc(arena, l.length, sizeof *l.colour);
  for (size_t i = 0; i < l.length; i++) {
    size_t same = 1;
    l.colour[i] = colour_at(sheet, columns, i, 0);
    while (same < across && colour_at(sheet, columns, i, same) == l.colour[i])
      same++;
    if (same == across)
      l.run[i] = i > 0 && l.run[i - 1] && l.colour[i - 1] == l.colour[i] ? l.run[i - 1] + 1 : 1;
  }
  return l;
}

/* Whether the lines from `first` to before `end` are of one colour. */
static bool is_gap(const lines *l, size_t first, size_t end) {
  return first >= end || l->run[end - 1] >= end - first;
}

/* ---- candidates ---- */

/* What is behind the last tile: as much as the margin; another of the ends that pm_grid_tiles knows; a rest. */
enum { END_EQUAL, END_OTHER, END_REST };

typedef struct {
  size_t gaps;  /* between tiles, all of them seen */
  size_t cuts;  /* sides of tiles that face another tile */
  size_t clean; /* of them, those whose line of pixels is of one colour */
} evidence;

/* Whether what would be gaps are gaps, those between tiles all of one colour. Adds to the evidence. */
static bool has_gaps(const lines *l, pm_grid_side side, int end, evidence *e) {
  size_t rest, tiles = pm_grid_tiles(l->length, side, &rest), step = side.tile + side.spacing;
  if (tiles == 0 || (end != END_REST && rest) || !is_gap(l, 0, side.margin))
    return false;
  size_t last = side.margin + tiles * step - side.spacing;
  if ((end == END_EQUAL) != (l->length - last == side.margin) && end != END_REST)
    return false;
  for (size_t at = side.margin + side.tile; at < last; at += step) {
    if (!is_gap(l, at, at + side.spacing) || (side.spacing && l->colour[at] != l->colour[side.margin + side.tile]))
      return false;
    e->gaps += side.spacing > 0;
    e->cuts += 2;
    e->clean += (l->run[at - 1] > 0) + (l->run[at + side.spacing] > 0);
  }
  return is_gap(l, last, end == END_REST ? pm_smaller(last + side.spacing, l->length) : l->length);
}

/* The best grid so far: the sprites of many sheets touch no edge of their tiles, and then the grid that cuts between
 * them is the one with most clean cuts. */
typedef struct {
  lines columns, rows;
  pm_grid tile, best;
  bool found;
  double clean; /* share of the best one's cuts */
} grid_search;

static void consider(grid_search *s, size_t margin, size_t spacing_x, size_t spacing_y, int end_x, int end_y,
                     size_t least_gaps) {
  evidence e = {0};
  pm_grid grid = {{s->tile.x.tile, margin, spacing_x}, {s->tile.y.tile, margin, spacing_y}};
  if (!has_gaps(&s->columns, grid.x, end_x, &e) || !has_gaps(&s->rows, grid.y, end_y, &e) || e.gaps < least_gaps)
    return;
  double clean = e.cuts ? (double)e.clean / (double)e.cuts : 0;
  if (s->found && clean <= s->clean)
    return;
  s->found = true;
  s->clean = clean;
  s->best = grid;
}

static void consider_spacing(grid_search *s, size_t most, int end_x, int end_y, size_t least_gaps) {
  for (size_t sum = 1; sum <= 2 * most; sum++)
    for (size_t spacing = pm_smaller(sum, most); spacing >= 1 && sum - spacing <= most; spacing--)
      consider(s, sum - spacing, spacing, spacing, end_x, end_y, least_gaps);
}

/* With as much on all four sides. The widest first: one of half a tile less divides the sheet, too. */
static void consider_margin(grid_search *s, size_t most) {
  for (size_t margin = most; margin >= 1; margin--)
    consider(s, margin, 0, 0, END_EQUAL, END_EQUAL, 0);
}

static void consider_two_spacings(grid_search *s, size_t most) {
  for (size_t margin = 0; margin <= most; margin++)
    for (size_t x = 0; x <= most; x++)
      for (size_t y = 0; y <= most; y++)
        if (x != y)
          consider(s, margin, x, y, END_EQUAL, END_EQUAL, 2);
}

/* How clean the cuts are without any gaps. */
static double clean_without(const grid_search *s) {
  evidence e = {0};
  pm_grid_side x = {s->tile.x.tile, 0, 0}, y = {s->tile.y.tile, 0, 0};
  if (!has_gaps(&s->columns, x, END_REST, &e) || !has_gaps(&s->rows, y, END_REST, &e) || e.cuts == 0)
    return 0;
  return (double)e.clean / (double)e.cuts;
}

bool pm_grid_by_gaps(const pm_image *sheet, pm_grid wanted, pm_grid *found) {
  static const int ends[][2] = {{END_EQUAL, END_EQUAL},
                                {END_OTHER, END_OTHER},
                                {END_EQUAL, END_OTHER},
                                {END_OTHER, END_EQUAL},
                                {END_REST, END_REST}};
  pm_arena *arena = pm_arena_new();
  grid_search s = {.tile = wanted, .columns = lines_of(arena, sheet, true), .rows = lines_of(arena, sheet, false)};
  size_t most = pm_smaller(pm_larger(wanted.x.tile, wanted.y.tile), MOST_GAP);
  consider_spacing(&s, most, ends[0][0], ends[0][1], 1);
  consider_margin(&s, most);
  for (size_t i = 1; i < sizeof ends / sizeof *ends; i++) /* here, one gap could be there by chance */
    consider_spacing(&s, most, ends[i][0], ends[i][1], 2);
  if (!s.found)
    consider_two_spacings(&s, most);
  *found = s.best;
  double without = clean_without(&s);
  bool better = s.found && (s.clean >= without || without < NEARLY_ALL);
  pm_arena_free(arena);
  return better;
}
