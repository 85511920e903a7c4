#include "art/classes.h"

typedef struct {
  pm_ramp body, metal, lock;
  int x0, x1, lid, seam, foot; /* columns of the box; rows of the lid's top, the seam and the foot */
} chest;

static void draw_box(pm_canvas *c, const chest *b, int planks) {
  for (int y = b->seam + 1; y <= b->foot; y++)
    for (int x = b->x0; x <= b->x1; x++) {
      bool gap = planks && y == (b->seam + b->foot + 1) / 2;
      pm_put(c, x, y, b->body.tone[x > b->x1 - 2 || y == b->foot || gap ? PM_DARK : PM_BASE]);
    }
}

/* Closed: a flat lid, one with rounded corners, or a vault. */
static void draw_lid(pm_canvas *c, const chest *b, int shape, int planks) {
  for (int y = b->lid; y < b->seam; y++) {
    int k = y - b->lid, inset = shape == 0 ? 0 : shape == 1 ? (k == 0) : (k == 0 ? 2 : k == 1);
    for (int x = b->x0 + inset; x <= b->x1 - inset; x++) {
      bool gap = planks && k == 2 && b->seam - b->lid > 4;
      pm_put(c, x, y, b->body.tone[x > b->x1 - 2 - (k == 0) || gap ? PM_DARK : PM_BASE]);
    }
    if (k < 2)
      pm_rectangle(c, b->x0 + 1 + inset, y, b->x0 + 3 + inset - 2 * k, y, b->body.tone[PM_GLINT]);
  }
  pm_rectangle(c, b->x0, b->seam, b->x1, b->seam, PM_INK);
}

/* Open: the lid's inside stands behind, and what is in it glitters. */
static void draw_open(pm_canvas *c, pm_rng *rng, const chest *b, int shape) {
  static const pm_ramp *const treasures[] = {&pm_gold, &pm_gold,  &pm_gold,   &pm_red,
                                             &pm_blue, &pm_green, &pm_purple, &pm_silver};
  pm_ramp treasure = *PM_PICK(rng, treasures);
  int top = b->lid - 1, heap = pm_rng_between(rng, 0, 2);
  for (int y = top; y <= b->seam; y++) {
    int inset = shape > 0 && y == top ? 1 : 0;
    for (int x = b->x0 + inset; x <= b->x1 - inset; x++) {
      bool frame = y == top || x <= b->x0 || x >= b->x1;
      pm_put(c, x, y,
             frame             ? b->metal.tone[y == top     ? PM_LIGHT
                                               : x <= b->x0 ? PM_BASE
                                                            : PM_DARK]
             : y < b->seam - 1 ? b->body.tone[PM_DARK]
                               : PM_INK);
    }
  }
  for (int x = b->x0 + 1; x < b->x1; x++) {
    int from_edge = x - b->x0 < b->x1 - x ? x - b->x0 : b->x1 - x;
    int high = heap == 0 ? 1 : heap == 1 ? (from_edge > 2) + 1 : from_edge > 3 ? 3 : from_edge > 1 ? 2 : 1;
    for (int k = 0; k < high; k++) {
      uint32_t luck = pm_rng_below(rng, 6);
      pm_put(c, x, b->seam - k, treasure.tone[luck == 0 ? PM_GLINT : luck == 1 ? PM_DARK : PM_BASE]);
    }
  }
  if (pm_rng_chance(rng, 0.5)) { /* something of another kind on top */
    pm_ramp other = *PM_PICK(rng, treasures);
    int x = pm_rng_between(rng, b->x0 + 3, b->x1 - 4), y = b->seam - heap - 1;
    pm_rectangle(c, x, y, x + 1, y + 1, other.tone[PM_BASE]);
    pm_put(c, x, y, other.tone[PM_GLINT]);
    pm_put(c, x + 1, y + 1, other.tone[PM_DARK]);
  }
}

