/* test_suspended.c - how long each activation was suspended. */
#include "harness.h"
#include "oom.h"

#include "trace/suspended.h"

TEST(time_between_begin_and_end)
{
    tare_suspended suspended = {.alloc = tare_alloc_system()};
    tare_suspended_begin(&suspended, 0x1000, 10);
    tare_suspended_begin(&suspended, 0x2000, 20);
    CHECK_EQ(tare_suspended_end(&suspended, 0x1000, 35), 25);
    CHECK_EQ(tare_suspended_end(&suspended, 0x2000, 36), 16);
    CHECK_EQ(tare_suspended_end(&suspended, 0x2000, 40), 0); /* not suspended any more */
    CHECK_EQ(tare_suspended_end(&suspended, 0x3000, 40), 0); /* never was */
    tare_suspended_deinit(&suspended);
    CHECK(suspended.since == NULL);
    tare_suspended_deinit(&suspended);
}

TEST(an_address_that_is_used_again_begins_anew)
{
    tare_suspended suspended = {.alloc = tare_alloc_system()};
    tare_suspended_begin(&suspended, 0x1000, 10);
    tare_suspended_begin(&suspended, 0x1000, 50); /* the first was dropped */
    CHECK_EQ(tare_suspended_end(&suspended, 0x1000, 51), 1);
    CHECK_EQ(suspended.by_address.count, 1);
    tare_suspended_deinit(&suspended);
}

TEST(time_never_runs_backwards)
{
    tare_suspended suspended = {.alloc = tare_alloc_system()};
    tare_suspended_begin(&suspended, 0x1000, 10);
    CHECK_EQ(tare_suspended_end(&suspended, 0x1000, 9), 0);
    tare_suspended_deinit(&suspended);
}

TEST(without_memory_time_is_lost_and_counted)
{
    bool whole = false;
    for (size_t fail_at = 1; !whole; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_suspended suspended = {.alloc = &memory.alloc};
        uint64_t       known = 0;
        for (uintptr_t i = 1; i <= 100; i++)
            tare_suspended_begin(&suspended, i * 16, i);
        for (uintptr_t i = 1; i <= 100; i++)
            known += tare_suspended_end(&suspended, i * 16, 200) == 200 - i;
        CHECK_EQ(known + suspended.lost_count, 100);
        whole = suspended.lost_count == 0;
        tare_suspended_deinit(&suspended);
        CHECK_EQ(memory.outstanding, 0);
    }
}
