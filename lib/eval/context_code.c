#include "eval/context_code.h"

#include "core/sizes.h"
#include "core/tasks.h"
#include "eval/context_pixels.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
  MOST_COLOURS = 256,
  SOURCES = 10,              /* where a guessed colour comes from: seven neighbours, three colours read before */
  GUESS_NODES = 2 * SOURCES, /* each, whether it is the background's or not */
  NODES = GUESS_NODES + MOST_COLOURS,
  MOST_DECISIONS = PM_CONTEXT_GUESSES + MOST_COLOURS,
  MOST_PIXELS = 1 << 23,
  LINE = 8,    /* slots of a table that are looked through */
  LEVELS = 28, /* resolution of the counts */
  KINDS = 3,   /* of decisions: the first guess, another one, a colour */
  LANES = 4,
  PLAIN_INPUTS = (PM_CONTEXTS + 1 + LANES - 1) / LANES * LANES, /* with a constant */
  INPUTS = PLAIN_INPUTS + (PM_CLASS_CONTEXTS + LANES - 1) / LANES * LANES,
  SETS = 3,
  KNOWN = PM_CONTEXTS + 1, /* how many contexts can be known */
  LOGS = 4096,             /* counts whose logarithm is at hand */
  MOST_LINES = 1 << 20,
  GIVE_UP = 64, /* bits behind the likeliest class */
};

static const float UNSEEN = 0.4f; /* what is added to each count */
static const double ESCAPE = 1 / 1024.0, MOST_BEHIND = 1;
static const float MOST_LOGIT = 12, CONSTANT = 0.3f, FIRST_WEIGHTS = 4, RATE = 0.002f;

/* How a decision went in a context: both counts, and 16 bits to know the context by. */
typedef struct {
  uint32_t no : 24, low : 8;
  uint32_t yes : 24, high : 8;
} slot;

typedef struct {
  uint32_t node, bit;
} decision;

/* A decision with what is known of it. */
typedef struct {
  uint32_t node, bit, kind, pattern;
  uint32_t slot[PM_ALL_CONTEXTS]; /* in the table; 0 for none */
} entry;

/* A mixture: weights of each set, [selected, inputs]. */
typedef struct {
  size_t inputs;
  float *weight[SETS];
} mixer;

struct pm_context_code {
  size_t colours;
  uint8_t background;
  size_t depth[MOST_COLOURS];      /* of a colour in the tree */
  uint16_t (*path)[MOST_COLOURS];  /* [colours, depth]: the nodes from the root on */
  uint8_t (*turn)[MOST_COLOURS];   /* which way from there */
  uint16_t under[MOST_COLOURS][2]; /* how many colours lie either way of a node */
  slot *table;
  size_t mask;                           /* of the lines that contexts without the class have */
  float (*sure)[KINDS][LEVELS * LEVELS]; /* [PM_ALL_CONTEXTS]: what is added to the logit that such counts say */
  float log[LOGS];                       /* of n + HALF */
  mixer plain, classed;
  int32_t *label; /* [classes]: those that there are, rising */
  size_t classes;
};

/* ---- the tree of colours ---- */

/* Joins the two rarest again and again (Huffman, 1952); of equally rare ones the first. */
static void plant_tree(pm_context_code *code, const size_t *times) {
  size_t weight[MOST_COLOURS], place[MOST_COLOURS] = {0}, trees = code->colours;
  uint16_t owner[MOST_COLOURS]; /* the tree that each colour is in */
  for (size_t k = 0; k < code->colours; k++)
    weight[k] = times[k] * MOST_COLOURS + 1, owner[k] = (uint16_t)k, place[k] = k;
  for (uint16_t node = 0; trees > 1; node++, trees--) {
    size_t least[2] = {0, 1}; /* of place[0 … trees - 1]: the roots */
    for (int side = 0; side < 2; side++)
      for (size_t t = 0; t < trees; t++)
        if (!(side == 1 && t == least[0]) &&
            (weight[place[t]] < weight[place[least[side]]] || (side == 1 && least[1] == least[0])))
          least[side] = t;
    for (int side = 0; side < 2; side++)
      for (size_t k = 0; k < code->colours; k++)
        if (owner[k] == place[least[side]]) {
          code->path[k][code->depth[k]] = node;
          code->turn[k][code->depth[k]++] = (uint8_t)side;
          code->under[node][side]++;
        }
    size_t kept = place[least[0]], gone = place[least[1]];
    weight[kept] += weight[gone];
    for (size_t k = 0; k < code->colours; k++)
      owner[k] = owner[k] == gone ? (uint16_t)kept : owner[k];
    place[least[1]] = place[trees - 1];
  }
  for (size_t k = 0; k < code->colours; k++) /* they were noted from the leaf up */
    for (size_t d = 0; d < code->depth[k] / 2; d++) {
      size_t other = code->depth[k] - 1 - d;
      uint16_t node = code->path[k][d];
      uint8_t turn = code->turn[k][d];
      code->path[k][d] = code->path[k][other], code->turn[k][d] = code->turn[k][other];
      code->path[k][other] = node, code->turn[k][other] = turn;
    }
}

