#include "art/classes.h"

/* A sword lies along the diagonal, its point at the top right. Its own coordinates: `along` runs from the pommel (2) to
 * the point (28), `across` from the lit edge (negative) to the shaded one; pixels have both even or both odd. */
static void put(pm_canvas *c, int along, int across, int colour) {
  pm_put(c, (along + across) / 2, 15 - (along - across) / 2, colour);
}

static bool on_grid(int along, int across) {
  return ((along + across) & 1) == 0;
}

enum blade { STRAIGHT, LEAF, TAPERED, CURVED, FLAMED, RAPIER, CLEAVER, DAGGER, BROAD, BLADES };

/* Half the width of the blade at `at` of `length`, both edges counted; negative: nothing. */
static int half_width(enum blade kind, int at, int length) {
  int left = length - at;
  switch (kind) {
  case LEAF:
    return left < 3 ? left - 1 : at < 4 ? 1 : at < length / 2 ? 2 : 3 - (left < 8) - (left < 5);
  case TAPERED:
    return left < 1 ? 0 : 1 + (left > 4) + (left > 10);
  case RAPIER:
    return left < 1 ? 0 : 1;
  case BROAD:
    return left < 4 ? left - 1 : 3;
  case DAGGER:
    return left < 6 ? (left + 1) / 2 : 3;
  case CLEAVER:
    return left < 2 ? left + 1 : 3;
  default:
    return left < 3 ? left : 2;
  }
}

/* How far the blade's middle lies off the diagonal. */
static int bend(enum blade kind, int at, int length) {
  if (kind == CURVED) {
    int middle = 2 * at - length; /* a parabola, zero at the hilt */
    return 2 - 2 * (middle * middle) / (length * length) - (at > length * 3 / 4 ? 2 : 0);
  }
  if (kind == FLAMED)
    return (at / 3) % 2 ? 1 : -1;
  return 0;
}

static void draw_blade(pm_canvas *c, enum blade kind, int from, int to, pm_ramp ramp, int groove) {
  int length = to - from;
  for (int along = from; along <= to; along++) {
    int at = along - from, w = half_width(kind, at, length), middle = bend(kind, at, length);
    int lit = -w, shaded = w;
    if (kind == CLEAVER)
      lit = -1;
    for (int across = middle + lit; across <= middle + shaded; across++) {
      if (!on_grid(along, across))
        continue;
      int off = across - middle;
      int tone = off < 0 ? PM_LIGHT : off == 0 ? (w > 1 ? PM_BASE : PM_LIGHT) : off == w && w > 1 ? PM_DARK : PM_BASE;
      if (groove && w > 1 && (off == 0 || off == 1) && length - at > 5)
        tone = PM_DARK;
      if (off < 0 && length - at < 6)
        tone = PM_GLINT;
      put(c, along, across, ramp.tone[tone]);
    }
  }
}

enum guard { PLAIN, SWEPT_UP, SWEPT_BACK, KNOBBED, JEWELLED, ROUND, GUARDS };

static void draw_guard(pm_canvas *c, enum guard kind, int at, int reach, pm_ramp ramp, pm_ramp jewel) {
  if (kind == ROUND)
    reach = 3;
  for (int across = -reach; across <= reach; across++) {
    int distance = across < 0 ? -across : across;
    int curve = kind == SWEPT_UP ? distance / 2 : kind == SWEPT_BACK ? -(distance / 2) : 0;
    for (int along = at + curve; along <= at + curve + 1 + 2 * (kind == ROUND && distance < 3); along++)
      if (on_grid(along, across))
        put(c, along, across, ramp.tone[across < -1 ? PM_GLINT : across < reach - 1 ? PM_BASE : PM_DARK]);
  }
  if (kind == KNOBBED) /* at its ends */
    for (int along = at - 1; along <= at + 2; along++)
      for (int across = reach - 1; across <= reach; across++)
        if (on_grid(along, across))
          put(c, along, across, ramp.tone[PM_BASE]), put(c, along, -across, ramp.tone[PM_LIGHT]);
  if (kind == JEWELLED)
    for (int along = at - 1; along <= at + 2; along++)
      for (int across = -1; across <= 1; across++)
        if (on_grid(along, across))
          put(c, along, across, jewel.tone[across < 0 ? PM_GLINT : across ? PM_DARK : PM_BASE]);
}

static void draw_grip(pm_canvas *c, int from, int to, int wound, int pommel, pm_ramp ramp, pm_ramp metal) {
  for (int along = from; along <= to; along++)
    for (int across = 0; across <= 1; across++)
      if (on_grid(along, across))
        put(c, along, across, ramp.tone[wound && along % 4 < 2 ? PM_DARK : PM_BASE]);
  for (int along = from - 2; along <= from - 1 + (pommel > 1); along++)
    for (int across = -1 - (pommel > 1); across <= 1 + (pommel > 0); across++)
      if (on_grid(along, across))
        put(c, along, across, metal.tone[across < 0 ? PM_GLINT : across < 2 ? PM_BASE : PM_DARK]);
}

void pm_draw_sword(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const blades[] = {&pm_steel, &pm_steel, &pm_steel, &pm_silver, &pm_iron,   &pm_gold,
                                          &pm_ice,   &pm_red,   &pm_green, &pm_blue,   &pm_purple, &pm_bone};
  static const pm_ramp *const hilts[] = {&pm_gold, &pm_gold, &pm_gold, &pm_wood, &pm_steel, &pm_red, &pm_purple};
  static const pm_ramp *const grips[] = {&pm_wood, &pm_wood, &pm_wood, &pm_red, &pm_blue, &pm_green};
  enum blade kind = (enum blade)pm_rng_below(rng, BLADES);
  const pm_ramp *blade = PM_PICK(rng, blades), *hilt = PM_PICK(rng, hilts), *grip = PM_PICK(rng, grips);
  while (hilt == blade)
    hilt = PM_PICK(rng, hilts);
  while (grip == hilt)
    grip = PM_PICK(rng, grips);
  int start = pm_rng_between(rng, 4, 5), guard = pm_rng_between(rng, 9, 10), point = pm_rng_between(rng, 26, 28);
  if (kind == DAGGER)
    start = 5, guard = pm_rng_between(rng, 11, 12), point = pm_rng_between(rng, 23, 25);
  if (kind == FLAMED)
    guard = 9; /* so that its waves fall on whole pixels */
  draw_grip(c, start, guard, pm_rng_chance(rng, 0.5), pm_rng_between(rng, 0, 2), *grip, *hilt);
  draw_blade(c, kind, guard + 1, point, *blade, kind != FLAMED && pm_rng_chance(rng, 0.4));
  enum guard style = (enum guard)pm_rng_below(rng, GUARDS);
  draw_guard(c, style, guard, pm_rng_between(rng, 4, 5), *hilt, *PM_PICK(rng, blades));
  pm_outline(c);
}
