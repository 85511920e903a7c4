#include "art/classes.h"

/* Axes, hammers, maces and staves: a shaft along the diagonal, a head at the top right. a to d: the metal; e to h: the
 * second metal or a jewel. Heads are stamped so that their corner at the bottom left meets the shaft. */
static const char *const axe[] = {".....dd..", "...ddcb..", "..ddccb..", ".ddcccb..",
                                  ".dcccccb.", "dcccccbbg", "dbbb.bgf.", NULL};
static const char *const bearded[] = {"......d..", "....ddcb.", "...ddccb.", "..ddccbb.", ".ddcccbb.",
                                      "ddccbbbgf", "dccb..gf.", "dcb......", ".b.......", NULL};
static const char *const great_axe[] = {".....dd.....",
                                        "...ddcb.....",
                                        "..ddccb.....",
                                        ".ddcccb.....",
                                        ".dccccbgf...",
                                        "dcccccgfbbba",
                                        "dbbb.gfbbbba",
                                        "......bbbbb.",
                                        ".....bbbbba.",
                                        ".....bbbba..",
                                        ".....bbba...",
                                        ".....aa.....",
                                        NULL};
static const char *const hammer[] = {"...cc.....", "..cddc....", ".cddccb...", ".ccdccbb..", "..cccgbbb.",
                                     "...cgbbbba", "....bbbbaa", ".....bbaa.", "......aa..", NULL};
static const char *const mallet[] = {"..gcc.....", ".ggddc....", ".fcddcb...", "..ccccbb..", "...cccbbb.",
                                     "....cbbbgg", ".....bbggf", "......gff.", NULL};
static const char *const mace[] = {"....cb....", "..c.cb.b..", "..ccddbb..", "...cddcb..", ".ccddcbbaa", ".bbccbbbaa",
                                   "...cbbba..", "..bbbbaa..", "..b.ba.a..", "....ba....", NULL};
static const char *const pick[] = {"ddccb.....", "..dccbbg..", "....ccbg..", "......cbb.", "....gg.cb.",
                                   "........cb", "........ba", ".........a", NULL};
static const char *const spear[] = {".......dc.", ".....ddcb.", "....dccbb.", "...dccbba.",
                                    "..gccbba..", "...gbba...", "..f.ga....", NULL};
static const char *const trident[] = {"....d...dc", "...dc..dcb", "...dc.dcb.", "...dcdcb..",
                                      "...dccb.cb", "...cccccb.", "....bbbb..", NULL};
static const char *const orb[] = {"...ggff...", "..ghgffe..", "..hhgffe..", "..ggfffe..",
                                  ".c.ffeeb..", ".cc.ee.b..", "..cbbbb...", NULL};
static const char *const crook[] = {"...ccbb...", "..cdccbb..", "..cb..ba..", "..b.gf.ba.", "....fe.ba.",
                                    "......ba..", "....bba...", "...cba....", NULL};
static const char *const sun_staff[] = {"....cb....", "..c.gg.b..", "...ghgf...", ".cghgffea.", ".bgggffea.",
                                        "...gffe...", "..b.ee.a..", "....ba....", NULL};
static const char *const scythe[] = {".ddccc....", "ddcccccb..", "c....bcbb.", "......bgb.",
                                     "......gfbb", ".......f.b", "..........", NULL};
static const char *const torch[] = {"....h.....", "...hh.g...", "...hgggg..", "..hhgggf..", "..hWggff..", "..hWWgff..",
                                    "..ghWgfe..", "..cggfe...", "..ccbba...", "...cba....", NULL};

typedef struct {
  const char *const *rows;
  int x, y;     /* where the head goes */
  int reach;    /* the shaft's last step along the diagonal */
  int jewelled; /* the second ramp is a jewel, not metal */
} head;

static const head heads[] = {
    {axe, 3, 1, 12, 0},  {bearded, 3, 1, 12, 0},  {great_axe, 3, 1, 11, 0}, {hammer, 5, 1, 9, 0},  {mallet, 5, 1, 9, 0},
    {mace, 5, 1, 9, 0},  {pick, 4, 1, 11, 0},     {spear, 5, 1, 10, 0},     {trident, 5, 1, 9, 0}, {orb, 6, 1, 8, 1},
    {crook, 6, 1, 8, 1}, {sun_staff, 5, 1, 8, 1}, {scythe, 3, 1, 11, 0},    {torch, 6, 1, 9, 2}};

static void draw_shaft(pm_canvas *c, pm_rng *rng, int reach, pm_ramp wood, pm_ramp metal) {
  int start = pm_rng_between(rng, 1, 3), wraps = (int)pm_rng_below(rng, 4);
  for (int k = start; k <= reach; k++) {
    bool wrapped = (wraps == 1 && k < start + 4 && k % 2) || (wraps == 2 && (k == start + 4 || k == start + 5));
    const pm_ramp *ramp = wraps == 3 && k <= start ? &metal : &wood;
    pm_put(c, k, 15 - k, wrapped ? metal.tone[PM_LIGHT] : ramp->tone[PM_LIGHT]);
    pm_put(c, k + 1, 15 - k, wrapped ? metal.tone[PM_DARK] : ramp->tone[k % 2 ? PM_DARK : PM_BASE]);
  }
  if (wraps == 3) { /* an iron foot */
    pm_rectangle(c, start, 14 - start, start + 1, 15 - start, metal.tone[PM_BASE]);
    pm_put(c, start, 14 - start, metal.tone[PM_GLINT]);
  }
}

void pm_draw_tool(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp timber = {{PM_MAROON, PM_BROWN, PM_BROWN, PM_PEACH}},
                       dark = {{PM_INK, PM_MAROON, PM_MAROON, PM_BROWN}},
                       birch = {{PM_BROWN, PM_PEACH, PM_PEACH, PM_WHITE}},
                       flame = {{PM_MAROON, PM_RED, PM_GOLD, PM_WHITE}},
                       cold_flame = {{PM_NAVY, PM_AZURE, PM_PALE, PM_WHITE}},
                       ghost_flame = {{PM_PINE, PM_GREEN, PM_GOLD, PM_WHITE}};
  static const pm_ramp *const shafts[] = {&timber, &timber, &timber, &dark, &birch, &pm_steel, &pm_iron};
  static const pm_ramp *const metals[] = {&pm_steel, &pm_steel, &pm_steel, &pm_silver, &pm_gold, &pm_iron,
                                          &pm_wood,  &pm_bone,  &pm_blue,  &pm_red,    &pm_green};
  static const pm_ramp *const seconds[] = {&pm_gold, &pm_gold, &pm_steel, &pm_wood, &pm_red, &pm_silver};
  static const pm_ramp *const jewels[] = {&pm_red, &pm_blue, &pm_green, &pm_purple, &pm_gold, &pm_ice};
  static const pm_ramp *const flames[] = {&flame, &flame, &flame, &cold_flame, &ghost_flame};
  const head *h = &PM_PICK(rng, heads);
  const pm_ramp *metal = PM_PICK(rng, metals);
  const pm_ramp *second = h->jewelled == 2 ? PM_PICK(rng, flames)
                          : h->jewelled    ? PM_PICK(rng, jewels)
                                           : PM_PICK(rng, seconds);
  const pm_ramp ramps[4] = {*metal, *second, *metal, *metal};
  draw_shaft(c, rng, h->reach, *PM_PICK(rng, shafts), h->jewelled == 2 ? pm_iron : *second);
  pm_stamp(c, h->x, h->y, h->rows, ramps);
  pm_outline(c);
}
