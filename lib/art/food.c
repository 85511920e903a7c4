#include "art/classes.h"

/* a to d: the food itself; e to h and i to l: its other parts; m to p: leaves and stalks. */
static const char *const apple[] = {"......pn....",
                                    ".....f.nn...",
                                    ".....f......",
                                    "..cccfbbbb..",
                                    ".cddccbbbbb.",
                                    "cddccbbbbbba",
                                    "cdccbbbbbbba",
                                    "ccbbbbbbbbaa",
                                    "cbbbbbbbbbaa",
                                    ".bbbbbbbbaa.",
                                    "..bbbbbaaa..",
                                    "...aa..aa...",
                                    NULL};
static const char *const pear[] = {"......f.....",
                                   ".....fnn....",
                                   "....ccb.....",
                                   "...cdcbb....",
                                   "...cdcbb....",
                                   "..ccdcbba...",
                                   ".ccdccbbba..",
                                   "ccddcbbbbba.",
                                   "ccdccbbbbba.",
                                   "ccbbbbbbbaa.",
                                   ".bbbbbbbaa..",
                                   "..bbbaaaa...",
                                   NULL};
static const char *const cherries[] = {".......pnnn.",
                                       "......fnnm..",
                                       ".....ff.....",
                                       "....f..f....",
                                       "...f...f....",
                                       "..f.....f...",
                                       "ccb.....f...",
                                       "cdbba.ccb...",
                                       "cbbba.cdbba.",
                                       ".bba..cbbba.",
                                       "......cbbba.",
                                       ".......bba..",
                                       NULL};
static const char *const grapes[] = {"......f.....",
                                     "..pnnff.....",
                                     "...nncbcb...",
                                     "..cbbdbdbba.",
                                     ".cdbcbbcbba.",
                                     ".cbbdbbdbba.",
                                     "..acbbcbba..",
                                     "..cdbbdbba..",
                                     "...bcbbba...",
                                     "...cdbba....",
                                     "....bba.....",
                                     ".....a......",
                                     NULL};
static const char *const strawberry[] = {".....no.....",
                                         "..nnonnnm...",
                                         ".nnnnnnnmm..",
                                         ".cnbnnmbma..",
                                         "cddcbnbmbba.",
                                         "cddcbbbbbba.",
                                         "cccbbbbbbba.",
                                         ".cbbbbbbaa..",
                                         ".cbbbbbbaa..",
                                         "..bbbbaaa...",
                                         "...bbaaa....",
                                         "....aa......",
                                         NULL};
static const char *const melon[] = {"...........fe",
                                    ".........cbfn",
                                    ".......cbbbfn",
                                    ".....cccbbfnm",
                                    "....cdcbbbfn.",
                                    "...cdcbbbbfnm",
                                    "..cdcbbbbfnm.",
                                    ".cccbbbbbfnm.",
                                    "cbbbbbbbfnm..",
                                    "bbbbbbffnnm..",
                                    "fffffffnnm...",
                                    ".nnnnnnmm....",
                                    NULL};
static const char *const banana[] = {".........ff.",
                                     "........ff..",
                                     "........cb..",
                                     ".......ccb..",
                                     ".......cbba.",
                                     "......ccbba.",
                                     "......cbbba.",
                                     "....cccbbba.",
                                     "..cccbbbba..",
                                     "fdccbbbbaa..",
                                     "fcbbbbaaa...",
                                     "..aaaa......",
                                     NULL};
static const char *const carrot[] = {"........n.nn",
                                     ".......nnnnm",
                                     ".......onnm.",
                                     ".....ccbonnn",
                                     "....cdcbbmm.",
                                     "....ccbbba..",
                                     "...cdabbba..",
                                     "...ccbbaa...",
                                     "..cbbaba....",
                                     "..cbbba.....",
                                     ".cbaa.......",
                                     "cba.........",
                                     NULL};
static const char *const cheese[] = {"............",
                                     ".......ddcc.",
                                     ".....ddccccb",
                                     "...ddccccccb",
                                     ".ddccccccccb",
                                     "dcccccccccbb",
                                     "bbbbbbbbbbba",
                                     "bbbbbbbbbbba",
                                     "bbbbbbbbbbba",
                                     "bbbbbbbbbbba",
                                     "bbbbbbbbbbaa",
                                     "aaaaaaaaaaaa",
                                     NULL};
