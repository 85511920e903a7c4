#include "eval/copies.h"

#include "core/tasks.h"
#include "eval/colour_matching.h"
#include "eval/shared_bits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
  FLIPS = 4,
  SHIFTS = 9,
  STAYS = 4, /* the shift by nothing */
  VIEWS = FLIPS * SHIFTS,
  WORD = 64,
  COLOURS = 256,
  SHIFTED_FROM = 8,  /* pixels of a side */
  FIRST_LOOK = 2,    /* colours that are counted by masks in any case, the most frequent ones */
  FEW_PAIRS = 100,   /* of colours: fewer are counted faster by masks than by pixels */
  QUICK_PAIRS = 250, /* the same where the processor counts bits */
};

/* A sprite is a mask of its pixels for each of its colours, most frequent first. A shift moves a sample over a training
 * sprite; what they share then is a window of the training sprite, so each window has its own numbers of pixels. */
struct pm_figures {
  size_t count, height, width, words;
  size_t *first;         /* [count + 1]: sprite i has the colours first[i] … first[i + 1] - 1 */
  uint64_t *mask;        /* [colours, words] */
  unsigned char *number; /* [count, height, width]: of each pixel's colour among the sprite's */
  uint32_t *pixels;      /* of the colours in each of the windows, falling; a sprite's begin at SHIFTS * first[i] */
  size_t most;           /* colours that a sprite has, at most */
  pm_share_bits share;   /* counts bits of masks */
  size_t few_pairs;      /* FEW_PAIRS or QUICK_PAIRS */
};

/* All that a sample may look like. */
typedef struct {
  size_t colours;
  uint64_t *mask;        /* [VIEWS, colours, words], where it overlaps with the training sprite */
  uint32_t *pixels;      /* [VIEWS, colours]: of the colours there, falling */
  unsigned char *number; /* [VIEWS, height, width]: of the colour there, where it overlaps */
} views;

static int falling(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x < y) - (x > y);
}

/* ---- preparing ---- */

/* Rows (or columns) of a training sprite of `side` that a sample moved by `shift` covers. */
static void covered(size_t side, int shift, size_t *from, size_t *to) {
  *from = shift > 0 ? (size_t)shift : 0;
  *to = shift < 0 ? side - (size_t)-shift : side;
}

static void shift_of(size_t shift, int *down, int *right) {
  *down = (int)(shift / 3) - 1;
  *right = (int)(shift % 3) - 1;
}

static bool can_shift(const pm_figures *f, size_t shift) {
  int down, right;
  shift_of(shift, &down, &right);
  return (down == 0 || f->height >= SHIFTED_FROM) && (right == 0 || f->width >= SHIFTED_FROM);
}

static size_t overlap_of(const pm_figures *f, size_t shift) {
  int down, right;
  shift_of(shift, &down, &right);
  return (f->height - (down != 0)) * (f->width - (right != 0));
}

/* The pixels that a sample moved by `shift` covers. */
static void fill_window(const pm_figures *f, size_t shift, uint64_t *window) {
  int down, right;
  size_t top, bottom, left, end;
  shift_of(shift, &down, &right);
  covered(f->height, down, &top, &bottom);
  covered(f->width, right, &left, &end);
  memset(window, 0, f->words * sizeof *window);
  for (size_t y = top; y < bottom; y++)
    for (size_t x = left; x < end; x++)
      window[(y * f->width + x) / WORD] |= (uint64_t)1 << (y * f->width + x) % WORD;
}

/* Masks of the colours of one sprite, most frequent first, and their numbers at each pixel; returns how many there are.
 */
