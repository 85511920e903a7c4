#include "art/classes.h"

/* Emblems for covers, 4 x 4. */
static const char *const emblems[][5] = {
    {".ij.", "ijji", "hiij", ".hi.", NULL}, {".jj.", "jkkj", "jkkj", ".ij.", NULL},
    {"j..j", ".ji.", ".ii.", "j..i", NULL}, {".ji.", "jjii", ".ji.", ".ji.", NULL},
    {"WWWW", "W##W", ".WW.", NULL},         {"j.ji", "jjii", ".ii.", NULL},
    {".jj.", "jj..", "jj..", ".ii.", NULL}, {"jjji", "j..i", "jjji", NULL},
    {".j..", "jjk.", "jjji", ".ii.", NULL}, {NULL},
};

static const pm_ramp paper = {{PM_PEACH, PM_WHITE, PM_WHITE, PM_WHITE}},
                     old_paper = {{PM_BROWN, PM_PEACH, PM_PEACH, PM_WHITE}},
                     night = {{PM_SLATE, PM_NAVY, PM_NAVY, PM_AZURE}}, forest = {{PM_NAVY, PM_PINE, PM_PINE, PM_GREEN}},
                     wine = {{PM_SLATE, PM_MAROON, PM_MAROON, PM_RED}};

static void draw_corners(pm_canvas *c, int x0, int y0, int x1, int y1, pm_ramp metal) {
  for (int k = 0; k < 4; k++) {
    int x = k & 1 ? x1 : x0, y = k & 2 ? y1 : y0, dx = k & 1 ? -1 : 1, dy = k & 2 ? -1 : 1;
    int tone = k == 0 ? PM_GLINT : k == 3 ? PM_DARK : PM_BASE;
    pm_put(c, x, y, metal.tone[tone]);
    pm_put(c, x + dx, y, metal.tone[k == 3 ? PM_DARK : PM_BASE]);
    pm_put(c, x, y + dy, metal.tone[k == 3 ? PM_DARK : PM_BASE]);
  }
}

static void draw_closed(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  pm_ramp cover = ramps[0], metal = ramps[2];
  int width = pm_rng_between(rng, 8, 10), height = pm_rng_between(rng, 11, 13);
  int x0 = 8 - (width + 2) / 2, x1 = x0 + width - 1, y0 = 14 - height, y1 = 12;
  int pages = pm_rng_between(rng, 1, 2);
  pm_rectangle(c, x0 + 1, y0 + 1, x1 + 1, y1 + pages, PM_WHITE); /* the block of pages shows at the right and below */
  for (int y = y0 + 2; y <= y1; y += 2)
    pm_put(c, x1 + 1, y, PM_PEACH);
  if (pages == 2)
    pm_rectangle(c, x0 + 1, y1 + 1, x1 + 1, y1 + 1, PM_PEACH);
  pm_rectangle(c, x0, y1, x0, y1 + pages, cover.tone[PM_DARK]);
  pm_rectangle(c, x0, y0, x1, y1, cover.tone[PM_BASE]);
  pm_rectangle(c, x0, y0, x0 + 1, y1, cover.tone[PM_DARK]); /* the spine */
  pm_rectangle(c, x0 + 2, y0, x1, y0, cover.tone[PM_LIGHT]);
  pm_rectangle(c, x1, y0 + 1, x1, y1, cover.tone[PM_DARK]);
  pm_rectangle(c, x0 + 2, y1, x1, y1, cover.tone[PM_DARK]);
  int trimming = (int)pm_rng_below(rng, 4);
  if (trimming == 0)
    draw_corners(c, x0 + 2, y0, x1, y1, metal);
  if (trimming == 1) /* bands on the spine */
    for (int y = y0 + 2; y < y1; y += 3)
      pm_rectangle(c, x0, y, x0 + 1, y, metal.tone[PM_BASE]);
  if (trimming == 2) { /* a clasp */
    int y = (y0 + y1) / 2;
    pm_rectangle(c, x1 - 1, y, x1 + 1, y + 1, metal.tone[PM_BASE]);
    pm_put(c, x1 - 1, y, metal.tone[PM_GLINT]);
    pm_put(c, x1 + 1, y + 1, metal.tone[PM_DARK]);
  }
  if (pm_rng_chance(rng, 0.3)) /* a ribbon */
    pm_rectangle(c, x0 + 4, y1 + 1, x0 + 4, 14, ramps[1].tone[PM_BASE]);
  const pm_ramp emblem[4] = {metal, ramps[1], metal, metal};
  if (trimming != 2)
    pm_stamp(c, (x0 + 2 + x1) / 2 - 1, (y0 + y1) / 2 - 1 - (int)pm_rng_below(rng, 2), PM_PICK(rng, emblems), emblem);
}