static const char *const wheel[] = {"............", "...ddddcc...", ".ddddccccbb.", "ddddcccc####",
                                    "cddccc##hggg", "ccccc#hggggf", "bccccbggggff", "bbbbbbgggfff",
                                    "bbbbbbggffa.", ".bbbbbgfaa..", "...bbbaa....", NULL};
static const char *const bread[] = {"............", "............", "...ccccbbb..", "..cddccbbbb.",
                                    ".cddhccbbbba", "cddchcbhbbba", "cdcchbbhbbba", "ccbbhbbhbbaa",
                                    "cbbbbbbbbbaa", ".bbbbbbaaaa.", "..aaaaaaaa..", NULL};
static const char *const baguette[] = {".........cb.",
                                       ".......ccbba",
                                       "......cdchba",
                                       ".....cdchbba",
                                       "....cdchbba.",
                                       "...cdchbbba.",
                                       "..cdchbbba..",
                                       ".cdchbbba...",
                                       ".cchbbba....",
                                       "ccbbbba.....",
                                       "cbbbaa......",
                                       ".aaa........",
                                       NULL};
static const char *const pretzel[] = {"..ccb..cbb..", ".cdcbbcdbbb.", "cdb..cb..bba", "cd..cbba..ba",
                                      "cb.cb..ba.ba", "cbcb....abba", ".cdb....bba.", ".cbcb..baba.",
                                      ".cb.cdbb.ba.", "..cbb..bba..", "...bb..aa...", NULL};
static const char *const toast[] = {".bbbb.bbbb..", "bhggbbbghfa.", "bhgggggggfa.", "bhhggggggfa.",
                                    ".bhgggggfa..", ".bhgggggfa..", ".bhgggggfa..", ".bggggggfa..",
                                    ".bggggggfa..", ".bgffffffa..", ".aaaaaaaaa..", NULL};
static const char *const fish[] = {"............", "......bb....", ".....bbbb..b", "..cccccbb.ab",
                                   ".cddcccbbbab", "cdc#dccbbbba", "cccccbbbbbb.", "bgcgbbbbbaba",
                                   ".ggggbbba.ab", "..gggfff..ab", ".....ff....a", NULL};
static const char *const drumstick[] = {"....cccb....",
                                        "..ccddcbbb..",
                                        ".ccdddcbbba.",
                                        ".cdddccbbba.",
                                        "ccddccbbbba.",
                                        "ccdccbbbbba.",
                                        ".cbbbbbbbaa.",
                                        ".bbbbbbbaa..",
                                        "..bbbbaaha..",
                                        "....aaa.hgh.",
                                        ".........ggg",
                                        ".........hg.",
                                        NULL};
static const char *const steak[] = {"............",
                                    "...hhhhh....",
                                    ".hhbcccbhh..",
                                    "hhbcddcbbbh.",
                                    "hbcdccbbbbhh",
                                    "hbccbbhhbbbh",
                                    "hbbbbhggfbbh",
                                    "hhbbbbhfbbah",
                                    ".hhbbbbbbahe",
                                    "..hhhbbaahe.",
                                    "....eehhee..",
                                    ".....eeee...",
                                    NULL};
static const char *const egg[] = {"....ccc.....", "..ccddccb...", ".cddddccccb.", ".cddggggccb.",
                                  "cddghhgggcbb", "cdcghgggfcb.", "ccdgggggfcbb", ".ccfggffccb.",
                                  ".cccffffcba.", "..bccccbba..", "...bbbbaa...", NULL};
static const char *const whole_egg[] = {".....cb.....", "....ccbb....", "...cddcbb...", "..cddccbba..",
                                        "..cddccbba..", ".cddcccbbba.", ".cddccbbbba.", ".ccccbbbbaa.",
                                        ".cbbbbbbbaa.", "..bbbbbaaa..", "...aaaaaa...", NULL};
static const char *const cookie[] = {"....ccbb....",
                                     "..ccccbbbb..",
                                     ".ccdcbbbbbb.",
                                     ".cdccbbbbbb.",
                                     "ccccbbbbbbba",
                                     "cccbbbbbbbba",
                                     "cbbbbbbbbbaa",
                                     "bbbbbbbbbbaa",
                                     ".bbbbbbbbaa.",
                                     ".bbbbbbbaaa.",
                                     "..bbbbaaaa..",
                                     "....aaaa....",
                                     NULL};
