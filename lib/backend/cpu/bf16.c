/* Which tiles of bfloat16 this processor runs, and the conversions of operands. */
#include "backend/cpu/bf16.h"

#include "core/sizes.h"
#include "core/tasks.h"

#include <stdlib.h>
#if defined(PM_TIERS_X86) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#ifdef PM_TIERS_X86
/* The system gives a process the room for tiles only when asked, for all threads that it starts later. */
static bool may_use_tiles(void) {
#ifdef __linux__
  enum { TILE_AND_BF16 = 1 << 24 | 1 << 22, OSXSAVE = 1 << 27, TILE_STATES = 3 << 17, REQUEST = 0x1023, DATA = 18 };
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & TILE_AND_BF16) != TILE_AND_BF16)
    return false;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE))
    return false;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & TILE_STATES) == TILE_STATES && syscall(SYS_arch_prctl, REQUEST, DATA) == 0;
#else
  return false;
#endif
}

bool pm_bf16_has_amx(void) {
  enum { ROWS = 19, PAIRS = 35, COLUMNS = 48 };
  uint16_t a[2 * ROWS * PAIRS], b[2 * PAIRS * COLUMNS];
  float got[ROWS * COLUMNS] = {0}, want[ROWS * COLUMNS] = {0};
  if (!may_use_tiles())
    return false;
  for (uint32_t i = 0; i < sizeof a / sizeof *a; i++) /* some 1 to 4, of either sign */
    a[i] = (uint16_t)(0x3f80 + i * 2654435761u % 256 + (i % 3 << 15));
  for (uint32_t i = 0; i < sizeof b / sizeof *b; i++)
    b[i] = (uint16_t)(0x3f80 + i * 2246822519u % 256 + (i % 5 << 15));
  pm_bf16_tiles_amx.multiply(got, COLUMNS, NULL, (const uint32_t *)(const void *)a, PAIRS, NULL,
                             (const uint32_t *)(const void *)b, ROWS, PAIRS, COLUMNS, NULL);
  pm_bf16_tiles_amxplain.multiply(want, COLUMNS, NULL, (const uint32_t *)(const void *)a, PAIRS, NULL,
                                  (const uint32_t *)(const void *)b, ROWS, PAIRS, COLUMNS, NULL);
  if (memcmp(got, want, sizeof got) == 0)
    return true;
  pm_warn(NULL, "this processor's matrix tiles (AMX) give other sums than documented; going on without them");
  return false;
}
#else
bool pm_bf16_has_amx(void) {
  return false;
}
#endif

static const pm_bf16_tiles *choose_bf16_tiles(void) {
  const char *wanted = getenv("PIXELMILL_TIER");
  if (wanted && strcmp(wanted, pm_bf16_tiles_amxplain.name) == 0)
    return &pm_bf16_tiles_amxplain;
#ifdef PM_TIERS_X86
  const pm_vector *tier = pm_vector_best();
  if (tier == &pm_vector_avx512 && !wanted && pm_bf16_has_amx())
    return &pm_bf16_tiles_amx;
  if (tier == &pm_vector_avx512)
    return __builtin_cpu_supports("avx512bf16") ? &pm_bf16_tiles_avx512bf16 : &pm_bf16_tiles_avx512;
  if (tier == &pm_vector_avx2)
    return &pm_bf16_tiles_avx2;
#endif
  return &pm_bf16_tiles_baseline;
}

const pm_bf16_tiles *pm_bf16_best(void) {
  static const pm_bf16_tiles *_Atomic chosen;
  const pm_bf16_tiles *tiles = chosen;
  if (!tiles)
    chosen = tiles = choose_bf16_tiles();
  return tiles;
}

/* A value as matrices [R,C], one after the other. */
typedef struct {
  const pm_call *call;
  size_t matrices, R, C;
} matrices;

static matrices matrices_of(const pm_value *value) {
  const int rank = value->shape.rank;
  matrices m = {.matrices = 1, .R = value->shape.dim[rank - 2], .C = value->shape.dim[rank - 1]};
  for (int d = 0; d < rank - 2; d++)
    m.matrices *= value->shape.dim[d];
  return m;
}

