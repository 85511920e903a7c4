#include "art/classes.h"

static const pm_ramp plaster = {{PM_PEACH, PM_WHITE, PM_WHITE, PM_WHITE}},
                     stone = {{PM_SLATE, PM_GREY, PM_PALE, PM_WHITE}},
                     timber = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_PEACH}},
                     brick = {{PM_MAROON, PM_BROWN, PM_BROWN, PM_PEACH}},
                     thatch = {{PM_BROWN, PM_GOLD, PM_GOLD, PM_WHITE}}, tiles = {{PM_MAROON, PM_RED, PM_RED, PM_PEACH}},
                     slates = {{PM_NAVY, PM_AZURE, PM_AZURE, PM_WHITE}},
                     dark_slates = {{PM_INK, PM_NAVY, PM_NAVY, PM_AZURE}},
                     moss = {{PM_PINE, PM_GREEN, PM_GREEN, PM_GOLD}},
                     violet = {{PM_SLATE, PM_PURPLE, PM_PURPLE, PM_PEACH}};
static const pm_ramp *const walls[] = {&plaster, &stone, &timber, &brick, &stone, &pm_bone};
static const pm_ramp *const roofs[] = {&tiles, &thatch, &slates, &dark_slates, &moss, &violet, &timber, &pm_iron};

/* A wall with its courses hinted at, its right part in the shade. */
static void draw_wall(pm_canvas *c, pm_rng *rng, int x0, int y0, int x1, int y1, pm_ramp ramp) {
  int texture = (int)pm_rng_below(rng, 3), shade = x1 - (x1 - x0) / 4;
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      int tone = x > shade || (y == y0 && texture < 2) ? PM_DARK : x == x0 ? PM_LIGHT : PM_BASE;
      if (texture == 1 && (y - y0) % 3 == 2 && (x + (y - y0) / 3 * 2) % 4 < 2)
        tone = tone == PM_BASE ? PM_DARK : tone;
      if (texture == 2 && (x == x0 || x == x1 || y == y0))
        tone = PM_DARK;
      pm_put(c, x, y, ramp.tone[tone]);
    }
}

static void draw_door(pm_canvas *c, pm_rng *rng, int x, int width, int top) {
  static const pm_ramp *const doors[] = {&timber, &pm_maroon, &pm_navy, &pm_pine, &pm_iron};
  pm_ramp door = *PM_PICK(rng, doors);
  pm_rectangle(c, x, top, x + width - 1, 14, door.tone[PM_DARK]);
  pm_rectangle(c, x, top + 1, x + width - 2, 14, door.tone[PM_BASE]);
  if (pm_rng_chance(rng, 0.6))
    pm_put(c, x + width - 2, (top + 15) / 2, PM_GOLD);
}

static void draw_window(pm_canvas *c, int x, int y, int kind, int lit) {
  int glass = lit ? PM_GOLD : PM_NAVY;
  if (kind == 0) {
    pm_rectangle(c, x, y, x + 1, y + 1, glass);
    pm_put(c, x, y, lit ? PM_WHITE : PM_AZURE);
  } else if (kind == 1) {
    pm_rectangle(c, x, y, x, y + 1, glass);
  } else {
    pm_rectangle(c, x, y, x + 1, y + 2, glass);
    pm_rectangle(c, x, y + 1, x + 1, y + 1, lit ? PM_BROWN : PM_INK);
    pm_put(c, x, y, lit ? PM_WHITE : PM_AZURE);
  }
}

/* A gable from (middle, top) down to row `eaves`, `width` there; rows of tiles. */
static void draw_gable(pm_canvas *c, int top, int eaves, int width, int flat, int texture, pm_ramp ramp) {
  for (int y = top; y <= eaves; y++) {
    int w = flat + (width - flat) * (y - top + 1) / (eaves - top + 1);
    w += w & 1;
    for (int x = 8 - w / 2; x < 8 + w / 2; x++) {
      int tone = x < 8 - w / 4 ? PM_LIGHT : x < 8 + w / 4 ? PM_BASE : PM_DARK;
      if (texture == 1 && (x + y) % 4 == 0 && x > 8 - w / 2)
        tone = PM_DARK;
      if (texture == 2 && (y - top) % 2 == 1)
        tone = PM_DARK;
      if (x == 8 - w / 2 || (y == top && x < 8))
        tone = PM_GLINT;
      if (y == eaves)
        tone = PM_DARK;
      pm_put(c, x, y, ramp.tone[tone]);
    }
  }
}

