/* test_census.c - rows add up, differences are what they say, files give back what went in. */
#include "harness.h"
#include "oom.h"

#include "heap/census.h"

static tare_status count(tare_census *census, const char *key, int64_t things, int64_t bytes)
{
    tare_census_sum sum = {.count = things, .bytes = bytes, .allocated_bytes = bytes + 8};
    return tare_census_add(census, key, strlen(key), &sum, NULL);
}

static bool is_row(const tare_census_row *row, const char *key, int64_t things, int64_t bytes)
{
    return row->key.size == strlen(key) && memcmp(row->key.bytes, key, row->key.size) == 0 &&
           row->sum.count == things && row->sum.bytes == bytes;
}

static void free_rows(const tare_census *census, tare_census_row *rows, uint32_t row_count)
{
    tare_release(census->alloc, rows, row_count, sizeof *rows);
}

TEST(zeroed_census_is_empty)
{
    tare_census      census = {.alloc = tare_alloc_system()};
    tare_census_row *rows;
    uint32_t         row_count;
    CHECK_EQ(tare_census_rows(&census, &rows, &row_count, NULL), TARE_OK);
    CHECK_EQ(row_count, 0);
    CHECK(rows == NULL);
    tare_census_deinit(&census);
}

TEST(rows_are_sums_in_order_of_bytes_count_and_key)
{
    tare_census      census = {.alloc = tare_alloc_system(), .by = TARE_CENSUS_TYPE};
    tare_census_row *rows;
    uint32_t         row_count;
    CHECK_EQ(count(&census, "b", 1, 10), TARE_OK);
    CHECK_EQ(count(&census, "small", 1, 1), TARE_OK);
    CHECK_EQ(count(&census, "many", 7, 10), TARE_OK);
    CHECK_EQ(count(&census, "a", 1, 10), TARE_OK);
    CHECK_EQ(count(&census, "small", 2, 100), TARE_OK);
    CHECK_EQ(count(&census, "", 1, 2), TARE_OK);
    CHECK_EQ(count(&census, "gone", 0, 0), TARE_OK);
    CHECK_EQ(tare_census_rows(&census, &rows, &row_count, NULL), TARE_OK);
    CHECK_EQ(row_count, 6);
    CHECK(is_row(&rows[0], "small", 3, 101));
    CHECK(is_row(&rows[1], "many", 7, 10));
    CHECK(is_row(&rows[2], "a", 1, 10));
    CHECK(is_row(&rows[3], "b", 1, 10));
    CHECK(is_row(&rows[4], "", 1, 2));
    CHECK_EQ(census.all.count, 13);
    CHECK_EQ(census.all.bytes, 133);
    free_rows(&census, rows, row_count);
    tare_census_deinit(&census);
}

TEST(difference_has_what_differs_and_nothing_else)
{
    const tare_alloc *alloc = tare_alloc_system();
    tare_census       before = {.alloc = alloc, .by = TARE_CENSUS_TYPE}, out = {.alloc = alloc};
    tare_census       after = {.alloc = alloc, .by = TARE_CENSUS_TYPE}, again = {.alloc = alloc};
    tare_census_row  *rows;
    uint32_t          row_count;
    CHECK_EQ(count(&before, "same", 5, 50), TARE_OK);
    CHECK_EQ(count(&before, "gone", 2, 20), TARE_OK);
    CHECK_EQ(count(&before, "grown", 1, 10), TARE_OK);
    CHECK_EQ(count(&after, "new", 1, 1), TARE_OK);
    CHECK_EQ(count(&after, "grown", 1, 15), TARE_OK);
    CHECK_EQ(count(&after, "same", 5, 50), TARE_OK);
    CHECK_EQ(tare_census_diff(&before, &after, &out, NULL), TARE_OK);
    CHECK_EQ(tare_census_rows(&out, &rows, &row_count, NULL), TARE_OK);
    CHECK_EQ(row_count, 3);
    CHECK(is_row(&rows[0], "gone", -2, -20));
    CHECK(is_row(&rows[1], "grown", 0, 5));
    CHECK(is_row(&rows[2], "new", 1, 1));
    CHECK_EQ(out.all.bytes, -14);
    CHECK(out.is_difference);
    free_rows(&out, rows, row_count);
    CHECK_EQ(tare_census_diff(&after, &after, &again, NULL), TARE_OK);
    CHECK_EQ(tare_census_rows(&again, &rows, &row_count, NULL), TARE_OK);
    CHECK_EQ(row_count, 0);
    CHECK_EQ(tare_census_diff(&before, &out, &again, NULL), TARE_INCOMPATIBLE);
    after.by = TARE_CENSUS_SIZE;
    CHECK_EQ(tare_census_diff(&before, &after, &again, NULL), TARE_INCOMPATIBLE);
    CHECK_EQ(tare_census_merge(&before, &after, NULL), TARE_INCOMPATIBLE);
    tare_census_deinit(&before);
    tare_census_deinit(&after);
    tare_census_deinit(&out);
    tare_census_deinit(&again);
}