/* Down the tree to a colour, past those of `out` [n], which it is known not to be: a node with nothing left on one side
 * decides nothing. */
static size_t descend(const pm_context_code *code, size_t colour, const uint8_t *out, size_t n, decision *to) {
  uint8_t left[PM_CONTEXT_GUESSES];
  size_t count = 0;
  memcpy(left, out, n);
  for (size_t d = 0; d < code->depth[colour]; d++) {
    uint16_t node = code->path[colour][d];
    size_t gone[2] = {0, 0}, kept = 0;
    for (size_t i = 0; i < n; i++) {
      uint8_t turn = code->turn[left[i]][d];
      gone[turn]++;
      if (turn == code->turn[colour][d])
        left[kept++] = left[i];
    }
    n = kept;
    if (gone[0] < code->under[node][0] && gone[1] < code->under[node][1])
      to[count++] = (decision){GUESS_NODES + node, code->turn[colour][d]};
  }
  return count;
}

/* The decisions that lead to a colour: the guesses, then the tree. */
static size_t decide(const pm_context_code *code, const pm_context_pixel *pixel, size_t colour, decision *to) {
  size_t count = 0;
  for (size_t g = 0; g < pixel->guesses && g + 1 < code->colours; g++) {
    bool right = pixel->guess[g] == colour;
    to[count++] = (decision){2u * pixel->source[g] + (pixel->guess[g] == code->background), right};
    if (right)
      return count;
  }
  return count + descend(code, colour, pixel->guess, pixel->guesses, to + count);
}

/* ---- counts ---- */

typedef struct {
  slot *line;
  uint32_t low, high;
} address;

/* Contexts with the class lie in a second half of the table, so that they leave the others as they are. */
static address address_of(const pm_context_code *code, const pm_context_pixel *pixel, size_t k, uint32_t node) {
  uint64_t hash = ((uint64_t)pixel->context[k] << 32 | (node + 1)) * 0x9E3779B97F4A7C15u;
  hash ^= hash >> 29;
  hash *= 0xBF58476D1CE4E5B9u;
  size_t line = 1 + (hash >> 20 & code->mask) + (k < PM_CONTEXTS ? 0 : code->mask + 1);
  return (address){code->table + line * LINE, hash & 255, hash >> 8 & 255};
}

/* Addresses in the contexts from … to - 1; all their lines are fetched from memory at once. */
static void find_lines(const pm_context_code *code, const pm_context_pixel *pixel, uint32_t node, address *a,
                       size_t from, size_t to) {
  for (size_t k = from; k < to; k++) {
    a[k] = address_of(code, pixel, k, node);
    __builtin_prefetch(a[k].line);
  }
}

/* The counts at an address. Where there are none: with `make` new ones if there is room, else the first slot of the
 * table, which stays empty. */
static slot *find(const pm_context_code *code, address a, bool make) {
  for (slot *s = a.line; s < a.line + LINE; s++) {
    if (s->low == a.low && s->high == a.high && s->no + s->yes > 0)
      return s;
    if (make && s->no + s->yes == 0) {
      *s = (slot){.low = a.low, .high = a.high};
      return s;
    }
  }
  return code->table;
}

static size_t level(uint32_t n) {
  if (n < 12)
    return n;
  size_t l = 12;
  for (uint32_t from = 16; n >= from && l < LEVELS - 1; from += from / 2)
    l++;
  return l;
}

/* ---- the mixture ---- */

typedef float four __attribute__((vector_size(16)));

static float squash(float x) {
  return 1 / (1 + expf(-x));
}

