#include "art/classes.h"

#include <string.h>

/* a to d: the hat; e to h: its band, trimming or horns; i to l: jewels and feathers. Drawn 14 wide at column 1. */
static const char *const wizard[] = {"........cb....", ".......ccbb...",
                                     "......cdcba...", "......cdbb....",
                                     ".....cdcbba...", ".....cdcbba...",
                                     "....cddcbbba..", "....cdccbbba..",
                                     "...hggggffffe.", "...ggggfffee..",
                                     ".cccccbbbbbbb.", "bbbbbbbbbaaaaa",
                                     ".aaaaaaaaaaa..", NULL};
static const char *const bent_wizard[] = {"........ccb...",
                                          "......ccdcbb..",
                                          ".....cddbbbba.",
                                          "....cddba.aba.",
                                          "....cdcba..ba.",
                                          "...cddcbba....",
                                          "...cddcbbba...",
                                          "..cddccbbbba..",
                                          "..hggggffffe..",
                                          ".ccccbbbbbbba.",
                                          "cbbbbbbbbbaaaa",
                                          ".aaaaaaaaaaa..",
                                          NULL};
static const char *const crown[] = {"......cb......", "..b...cb...b..", ".ck...cb...ja.", ".cb..cdcb..ba.",
                                    ".ccb.cdcb.bba.", ".cdcccdcbbbba.", ".cdccccbbbbba.", ".cdkcckjbbjba.",
                                    ".cckjckjbjiba.", ".cccccbbbbbaa.", ".hgggggffffee.", NULL};
static const char *const coronet[] = {"..cb......cb..", "..cb..cb..cb..", "..cdb.cdb.cba.", "..cdcccdcbbba.",
                                      "..ckcckjcjbba.", "..cccccbbbbaa.", "..aaaaaaaaaaa.", NULL};
static const char *const great_helm[] = {"....ccccbb....", "..ccddccbbbb..",
                                         "..cddccbbbba..", "..cddccgbbba..",
                                         "..cddccgbbba..", "..c####g###a..",
                                         "..c##ccgb##a..", "..cdcccgbbba..",
                                         "..cdc#cgb#ba..", "..cdcccgbbba..",
                                         "..cdc#cgb#ba..", "..ccbbbgbaaa..",
                                         "...bbbbaaaa...", NULL};
static const char *const knight[] = {"...k..........", "..kkjccbb.....",
                                     ".kkjcddcbbb...", ".kjcddccbbbba.",
                                     ".kjcddccbbbba.", ".jjcdccbbbbba.",
                                     "..iccccbb####.", "...cccccbbbba.",
                                     "...cdccb#b#ba.", "...cdccbbbbba.",
                                     "...ccdcb#b#a..", "....ccbbbbaa..",
                                     "....bbbbaaa...", NULL};
static const char *const viking[] = {"g............g", "hg..........gf",
                                     "hg...cccb...gf", "hhg.cddcbb.ggf",
                                     ".hhcddccbbagf.", "..hcddccbbbf..",
                                     "..cddcghbbba..", "..cdccggbbba..",
                                     "..hgggggfffe..", "..cb##gf##ba..",
                                     "..cb##gf##ba..", "..bb######aa..",
                                     "...b......a...", NULL};
static const char *const kettle[] = {"......cb......", "....ccdcbb....", "...cddccbbb...", "..cddcccbbba..",
                                     "..cdccccbbba..", "..cdccccbbba..", "..hgggggfffe..", "ccccccbbbbbbba",
                                     ".bbbbbbbaaaaa.", "..hg......fe..", "...g......e...", NULL};
static const char *const top_hat[] = {"...cccccbbbb..",
                                      "...cddccbbba..",
                                      "...cdcccbbba..",
                                      "...cdcccbbba..",
                                      "...cdcccbbba..",
                                      "...cdcccbbba..",
                                      "...hggggfffe..",
                                      "...hggggfffe..",
                                      "...cdcccbbba..",
                                      ".cccccbbbbbbb.",
                                      "cbbbbbbbbbaaaa",
                                      ".aaaaaaaaaaaa.",
                                      NULL};