static size_t make_masks(const pm_figures *f, const unsigned char *index, uint64_t *mask, unsigned char *number) {
  uint32_t pixels[COLOURS] = {0};
  unsigned char order[COLOURS], place[COLOURS];
  size_t colours = 0, n = f->height * f->width;
  for (size_t p = 0; p < n; p++)
    pixels[index[p]]++;
  for (size_t c = 0; c < COLOURS; c++) {
    if (pixels[c] == 0)
      continue;
    size_t at = colours++;
    for (; at > 0 && pixels[order[at - 1]] < pixels[c]; at--)
      order[at] = order[at - 1];
    order[at] = (unsigned char)c;
  }
  for (size_t k = 0; k < colours; k++)
    place[order[k]] = (unsigned char)k;
  memset(mask, 0, colours * f->words * sizeof *mask);
  for (size_t p = 0; p < n; p++) {
    number[p] = place[index[p]];
    mask[number[p] * f->words + p / WORD] |= (uint64_t)1 << p % WORD;
  }
  return colours;
}

typedef struct {
  pm_figures *figures;
  const unsigned char *index;
  const uint64_t *window; /* [SHIFTS, words] */
} preparation;

static void prepare_one(void *context, size_t task, void *scratch) {
  (void)scratch;
  const preparation *p = context;
  pm_figures *f = p->figures;
  uint64_t *mask = f->mask + f->first[task] * f->words;
  uint32_t *pixels = f->pixels + SHIFTS * f->first[task];
  size_t n = f->height * f->width, colours = make_masks(f, p->index + task * n, mask, f->number + task * n);
  for (size_t shift = 0; shift < SHIFTS; shift++, pixels += colours) {
    f->share(p->window + shift * f->words, mask, colours, f->words, pixels);
    qsort(pixels, colours, sizeof *pixels, falling);
  }
}

static size_t colours_of(const unsigned char *index, size_t n) {
  bool seen[COLOURS] = {false};
  size_t colours = 0;
  for (size_t p = 0; p < n; p++) {
    colours += !seen[index[p]];
    seen[index[p]] = true;
  }
  return colours;
}

pm_figures *pm_figures_new(pm_arena *arena, const pm_indexed *s) {
  pm_figures *f = pm_alloc(arena, 1, sizeof *f);
  size_t n = s->height * s->width;
  *f = (pm_figures){.count = s->count, .height = s->height, .width = s->width, .words = (n + WORD - 1) / WORD};
  bool quick;
  f->share = pm_shared_bits(&quick);
  f->few_pairs = quick ? QUICK_PAIRS : FEW_PAIRS;
  f->first = pm_alloc(arena, s->count + 1, sizeof *f->first);
  for (size_t i = 0; i < s->count; i++) {
    size_t colours = colours_of(s->index + i * n, n);
    f->first[i + 1] = f->first[i] + colours;
    f->most = colours > f->most ? colours : f->most;
  }
  f->mask = pm_alloc(arena, pm_multiply(NULL, f->first[s->count], f->words), sizeof *f->mask);
  f->number = pm_alloc(arena, s->count, n);
  f->pixels = pm_alloc(arena, f->first[s->count], SHIFTS * sizeof *f->pixels);
  uint64_t *window = pm_alloc(arena, SHIFTS * f->words, sizeof *window);
  for (size_t shift = 0; shift < SHIFTS; shift++)
    fill_window(f, shift, window + shift * f->words);
  preparation p = {f, s->index, window};
  pm_parallel_for(s->count, 0, prepare_one, &p);
  return f;
}

/* ---- one sample and one training sprite ---- */

static size_t views_bytes(const pm_figures *f) {
  size_t numbers = (f->height * f->width + 7) / 8 * 8; /* what lies behind stays aligned */
  return VIEWS * (f->most * (f->words * sizeof(uint64_t) + sizeof(uint32_t)) + numbers);
}

/* Where a pixel of a training sprite is on a sample that lies over it after a flip and a shift. */
static size_t place_on_sample(const pm_figures *f, size_t flip, int down, int right, size_t y, size_t x) {
  size_t row = (size_t)((ptrdiff_t)y - down), column = (size_t)((ptrdiff_t)x - right);
  return (flip & 2 ? f->height - 1 - row : row) * f->width + (flip & 1 ? f->width - 1 - column : column);
}

