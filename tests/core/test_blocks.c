/* test_blocks.c - blocks that are held, against an array that is searched from the front. */
#include "harness.h"
#include "oom.h"

#include "memory/blocks.h"

enum { MODEL = 600 };

typedef struct model {
    uint64_t addresses[MODEL]; /* 0: none */
    uint64_t bytes[MODEL];
} model;

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static tare_status put(tare_blocks *blocks, uint64_t address, uint64_t bytes)
{
    tare_block block = {.bytes = bytes, .cell = 7, .birth = 9}, old = {0};
    bool       had = false;
    return tare_blocks_put(blocks, address, &block, &old, &had);
}

TEST(what_was_put_is_found_with_all_that_is_known)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    tare_block  block = {.bytes = TARE_BLOCKS_MAX_BYTES,
                         .cell = TARE_BLOCKS_MAX_CELLS - 1,
                         .birth = UINT16_MAX,
                         .watched = true};
    tare_block  found = {0}, old = {0};
    bool        had = false;
    uint64_t    address = TARE_BLOCKS_MAX_ADDRESS - 15;
    CHECK(!tare_blocks_get(&blocks, address, &found));
    CHECK(!tare_blocks_take(&blocks, address, &found));
    CHECK_EQ(tare_blocks_put(&blocks, address, &block, &old, &had), TARE_OK);
    CHECK(!had);
    CHECK(tare_blocks_get(&blocks, address, &found));
    CHECK(found.bytes == TARE_BLOCKS_MAX_BYTES);
    CHECK_EQ(found.cell, TARE_BLOCKS_MAX_CELLS - 1);
    CHECK_EQ(found.birth, UINT16_MAX);
    CHECK(found.watched);
    block = (tare_block){.bytes = UINT64_MAX, .cell = 1};
    CHECK_EQ(tare_blocks_put(&blocks, address, &block, &old, &had), TARE_OK);
    CHECK(had && old.watched && old.cell == TARE_BLOCKS_MAX_CELLS - 1);
    CHECK_EQ(blocks.count, 1);
    CHECK(tare_blocks_take(&blocks, address, &found));
    CHECK(found.bytes == TARE_BLOCKS_MAX_BYTES && found.cell == 1 && !found.watched);
    CHECK(!tare_blocks_get(&blocks, address, &found));
    tare_blocks_deinit(&blocks);
    tare_blocks_deinit(&blocks);
}

TEST(addresses_that_do_not_fit_are_refused)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    tare_block  found = {0};
    CHECK_EQ(put(&blocks, 0, 1), TARE_LIMIT);
    CHECK_EQ(put(&blocks, TARE_BLOCKS_MAX_ADDRESS + 1, 1), TARE_LIMIT);
    CHECK_EQ(blocks.count, 0);
    CHECK(!tare_blocks_get(&blocks, TARE_BLOCKS_MAX_ADDRESS + 1, &found));
    tare_blocks_deinit(&blocks);
}

static void check_model(const tare_blocks *blocks, const model *m)
{
    uint32_t count = 0;
    for (int i = 0; i < MODEL; i++) {
        tare_block found = {0};
        if (m->addresses[i] == 0)
            continue;
        count++;
        CHECK(tare_blocks_get(blocks, m->addresses[i], &found) && found.bytes == m->bytes[i]);
    }
    CHECK_EQ(blocks->count, count);
}

/* Neighbours of 16 bytes and far ones; the table grows on the way. */
TEST(any_order_of_puts_and_takes)
{
    static model m;
    tare_blocks  blocks = {.alloc = tare_alloc_system()};
    tare_block   found;
    uint64_t     random = 1;
    for (int step = 0; step < 60000; step++) {
        int  i = (int)(next_random(&random) % MODEL);
        bool filling = step / 5000 % 2 == 0;
        if (m.addresses[i] == 0 && (filling || next_random(&random) % 8 == 0)) {
            uint64_t address = UINT64_C(0x7f0000000000) + (uint64_t)i * (i % 3 == 0 ? 16 : 4096);
            m.addresses[i] = address;
            m.bytes[i] = next_random(&random);
            CHECK_EQ(put(&blocks, address, m.bytes[i]), TARE_OK);
        } else if (m.addresses[i] != 0) {
            CHECK(tare_blocks_take(&blocks, m.addresses[i], &found) && found.bytes == m.bytes[i]);
            m.addresses[i] = 0;
        }
        if (step % 1000 == 0)
            check_model(&blocks, &m);
    }
    check_model(&blocks, &m);
    tare_blocks_deinit(&blocks);
}

/* The promise of the header: at every load, beyond the smallest table. */
TEST(a_block_costs_at_most_32_bytes)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    for (uint64_t i = 1; i <= 300000; i++) {
        CHECK_EQ(put(&blocks, i * 48, i), TARE_OK);
        if (i > 128)
            CHECK((uint64_t)blocks.capacity * sizeof *blocks.slots <= 32 * (uint64_t)blocks.count);
    }
    tare_blocks_deinit(&blocks);
}

TEST(a_table_whose_blocks_have_gone_is_small_again)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    tare_block  found = {0};
    for (uint64_t i = 1; i <= 100000; i++)
        CHECK_EQ(put(&blocks, i * 16, i), TARE_OK);
    for (uint64_t i = 1; i <= 100000; i++)
        CHECK(tare_blocks_take(&blocks, i * 16, &found) && found.bytes == i);
    CHECK_EQ(blocks.count, 0);
    CHECK_EQ(blocks.capacity, 1 << 15); /* half a MiB */
    tare_blocks_deinit(&blocks);
}

TEST(births_are_halved_and_nothing_else)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    tare_block  found = {0};
    CHECK_EQ(put(&blocks, 0x5550, 123), TARE_OK);
    tare_blocks_age(&blocks);
    CHECK(tare_blocks_get(&blocks, 0x5550, &found));
    CHECK_EQ(found.birth, 4);
    CHECK(found.bytes == 123 && found.cell == 7);
    tare_blocks_deinit(&blocks);
}

TEST(all_are_listed_once)
{
    tare_blocks blocks = {.alloc = tare_alloc_system()};
    uint64_t    address = 0, sum = 0;
    tare_block  found = {0};
    for (uint64_t i = 1; i <= 1000; i++)
        CHECK_EQ(put(&blocks, i * 16, i), TARE_OK);
    for (uint32_t at = 0; tare_blocks_next(&blocks, &at, &address, &found);) {
        CHECK(address == found.bytes * 16);
        sum += found.bytes;
    }
    CHECK_EQ(sum, 500500);
    tare_blocks_deinit(&blocks);
}

TEST(without_memory_a_block_is_refused_and_the_others_stay)
{
    bool whole = false;
    for (size_t fail_at = 1; !whole; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_blocks blocks = {.alloc = &memory.alloc};
        uint32_t    kept = 0;
        for (uint64_t i = 1; i <= 2000; i++)
            kept += put(&blocks, i * 16, i) == TARE_OK;
        CHECK_EQ(blocks.count, kept);
        whole = kept == 2000;
        tare_blocks_deinit(&blocks);
        CHECK_EQ(memory.outstanding, 0);
    }
}