static const char *const cowboy[] = {".....cc.bb....", "....cdccbbb...", "...cddcabbba..", "...cddcabbba..",
                                     "...cddccbbba..", "...hggggfffe..", "cb.hggggfffe.b", "ccbccccbbbbabb",
                                     ".cccbbbbbbbbb.", "..bbbbbbaaaa..", "....aaaaaa....", NULL};
static const char *const feather[] = {".........kkj..",
                                      "........kkjji.",
                                      "........kjji..",
                                      "....ccckkji...",
                                      "..ccddckjib...",
                                      ".ccddcckjbba..",
                                      ".cdddcckjbba..",
                                      ".hggggggfffe..",
                                      "hggggggffffee.",
                                      "cccccbbbbbbbba",
                                      "bbbbbbbbaaaaaa",
                                      ".aaaaaa.......",
                                      NULL};
static const char *const bicorne[] = {"......cb......", "....ccdcbb....", "...cddccbbba..", "..cddcWWbbbba.",
                                      ".cddcWWWWbbbba", ".cdcc#WW#bbbba", "cddcccWWbbbbba", "cdccccbbbbbbaa",
                                      "cccccbbbbbbaaa", "hggggggggfffee", ".hg........fe.", NULL};
static const char *const beanie[] = {"......hg......",
                                     ".....hggf.....",
                                     "......gf......",
                                     "....ccccbb....",
                                     "..ccddcabbbb..",
                                     "..cddcacbabb..",
                                     ".cddcaccbbabb.",
                                     ".cddaccbbbbab.",
                                     ".cdccccbbbbba.",
                                     ".hghghgfgfgfe.",
                                     ".hghghgfgfgfe.",
                                     ".gfgfgfefefee.",
                                     NULL};
static const char *const cap[] = {"......gf......", "....ccccbb....", "..ccddcbcbbb..", ".cddddcbccbba.",
                                  ".cdddcckjcbba.", ".cddccckjcbba.", ".cdccccccbbba.", ".cccccbbbbbba.",
                                  "..ggggggfffff.", "...hggggggffff", ".....ffffeeeee", NULL};
static const char *const hood[] = {"......cb......", ".....ccbb.....",
                                   "....cdccbb....", "...cddccbbb...",
                                   "..cddccbbbba..", "..cdc####bba..",
                                   "..cd######ba..", ".cdc######bba.",
                                   ".cdc######bba.", ".cdcc####bbba.",
                                   ".cccgg##gfbba.", "..cccgkjfbaa..",
                                   ".cccbbjibbbaa.", NULL};
static const char *const party[] = {"......kj......", ".....kkji.....",
                                    "......cb......", ".....cdcb.....",
                                    ".....gccb.....", "....cggbba....",
                                    "....cdgfba....", "...cdccfbba...",
                                    "...gdccbbba...", "..cggccbbbfa..",
                                    "..cdggcbbfba..", ".cdccggbffbba.",
                                    ".ccbbbbbbbaaa.", NULL};
static const char *const laurel[] = {"....c....b....",
                                     "..c.cb..bb.b..",
                                     "..cbcb..babba.",
                                     ".c.cb....ba.ba",
                                     ".cbcb....babba",
                                     "..cbb....bbba.",
                                     ".c.cb....ba.ba",
                                     ".cbbcb..babba.",
                                     "..ccbb..bbaa..",
                                     "...ccbbbbaa...",
                                     ".....kjbb.....",
                                     "......ji......",
                                     NULL};

typedef struct {
  const char *const *rows;
  int cloth; /* 0: metal, 1: any cloth, 2: of a king, 3: dark felt, 4: leaves */
} design;

static const design designs[] = {{wizard, 1},  {bent_wizard, 1}, {crown, 2},  {coronet, 2}, {great_helm, 0},
                                 {knight, 0},  {viking, 0},      {kettle, 0}, {top_hat, 1}, {cowboy, 1},
                                 {feather, 1}, {bicorne, 3},     {beanie, 1}, {cap, 1},     {hood, 1},
                                 {party, 1},   {laurel, 4}};

