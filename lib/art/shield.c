#include "art/classes.h"

typedef struct {
  signed char width[14], rows;
} outline;

static const outline outlines[] = {
    {{12, 12, 12, 12, 12, 12, 12, 10, 10, 8, 6, 4, 2}, 13},   /* heater */
    {{4, 8, 10, 12, 12, 12, 12, 12, 12, 10, 8, 4}, 12},       /* round */
    {{4, 8, 10, 10, 10, 10, 10, 8, 8, 6, 6, 4, 2}, 13},       /* kite */
    {{8, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 8}, 13}, /* tower */
    {{12, 12, 12, 12, 12, 12, 12, 12, 12, 10, 8, 4}, 12},     /* Spanish */
    {{2, 12, 12, 10, 10, 10, 12, 12, 12, 10, 8, 6, 2}, 13},   /* eared */
    {{4, 6, 8, 10, 10, 10, 10, 10, 10, 8, 6, 4}, 12},         /* oval */
    {{2, 4, 6, 8, 10, 12, 12, 10, 8, 6, 4, 2}, 12},           /* diamond */
    {{6, 10, 12, 12, 12, 12, 12, 12, 10, 10, 6, 2}, 12},      /* rounded heater */
    {{6, 8, 10, 12, 12, 12, 12, 10, 8, 6}, 10},               /* buckler */
    {{12, 12, 10, 10, 10, 12, 12, 12, 12, 10, 6}, 11},        /* waisted */
};

/* Which of the two colours of the field a pixel has; u and v are halves from the middle. */
static int second_colour(int pattern, int x, int y, int top, int middle) {
  int u = 2 * x - 15, v = 2 * (y - middle), across = u < 0 ? -u : u;
  switch (pattern) {
  case 1: /* per pale */
    return u > 0;
  case 2: /* per fess */
    return y >= middle;
  case 3: /* quarterly */
    return (u > 0) != (y >= middle);
  case 4: /* cross */
    return across <= 1 || y == middle || y == middle - 1;
  case 5: /* saltire */
    return (u - v < 3 && u - v > -3) || (u + v < 3 && u + v > -3);
  case 6: /* chevron */
    return y - middle + 3 >= across / 2 && y - middle <= across / 2;
  case 7: /* bend */
    return u - v < 4 && u - v > -4;
  case 8: /* pales */
    return (x / 2) % 2;
  case 9: /* bars */
    return ((y - top) / 2) % 2;
  case 10: /* chief */
    return y < top + 5;
  case 11: /* checks */
    return ((x / 2) + (y - top) / 2) % 2;
  default:
    return 0;
  }
}

static const char *const star[] = {".hg.", "hggf", ".gf.", NULL};
static const char *const boss[] = {".gg.", "ghgf", "gggf", ".ff.", NULL};
static const char *const gem[] = {".op.", "oonm", "nnmm", ".mm.", NULL};
static const char *const crown[] = {"h.hg.g", "hhhggg", ".fffff", NULL};
static const char *const skull[] = {"WWWW", "#WW#", ".WW.", NULL};
static const char *const heart[] = {"o.on", "onnn", ".nm.", NULL};
static const char *const moon[] = {".gg", "gg.", "gg.", ".ff", NULL};
static const char *const bar[] = {"gg", "gg", "gg", "ff", NULL};
static const struct {
  const char *const *rows;
  int x, y;
} charges[] = {{star, 6, -1},  {boss, 6, -2},  {gem, 6, -2},  {crown, 5, -1},
               {skull, 6, -1}, {heart, 6, -1}, {moon, 6, -2}, {bar, 7, -2}};

static void draw_field(pm_canvas *c, const pm_canvas *mask, int pattern, int top, int middle, const pm_ramp *ramps) {
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++) {
      if (!pm_get(mask, x, y))
        continue;
      bool lit = !pm_get(mask, x - 1, y) || !pm_get(mask, x, y - 1);
      bool dark = !pm_get(mask, x + 1, y) || !pm_get(mask, x, y + 1);
      if (lit || dark) { /* the rim */
        pm_put(c, x, y, ramps[1].tone[dark ? (lit ? PM_BASE : PM_DARK) : PM_LIGHT]);
        continue;
      }
      /* The field bulges: its right and lower part lies in shadow, and right under the lit rim there is some too. */
      int shade = 2 * (x - 8) + (y - middle) > 6 ? PM_DARK : PM_BASE;
      pm_put(c, x, y, ramps[second_colour(pattern, x, y, top, middle) ? 2 : 0].tone[shade]);
    }
}

void pm_draw_shield(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const fields[] = {&pm_red,   &pm_blue, &pm_green, &pm_purple, &pm_wood,
                                          &pm_steel, &pm_navy, &pm_pine,  &pm_gold,   &pm_bone};
  static const pm_ramp *const rims[] = {&pm_steel, &pm_steel, &pm_gold, &pm_gold, &pm_wood, &pm_iron, &pm_silver};
  const outline *o = &PM_PICK(rng, outlines);
  pm_ramp ramps[4] = {*PM_PICK(rng, fields), *PM_PICK(rng, rims), *PM_PICK(rng, fields), *PM_PICK(rng, fields)};
  for (int k = 0; k < 8 && ramps[2].tone[PM_BASE] == ramps[0].tone[PM_BASE]; k++)
    ramps[2] = *PM_PICK(rng, fields);
  int top = 1 + (14 - o->rows) / 2, middle = top + o->rows / 2;
  pm_canvas mask = pm_canvas_new(c->width, c->height);
  pm_lathe(&mask, 16, top, o->width, o->rows, PM_FLAT_A);
  int pattern = (int)pm_rng_below(rng, 12);
  draw_field(c, &mask, pattern, top, middle, ramps);
  if (pattern < 4 || pm_rng_chance(rng, 0.3)) {
    size_t k = pm_rng_below(rng, sizeof charges / sizeof *charges);
    pm_stamp(c, charges[k].x, middle + charges[k].y, charges[k].rows, ramps);
  }
  if (pm_rng_chance(rng, 0.3)) { /* rivets */
    int y = top + 1;
    int reach = o->width[1] / 2;
    pm_tint(c, 8 - reach, y, PM_WHITE);
    pm_tint(c, 7 + reach, y, PM_WHITE);
    reach = o->width[o->rows / 2] / 2;
    pm_tint(c, 8 - reach, top + o->rows / 2, PM_WHITE);
    pm_tint(c, 7 + reach, top + o->rows / 2, PM_WHITE);
  }
  pm_outline(c);
}