/* Numbers and masks of a sample's colours as it lies over a training sprite. mask: zero before. */
static void make_view(const pm_figures *f, size_t i, size_t view, unsigned char *number, uint64_t *mask) {
  int down, right;
  size_t top, bottom, left, end;
  shift_of(view % SHIFTS, &down, &right);
  covered(f->height, down, &top, &bottom);
  covered(f->width, right, &left, &end);
  const unsigned char *own = f->number + i * f->height * f->width;
  for (size_t y = top; y < bottom; y++)
    for (size_t x = left; x < end; x++) {
      size_t to = y * f->width + x;
      number[to] = own[place_on_sample(f, view / SHIFTS, down, right, y, x)];
      mask[number[to] * f->words + to / WORD] |= (uint64_t)1 << to % WORD;
    }
}

static views make_views(const pm_figures *f, size_t i, void *memory) {
  size_t colours = f->first[i + 1] - f->first[i], n = f->height * f->width;
  views v = {.colours = colours, .mask = memory};
  v.pixels = (uint32_t *)(v.mask + VIEWS * colours * f->words);
  v.number = (unsigned char *)(v.pixels + VIEWS * colours);
  memset(v.mask, 0, VIEWS * colours * f->words * sizeof *v.mask);
  for (size_t view = 0; view < VIEWS; view++) {
    uint64_t *mask = v.mask + view * colours * f->words;
    uint32_t *pixels = v.pixels + view * colours;
    make_view(f, i, view, v.number + view * n, mask);
    for (size_t c = 0; c < colours; c++)
      f->share(mask + c * f->words, mask + c * f->words, 1, f->words, pixels + c);
    qsort(pixels, colours, sizeof *pixels, falling);
  }
  return v;
}

/* No exchange of colours can make more pixels agree: of both, the most frequent colours go together. */
static size_t agree_at_most(const views *v, size_t view, const pm_figures *training, size_t t) {
  size_t theirs = training->first[t + 1] - training->first[t], sum = 0;
  const uint32_t *a = v->pixels + view * v->colours;
  const uint32_t *b = training->pixels + SHIFTS * training->first[t] + view % SHIFTS * theirs;
  for (size_t c = 0; c < v->colours && c < theirs; c++)
    sum += a[c] < b[c] ? a[c] : b[c];
  return sum;
}

/* Where masks, and numbers, of the colours of a sample's view and of a training sprite meet: in together[few, many], a
 * cell for each pair of colours, the fewer ones by row. */
typedef struct {
  size_t few, many;
  const uint64_t *few_mask, *many_mask;
  const unsigned char *few_number, *many_number;
  uint32_t *together;
} view_pairing;

static view_pairing pair(const views *v, size_t view, const pm_figures *training, size_t t, uint32_t *together) {
  size_t ours = v->colours, theirs = training->first[t + 1] - training->first[t],
         n = training->height * training->width;
  const uint64_t *our_mask = v->mask + view * ours * training->words,
                 *their_mask = training->mask + training->first[t] * training->words;
  const unsigned char *our_number = v->number + view * n, *their_number = training->number + t * n;
  if (ours <= theirs)
    return (view_pairing){ours, theirs, our_mask, their_mask, our_number, their_number, together};
  return (view_pairing){theirs, ours, their_mask, our_mask, their_number, our_number, together};
}

/* The first `rows` rows (the most frequent colours). Gives up, false, as soon as it is seen that no more than `needed`
 * of `possible` pixels can agree: a background that falls to pieces on the other sprite tells early. */
static bool count_by_masks(const view_pairing *p, const pm_figures *training, size_t possible, size_t needed,
                           size_t rows) {
  for (size_t row = 0; row < p->few && row < rows; row++) {
    pm_shared shared = training->share(p->few_mask + row * training->words, p->many_mask, p->many, training->words,
                                       p->together + row * p->many);
    possible -= shared.all - shared.most;
    if (possible <= needed)
      return false;
  }
  return true;
}