static void draw_house(pm_canvas *c, pm_rng *rng) {
  pm_ramp wall = *PM_PICK(rng, walls), roof = *PM_PICK(rng, roofs);
  int half = pm_rng_between(rng, 5, 6), top = pm_rng_between(rng, 1, 4), eaves = pm_rng_between(rng, top + 4, 8);
  int lit = pm_rng_chance(rng, 0.5), style = (int)pm_rng_below(rng, 3);
  if (pm_rng_chance(rng, 0.5)) { /* a chimney */
    int x = pm_rng_chance(rng, 0.5) ? 11 : 3;
    pm_rectangle(c, x, top, x, eaves, PM_GREY);
    pm_rectangle(c, x + 1, top, x + 1, eaves, PM_SLATE);
    pm_rectangle(c, x, top, x + 1, top, PM_PALE);
  }
  draw_wall(c, rng, 8 - half, eaves, 7 + half, 14, wall);
  int flats[] = {2, 2, 6, 8};
  draw_gable(c, top, eaves, 2 * half + 2, PM_PICK(rng, flats), (int)pm_rng_below(rng, 3), roof);
  switch (pm_rng_below(rng, 4)) {
  case 0: /* the door in the middle */
    draw_door(c, rng, 7, 3, 11);
    draw_window(c, 4, 11, style == 2 ? 0 : style, lit);
    draw_window(c, 11, 11, style == 2 ? 0 : style, lit);
    break;
  case 1: /* to the left */
    draw_door(c, rng, 4, 3, 11);
    draw_window(c, 9, 11, 0, lit);
    break;
  case 2: /* to the right */
    draw_door(c, rng, 9, 3, 11);
    draw_window(c, 5, 11, 0, lit);
    break;
  default: /* a wide one */
    draw_door(c, rng, 6, 4, 10);
  }
  if (eaves - top > 4 && pm_rng_chance(rng, 0.5))
    draw_window(c, 7, eaves - 3, 0, lit);
}

static void draw_tower(pm_canvas *c, pm_rng *rng) {
  pm_ramp wall = *PM_PICK(rng, walls), roof = *PM_PICK(rng, roofs);
  int half = pm_rng_between(rng, 3, 4), head = half + pm_rng_between(rng, 0, 1), top = pm_rng_between(rng, 5, 8);
  int lit = pm_rng_chance(rng, 0.5);
  draw_wall(c, rng, 8 - half, top, 7 + half, 14, wall);
  if (pm_rng_chance(rng, 0.5)) { /* a pointed roof */
    draw_gable(c, 1, top, 2 * head + 2, 2, (int)pm_rng_below(rng, 3), roof);
    if (pm_rng_chance(rng, 0.4))
      pm_put(c, 7, 0, PM_GOLD);
  } else { /* battlements */
    int y = top - pm_rng_between(rng, 1, 2), gap = pm_rng_between(rng, 1, 2);
    pm_rectangle(c, 8 - head, y, 7 + head, y + 1, wall.tone[PM_BASE]);
    pm_rectangle(c, 7 + head, y, 7 + head, y + 1, wall.tone[PM_DARK]);
    pm_rectangle(c, 8 - head, y + 2, 7 + head, y + 2, wall.tone[PM_DARK]);
    for (int d = 0; d < head; d++)
      if (d % (gap + 1) == 0 || (gap == 2 && d % 3 == 1)) {
        pm_rectangle(c, 8 - head + d, y - 2, 8 - head + d, y - 1, wall.tone[PM_LIGHT]);
        pm_rectangle(c, 7 + head - d, y - 2, 7 + head - d, y - 1, wall.tone[d ? PM_BASE : PM_DARK]);
      }
    if (y > 5 && pm_rng_chance(rng, 0.7)) { /* a flag */
      pm_rectangle(c, 8, y - 5, 8, y - 1, PM_BROWN);
      pm_rectangle(c, 9, y - 5, 11, y - 4, roof.tone[PM_BASE]);
      pm_put(c, 11, y - 4, roof.tone[PM_DARK]);
    }
  }
  if (pm_rng_chance(rng, 0.7))
    draw_door(c, rng, 7, 2 + (half > 3), 12);
  int windows = pm_rng_between(rng, 0, 2);
  if (windows == 1)
    draw_window(c, 7, top + 2, 0, lit);
  if (windows == 2)
    draw_window(c, 6, top + 2, 1, lit), draw_window(c, 9, top + 3, 1, lit);
}