static const char *const cake[] = {".....ji.....",
                                   ".....kj.....",
                                   "....cddd....",
                                   "..cddddddcc.",
                                   "cddddddccccb",
                                   "bdcdcbccbcbb",
                                   "gbgbgfgbgbfe",
                                   "ggggggggfffe",
                                   "dcdcdcdcbcbb",
                                   "ggggggggfffe",
                                   "fgggggggffee",
                                   "eeeeeeeeeeee",
                                   NULL};
static const char *const donut[] = {"...cccbbb...",
                                    ".ccdcccbbbb.",
                                    ".cddccbbbba.",
                                    "cddccbbbbbba",
                                    "cdcc.##.bbba",
                                    "cccb#..#bbba",
                                    "cbbb....bbaa",
                                    "gbbbb..bbbae",
                                    "ggbbbbbbbafe",
                                    ".ggbbbbaafe.",
                                    "..ggggffee..",
                                    "....ffee....",
                                    NULL};
static const char *const icecream[] = {
    "....ccbb....", "..ccddcbbb..", ".ccddccbbba.", ".cddccbbbba.", ".cdccbbbbba.", ".ccbbbbbbaa.", "gcbgbbagbage",
    ".gfgfgfgfe..", "..gfgfgfe...", "..gfgfgee...", "...gfgfe....", "....gfe.....", ".....g......", NULL};
static const char *const double_cone[] = {
    "....ccb.....", "...cddcb....", "..cddcbbb...", "..cdccbbba..", "..kkjjjjji..", ".kllkjjjjji.", ".kkkjjjjjii.",
    "gkjgjjigjige", ".gfgfgfgfe..", "..gfgfgfe...", "...gfgfe....", "....gfe.....", ".....g......", NULL};
static const char *const burger[] = {"...ggggff...",
                                     ".gghgghgfff.",
                                     ".ghggggggff.",
                                     "gggggggfffee",
                                     "............",
                                     "............",
                                     "............",
                                     "............",
                                     "............",
                                     "ggggggffffee",
                                     ".gggffffeee.",
                                     "..eeeeeee..",
                                     NULL};
static const char *const fillings[][2] = {{"nonnnonnnnnm", NULL}, {"jjkjjjkjjjji", NULL}, {"aaabaaaaaaaa", NULL},
                                          {"bbabbbabbaaa", NULL}, {"WpWWpWWpWWpo", NULL}, {"lkkklkkkkkkj", NULL}};
static const char *const pizza[] = {"..ggggffff..",
                                    "gghggggfffee",
                                    "gfddddddccfe",
                                    ".dddccccccce",
                                    ".cddcccccb..",
                                    "..cccccccb..",
                                    "..cccccccb..",
                                    "...cccccb...",
                                    "...cccccb...",
                                    "....cccb....",
                                    "....ccb.....",
                                    ".....b......",
                                    NULL};
static const char *const stew[] = {"..dddddddc..",
                                   ".dgghggggfc.",
                                   "dggggggggffb",
                                   "cdggggggffbb",
                                   "cddccccbbbba",
                                   "ccddcccbbbba",
                                   ".cddccbbbba.",
                                   ".ccdccbbbba.",
                                   "..ccbbbbaa..",
                                   "...aaaaaa...",
                                   NULL};
static const char *const sausage[] = {".........gf.",
                                      "......ccbb..",
                                      ".....cddcbb.",
                                      "...ccddcbbba",
                                      "..cddcbbbbaa",
                                      ".cdacbbabaa.",
                                      "cdccabbbaa..",
                                      "cdcbbabaa...",
                                      "ccbbbbaa....",
                                      ".bbbbaa.....",
                                      ".gbaa.......",
                                      "gf..........",
                                      NULL};
static const char *const orange_fruit[] = {"......mn....",
                                           "....n.mnnn..",
                                           "...ccnmbb...",
                                           ".ccddccbbbb.",
                                           ".cddcccbbbb.",
                                           "cddccbbbbbba",
                                           "cdccbbbbbbba",
                                           "ccbbbbbbbbaa",
                                           "cbbbbbbbbbaa",
                                           ".bbbbbbbbaa.",
                                           ".bbbbbbaaaa.",
                                           "...aaaaaa...",
                                           NULL};