/* All of them, pixel by pixel. */
static void count_by_pixels(const view_pairing *p, const pm_figures *training, size_t shift) {
  int down, right;
  size_t top, bottom, left, end;
  shift_of(shift, &down, &right);
  covered(training->height, down, &top, &bottom);
  covered(training->width, right, &left, &end);
  memset(p->together, 0, p->few * p->many * sizeof *p->together);
  for (size_t y = top; y < bottom; y++)
    for (size_t at = y * training->width + left; at < y * training->width + end; at++)
      p->together[p->few_number[at] * p->many + p->many_number[at]]++;
}

/* Sum of the largest cell of each row (of each column: rows and columns and their steps exchanged). *apart: these lie
 * in different columns, so the sum can be had. */
static size_t sum_of_largest(const uint32_t *cell, size_t rows, size_t columns, size_t row_step, size_t column_step,
                             bool *apart) {
  uint64_t taken[COLOURS / WORD] = {0};
  size_t sum = 0;
  *apart = true;
  for (size_t r = 0; r < rows; r++) {
    uint32_t most = 0;
    size_t best = 0;
    for (size_t c = 0; c < columns; c++)
      if (cell[r * row_step + c * column_step] > most)
        most = cell[r * row_step + c * column_step], best = c;
    if (most == 0)
      continue;
    sum += most;
    *apart &= !(taken[best / WORD] >> best % WORD & 1);
    taken[best / WORD] |= (uint64_t)1 << best % WORD;
  }
  return sum;
}

/* Pixels that agree under the best exchange of colours, or 0 if they are not more than `needed`. together: scratch for
 * a cell for each pair of colours. */
static size_t agreeing(const views *v, size_t view, const pm_figures *training, size_t t, size_t needed,
                       uint32_t *together) {
  view_pairing p = pair(v, view, training, t, together);
  size_t shift = view % SHIFTS;
  bool apart, many = p.few * p.many > training->few_pairs;
  if (!count_by_masks(&p, training, overlap_of(training, shift), needed, many ? FIRST_LOOK : COLOURS))
    return 0;
  if (many)
    count_by_pixels(&p, training, shift);
  size_t by_row = sum_of_largest(together, p.few, p.many, p.many, 1, &apart);
  if (by_row <= needed || apart)
    return by_row <= needed ? 0 : by_row;
  size_t by_column = sum_of_largest(together, p.many, p.few, 1, p.many, &apart);
  if (by_column <= needed || apart)
    return by_column <= needed ? 0 : by_column;
  return pm_match_colours(together, p.few, p.many);
}

/* The distance if it is below `limit`, else a number that is not. */
static double distance_of(const views *v, const pm_figures *training, size_t t, double limit, uint32_t *together) {
  for (size_t view = 0; view < VIEWS && limit > 0; view++) {
    size_t shift = view % SHIFTS, overlap = overlap_of(training, shift);
    if (!can_shift(training, shift))
      continue;
    double needed = (1 - limit) * (double)overlap; /* pixels that agree, or it is no nearer */
    size_t floor = needed > 0 ? (size_t)needed : 0;
    if (agree_at_most(v, view, training, t) <= floor)
      continue;
    size_t agree = agreeing(v, view, training, t, floor, together);
    double distance = (double)(overlap - agree) / (double)overlap;
    if (agree > 0 && distance < limit)
      limit = distance;
  }
  return limit;
}

/* ---- one sample and all training sprites ---- */

typedef struct {
  double least; /* the distance is not below this */
  size_t index;
} candidate;