TEST(merge_adds_rows_and_what_is_kept_apart)
{
    const tare_alloc *alloc = tare_alloc_system();
    tare_census       into = {.alloc = alloc, .by = TARE_CENSUS_TYPE};
    tare_census       from = {.alloc = alloc, .by = TARE_CENSUS_TYPE, .frozen_hidden = true};
    tare_census_row  *rows;
    uint32_t          row_count;
    CHECK_EQ(count(&into, "x", 1, 10), TARE_OK);
    CHECK_EQ(count(&from, "x", 2, 20), TARE_OK);
    CHECK_EQ(count(&from, "y", 3, 30), TARE_OK);
    from.parts[TARE_CENSUS_OPAQUE].count = 4;
    CHECK_EQ(tare_census_merge(&into, &from, NULL), TARE_OK);
    CHECK_EQ(tare_census_rows(&into, &rows, &row_count, NULL), TARE_OK);
    CHECK_EQ(row_count, 2);
    CHECK(is_row(&rows[0], "x", 3, 30));
    CHECK(is_row(&rows[1], "y", 3, 30));
    CHECK_EQ(into.parts[TARE_CENSUS_OPAQUE].count, 4);
    CHECK(into.frozen_hidden);
    free_rows(&into, rows, row_count);
    tare_census_deinit(&into);
    tare_census_deinit(&from);
}

TEST(sizes_have_their_class)
{
    static const struct {
        uint64_t    bytes;
        const char *key;
    } known[] = {
        {0, "0"},
        {1, "up to 16"},
        {16, "up to 16"},
        {17, "up to 32"},
        {1000, "up to 1 KiB"},
        {1025, "up to 2 KiB"},
        {1 << 20, "up to 1 MiB"},
        {(UINT64_C(1) << 62) + 1, "up to 8 EiB"},
        {UINT64_MAX, "above 8 EiB"},
    };
    char key[TARE_CENSUS_SIZE_BYTES];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        tare_census_size_key(tare_census_size_class(known[i].bytes), key);
        CHECK(strcmp(key, known[i].key) == 0);
    }
}

TEST(ways_to_count_have_names)
{
    CHECK_EQ(tare_census_find("module"), TARE_CENSUS_MODULE);
    CHECK_EQ(tare_census_find("colour"), TARE_CENSUS_BY_COUNT);
    CHECK_EQ(tare_census_find(""), TARE_CENSUS_BY_COUNT);
    CHECK(strcmp(tare_census_word(TARE_CENSUS_SIZE), "size") == 0);
    CHECK(strcmp(tare_census_words(TARE_CENSUS_SIZE), "sizes") == 0);
}

static tare_status count_some(const tare_alloc *alloc)
{
    tare_census      before = {.alloc = alloc}, after = {.alloc = alloc}, out = {.alloc = alloc};
    tare_census_row *rows = NULL;
    uint32_t         row_count = 0;
    tare_status      status = TARE_OK;
    for (char key[] = "a"; key[0] < 'z' && status == TARE_OK; key[0]++) {
        int64_t bytes_before = before.all.bytes;
        status = count(&before, key, 1, 1);
        CHECK_EQ(before.all.bytes, bytes_before + (status == TARE_OK));
    }
    if (status == TARE_OK)
        status = count(&after, "b", 2, 5);
    if (status == TARE_OK)
        status = tare_census_diff(&before, &after, &out, NULL);
    if (status == TARE_OK)
        status = tare_census_rows(&out, &rows, &row_count, NULL);
    free_rows(&out, rows, row_count);
    tare_census_deinit(&before);
    tare_census_deinit(&after);
    tare_census_deinit(&out);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = count_some(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
