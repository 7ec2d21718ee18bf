/* test_snapshot_ways.c - how the objects of a type were held, from a snapshot of known ways. */
#include "harness.h"
#include "known_heap.h"
#include "oom.h"

#include "heap/snapshot_ways.h"

static bool reads(const tare_patterns *patterns, uint32_t pattern, const char *text)
{
    uint32_t way[16];
    bool     cut;
    char     joined[300] = "";
    uint32_t length = tare_patterns_way(patterns, pattern, way, 16, &cut);
    for (uint32_t i = 0; i < length; i++)
        strcat(joined, tare_intern_get(&patterns->strings, patterns->patterns[way[i]].text).bytes);
    return strcmp(joined, text) == 0;
}

static void check_ranked(const tare_snapshot_ways *ways, const char *const *texts,
                         const uint64_t *counts, uint32_t expected)
{
    uint32_t ranked[16], count, all_count;
    CHECK_EQ(tare_patterns_rank(&ways->patterns, ranked, 16, &count, &all_count, NULL), TARE_OK);
    CHECK_EQ(count, expected);
    for (uint32_t i = 0; i < expected && i < count; i++) {
        CHECK(reads(&ways->patterns, ranked[i], texts[i]));
        CHECK_EQ(ways->patterns.patterns[ranked[i]].count, counts[i]);
    }
}

static void check_ways(const tare_snapshot *snapshot, const char *type, uint64_t objects,
                       const char *const *texts, const uint64_t *counts, uint32_t expected)
{
    tare_snapshot_ways ways = {0};
    CHECK_EQ(tare_snapshot_ways_find(&ways, snapshot, known_text(type), NULL), TARE_OK);
    CHECK_EQ(ways.count, objects);
    check_ranked(&ways, texts, counts, expected);
    tare_snapshot_ways_deinit(&ways);
}

TEST(reached_and_not)
{
    tare_snapshot snapshot;
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    check_ways(&snapshot, "app.Row", 2, (const char *[]){"sys.modules['app'].rows[*]", "(garbage)"},
               (uint64_t[]){1, 1}, 2);
    check_ways(&snapshot, "app.None", 0, NULL, NULL, 0);
    check_ways(&snapshot, "app.Ro", 0, NULL, NULL, 0);
    tare_snapshot_deinit(&snapshot);
}

/* A dict of many keys and one of few, and rows that hold rows. */
TEST(keys_of_many_and_of_few)
{
    tare_snapshot snapshot;
    char          key[20];
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    uint32_t many = snapshot.object_count;
    CHECK_EQ(known_object(&snapshot, 1, 0, ".many", 10, 0), TARE_OK);
    CHECK_EQ(known_object(&snapshot, 1, 0, ".few", 10, 0), TARE_OK);
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "['%u']", i);
        CHECK_EQ(known_object(&snapshot, 4, many, key, i, 0), TARE_OK);
    }
    for (uint32_t i = 0; i < 3; i++)
        CHECK_EQ(known_object(&snapshot, 4, many + 1, i < 2 ? "['a']" : "[7]", 1, 0), TARE_OK);
    CHECK_EQ(known_object(&snapshot, 4, many + 2, ".row", 1, 0), TARE_OK);
    CHECK_EQ(known_object(&snapshot, 4, snapshot.object_count - 1, ".row", 1, 0), TARE_OK);
    check_ways(&snapshot, "app.Row", 47,
               (const char *[]){".many[*]", ".few['a']", ".many[*]...",
                                "sys.modules['app'].rows[*]", "(garbage)", ".few[*]"},
               (uint64_t[]){40, 2, 2, 1, 1, 1}, 6);
    tare_snapshot_deinit(&snapshot);
}

static tare_status find_some(const tare_alloc *alloc)
{
    tare_snapshot      snapshot = {0};
    tare_snapshot_ways ways = {0};
    tare_status        status = known_heap(&snapshot, alloc);
    if (status == TARE_OK)
        status = tare_snapshot_ways_find(&ways, &snapshot, known_text("app.Row"), NULL);
    tare_snapshot_ways_deinit(&ways);
    tare_snapshot_deinit(&snapshot);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = find_some(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
