#include "art/classes.h"

/* a to d: metal; e to h: the stone. */
static const char *const round_stone[] = {"..gg..", ".ghgf.", "ghggff", "gggffe", ".gffe.", "..fe..", NULL};
static const char *const square_stone[] = {"cccccb", "chggfa", "cggffa", "cgffea", "bbaaaa", NULL};
static const char *const pointed_stone[] = {"ghhgfe", "gggffe", ".ggfe.", "..fe..", NULL};
static const char *const heart_stone[] = {".g..f.", "ghgffe", "gggffe", ".ggfe.", "..fe..", NULL};
static const char *const small_stone[] = {".hg.", "hggf", ".fe.", NULL};
static const char *const tall_stone[] = {"..hg..", ".hggf.", ".hgff.", ".ggfe.", ".gffe.", "..fe..", NULL};
static const char *const star_stone[] = {"..hg..", ".hggf.", "hggffe", ".ggfe.", ".g..e.", NULL};
static const char *const skull_stone[] = {".WWWW.", "WWWWWW", "W#WW#W", "WWWWWW", ".W##W.", NULL};
static const char *const *const stones[] = {round_stone, square_stone, pointed_stone, heart_stone,
                                            small_stone, tall_stone,   star_stone,    skull_stone};

static void size_of(const char *const *rows, int *width, int *height) {
  for (*height = 0; rows[*height]; ++*height)
    ;
  for (*width = 0; rows[0][*width]; ++*width)
    ;
}

/* A band: the ellipse of the box without the one `thick` inside it; its inner side is lit at the bottom right. */
static void draw_band(pm_canvas *c, int x0, int y0, int x1, int y1, int thick, pm_ramp metal) {
  pm_canvas hole = pm_canvas_new(c->width, c->height);
  pm_ball(&hole, x0 + thick, y0 + thick, x1 - thick, y1 - thick, pm_steel);
  pm_canvas band = pm_canvas_new(c->width, c->height);
  pm_ball(&band, x0, y0, x1, y1, pm_steel);
  int cx = x0 + x1, cy = y0 + y1;
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      if (!pm_get(&band, x, y) || pm_get(&hole, x, y))
        continue;
      int lit = (cx - 2 * x) + (cy - 2 * y);
      bool outer =
          !pm_get(&band, x - 1, y) || !pm_get(&band, x + 1, y) || !pm_get(&band, x, y - 1) || !pm_get(&band, x, y + 1);
      int tone = lit > 8              ? (outer ? PM_LIGHT : PM_BASE)
                 : lit < -8           ? (outer ? PM_DARK : PM_BASE)
                 : outer == (lit > 0) ? PM_BASE
                                      : PM_DARK;
      pm_put(c, x, y, metal.tone[lit > 13 && outer ? PM_GLINT : tone]);
    }
}

static void draw_finger_ring(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  const char *const *stone = stones[pm_rng_below(rng, sizeof stones / sizeof *stones - 1)]; /* no skull */
  int w, h;
  size_of(stone, &w, &h);
  int half = pm_rng_between(rng, 4, 6), top = pm_rng_between(rng, 4, 5),
      thick = half == 4 ? 1 : pm_rng_between(rng, 1, 2);
  int bottom = top + 2 * half - 1 > 14 ? 14 : top + 2 * half - 1;
  draw_band(c, 8 - half, top, 7 + half, bottom, thick, ramps[0]);
  int style = (int)pm_rng_below(rng, 4);
  if (style == 1) { /* two small stones beside the large one */
    pm_rectangle(c, 4, top + 1, 4, top + 2, ramps[2].tone[PM_BASE]);
    pm_rectangle(c, 11, top + 1, 11, top + 2, ramps[2].tone[PM_DARK]);
  } else if (style == 2) { /* a notched band */
    for (int k = 0; k < 3; k++)
      pm_tint(c, 5 + 3 * k, bottom - (k != 1), ramps[0].tone[PM_DARK]);
  }
  int y = top + 2 - h / 2 - 1;
  y = y < 1 ? 1 : y;
  if (style != 3 || stone == small_stone) {
    pm_rectangle(c, 8 - w / 2 - (w < 6), y + h - 1, 7 + w / 2 + (w < 6), y + h - 1,
                 ramps[0].tone[PM_BASE]); /* its seat */
    pm_put(c, 8 - w / 2 - (w < 6), y + h - 1, ramps[0].tone[PM_LIGHT]);
    pm_put(c, 7 + w / 2 + (w < 6), y + h - 1, ramps[0].tone[PM_DARK]);
  }
  pm_stamp(c, 8 - w / 2, y, stone, ramps);
}

