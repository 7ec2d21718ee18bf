/* test_alloc.c - zeroed memory, growth, and what is kept when there is none. */
#include "harness.h"
#include "oom.h"

TEST(acquired_memory_is_zeroed_and_released_whole)
{
    oom   memory;
    void *block;
    oom_init(&memory, 0);
    CHECK_EQ(tare_acquire(&memory.alloc, &block, 10, 24, NULL), TARE_OK);
    CHECK_EQ(memory.outstanding, 240);
    const char *bytes = block;
    int         set_count = 0;
    for (int i = 0; i < 240; i++)
        set_count += bytes[i] != 0;
    CHECK_EQ(set_count, 0);
    tare_release(&memory.alloc, block, 10, 24);
    CHECK_EQ(memory.outstanding, 0);
}

TEST(nothing_is_acquired_for_no_items)
{
    oom   memory;
    void *block = &memory;
    oom_init(&memory, 1);
    CHECK_EQ(tare_acquire(&memory.alloc, &block, 0, 24, NULL), TARE_OK);
    CHECK(block == NULL);
    CHECK_EQ(memory.requests, 0);
    tare_release(&memory.alloc, NULL, 7, 24);
}

TEST(acquiring_fails_without_memory)
{
    oom        memory;
    void      *block = &memory;
    tare_error err;
    oom_init(&memory, 1);
    CHECK_EQ(tare_acquire(&memory.alloc, &block, 10, 24, &err), TARE_NO_MEMORY);
    CHECK(block == NULL);
    CHECK(strcmp(err.message, "get memory for 10 items of 24 bytes: out of memory") == 0);
}

TEST(sizes_that_overflow_are_never_asked_for)
{
    oom   memory;
    void *items = NULL;
    oom_init(&memory, 0);
    CHECK_EQ(tare_acquire(&memory.alloc, &items, SIZE_MAX / 2, 3, NULL), TARE_NO_MEMORY);
    uint32_t capacity = 0;
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, 1000, SIZE_MAX / 999, NULL),
             TARE_NO_MEMORY);
    CHECK_EQ(memory.requests, 0);
    CHECK(items == NULL && capacity == 0);
}

TEST(growth_doubles_keeps_items_and_zeroes_new_ones)
{
    static const struct {
        size_t   need;
        uint32_t capacity; /* after it */
    } steps[] = {{1, 8}, {8, 8}, {9, 16}, {17, 32}, {100, 100}, {101, 200}};
    oom      memory;
    void    *items = NULL;
    uint32_t capacity = 0;
    uint32_t used = 0;
    oom_init(&memory, 0);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, steps[i].need, 4, NULL), TARE_OK);
#ifdef TARE_HARD
        CHECK_EQ(capacity, steps[i].need);
#else
        CHECK_EQ(capacity, steps[i].capacity);
#endif
        CHECK_EQ(memory.outstanding, 4 * (size_t)capacity);
        uint32_t *numbers = items;
        for (uint32_t at = 0; at < capacity; at++)
            CHECK_EQ(numbers[at], at < used ? at + 1 : 0);
        for (; used < capacity; used++)
            numbers[used] = used + 1;
    }
    tare_release(&memory.alloc, items, capacity, 4);
    CHECK_EQ(memory.outstanding, 0);
}

TEST(failed_growth_changes_nothing)
{
    oom      memory;
    void    *items = NULL;
    uint32_t capacity = 0;
    oom_init(&memory, 2);
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, 8, 8, NULL), TARE_OK);
    void *before = items;
    memset(items, 7, 64);
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, 9, 8, NULL), TARE_NO_MEMORY);
    CHECK(items == before && capacity == 8);
    CHECK_EQ(((const char *)items)[63], 7);
    tare_release(&memory.alloc, items, capacity, 8);
    CHECK_EQ(memory.outstanding, 0);
}

TEST(tables_have_a_largest_size)
{
    oom        memory;
    void      *items = NULL;
    uint32_t   capacity = 0;
    tare_error err;
    oom_init(&memory, 1);
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, UINT32_MAX / 2, 1, &err), TARE_NO_MEMORY);
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, UINT32_MAX / 2 + 1U, 1, &err), TARE_LIMIT);
    CHECK_EQ(tare_grow(&memory.alloc, &items, &capacity, SIZE_MAX, 1, &err), TARE_LIMIT);
    CHECK_EQ(memory.requests, 1);
}

TEST(system_allocator_serves)
{
    void *block;
    CHECK_EQ(tare_acquire(tare_alloc_system(), &block, 3, 5, NULL), TARE_OK);
    CHECK(block != NULL);
    tare_release(tare_alloc_system(), block, 3, 5);
    CHECK(tare_alloc_system() == tare_alloc_system());
}
