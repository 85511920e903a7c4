#include "art/classes.h"

/* Slimes, ghosts and floating eyes are shaded balls; the others are drawn from templates, where a to d is the body,
 * e to h the second colour (wings, belly, claws). Eyes come last. */
static void draw_eyes(pm_canvas *c, pm_rng *rng, int y) {
  int apart = pm_rng_between(rng, 1, 2);
  switch (pm_rng_below(rng, 6)) {
  case 0: /* dots */
    pm_rectangle(c, 7 - apart, y, 7 - apart, y + 1, PM_INK);
    pm_rectangle(c, 8 + apart, y, 8 + apart, y + 1, PM_INK);
    break;
  case 1: /* round */
    pm_rectangle(c, 6 - apart, y, 7 - apart, y + 1, PM_WHITE);
    pm_rectangle(c, 8 + apart, y, 9 + apart, y + 1, PM_WHITE);
    pm_put(c, 7 - apart, y + 1, PM_INK), pm_put(c, 8 + apart, y + 1, PM_INK);
    break;
  case 2: /* one big eye */
    pm_rectangle(c, 6, y - 1, 9, y + 1, PM_WHITE);
    pm_rectangle(c, 7, y + 2, 8, y + 2, PM_PALE);
    pm_rectangle(c, 7, y, 8, y + 1, PM_INK);
    break;
  case 3: /* angry */
    pm_put(c, 6 - apart, y - 1, PM_INK), pm_put(c, 7 - apart, y, PM_INK);
    pm_put(c, 9 + apart, y - 1, PM_INK), pm_put(c, 8 + apart, y, PM_INK);
    pm_put(c, 6 - apart, y, PM_WHITE), pm_put(c, 9 + apart, y, PM_WHITE);
    break;
  case 4: /* tall with a glint */
    pm_rectangle(c, 6 - apart, y - 1, 7 - apart, y + 1, PM_INK);
    pm_rectangle(c, 8 + apart, y - 1, 9 + apart, y + 1, PM_INK);
    pm_put(c, 6 - apart, y - 1, PM_WHITE), pm_put(c, 8 + apart, y - 1, PM_WHITE);
    break;
  default: /* sleepy */
    pm_rectangle(c, 6 - apart, y, 7 - apart, y, PM_INK);
    pm_rectangle(c, 8 + apart, y, 9 + apart, y, PM_INK);
  }
}

static void draw_mouth(pm_canvas *c, pm_rng *rng, int y) {
  switch (pm_rng_below(rng, 5)) {
  case 0:
    pm_rectangle(c, 7, y, 8, y, PM_INK);
    break;
  case 1: /* a smile */
    pm_put(c, 6, y, PM_INK), pm_put(c, 9, y, PM_INK);
    pm_rectangle(c, 7, y + 1, 8, y + 1, PM_INK);
    break;
  case 2: /* fangs */
    pm_rectangle(c, 6, y, 9, y, PM_INK);
    pm_put(c, 6, y + 1, PM_WHITE), pm_put(c, 9, y + 1, PM_WHITE);
    break;
  case 3: /* open */
    pm_rectangle(c, 7, y, 8, y + 1, PM_MAROON);
    break;
  default:
    break;
  }
}

