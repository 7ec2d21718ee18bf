/* test_map.c - the hash map: every key found, none that is not there, bounded probes. */
#include "harness.h"
#include "oom.h"

#include "base/map.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state;
}

static void fill(tare_map *map, uint64_t (*make_key)(uint32_t i), uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQ(tare_map_put(map, make_key(i), i, tare_alloc_system(), NULL), TARE_OK);
}

TEST(zeroed_map_is_empty)
{
    tare_map map = {0};
    CHECK_EQ(tare_map_get(&map, 0), TARE_MAP_ABSENT);
    CHECK_EQ(tare_map_get(&map, 42), TARE_MAP_ABSENT);
    tare_map_clear(&map);
    tare_map_deinit(&map, tare_alloc_system());
}

TEST(pack_puts_both_halves)
{
    CHECK_EQ(tare_pack(1, 2), INT64_C(0x100000002));
    CHECK_EQ(tare_pack(0, UINT32_MAX), UINT32_MAX);
}

TEST(values_are_set_and_replaced)
{
    tare_map map = {0};
    CHECK_EQ(tare_map_put(&map, 7, 70, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(tare_map_put(&map, 0, 1, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(tare_map_put(&map, UINT64_MAX, 0, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(tare_map_put(&map, 7, 71, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(map.count, 3);
    CHECK_EQ(tare_map_get(&map, 7), 71);
    CHECK_EQ(tare_map_get(&map, 0), 1);
    CHECK_EQ(tare_map_get(&map, UINT64_MAX), 0);
    CHECK_EQ(tare_map_get(&map, 8), TARE_MAP_ABSENT);
    tare_map_deinit(&map, tare_alloc_system());
    CHECK(map.keys == NULL && map.capacity == 0 && map.seed == 0);
}

TEST(many_keys_are_all_found_and_no_others)
{
    enum { COUNT = 20000 };
    tare_map map = {0};
    uint64_t state = 1;
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_EQ(tare_map_put(&map, next_random(&state), i, tare_alloc_system(), NULL), TARE_OK);
        CHECK(map.count == i + 1 && map.count <= map.capacity / 4 * 3);
        CHECK((map.capacity & (map.capacity - 1)) == 0);
    }
    state = 1;
    for (uint32_t i = 0; i < COUNT; i++)
        CHECK_EQ(tare_map_get(&map, next_random(&state)), i);
    for (uint32_t i = 0; i < COUNT; i++)
        CHECK_EQ(tare_map_get(&map, next_random(&state)), TARE_MAP_ABSENT);
    tare_map_deinit(&map, tare_alloc_system());
}

TEST(cleared_map_forgets_and_keeps_its_storage)
{
    tare_map map = {0};
    for (uint64_t key = 0; key < 100; key++)
        CHECK_EQ(tare_map_put(&map, key, 5, tare_alloc_system(), NULL), TARE_OK);
    uint32_t        capacity = map.capacity;
    const uint64_t *keys = map.keys;
    uint64_t        seed = map.seed;
    tare_map_clear(&map);
    CHECK_EQ(map.count, 0);
    for (uint64_t key = 0; key < 100; key++)
        CHECK_EQ(tare_map_get(&map, key), TARE_MAP_ABSENT);
    for (uint64_t key = 50; key < 150; key++)
        CHECK_EQ(tare_map_put(&map, key, (uint32_t)key, tare_alloc_system(), NULL), TARE_OK);
    for (uint64_t key = 0; key < 150; key++)
        CHECK_EQ(tare_map_get(&map, key), key < 50 ? TARE_MAP_ABSENT : key);
    CHECK(map.capacity == capacity && map.keys == keys && map.seed == seed);
    tare_map_deinit(&map, tare_alloc_system());
}

/* An even seed loses bits: with only the highest one, all keys want the first slot. */
TEST(keys_that_want_one_slot_stay_apart)
{
    enum { COUNT = 300 };
    tare_map map = {.seed = UINT64_C(1) << 63};
    for (uint32_t i = 0; i < COUNT; i++)
        CHECK_EQ(tare_map_put(&map, 3 * (uint64_t)i, i, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(map.seed, INT64_MIN);
    for (uint32_t key = 0; key < 3 * COUNT; key++)
        CHECK_EQ(tare_map_get(&map, key), key % 3 == 0 ? key / 3 : TARE_MAP_ABSENT);
    tare_map_deinit(&map, tare_alloc_system());
}

static uint64_t count_up(uint32_t i)
{
    return i;
}

static uint64_t count_high(uint32_t i)
{
    return (uint64_t)i << 40;
}

static uint64_t count_pages(uint32_t i)
{
    return UINT64_C(0x7f0000000000) + (uint64_t)i * 4096;
}

static uint64_t chain_nodes(uint32_t i)
{
    return tare_pack(i, i % 7);
}

static uint64_t fan_out(uint32_t i)
{
    return tare_pack(i % 3, i);
}

/* Mean distance of a key from the slot it wants, in hundredths. */
static uint64_t measure_probes(const tare_map *map)
{
    uint64_t sum = 0;
    for (uint32_t slot = 0; slot < map->capacity; slot++) {
        if (map->values[slot] != TARE_MAP_ABSENT)
            sum += (slot - (uint32_t)tare_mix(map->keys[slot], map->seed)) & (map->capacity - 1);
    }
    return sum * 100 / map->count;
}

/* Random keys at this load of 3/4 are 1.5 slots off in the mean, under any of the seeds. */
TEST(keys_in_patterns_are_spread)
{
    static uint64_t (*const patterns[])(uint32_t i) = {
        count_up, count_high, count_pages, chain_nodes, fan_out,
    };
    uint64_t state = 1;
    for (size_t i = 0; i < 20 * sizeof patterns / sizeof patterns[0]; i++) {
        tare_map map = {.seed = next_random(&state) | 1};
        fill(&map, patterns[i / 20], 3 << 10);
        CHECK_EQ(map.capacity, 4 << 10);
        CHECK(measure_probes(&map) < 400);
        tare_map_deinit(&map, tare_alloc_system());
    }
}

TEST(each_map_has_an_odd_seed_of_its_own)
{
    tare_map one = {0};
    tare_map other = {0};
    fill(&one, count_up, 1);
    fill(&other, count_up, 1);
    CHECK_EQ(one.seed & other.seed & 1, 1);
    CHECK(one.seed != other.seed);
    tare_map_deinit(&one, tare_alloc_system());
    tare_map_deinit(&other, tare_alloc_system());
}

TEST(failed_put_changes_nothing)
{
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom      memory;
        tare_map map = {0};
        uint32_t put_count = 0;
        oom_init(&memory, fail_at);
        failed = false;
        for (; put_count < 100 && !failed; put_count += !failed) {
            tare_map    before = map;
            tare_status status = tare_map_put(&map, put_count, put_count, &memory.alloc, NULL);
            failed = status != TARE_OK;
            CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
            CHECK(!failed || memcmp(&before, &map, sizeof map) == 0);
        }
        for (uint32_t key = 0; key < 100; key++)
            CHECK_EQ(tare_map_get(&map, key), key < put_count ? key : TARE_MAP_ABSENT);
        memory.fail_at = 0;
        CHECK_EQ(tare_map_put(&map, put_count, 9, &memory.alloc, NULL), TARE_OK);
        CHECK_EQ(tare_map_get(&map, put_count), 9);
        tare_map_deinit(&map, &memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
