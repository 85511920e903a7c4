#include "art/canvas.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

pm_canvas pm_canvas_new(int width, int height) {
  assert(width >= 1 && width <= PM_CANVAS_SIDE && height >= 1 && height <= PM_CANVAS_SIDE);
  return (pm_canvas){.width = width, .height = height};
}

static bool inside(const pm_canvas *c, int x, int y) {
  return x >= 0 && x < c->width && y >= 0 && y < c->height;
}

void pm_put(pm_canvas *c, int x, int y, int colour) {
  if (inside(c, x, y))
    c->pixel[y * c->width + x] = (unsigned char)colour;
}

int pm_get(const pm_canvas *c, int x, int y) {
  return inside(c, x, y) ? c->pixel[y * c->width + x] : PM_BACKGROUND;
}

void pm_tint(pm_canvas *c, int x, int y, int colour) {
  if (pm_get(c, x, y) != PM_BACKGROUND)
    pm_put(c, x, y, colour);
}

void pm_rectangle(pm_canvas *c, int x0, int y0, int x1, int y1, int colour) {
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      pm_put(c, x, y, colour);
}

void pm_line(pm_canvas *c, int x0, int y0, int x1, int y1, int colour) {
  int dx = abs(x1 - x0), dy = abs(y1 - y0), n = dx > dy ? dx : dy;
  for (int k = 0; k <= n; k++) {
    /* Rounded to the nearest, away from the start at a half, in whole numbers. */
    int x = n ? x0 + (2 * (x1 - x0) * k + (x1 >= x0 ? n : -n)) / (2 * n) : x0;
    int y = n ? y0 + (2 * (y1 - y0) * k + (y1 >= y0 ? n : -n)) / (2 * n) : y0;
    pm_put(c, x, y, colour);
  }
}

void pm_lathe(pm_canvas *c, int axis, int y, const signed char *width, int rows, int colour) {
  for (int k = 0; k < rows; k++) {
    int x0 = (axis - width[k]) / 2;
    for (int x = x0; x < x0 + width[k]; x++)
      pm_put(c, x, y + k, colour);
  }
}

/* The place of a pixel in the ball's box, each axis from -256 to 256 at the edges of the box. */
static void ball_place(int x0, int y0, int x1, int y1, int x, int y, int *nx, int *ny) {
  *nx = (2 * x - x0 - x1) * 256 / (x1 - x0 + 1);
  *ny = (2 * y - y0 - y1) * 256 / (y1 - y0 + 1);
}

int pm_ball_tone(int x0, int y0, int x1, int y1, int x, int y) {
  int nx, ny;
  ball_place(x0, y0, x1, y1, x, y, &nx, &ny);
  /* Circles about a point up and to the left of the middle; squared distances in units of 1/256. */
  int dx = nx + 90, dy = ny + 100, d = (dx * dx + dy * dy) / 256;
  return d < 22 ? PM_GLINT : d < 90 ? PM_LIGHT : d < 300 ? PM_BASE : PM_DARK;
}

void pm_ball(pm_canvas *c, int x0, int y0, int x1, int y1, pm_ramp ramp) {
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      int nx, ny;
      ball_place(x0, y0, x1, y1, x, y, &nx, &ny);
      if (nx * nx + ny * ny <= 256 * 256)
        pm_put(c, x, y, ramp.tone[pm_ball_tone(x0, y0, x1, y1, x, y)]);
    }
}

void pm_shade_ball(pm_canvas *c, int colour, int x0, int y0, int x1, int y1, pm_ramp ramp) {
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++)
      if (pm_get(c, x, y) == colour)
        pm_put(c, x, y, ramp.tone[pm_ball_tone(x0, y0, x1, y1, x, y)]);
}

void pm_shade_plate(pm_canvas *c, int colour, pm_ramp ramp) {
  pm_canvas flat = *c;
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++) {
      if (pm_get(&flat, x, y) != colour)
        continue;
      bool dark = pm_get(&flat, x + 1, y) != colour || pm_get(&flat, x, y + 1) != colour;
      bool light = pm_get(&flat, x - 1, y) != colour || pm_get(&flat, x, y - 1) != colour;
      pm_put(c, x, y, ramp.tone[dark && !light ? PM_DARK : light && !dark ? PM_LIGHT : PM_BASE]);
    }
}