static void draw_slime(pm_canvas *c, pm_rng *rng, pm_ramp ramp) {
  static const struct {
    signed char width[12], rows;
  } bodies[] = {
      {{6, 8, 10, 12, 12, 12, 12, 12, 10}, 9},   {{4, 8, 10, 12, 12, 14, 14, 12}, 8},
      {{2, 2, 4, 6, 8, 10, 12, 12, 12, 10}, 10}, {{6, 8, 10, 10, 10, 10, 10, 12, 12, 10}, 10},
      {{4, 6, 6, 8, 10, 12, 14, 14}, 8},         {{6, 10, 12, 12, 12, 12, 12, 12, 12, 10, 8}, 11},
  };
  size_t k = pm_rng_below(rng, sizeof bodies / sizeof *bodies);
  int rows = bodies[k].rows, top = 14 - rows + 1;
  pm_lathe(c, 16, top, bodies[k].width, rows, PM_FLAT_A);
  if (pm_rng_chance(rng, 0.3)) { /* antennae, horns or ears */
    int x = pm_rng_between(rng, 1, 3), high = pm_rng_between(rng, 1, 2);
    pm_rectangle(c, 7 - x, top - high, 7 - x, top + 1, PM_FLAT_A);
    pm_rectangle(c, 8 + x, top - high, 8 + x, top + 1, PM_FLAT_A);
  }
  if (pm_rng_chance(rng, 0.3)) /* it drips */
    for (int x = 3; x < 13; x += pm_rng_between(rng, 2, 4))
      pm_put(c, x, 14, PM_BACKGROUND);
  int box = top < 5 ? top - 1 : top;
  pm_shade_ball(c, PM_FLAT_A, 1, box, 14, 15, ramp);
  int at = rows / 2 - 1;
  while (bodies[k].width[at] < 10 && at + 3 < rows)
    at++;
  draw_eyes(c, rng, top + at);
  if (at + 4 < rows)
    draw_mouth(c, rng, top + at + 3);
}

static void draw_ghost(pm_canvas *c, pm_rng *rng, pm_ramp ramp) {
  static const signed char body[] = {4, 8, 10, 10, 10, 12, 12, 12, 12, 12, 12, 12, 12};
  int rows = pm_rng_between(rng, 11, 13), top = pm_rng_between(rng, 1, 14 - rows), hem = pm_rng_between(rng, 2, 3);
  int narrow = pm_rng_chance(rng, 0.5), wave = (int)pm_rng_below(rng, 4);
  signed char width[13];
  for (int k = 0; k < rows; k++)
    width[k] = (signed char)(narrow && body[k] > 10 ? 10 : body[k]);
  pm_lathe(c, 16, top, width, rows, PM_FLAT_A);
  for (int x = 0; x < 16; x++) /* its hem */
    if ((x + wave) % (hem + 2) >= hem) {
      pm_put(c, x, top + rows - 1, PM_BACKGROUND);
      if (hem == 2)
        pm_put(c, x, top + rows - 2, PM_BACKGROUND);
    }
  if (pm_rng_chance(rng, 0.5)) { /* arms */
    int y = top + pm_rng_between(rng, 5, 7);
    pm_rectangle(c, narrow ? 2 : 1, y, 3, y + 1, PM_FLAT_A);
    pm_rectangle(c, 12, y, narrow ? 13 : 14, y + 1, PM_FLAT_A);
  }
  pm_shade_ball(c, PM_FLAT_A, 1, top - 1, 15, top + rows + 3, ramp);
  draw_eyes(c, rng, top + 4);
  draw_mouth(c, rng, top + 7);
}

static void draw_floating_eye(pm_canvas *c, pm_rng *rng, pm_ramp ramp, pm_ramp iris) {
  int veined = pm_rng_chance(rng, 0.5);
  switch (pm_rng_below(rng, 4)) { /* what it floats by */
  case 0:                         /* wings */
    for (int k = 0; k < 4; k++) {
      pm_line(c, 3, 7, k, 3 + 2 * k, ramp.tone[k == 0 ? PM_LIGHT : PM_BASE]);
      pm_line(c, 12, 7, 15 - k, 3 + 2 * k, ramp.tone[k == 0 ? PM_BASE : PM_DARK]);
    }
    break;
  case 1: /* tentacles */
    for (int k = 0; k < 4; k++) {
      int x = 3 + 3 * k, end = pm_rng_between(rng, 12, 14);
      pm_rectangle(c, x, 10, x, end, ramp.tone[k < 2 ? PM_BASE : PM_DARK]);
      pm_put(c, x + (k < 2 ? -1 : 1), end, ramp.tone[PM_DARK]);
    }
    break;
  case 2: /* eye stalks */
    for (int k = 0; k < 3; k++) {
      int x = 3 + 4 * k + (k == 2), y = k == 1 ? 1 : 2 + pm_rng_between(rng, 0, 1);
      pm_rectangle(c, x, y, x + 1, y, PM_WHITE);
      pm_put(c, x + (k == 0 ? 0 : 1), y, PM_INK);
      pm_rectangle(c, x, y + 1, x, 4, ramp.tone[PM_BASE]);
    }
    break;
  default: /* a nerve */
    pm_line(c, 8, 12, 10, 14, PM_RED);
    pm_line(c, 10, 14, 13, 14, PM_MAROON);
  }
  pm_ball(c, 3, 3, 12, 12, ramp);
  pm_ball(c, 5, 5, 11, 11, (pm_ramp){{PM_GREY, PM_PALE, PM_WHITE, PM_WHITE}});
  int x = pm_rng_between(rng, 6, 8), y = pm_rng_between(rng, 6, 8);
  pm_rectangle(c, x, y, x + 2, y + 2, iris.tone[PM_BASE]);
  pm_rectangle(c, x + 1, y + 1, x + 1, y + 2, PM_INK);
  pm_put(c, x, y, PM_WHITE);
  if (veined)
    pm_put(c, 5, 10, PM_RED), pm_put(c, 10, 5, PM_RED);
}

