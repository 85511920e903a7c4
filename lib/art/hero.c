#include "art/classes.h"

/* Little people from parts. Ramps: a to d skin, e to h clothes, i to l hair or headgear, m to p the other cloth (legs,
 * belts, trimmings). Heads are 10 wide and stand at column 3, bodies 14 wide at column 1. */
static const char *const face[] = {"..cbbbbb..", ".ccbbbbba.", ".cb#bb#ba.", ".cb#bb#ba.",
                                   ".abbbbbba.", "..abbbba..", NULL};

static const char *const short_hair[] = {"...kkjj...", "..kkjjjji.", ".kkjjjjji.", ".kj....ji.", ".k......i.", NULL};
static const char *const long_hair[] = {"...kkjj...", "..kkjjjji.", ".kkjjjjji.", ".kj.jj.ji.", ".kj....ji.",
                                        ".kj....ji.", ".kj....ji.", ".jj....ii.", ".j......i.", NULL};
static const char *const spiky[] = {"..k.k.j.j.", ".kkkjjjji.", ".kkjjjjjii", ".kj.j.jji.", ".k......i.", NULL};
static const char *const bun[] = {"....kj....", "...kkji...", "..kkjjji..", ".kkjjjjji.", ".k.jj..ji.", NULL};
static const char *const mohawk[] = {"....kj....", "....kj....", "....kji...", "....jj....", NULL};
static const char *const curls[] = {"..kk.jji..", ".kkjkjjji.", "kkjjjjjjii", "kjj....jii",
                                    "kj......ji", "jj......ii", ".j......i.", NULL};
static const char *const fringe[] = {"...kkjj...", "..kkjjjj..", ".kkjjjjji.", ".kkkjjjji.",
                                     ".kj....ji.", ".k......i.", NULL};
static const char *const tail[] = {"...kkjj...", "..kkjjjji.", ".kkjjjjjii", ".kjj...jjj",
                                   ".k......ij", "........ij", "........ii", NULL};
static const char *const wizard_hat[] = {".....kj...", "....kjj...", "....kjji..", "...kjjji..",
                                         "..nnnnnmm.", "kkkjjjjjii", NULL};
static const char *const helmet[] = {"...kkjj...", "..lkkjji..", ".lkkjjjji.", ".kkkjjjii.", ".kj#jj#ji.",
                                     ".kj#jj#ji.", ".jj.jj.ii.", "..j....i..", NULL};
static const char *const open_helmet[] = {"....nm....", "...lkjj...", "..lkkjji..", ".lkkjjjji.",
                                          ".kj....ji.", ".kj....ji.", ".jj....ii.", NULL};
static const char *const horned[] = {"W........W", "WW.lkji.WW", ".Wlkkjji W", "..kkjjji..",
                                     ".kjjjjjji.", ".kj....ji.", NULL};
static const char *const crown[] = {"..k.kj.i..", "..kkkjji..", "..kjnjni..", "..jjjjii..", NULL};
static const char *const hood[] = {"....kj....", "...kkjj...", "..kkjjji..", ".kkjjjjji.", ".kj....ji.",
                                   ".kj....ji.", ".kj....ji.", ".jj....ii.", "..jj..ii..", NULL};
static const char *const cap[] = {"...kkjj...", "..kkjjjj..", ".kkjjjjji.", ".mmmmmmmmm", ".n......m.", NULL};
static const char *const straw_hat[] = {"...kkjj...", "..kkjjji..", "..nnnnmm..", "kkkjjjjjii", NULL};
static const char *const bandana[] = {"...kkjj...", "..kkjjji..", ".kkjkjjji.", ".jjjjjjjii", "........ji", NULL};
static const char *const elf_hat[] = {".......kj.", ".....kkjij", "...kkjji.i", "..kkjjji..", ".nnnnnnmm.", NULL};
static const char *const *const hair[] = {short_hair, long_hair, spiky, bun, mohawk, curls, fringe, tail};
static const char *const *const gear[] = {wizard_hat, helmet, open_helmet, horned,  crown,
                                          hood,       cap,    straw_hat,   bandana, elf_hat};

static const char *const tunic[] = {
    "....gffffe....", "...ggffffee...", "..bgfffffeea..", "..b.mnnnm.a...", "....fffffe....", "....mm..mm....", NULL};
static const char *const robe[] = {
    "....gffffe....", "...ggfnnfee...", "..ggffnnffee..", "..b.gffffe.a..", "...ggffffee...", "...gfffffee...", NULL};
static const char *const armour[] = {
    "..hgg.ff.fee..", "..gghgffffee..", "..b.gnnmfe.a..", "....mmmmmm....", "....gf..fe....", "....gf..fe....", NULL};
static const char *const dress[] = {
    "....bgfeba....", "...bgfffea....", "...bnnnmma....", "...ggffffe....", "..ggfffffee...", "..hgfffffeee..", NULL};
static const char *const vest[] = {
    "....gnnnne....", "...ggnnnfee...", "...bgnnnfea...", "....mmmmmm....", "....nn..nm....", "....mm..mm....", NULL};
static const char *const bare[] = {
    "....cbbbba....", "...cbbcbbba...", "...b.bbbb.a...", "....mnnnnm....", "....ff..fe....", "....bb..ba....", NULL};