static void draw_amulet(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  static const struct {
    signed char left[10], rows;
  } chains[] = {{{5, 3, 2, 2, 3, 4, 5, 6}, 8},
                {{4, 3, 2, 2, 2, 3, 3, 4, 6}, 9},
                {{3, 2, 2, 3, 4, 4, 5, 6}, 8},
                {{5, 4, 3, 3, 3, 4, 5, 6}, 8}};
  const char *const *stone = PM_PICK(rng, stones);
  int w, h;
  size_of(stone, &w, &h);
  size_t k = pm_rng_below(rng, sizeof chains / sizeof *chains);
  int closed = pm_rng_chance(rng, 0.6), beads = pm_rng_chance(rng, 0.5);
  const pm_ramp *chain = pm_rng_chance(rng, 0.6) ? &ramps[0] : &ramps[2];
  for (int row = 0; row < chains[k].rows; row++) {
    int next = row + 1 < chains[k].rows ? chains[k].left[row + 1] : 7, here = chains[k].left[row];
    int from = here < next ? here : next, to = here < next ? next - 1 : here;
    for (int x = from; x <= (to < from ? from : to); x++) {
      bool bead = beads ? (row + x) % 3 == 0 : (row + x) % 2 == 0;
      pm_put(c, x, 1 + row, chain->tone[bead ? PM_GLINT : PM_BASE]);
      pm_put(c, 15 - x, 1 + row, chain->tone[bead ? PM_BASE : PM_DARK]);
    }
  }
  if (closed)
    for (int x = chains[k].left[0]; x <= 15 - chains[k].left[0]; x++)
      pm_put(c, x, 1, chain->tone[x % 2 ? PM_BASE : x < 8 ? PM_GLINT : PM_DARK]);
  int y = 15 - h - pm_rng_between(rng, 0, 1);
  if (pm_rng_chance(rng, 0.5) && w == 6 && h <= 5) { /* in a setting */
    pm_ball(c, 8 - w / 2 - 1, y - 1 - (h < 5), 7 + w / 2 + 1, y + h, ramps[0]);
    if (y + h > 14)
      y--;
  } else {
    pm_rectangle(c, 7, y - 1, 8, y - 1, ramps[0].tone[PM_BASE]);
  }
  pm_stamp(c, 8 - w / 2, y, stone, ramps);
}

void pm_draw_ring(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const metals[] = {&pm_gold,   &pm_gold, &pm_gold, &pm_steel,
                                          &pm_silver, &pm_wood, &pm_bone, &pm_purple};
  static const pm_ramp clear = {{PM_AZURE, PM_PALE, PM_WHITE, PM_WHITE}};
  static const pm_ramp *const jewels[] = {&pm_red, &pm_blue, &pm_green, &pm_purple,
                                          &clear,  &pm_navy, &pm_gold,  &pm_pink};
  pm_ramp ramps[4] = {*PM_PICK(rng, metals), *PM_PICK(rng, jewels), *PM_PICK(rng, jewels), pm_gold};
  while (ramps[1].tone[PM_BASE] == ramps[0].tone[PM_BASE])
    ramps[1] = *PM_PICK(rng, jewels);
  if (pm_rng_chance(rng, 0.55))
    draw_finger_ring(c, rng, ramps);
  else
    draw_amulet(c, rng, ramps);
  pm_outline(c);
}
