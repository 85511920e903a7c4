#include "art/classes.h"

static const pm_ramp leaf = {{PM_PINE, PM_GREEN, PM_GREEN, PM_GOLD}},
                     dark_leaf = {{PM_PINE, PM_PINE, PM_GREEN, PM_GREEN}},
                     autumn = {{PM_BROWN, PM_GOLD, PM_GOLD, PM_WHITE}},
                     rust = {{PM_MAROON, PM_BROWN, PM_BROWN, PM_GOLD}},
                     blossom = {{PM_PURPLE, PM_PEACH, PM_PEACH, PM_WHITE}};

static void draw_trunk(pm_canvas *c, int x, int top, int width, pm_ramp ramp) {
  for (int y = top; y <= 14; y++)
    for (int dx = 0; dx < width; dx++)
      pm_put(c, x + dx, y, ramp.tone[dx == 0 ? PM_BASE : PM_DARK]);
  pm_put(c, x - 1, 14, ramp.tone[PM_BASE]);
  pm_put(c, x + width, 14, ramp.tone[PM_DARK]);
}

/* Two or three fruits or flowers on what is drawn. */
static void sprinkle(pm_canvas *c, pm_rng *rng, int n, int colour, int top, int bottom) {
  for (int k = 0; k < n; k++) {
    int x = pm_rng_between(rng, 3, 11), y = pm_rng_between(rng, top, bottom);
    if (pm_get(c, x - 1, y) && pm_get(c, x + 2, y) && pm_get(c, x, y - 1) && pm_get(c, x, y + 2)) {
      pm_put(c, x, y, colour);
      pm_put(c, x + 1, y, colour);
    }
  }
}

static void draw_tree(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const crowns[] = {&leaf, &leaf, &leaf, &dark_leaf, &autumn, &rust, &blossom};
  static const int fruits[] = {PM_RED, PM_GOLD, PM_PEACH, PM_WHITE};
  pm_ramp crown = *PM_PICK(rng, crowns);
  int thick = pm_rng_between(rng, 2, 3), base = pm_rng_between(rng, 9, 11);
  draw_trunk(c, 8 - thick / 2, base - 1, thick, pm_wood);
  /* The crown: clumps of leaves from back to front. */
  switch (pm_rng_below(rng, 4)) {
  case 0: { /* three clumps */
    int low = pm_rng_between(rng, 0, 1);
    pm_ball(c, 7, base - 6 + low, 14, base + low, crown);
    pm_ball(c, 1, base - 6, 8, base, crown);
    pm_ball(c, 4, 1, 11, 8, crown);
    break;
  }
  case 1: /* one */
    pm_ball(c, pm_rng_between(rng, 1, 2), 1, pm_rng_between(rng, 13, 14), base, crown);
    break;
  case 2: /* wide, in two storeys */
    pm_ball(c, 1, base - 5, 14, base, crown);
    pm_ball(c, pm_rng_between(rng, 2, 4), 1, pm_rng_between(rng, 11, 13), 6, crown);
    break;
  default: /* tall */
    pm_ball(c, 3, 1, 12, base - 1, crown);
    pm_ball(c, 4, base - 5, 12, base, crown);
  }
  sprinkle(c, rng, pm_rng_between(rng, 2, 4), crown.tone[PM_DARK], 4, base - 1);
  if (pm_rng_chance(rng, 0.4))
    sprinkle(c, rng, pm_rng_between(rng, 2, 5), PM_PICK(rng, fruits), 3, base - 2);
}

static void draw_pine(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const needles[] = {&leaf, &dark_leaf, &dark_leaf, &dark_leaf, &dark_leaf, &pm_ice, &autumn};
  pm_ramp ramp = *PM_PICK(rng, needles);
  int storeys = pm_rng_between(rng, 2, 4), snow = pm_rng_chance(rng, 0.25), widest = pm_rng_between(rng, 10, 12);
  draw_trunk(c, 7, 12, 2, pm_wood);
  int height = 12 / storeys;
  for (int s = storeys - 1; s >= 0; s--) {
    int top = 1 + s * height - (s > 0), end = s == storeys - 1 ? 12 : top + height;
    int low = widest - (storeys - 1 - s) * 2;
    for (int y = top; y <= end; y++) {
      int w = end > top ? 2 + (low - 2) * (y - top) / (end - top) : low;
      w += w & 1;
      for (int x = 8 - w / 2; x < 8 + w / 2; x++) {
        int tone = x < 7 ? PM_LIGHT : x < 9 ? PM_BASE : PM_DARK;
        if (y == end)
          tone = x < 6 ? PM_BASE : PM_DARK;
        if (x == 8 - w / 2)
          tone = PM_GLINT;
        pm_put(c, x, y, snow && y - top < 2 ? (x < 8 ? PM_WHITE : PM_PALE) : ramp.tone[tone]);
      }
    }
  }
}

