#include "art/classes.h"
#include "art/terrain.h"

#include <stdlib.h>

/* Everything here is laid on a wall of 16 x 16, whose courses and stones divide it, and then rolled. */
static void roll_anywhere(pm_canvas *c, pm_rng *rng) {
  pm_roll_canvas(c, pm_rng_between(rng, 0, c->width - 1), pm_rng_between(rng, 0, c->height - 1));
}

/* A block with a lit upper left and a shaded lower right edge, around the edges of the canvas. */
static void lay_block(pm_canvas *c, int x, int y, int width, int height, int shift, const pm_ramp *ramp) {
  static const signed char tones[] = {PM_DARK, PM_DARK, PM_BASE, PM_LIGHT, PM_GLINT};
  for (int dy = 0; dy < height; dy++)
    for (int dx = 0; dx < width; dx++) {
      const bool lit = dy == 0 || dx == 0, shaded = dy == height - 1 || dx == width - 1;
      const int tone = 2 + (lit && !shaded) - (shaded && !lit) + shift;
      pm_put_around(c, x + dx, y + dy, ramp->tone[tones[tone < 0 ? 0 : tone > 4 ? 4 : tone]]);
    }
}

static const pm_ramp red_clay = {{PM_MAROON, PM_RED, PM_PEACH, PM_PEACH}},
                     brown_clay = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_PEACH}},
                     grey_stone = {{PM_SLATE, PM_GREY, PM_PALE, PM_WHITE}},
                     dark_stone = {{PM_INK, PM_SLATE, PM_GREY, PM_PALE}},
                     pale_stone = {{PM_GREY, PM_PALE, PM_WHITE, PM_WHITE}},
                     slate_blue = {{PM_INK, PM_NAVY, PM_AZURE, PM_AZURE}},
                     oak = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_PEACH}},
                     old_wood = {{PM_INK, PM_MAROON, PM_BROWN, PM_PEACH}},
                     drift_wood = {{PM_SLATE, PM_GREY, PM_PALE, PM_WHITE}};

static const char *const chip[] = {"aa", ".a", NULL};
static const char *const split[] = {"a..", "aa.", ".a.", ".aa", NULL};
static const char *const scratch[] = {"a.", ".a", NULL};
static const char *const *const damages[] = {chip, split, scratch};

static void damage(pm_canvas *c, pm_rng *rng, const pm_ramp *ramp) {
  const pm_ramp ramps[4] = {*ramp, *ramp, *ramp, *ramp};
  for (int n = pm_rng_between(rng, 0, 2); n > 0; n--) {
    const int x = pm_rng_between(rng, 0, 15), y = pm_rng_between(rng, 0, 15);
    pm_stamp_around(c, x, y, PM_PICK(rng, damages), ramps);
  }
}

void pm_draw_brick(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const clays[] = {&red_clay, &brown_clay, &grey_stone, &dark_stone};
  const pm_ramp *ramp = PM_PICK(rng, clays);
  const bool large = pm_rng_chance(rng, 0.3);
  const int width = large ? 16 : 8, height = large ? 8 : 4;
  const int mortar = pm_rng_chance(rng, 0.6) || ramp == &dark_stone ? PM_INK : ramp->tone[PM_DARK];
  pm_rectangle(c, 0, 0, 15, 15, mortar);
  for (int course = 0; course < 16 / height; course++)
    for (int k = 0; k < 16 / width; k++) {
      const int x = k * width + course % 2 * (width / 2);
      const bool halved = large && pm_rng_chance(rng, 0.5); /* two short ones in place of a long one */
      const int of_it = halved ? width / 2 : width;
      for (int at = 0; at < width; at += of_it)
        lay_block(c, x + at, course * height, of_it - 1, height - 1, pm_rng_chance(rng, 0.25) ? 1 : 0, ramp);
    }
  damage(c, rng, ramp);
  roll_anywhere(c, rng);
}

void pm_draw_floor(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const stones[] = {&grey_stone, &dark_stone, &pale_stone, &brown_clay};
  const pm_ramp *ramp = PM_PICK(rng, stones);
  pm_rectangle(c, 0, 0, 15, 15, ramp == &dark_stone ? PM_INK : ramp->tone[PM_DARK]);
  /* Four squares, each whole, or cut into two or four. */
  for (int k = 0; k < 4; k++) {
    const int x = k % 2 * 8, y = k / 2 * 8, cut = pm_rng_between(rng, 0, 4);
    const int width = cut == 1 || cut == 3 ? 4 : 8, height = cut == 2 || cut == 3 ? 4 : 8;
    for (int dy = 0; dy < 8; dy += height)
      for (int dx = 0; dx < 8; dx += width)
        lay_block(c, x + dx, y + dy, width - 1, height - 1, pm_rng_chance(rng, 0.2) ? 1 : 0, ramp);
  }
  damage(c, rng, ramp);
  roll_anywhere(c, rng);
}

/* Which of the stones a pixel lies nearest to, around the edges; `second` gets how much further the next one is. */
static int nearest_stone(const int (*stone)[2], int n, int x, int y, int *second) {
  int best = -1, next = -1, which = 0;
  for (int k = 0; k < n; k++) {
    int dx = abs(2 * x - stone[k][0]), dy = abs(2 * y - stone[k][1]); /* in half pixels */
    dx = dx > 16 ? 32 - dx : dx;
    dy = dy > 16 ? 32 - dy : dy;
    const int d = dx * dx + dy * dy;
    if (best < 0 || d < best)
      next = best, best = d, which = k;
    else if (next < 0 || d < next)
      next = d;
  }
  *second = next - best;
  return which;
}

