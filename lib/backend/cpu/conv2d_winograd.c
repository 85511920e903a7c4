/* Convolutions by Winograd's minimal filtering (winograd.h). A task transforms some windows and some of the taps,
 * multiplies them position by position, and transforms the products back, all within the second-level cache: what is
 * transformed takes several times the memory of what it is made of, so it is rather made twice than written out. */
#include "backend/cpu/conv2d.h"
#include "backend/cpu/winograd.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <string.h>

enum {
  WINDOWS = 36,      /* at a time, at most: for the cache */
  DEPTH = 64,        /* rows of the taps' matrices that are transformed at a time */
  TASKS_WANTED = 16, /* where there are fewer, panels of columns, or parts of the batch, are divided among them, too */
  BAND = 64,         /* rows of a weight gradient's task */
  BESIDE = 16,       /* numbers between positions, for them to begin in different sets of the caches */
};

/* Where the windows of a picture are: they overlap by two pixels, their results do not. */
typedef struct {
  size_t n, h, w;
  size_t down, across; /* windows along the axes */
  size_t count;        /* in all pictures */
} windows;

static windows windows_of(const conv2d_sizes *c) {
  windows s = {c->n, c->h, c->w, pm_pieces(c->h, PM_WINDOW_RESULTS), pm_pieces(c->w, PM_WINDOW_RESULTS), 0};
  s.count = s.n * s.down * s.across;
  return s;
}

/* Addresses of `side` x `side` pixels of C channels from (y, x) on, of picture n of x; `outside` for those that it does
 * not have. */
static void find_pixels(const float **pixel, const windows *s, const float *x, size_t C, size_t window, size_t side,
                        const float *outside) {
  const size_t border = side == PM_WINDOW, n = window / (s->down * s->across);
  const size_t top = window / s->across % s->down * PM_WINDOW_RESULTS, left = window % s->across * PM_WINDOW_RESULTS;
  for (size_t i = 0; i < side; i++)
    for (size_t j = 0; j < side; j++, pixel++) {
      const size_t row = top + i - border, column = left + j - border; /* below 0: far above */
      *pixel = row < s->h && column < s->w ? x + ((n * s->h + row) * s->w + column) * C : outside;
    }
}

/* Windows of a task, where they are divided evenly: a multiple of a register tile's rows. */
static size_t windows_at_once(size_t count) {
  enum { ROWS = 6 };
  return pm_pieces(pm_pieces(count, pm_pieces(count, WINDOWS)), ROWS) * ROWS;
}

static void number_places(uint32_t *place, size_t n) {
  for (size_t r = 0; r < n; r++)
    place[r] = (uint32_t)r;
}

/* ---- y from x, and the gradient with respect to x from that of y ---- */

typedef struct {
  windows s;
  const pm_tiles *tiles;
  const pm_winograd *transform;
  const float *x, *weight, *bias;
  float *y;
  size_t in, out; /* channels of x and of y */
  size_t rows;    /* windows of a task */
  size_t panels;  /* of columns of y */
  size_t splits;  /* tasks that share the panels of the same windows */
  bool backward;  /* y is the convolution's input: the taps' matrices are transposed, and in reverse */
} winograd_product;

static winograd_product winograd_product_of(const pm_node *node, bool backward) {
  const pm_value *weight = node->in[backward ? PM_CONV2D_GRAD_INPUT_W : PM_CONV2D_W];
  const conv2d_sizes c = conv2d_sizes_of(node, weight);
  winograd_product p = {.s = windows_of(&c),
                        .tiles = pm_vector_best()->tiles,
                        .transform = pm_vector_best()->winograd,
                        .backward = backward};
  p.in = backward ? c.o : c.i;
  p.out = backward ? c.i : c.o;
  p.rows = windows_at_once(p.s.count);
  p.panels = pm_pieces(p.out, PM_TILE_COLUMNS);
  p.splits = pm_smaller(p.panels, pm_pieces(TASKS_WANTED, pm_pieces(p.s.count, p.rows)));
  return p;
}

