#include "core/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/sizes.h"

#if defined(__SANITIZE_ADDRESS__)
#define SEPARATE_BLOCKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEPARATE_BLOCKS 1
#endif
#endif
#ifndef SEPARATE_BLOCKS
#define SEPARATE_BLOCKS 0
#endif

enum { ALIGNMENT = 64, CHUNK_BYTES = 64 * 1024, BIG_BYTES = 64 * 1024 };

/* Stands in the 64 bytes before its memory. Chunks hand out their memory from the front; big blocks (and every block
 * under AddressSanitizer, so that it sees each one's ends) are one allocation. */
typedef struct block {
  struct block *next, *previous;
  void *base; /* what malloc returned */
} block;

_Static_assert(sizeof(block) <= ALIGNMENT, "a block's header fits before its memory");

typedef struct deferred {
  struct deferred *next;
  void (*release)(void *object);
  void *object;
} deferred;

struct pm_arena {
  block *blocks;
  deferred *deferred;
  unsigned char *free;
  size_t free_bytes;
};

static _Atomic size_t fail_in;
static _Atomic bool environment_read;

void pm_fail_allocation(size_t n) {
  environment_read = true;
  fail_in = n;
}

static bool injected_failure(void) {
  if (!environment_read) {
    uint64_t n = 0;
    const char *text = getenv("PIXELMILL_FAIL_ALLOCATION");
    pm_fail_allocation(text && pm_parse_unsigned(text, SIZE_MAX, &n) ? (size_t)n : 0);
  }
  if (fail_in == 0)
    return false;
  return --fail_in == 0;
}

PM_NORETURN static void out_of_memory(size_t count, size_t size) {
  pm_fail(PM_FAILED, NULL, "out of memory: %zu times %zu bytes cannot be had", count, size);
}

/* NULL if memory is out. Zeroed; its memory is aligned and `size` bytes long. */
static block *block_new(size_t size) {
  if (size > SIZE_MAX - 2 * ALIGNMENT)
    return NULL;
  if (SEPARATE_BLOCKS) {
    void *base = NULL;
    if (posix_memalign(&base, ALIGNMENT, size + ALIGNMENT))
      return NULL;
    memset(base, 0, size + ALIGNMENT);
    ((block *)base)->base = base;
    return base;
  }
  /* calloc, aligned by hand: big blocks come from the system as zero pages that cost nothing until they are used. */
  unsigned char *base = calloc(1, size + 2 * ALIGNMENT);
  if (!base)
    return NULL;
  block *made = (block *)(base + (ALIGNMENT - (uintptr_t)base % ALIGNMENT) % ALIGNMENT);
  made->base = base;
  return made;
}

static void *block_memory(block *of) {
  return (unsigned char *)of + ALIGNMENT;
}

static void *block_link(pm_arena *arena, block *made) {
  made->next = arena->blocks;
  made->previous = NULL;
  if (made->next)
    made->next->previous = made;
  arena->blocks = made;
  return block_memory(made);
}

static void block_give_back(pm_arena *arena, void *memory) {
  block *gone = (block *)((unsigned char *)memory - ALIGNMENT);
  if (gone->next)
    gone->next->previous = gone->previous;
  if (gone->previous)
    gone->previous->next = gone->next;
  else
    arena->blocks = gone->next;
  free(gone->base);
}

pm_arena *pm_arena_new(void) {
  pm_arena *arena = injected_failure() ? NULL : calloc(1, sizeof *arena);
  if (!arena)
    out_of_memory(1, sizeof *arena);
  return arena;
}

void pm_arena_free(pm_arena *arena) {
  if (!arena)
    return;
  for (deferred *one = arena->deferred; one; one = one->next)
    one->release(one->object);
  for (block *one = arena->blocks, *next; one; one = next) {
    next = one->next;
    free(one->base);
  }
  free(arena);
}

