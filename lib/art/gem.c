#include "art/classes.h"

/* Cut stones: a to d are the tones of the stone, e to h of the setting. */
static const char *const brilliant[] = {
    "..ccccbbbb..", ".cddccbbbba.", "cddcccbbbbba", "dcccbbbbbaaa", ".cccddbbaaa.",
    "..ccdbbbaa..", "...cdbbba...", "....cbba....", ".....ba.....", NULL,
};
static const char *const emerald[] = {"...ccccbb...", "..cddddccb..", ".cdccccccba.", ".cdcddccbba.",
                                      ".cdcdccbbba.", ".cdccccbbba.", ".cdcccbbaba.", ".ccccbbaaba.",
                                      ".bcbbbbbbaa.", "..bbaaaaaa..", "...aaaaaa...", NULL};
static const char *const round_cut[] = {
    "....ccbb....", "..cdddccbb..", ".cddccccbba.", ".ddcdcbbbba.", "cdccccbbbbaa", "cdcccbbbbbaa",
    "ccbcbbbbabaa", ".cbbbbbabaa.", ".bbbbbbaaaa.", "..bbaaaaaa..", "....aaaa....", NULL,
};
static const char *const drop_cut[] = {
    ".....cb.....", ".....cb.....", "....dcba....", "....dcba....", "...ddcbba...", "..cddcbbba..", "..cdccbbba..",
    ".cccccbbbaa.", ".ccdcbbbaaa.", ".bccbbbbaaa.", "..bbbbaaaa..", "....aaaa....", NULL,
};
static const char *const heart_cut[] = {
    "..ccc..bbb..", ".cdddcccbbb.", "cdddcccbbbba", "cddcccbbbbba", "cdccccbbbbaa", ".cccbbbbbaa.",
    "..cccbbbaa..", "...ccbbaa...", "....cbaa....", ".....ba.....", NULL,
};
static const char *const hexagon[] = {
    ".....cb.....", "...cccbbb...", ".ccddcbbbba.", ".cdddcccbba.", ".cddcbbbbba.", ".cddcbbbbba.",
    ".cddcbbbbba.", ".ccbbaabbaa.", ".bbbbbaaaaa.", "...bbbaaa...", ".....ba.....", NULL,
};
static const char *const square[] = {
    ".....cb.....", "....cdcb....", "...cddccb...", "..cddcbbbb..", ".cddcbbbbbb.", "cdddcbbbbbaa",
    ".bccbbbbbaa.", "..bbbbbbaa..", "...bbbaaa...", "....bbaa....", ".....aa.....", NULL,
};
static const char *const trillion[] = {
    "..ccccbbbb..", ".cdddccbbba.", "cdddccbbbbaa", "cddcccbbbbaa", ".cdccbbbbaa.", ".ccdccbbaaa.",
    "..ccdcbbaa..", "...ccbbaa...", "....cbaa....", ".....ba.....", NULL,
};
static const char *const marquise[] = {
    ".....cb.....", "....ccbb....", "...cddcbb...", "...cdccbb...", "..cddccbba..", "..cdcccbba..", "..cdccbbba..",
    "..ccccbbaa..", "...ccbbba...", "...cbbbaa...", "....bbaa....", ".....ba.....", NULL,
};
static const char *const rose[] = {
    "....cccb....", "..ccddccbb..", ".ccddcccbbb.", ".cddccccbbba", "cdddcbbabbba", "cccccbbabbaa",
    ".bbbbaaaaaa.", "..bbbbaaaa..", "...bbbaaa...", ".....ba.....", NULL,
};
static const char *const oval[] = {
    "....cccb....", "...cdddcb...", "..cddccbbb..", "..cdccbbba..", "..cdccbbba..", "..ccbbbbba..",
    "..ccbbbbaa..", "..cbbbbbaa..", "..bbbbbaaa..", "...bbaaaa...", "....aaaa....", NULL,
};
static const char *const *const cuts[] = {brilliant, emerald,  round_cut, drop_cut, heart_cut, hexagon,
                                          square,    trillion, marquise,  rose,     oval};