static const char *const bat_up[] = {".............", "a...b...b...a", "ba..bb.bb..ab", "bba.bcbbb.abb",
                                     "bfbacbbbbabeb", "bffbbbbbbbeeb", ".bfbbbbbabeb.", "..bbbbbbabb..",
                                     "....bbbaa....", "....bbbaa....", ".....b.a.....", NULL};
static const char *const bat_down[] = {"....b.....b....", "....bb...bb....", "....cbbbbba....", "..bbcbbbbbaaa..",
                                       ".bffbbbbbbaeea.", "bfffbbbbbbaeeea", "bffbbbbbbabaeea", "bfb.bbbba..aeea",
                                       "bb..bbbba...aea", "b....b.a.....aa", "b.............a", NULL};
static const char *const bat_wide[] = {".....b...b.....", "bb...bb.bb...aa", "bfbb.cbbbb.aaea",
                                       "bffbbcbbbbabeea", "bf.fbbbbbabe.ea", "b...bbbbbaa...a",
                                       "....fbbbaa.....", "......ba.......", NULL};
static const char *const spider[] = {".b...........a.",
                                     "b.b..cbbb...a.a",
                                     "b.b.cdcbbb..a.a",
                                     "b..bccbbbba.a.a",
                                     ".bbbcbgfbbaaaa.",
                                     "...bbbfebaaa...",
                                     ".bbbbbbbbaaaaa.",
                                     "b..bbbbbbaa...a",
                                     "b.b.bbbba...a.a",
                                     "b.b..cbba...a.a",
                                     "..b..#ba#...a..",
                                     ".....f.e.......",
                                     NULL};
static const char *const crab[] = {".cb.......cb...", "cb.b.....b.ba..",
                                   "cbbb.....bbba..", ".cb.......ba...",
                                   ".b..g...g..a...", "..b.f...f.a....",
                                   "...cccbbbbb....", "..cddcbbbbba...",
                                   ".bcdcbbbbbbaa..", "b.ccbbbbbbaa.a.",
                                   "b.bbbbbbbaaa.a.", "..b.bb.ba.a....",
                                   ".b..b...a..a...", NULL};
static const char *const frog[] = {"...cb....cb...", "..cWWb..cWWb..",
                                   "..c#Wbccb#Wa..", ".cccccbbbbbba.",
                                   ".cddccbbbbbba.", ".cdcbbbbbbbba.",
                                   ".bb########aa.", "..bggggffffa..",
                                   "cb.gggfffe.ba.", "cbbbgfffebbba.",
                                   "cbbb.eeee.bba.", ".bb.b....b.a..",
                                   "bb.bb....aa.aa", NULL};
static const char *const owl[] = {"c..........b", "ccb.cccb.bba", "cccccbbbbbba", "cWWWbbbWWWba", "cW#WbgbW#Wba",
                                  "cWWWggfWWWba", "ccbbbgfbbbba", "cbggghgggbaa", "cbfggggggfaa", "bbgfggfgeaaa",
                                  "bbfggfgefaaa", ".bbfffeeaaa.", "..bbbbaaaa..", "...g.g.f....", NULL};