/* Seeds, holes, slices of salami: marks strewn over the pixels of one tone of one ramp. */
enum topping { NONE, DOTS, GRAINS, HOLES, ROUNDS, SPRINKLES };

typedef struct {
  const char *const *rows;
  const pm_ramp *body[5]; /* what it may be made of */
  const pm_ramp *second, *third;
  enum topping topping;
  int least, most;
} dish;

static const pm_ramp crust = {{PM_BROWN, PM_PEACH, PM_PEACH, PM_WHITE}},
                     meat = {{PM_MAROON, PM_BROWN, PM_BROWN, PM_PEACH}},
                     ham = {{PM_MAROON, PM_RED, PM_PEACH, PM_WHITE}},
                     orange = {{PM_MAROON, PM_BROWN, PM_GOLD, PM_WHITE}},
                     loaf = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_WHITE}},
                     yellow = {{PM_BROWN, PM_GOLD, PM_GOLD, PM_WHITE}},
                     cream = {{PM_PEACH, PM_WHITE, PM_WHITE, PM_WHITE}},
                     lime = {{PM_PINE, PM_GREEN, PM_GREEN, PM_GOLD}},
                     berry = {{PM_NAVY, PM_PURPLE, PM_PURPLE, PM_PEACH}},
                     rose = {{PM_PURPLE, PM_PEACH, PM_PEACH, PM_WHITE}},
                     white = {{PM_GREY, PM_PALE, PM_WHITE, PM_WHITE}},
                     cocoa = {{PM_INK, PM_MAROON, PM_MAROON, PM_BROWN}};

static const dish dishes[] = {
    {apple, {&pm_red, &lime, &yellow, &pm_red, &ham}, &meat, &meat, DOTS, 0, 3},
    {pear, {&lime, &yellow, &lime, &orange, &ham}, &meat, &meat, DOTS, 0, 3},
    {orange_fruit, {&orange, &yellow, &lime, &orange, &pm_red}, &meat, &meat, DOTS, 1, 4},
    {cherries, {&pm_red, &pm_red, &berry, &ham, &yellow}, &pm_green, &meat, NONE, 0, 0},
    {grapes, {&berry, &lime, &pm_red, &pm_blue, &berry}, &meat, &meat, DOTS, 0, 3},
    {strawberry, {&pm_red, &pm_red, &rose, &ham, &berry}, &yellow, &yellow, GRAINS, 4, 8},
    {melon, {&pm_red, &pm_red, &yellow, &orange, &rose}, &cream, &pm_iron, GRAINS, 3, 7},
    {banana, {&yellow, &yellow, &lime, &orange, &loaf}, &meat, &meat, DOTS, 0, 3},
    {carrot, {&orange, &orange, &loaf, &berry, &pm_red}, &meat, &meat, DOTS, 0, 2},
    {cheese, {&yellow, &yellow, &crust, &orange, &lime}, &meat, &meat, HOLES, 2, 6},
    {wheel, {&orange, &pm_red, &loaf, &lime, &orange}, &yellow, &meat, NONE, 0, 0},
    {bread, {&loaf, &loaf, &crust, &orange, &meat}, &cream, &cream, GRAINS, 0, 5},
    {baguette, {&loaf, &loaf, &crust, &orange, &meat}, &cream, &cream, NONE, 0, 0},
    {pretzel, {&loaf, &meat, &orange, &pm_wood, &loaf}, &cream, &cream, GRAINS, 2, 7},
    {toast, {&meat, &meat, &loaf, &cocoa, &orange}, &crust, &yellow, NONE, 0, 0},
    {fish, {&pm_blue, &pm_steel, &ham, &lime, &orange}, &white, &meat, DOTS, 0, 4},
    {drumstick, {&loaf, &meat, &orange, &ham, &loaf}, &white, &meat, DOTS, 0, 4},
    {steak, {&pm_red, &ham, &meat, &pm_red, &ham}, &crust, &meat, DOTS, 0, 4},
    {egg, {&white, &cream, &white, &cream, &white}, &yellow, &yellow, NONE, 0, 0},
    {whole_egg, {&crust, &white, &loaf, &pm_blue, &lime}, &yellow, &pm_red, ROUNDS, 0, 4},
    {cookie, {&loaf, &orange, &meat, &loaf, &cocoa}, &yellow, &cocoa, ROUNDS, 2, 6},
    {cake, {&rose, &cream, &cocoa, &pm_blue, &lime}, &loaf, &pm_red, NONE, 0, 0},
    {donut, {&rose, &cocoa, &cream, &pm_blue, &berry}, &loaf, &yellow, SPRINKLES, 0, 8},
    {icecream, {&rose, &cream, &cocoa, &lime, &pm_blue}, &loaf, &meat, SPRINKLES, 0, 5},
    {double_cone, {&rose, &cream, &cocoa, &lime, &pm_blue}, &loaf, &meat, NONE, 0, 0},
    {burger, {&meat, &meat, &cocoa, &meat, &cocoa}, &loaf, &pm_red, NONE, 0, 0},
    {pizza, {&yellow, &yellow, &cream, &yellow, &yellow}, &loaf, &pm_red, ROUNDS, 2, 5},
    {stew, {&pm_wood, &pm_blue, &pm_steel, &pm_wood, &pm_steel}, &yellow, &pm_red, NONE, 0, 0},
    {sausage, {&ham, &pm_red, &meat, &loaf, &ham}, &loaf, &meat, NONE, 0, 0},
};