size_t pm_bf16_form_bytes(const pm_value *value, pm_form form) {
  assert(form != PM_PLAIN);
  return pm_count(value) * sizeof(uint16_t);
}

size_t pm_bf16_form_scratch(const pm_value *value, pm_form form) {
  return form == PM_PAIRS        ? 2 * PM_PANEL * sizeof(uint16_t)
         : form == PM_TRANSPOSED ? PM_PANEL * pm_columns(value) * sizeof(uint16_t)
                                 : 0;
}

static void round_range(void *context, size_t task, void *scratch) {
  const pm_call *call = context;
  size_t from = task * PM_RANGE;
  (void)scratch;
  pm_bf16_best()->round((uint16_t *)call->out[0] + from, (const float *)call->in[0] + from,
                        pm_smaller(pm_count(call->value) - from, PM_RANGE));
}

static void convert_rounded(const pm_call *call) {
  pm_parallel_for(pm_pieces(pm_count(call->value), PM_RANGE), 0, round_range, (void *)call);
}

/* One panel of one matrix: pairs of rows, or of the transpose's rows. */
static void pack_panel(void *context, size_t task, void *scratch) {
  const matrices *m = context;
  const pm_bf16_tiles *tiles = pm_bf16_best();
  size_t panels = pm_pieces(m->C, PM_PANEL), from = task % panels * PM_PANEL, at = task / panels * m->R * m->C;
  size_t columns = pm_smaller(m->C - from, PM_PANEL);
  const float *matrix = (const float *)m->call->in[0] + at + from;
  uint32_t *to = (uint32_t *)m->call->out[0] + at / 2 + from * (m->R / 2);
  uint16_t *even = scratch, *odd = even + PM_PANEL;
  for (size_t r = 0; r < m->R; r += 2, to += columns) {
    tiles->round(even, matrix + r * m->C, columns);
    tiles->round(odd, matrix + (r + 1) * m->C, columns);
    tiles->interleave(to, even, odd, columns);
  }
}

static void transpose_panel(void *context, size_t task, void *scratch) {
  const matrices *m = context;
  size_t panels = pm_pieces(m->R, PM_PANEL), from = task % panels * PM_PANEL, at = task / panels * m->R * m->C;
  size_t columns = pm_smaller(m->R - from, PM_PANEL), pairs = m->C / 2;
  pm_bf16_best()->round(scratch, (const float *)m->call->in[0] + at + from * m->C, columns * m->C);
  /* pairs are moved as floats are, which changes none of their bits */
  pm_vector_best()->tiles->transpose((float *)m->call->out[0] + at / 2 + from * pairs, columns, scratch, pairs, columns,
                                     pairs);
}

static void convert_pairs(const pm_call *call) {
  matrices m = matrices_of(call->value);
  m.call = call;
  pm_parallel_for(m.matrices * pm_pieces(m.C, PM_PANEL), pm_bf16_form_scratch(call->value, PM_PAIRS), pack_panel, &m);
}

static void convert_transposed(const pm_call *call) {
  matrices m = matrices_of(call->value);
  m.call = call;
  pm_parallel_for(m.matrices * pm_pieces(m.R, PM_PANEL), pm_bf16_form_scratch(call->value, PM_TRANSPOSED),
                  transpose_panel, &m);
}

pm_kernel pm_bf16_converter(pm_form form) {
  return form == PM_PAIRS        ? convert_pairs
         : form == PM_TRANSPOSED ? convert_transposed
         : form == PM_BF16       ? convert_rounded
                                 : NULL;
}

void pm_bf16_interleave_rows(uint32_t *pairs, const uint16_t *x, size_t C, const uint32_t *place, size_t rows,
                             size_t columns) {
  static const uint16_t nothing[PM_MOST_INTERLEAVED];
  assert(columns <= PM_MOST_INTERLEAVED);
  for (size_t k = 0; k < rows; k += 2, pairs += columns) {
    const uint16_t *even = x + (place ? place[k] : k) * C;
    const uint16_t *odd = k + 1 < rows ? x + (place ? place[k + 1] : k + 1) * C : nothing;
    pm_bf16_best()->interleave(pairs, even, odd, columns);
  }
}