static const char *const imp[] = {".f........f..", ".ff......ff..", "..fccbbbbf...", "..cddcbbba...", ".cWWcbWWbba..",
                                  ".cW#bbW#bba..", ".ccbbbbbbaa..", "..b#W##W#a...", "c..bbbbaa..b.", "cb.cbbbba.bb.",
                                  ".bbccgfbaaba.", "...bgffea....", "...bb..aa..a.", "..bb....aaa..", NULL};
static const char *const mouse[] = {
    ".bbb....bbb.", "bgfbb..bbgfb", "bffbccbbbffa", ".bbcccbbbba.", "..cddcbbba..", "..c#cbb#ba..", "..ccbffbba..",
    "...bbfebaa..", "...cbbbba..a", "..cbgggfaa.a", "..bbgffebaaa", "..bbgffebaa.", ".ff.bbba.ff.", NULL};
static const char *const snail[] = {"..........g.g.",
                                    "...cccbb..f.f.",
                                    "..cdcbbbb.ggf.",
                                    ".cdcabbaba#gf.",
                                    ".cdabccbab.gff",
                                    ".cbabcabbagfe.",
                                    ".cbabbbabaggfe",
                                    ".bbbaaabaagfe.",
                                    "..bbbbbaaggfe.",
                                    ".ffaaaaagffe..",
                                    "gggffffffffe..",
                                    ".ffffffeeee...",
                                    NULL};
static const char *const *const beasts[] = {bat_up, bat_down, bat_wide, spider, crab, frog, owl, imp, mouse, snail};

/* Templates that have no eyes of their own: where they go. */
static void draw_beast(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  size_t k = pm_rng_below(rng, sizeof beasts / sizeof *beasts);
  int width = 0, height = 0;
  while (beasts[k][height])
    height++;
  while (beasts[k][0][width])
    width++;
  int x = (17 - width) / 2, y = height > 13 ? 1 : 14 - height;
  if (k < 3)
    y = pm_rng_between(rng, 2, 14 - height);
  pm_stamp(c, x, y, beasts[k], ramps);
  if (k < 3) { /* bats: eyes and teeth */
    int eye = pm_rng_chance(rng, 0.5) ? PM_WHITE : PM_GOLD, middle = x + width / 2,
        row = y + (k == 0   ? 5
                   : k == 1 ? 4
                            : 3);
    pm_put(c, middle - 1, row, eye), pm_put(c, middle + 1, row, eye);
    if (pm_rng_chance(rng, 0.6))
      pm_put(c, middle - 1, row + 2, PM_WHITE), pm_put(c, middle + 1, row + 2, PM_WHITE);
  }
  if (pm_rng_chance(rng, 0.4)) /* marked with spots of the second colour */
    for (int n = 0; n < 3; n++) {
      int px = pm_rng_between(rng, 4, 10), py = pm_rng_between(rng, 4, 11);
      if (pm_get(c, px, py) == ramps[0].tone[PM_BASE] && pm_get(c, px + 1, py) == ramps[0].tone[PM_BASE])
        pm_rectangle(c, px, py, px + 1, py, ramps[0].tone[PM_DARK]);
    }
}

void pm_draw_creature(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const bodies[] = {&pm_green, &pm_blue, &pm_red,   &pm_purple,
                                          &pm_gold,  &pm_wood, &pm_steel, &pm_pink};
  static const pm_ramp *const ghosts[] = {&pm_silver, &pm_silver, &pm_ice, &pm_steel, &pm_purple, &pm_blue, &pm_bone};
  static const pm_ramp *const seconds[] = {&pm_gold, &pm_bone, &pm_red, &pm_pink, &pm_silver, &pm_blue, &pm_green};
  pm_ramp ramps[4] = {*PM_PICK(rng, bodies), *PM_PICK(rng, seconds), pm_red, pm_red};
  while (ramps[1].tone[PM_BASE] == ramps[0].tone[PM_BASE])
    ramps[1] = *PM_PICK(rng, seconds);
  uint32_t kind = pm_rng_below(rng, 10);
  if (kind < 3)
    draw_slime(c, rng, ramps[0]);
  else if (kind < 4)
    draw_ghost(c, rng, *PM_PICK(rng, ghosts));
  else if (kind < 5)
    draw_floating_eye(c, rng, ramps[0], ramps[1]);
  else
    draw_beast(c, rng, ramps);
  pm_outline(c);
}
