/* test_addresses.c - the set of addresses: each is new once, none that was not added is there. */
#include "harness.h"
#include "oom.h"

#include "heap/addresses.h"

enum { COUNT = 5000 };

/* Near and far, in few chunks and in many. */
static uint64_t nth_address(uint32_t i)
{
    return i % 2 ? UINT64_C(0x7f0000000000) + (uint64_t)i * TARE_ADDRESSES_SPACING
                 : (uint64_t)i * 0x51230 / TARE_ADDRESSES_SPACING * TARE_ADDRESSES_SPACING + 8;
}

TEST(zeroed_set_is_empty)
{
    tare_addresses set = {.alloc = tare_alloc_system()};
    CHECK(!tare_addresses_has(&set, 0));
    CHECK(!tare_addresses_has(&set, 4096));
    tare_addresses_clear(&set);
    tare_addresses_deinit(&set);
}

TEST(each_is_new_once)
{
    tare_addresses set = {.alloc = tare_alloc_system()};
    bool           is_new;
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK(!tare_addresses_has(&set, nth_address(i)));
        CHECK_EQ(tare_addresses_add(&set, nth_address(i), &is_new, NULL), TARE_OK);
        CHECK(is_new);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK(tare_addresses_has(&set, nth_address(i)));
        CHECK_EQ(tare_addresses_add(&set, nth_address(i), &is_new, NULL), TARE_OK);
        CHECK(!is_new);
    }
    CHECK_EQ(set.count, COUNT);
    tare_addresses_clear(&set);
    CHECK_EQ(set.count, 0);
    CHECK(!tare_addresses_has(&set, nth_address(7)));
    tare_addresses_deinit(&set);
}

/* Two objects are never closer than 16 bytes, wherever they begin. */
TEST(neighbours_are_told_apart)
{
    tare_addresses set = {.alloc = tare_alloc_system()};
    bool           is_new;
    for (uint64_t offset = 0; offset < 16; offset++) {
        CHECK_EQ(tare_addresses_add(&set, 4096 + offset * 4096 + offset, &is_new, NULL), TARE_OK);
        CHECK_EQ(tare_addresses_add(&set, 4096 + offset * 4096 + offset + 16, &is_new, NULL),
                 TARE_OK);
        CHECK(is_new);
    }
    tare_addresses_deinit(&set);
}

static tare_status add_some(const tare_alloc *alloc)
{
    tare_addresses set = {.alloc = alloc};
    bool           is_new;
    tare_status    status = TARE_OK;
    for (uint32_t i = 0; i < 200 && status == TARE_OK; i++) {
        uint64_t before = set.count;
        status = tare_addresses_add(&set, nth_address(i), &is_new, NULL);
        CHECK_EQ(set.count, before + (status == TARE_OK));
        CHECK_EQ(tare_addresses_has(&set, nth_address(i)), status == TARE_OK);
    }
    tare_addresses_deinit(&set);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = add_some(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
