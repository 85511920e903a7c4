#include "art/classes.h"

/* Bottles as widths of their rows from the shoulder down; the neck is drawn on top. */
typedef struct {
  signed char width[11], rows, neck; /* neck: its width */
} bottle;

static const bottle bottles[] = {
    {{4, 6, 8, 10, 10, 10, 10, 8, 6}, 9, 4},     /* round flask */
    {{4, 6, 8, 10, 12, 12, 12, 10, 8}, 9, 4},    /* fat round flask */
    {{4, 4, 6, 6, 8, 8, 10, 12, 12, 10}, 10, 4}, /* conical flask */
    {{6, 8, 8, 8, 8, 8, 8, 8, 8}, 9, 4},         /* square bottle */
    {{6, 6, 6, 6, 6, 6, 6, 6, 6, 4}, 10, 4},     /* vial */
    {{6, 10, 10, 10, 8, 8, 6, 6, 8}, 9, 4},      /* amphora */
    {{10, 12, 12, 12, 10, 8, 6, 4}, 8, 4},       /* heart-like */
    {{4, 6, 8, 8, 10, 10, 10, 10, 8}, 9, 2},     /* drop */
    {{8, 10, 12, 12, 10, 8}, 6, 6},              /* squat pot */
    {{4, 8, 10, 8, 6, 8, 10, 10, 8}, 9, 4},      /* gourd */
    {{8, 10, 10, 10, 10, 10, 10, 8}, 8, 6},      /* jar */
    {{4, 6, 8, 10, 12, 10, 8, 6, 8}, 9, 4},      /* lozenge on a foot */
};

static const pm_ramp *const liquids[] = {&pm_red,  &pm_green, &pm_blue, &pm_purple,
                                         &pm_gold, &pm_navy,  &pm_pine, &pm_pink};

/* The glass, and the liquid from row `surface` down. */
static void draw_body(pm_canvas *c, const bottle *b, int top, int surface, pm_ramp liquid) {
  pm_canvas mask = pm_canvas_new(c->width, c->height);
  pm_lathe(&mask, 16, top, b->width, b->rows, PM_FLAT_A);
  int bottom = top + b->rows - 1, widest = 0;
  for (int k = 0; k < b->rows; k++)
    widest = b->width[k] > widest ? b->width[k] : widest;
  for (int y = top; y <= bottom; y++)
    for (int x = 0; x < c->width; x++) {
      if (pm_get(&mask, x, y) != PM_FLAT_A)
        continue;
      bool left = !pm_get(&mask, x - 1, y), right = !pm_get(&mask, x + 1, y), under = !pm_get(&mask, x, y + 1);
      int tone = pm_ball_tone(8 - widest / 2, surface - 1, 7 + widest / 2, bottom, x, y);
      if (left || right || under)
        pm_put(c, x, y, right || under ? PM_GREY : PM_PALE);
      else if (y < surface)
        pm_put(c, x, y, PM_SLATE);
      else
        pm_put(c, x, y, liquid.tone[y == surface ? (x < 9 ? PM_GLINT : PM_LIGHT) : tone == PM_GLINT ? PM_LIGHT : tone]);
    }
  /* The window's reflection. */
  int glint = top + b->rows / 2 - 1, x = 8 - b->width[b->rows / 2 - 1] / 2 + 1;
  if (glint <= surface)
    glint = surface + 1;
  pm_tint(c, x, glint, PM_WHITE);
  pm_tint(c, x, glint + 1, PM_WHITE);
}