static float dot(const float *a, const float *b, size_t n) {
  four sum = {0};
  for (size_t i = 0; i < n; i += LANES) {
    four x, y;
    memcpy(&x, a + i, sizeof x), memcpy(&y, b + i, sizeof y);
    sum += x * y;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Of each set the weights that a decision selects. */
typedef struct {
  float *set[SETS];
} mixing_weights;

static mixing_weights select_weights(const mixer *m, const entry *e, size_t known) {
  return (mixing_weights){{m->weight[0] + e->node * m->inputs,
                           m->weight[1] + (e->pattern * KINDS + e->kind) * m->inputs,
                           m->weight[2] + (known * KINDS + e->kind) * m->inputs}};
}

/* The part of the logit that comes from input[from … to - 1]. */
static float mix(const mixing_weights *w, const float *input, size_t from, size_t to) {
  float sum = 0;
  for (int s = 0; s < SETS; s++)
    sum += dot(w->set[s] + from, input + from, to - from);
  return sum / SETS;
}

static float cut(float logit) {
  return logit > MOST_LOGIT ? MOST_LOGIT : logit < -MOST_LOGIT ? -MOST_LOGIT : logit;
}

/* A step down the gradient of the decision's bits. */
static void learn(const mixing_weights *w, const float *input, size_t inputs, uint32_t bit) {
  float step = RATE * ((float)bit - squash(cut(mix(w, input, 0, inputs))));
  for (int s = 0; s < SETS; s++)
    for (size_t i = 0; i < inputs; i++)
      w->set[s][i] += step * input[i];
}

/* ---- a sprite's decisions ---- */

static entry entry_of(const pm_context_pixel *pixel, const decision *decisions, size_t d) {
  uint32_t node = decisions[d].node, kind = node >= GUESS_NODES ? 2 : d > 0;
  return (entry){node, decisions[d].bit, kind, pixel->pattern, {0}};
}

static void find_slots(const pm_context_code *code, const pm_context_pixel *pixel, entry *e, size_t from, size_t to) {
  address a[PM_ALL_CONTEXTS];
  find_lines(code, pixel, e->node, a, from, to);
  for (size_t k = from; k < to; k++)
    e->slot[k] = (uint32_t)(find(code, a[k], false) - code->table);
}

static float log_of(const pm_context_code *code, uint32_t n) {
  return n < LOGS ? code->log[n] : logf((float)n);
}

/* input[to - from] of the contexts from … to - 1; returns how many of them are known. */
static size_t read_inputs(const pm_context_code *code, const entry *e, size_t from, size_t to, float *input) {
  size_t known = 0;
  for (size_t k = from; k < to; k++) {
    slot s = code->table[e->slot[k]];
    *input++ = log_of(code, s.yes) - log_of(code, s.no) + code->sure[k][e->kind][level(s.no) * LEVELS + level(s.yes)];
    known += s.no + s.yes > 0;
  }
  return known;
}

/* ---- fitting ---- */

typedef struct {
  pm_arena *arena;
  pm_context_code *code;
  const pm_indexed *training;
  const int32_t *label;
  size_t count, contexts;
  const size_t *origin;
  entry *tape; /* [capacity]: the decisions of a group of equal sprites */
  size_t entries, capacity;
  double (*seen)[KINDS][LEVELS * LEVELS][3]; /* of each pair of counts: how often, with yes, sum of their logits */
} fitting;

static void count(slot *s, uint32_t bit, uint32_t step) {
  *s = (slot){s->no + (bit ? 0 : step), s->low, s->yes + (bit ? step : 0), s->high};
}

static void count_entry(pm_context_code *code, const entry *e, size_t contexts, uint32_t step) {
  for (size_t k = 0; k < contexts; k++)
    if (e->slot[k] > 0)
      count(&code->table[e->slot[k]], e->bit, step);
}

static void count_new(pm_context_code *code, const pm_context_pixel *pixel, const entry *e, size_t contexts) {
  address a[PM_ALL_CONTEXTS];
  find_lines(code, pixel, e->node, a, 0, contexts);
  for (size_t k = 0; k < contexts; k++) {
    slot *s = find(code, a[k], true);
    if (s != code->table)
      count(s, e->bit, 1);
  }
}

/* Reads sprite i: with `make` each decision is counted, else they go to the tape. */
static void read_sprite(fitting *f, size_t i, bool make) {
  pm_context_sprite sprite = pm_context_sprite_new(f->training, i, f->code->background);
  pm_context_pixel pixel;
  decision decisions[MOST_DECISIONS];
  for (size_t p = 0; p < sprite.height * sprite.width; p++) {
    pm_context_pixel_read(&pixel, &sprite, p / sprite.width, p % sprite.width);
    if (f->label)
      pm_context_pixel_class(&pixel, f->label[i]);
    size_t n = decide(f->code, &pixel, sprite.index[p], decisions);
    for (size_t d = 0; d < n; d++) {
      entry e = entry_of(&pixel, decisions, d);
      if (make) {
        count_new(f->code, &pixel, &e, f->contexts);
      } else {
        find_slots(f->code, &pixel, &e, 0, f->contexts);
        f->tape = pm_grow(f->arena, f->tape, &f->capacity, f->entries + 1, sizeof *f->tape);
        f->tape[f->entries++] = e;
      }
    }
    pm_context_sprite_see(&sprite, p / sprite.width, p % sprite.width);
  }
}

/* Calls `see` for the decisions of each group of sprites of one origin, with their own counts taken out. */
static void each_left_out(fitting *f, void (*see)(fitting *f, const entry *e)) {
  for (size_t first = 0; first < f->count; first++) {
    if (f->origin[first] != first)
      continue;
    f->entries = 0;
    for (size_t i = first; i < f->count; i++)
      if (f->origin[i] == first)
        read_sprite(f, i, false);
    for (size_t k = 0; k < f->entries; k++)
      count_entry(f->code, &f->tape[k], f->contexts, (uint32_t)-1);
    for (size_t k = 0; k < f->entries; k++)
      see(f, &f->tape[k]);
    for (size_t k = 0; k < f->entries; k++)
      count_entry(f->code, &f->tape[k], f->contexts, 1);
  }
}

static void see_counts(fitting *f, const entry *e) {
  for (size_t k = 0; k < f->contexts; k++) {
    slot s = f->code->table[e->slot[k]];
    double *seen = f->seen[k][e->kind][level(s.no) * LEVELS + level(s.yes)];
    seen[0]++;
    seen[1] += e->bit;
    seen[2] += (double)(log_of(f->code, s.yes) - log_of(f->code, s.no));
  }
}

/* What pairs of counts mean: as often yes as it was, and where they are rare, what they say themselves. */
static void settle_counts(fitting *f) {
  for (size_t k = 0; k < f->contexts; k++)
    for (size_t state = 0; state < KINDS * LEVELS * LEVELS; state++) {
      const double *seen = f->seen[k][state / (LEVELS * LEVELS)][state % (LEVELS * LEVELS)];
      if (seen[0] == 0)
        continue;
      double says = seen[2] / seen[0], p = (seen[1] + 2 / (1 + exp(-says))) / (seen[0] + 2);
      f->code->sure[k][state / (LEVELS * LEVELS)][state % (LEVELS * LEVELS)] = (float)(log(p / (1 - p)) - says);
    }
}

static void learn_mixtures(fitting *f, const entry *e) {
  float input[INPUTS] = {[PM_CONTEXTS] = CONSTANT};
  size_t known = read_inputs(f->code, e, 0, PM_CONTEXTS, input);
  mixing_weights w = select_weights(&f->code->plain, e, known);
  learn(&w, input, PLAIN_INPUTS, e->bit);
  if (!f->label)
    return;
  read_inputs(f->code, e, PM_CONTEXTS, PM_ALL_CONTEXTS, input + PLAIN_INPUTS);
  w = select_weights(&f->code->classed, e, known);
  learn(&w, input, INPUTS, e->bit);
}

/* All contexts count for as much at first. */
static mixer mixer_new(pm_arena *arena, size_t inputs, size_t contexts) {
  static const size_t selected[SETS] = {NODES, PM_CONTEXT_PATTERNS * KINDS, KNOWN * KINDS};
  mixer m = {.inputs = inputs};
  for (int s = 0; s < SETS; s++) {
    m.weight[s] = pm_alloc(arena, selected[s] * inputs, sizeof(float));
    for (size_t k = 0; k < selected[s] * inputs; k++)
      m.weight[s][k] = FIRST_WEIGHTS / (float)contexts; /* what pads the inputs is 0 */
  }
  return m;
}

static pm_context_code *code_new(pm_arena *arena, const pm_indexed *training, size_t count, size_t colours,
                                 bool classes) {
  pm_context_code *code = pm_alloc(arena, 1, sizeof *code);
  size_t pixels = count * training->height * training->width, times[MOST_COLOURS] = {0}, lines = 1 << 10;
  for (size_t p = 0; p < pixels; p++) {
    assert(training->index[p] < colours);
    times[training->index[p]]++;
  }
  code->colours = colours;
  for (size_t k = 0; k < colours; k++)
    code->background = times[k] > times[code->background] ? (uint8_t)k : code->background;
  code->path = pm_alloc(arena, colours, sizeof *code->path);
  code->turn = pm_alloc(arena, colours, sizeof *code->turn);
  plant_tree(code, times);
  for (size_t n = 0; n < LOGS; n++)
    code->log[n] = logf((float)n + UNSEEN);
  while (lines < pixels && lines < MOST_LINES)
    lines *= 2;
  code->mask = lines - 1;
  code->table = pm_alloc(arena, (1 + lines * (classes ? 2 : 1)) * LINE, sizeof *code->table);
  code->sure = pm_alloc(arena, PM_ALL_CONTEXTS, sizeof *code->sure);
  code->plain = mixer_new(arena, PLAIN_INPUTS, PM_CONTEXTS);
  code->classed = mixer_new(arena, INPUTS, PM_ALL_CONTEXTS);
  return code;
}

static void list_classes(pm_arena *arena, pm_context_code *code, const int32_t *label, size_t count) {
  code->label = pm_alloc(arena, count, sizeof *code->label);
  for (size_t i = 0; i < count; i++) {
    size_t at = 0;
    while (at < code->classes && code->label[at] < label[i])
      at++;
    if (at < code->classes && code->label[at] == label[i])
      continue;
    memmove(code->label + at + 1, code->label + at, (code->classes++ - at) * sizeof *code->label);
    code->label[at] = label[i];
  }
}

pm_context_code *pm_context_code_fit(pm_arena *arena, const pm_indexed *training, size_t colours, const size_t *origin,
                                     const int32_t *label) {
  size_t pixels = training->height * training->width, count = training->count;
  assert(colours >= 1 && colours <= MOST_COLOURS && count > 0);
  if (pixels > 0 && count > MOST_PIXELS / pixels)
    count = pm_larger(MOST_PIXELS / pixels, 1);
  pm_context_code *code = code_new(arena, training, count, colours, label);
  pm_arena *scratch = pm_arena_new();
  fitting f = {.arena = scratch,
               .code = code,
               .training = training,
               .label = label,
               .count = count,
               .contexts = label ? PM_ALL_CONTEXTS : PM_CONTEXTS,
               .origin = origin,
               .seen = pm_alloc(scratch, PM_ALL_CONTEXTS, sizeof *f.seen)};
  if (label)
    list_classes(arena, code, label, count);
  for (size_t i = 0; i < count; i++)
    read_sprite(&f, i, true);
  each_left_out(&f, see_counts);
  settle_counts(&f);
  each_left_out(&f, learn_mixtures);
  pm_arena_free(scratch);
  return code;
}

/* ---- coding ---- */

typedef struct {
  const pm_context_code *code;
  const pm_indexed *sprites;
  const bool *counted; /* [height,width]; NULL: all */
  double *bits;
  int32_t *called;
} coding;

static double bits_of(float logit, uint32_t bit) {
  double x = (double)cut(logit);
  return log1p(exp(bit ? -x : x)) / log(2);
}

/* Adds the bits that a colour takes: to bits[classes] those of the mixture that knows the class, but for classes that
 * were given up (INFINITY), or where there are no classes to *bits those of the other mixture. */
static void add_decisions(const pm_context_code *code, pm_context_pixel *pixel, size_t colour, const int32_t *label,
                          size_t classes, double *bits) {
  decision decisions[MOST_DECISIONS];
  float input[INPUTS] = {[PM_CONTEXTS] = CONSTANT};
  size_t n = decide(code, pixel, colour, decisions);
  for (size_t d = 0; d < n; d++) {
    entry e = entry_of(pixel, decisions, d);
    find_slots(code, pixel, &e, 0, PM_CONTEXTS);
    size_t known = read_inputs(code, &e, 0, PM_CONTEXTS, input);
    mixing_weights w = select_weights(classes ? &code->classed : &code->plain, &e, known);
    float common = mix(&w, input, 0, PLAIN_INPUTS);
    if (classes == 0)
      *bits += bits_of(common, e.bit);
    for (size_t c = 0; c < classes; c++) {
      if (isinf(bits[c]))
        continue;
      pm_context_pixel_class(pixel, label[c]);
      find_slots(code, pixel, &e, PM_CONTEXTS, PM_ALL_CONTEXTS);
      read_inputs(code, &e, PM_CONTEXTS, PM_ALL_CONTEXTS, input + PLAIN_INPUTS);
      bits[c] += bits_of(common + mix(&w, input, PLAIN_INPUTS, INPUTS), e.bit);
    }
  }
}

/* Now and then any colour may come: no pixel costs more than log2(colours / ESCAPE), whatever was learned. */
static double with_escape(const pm_context_code *code, double bits) {
  return -log2((1 - ESCAPE) * exp2(-bits) + ESCAPE / (double)code->colours);
}

/* Adds a pixel to what the sprite takes, sum[classes] or sum[1], and gives up classes that are far behind. Of a pixel
 * that a class knows much less than another does, only MOST_BEHIND counts: else the stray pixels of a sample would
 * decide which class it is of. `bits` is scratch memory of the same size. */
static void add_pixel(const pm_context_code *code, pm_context_pixel *pixel, size_t colour, size_t classes, double *sum,
                      double *bits) {
  size_t n = pm_larger(classes, 1);
  double least = INFINITY, cheapest = INFINITY;
  for (size_t c = 0; c < n; c++)
    bits[c] = isinf(sum[c]) ? INFINITY : 0;
  add_decisions(code, pixel, colour, code->label, classes, bits);
  for (size_t c = 0; c < n; c++) {
    bits[c] = isinf(bits[c]) ? INFINITY : with_escape(code, bits[c]);
    cheapest = bits[c] < cheapest ? bits[c] : cheapest;
  }
  for (size_t c = 0; c < n; c++) {
    sum[c] += isinf(bits[c]) ? 0 : fmin(bits[c], cheapest + MOST_BEHIND);
    least = sum[c] < least ? sum[c] : least;
  }
  for (size_t c = 0; c < n; c++)
    sum[c] = sum[c] > least + GIVE_UP ? INFINITY : sum[c];
}

static void code_one(void *context, size_t task, void *scratch) {
  const coding *c = context;
  size_t classes = c->called ? c->code->classes : 0, pixels = c->sprites->height * c->sprites->width, counted = 0;
  double *bits = scratch;
  memset(bits, 0, pm_larger(classes, 1) * sizeof *bits);
  pm_context_sprite sprite = pm_context_sprite_new(c->sprites, task, c->code->background);
  pm_context_pixel pixel;
  for (size_t p = 0; p < pixels; p++) {
    pm_context_pixel_read(&pixel, &sprite, p / sprite.width, p % sprite.width);
    if (!c->counted || c->counted[p]) {
      add_pixel(c->code, &pixel, sprite.index[p], classes, bits, bits + pm_larger(classes, 1));
      counted++;
    }
    pm_context_sprite_see(&sprite, p / sprite.width, p % sprite.width);
  }
  if (!c->called) {
    c->bits[task] = *bits / (double)counted;
    return;
  }
  size_t least = 0;
  for (size_t k = 1; k < classes; k++)
    least = bits[k] < bits[least] ? k : least;
  c->called[task] = c->code->label[least];
}

unsigned char pm_context_code_background(const pm_context_code *code) {
  return code->background;
}

void pm_context_code_bits(const pm_context_code *code, const pm_indexed *sprites, const bool *counted, double *bits) {
  coding c = {code, sprites, counted, bits, NULL};
  pm_parallel_for(sprites->count, 2 * sizeof(double), code_one, &c);
}

int32_t *pm_context_code_classify(pm_arena *arena, const pm_context_code *code, const pm_indexed *sprites) {
  assert(code->classes > 0);
  coding c = {code, sprites, NULL, NULL, pm_alloc(arena, sprites->count, sizeof *c.called)};
  pm_parallel_for(sprites->count, 2 * code->classes * sizeof(double), code_one, &c);
  return c.called;
}

void pm_context_code_probabilities(const pm_context_code *code, const pm_indexed *sprites, size_t i, size_t row,
                                   size_t column, int32_t label, double *p) {
  pm_context_sprite sprite = pm_context_sprite_new(sprites, i, code->background);
  pm_context_pixel pixel;
  for (size_t k = 0; k < row * sprite.width + column; k++)
    pm_context_sprite_see(&sprite, k / sprite.width, k % sprite.width);
  pm_context_pixel_read(&pixel, &sprite, row, column);
  for (size_t colour = 0; colour < code->colours; colour++) {
    double bits = 0;
    add_decisions(code, &pixel, colour, &label, label >= 0, &bits);
    p[colour] = exp2(-with_escape(code, bits));
  }
}