static int nearer(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  int order = (x->least > y->least) - (x->least < y->least);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static double least_distance(const views *v, const pm_figures *training, size_t t) {
  double least = 1;
  for (size_t view = 0; view < VIEWS; view++) {
    if (!can_shift(training, view % SHIFTS))
      continue;
    double overlap = (double)overlap_of(training, view % SHIFTS);
    double d = (overlap - (double)agree_at_most(v, view, training, t)) / overlap;
    least = d < least ? d : least;
  }
  return least;
}

typedef struct {
  const pm_figures *samples, *training;
  const size_t *origin;
  pm_nearest *nearest;
} copy_search;

static size_t search_bytes(const pm_figures *samples, const pm_figures *training) {
  return views_bytes(samples) + samples->most * training->most * sizeof(uint32_t) + training->count * sizeof(candidate);
}

/* The likeliest first, so that what follows is mostly out of the question. */
static void search_one(void *context, size_t task, void *scratch) {
  const copy_search *s = context;
  const pm_figures *training = s->training;
  views v = make_views(s->samples, task, scratch);
  candidate *list = (void *)((char *)scratch + views_bytes(s->samples));
  uint32_t *together = (uint32_t *)(list + training->count);
  for (size_t t = 0; t < training->count; t++)
    list[t] = (candidate){least_distance(&v, training, t), t};
  qsort(list, training->count, sizeof *list, nearer);
  pm_nearest best = {.index = 0, .distance = 2, .second = 2};
  for (size_t k = 0; k < training->count; k++) {
    size_t t = list[k].index;
    if (list[k].least > best.second)
      break;
    /* Ties count, so that the first of equals is found whatever the order: a hair above the limit. */
    double d = distance_of(&v, training, t, best.second * (1 + 1e-9) + 1e-12, together);
    bool same = best.distance <= 1 && s->origin[t] == s->origin[best.index];
    if (d < best.distance || (d == best.distance && t < best.index)) {
      if (!same)
        best.second = best.distance;
      best.distance = d;
      best.index = t;
    } else if (!same && d < best.second) {
      best.second = d;
    }
  }
  if (best.second > 1)
    best.second = 1;
  s->nearest[task] = best;
}

void pm_figures_nearest(const pm_figures *samples, const pm_figures *training, const size_t *origin,
                        pm_nearest *nearest) {
  assert(samples->height == training->height && samples->width == training->width && training->count > 0);
  copy_search s = {samples, training, origin, nearest};
  pm_parallel_for(samples->count, search_bytes(samples, training), search_one, &s);
}

typedef struct {
  const pm_figures *samples, *training;
  size_t sample;
  double *distance;
} copy_survey;

static void survey_one(void *context, size_t task, void *scratch) {
  const copy_survey *s = context;
  views v = make_views(s->samples, s->sample, scratch);
  uint32_t *together = (void *)((char *)scratch + views_bytes(s->samples));
  s->distance[task] = distance_of(&v, s->training, task, 2, together);
}

void pm_figure_distances(const pm_figures *samples, size_t i, const pm_figures *training, double *distance) {
  assert(i < samples->count && samples->height == training->height && samples->width == training->width);
  copy_survey s = {samples, training, i, distance};
  pm_parallel_for(training->count, search_bytes(samples, training), survey_one, &s);
}

typedef struct {
  const pm_figures *figures;
  size_t *origin;
} tracing;

static void find_origin(void *context, size_t task, void *scratch) {
  const tracing *r = context;
  const pm_figures *f = r->figures;
  views v = make_views(f, task, scratch);
  uint32_t *together = (void *)((char *)scratch + views_bytes(f));
  double next_to_nothing = 0.5 / (double)(f->height * f->width);
  size_t t = 0;
  while (t < task && distance_of(&v, f, t, next_to_nothing, together) > 0)
    t++;
  r->origin[task] = t;
}

size_t *pm_figure_origins(pm_arena *arena, const pm_figures *f) {
  tracing r = {f, pm_alloc(arena, f->count, sizeof(size_t))};
  pm_parallel_for(f->count, search_bytes(f, f), find_origin, &r);
  for (size_t i = 0; i < f->count; i++) /* the first one's own is known already */
    r.origin[i] = r.origin[r.origin[i]];
  return r.origin;
}

double pm_nearest_ratio(const pm_nearest *n) {
  return n->distance <= 0 ? 0 : n->distance < n->second ? n->distance / n->second : 1;
}

bool pm_is_copy(const pm_nearest *n) {
  return pm_nearest_ratio(n) < PM_COPY_RATIO;
}