static void draw_castle(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const kinds[] = {&stone, &stone, &brick, &pm_bone, &pm_iron};
  pm_ramp wall = *PM_PICK(rng, kinds), roof = *PM_PICK(rng, roofs);
  int tall = pm_rng_between(rng, 5, 7), pointed = pm_rng_chance(rng, 0.6), middle = pm_rng_between(rng, 8, 9);
  int lit = pm_rng_chance(rng, 0.5);
  draw_wall(c, rng, 4, middle, 11, 14, wall);
  for (int x = 5; x <= 10; x += 2)
    pm_put(c, x, middle - 1, wall.tone[x < 9 ? PM_LIGHT : PM_DARK]);
  for (int side = 0; side < 2; side++) {
    int x = side ? 11 : 2;
    pm_rectangle(c, x, tall, x + 2, 14, PM_FLAT_A);
    pm_shade_column(c, PM_FLAT_A, wall);
    if (pointed) {
      for (int y = 1; y < tall; y++)
        if (y < tall / 2) {
          pm_put(c, x + 1, y, roof.tone[PM_LIGHT]);
        } else {
          pm_put(c, x, y, roof.tone[PM_GLINT]);
          pm_put(c, x + 1, y, roof.tone[PM_BASE]);
          pm_put(c, x + 2, y, roof.tone[PM_DARK]);
        }
    } else {
      pm_put(c, x, tall - 1, wall.tone[PM_LIGHT]);
      pm_put(c, x + 2, tall - 1, wall.tone[PM_DARK]);
      pm_rectangle(c, x, tall + 1, x + 2, tall + 1, wall.tone[PM_DARK]);
    }
    if (pm_rng_chance(rng, 0.8))
      draw_window(c, x + 1, tall + 3, 1, lit);
  }
  pm_rectangle(c, 6, 11, 9, 14, PM_INK);
  pm_rectangle(c, 6, 11, 6, 11, wall.tone[PM_BASE]), pm_put(c, 9, 11, wall.tone[PM_DARK]);
  if (pm_rng_chance(rng, 0.5)) /* a portcullis */
    for (int y = 12; y <= 14; y++)
      for (int x = 6; x <= 9; x++)
        if (x % 2 == 0 || y == 13)
          pm_put(c, x, y, PM_GREY);
  if (pm_rng_chance(rng, 0.6)) { /* a banner */
    pm_rectangle(c, 7, middle - 5, 7, middle - 1, PM_BROWN);
    pm_rectangle(c, 8, middle - 5, 9, middle - 4, roof.tone[PM_BASE]);
  }
}

static void draw_tent(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const cloths[] = {&tiles, &slates, &moss, &violet, &thatch, &plaster, &timber};
  pm_ramp first = *PM_PICK(rng, cloths), second = *PM_PICK(rng, cloths);
  int top = pm_rng_between(rng, 2, 4), stripe = pm_rng_between(rng, 2, 3), door = pm_rng_between(rng, 1, 2);
  for (int y = top; y <= 14; y++) {
    int half = 1 + 6 * (y - top) / (14 - top);
    for (int x = 8 - half; x < 8 + half; x++) {
      int off = x < 8 ? 7 - x : x - 8, band = (off * 7 / (half + 1)) / stripe;
      const pm_ramp *ramp = band % 2 ? &second : &first;
      pm_put(c, x, y, ramp->tone[x >= 8 + half / 3 ? PM_DARK : PM_BASE]);
    }
  }
  for (int y = top + 4; y <= 14; y++) {
    int half = door * (y - top - 3) / 4;
    pm_rectangle(c, 8 - half, y, 7 + half, y, PM_INK);
  }
  pm_rectangle(c, 7, top - 2, 8, top - 1, PM_GOLD);
  pm_put(c, 8, top - 1, PM_BROWN);
}

static void draw_church(pm_canvas *c, pm_rng *rng) {
  pm_ramp wall = *PM_PICK(rng, walls), roof = *PM_PICK(rng, roofs);
  int left = pm_rng_between(rng, 1, 2), lit = pm_rng_chance(rng, 0.5), eaves = pm_rng_between(rng, 8, 10);
  draw_wall(c, rng, left + 4, eaves, 13, 14, wall);
  for (int y = eaves - 3; y <= eaves; y++)
    for (int x = left + 4; x <= 10 + (y - eaves + 3); x++)
      pm_put(c, x, y, roof.tone[y == eaves ? PM_DARK : PM_BASE]);
  int top = pm_rng_between(rng, 5, 6);
  pm_rectangle(c, left, top, left + 4, 14, PM_FLAT_A);
  pm_shade_column(c, PM_FLAT_A, wall);
  for (int y = 2; y < top; y++) {
    int half = (y - 1) * 3 / (top - 1);
    for (int x = left + 2 - half; x <= left + 2 + half; x++)
      pm_put(c, x, y, roof.tone[x < left + 2 ? PM_GLINT : x == left + 2 ? PM_BASE : PM_DARK]);
  }
  pm_put(c, left + 2, 1, PM_GOLD);
  draw_window(c, left + 2, top + 2, 1, lit);
  draw_door(c, rng, left + 1, 3, 12);
  for (int x = left + 6; x < 13; x += pm_rng_between(rng, 2, 3))
    draw_window(c, x, eaves + 2, 1, lit);
}

void pm_draw_building(pm_canvas *c, pm_rng *rng) {
  static void (*const kinds[])(pm_canvas *, pm_rng *) = {draw_house, draw_house,  draw_house, draw_tower,
                                                         draw_tower, draw_castle, draw_tent,  draw_church};
  PM_PICK(rng, kinds)(c, rng);
  pm_outline(c);
}