void pm_arena_defer(pm_arena *arena, void (*release)(void *object), void *object) {
  deferred *one = pm_alloc(arena, 1, sizeof *one);
  *one = (deferred){arena->deferred, release, object};
  arena->deferred = one;
}

static void release_scratch(void *object) {
  pm_arena **scratch = object;
  pm_arena_free(*scratch);
  *scratch = NULL;
}

pm_arena **pm_scratch_new(pm_arena *arena) {
  pm_arena **scratch = pm_alloc(arena, 1, sizeof(pm_arena *));
  pm_arena_defer(arena, release_scratch, scratch);
  *scratch = pm_arena_new();
  return scratch;
}

void pm_scratch_free(pm_arena **scratch) {
  release_scratch(scratch);
}

void *pm_alloc(pm_arena *arena, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - 2 * ALIGNMENT || injected_failure())
    out_of_memory(count, size);
  if (SEPARATE_BLOCKS || bytes >= BIG_BYTES) {
    block *made = block_new(bytes);
    if (!made)
      out_of_memory(count, size);
    return block_link(arena, made);
  }
  /* Never two empty blocks at one place: a pointer tells its block from every other. */
  size_t rounded = bytes ? pm_rounded_up(bytes, ALIGNMENT) : ALIGNMENT;
  if (rounded > arena->free_bytes) {
    block *chunk = block_new(CHUNK_BYTES);
    if (!chunk)
      out_of_memory(count, size);
    arena->free = block_link(arena, chunk);
    arena->free_bytes = CHUNK_BYTES;
  }
  void *memory = arena->free;
  arena->free += rounded;
  arena->free_bytes -= rounded;
  return memory;
}

void *pm_grow(pm_arena *arena, void *memory, size_t *capacity, size_t need, size_t size) {
  assert(size > 0 && (memory || *capacity == 0));
  if (memory && need <= *capacity)
    return memory;
  size_t wanted = *capacity > SIZE_MAX / 2 ? SIZE_MAX : 2 * *capacity;
  if (wanted < need)
    wanted = need;
  if (wanted < 8 && size <= 64)
    wanted = 8;
  void *grown = pm_alloc(arena, wanted, size);
  if (memory) {
    size_t used = *capacity * size;
    memcpy(grown, memory, used);
    if (used >= BIG_BYTES)
      block_give_back(arena, memory);
  }
  *capacity = wanted;
  return grown;
}

char *pm_copy_text(pm_arena *arena, const char *text) {
  size_t bytes = strlen(text) + 1;
  return memcpy(pm_alloc(arena, bytes, 1), text, bytes);
}

char *pm_format(pm_arena *arena, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = pm_format_list(arena, format, arguments);
  va_end(arguments);
  return text;
}

char *pm_format_list(pm_arena *arena, const char *format, va_list arguments) {
  assert(format);
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  assert(length >= 0);
  char *text = pm_alloc(arena, (size_t)length + 1, 1);
  vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

char *pm_counted(pm_arena *arena, size_t n, const char *noun) {
  size_t length = strlen(noun);
  char last = length ? noun[length - 1] : 0;
  bool as_y = last == 'y' && length > 1 && !strchr("aeiou", noun[length - 2]);
  return n == 1 ? pm_format(arena, "1 %s", noun)
         : as_y ? pm_format(arena, "%zu %.*sies", n, (int)length - 1, noun)
                : pm_format(arena, "%zu %s%s", n, noun, last == 's' || last == 'x' ? "es" : "s");
}

size_t pm_multiply(const char *place, size_t a, size_t b) {
  size_t product;
  if (__builtin_mul_overflow(a, b, &product))
    pm_fail(PM_BAD_INPUT, place, "%zu times %zu is too large for this machine", a, b);
  return product;
}

size_t pm_add(const char *place, size_t a, size_t b) {
  size_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    pm_fail(PM_BAD_INPUT, place, "%zu plus %zu is too large for this machine", a, b);
  return sum;
}
