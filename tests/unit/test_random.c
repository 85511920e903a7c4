#include "check.h"

#include "core/random.h"

#include <math.h>

/* The known answers that come with Random123 for philox4x32-10. */
static void known_answers(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    uint32_t out[4];
    pm_philox4x32(known[i].counter, known[i].key, out);
    assert_memory_equal(out, known[i].out, sizeof out);
  }
}

/* FNV-1a's published values. */
static void purposes(void **state) {
  (void)state;
  assert_int_equal(pm_purpose(""), 0x811c9dc5);
  assert_int_equal(pm_purpose("a"), 0xe40c292c);
  assert_int_equal(pm_purpose("foobar"), 0xbf9cf968);
}

enum { MANY = 1 << 20 };
static const uint64_t seed = UINT64_C(0x123456789abcdef0);

/* Every normal number against Box-Muller in double on the same bits. */
static void normals_are_accurate(void **state) {
  (void)state;
  enum { COUNT = 1 << 18 };
  static float normal[COUNT];
  uint32_t purpose = pm_purpose("noise");
  pm_normals(normal, COUNT, seed, purpose, 5, 9);
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  double worst = 0;
  for (uint32_t block = 0; block < COUNT / 4; block++) {
    uint32_t bits[4];
    pm_philox4x32((const uint32_t[4]){block, 9, 5, purpose}, key, bits);
    for (int pair = 0; pair < 2; pair++) {
      double u = ((bits[2 * pair] >> 9) + 0.5) / 8388608, turn = ((bits[2 * pair + 1] >> 9) + 0.5) / 8388608;
      double radius = sqrt(-2 * log(u)), angle = 2 * acos(-1.0) * turn;
      double first = fabs(normal[4 * block + 2 * pair] - radius * cos(angle));
      double second = fabs(normal[4 * block + 2 * pair + 1] - radius * sin(angle));
      worst = fmax(worst, fmax(first, second));
    }
  }
  if (!(worst < 1e-6))
    fail_msg("the worst error is %g", worst);
}

/* The ends and the turning points of the polynomials: the smallest and the largest uniform there is. */
static void extreme_normals(void **state) {
  (void)state;
  static float normal[MANY];
  float largest = 0, smallest = 1;
  for (uint32_t step = 0; step < 8; step++) {
    pm_normals(normal, MANY, seed, pm_purpose("extreme"), step, 0);
    for (size_t i = 0; i < MANY; i++) {
      assert_true(isfinite(normal[i]));
      largest = fmaxf(largest, fabsf(normal[i]));
      smallest = fminf(smallest, fabsf(normal[i]));
    }
  }
  /* sqrt(-2 log 2^-24) is the end of what 23 bits can give. */
  assert_true(largest > 4.8f && largest < 5.769f);
  assert_true(smallest < 1e-5f);
}

/* Of a million numbers, each moment and each share within five standard errors of the normal distribution's. */
static void moments(void **state) {
  (void)state;
  static float normal[MANY];
  pm_normals(normal, MANY, 1, pm_purpose("moments"), 0, 0);
  double sum[5] = {0}, neighbours = 0, alternate = 0;
  size_t beyond[4] = {0};
  for (size_t i = 0; i < MANY; i++) {
    double x = normal[i], power = 1;
    for (int k = 1; k <= 4; k++)
      sum[k] += power *= x;
    for (int k = 0; k < 4; k++)
      beyond[k] += x > k;
    if (i + 1 < MANY)
      neighbours += x * normal[i + 1];
    if (i + 2 < MANY)
      alternate += x * normal[i + 2];
  }
  double error = 5 / sqrt(MANY);
  assert_true(fabs(sum[1] / MANY) < error);
  assert_true(fabs(sum[2] / MANY - 1) < error * sqrt(2));
  assert_true(fabs(sum[3] / MANY) < error * sqrt(15));
  assert_true(fabs(sum[4] / MANY - 3) < error * sqrt(96));
  assert_true(fabs(neighbours / MANY) < error);
  assert_true(fabs(alternate / MANY) < error);
  for (int k = 0; k < 4; k++) {
    double share = 0.5 * erfc(k / sqrt(2));
    assert_true(fabs((double)beyond[k] / MANY - share) < error * sqrt(share * (1 - share)));
  }
}