void pm_draw_cobble(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const stones[] = {&grey_stone, &dark_stone, &pale_stone, &brown_clay};
  static const int cells[][2] = {{3, 3}, {3, 2}, {2, 3}, {4, 3}};
  const pm_ramp *ramp = PM_PICK(rng, stones);
  const int *cell = PM_PICK(rng, cells), n = cell[0] * cell[1];
  int stone[12][2], of[16][16];
  for (int k = 0; k < n; k++) { /* one in each cell of a grid, every other row moved by half a cell; half pixels */
    const int row = k / cell[0], width = 32 / cell[0], height = 32 / cell[1];
    stone[k][0] = (k % cell[0] * width + row % 2 * width / 2 + pm_rng_between(rng, 0, width * 2 / 3)) % 32;
    stone[k][1] = (row * height + pm_rng_between(rng, 0, height * 2 / 3)) % 32;
  }
  for (int y = 0; y < 16; y++)
    for (int x = 0; x < 16; x++) {
      int second;
      const int k = nearest_stone((const int(*)[2])stone, n, x, y, &second);
      of[y][x] = second < 14 ? -1 : k; /* a joint */
    }
  for (int y = 0; y < 16; y++)
    for (int x = 0; x < 16; x++) {
      const int k = of[y][x], up = of[(y + 15) % 16][x], left = of[y][(x + 15) % 16];
      const bool lit = up != k || left != k, shaded = of[(y + 1) % 16][x] != k || of[y][(x + 1) % 16] != k;
      const int tone = lit && !shaded ? PM_LIGHT : shaded && !lit ? PM_DARK : PM_BASE;
      pm_put(c, x, y, k < 0 ? PM_INK : ramp->tone[tone]);
    }
  roll_anywhere(c, rng); /* the grid is coarser where it does not divide the wall */
}

void pm_draw_planks(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const woods[] = {&oak, &old_wood, &drift_wood};
  const pm_ramp *ramp = PM_PICK(rng, woods);
  const int height = pm_rng_chance(rng, 0.7) ? 4 : 8;
  for (int y = 0; y < 16; y += height) {
    lay_block(c, 0, y, 16, height, 0, ramp);
    for (int x = 0; x < 16; x++) { /* a board has no ends but its joint */
      pm_put(c, x, y, ramp->tone[PM_LIGHT]);
      pm_put(c, x, y + height - 1, ramp->tone[PM_DARK]);
      for (int k = 1; k < height - 1; k++)
        pm_put(c, x, y + k, ramp->tone[PM_BASE]);
    }
    for (int grains = pm_rng_between(rng, 0, height / 2); grains > 0; grains--) {
      const int x = pm_rng_between(rng, 0, 15), length = pm_rng_between(rng, 2, 6),
                row = pm_rng_between(rng, 1, height - 2);
      for (int k = 0; k < length; k++)
        pm_put_around(c, x + k, y + row, ramp->tone[PM_DARK]);
    }
    if (pm_rng_chance(rng, 0.6)) {
      const int x = pm_rng_between(rng, 0, 15);
      for (int k = 0; k < height; k++)
        pm_put_around(c, x, y + k, ramp->tone[PM_DARK]);
      pm_put_around(c, x + 2, y + 1, PM_INK); /* nails */
      pm_put_around(c, x - 2, y + 1, PM_INK);
    }
  }
  roll_anywhere(c, rng);
  if (pm_rng_chance(rng, 0.4))
    *c = pm_transposed(c);
}

/* What a tile leaves free shows the shadow under it. */
static const char *const scale[] = {"cbbbbbba", "cbbbbbba", ".bbbbba.", "..aaaa..", NULL};
static const char *const pointed[] = {"cbbbbbba", ".cbbbba.", "..cbba..", "...ba...", NULL};
static const char *const shingle[] = {"cccccccb", "cbbbbbba", "cbbbbbba", "baaaaaaa", NULL};
static const char *const *const tiles[] = {scale, pointed, shingle};

void pm_draw_roof(pm_canvas *c, pm_rng *rng) {
  static const pm_ramp *const clays[] = {&red_clay, &brown_clay, &slate_blue, &dark_stone, &old_wood};
  const pm_ramp *ramp = PM_PICK(rng, clays);
  const char *const *tile = PM_PICK(rng, tiles);
  pm_rectangle(c, 0, 0, 15, 15, PM_INK);
  for (int course = 0; course < 4; course++)
    for (int k = 0; k < 2; k++) {
      const int odd = pm_rng_between(rng, 0, 5); /* a few tiles are darker or lighter */
      const pm_ramp worn = {{ramp->tone[PM_DARK], ramp->tone[PM_DARK], ramp->tone[PM_BASE], ramp->tone[PM_BASE]}},
                    bright = {{ramp->tone[PM_DARK], ramp->tone[PM_LIGHT], ramp->tone[PM_LIGHT], ramp->tone[PM_LIGHT]}};
      const pm_ramp ramps[4] = {odd == 0 ? worn : odd == 1 ? bright : *ramp, *ramp, *ramp, *ramp};
      pm_stamp_around(c, k * 8 + course % 2 * 4, course * 4, tile, ramps);
    }
  roll_anywhere(c, rng);
}