/* Stars, patches, buckles. */
static const char *const marks[][4] = {
    {".k.", "kkj", ".j.", NULL}, {"kj", "ji", NULL}, {"k", NULL}, {"kk", "k.", "jj", NULL}};

/* A mark, only where there is cloth of the first ramp. */
static void draw_mark(pm_canvas *c, int x, int y, const char *const *mark, const pm_ramp *ramps) {
  pm_canvas marked = *c;
  pm_stamp(&marked, x, y, mark, ramps);
  for (int k = 0; k < c->width * c->height; k++)
    if (c->pixel[k] != PM_BACKGROUND && memchr(ramps[0].tone, c->pixel[k], sizeof ramps[0].tone))
      c->pixel[k] = marked.pixel[k];
}

void pm_draw_hat(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const cloths[] = {&pm_red,  &pm_blue, &pm_green, &pm_purple,
                                          &pm_wood, &pm_navy, &pm_steel, &pm_gold};
  static const pm_ramp *const metals[] = {&pm_steel, &pm_steel, &pm_gold, &pm_silver, &pm_wood, &pm_blue, &pm_red};
  static const pm_ramp *const golds[] = {&pm_gold, &pm_gold, &pm_silver, &pm_steel, &pm_bone, &pm_wood};
  static const pm_ramp *const darks[] = {&pm_navy, &pm_maroon, &pm_wood, &pm_red, &pm_pine};
  static const pm_ramp *const leaves[] = {&pm_green, &pm_gold, &pm_green, &pm_silver};
  static const pm_ramp *const trims[] = {&pm_gold, &pm_gold, &pm_red,    &pm_silver,
                                         &pm_wood, &pm_blue, &pm_purple, &pm_bone};
  static const pm_ramp *const jewels[] = {&pm_red, &pm_blue, &pm_green, &pm_purple, &pm_silver, &pm_gold};
  const design *d = &PM_PICK(rng, designs);
  const pm_ramp *main_ramp = d->cloth == 1   ? PM_PICK(rng, cloths)
                             : d->cloth == 2 ? PM_PICK(rng, golds)
                             : d->cloth == 3 ? PM_PICK(rng, darks)
                             : d->cloth == 4 ? PM_PICK(rng, leaves)
                                             : PM_PICK(rng, metals);
  const pm_ramp *trim = PM_PICK(rng, trims), *jewel = PM_PICK(rng, jewels);
  while (trim->tone[PM_BASE] == main_ramp->tone[PM_BASE])
    trim = PM_PICK(rng, trims);
  while (jewel->tone[PM_BASE] == main_ramp->tone[PM_BASE] || jewel == trim)
    jewel = PM_PICK(rng, jewels);
  static const pm_ramp *const horned[] = {&pm_steel, &pm_iron, &pm_gold, &pm_wood, &pm_red, &pm_blue};
  if (d->rows == viking)
    main_ramp = PM_PICK(rng, horned), trim = &pm_bone;
  const pm_ramp ramps[4] = {*main_ramp, *trim, *jewel, pm_gold};
  int height = 0;
  while (d->rows[height])
    height++;
  int y = 8 - height / 2;
  pm_stamp(c, 1, y, d->rows, ramps);
  if (d->cloth == 1 && pm_rng_chance(rng, 0.5)) {
    draw_mark(c, pm_rng_between(rng, 5, 9), y + height / 2 + pm_rng_between(rng, -2, 1), PM_PICK(rng, marks), ramps);
  } else if (d->cloth == 0 && pm_rng_chance(rng, 0.5)) { /* a plume or a crest */
    int x = pm_rng_between(rng, 6, 8);
    pm_rectangle(c, x, y - 2, x + 1, y + 1, ramps[2].tone[PM_BASE]);
    pm_put(c, x + 1, y + 1, ramps[2].tone[PM_DARK]);
    pm_put(c, x + 2, y - 1, ramps[2].tone[PM_DARK]);
    pm_put(c, x, y - 2, ramps[2].tone[PM_GLINT]);
  }
  pm_outline(c);
}
