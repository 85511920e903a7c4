#include "art/classes.h"

/* Bows (the part one holds), 7 wide; the shaft's two columns are columns 3 and 4 of eight. */
static const char *const ring_bow[] = {"..cccb..", ".cc..bb.", ".c....b.", ".b....a.", ".bb..aa.", "..bbaa..", NULL};
static const char *const square_bow[] = {".ccccbb.", ".c....b.", ".c....a.", ".c....a.", ".bbaaaa.", NULL};
static const char *const diamond_bow[] = {"...cb...", "..cccb..", ".cc..bb.", ".bb..aa.", "..bbaa..", "...ba...", NULL};
static const char *const trefoil_bow[] = {"...cb...", "..cccb..", "..cbba..", "ccb.bcbb", "cbbbbbba", ".bb..aa.", NULL};
static const char *const heart_bow[] = {".cc..bb.", "cdccbbba", "cc....ba", "cb....aa", ".cb..aa.", "..bbaa..", NULL};
static const char *const plate_bow[] = {"..cccb..", ".cdccbb.", ".ccghba.", ".cbfgba.", ".bbbbaa.", "..baaa..", NULL};
static const char *const skull_bow[] = {"..cccb..", ".cccccb.", ".c#bb#a.", ".cb##ba.", "..bbba..", "..b#ba..", NULL};
static const char *const crown_bow[] = {"cb.cb.ba", "cbccbbba", ".cccbba.", ".c....a.", ".bb..aa.", "..bbaa..", NULL};
static const char *const double_bow[] = {".cc..bb.", "c..cb..a", "c..bb..a", ".bb..aa.", "..bbaa..", NULL};
static const char *const cross_bow[] = {"...cb...", "...cb...", ".ccccbb.", ".bbbaaa.", "...ba...", NULL};
static const char *const star_bow[] = {"...cb...", "..ccbb..", "cccghbba", ".ccfgba.", "..cbba..", ".cb..aa.", NULL};
static const char *const oval_bow[] = {".ccccbb.", "cc....bb", "c......a", "bb....aa", ".bbbaaa.", NULL};
static const char *const *const bows[] = {ring_bow,  square_bow, diamond_bow, trefoil_bow, heart_bow, plate_bow,
                                          skull_bow, crown_bow,  double_bow,  cross_bow,   star_bow,  oval_bow};

/* Bits, to the right of the shaft, down to its end. */
static const char *const bits[][6] = {
    {"bba", "a..", "bba", NULL},    {"bbba", "a...", "bba.", NULL},
    {"bba.", "a...", "bbba", NULL}, {"bbba", "baba", NULL},
    {"bba", "baa", "b.a", NULL},    {"bba", "a..", "ba.", "a..", "bba", NULL},
    {"bbaa", "b..a", "bbaa", NULL}, {"ba", "..", "bba", "ba.", NULL},
    {"bba", ".a.", "bba", NULL},    {"bbb", "baa", "ba.", "bba", NULL},
    {"bba", "ba.", "a..", NULL},    {"bba", "a.a", "..a", NULL},
};

void pm_draw_key(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const metals[] = {&pm_gold,  &pm_gold, &pm_steel,  &pm_steel, &pm_wood,  &pm_red,
                                          &pm_green, &pm_blue, &pm_purple, &pm_bone,  &pm_silver};
  static const pm_ramp *const jewels[] = {&pm_red, &pm_blue, &pm_green, &pm_purple};
  pm_ramp ramps[4] = {*PM_PICK(rng, metals), *PM_PICK(rng, jewels), *PM_PICK(rng, metals), *PM_PICK(rng, metals)};
  const char *const *bow = PM_PICK(rng, bows);
  int height = 0;
  while (bow[height])
    height++;
  int foot = pm_rng_between(rng, 13, 14), x = pm_rng_between(rng, 2, 4);
  pm_stamp(c, x, 1, bow, ramps);
  int shaft = x + 3, top = 1 + height;
  pm_ramp metal = ramps[0];
  for (int y = top; y <= foot; y++)
    pm_put(c, shaft, y, metal.tone[PM_LIGHT]), pm_put(c, shaft + 1, y, metal.tone[PM_DARK]);
  pm_put(c, shaft, top + 1, metal.tone[PM_GLINT]);
  if (pm_rng_chance(rng, 0.5)) { /* a collar */
    pm_ramp collar = ramps[pm_rng_chance(rng, 0.5) ? 0 : 2];
    int y = top + pm_rng_between(rng, 0, 1);
    pm_rectangle(c, shaft - 1, y, shaft + 2, y, collar.tone[PM_BASE]);
    pm_put(c, shaft - 1, y, collar.tone[PM_GLINT]);
    pm_put(c, shaft + 2, y, collar.tone[PM_DARK]);
  }
  const char *const *bit = PM_PICK(rng, bits);
  int rows = 0;
  while (bit[rows])
    rows++;
  pm_stamp(c, shaft + 2, foot + 1 - rows, bit, ramps);
  pm_outline(c);
  if (pm_rng_chance(rng, 0.4))
    *c = pm_transposed(c);
}