/* How many are asked for changes nothing about the first ones; nothing is written behind the last. */
static void prefixes(void **state) {
  (void)state;
  enum { LONG = 333 };
  float whole[LONG], part[LONG + 1];
  for (int kind = 0; kind < 2; kind++) {
    void (*fill)(float *, size_t, uint64_t, uint32_t, uint32_t, uint32_t) = kind ? pm_uniforms : pm_normals;
    fill(whole, LONG, seed, 1, 2, 3);
    for (size_t n = 0; n <= LONG; n++) {
      for (size_t i = 0; i <= LONG; i++)
        part[i] = 77;
      fill(part, n, seed, 1, 2, 3);
      assert_memory_equal(part, whole, n * sizeof *part);
      for (size_t i = n; i <= LONG; i++)
        assert_true(part[i] == 77);
    }
  }
}

/* Another seed (either half), purpose, step or slot: other numbers altogether. */
static void every_coordinate_counts(void **state) {
  (void)state;
  enum { COUNT = 64 };
  float base[COUNT], other[COUNT];
  for (int kind = 0; kind < 2; kind++) {
    void (*fill)(float *, size_t, uint64_t, uint32_t, uint32_t, uint32_t) = kind ? pm_uniforms : pm_normals;
    fill(base, COUNT, 1, 2, 3, 4);
    for (int which = 0; which < 5; which++) {
      uint64_t other_seed = which == 0 ? 2 : which == 1 ? UINT64_C(1) << 32 | 1 : 1;
      fill(other, COUNT, other_seed, which == 2 ? 9 : 2, which == 3 ? 9 : 3, which == 4 ? 9 : 4);
      int same = 0;
      for (int i = 0; i < COUNT; i++)
        same += base[i] == other[i];
      assert_true(same <= 1);
    }
  }
}

static void uniforms(void **state) {
  (void)state;
  static float uniform[MANY];
  pm_uniforms(uniform, MANY, seed, pm_purpose("uniform"), 0, 0);
  double sum = 0, squares = 0;
  size_t bin[64] = {0};
  for (size_t i = 0; i < MANY; i++) {
    assert_true(uniform[i] > 0 && uniform[i] < 1);
    sum += (double)uniform[i];
    squares += (double)uniform[i] * (double)uniform[i];
    bin[(int)(uniform[i] * 64)]++;
  }
  assert_true(fabs(sum / MANY - 0.5) < 5 * sqrt(1.0 / 12 / MANY));
  assert_true(fabs(squares / MANY - 1.0 / 3) < 5 * sqrt(4.0 / 45 / MANY));
  double chi_square = 0;
  for (int i = 0; i < 64; i++)
    chi_square += pow((double)bin[i] - MANY / 64.0, 2) / (MANY / 64.0);
  assert_true(chi_square > 20 && chi_square < 125); /* 63 degrees of freedom, 5 standard deviations */
  assert_true(pm_unit_float(0) == 0x1p-24f);
  assert_true(pm_unit_float(UINT32_MAX) == 1 - 0x1p-24f);
  assert_true(pm_unit_float(UINT32_MAX) < 1);
}

/* A stream gives the counter's blocks one after the other. */
static void streams(void **state) {
  (void)state;
  pm_rng rng = pm_rng_start(seed, "draw", UINT64_C(7) << 32 | 5);
  for (uint32_t block = 0; block < 10; block++) {
    uint32_t out[4];
    pm_philox4x32((const uint32_t[4]){block, 5, 7, pm_purpose("draw")},
                  (const uint32_t[2]){(uint32_t)seed, (uint32_t)(seed >> 32)}, out);
    for (int i = 0; i < 4; i++)
      assert_int_equal(pm_rng_u32(&rng), out[i]);
  }
}

