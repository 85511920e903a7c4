/* Memory by lifetime: everything that lives equally long comes from one arena and goes with it.
 * Allocation never returns NULL: it ends the program through pm_fail. */
#ifndef PM_CORE_MEMORY_H
#define PM_CORE_MEMORY_H

#include "core/fail.h"

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_arena pm_arena;

/* The caller frees it, and with it everything that was allocated from it. NULL is ignored by pm_arena_free. */
pm_arena *pm_arena_new(void);
void pm_arena_free(pm_arena *arena);

/* Calls release(object) when the arena is freed, before its memory goes; newest first. What `release` touches may lie
 * in the arena. So an open file ends with the arena even where a pm_fail handler jumped away. */
void pm_arena_defer(pm_arena *arena, void (*release)(void *object), void *object);

/* An arena for what is needed only for a while, `*scratch`: pm_scratch_free frees it, or `arena` when it is freed
 * itself, so that it goes even where a pm_fail handler jumped away. */
pm_arena **pm_scratch_new(pm_arena *arena);
void pm_scratch_free(pm_arena **scratch);

/* `count` items of `size` bytes, zeroed, aligned to 64 bytes. The product is checked. count 0 gives a valid pointer. */
void *pm_alloc(pm_arena *arena, size_t count, size_t size);

/* A block that may grow: returns a block of at least `need` items that begins with the `*capacity` items of `block`
 * (NULL at first) and updates `*capacity`; at least doubles, so that appending is linear. The old block stays in the
 * arena (big ones are given back at once). */
void *pm_grow(pm_arena *arena, void *block, size_t *capacity, size_t need, size_t size);

char *pm_copy_text(pm_arena *arena, const char *text);
char *pm_format(pm_arena *arena, const char *format, ...) PM_PRINTF(2, 3);
/* "1 sprite", "12 sprites": a number and its noun, which is given in the singular (class and copy have plurals of their
 * own: classes, copies). */
char *pm_counted(pm_arena *arena, size_t n, const char *noun);
char *pm_format_list(pm_arena *arena, const char *format, va_list arguments);

/* a * b and a + b; pm_fail(PM_BAD_INPUT, place, …) if the result does not fit. */
size_t pm_multiply(const char *place, size_t a, size_t b);
size_t pm_add(const char *place, size_t a, size_t b);

/* Largest resident size of this process so far, in bytes; 0 where the system does not tell. */
size_t pm_peak_memory(void);

/* Fault injection for the tests: the n-th allocation from now fails as if memory were out; 0 stops it. The environment
 * variable PIXELMILL_FAIL_ALLOCATION=n does the same to a tool. */
void pm_fail_allocation(size_t n);

#ifdef __cplusplus
}
#endif
#endif
