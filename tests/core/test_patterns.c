/* test_patterns.c - each way once, repetitions cut, the most frequent first. */
#include "harness.h"
#include "oom.h"

#include "heap/patterns.h"

#include <string.h>

static tare_status extend(tare_patterns *patterns, uint32_t from, const char *text, uint32_t *out)
{
    tare_buffer step = {.alloc = tare_alloc_system()};
    tare_buffer_append(&step, text, strlen(text));
    tare_status status = tare_patterns_extend(patterns, from, &step, 1, out, NULL);
    tare_buffer_deinit(&step);
    return status;
}

static uint32_t extended(tare_patterns *patterns, uint32_t from, const char *text)
{
    uint32_t out = UINT32_MAX;
    CHECK_EQ(extend(patterns, from, text, &out), TARE_OK);
    return out;
}

static bool reads(const tare_patterns *patterns, uint32_t pattern, const char *text)
{
    uint32_t way[16];
    bool     cut;
    char     joined[200] = "";
    uint32_t length = tare_patterns_way(patterns, pattern, way, 16, &cut);
    for (uint32_t i = 0; i < length; i++)
        strcat(joined, tare_intern_get(&patterns->strings, patterns->patterns[way[i]].text).bytes);
    return !cut && strcmp(joined, text) == 0;
}

TEST(the_same_steps_are_one_pattern)
{
    tare_patterns patterns = {.alloc = tare_alloc_system()};
    uint32_t      root = extended(&patterns, 0, "sys.modules['x']");
    uint32_t      list = extended(&patterns, extended(&patterns, root, ".list"), "[*]");
    CHECK_EQ(extended(&patterns, extended(&patterns, root, ".list"), "[*]"), list);
    CHECK(extended(&patterns, root, "[*]") != list);
    CHECK_EQ(extended(&patterns, list, ""), list);
    CHECK(reads(&patterns, list, "sys.modules['x'].list[*]"));
    tare_patterns_deinit(&patterns);
}

TEST(a_step_that_repeats_itself_leads_nowhere_new)
{
    tare_patterns patterns = {.alloc = tare_alloc_system()};
    uint32_t      root = extended(&patterns, 0, "x");
    uint32_t      once = extended(&patterns, root, ".next");
    uint32_t      more = extended(&patterns, once, ".next");
    CHECK(more != once);
    CHECK_EQ(extended(&patterns, more, ".next"), more);
    CHECK(reads(&patterns, more, "x.next..."));
    uint32_t other = extended(&patterns, more, ".value");
    CHECK(reads(&patterns, other, "x.next....value"));
    CHECK_EQ(extended(&patterns, extended(&patterns, more, ".next"), ".value"), other);
    tare_patterns_deinit(&patterns);
}

TEST(below_is_one_pattern)
{
    tare_patterns patterns = {.alloc = tare_alloc_system()};
    uint32_t      root = extended(&patterns, 0, "x"), below = 0, again = 0;
    CHECK_EQ(tare_patterns_below(&patterns, root, 1, &below, NULL), TARE_OK);
    CHECK_EQ(tare_patterns_below(&patterns, below, 1, &again, NULL), TARE_OK);
    CHECK_EQ(below, again);
    CHECK(reads(&patterns, below, "x..."));
    tare_patterns_deinit(&patterns);
}

TEST(the_most_objects_come_first)
{
    tare_patterns  patterns = {.alloc = tare_alloc_system()};
    const char    *names[] = {"a", "b", "c", "d"};
    const uint64_t counts[] = {1, 5, 0, 5}, bytes[] = {100, 10, 0, 20};
    uint32_t       ids[4], ranked[4], count, all_count;
    for (uint32_t i = 0; i < 4; i++) {
        ids[i] = extended(&patterns, 0, names[i]);
        patterns.patterns[ids[i]].count = counts[i];
        patterns.patterns[ids[i]].bytes = bytes[i];
    }
    CHECK_EQ(tare_patterns_rank(&patterns, ranked, 4, &count, &all_count, NULL), TARE_OK);
    CHECK_EQ(count, 3);
    CHECK_EQ(ranked[0], ids[3]);
    CHECK_EQ(ranked[1], ids[1]);
    CHECK_EQ(ranked[2], ids[0]);
    CHECK_EQ(tare_patterns_rank(&patterns, ranked, 1, &count, &all_count, NULL), TARE_OK);
    CHECK_EQ(count, 1);
    CHECK_EQ(all_count, 3);
    tare_patterns_deinit(&patterns);
}

TEST(a_long_way_is_told_by_its_end)
{
    tare_patterns patterns = {.alloc = tare_alloc_system()};
    uint32_t      at = 0, way[3];
    bool          cut;
    for (int i = 0; i < 10; i++)
        at = extended(&patterns, at, i % 2 ? ".a" : ".b");
    CHECK_EQ(tare_patterns_way(&patterns, at, way, 3, &cut), 3);
    CHECK(cut);
    CHECK_EQ(way[2], at);
    CHECK_EQ(patterns.patterns[way[2]].parent, way[1]);
    CHECK_EQ(patterns.patterns[way[1]].parent, way[0]);
    tare_patterns_deinit(&patterns);
}

TEST(an_empty_one_ranks_nothing)
{
    tare_patterns patterns = {.alloc = tare_alloc_system()};
    uint32_t      count, all_count;
    CHECK_EQ(tare_patterns_rank(&patterns, NULL, 0, &count, &all_count, NULL), TARE_OK);
    CHECK_EQ(count + all_count, 0);
    tare_patterns_deinit(&patterns);
}

static tare_status make_some(const tare_alloc *alloc)
{
    tare_patterns patterns = {.alloc = alloc};
    uint32_t      at = 0, ranked[2], count, all_count;
    tare_status   status = extend(&patterns, 0, "x", &at);
    if (status == TARE_OK)
        status = extend(&patterns, at, ".next", &at);
    if (status == TARE_OK)
        status = extend(&patterns, at, ".next", &at);
    if (status == TARE_OK)
        status = tare_patterns_below(&patterns, at, 1, &at, NULL);
    if (status == TARE_OK)
        status = tare_patterns_rank(&patterns, ranked, 2, &count, &all_count, NULL);
    tare_patterns_deinit(&patterns);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = make_some(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