static void ranges(void **state) {
  (void)state;
  pm_rng rng = pm_rng_start(3, "ranges", 0);
  assert_int_equal(pm_rng_below(&rng, 1), 0);
  assert_int_equal(pm_rng_between(&rng, -5, -5), -5);
  size_t seen[7] = {0};
  enum { DRAWS = 70000 };
  for (int i = 0; i < DRAWS; i++) {
    int value = pm_rng_between(&rng, -3, 3);
    assert_in_range(value + 3, 0, 6);
    seen[value + 3]++;
  }
  for (int i = 0; i < 7; i++)
    assert_true(fabs((double)seen[i] - DRAWS / 7.0) < 5 * sqrt(DRAWS / 7.0));
  /* Where a plain product would be biased most: three quarters of the range. */
  uint32_t n = 3u << 30;
  size_t low = 0;
  for (int i = 0; i < DRAWS; i++) {
    uint32_t value = pm_rng_below(&rng, n);
    assert_true(value < n);
    low += value % 3 == 0;
  }
  assert_true(fabs((double)low - DRAWS / 3.0) < 5 * sqrt(DRAWS * 2 / 9.0));
  double sum = 0;
  size_t yes = 0;
  for (int i = 0; i < DRAWS; i++) {
    double unit = pm_rng_unit(&rng);
    assert_true(unit >= 0 && unit < 1 && (double)(float)unit == unit);
    sum += unit;
    yes += (size_t)pm_rng_chance(&rng, 0.3);
    assert_int_equal(pm_rng_chance(&rng, 0), 0);
    assert_int_equal(pm_rng_chance(&rng, 1), 1);
  }
  assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS));
  assert_true(fabs((double)yes / DRAWS - 0.3) < 5 * sqrt(0.21 / DRAWS));
}

static void shuffles(void **state) {
  (void)state;
  enum { ITEMS = 5, ROUNDS = 25000 };
  uint32_t items[1000];
  bool there[1000] = {false};
  pm_rng rng = pm_rng_start(4, "shuffle", 0);
  pm_rng_shuffle(&rng, items, 1000);
  for (int i = 0; i < 1000; i++) {
    assert_true(items[i] < 1000 && !there[items[i]]);
    there[items[i]] = true;
  }
  pm_rng_shuffle(&rng, items, 0);
  /* Each item is at each place equally often. */
  size_t count[ITEMS][ITEMS] = {{0}};
  for (int round = 0; round < ROUNDS; round++) {
    pm_rng_shuffle(&rng, items, ITEMS);
    for (int i = 0; i < ITEMS; i++)
      count[i][items[i]]++;
  }
  for (int i = 0; i < ITEMS; i++)
    for (int k = 0; k < ITEMS; k++)
      assert_true(fabs((double)count[i][k] - ROUNDS / 5.0) < 5 * sqrt(ROUNDS * 0.16));
}

/* Elements 0 … 127 of a slot take every 16 bits of blocks 0 … 15 once; the next 128 those of the next blocks. */
static void dropout_uses_all_bits_once(void **state) {
  enum { ELEMENTS = 256, BLOCKS = 32 };
  int uses[BLOCKS][DROPOUT_PARTS] = {{0}};
  (void)state;
  for (uint32_t e = 0; e < ELEMENTS; e++) {
    assert_true(random_dropout_block(e) < BLOCKS && random_dropout_block(e) / 16 == e / 128);
    uses[random_dropout_block(e)][random_dropout_part(e)]++;
    assert_int_equal(random_dropout_element(random_dropout_block(e)) + random_dropout_part(e) * DROPOUT_LANES, e);
  }
  for (size_t b = 0; b < BLOCKS; b++)
    for (size_t p = 0; p < DROPOUT_PARTS; p++)
      assert_int_equal(uses[b][p], 1);
  const uint32_t bits[4] = {0x00010000u, 0x00030002u, 0x00050004u, 0x00070006u}; /* part p is the number p */
  for (uint32_t p = 0; p < DROPOUT_PARTS; p++)
    for (uint32_t least = 0; least <= DROPOUT_PARTS; least++)
      assert_int_equal(random_dropout_keeps(bits, p, least), p >= least);
  assert_int_equal(random_dropout_least(0), 0);
  assert_int_equal(random_dropout_least(0.25), 0x4000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_answers),   cmocka_unit_test(purposes), cmocka_unit_test(normals_are_accurate),
      cmocka_unit_test(extreme_normals), cmocka_unit_test(moments),  cmocka_unit_test(prefixes),
      cmocka_unit_test(uniforms),        cmocka_unit_test(streams),  cmocka_unit_test(every_coordinate_counts),
      cmocka_unit_test(ranges),          cmocka_unit_test(shuffles), cmocka_unit_test(dropout_uses_all_bits_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