static void draw_neck(pm_canvas *c, pm_rng *rng, const bottle *b, int top, int length) {
  static const pm_ramp *const stoppers[] = {&pm_wood, &pm_wood, &pm_gold, &pm_red, &pm_iron, &pm_skin};
  pm_ramp stopper = *PM_PICK(rng, stoppers);
  int x0 = 8 - b->neck / 2, x1 = 7 + b->neck / 2;
  pm_rectangle(c, x0, top - length, x1, top - 1, PM_SLATE);
  for (int y = top - length; y < top; y++)
    pm_put(c, x0, y, PM_PALE), pm_put(c, x1, y, PM_GREY);
  int lip = top - length;
  if (pm_rng_chance(rng, 0.6)) { /* a wider lip */
    pm_rectangle(c, x0 - 1, lip, x1 + 1, lip, PM_PALE);
    pm_put(c, x1 + 1, lip, PM_GREY);
  }
  switch (pm_rng_below(rng, 3)) {
  case 0: /* a cork */
    pm_rectangle(c, x0 + (b->neck > 2), lip - 1, x1 - (b->neck > 2), lip - 1, stopper.tone[PM_BASE]);
    pm_put(c, x0 + (b->neck > 2), lip - 1, stopper.tone[PM_LIGHT]);
    break;
  case 1: /* a tall cork */
    pm_rectangle(c, x0, lip - 2, x1, lip - 1, stopper.tone[PM_BASE]);
    pm_rectangle(c, x1, lip - 2, x1, lip - 1, stopper.tone[PM_DARK]);
    pm_put(c, x0, lip - 2, stopper.tone[PM_LIGHT]);
    break;
  default: /* a knob */
    pm_rectangle(c, 7, lip - 2, 8, lip - 1, stopper.tone[PM_BASE]);
    pm_put(c, 7, lip - 2, stopper.tone[PM_GLINT]);
    pm_put(c, 8, lip - 1, stopper.tone[PM_DARK]);
  }
}

static void draw_label(pm_canvas *c, pm_rng *rng, int y, int bottom, pm_ramp liquid) {
  switch (pm_rng_below(rng, 6)) {
  case 0: /* paper with a mark */
    pm_rectangle(c, 6, y, 9, y + 2, PM_WHITE);
    pm_rectangle(c, 9, y, 9, y + 2, PM_PEACH);
    pm_rectangle(c, 7, y + 1, 8, y + 1, liquid.tone[PM_DARK]);
    break;
  case 1: /* a cross */
    pm_rectangle(c, 7, y - 1, 8, y + 2, PM_WHITE);
    pm_rectangle(c, 6, y, 9, y + 1, PM_WHITE);
    break;
  case 2: /* bubbles */
    pm_put(c, 8, y - 1, liquid.tone[PM_GLINT]);
    pm_put(c, 6, y + 1, liquid.tone[PM_GLINT]);
    pm_put(c, 9, y + 2, liquid.tone[PM_GLINT]);
    break;
  case 3: /* a skull */
    pm_rectangle(c, 6, y - 1, 9, y, PM_WHITE);
    pm_rectangle(c, 7, y + 1, 8, y + 1, PM_PALE);
    pm_put(c, 6, y, liquid.tone[PM_DARK]), pm_put(c, 9, y, liquid.tone[PM_DARK]);
    break;
  case 4: /* a band */
    for (int x = 0; x < c->width; x++) {
      pm_tint(c, x, y + 1, x < 8 ? PM_GOLD : PM_BROWN);
      if (bottom - y > 4)
        pm_tint(c, x, y + 2, PM_BROWN);
    }
    break;
  default: /* nothing */
    break;
  }
}

void pm_draw_potion(pm_canvas *c, pm_rng *rng) {
  bottle b = PM_PICK(rng, bottles);
  pm_ramp liquid = *PM_PICK(rng, liquids);
  /* Some bottles are a row shorter or taller in their belly. */
  int belly = b.rows / 2, stretch = pm_rng_between(rng, -1, 1);
  if (stretch < 0 && b.rows > 6) {
    for (int k = belly; k + 1 < b.rows; k++)
      b.width[k] = b.width[k + 1];
    b.rows--;
  } else if (stretch > 0 && b.rows < 10) {
    for (int k = b.rows; k > belly; k--)
      b.width[k] = b.width[k - 1];
    b.rows++;
  }
  int bottom = 14, top = bottom - b.rows + 1;
  int neck = pm_rng_between(rng, 1, top >= 7 ? 3 : top >= 5 ? 2 : 1);
  int surface = top + pm_rng_between(rng, 1, b.rows / 3);
  draw_neck(c, rng, &b, top, neck);
  draw_body(c, &b, top, surface, liquid);
  int label = surface + 2 > top + belly ? surface + 2 : top + belly;
  if (b.width[belly] >= 8 && b.width[label - top] >= 8 && label + 2 < bottom)
    draw_label(c, rng, label, bottom, liquid);
  pm_outline(c);
}