/* A task's memory. */
typedef struct {
  float *windows, *products; /* of all positions, …_plane apart */
  float *taps, *plain;       /* some rows of a panel, transformed, …_plane apart; and before, where transposed */
  float *zeros, *nowhere;    /* a pixel that pictures do not have, and one for results that nobody reads */
  uint32_t *place;
  size_t windows_plane, products_plane;
} product_memory;

enum {
  TAPS_PLANE = DEPTH * PM_TILE_COLUMNS + BESIDE,
  TAPS = PM_WINDOW_TAPS * PM_WINDOW_TAPS,
};

static size_t product_memory_of(product_memory *m, const winograd_product *p, float *from) {
  m->windows_plane = p->rows * p->in + BESIDE;
  m->products_plane = p->rows * PM_TILE_COLUMNS + BESIDE;
  m->windows = from;
  m->products = m->windows + PM_WINDOW_PIXELS * m->windows_plane;
  m->taps = m->products + PM_WINDOW_PIXELS * m->products_plane;
  m->plain = m->taps + PM_WINDOW_PIXELS * TAPS_PLANE;
  m->zeros = m->plain + (p->backward ? TAPS * TAPS_PLANE : 0);
  m->nowhere = m->zeros + pm_larger(p->in, PM_TILE_COLUMNS);
  m->place = (uint32_t *)(void *)(m->nowhere + PM_TILE_COLUMNS);
  return (size_t)((char *)(m->place + p->rows) - (char *)from);
}

static size_t product_scratch(const winograd_product *p) {
  product_memory m;
  return product_memory_of(&m, p, NULL);
}

/* taps[position, depth, columns]: rows from k, columns from j of all positions' matrices. */
static void transform_taps(const winograd_product *p, const product_memory *m, size_t k, size_t depth, size_t j,
                           size_t columns) {
  const size_t matrix = p->in * p->out;
  if (!p->backward) {
    for (size_t r = 0; r < depth; r++)
      p->transform->taps(m->taps + r * columns, TAPS_PLANE, p->weight + (k + r) * p->out + j, matrix, columns);
    return;
  }
  for (size_t tap = 0; tap < TAPS; tap++)
    p->tiles->transpose(m->plain + (TAPS - 1 - tap) * TAPS_PLANE, columns, p->weight + tap * matrix + j * p->in + k,
                        p->in, columns, depth);
  p->transform->taps(m->taps, TAPS_PLANE, m->plain, TAPS_PLANE, depth * columns);
}

/* products[position] = windows[position] times columns from j of the position's matrix */
static void multiply_positions(const winograd_product *p, const product_memory *m, size_t rows, size_t j,
                               size_t columns) {
  for (size_t k = 0, depth; k < p->in; k += depth) {
    depth = pm_smaller(p->in - k, DEPTH);
    transform_taps(p, m, k, depth, j, columns);
    for (size_t position = 0; position < PM_WINDOW_PIXELS; position++) {
      float *c = m->products + position * m->products_plane;
      p->tiles->multiply(c, columns, m->place, m->windows + position * m->windows_plane + k, p->in, m->place,
                         m->taps + position * TAPS_PLANE, rows, depth, columns, k > 0 ? c : NULL);
    }
  }
}

/* Some windows, some panels of columns. */
static void winograd_task(void *context, size_t task, void *scratch) {
  const winograd_product *p = context;
  const size_t first = task / p->splits * p->rows, rows = pm_smaller(p->s.count - first, p->rows);
  const size_t split = task % p->splits, end = (split + 1) * p->panels / p->splits;
  const float *pixel[PM_WINDOW_PIXELS];
  product_memory m;
  product_memory_of(&m, p, scratch);
  memset(m.zeros, 0, (size_t)(m.nowhere - m.zeros) * sizeof *m.zeros);
  number_places(m.place, rows);
  for (size_t r = 0; r < rows; r++) {
    find_pixels(pixel, &p->s, p->x, p->in, first + r, PM_WINDOW, m.zeros);
    p->transform->window(m.windows + r * p->in, m.windows_plane, pixel, p->in);
  }
  for (size_t panel = split * p->panels / p->splits; panel < end; panel++) {
    const size_t j = panel * PM_TILE_COLUMNS, columns = pm_smaller(p->out - j, PM_TILE_COLUMNS);
    multiply_positions(p, &m, rows, j, columns);
    for (size_t r = 0; r < rows; r++) {
      find_pixels(pixel, &p->s, p->y + j, p->out, first + r, PM_WINDOW_RESULTS, m.nowhere);
      p->transform->results((float *const *)pixel, m.products + r * columns, m.products_plane,
                            p->bias ? p->bias + j : m.zeros, columns);
    }
  }
}