static void draw_bands(pm_canvas *c, pm_rng *rng, const chest *b, int open) {
  int style = (int)pm_rng_below(rng, 3), from = open ? b->seam + 1 : b->lid;
  int at[2], n = 0;
  if (style == 0) /* at the corners */
    at[n++] = b->x0, at[n++] = b->x1;
  if (style == 1) /* further in */
    at[n++] = b->x0 + 2, at[n++] = b->x1 - 2;
  for (int k = 0; k < n; k++)
    for (int y = from; y <= b->foot; y++)
      if (pm_get(c, at[k], y) != PM_BACKGROUND && y != b->seam)
        pm_put(c, at[k], y,
               b->metal.tone[y == from || y == b->seam + 1 ? PM_GLINT
                             : at[k] > 8 || y == b->foot   ? PM_DARK
                                                           : PM_BASE]);
  if (style == 2) /* only feet and corners */
    for (int side = 0; side < 2; side++) {
      int x = side ? b->x1 - 1 : b->x0;
      pm_rectangle(c, x, b->foot - 1, x + 1, b->foot, b->metal.tone[side ? PM_DARK : PM_BASE]);
      pm_rectangle(c, x, b->seam + 1, x + 1, b->seam + 1, b->metal.tone[side ? PM_BASE : PM_LIGHT]);
    }
  if (pm_rng_chance(rng, 0.5)) /* a rim along the seam */
    for (int x = b->x0; x <= b->x1; x++)
      pm_put(c, x, b->seam + 1, b->metal.tone[x > b->x1 - 3 ? PM_DARK : PM_LIGHT]);
}

static void draw_lock(pm_canvas *c, pm_rng *rng, const chest *b, int open) {
  int y = b->seam + (open ? 1 : 0), x = (b->x0 + b->x1) / 2;
  switch (pm_rng_below(rng, 4)) {
  case 0: /* a small plate */
    pm_rectangle(c, x, y, x + 1, y + 1, b->lock.tone[PM_BASE]);
    pm_put(c, x, y, b->lock.tone[PM_GLINT]);
    break;
  case 1: /* a plate with a keyhole */
    pm_rectangle(c, x - 1, y - !open, x + 2, y + 2, b->lock.tone[PM_BASE]);
    pm_rectangle(c, x + 2, y - !open, x + 2, y + 2, b->lock.tone[PM_DARK]);
    pm_rectangle(c, x, y + !open, x + 1, y + 1, PM_INK);
    pm_put(c, x - 1, y - !open, b->lock.tone[PM_GLINT]);
    break;
  case 2: /* a ring */
    pm_rectangle(c, x - 1, y, x + 2, y + 3, b->lock.tone[PM_BASE]);
    pm_rectangle(c, x, y + 1, x + 1, y + 2, b->body.tone[PM_DARK]);
    pm_put(c, x + 2, y + 3, b->lock.tone[PM_DARK]);
    break;
  default: /* a face: a mimic's eyes and teeth, or a bar */
    if (!open && pm_rng_chance(rng, 0.6)) {
      pm_rectangle(c, x - 3, y - 2, x - 2, y - 1, PM_WHITE), pm_rectangle(c, x + 3, y - 2, x + 4, y - 1, PM_WHITE);
      pm_put(c, x - 2, y - 1, PM_INK), pm_put(c, x + 3, y - 1, PM_INK);
      for (int k = b->x0 + 1; k < b->x1; k++)
        pm_put(c, k, y + (k & 1), PM_WHITE);
      for (int k = b->x0 + 1; k < b->x1; k++)
        pm_put(c, k, y + !(k & 1), PM_MAROON);
    } else {
      pm_rectangle(c, x, b->seam + 1, x + 1, b->foot, b->lock.tone[PM_BASE]);
      pm_rectangle(c, x + 1, b->seam + 2, x + 1, b->foot, b->lock.tone[PM_DARK]);
    }
  }
}

void pm_draw_chest(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const bodies[] = {&pm_wood, &pm_wood,  &pm_wood,   &pm_red,
                                          &pm_blue, &pm_green, &pm_purple, &pm_steel};
  static const pm_ramp *const metals[] = {&pm_gold, &pm_gold, &pm_steel, &pm_steel, &pm_iron, &pm_silver};
  int half = pm_rng_between(rng, 5, 6), open = pm_rng_chance(rng, 0.4), foot = 13;
  int seam = pm_rng_between(rng, 7, 9), lid = seam - pm_rng_between(rng, 3, 5), shape = (int)pm_rng_below(rng, 3);
  if (lid < 3)
    lid = 3;
  const pm_ramp *metal = PM_PICK(rng, metals);
  chest b = {.body = *PM_PICK(rng, bodies),
             .metal = *metal,
             .lock = pm_rng_chance(rng, 0.6) ? *metal : *PM_PICK(rng, metals),
             .x0 = 8 - half,
             .x1 = 7 + half,
             .lid = lid,
             .seam = seam,
             .foot = foot};
  int planks = (int)pm_rng_below(rng, 2);
  if (open)
    draw_open(c, rng, &b, shape);
  else
    draw_lid(c, &b, shape, planks);
  draw_box(c, &b, planks);
  draw_bands(c, rng, &b, open);
  draw_lock(c, rng, &b, open);
  pm_outline(c);
}