static void draw_cut(pm_canvas *c, pm_rng *rng, const pm_ramp *ramps) {
  const char *const *rows = PM_PICK(rng, cuts);
  int height = 0;
  while (rows[height])
    height++;
  pm_stamp(c, 2, 8 - height / 2, rows, ramps);
  /* The light plays differently on each stone. */
  static const char *const plays[][4] = {{NULL},
                                         {"..d", ".d.", "d..", NULL},
                                         {".d.", "ddd", ".d.", NULL},
                                         {"d.", "dd", NULL},
                                         {"dd", "d.", NULL},
                                         {".dd", "dd.", NULL}};
  pm_stamp(c, pm_rng_between(rng, 5, 8), pm_rng_between(rng, 5, 8), PM_PICK(rng, plays), ramps);
}

/* A crystal that stands on row `foot`: its left half lit, a point on top. */
static void draw_shard(pm_canvas *c, int x, int foot, int width, int height, int lean, pm_ramp ramp) {
  int point = (width + 1) / 2 + 1;
  for (int k = 0; k < height; k++) {
    int from_top = k, w = from_top < point ? 1 + from_top * (width - 1) / point : width;
    int left = x - w / 2 + lean * (height - k) / 6, y = foot - height + 1 + k;
    for (int dx = 0; dx < w; dx++) {
      int tone = 2 * dx + 1 < w ? PM_LIGHT : 2 * dx + 1 == w ? PM_BASE : PM_DARK;
      if (dx == 0 && w > 1 && k > 1 && k < height - 2)
        tone = PM_GLINT;
      if (2 * dx + 1 > w && dx < w - 1)
        tone = PM_BASE;
      pm_put(c, left + dx, y, ramp.tone[tone]);
    }
  }
}

static void draw_cluster(pm_canvas *c, pm_rng *rng, pm_ramp ramp) {
  int tall = pm_rng_between(rng, 10, 12), left = pm_rng_between(rng, 5, 8), right = pm_rng_between(rng, 4, 9);
  int width = pm_rng_between(rng, 4, 5);
  draw_shard(c, 7 + pm_rng_between(rng, 0, 1), 13, width, tall, 0, ramp);
  draw_shard(c, 4, 13, pm_rng_between(rng, 3, 4), left, -pm_rng_between(rng, 0, 2), ramp);
  draw_shard(c, 11, 13, pm_rng_between(rng, 3, 4), right, pm_rng_between(rng, 0, 2), ramp);
  if (pm_rng_chance(rng, 0.5))
    draw_shard(c, 7 + pm_rng_between(rng, -1, 2), 14, 3, pm_rng_between(rng, 3, 5), 0, ramp);
  if (pm_rng_chance(rng, 0.4)) /* on a rock */
    for (int x = 2; x <= 13; x++) {
      pm_put(c, x, 14, x < 6 ? PM_GREY : PM_SLATE);
      if (x > 2 && x < 13 && pm_rng_chance(rng, 0.6))
        pm_put(c, x, 13, x < 6 ? PM_PALE : PM_GREY);
    }
}

void pm_draw_gem(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp pale_red = {{PM_MAROON, PM_RED, PM_PEACH, PM_WHITE}},
                       pale_green = {{PM_PINE, PM_GREEN, PM_GOLD, PM_WHITE}},
                       pale_blue = {{PM_NAVY, PM_AZURE, PM_PALE, PM_WHITE}},
                       pale_purple = {{PM_SLATE, PM_PURPLE, PM_PEACH, PM_WHITE}},
                       amber = {{PM_BROWN, PM_GOLD, PM_WHITE, PM_WHITE}},
                       sapphire = {{PM_INK, PM_NAVY, PM_AZURE, PM_WHITE}},
                       jade = {{PM_INK, PM_PINE, PM_GREEN, PM_WHITE}},
                       diamond = {{PM_GREY, PM_PALE, PM_WHITE, PM_WHITE}},
                       garnet = {{PM_INK, PM_MAROON, PM_RED, PM_PEACH}},
                       aqua = {{PM_PINE, PM_AZURE, PM_PALE, PM_WHITE}};
  static const pm_ramp *const stones[] = {&pale_red, &pale_green, &pale_blue, &pale_purple, &amber,
                                          &sapphire, &jade,       &diamond,   &garnet,      &aqua};
  pm_ramp ramps[4] = {*PM_PICK(rng, stones), pm_gold, pm_gold, pm_gold};
  if (pm_rng_chance(rng, 0.3))
    draw_cluster(c, rng, ramps[0]);
  else
    draw_cut(c, rng, ramps);
  pm_outline(c);
}