/* Somebody has bitten off a piece at the right. */
static void bite(pm_canvas *c, int x, int y, int inside) {
  for (int dy = -2; dy <= 2; dy++)
    for (int x1 = x + (dy == 2 || dy == -2); x1 < c->width; x1++)
      pm_put(c, x1, y + dy, PM_BACKGROUND);
  for (int dy = -1; dy <= 1; dy++)
    pm_tint(c, x - 1, y + dy, inside);
}

/* True if the pixels from (x, y) on, `w` by `h`, all lie on the body. */
static bool on_body(const pm_canvas *c, int x, int y, int w, int h, pm_ramp body) {
  for (int dy = 0; dy < h; dy++)
    for (int dx = 0; dx < w; dx++) {
      int colour = pm_get(c, x + dx, y + dy);
      if (colour == PM_BACKGROUND || (colour != body.tone[PM_BASE] && colour != body.tone[PM_LIGHT]))
        return false;
    }
  return true;
}

static void strew(pm_canvas *c, pm_rng *rng, const dish *d, const pm_ramp *ramps) {
  int n = pm_rng_between(rng, d->least, d->most), placed = 0;
  for (int tries = 0; tries < 40 && placed < n; tries++) {
    int x = pm_rng_between(rng, 3, 12), y = pm_rng_between(rng, 3, 13);
    int w = d->topping == GRAINS || d->topping == SPRINKLES ? 1 : 2, h = d->topping == ROUNDS ? 2 : 1;
    if (!on_body(c, x - 1, y, w + 2, h, ramps[0]) || !on_body(c, x, y - 1, w, h + 1, ramps[0]))
      continue;
    placed++;
    switch (d->topping) {
    case DOTS:
      pm_put(c, x, y, ramps[0].tone[PM_DARK]);
      break;
    case HOLES:
      pm_rectangle(c, x, y, x + 1, y, ramps[0].tone[PM_DARK]);
      if (placed % 2)
        pm_tint(c, x, y + 1, ramps[0].tone[PM_DARK]);
      break;
    case ROUNDS:
      pm_rectangle(c, x, y, x + 1, y + 1, ramps[2].tone[PM_BASE]);
      pm_put(c, x + 1, y + 1, ramps[2].tone[PM_DARK]);
      break;
    case SPRINKLES:
      pm_put(c, x, y, ramps[1 + placed % 2].tone[placed % 2 ? PM_BASE : PM_GLINT]);
      break;
    default:
      pm_put(c, x, y, ramps[2].tone[PM_BASE]);
    }
  }
}