static void multiply_windows(const winograd_product *p) {
  pm_parallel_for(pm_pieces(p->s.count, p->rows) * p->splits, product_scratch(p), winograd_task, (void *)p);
}

size_t pm_winograd_conv2d_scratch(const pm_node *node) {
  const winograd_product p = winograd_product_of(node, node->op == &pm_op_conv2d_grad_input_float);
  return product_scratch(&p);
}

void pm_winograd_conv2d(const pm_call *call) {
  winograd_product p = winograd_product_of(call->node, false);
  p.x = call->in[PM_CONV2D_X];
  p.weight = call->in[PM_CONV2D_W];
  p.bias = call->in[PM_CONV2D_B];
  p.y = call->out[0];
  multiply_windows(&p);
}

void pm_winograd_conv2d_grad_input(const pm_call *call) {
  winograd_product p = winograd_product_of(call->node, true);
  p.x = call->in[PM_CONV2D_GRAD_INPUT_DY];
  p.weight = call->in[PM_CONV2D_GRAD_INPUT_W];
  p.y = call->out[0];
  multiply_windows(&p);
}

/* ---- the weight's gradient: at each position the windows of x times the transformed dy, summed over the windows ----
 */

typedef struct {
  windows s;
  const pm_tiles *tiles;
  const pm_winograd *transform;
  const float *x, *dy;
  float *dw, *sums; /* sums [parts, 3, 3, i, o] */
  size_t i, o;
  size_t rows;                 /* windows at a time */
  size_t parts, bands, panels; /* of the windows, of the rows and of the columns of dw */
} winograd_sums;

static winograd_sums winograd_sums_of(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  winograd_sums s = {.s = windows_of(&c),
                     .tiles = pm_vector_best()->tiles,
                     .transform = pm_vector_best()->winograd,
                     .i = c.i,
                     .o = c.o,
                     .bands = pm_pieces(c.i, BAND),
                     .panels = pm_pieces(c.o, PM_TILE_COLUMNS)};
  s.rows = windows_at_once(s.s.count);
  s.parts = pm_smaller(pm_pieces(s.s.count, s.rows), pm_pieces(TASKS_WANTED, s.bands * s.panels));
  return s;
}

size_t pm_winograd_conv2d_grad_weight_workspace(const pm_node *node) {
  const winograd_sums s = winograd_sums_of(node);
  return s.parts > 1 ? s.parts * TAPS * s.i * s.o * sizeof(float) : 0;
}

/* A task's memory. */
typedef struct {
  float *x, *dy, *sums; /* of all positions, …_plane apart */
  float *zeros;         /* a pixel that pictures do not have */
  uint32_t *place;
  size_t x_plane, dy_plane, sums_plane;
} sums_memory;

static size_t sums_memory_of(sums_memory *m, const winograd_sums *s, float *from) {
  m->x_plane = s->rows * BAND + BESIDE;
  m->dy_plane = s->rows * PM_TILE_COLUMNS + BESIDE;
  m->sums_plane = BAND * PM_TILE_COLUMNS + BESIDE;
  m->x = from;
  m->dy = m->x + PM_WINDOW_PIXELS * m->x_plane;
  m->sums = m->dy + PM_WINDOW_PIXELS * m->dy_plane;
  m->zeros = m->sums + PM_WINDOW_PIXELS * m->sums_plane;
  m->place = (uint32_t *)(void *)(m->zeros + pm_larger(BAND, PM_TILE_COLUMNS));
  return (size_t)((char *)(m->place + s->rows) - (char *)from);
}

size_t pm_winograd_conv2d_grad_weight_scratch(const pm_node *node) {
  const winograd_sums s = winograd_sums_of(node);
  sums_memory m;
  return sums_memory_of(&m, &s, NULL);
}

