#include "art/classes.h"
#include "art/terrain.h"

enum { STONE_ROOM = 6 }; /* how near to each other two things on the ground may be */

static void fill(pm_canvas *c, int colour) {
  pm_rectangle(c, 0, 0, c->width - 1, c->height - 1, colour);
}

static int gap(int a, int b, int size) {
  const int d = a > b ? a - b : b - a;
  return d < size - d ? d : size - d;
}

/* Things on the ground, none too near to another, around the edges too. */
typedef struct {
  int x[16], y[16], count;
} places;

static void scatter(places *p, const pm_canvas *c, pm_rng *rng, int wanted, int room) {
  p->count = 0;
  for (int attempt = 0; attempt < 60 && p->count < wanted; attempt++) {
    const int x = pm_rng_between(rng, 0, c->width - 1), y = pm_rng_between(rng, 0, c->height - 1);
    bool free = true;
    for (int k = 0; k < p->count; k++)
      free &= gap(x, p->x[k], c->width) + gap(y, p->y[k], c->height) >= room;
    if (free)
      p->x[p->count] = x, p->y[p->count++] = y;
  }
}

/* ---- grass ---- */

/* Blades: a is their shadow, c their lit side. */
static const char *const tuft[] = {"c.c.c", ".ccc.", "..a..", NULL};
static const char *const blade[] = {"c", "c", "a", NULL};
static const char *const pair[] = {"c.c", ".ca", NULL};
static const char *const leaning[] = {"c..", ".c.", ".a.", NULL};
static const char *const wide[] = {"c...c", ".c.c.", ".aca.", NULL};
static const char *const *const blades[] = {tuft, blade, pair, leaning, wide};
static const char *const daisy[] = {".k.", "klk", ".k.", NULL};
static const char *const bud[] = {"k", "e", NULL};
static const char *const *const flowers[] = {daisy, bud};

void pm_draw_grass(pm_canvas *c, pm_rng *rng) {
  /* The second ramp is the stalks', the third the petals' and their middle. */
  static const pm_ramp meadow = {{PM_INK, PM_PINE, PM_GREEN, PM_GREEN}}, lawn = {{PM_PINE, PM_GREEN, PM_PINE, PM_PINE}},
                       straw = {{PM_BROWN, PM_GOLD, PM_BROWN, PM_BROWN}};
  static const pm_ramp petals[] = {{{PM_WHITE, PM_WHITE, PM_WHITE, PM_GOLD}}, {{PM_RED, PM_RED, PM_RED, PM_GOLD}}};
  static const pm_ramp *const kinds[] = {&meadow, &lawn, &lawn, &straw};
  const pm_ramp *kind = PM_PICK(rng, kinds);
  const pm_ramp ramps[4] = {*kind, *kind, PM_PICK(rng, petals), pm_steel};
  places p;
  fill(c, kind->tone[PM_BASE]);
  scatter(&p, c, rng, pm_rng_between(rng, 4, 9), 5);
  const int flowering = kind != &straw && pm_rng_chance(rng, 0.35) ? pm_rng_between(rng, 1, 2) : 0;
  for (int k = 0; k < p.count; k++)
    pm_stamp_around(c, p.x[k], p.y[k], k < flowering ? PM_PICK(rng, flowers) : PM_PICK(rng, blades), ramps);
}

/* ---- sand ---- */

/* How high a ripple is above its row at each column: it comes back to where it began. */
static const signed char ripples[][16] = {
    {0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0},
    {0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0},
    {0, 1, 1, 2, 2, 2, 1, 1, 0, 0, -1, -1, -1, -1, 0, 0},
};

void pm_draw_sand(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp gold = {{PM_BROWN, PM_GOLD, PM_WHITE, PM_WHITE}},
                       pink = {{PM_BROWN, PM_PEACH, PM_WHITE, PM_WHITE}};
  const pm_ramp ramp = pm_rng_chance(rng, 0.5) ? gold : pink;
  const signed char *ripple = PM_PICK(rng, ripples);
  const int every = pm_rng_chance(rng, 0.5) ? 4 : 8, lean = pm_rng_between(rng, 0, 15);
  fill(c, ramp.tone[PM_BASE]);
  for (int y = 0; y < c->height; y += every) {
    /* Each ripple is broken in one place or two. */
    const int from = pm_rng_between(rng, 0, 15), length = pm_rng_between(rng, 2, 6);
    const int second = pm_rng_between(rng, 0, 15), further = pm_rng_between(rng, 0, 3);
    for (int x = 0; x < c->width; x++) {
      if ((x - from + 16) % 16 < length || (x - second + 16) % 16 < further)
        continue;
      const int at = y - ripple[(x + lean) % 16];
      pm_put_around(c, x, at, ramp.tone[PM_DARK]);
      pm_put_around(c, x, at - 1, ramp.tone[PM_LIGHT]);
    }
  }
  pm_roll_canvas(c, pm_rng_between(rng, 0, 15), pm_rng_between(rng, 0, 15));
}