static void draw_open(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  pm_ramp cover = ramps[0];
  int top = pm_rng_between(rng, 4, 5), bottom = pm_rng_between(rng, 11, 12), curl = pm_rng_between(rng, 0, 1);
  pm_rectangle(c, 1, top + 1, 14, bottom + 1, cover.tone[PM_BASE]);
  pm_rectangle(c, 1, bottom + 1, 14, bottom + 1, cover.tone[PM_DARK]);
  pm_rectangle(c, 14, top + 1, 14, bottom + 1, cover.tone[PM_DARK]);
  for (int x = 2; x <= 13; x++) {
    int middle = x == 7 || x == 8, lift = curl && (x == 4 || x == 5 || x == 10 || x == 11) ? 1 : 0;
    pm_rectangle(c, x, top + middle - lift, x, bottom - 1 + middle, x < 7 ? PM_WHITE : x < 9 ? PM_PEACH : PM_WHITE);
    pm_put(c, x, bottom, PM_PEACH);
  }
  pm_rectangle(c, 13, top, 13, bottom, PM_PEACH);
  pm_rectangle(c, 8, top + 1, 8, bottom, PM_BROWN);
  int mark = ramps[1].tone[PM_DARK] == PM_INK ? PM_SLATE : ramps[1].tone[PM_DARK];
  for (int side = 0; side < 2; side++) {
    int x0 = side ? 9 : 3, x1 = side ? 12 : 6, y = top + 2;
    if (pm_rng_chance(rng, 0.4)) { /* a picture */
      pm_rectangle(c, x0 + 1, y, x1 - 1, y + 2, ramps[1].tone[PM_BASE]);
      pm_put(c, x0 + 1, y, ramps[1].tone[PM_GLINT]);
      y += 4;
    }
    for (; y < bottom - 1; y += 2)
      pm_rectangle(c, x0, y, pm_rng_between(rng, x0 + 1, x1), y, mark);
  }
  if (pm_rng_chance(rng, 0.5)) { /* a ribbon */
    int x = pm_rng_chance(rng, 0.5) ? 6 : 10;
    pm_rectangle(c, x, bottom, x, bottom + 2, ramps[1].tone[PM_BASE]);
  }
}

static void draw_roll(pm_canvas *c, int y, int x0, int x1, pm_ramp sheet, pm_ramp rod, int knobs) {
  pm_rectangle(c, x0, y, x1, y, sheet.tone[PM_LIGHT]);
  pm_rectangle(c, x0, y + 1, x1, y + 1, sheet.tone[PM_BASE]);
  pm_rectangle(c, x0, y + 2, x1, y + 2, sheet.tone[PM_DARK]);
  if (knobs) {
    pm_rectangle(c, x0 - 1, y, x0 - 1, y + 2, rod.tone[PM_LIGHT]);
    pm_rectangle(c, x1 + 1, y, x1 + 1, y + 2, rod.tone[PM_DARK]);
    pm_put(c, x0 - 1, y + 2, rod.tone[PM_DARK]), pm_put(c, x1 + 1, y, rod.tone[PM_BASE]);
  } else {
    pm_put(c, x0, y + 1, sheet.tone[PM_DARK]), pm_put(c, x1, y + 1, sheet.tone[PM_DARK]);
  }
}