/* sums[position] (+)= windows of x from channel i, transposed, times those of dy from channel o */
static void sum_windows(const winograd_sums *s, const sums_memory *m, size_t first, size_t rows, size_t i,
                        size_t height, size_t o, size_t columns, bool add) {
  const float *pixel[PM_WINDOW_PIXELS];
  for (size_t r = 0; r < rows; r++) {
    find_pixels(pixel, &s->s, s->x + i, s->i, first + r, PM_WINDOW, m->zeros);
    s->transform->window(m->x + r * height, m->x_plane, pixel, height);
    find_pixels(pixel, &s->s, s->dy + o, s->o, first + r, PM_WINDOW_RESULTS, m->zeros);
    s->transform->gradients(m->dy + r * columns, m->dy_plane, pixel, columns);
  }
  for (size_t position = 0; position < PM_WINDOW_PIXELS; position++) {
    float *c = m->sums + position * m->sums_plane;
    s->tiles->outer(c, columns, m->x + position * m->x_plane, height, m->place, m->dy + position * m->dy_plane, columns,
                    m->place, rows, height, columns, add ? c : NULL);
  }
}

/* A part of the windows, a band of rows, a panel of columns. */
static void winograd_sums_task(void *context, size_t task, void *scratch) {
  const winograd_sums *s = context;
  const size_t o = task % s->panels * PM_TILE_COLUMNS, i = task / s->panels % s->bands * BAND;
  const size_t part = task / s->panels / s->bands, end = (part + 1) * s->s.count / s->parts;
  const size_t height = pm_smaller(s->i - i, BAND), columns = pm_smaller(s->o - o, PM_TILE_COLUMNS);
  float *sums = s->sums + part * TAPS * s->i * s->o + i * s->o + o;
  sums_memory m;
  sums_memory_of(&m, s, scratch);
  memset(m.zeros, 0, pm_larger(BAND, PM_TILE_COLUMNS) * sizeof *m.zeros);
  number_places(m.place, s->rows);
  for (size_t begin = part * s->s.count / s->parts, first = begin; first < end; first += s->rows)
    sum_windows(s, &m, first, pm_smaller(end - first, s->rows), i, height, o, columns, first > begin);
  for (size_t r = 0; r < height; r++)
    s->transform->taps_gradient(sums + r * s->o, s->i * s->o, m.sums + r * columns, m.sums_plane, columns);
}

void pm_winograd_conv2d_grad_weight(const pm_call *call) {
  winograd_sums s = winograd_sums_of(call->node);
  s.x = call->in[PM_CONV2D_GRAD_WEIGHT_X];
  s.dy = call->in[PM_CONV2D_GRAD_WEIGHT_DY];
  s.dw = call->out[0];
  s.sums = s.parts > 1 ? call->workspace : s.dw;
  pm_parallel_for(s.parts * s.bands * s.panels, pm_winograd_conv2d_grad_weight_scratch(call->node), winograd_sums_task,
                  &s);
  if (s.parts > 1)
    pm_conv2d_add_parts(s.dw, s.sums, s.parts, TAPS * s.i * s.o);
}

/* ---- what is done so ---- */

bool pm_winograd_pays(const conv2d_sizes *c, double rate) {
  const double transforms = 1.25; /* what they cost beside the products, about */
  const windows s = windows_of(c);
  const double taps = (double)((3 * c->h - 2) * (3 * c->w - 2)); /* that meet a pixel of the picture */
  return c->kh == PM_WINDOW_TAPS && c->kw == PM_WINDOW_TAPS && c->stride == 1 && c->padding == 1 && c->i % 16 == 0 &&
         c->o % 16 == 0 && transforms * (double)(s.down * s.across * PM_WINDOW_PIXELS) < taps / rate;
}

static_assert((int)PM_CONV2D_W == (int)PM_CONV2D_GRAD_INPUT_W, "both ops ask whether they fit");

bool pm_winograd_conv2d_fits(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_W]);
  return pm_winograd_pays(&c, 1);
}

bool pm_winograd_conv2d_grad_weight_fits(const pm_node *node) {
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[PM_CONV2D_GRAD_WEIGHT_W]);
  return pm_winograd_pays(&c, 1);
}