static const char *const palm_crowns[][10] = {
    {"...ccb..bbb...", "..ccbbbbbbbba.", ".cbaabcbbaabba", "cb.cbbbbbbba.a", "b.cbaabbaabba.", "..cb..ba..aba.",
     "..b....b...ba.", "..b.........a.", NULL},
    {"......cb......", "..cccbcbbbba..", ".cbbbccbbbabb.", "cba.cbbbba.abb", "cb.cbbabbba.ab", "b..cb.bb.ba..b",
     "..cb..bb..ba..", "..b........b..", NULL},
    {".ccb.....bba..", "cbbccb.cbbbba.", "b.abcbbbba.aba", "..ccbbbbbba..a", ".cbbacbbabba..", ".cb.cbab.aba..",
     ".b..cb.ba..b..", "....b...a.....", NULL},
};

static void draw_palm(pm_canvas *c, pm_rng *rng) {
  const pm_ramp ramps[4] = {leaf, leaf, leaf, leaf};
  int lean = pm_rng_between(rng, -3, 3), top = pm_rng_between(rng, 1, 3), foot = 7 - lean;
  for (int y = top + 4; y <= 14; y++) { /* the trunk bends toward its crown */
    int left = 14 - y, x = foot + (2 * lean * left + (lean < 0 ? -1 : 1) * (10 - top)) / (2 * (10 - top));
    pm_put(c, x, y, y % 2 ? PM_PEACH : PM_BROWN);
    pm_put(c, x + 1, y, y % 2 ? PM_BROWN : PM_MAROON);
  }
  pm_rectangle(c, foot - 1, 14, foot + 2, 14, PM_BROWN);
  pm_stamp(c, 1, top, PM_PICK(rng, palm_crowns), ramps);
  if (pm_rng_chance(rng, 0.5)) { /* nuts */
    int colour = pm_rng_chance(rng, 0.5) ? PM_BROWN : PM_GOLD;
    pm_rectangle(c, 6, top + 4, 6, top + 5, colour);
    pm_rectangle(c, 9, top + 4, 9, top + 5, colour);
  }
}

static const char *const daisy[] = {"..ccb..", ".ccbbb.", "cdghbba", "ccgfbba", "cbfebaa", ".bbbaa.", "..baa..", NULL};
static const char *const tulip[] = {"c.db.b", "cddbba", "cdcbba", "ccbbaa", ".bbba.", "..ba..", NULL};
static const char *const cross_flower[] = {"..cb..", ".ccbb.", "cbghba", "cbfgaa", ".bbaa.", "..ba..", NULL};
static const char *const sunflower[] = {"..c.cb.b.", ".cccbbbb.", "ccfhggebb", ".cgggfeb.", "cbgggfeba",
                                        ".bffeeea.", "bbbeeebaa", ".bbbbaaa.", "..b.ba.a.", NULL};
static const char *const bell[] = {"..cb....", ".cdbb...", ".cdbba..", "ccbbba..", "cbgbgba.", ".h.h....", NULL};
static const char *const rose[] = {"..cbbb.", ".cdacba", "cdabbca", "cbaabba", "bcbbaba", ".bbaaa.", "..baa..", NULL};
static const char *const *const blooms[] = {daisy, tulip, cross_flower, sunflower, bell, rose};

