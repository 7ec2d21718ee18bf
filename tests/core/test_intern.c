/* test_intern.c - strings: dense ids, exact bytes, hashes that collide. */
#include "harness.h"
#include "oom.h"

#include "base/intern.h"

static uint32_t add(tare_intern *table, const char *bytes, size_t size)
{
    uint32_t id = UINT32_MAX;
    CHECK_EQ(tare_intern_add(table, bytes, size, tare_alloc_system(), &id, NULL), TARE_OK);
    return id;
}

static bool is_text(const tare_intern *table, uint32_t id, const char *bytes, size_t size)
{
    tare_text text = tare_intern_get(table, id);
    return text.size == size && memcmp(text.bytes, bytes, size) == 0 && text.bytes[size] == '\0';
}

TEST(zeroed_table_is_empty)
{
    tare_intern table = {0};
    CHECK(is_text(&table, 0, "", 0));
    CHECK_EQ(tare_intern_find(&table, "", 0), TARE_MAP_ABSENT);
    CHECK_EQ(table.count, 0);
    tare_intern_deinit(&table, tare_alloc_system());
}

TEST(ids_are_dense_in_order_and_stay)
{
    tare_intern table = {0};
    CHECK_EQ(add(&table, "main", 4), 1); /* id 0 came with it */
    CHECK_EQ(add(&table, "parse", 5), 2);
    CHECK_EQ(add(&table, "main", 4), 1);
    CHECK_EQ(add(&table, "", 0), 0);
    CHECK_EQ(add(&table, NULL, 0), 0);
    CHECK_EQ(add(&table, "mai", 3), 3);
    CHECK_EQ(table.count, 4);
    CHECK(is_text(&table, 0, "", 0) && is_text(&table, 1, "main", 4));
    CHECK(is_text(&table, 2, "parse", 5) && is_text(&table, 3, "mai", 3));
    CHECK(is_text(&table, 4, "", 0)); /* out of range */
    CHECK_EQ(tare_intern_find(&table, "parse", 5), 2);
    CHECK_EQ(tare_intern_find(&table, "", 0), 0);
    CHECK_EQ(tare_intern_find(&table, "pars", 4), TARE_MAP_ABSENT);
    CHECK_EQ(table.count, 4);
    tare_intern_deinit(&table, tare_alloc_system());
}

TEST(bytes_are_kept_exactly)
{
    static const struct {
        const char *bytes;
        size_t      size;
    } texts[] = {
        {"\0", 1},       {"\0\0", 2},         {"a\0b", 3},         {"a", 1},
        {"a\0", 2},      {"line\nbreak", 10}, {"\xff\xfe\x80", 3}, {"\xed\xa0\x80", 3},
        {"12345678", 8}, {"12345678\0", 9},   {"123456789", 9},    {"1234567\0", 8},
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    tare_intern table = {0};
    for (uint32_t i = 0; i < COUNT; i++)
        CHECK_EQ(add(&table, texts[i].bytes, texts[i].size), i + 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK(is_text(&table, i + 1, texts[i].bytes, texts[i].size));
        CHECK_EQ(add(&table, texts[i].bytes, texts[i].size), i + 1);
    }
    tare_intern_deinit(&table, tare_alloc_system());
}

TEST(many_strings_have_one_id_each)
{
    enum { COUNT = 5000 };
    tare_intern table = {0};
    char        name[32];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 1; i <= COUNT; i++) {
            int size = snprintf(name, sizeof name, "function_%u", i);
            CHECK_EQ(add(&table, name, (size_t)size), i);
            CHECK(is_text(&table, i, name, (size_t)size));
        }
    }
    CHECK_EQ(table.count, COUNT + 1);
    tare_intern_deinit(&table, tare_alloc_system());
}

/* With this seed, which no table chooses, every string hashes to 0. */
TEST(strings_with_one_hash_are_told_apart)
{
    enum { COUNT = 200 };
    tare_intern table = {0};
    char        name[32];
    add(&table, "", 0);
    table.by_hash.seed = UINT64_C(1) << 63;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 1; i <= COUNT; i++) {
            int size = snprintf(name, sizeof name, "%u", COUNT - i); /* 10 before 1 */
            CHECK_EQ(add(&table, name, (size_t)size), i);
        }
    }
    CHECK_EQ(tare_map_get(&table.by_hash, COUNT), COUNT); /* they did collide */
    CHECK_EQ(tare_intern_find(&table, "00", 2), TARE_MAP_ABSENT);
    CHECK_EQ(add(&table, "", 0), 0);
    tare_intern_deinit(&table, tare_alloc_system());
}

TEST(string_of_the_table_can_be_added_again)
{
    tare_intern table = {0};
    for (uint32_t i = 1; i < 100; i++) {
        char name[16];
        int  size = snprintf(name, sizeof name, "%u", i);
        CHECK_EQ(add(&table, name, (size_t)size), i);
        tare_text text = tare_intern_get(&table, i);
        CHECK_EQ(add(&table, text.bytes, text.size), i);
    }
    tare_intern_deinit(&table, tare_alloc_system());
}

TEST(failed_add_changes_nothing)
{
    enum { COUNT = 60 };
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom         memory;
        tare_intern table = {0};
        uint32_t    added_count = 0;
        oom_init(&memory, fail_at);
        failed = false;
        for (; added_count < COUNT && !failed; added_count += !failed) {
            uint32_t    id;
            uint32_t    old_count = table.count;
            char        name[16];
            int         size = snprintf(name, sizeof name, "name %u", added_count);
            tare_status status = tare_intern_add(&table, name, (size_t)size, &memory.alloc, &id,
                                                 NULL);
            failed = status != TARE_OK;
            CHECK(status == TARE_OK ? id == added_count + 1 : status == TARE_NO_MEMORY);
            /* The first add brings the empty string too, which may have got in. */
            CHECK(!failed || table.count == old_count || (old_count == 0 && table.count == 1));
        }
        for (uint32_t i = 0; i < added_count; i++) {
            char name[16];
            int  size = snprintf(name, sizeof name, "name %u", i);
            CHECK_EQ(tare_intern_find(&table, name, (size_t)size), i + 1);
        }
        uint32_t id;
        memory.fail_at = 0;
        CHECK_EQ(tare_intern_add(&table, "then", 4, &memory.alloc, &id, NULL), TARE_OK);
        CHECK_EQ(id, added_count + 1);
        tare_intern_deinit(&table, &memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
