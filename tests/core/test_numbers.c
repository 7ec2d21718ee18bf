/* test_numbers.c - the number of an address: what was written last, 0 for all others. */
#include "harness.h"
#include "oom.h"

#include "heap/numbers.h"

enum { COUNT = 5000 };

/* Near and far, in few chunks and in many; some share a place in the cache. */
static uint64_t nth_address(uint32_t i)
{
    if (i % 3 == 0)
        return UINT64_C(0x7f0000000000) + (uint64_t)i * TARE_NUMBERS_SPACING;
    if (i % 3 == 1)
        return (uint64_t)i % 64 * TARE_NUMBERS_CACHED * TARE_NUMBERS_CHUNK_BYTES + i * 16;
    return (uint64_t)i * 0x51230 / TARE_NUMBERS_SPACING * TARE_NUMBERS_SPACING + 8;
}

TEST(zeroed_table_has_no_number)
{
    tare_numbers table = {.alloc = tare_alloc_system()};
    CHECK_EQ(tare_numbers_find(&table, 0), 0);
    CHECK_EQ(tare_numbers_find(&table, 4096), 0);
    tare_numbers_deinit(&table);
}

TEST(each_keeps_its_number)
{
    tare_numbers table = {.alloc = tare_alloc_system()};
    uint32_t    *slot;
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQ(tare_numbers_find(&table, nth_address(i)), 0);
        CHECK_EQ(tare_numbers_slot(&table, nth_address(i), &slot, NULL), TARE_OK);
        CHECK_EQ(*slot, 0);
        *slot = i + 1;
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQ(tare_numbers_slot(&table, nth_address(i), &slot, NULL), TARE_OK);
        CHECK_EQ(*slot, i + 1);
        CHECK_EQ(tare_numbers_find(&table, nth_address(i)), i + 1);
    }
    tare_numbers_deinit(&table);
}

static tare_status number_some(const tare_alloc *alloc)
{
    tare_numbers table = {.alloc = alloc};
    tare_status  status = TARE_OK;
    for (uint32_t i = 0; i < 30 && status == TARE_OK; i++) {
        uint32_t *slot = NULL;
        status = tare_numbers_slot(&table, nth_address(i), &slot, NULL);
        CHECK_EQ(slot != NULL, status == TARE_OK);
        if (slot != NULL)
            *slot = i + 1;
        CHECK_EQ(tare_numbers_find(&table, nth_address(i)), slot != NULL ? i + 1 : 0);
    }
    tare_numbers_deinit(&table);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = number_some(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