static void draw_flower(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const petals[] = {&pm_red, &pm_blue, &pm_purple, &pm_gold, &pm_silver, &blossom, &pm_bone};
  pm_ramp ramps[4] = {*PM_PICK(rng, petals), pm_gold, leaf, leaf};
  size_t k = pm_rng_below(rng, sizeof blooms / sizeof *blooms);
  if (k == 3)
    ramps[0] = pm_gold, ramps[1] = pm_wood;
  else if (ramps[0].tone[PM_BASE] == PM_GOLD)
    ramps[1] = rust;
  int width = 0, height = 0;
  while (blooms[k][height])
    height++;
  while (blooms[k][0][width])
    width++;
  int top = pm_rng_between(rng, 1, 3), stem = 7;
  int pot = pm_rng_chance(rng, 0.3), foot = pot ? 11 : 14;
  for (int y = top + height; y <= foot; y++)
    pm_put(c, stem, y, PM_GREEN), pm_put(c, stem + 1, y, PM_PINE);
  int shape = (int)pm_rng_below(rng, 3); /* leaves */
  int y = foot - (pot ? 1 : 2);
  for (int side = 0; side < 2; side++) {
    int row = y - (shape == 1 ? side : 0) - (shape == 2);
    for (int d = 0; d < (shape == 2 ? 4 : 3); d++) {
      int x = side ? stem + 2 + d : stem - 1 - d, up = d / (shape == 2 ? 1 : 2) - (shape == 2 ? 1 : 0);
      pm_put(c, x, row - up, side ? PM_PINE : PM_GREEN);
      if (d == 1 || (shape == 2 && d == 2))
        pm_put(c, x, row - up - 1, PM_GREEN);
    }
  }
  if (pot) {
    static const pm_ramp *const pots[] = {&pm_wood, &pm_steel, &pm_blue, &rust};
    static const signed char width_of_pot[] = {8, 6, 6, 4};
    pm_lathe(c, 16, 11, width_of_pot, 4, PM_FLAT_A);
    pm_shade_column(c, PM_FLAT_A, *PM_PICK(rng, pots));
  }
  pm_stamp(c, 8 - (width + 1) / 2 + (width % 2 == 0 && k == 4), top, blooms[k], ramps);
}

static void draw_mushroom(pm_canvas *c, pm_rng *rng) {
  static const struct {
    signed char width[9], rows;
  } caps[] = {{{4, 8, 10, 12, 12, 14, 14}, 7},    {{6, 10, 12, 12, 12, 10}, 6}, {{2, 4, 4, 6, 8, 10, 12, 12}, 8},
              {{4, 8, 10, 10, 10, 10, 10, 8}, 8}, {{10, 14, 14, 14, 12}, 5},    {{4, 6, 8, 8, 10, 10, 8}, 7}};
  static const pm_ramp *const colours[] = {&pm_red,  &pm_red,   &pm_wood, &pm_purple,
                                           &pm_blue, &pm_green, &pm_gold, &pm_steel};
  static const pm_ramp *const stems[] = {&pm_bone, &pm_bone, &pm_silver, &pm_steel, &pm_skin};
  size_t k = pm_rng_below(rng, sizeof caps / sizeof *caps);
  pm_ramp cap = *PM_PICK(rng, colours), stem = *PM_PICK(rng, stems);
  int rows = caps[k].rows, top = pm_rng_between(rng, 1, 13 - rows - 3), bottom = top + rows - 1;
  int width = pm_rng_between(rng, 2, 3) * 2, widest = caps[k].width[rows - 1];
  pm_rectangle(c, 8 - width / 2, bottom, 7 + width / 2, 14, PM_FLAT_B);
  if (pm_rng_chance(rng, 0.6)) /* a swollen foot */
    pm_rectangle(c, 7 - width / 2, 12, 8 + width / 2, 13, PM_FLAT_B);
  pm_shade_column(c, PM_FLAT_B, stem);
  if (pm_rng_chance(rng, 0.4)) /* a collar */
    pm_rectangle(c, 7 - width / 2, bottom + 2, 8 + width / 2, bottom + 2, stem.tone[PM_GLINT]);
  pm_rectangle(c, 8 - width / 2, bottom + 1, 7 + width / 2, bottom + 1, stem.tone[PM_DARK]);
  pm_lathe(c, 16, top, caps[k].width, rows, PM_FLAT_A);
  pm_shade_ball(c, PM_FLAT_A, 8 - widest / 2, top, 7 + widest / 2, bottom + 1, cap);
  int spots = (int)pm_rng_below(rng, 4), light = cap.tone[PM_BASE] == PM_GOLD ? PM_RED : PM_WHITE;
  if (spots) {
    int shift = pm_rng_between(rng, -1, 1), y = top + rows / 2;
    pm_rectangle(c, 7 + shift, y - 1, 8 + shift, spots == 1 ? y : y - 1, light);
    pm_tint(c, 4 + shift, y + 1, light);
    pm_tint(c, 11 + shift, y, light);
    if (spots > 1)
      pm_tint(c, 5 + shift, y - 1, light), pm_tint(c, 9 + shift, y + 1, light), pm_tint(c, 8 + shift, y + 1, light);
    if (spots > 2)
      pm_tint(c, 10 + shift, y - 1, light), pm_tint(c, 6 + shift, y + 1, light);
  }
}

