/* Dropout: Philox (core/random_bits.h) for vectors of blocks, and what it drops; compiled once for each tier. */
#include "backend/cpu/tiers/registers.h"

#include "core/random_bits.h"

#include <assert.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

static_assert((int)LANES == (int)DROPOUT_LANES, "a block for each lane");

/* Words of 32 bits in the lower halves of words of 64; what is in the upper halves does not matter. Processors have a
 * product of lower halves, which compilers do not find by themselves. */
enum { WORDS = LENGTH / 2 };
typedef uint64_t words __attribute__((vector_size(WORDS * sizeof(uint64_t))));
#if defined(__AVX512F__)
#define LOW_PRODUCT(a, b) ((words)_mm512_mul_epu32((__m512i)(a), _mm512_set1_epi64(b)))
#elif defined(__AVX2__)
#define LOW_PRODUCT(a, b) ((words)_mm256_mul_epu32((__m256i)(a), _mm256_set1_epi64x(b)))
#elif defined(__SSE2__)
#define LOW_PRODUCT(a, b) ((words)_mm_mul_epu32((__m128i)(a), _mm_set1_epi64x(b)))
#else
#define LOW_PRODUCT(a, b) (((a)&0xffffffffu) * (uint64_t)(b))
#endif

/* A block in each place of the vectors. */
INLINE void philox_words(words word[4], const pm_dropout_constants *k) {
  uint32_t key0 = k->key[0], key1 = k->key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const words a = LOW_PRODUCT(word[0], 0xD2511F53u), b = LOW_PRODUCT(word[2], 0xCD9E8D57u);
    word[0] = b >> 32 ^ word[1] ^ key0;
    word[2] = a >> 32 ^ word[3] ^ key1;
    word[1] = b;
    word[3] = a;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/* For LANES blocks side by side from block `first`, word w of block l is bits[w][l]. */
INLINE void philox_lanes(uint32_t bits[4][LANES], uint32_t first, const pm_dropout_constants *k) {
  static const uint64_t twice[] = {0, 2, 4, 6, 8, 10, 12, 14};
  const words zero = {0};
  for (uint32_t from = 0; from < LANES; from += LENGTH) {
    words block;
    memcpy(&block, twice, sizeof block);
    block += first + from;
    words even[4] = {block, zero + k->slot, zero + k->step, zero + k->purpose};
    words odd[4] = {block + 1, even[1], even[2], even[3]};
    philox_words(even, k);
    philox_words(odd, k);
    for (int w = 0; w < 4; w++) {
      const words pairs = (even[w] & 0xffffffffu) | odd[w] << 32;
      memcpy(bits[w] + from, &pairs, sizeof pairs); /* the lower half lies first */
    }
  }
}

typedef uint32_t words_of_vector VECTOR(LENGTH);

/* Elements of which blocks side by side decide by their 16 bits from bit `shift`; y may be x. */
INLINE void drop_lanes(float *y, const float *x, const uint32_t bits[LANES], int shift, const pm_dropout_constants *k) {
  for (size_t l = 0; l < LANES; l += LENGTH) {
    const words_of_vector number = *(const words_of_vector *)(bits + l) >> shift & 0xffffu;
    const words_of_vector kept = (words_of_vector)(number >= k->least); /* all ones, or zeros */
    *(words_of_vector *)(y + l) = (words_of_vector)(load(x + l) * k->scale) & kept;
  }
}

void TIER(dropout)(float *y, const float *x, pm_dropout_constants k, size_t n) {
  enum { GROUP = DROPOUT_PARTS * LANES };
  uint32_t bits[4][LANES];
  for (size_t from = 0; from < n; from += GROUP, x += GROUP, y += GROUP) {
    float rest[GROUP] = {0};
    const size_t left = n - from;
    const float *in = x;
    float *out = y;
    if (left < GROUP)
      in = out = memcpy(rest, x, left * sizeof *x);
    philox_lanes(bits, random_dropout_block((uint32_t)from), &k);
    UNROLL
    for (int part = 0; part < DROPOUT_PARTS; part++)
      drop_lanes(out + part * LANES, in + part * LANES, bits[part / 2], part % 2 * 16, &k);
    if (left < GROUP)
      memcpy(y, rest, left * sizeof *y);
  }
}