void pm_shade_column(pm_canvas *c, int colour, pm_ramp ramp) {
  for (int y = 0; y < c->height; y++) {
    int first = 0, last = c->width - 1;
    while (first < c->width && pm_get(c, first, y) != colour)
      first++;
    while (last > first && pm_get(c, last, y) != colour)
      last--;
    int width = last - first + 1;
    for (int x = first; x <= last; x++)
      if (pm_get(c, x, y) == colour) {
        int at = (2 * (x - first) + 1) * 16 / (2 * width); /* 0 … 15 from left to right */
        pm_put(c, x, y, ramp.tone[at < 2 && width > 5 ? PM_BASE : at < 6 ? PM_LIGHT : at < 11 ? PM_BASE : PM_DARK]);
      }
  }
}

void pm_stamp(pm_canvas *c, int x, int y, const char *const *rows, const pm_ramp *ramps) {
  for (int dy = 0; rows[dy]; dy++)
    for (int dx = 0; rows[dy][dx]; dx++) {
      char letter = rows[dy][dx];
      if (letter >= 'a' && letter <= 'p')
        pm_put(c, x + dx, y + dy, ramps[(letter - 'a') / 4].tone[(letter - 'a') % 4]);
      else if (letter == '#')
        pm_put(c, x + dx, y + dy, PM_INK);
      else if (letter == 'W')
        pm_put(c, x + dx, y + dy, PM_WHITE);
      else if (letter == '_')
        pm_put(c, x + dx, y + dy, PM_BACKGROUND);
    }
}

/* 0 … size - 1. */
static int around(int at, int size) {
  const int rest = at % size;
  return rest < 0 ? rest + size : rest;
}

void pm_put_around(pm_canvas *c, int x, int y, int colour) {
  pm_put(c, around(x, c->width), around(y, c->height), colour);
}

int pm_get_around(const pm_canvas *c, int x, int y) {
  return pm_get(c, around(x, c->width), around(y, c->height));
}

void pm_stamp_around(pm_canvas *c, int x, int y, const char *const *rows, const pm_ramp *ramps) {
  const int x0 = around(x, c->width), y0 = around(y, c->height);
  for (int dy = 0; dy <= c->height; dy += c->height)
    for (int dx = 0; dx <= c->width; dx += c->width)
      pm_stamp(c, x0 - dx, y0 - dy, rows, ramps);
}

void pm_roll_canvas(pm_canvas *c, int right, int down) {
  const pm_canvas from = *c;
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++)
      pm_put_around(c, x + right, y + down, pm_get(&from, x, y));
}

void pm_outline(pm_canvas *c) {
  pm_canvas figure = *c;
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++) {
      if (pm_get(&figure, x, y) != PM_BACKGROUND)
        continue;
      int right = pm_get(&figure, x + 1, y), below = pm_get(&figure, x, y + 1);
      int left = pm_get(&figure, x - 1, y), above = pm_get(&figure, x, y - 1);
      if (left != PM_BACKGROUND || above != PM_BACKGROUND)
        pm_put(c, x, y, PM_INK);
      else if (right != PM_BACKGROUND || below != PM_BACKGROUND)
        pm_put(c, x, y, pm_outline_colour[below != PM_BACKGROUND ? below : right]);
    }
}

pm_canvas pm_transposed(const pm_canvas *c) {
  pm_canvas turned = pm_canvas_new(c->height, c->width);
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++)
      pm_put(&turned, y, x, pm_get(c, x, y));
  return turned;
}

size_t pm_canvas_covered(const pm_canvas *c) {
  size_t covered = 0;
  for (int k = 0; k < c->width * c->height; k++)
    covered += c->pixel[k] != PM_BACKGROUND;
  return covered;
}