/* An arm on one side (-1 left, 1 right): out from the shaft, then up; two pixels thick. */
static void draw_arm(pm_canvas *c, int side, int y, int high, int reach) {
  int shaft = side < 0 ? 6 : 9, elbow = shaft + side * (reach + 1), tip = elbow + side;
  for (int d = 1; d <= reach + 2; d++) {
    pm_put(c, shaft + side * d, y, PM_GREEN);
    pm_put(c, shaft + side * d, y + 1, PM_PINE);
  }
  int lit = side < 0 ? tip : elbow, shaded = side < 0 ? elbow : tip;
  pm_rectangle(c, lit, y - high, lit, y, PM_GREEN);
  pm_rectangle(c, shaded, y - high, shaded, y, PM_PINE);
}

static void draw_cactus(pm_canvas *c, pm_rng *rng) {
  static const int flowers[] = {PM_RED, PM_PEACH, PM_PURPLE, PM_GOLD};
  int top = pm_rng_between(rng, 1, 3), pot = pm_rng_chance(rng, 0.4), foot = pot ? 11 : 14;
  if (pm_rng_chance(rng, 0.35)) { /* a ball cactus */
    int size = pm_rng_between(rng, 4, 6);
    pm_ball(c, 8 - size, foot - 2 * size + 3 - (size == 4), 7 + size, foot + 1, leaf);
    for (int x = 8 - size; x < 8 + size; x++)
      for (int y = 0; y <= foot; y++)
        if ((x & 3) == 1 && pm_get(c, x, y) == PM_GREEN)
          pm_put(c, x, y, PM_PINE);
    top = foot - 2 * size + 3;
  } else {
    pm_rectangle(c, 6, top, 9, foot, PM_FLAT_A);
    pm_shade_column(c, PM_FLAT_A, leaf);
    pm_put(c, 6, top, PM_BACKGROUND), pm_put(c, 9, top, PM_BACKGROUND);
    int left = pm_rng_between(rng, 6, foot - 3), right = pm_rng_between(rng, 5, foot - 3);
    if (pm_rng_chance(rng, 0.85))
      draw_arm(c, -1, left, pm_rng_between(rng, 1, 3), pm_rng_between(rng, 1, 2));
    if (pm_rng_chance(rng, 0.85))
      draw_arm(c, 1, right, pm_rng_between(rng, 1, 3), pm_rng_between(rng, 1, 2));
    for (int y = top + 2; y < foot; y += pm_rng_between(rng, 2, 3))
      pm_put(c, 7 + (y & 1), y, PM_GOLD);
  }
  if (pm_rng_chance(rng, 0.5)) {
    int colour = PM_PICK(rng, flowers);
    pm_rectangle(c, 7, top - 1, 8, top, colour);
    pm_put(c, 7, top - 1, PM_WHITE);
  }
  if (pot) {
    static const signed char width[] = {10, 8, 8, 6};
    static const pm_ramp *const pots[] = {&pm_wood, &pm_steel, &pm_blue, &pm_red};
    pm_lathe(c, 16, 11, width, 4, PM_FLAT_A);
    pm_shade_column(c, PM_FLAT_A, *PM_PICK(rng, pots));
  }
}

static void draw_bush(pm_canvas *c, pm_rng *rng) {
  static const int fruits[] = {PM_RED, PM_AZURE, PM_PURPLE, PM_GOLD, PM_WHITE};
  pm_ramp ramp = pm_rng_chance(rng, 0.7) ? leaf : dark_leaf;
  int top = pm_rng_between(rng, 3, 6);
  pm_ball(c, 8, top + 2, 14, 14, ramp);
  pm_ball(c, 1, top + pm_rng_between(rng, 1, 3), 8, 14, ramp);
  pm_ball(c, pm_rng_between(rng, 3, 4), top, pm_rng_between(rng, 11, 12), 14, ramp);
  sprinkle(c, rng, 3, ramp.tone[PM_DARK], top + 2, 12);
  sprinkle(c, rng, pm_rng_between(rng, 3, 7), PM_PICK(rng, fruits), top + 1, 12);
}

void pm_draw_plant(pm_canvas *c, pm_rng *rng) {
  static void (*const kinds[])(pm_canvas *, pm_rng *) = {draw_tree,   draw_tree,   draw_pine,     draw_palm,
                                                         draw_flower, draw_flower, draw_mushroom, draw_mushroom,
                                                         draw_cactus, draw_bush};
  PM_PICK(rng, kinds)(c, rng);
  pm_outline(c);
}