/* ---- soil ---- */

static const char *const clod[] = {".cc.", "cbba", ".aa.", NULL};
static const char *const pebble[] = {"gf", "fe", NULL};
static const char *const stone[] = {".gg.", "gffe", ".ee.", NULL};
static const char *const crumb[] = {"ca", NULL};
static const char *const crack[] = {"a..", ".a.", ".aa", NULL};
static const char *const *const clods[] = {clod, pebble, stone, crumb, crumb, crack};

void pm_draw_soil(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp brown = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_PEACH}},
                       dark = {{PM_INK, PM_MAROON, PM_BROWN, PM_BROWN}};
  static const pm_ramp *const pebbles[] = {&pm_iron, &pm_steel, &pm_bone};
  const pm_ramp ramps[4] = {pm_rng_chance(rng, 0.5) ? brown : dark, *PM_PICK(rng, pebbles), pm_steel, pm_steel};
  places p;
  fill(c, ramps[0].tone[PM_BASE]);
  scatter(&p, c, rng, pm_rng_between(rng, 4, 9), STONE_ROOM);
  for (int k = 0; k < p.count; k++)
    pm_stamp_around(c, p.x[k], p.y[k], PM_PICK(rng, clods), ramps);
}

/* ---- what flows ---- */

static const char *const crest[] = {".ccc.", "c...c", NULL};
static const char *const swell[] = {"..cc..", "cc..cc", NULL};
static const char *const wave[] = {"cc...cc", "..ccc..", NULL};
static const char *const glimmer[] = {"ccc", NULL};
static const char *const spark[] = {"c", NULL};
static const char *const *const waves[] = {crest, swell, wave, glimmer, spark};

void pm_draw_water(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp deep = {{PM_INK, PM_NAVY, PM_AZURE, PM_AZURE}},
                       clear = {{PM_NAVY, PM_AZURE, PM_WHITE, PM_WHITE}},
                       shallow = {{PM_NAVY, PM_AZURE, PM_NAVY, PM_NAVY}};
  static const pm_ramp *const kinds[] = {&deep, &clear, &shallow};
  const pm_ramp ramps[4] = {*PM_PICK(rng, kinds), pm_steel, pm_steel, pm_steel};
  places p;
  fill(c, ramps[0].tone[PM_BASE]);
  scatter(&p, c, rng, pm_rng_between(rng, 4, 8), 6);
  for (int k = 0; k < p.count; k++)
    pm_stamp_around(c, p.x[k], p.y[k], PM_PICK(rng, waves), ramps);
}

/* Plates of crust that drift on what glows between them: like cobbles, but dark, and the joints are the light. */
static const char *const plate[] = {".bbbb.", "bbbbba", "bbbbaa", "gaaaag", ".gggg.", NULL};
static const char *const small_plate[] = {".bb.", "bbba", "gaag", ".gg.", NULL};
static const char *const long_plate[] = {".bbbbbb.", "bbbbbbba", "gaaaaaag", ".ggg.g..", NULL};
static const char *const flake[] = {"ba", "aa", NULL};
static const char *const bubble[] = {".g.", "g.g", ".g.", NULL};
static const char *const *const plates[] = {plate, small_plate, long_plate, flake, bubble};

void pm_draw_lava(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp crust = {{PM_INK, PM_MAROON, PM_MAROON, PM_MAROON}}, glow = {{PM_RED, PM_RED, PM_GOLD, PM_GOLD}};
  const pm_ramp ramps[4] = {crust, glow, pm_steel, pm_steel};
  places p;
  fill(c, PM_RED);
  scatter(&p, c, rng, pm_rng_between(rng, 4, 8), STONE_ROOM);
  for (int k = 0; k < p.count; k++)
    pm_stamp_around(c, p.x[k], p.y[k], PM_PICK(rng, plates), ramps);
}