/* What only this or that dish has. Drawn at (2, y). */
static void garnish(pm_canvas *c, pm_rng *rng, const dish *d, int y, const pm_ramp *ramps) {
  static const char *const yolk[] = {".gg.", "ghgg", "gggf", ".ff.", NULL};
  static const char *const butter[] = {"lkj", "kkj", "jji", NULL};
  if (d->rows == burger) {
    for (int row = 4; row < 9; row++)
      pm_stamp(c, 2, y + row, PM_PICK(rng, fillings), ramps);
    pm_stamp(c, 2, y + 4 + (int)pm_rng_below(rng, 2), fillings[0], ramps); /* lettuce */
    pm_stamp(c, 2, y + 6 + (int)pm_rng_below(rng, 2), fillings[2], ramps); /* meat */
  } else if (d->rows == egg) {
    if (pm_rng_chance(rng, 0.7)) { /* the yolk elsewhere, or two of them */
      for (int k = 0; k < 256; k++)
        if (c->pixel[k] == ramps[1].tone[PM_BASE] || c->pixel[k] == ramps[1].tone[PM_DARK])
          c->pixel[k] = ramps[0].tone[PM_LIGHT];
      pm_rectangle(c, 5, y + 3, 10, y + 7, ramps[0].tone[PM_LIGHT]);
      if (pm_rng_chance(rng, 0.5))
        pm_stamp(c, pm_rng_between(rng, 7, 8), y + pm_rng_between(rng, 4, 6), yolk, ramps);
      pm_stamp(c, pm_rng_between(rng, 4, 6), y + pm_rng_between(rng, 2, 4), yolk, ramps);
    }
    if (pm_rng_chance(rng, 0.5)) /* a lobe of white that ran away */
      pm_ball(c, pm_rng_between(rng, 1, 8), 9, 13, 14, (pm_ramp){{PM_PALE, PM_WHITE, PM_WHITE, PM_WHITE}});
  } else if (d->rows == toast && pm_rng_chance(rng, 0.6)) {
    pm_stamp(c, pm_rng_between(rng, 5, 8), y + pm_rng_between(rng, 3, 6), butter, ramps);
  } else if (d->rows == stew) {
    for (int k = pm_rng_between(rng, 1, 4); k > 0; k--) {
      int x = pm_rng_between(rng, 4, 10), row = y + pm_rng_between(rng, 1, 3),
          what = ramps[k % 2 ? 2 : 3].tone[PM_BASE];
      if (pm_get(c, x, row) == ramps[1].tone[PM_BASE])
        pm_put(c, x, row, what);
    }
  } else if (d->rows == cake && pm_rng_chance(rng, 0.5)) {
    for (int k = 0; k < 3; k++)
      pm_rectangle(c, 4 + 3 * k, y - (k == 1), 4 + 3 * k, y + 1, k % 2 ? PM_GOLD : PM_RED);
  }
}

void pm_draw_food(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const accents[] = {&pm_red, &yellow, &pm_blue, &white, &cocoa, &rose};
  const dish *d = &PM_PICK(rng, dishes);
  pm_ramp ramps[4] = {*PM_PICK(rng, d->body), *d->second, *d->third, lime};
  if (d->rows == donut || d->rows == cake || d->rows == double_cone || d->rows == icecream || d->rows == whole_egg)
    do
      ramps[2] = *PM_PICK(rng, accents);
    while (ramps[2].tone[PM_BASE] == ramps[0].tone[PM_BASE]);
  if (d->rows == stew) {
    static const pm_ramp *const soups[] = {&pm_red, &lime, &yellow, &cream, &meat};
    ramps[1] = *PM_PICK(rng, soups);
  }
  if (d->rows == toast || d->rows == burger)
    ramps[2] = d->rows == toast && pm_rng_chance(rng, 0.3) ? pm_red : d->rows == burger ? pm_red : yellow;
  int height = 0;
  while (d->rows[height])
    height++;
  int y = height > 12 ? 1 : 2;
  pm_stamp(c, 2, y, d->rows, ramps);
  garnish(c, rng, d, y, ramps);
  strew(c, rng, d, ramps);
  bool solid = d->rows == apple || d->rows == pear || d->rows == bread || d->rows == cheese || d->rows == toast ||
               d->rows == cookie || d->rows == burger || d->rows == orange_fruit;
  if (solid && pm_rng_chance(rng, 0.35))
    bite(c, pm_rng_between(rng, 10, 11), pm_rng_between(rng, 7, 9),
         d->rows == apple || d->rows == pear ? PM_WHITE : ramps[0].tone[PM_LIGHT]);
  pm_outline(c);
}