static const char *const cloak[] = {
    "...ggffffee...", "..ggfnnnnfee..", "..gffnnnnfee..", "..gffmmmmfee..", "..gf.nn.nnee..", "...f.mm.mm.e..", NULL};
static const char *const *const bodies[] = {tunic, tunic, robe, armour, dress, vest, bare, cloak};

static const char *const beard[] = {".kj....ji.", ".kjjjjjji.", "..kjjjji..", "..kjjji...", "...kji....", NULL};
static const char *const short_beard[] = {".j......i.", "..kj..ji..", "..kjjjji..", NULL};
static const char *const moustache[] = {"..kjjjji..", "..j....i..", NULL};

static void draw_tool(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const jewels[] = {&pm_red, &pm_blue, &pm_green, &pm_purple, &pm_gold};
  pm_ramp jewel = *PM_PICK(rng, jewels);
  switch (pm_rng_below(rng, 7)) {
  case 0: /* a staff */
    pm_rectangle(c, 13, 6, 13, 14, PM_BROWN);
    pm_rectangle(c, 13, 4, 14, 5, jewel.tone[PM_BASE]);
    pm_put(c, 13, 4, jewel.tone[PM_GLINT]);
    break;
  case 1: /* a sword */
    pm_rectangle(c, 13, 5, 13, 10, PM_PALE);
    pm_put(c, 13, 5, PM_WHITE);
    pm_rectangle(c, 12, 11, 14, 11, PM_GOLD);
    pm_put(c, 13, 12, PM_BROWN);
    break;
  case 2: /* a spear */
    pm_rectangle(c, 13, 5, 13, 14, PM_BROWN);
    pm_rectangle(c, 13, 2, 13, 4, PM_PALE);
    pm_rectangle(c, 12, 4, 14, 4, PM_GREY);
    break;
  case 3: /* a shield */
    pm_rectangle(c, 1, 10, 4, 12, jewel.tone[PM_BASE]);
    pm_rectangle(c, 2, 13, 3, 13, jewel.tone[PM_DARK]);
    pm_rectangle(c, 1, 10, 4, 10, PM_PALE);
    pm_rectangle(c, 4, 11, 4, 12, jewel.tone[PM_DARK]);
    break;
  case 4: /* an axe */
    pm_rectangle(c, 13, 6, 13, 13, PM_BROWN);
    pm_rectangle(c, 12, 6, 14, 8, PM_GREY);
    pm_rectangle(c, 14, 6, 14, 8, PM_PALE);
    break;
  default: /* nothing */
    break;
  }
}

void pm_draw_hero(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp dark_skin = {{PM_MAROON, PM_BROWN, PM_BROWN, PM_PEACH}},
                       undead = {{PM_SLATE, PM_PALE, PM_PALE, PM_WHITE}};
  static const pm_ramp *const skins[] = {&pm_skin,   &pm_skin,  &pm_skin, &dark_skin,
                                         &dark_skin, &pm_green, &undead,  &pm_blue};
  static const pm_ramp *const hairs[] = {&pm_wood, &pm_maroon, &pm_gold, &pm_red, &pm_silver, &pm_iron, &pm_steel};
  static const pm_ramp *const cloths[] = {&pm_red,  &pm_blue, &pm_green, &pm_purple, &pm_wood,
                                          &pm_navy, &pm_pine, &pm_gold,  &pm_silver, &pm_steel};
  static const pm_ramp *const others[] = {&pm_wood, &pm_maroon, &pm_navy, &pm_gold, &pm_silver, &pm_steel};
  pm_ramp ramps[4] = {*PM_PICK(rng, skins), *PM_PICK(rng, cloths), *PM_PICK(rng, hairs), *PM_PICK(rng, others)};
  const char *const *body = PM_PICK(rng, bodies);
  if (body == armour)
    ramps[1] = pm_rng_chance(rng, 0.7) ? pm_steel : pm_gold;
  while (ramps[3].tone[PM_BASE] == ramps[1].tone[PM_BASE])
    ramps[3] = *PM_PICK(rng, others);
  pm_stamp(c, 1, 9, body, ramps);
  pm_stamp(c, 3, 3, face, ramps);
  if (pm_rng_chance(rng, 0.3)) {
    static const char *const *const beards[] = {beard, short_beard, moustache};
    size_t k = pm_rng_below(rng, 3);
    pm_stamp(c, 3, k == 0 ? 6 : 7, beards[k], ramps);
  }
  const char *const *head = pm_rng_chance(rng, 0.45) ? PM_PICK(rng, hair) : PM_PICK(rng, gear);
  if (head == helmet || head == open_helmet || head == horned)
    ramps[2] = pm_rng_chance(rng, 0.7) ? pm_steel : pm_gold;
  else if (head == crown)
    ramps[2] = pm_gold, ramps[3] = pm_red;
  else if (head == straw_hat)
    ramps[2] = pm_gold;
  else if (head == wizard_hat || head == hood || head == cap || head == bandana || head == elf_hat)
    ramps[2] = pm_rng_chance(rng, 0.6) ? ramps[1] : *PM_PICK(rng, cloths);
  pm_stamp(c, 3, head == mohawk || head == bun || head == crown || head == wizard_hat || head == elf_hat ? 0 : 1, head,
           ramps);
  draw_tool(c, rng);
  pm_outline(c);
}
