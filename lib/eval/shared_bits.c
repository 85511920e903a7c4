#include "eval/shared_bits.h"

/* How many bits each four of them hold: 16 numbers of 0 to 4. */
static inline uint64_t count_fours(uint64_t x) {
  x -= x >> 1 & 0x5555555555555555u;
  return (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
}

static inline void add(pm_shared *shared, uint32_t count) {
  shared->all += count;
  shared->most = count > shared->most ? count : shared->most;
}

pm_shared pm_shared_bits_plain(const uint64_t *mask, const uint64_t *others, size_t n, size_t words, uint32_t *count) {
  pm_shared shared = {0, 0};
  for (size_t i = 0; i < n; i++, others += words) {
    uint32_t sum = 0;
    for (size_t w = 0; w < words; w += 2) {
      uint64_t x = count_fours(mask[w] & others[w]);
      if (w + 1 < words)
        x += count_fours(mask[w + 1] & others[w + 1]);
      x = (x & 0x0f0f0f0f0f0f0f0fu) + (x >> 4 & 0x0f0f0f0f0f0f0f0fu);
      sum += (uint32_t)(x * 0x0101010101010101u >> 56);
    }
    count[i] = sum;
    add(&shared, sum);
  }
  return shared;
}

/* One instruction a word, and four words at once for sprites of 16 x 16. */
#if defined(__x86_64__) && defined(__GNUC__)
#define WITH_INSTRUCTION __attribute__((target("popcnt")))
#else
#define WITH_INSTRUCTION
#endif

#if defined(__x86_64__) && defined(__GNUC__) || defined(__aarch64__)
enum { AT_ONCE = 4 };

#define COUNT(x) (uint32_t) __builtin_popcountll(x)

WITH_INSTRUCTION static pm_shared of_four_words(const uint64_t *mask, const uint64_t *others, size_t n,
                                                uint32_t *count) {
  uint64_t a = mask[0], b = mask[1], c = mask[2], d = mask[3];
  pm_shared shared = {0, 0};
  for (size_t i = 0; i < n; i++, others += AT_ONCE) {
    count[i] = COUNT(a & others[0]) + COUNT(b & others[1]) + COUNT(c & others[2]) + COUNT(d & others[3]);
    add(&shared, count[i]);
  }
  return shared;
}

WITH_INSTRUCTION static pm_shared by_instruction(const uint64_t *mask, const uint64_t *others, size_t n, size_t words,
                                                 uint32_t *count) {
  if (words == AT_ONCE)
    return of_four_words(mask, others, n, count);
  pm_shared shared = {0, 0};
  for (size_t i = 0; i < n; i++, others += words) {
    count[i] = 0;
    for (size_t w = 0; w < words; w++)
      count[i] += COUNT(mask[w] & others[w]);
    add(&shared, count[i]);
  }
  return shared;
}

static bool has_instruction(void) {
#ifdef __x86_64__
  __builtin_cpu_init();
  return __builtin_cpu_supports("popcnt");
#else
  return true;
#endif
}

pm_share_bits pm_shared_bits(bool *quick) {
  bool has = has_instruction();
  if (quick)
    *quick = has;
  return has ? by_instruction : pm_shared_bits_plain;
}
#else
pm_share_bits pm_shared_bits(bool *quick) {
  if (quick)
    *quick = false;
  return pm_shared_bits_plain;
}
#endif