static void draw_scroll(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  pm_ramp sheet = pm_rng_chance(rng, 0.5) ? paper : old_paper;
  int knobs = pm_rng_chance(rng, 0.6), half = pm_rng_between(rng, 4, 5), top = pm_rng_between(rng, 1, 2),
      foot = pm_rng_between(rng, 11, 12);
  int x0 = 8 - half, x1 = 7 + half;
  int ink = sheet.tone[PM_DARK] == PM_BROWN ? PM_MAROON : ramps[0].tone[PM_DARK];
  pm_rectangle(c, x0 + 1, top + 2, x1 - 1, foot, sheet.tone[PM_BASE]);
  pm_rectangle(c, x1 - 1, top + 2, x1 - 1, foot, sheet.tone[PM_DARK]);
  int seal = pm_rng_chance(rng, 0.4), last = seal ? foot - 4 : foot - 1;
  int picture = pm_rng_chance(rng, 0.35);
  if (picture) {
    const pm_ramp emblem[4] = {ramps[0], ramps[1], ramps[0], ramps[0]};
    pm_stamp(c, 6, top + 5, PM_PICK(rng, emblems), emblem);
  } else {
    for (int y = top + 4; y <= last; y += 2)
      pm_rectangle(c, x0 + 2, y, pm_rng_between(rng, x0 + 4, x1 - 3), y, ink);
  }
  draw_roll(c, top, x0, x1, sheet, ramps[0], knobs);
  draw_roll(c, foot, x0, x1, sheet, ramps[0], knobs);
  if (seal && !picture) {
    pm_rectangle(c, 8, foot - 3, 9, foot - 2, PM_RED);
    pm_put(c, 8, foot - 3, PM_PEACH);
    pm_put(c, 9, foot - 2, PM_MAROON);
  }
}

/* Rolled up, lying on the diagonal, with a band. */
static void draw_rolled(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  pm_ramp sheet = pm_rng_chance(rng, 0.5) ? paper : old_paper;
  int from = pm_rng_between(rng, 2, 3), to = pm_rng_between(rng, 11, 12), at = pm_rng_between(rng, 5, 8),
      wide = pm_rng_between(rng, 1, 2);
  for (int k = from; k <= to; k++)
    for (int d = -2; d <= 3; d++) {
      int x = k + (d > 0 ? d / 2 + d % 2 : 0) - (d < 0 ? -d / 2 : 0),
          y = 14 - k + (d > 0 ? d / 2 : 0) - (d < 0 ? (1 - d) / 2 : 0);
      bool band = k >= at && k < at + wide;
      const pm_ramp *ramp = band ? &ramps[0] : &sheet;
      pm_put(c, x, y, ramp->tone[d < -1 ? PM_LIGHT : d < 2 ? PM_BASE : PM_DARK]);
    }
  pm_rectangle(c, to, 14 - to, to + 1, 14 - to, sheet.tone[PM_DARK]);
  pm_put(c, to, 13 - to, sheet.tone[PM_DARK]);
  if (pm_rng_chance(rng, 0.5)) { /* a seal on the band */
    pm_rectangle(c, at, 14 - at, at + 1, 15 - at, PM_RED);
    pm_put(c, at, 14 - at, PM_PEACH), pm_put(c, at + 1, 15 - at, PM_MAROON);
  }
}

void pm_draw_book(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const covers[] = {&pm_red, &pm_blue, &pm_green, &pm_purple, &pm_wood,
                                          &night,  &forest,  &wine,     &pm_steel};
  static const pm_ramp *const accents[] = {&pm_red, &pm_blue, &pm_green, &pm_purple, &pm_wood};
  static const pm_ramp *const metals[] = {&pm_gold, &pm_gold, &pm_gold, &pm_silver, &pm_steel, &pm_bone};
  const pm_ramp ramps[4] = {*PM_PICK(rng, covers), *PM_PICK(rng, accents), *PM_PICK(rng, metals), pm_gold};
  uint32_t kind = pm_rng_below(rng, 10);
  if (kind < 5)
    draw_closed(c, rng, ramps);
  else if (kind < 7)
    draw_open(c, rng, ramps);
  else if (kind < 9)
    draw_scroll(c, rng, ramps);
  else
    draw_rolled(c, rng, ramps);
  pm_outline(c);
}
