#include "check.h"

#include "core/memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void assert_zero(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (bytes[i])
      fail_msg("byte %zu is %d and not zero", i, bytes[i]);
}

/* Blocks of every kind of size are zeroed, aligned, apart from each other and stay as they were written. */
static void blocks(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 63, 64, 65, 1000, 65535, 65536, 65537, 3, 200000, 0, 7};
  enum { COUNT = sizeof sizes / sizeof *sizes, ROUNDS = 40 };
  pm_arena *arena = pm_arena_new();
  unsigned char *block[ROUNDS][COUNT];
  for (int round = 0; round < ROUNDS; round++)
    for (size_t i = 0; i < COUNT; i++) {
      block[round][i] = pm_alloc(arena, sizes[i], 1);
      assert_non_null(block[round][i]);
      assert_int_equal((uintptr_t)block[round][i] % 64, 0);
      assert_zero(block[round][i], sizes[i]);
      memset(block[round][i], round + (int)i + 1, sizes[i]);
    }
  for (int round = 0; round < ROUNDS; round++)
    for (size_t i = 0; i < COUNT; i++)
      for (size_t k = 0; k < sizes[i]; k++)
        if (block[round][i][k] != (unsigned char)(round + (int)i + 1))
          fail_msg("block %zu of round %d was written over", i, round);
  pm_arena_free(arena);
  pm_arena_free(NULL);
}

static void empty_blocks_differ(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  void *a = pm_alloc(arena, 0, 8), *b = pm_alloc(arena, 0, 8);
  assert_ptr_not_equal(a, b);
  pm_arena_free(arena);
}

static void too_much(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, SIZE_MAX / 2, 3));
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, SIZE_MAX / 2 + 2, 2)); /* 2 bytes, taken modulo 2^64 */
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, SIZE_MAX, 1));
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, SIZE_MAX - 100, 1));
#ifndef __SANITIZE_ADDRESS__ /* which ends the program by itself */
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, SIZE_MAX / 4, 1));
#endif
  pm_arena_free(arena);
}

static void growing(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  size_t capacity = 0, moves = 0;
  uint32_t *items = NULL;
  for (uint32_t i = 0; i < 300000; i++) {
    uint32_t *before = items;
    size_t old = capacity;
    items = pm_grow(arena, items, &capacity, i + 1, sizeof *items);
    assert_true(capacity >= i + 1);
    if (items != before) {
      assert_true(capacity >= 2 * old);
      assert_zero((unsigned char *)(items + old), (capacity - old) * sizeof *items);
      moves++;
    }
    items[i] = i * 2654435761u;
  }
  for (uint32_t i = 0; i < 300000; i++)
    assert_true(items[i] == i * 2654435761u);
  assert_true(moves < 20);
  assert_ptr_equal(pm_grow(arena, items, &capacity, 5, sizeof *items), items);
  size_t none = 0;
  assert_non_null(pm_grow(arena, NULL, &none, 0, 4));
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_grow(arena, items, &capacity, SIZE_MAX / 2, sizeof *items));
  pm_arena_free(arena);
}

/* Big blocks that were grown out of are given back. */
static void growing_gives_back(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  size_t capacity = 0, need = 1;
  char *bytes = NULL;
  for (; need <= 64u << 20; need *= 2) {
    bytes = pm_grow(arena, bytes, &capacity, need, 1);
    bytes[need - 1] = 1;
  }
  void *other = pm_alloc(arena, 100000, 1);
  bytes = pm_grow(arena, bytes, &capacity, need, 1); /* not the newest block any more */
  assert_non_null(other);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  assert_true(mallinfo2().hblkhd < capacity + (4u << 20));
#endif
  for (size_t at = 1; at < need; at *= 2)
    assert_int_equal(bytes[at - 1], 1);
  pm_arena_free(arena);
}

static void texts(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const char *text = "montage";
  char *copy = pm_copy_text(arena, text);
  assert_string_equal(copy, text);
  assert_ptr_not_equal(copy, text);
  assert_string_equal(pm_copy_text(arena, ""), "");
  assert_string_equal(pm_format(arena, "%s:%d", "a", 7), "a:7");
  assert_string_equal(pm_counted(arena, 1, "sprite"), "1 sprite");
  assert_string_equal(pm_counted(arena, 0, "sprite"), "0 sprites");
  assert_string_equal(pm_counted(arena, 1000, "class"), "1000 classes");
  assert_string_equal(pm_counted(arena, 2, "copy"), "2 copies");
  assert_string_equal(pm_counted(arena, 2, "key"), "2 keys");
  assert_string_equal(pm_counted(arena, 1, "copy"), "1 copy");
  char *wide = pm_format(arena, "%5000d", 1);
  assert_int_equal(strlen(wide), 5000);
  assert_int_equal(wide[4999], '1');
  pm_arena_free(arena);
}

