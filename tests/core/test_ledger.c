/* test_ledger.c - amounts at the highest point, against copies of all cells made there. */
#include "harness.h"
#include "oom.h"

#include "memory/ledger.h"

enum { CELLS = 5, ONE = TARE_LEDGER_ONE };

static void make_cells(tare_ledger *ledger)
{
    *ledger = (tare_ledger){.alloc = tare_alloc_system()};
    for (uint32_t i = 0; i < CELLS; i++) {
        uint32_t id = UINT32_MAX;
        CHECK_EQ(tare_ledger_cell(ledger, 100 + i, 0, &id, NULL), TARE_OK);
        CHECK_EQ(id, i);
    }
}

static void add(tare_ledger *ledger, uint32_t cell, uint64_t bytes)
{
    tare_ledger_add(ledger, cell, (tare_held){bytes, ONE});
}

static void take(tare_ledger *ledger, uint32_t cell, uint64_t bytes)
{
    tare_ledger_remove(ledger, cell, (tare_held){bytes, ONE}, false);
}

TEST(the_peak_stays_when_all_is_gone)
{
    tare_ledger ledger;
    make_cells(&ledger);
    add(&ledger, 0, 100);
    add(&ledger, 1, 50); /* 150: the peak */
    take(&ledger, 0, 100);
    add(&ledger, 2, 70); /* 120 */
    CHECK_EQ(ledger.peak.bytes, 150);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 0).bytes, 100);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 1).bytes, 50);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 2).bytes, 0);
    add(&ledger, 2, 40); /* 160: the peak is now */
    CHECK_EQ(tare_ledger_at_peak(&ledger, 0).bytes, 0);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 2).bytes, 110);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 2).count, 2 * ONE);
    CHECK_EQ(tare_ledger_whole(ledger.peak.count), 3);
    tare_ledger_deinit(&ledger);
}

TEST(a_peak_can_begin_anew)
{
    tare_ledger ledger;
    make_cells(&ledger);
    add(&ledger, 0, 100);
    take(&ledger, 0, 100);
    add(&ledger, 1, 10);
    tare_ledger_reset_peak(&ledger);
    CHECK_EQ(ledger.peak.bytes, 10);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 0).bytes, 0);
    add(&ledger, 0, 5);
    take(&ledger, 1, 10);
    CHECK_EQ(ledger.peak.bytes, 15);
    CHECK_EQ(tare_ledger_at_peak(&ledger, 1).bytes, 10);
    tare_ledger_deinit(&ledger);
}

TEST(temporary_blocks_are_counted_apart)
{
    tare_ledger ledger;
    make_cells(&ledger);
    add(&ledger, 3, 8);
    tare_ledger_remove(&ledger, 3, (tare_held){8, ONE}, true);
    CHECK_EQ(ledger.cells[3].temporary.bytes, 8);
    CHECK_EQ(ledger.cells[3].temporary.count, ONE);
    CHECK_EQ(ledger.cells[3].freed.bytes, 8);
    CHECK_EQ(ledger.freed.bytes, 8);
    CHECK_EQ(ledger.live.bytes, 0);
    tare_ledger_deinit(&ledger);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* At the last moment at which the sum was highest. */
TEST(any_order_of_events)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        uint64_t    random = seed, sum = 0, highest = 0;
        uint64_t    live[CELLS] = {0}, at_highest[CELLS] = {0};
        tare_ledger ledger;
        make_cells(&ledger);
        for (int step = 0; step < 400; step++) {
            uint32_t cell = (uint32_t)(next_random(&random) % CELLS);
            uint64_t bytes = next_random(&random) % 4;
            if (next_random(&random) % 2 == 0) {
                add(&ledger, cell, bytes);
                live[cell] += bytes;
                sum += bytes;
            } else if (live[cell] >= bytes) {
                take(&ledger, cell, bytes);
                live[cell] -= bytes;
                sum -= bytes;
            }
            if (sum >= highest) {
                highest = sum;
                for (int i = 0; i < CELLS; i++)
                    at_highest[i] = live[i];
            }
            uint64_t peak_sum = 0;
            for (uint32_t i = 0; i < CELLS; i++) {
                CHECK_EQ(tare_ledger_at_peak(&ledger, i).bytes, at_highest[i]);
                peak_sum += tare_ledger_at_peak(&ledger, i).bytes;
            }
            CHECK_EQ(peak_sum, ledger.peak.bytes);
            CHECK_EQ(ledger.live.bytes, sum);
        }
        tare_ledger_deinit(&ledger);
    }
}

TEST(without_memory_there_is_no_cell)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_ledger ledger = {.alloc = &memory.alloc};
        uint32_t    id;
        status = tare_ledger_cell(&ledger, 1, 0, &id, NULL);
        CHECK_EQ(ledger.count, status == TARE_OK);
        tare_ledger_deinit(&ledger);
        CHECK_EQ(memory.outstanding, 0);
    }
}