static void products_and_sums(void **state) {
  (void)state;
  assert_int_equal(pm_multiply("x.npy", 6, 7), 42);
  assert_int_equal(pm_multiply("x.npy", 0, SIZE_MAX), 0);
  assert_true(pm_multiply("x.npy", SIZE_MAX / 2, 2) == SIZE_MAX - 1);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "x.npy: 9223372036854775808 times 2 is too large",
                 pm_multiply("x.npy", SIZE_MAX / 2 + 1, 2));
  assert_true(pm_add("x.npy", SIZE_MAX - 1, 1) == SIZE_MAX);
  PM_EXPECT_FAIL(PM_BAD_INPUT, "x.npy: ", pm_add("x.npy", SIZE_MAX, 1));
}

static void injected(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_fail_allocation(3);
  pm_alloc(arena, 1, 1);
  pm_alloc(arena, 1, 1);
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_alloc(arena, 1, 1));
  pm_alloc(arena, 1, 1); /* only the one */
  pm_fail_allocation(1);
  PM_EXPECT_FAIL(PM_FAILED, "out of memory", pm_arena_new());
  pm_fail_allocation(1);
  pm_fail_allocation(0);
  pm_alloc(arena, 1, 1);
  pm_arena_free(arena);
}

static char released[8];

static void note_release(void *object) {
  size_t used = strlen(released);
  assert_true(used + strlen(object) < sizeof released);
  snprintf(released + used, sizeof released - used, "%s", (const char *)object);
}

static void deferred(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  pm_arena_defer(arena, note_release, pm_copy_text(arena, "1"));
  pm_arena_defer(arena, note_release, pm_copy_text(arena, "2"));
  assert_string_equal(released, "");
  pm_arena_free(arena);
  assert_string_equal(released, "21");
}

static void peak(void **state) {
  (void)state;
  size_t before = pm_peak_memory();
  assert_true(before > 100000 && before < (size_t)1 << 40);
  pm_arena *arena = pm_arena_new();
  size_t bytes = 64u << 20;
  memset(pm_alloc(arena, bytes, 1), 1, bytes);
  assert_true(pm_peak_memory() >= bytes);
  pm_arena_free(arena);
  assert_true(pm_peak_memory() >= bytes);
}

/* pm_fail itself: what it prints, what runs before the end, which status comes out. */
static void first_clean_up(void) {
  fputs("first ", stderr);
}

static void second_clean_up(void) {
  fputs("second ", stderr);
}

static void fail_with_clean_ups(void *context) {
  (void)context;
  pm_set_tool_name("montage");
  pm_at_fail(first_clean_up);
  pm_at_fail(second_clean_up);
  pm_at_fail(first_clean_up); /* once is enough */
  pm_fail(PM_BAD_INPUT, "a.png: byte 8", "is %d", 5);
}

static void speak(void *context) {
  (void)context;
  pm_set_tool_name("snap");
  pm_say(0, "usual");
  pm_say(1, "more");
  pm_set_verbosity(1);
  pm_say(1, "more %d", 2);
  pm_set_verbosity(-1);
  pm_say(0, "usual again");
  pm_warn(NULL, "careful");
  pm_warn("x\x1b[31m.npy", "two\nlines");
  pm_warn("x\xc2\x9b"
          "31m\xc2\x7f.npy",
          "\xc2\xa0\xc3\x9b stays"); /* ESC [ is also one character of UTF-8 */
}

static void fail_without_place(void *context) {
  (void)context;
  pm_set_tool_name("snap");
  pm_fail(PM_FAILED, NULL, "%s", (const char *)pm_format(pm_arena_new(), "%9000d", 1));
}

static void messages(void **state) {
  (void)state;
  static check_output output;
  assert_int_equal(check_child(fail_with_clean_ups, NULL, "", &output), PM_BAD_INPUT);
  assert_string_equal(output.err, "second first montage: a.png: byte 8: is 5\n");
  assert_string_equal(output.out, "");
  assert_int_equal(check_child(speak, NULL, "", &output), 0);
  assert_string_equal(output.err, "usual\nmore 2\nsnap: careful\nsnap: x?[31m.npy: two?lines\n"
                                  "snap: x??31m\xc2?.npy: \xc2\xa0\xc3\x9b stays\n");
  assert_int_equal(check_child(fail_without_place, NULL, "", &output), PM_FAILED);
  assert_int_equal(output.err[strlen(output.err) - 1], '\n'); /* cut, and still a line */
  PM_EXPECT_FAIL(PM_WRONG_USAGE, ": no", pm_fail(PM_WRONG_USAGE, NULL, "no"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks),
      cmocka_unit_test(empty_blocks_differ),
      cmocka_unit_test(too_much),
      cmocka_unit_test(growing),
      cmocka_unit_test(growing_gives_back),
      cmocka_unit_test(texts),
      cmocka_unit_test(injected),
      cmocka_unit_test(products_and_sums),
      cmocka_unit_test(deferred),
      cmocka_unit_test(peak),
      cmocka_unit_test(messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
