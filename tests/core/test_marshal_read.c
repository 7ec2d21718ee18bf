/* test_marshal_read.c - every type, references, and what is refused. The files are in
 * test_import.c. */
#include "harness.h"
#include "oom.h"

#include "io/marshal_read.h"

#define READ(values, literal) read_bytes(values, literal, sizeof literal - 1)

static tare_status read_bytes(tare_values *values, const char *bytes, size_t size)
{
    uint32_t root;
    *values = (tare_values){.alloc = tare_alloc_system()};
    tare_status status = tare_marshal_read((const uint8_t *)bytes, size, values, &root, NULL);
    CHECK(status != TARE_OK || root == 0);
    return status;
}

static const tare_plain_value *item(const tare_values *values, uint32_t index)
{
    uint32_t cell = values->values[0].as.items.first;
    while (index-- > 0)
        cell = tare_values_next(values, cell);
    return tare_values_at(values, cell);
}

static bool is_text(const tare_plain_value *value, const char *expected)
{
    tare_text text;
    return tare_values_text(value, &text) && text.size == strlen(expected) &&
           memcmp(text.bytes, expected, text.size) == 0;
}

TEST(numbers)
{
    tare_values values;
    uint64_t    count;
    CHECK_EQ(READ(&values, "(\x08\0\0\0NTi\x07\0\0\0i\xff\xff\xff\xffI\0\0\0\0\1\0\0\0"
                           "l\x02\0\0\0\x01\0\x02\0"
                           "g\0\0\0\0\0\0\xf8\x3f"
                           "f\x04"
                           "0.25"),
             TARE_OK);
    CHECK_EQ(values.values[0].count, 8);
    CHECK_EQ(item(&values, 0)->kind, TARE_VALUE_NONE);
    CHECK(tare_values_count(item(&values, 1), &count) && count == 1);
    CHECK(tare_values_count(item(&values, 2), &count) && count == 7);
    CHECK(!tare_values_count(item(&values, 3), &count));
    CHECK(tare_values_count(item(&values, 4), &count) && count == 1ULL << 32);
    CHECK(tare_values_count(item(&values, 5), &count) && count == 0x10001);
    CHECK(item(&values, 6)->as.number == 1.5 && item(&values, 7)->as.number == 0.25);
    tare_values_deinit(&values);
}

TEST(texts_and_references)
{
    tare_values values;
    CHECK_EQ(READ(&values, ")\x07\xf3\1\0\0\0a"
                           "t\1\0\0\0b"
                           "u\1\0\0\0c"
                           "\xda\1d"
                           "r\0\0\0\0r\1\0\0\0R\0\0\0\0"),
             TARE_OK);
    const char *const expected[] = {"a", "b", "c", "d", "a", "d", "b"};
    for (uint32_t i = 0; i < 7; i++)
        CHECK(is_text(item(&values, i), expected[i]));
    tare_values_deinit(&values);
}

TEST(containers)
{
    tare_values values;
    CHECK_EQ(READ(&values, "{)\0)\1N[\1\0\0\0T{0"
                           "0"),
             TARE_OK);
    CHECK_EQ(values.values[0].kind, TARE_VALUE_DICT);
    CHECK_EQ(values.values[0].count, 4);
    CHECK_EQ(item(&values, 0)->count, 0);
    CHECK_EQ(item(&values, 2)->kind, TARE_VALUE_LIST);
    CHECK_EQ(item(&values, 3)->kind, TARE_VALUE_DICT);
    tare_values_deinit(&values);
}

TEST(what_is_refused)
{
    static const struct {
        const char *bytes;
        size_t      size;
    } broken[] = {
        {"", 0},
        {"0", 1},
        {"?", 1},
        {"(\xff\xff\xff\x7f", 5},
        {"(\2\0\0\0N", 6},
        {"{N0", 3},
        {"{(\0\0\0\0", 6},
        {"\xa9\1r\0\0\0\0", 7}, /* a tuple in itself */
        {"r\0\0\0\0", 5},
        {"R\0\0\0\0", 5},
        {"s\xff\xff\xff\xffx", 6},
        {"l\1\0\0\0\xff\xff", 7},
        {"l\5\0\0\0\1\0\1\0\1\0\1\0\x09\0", 15},
        {"f\3abc", 5},
        {"f\2"
         "1x",
         4},
        {"c\0\0\0\0", 5},
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        tare_values values;
        CHECK_EQ(read_bytes(&values, broken[i].bytes, broken[i].size), TARE_CORRUPT);
        tare_values_deinit(&values);
    }
}

TEST(depth_has_a_bound)
{
    char        bytes[2 * (TARE_MARSHAL_MAX_DEPTH + 1) + 1];
    tare_values values;
    for (size_t at = 0; at + 1 < sizeof bytes; at += 2)
        memcpy(bytes + at, ")\1", 2);
    bytes[sizeof bytes - 1] = 'N';
    CHECK_EQ(read_bytes(&values, bytes, sizeof bytes), TARE_CORRUPT);
    tare_values_deinit(&values);
    CHECK_EQ(read_bytes(&values, bytes + 2, sizeof bytes - 2), TARE_OK);
    tare_values_deinit(&values);
}

TEST(without_memory)
{
    static const char bytes[] = "{)\2\xda\1at\1\0\0\0bi\1\0\0\0N\xfb"
                                "0"
                                "0";
    tare_status       status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom      memory;
        uint32_t root;
        oom_init(&memory, fail_at);
        tare_values values = {.alloc = &memory.alloc};
        status = tare_marshal_read((const uint8_t *)bytes, sizeof bytes - 1, &values, &root, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        tare_values_deinit(&values);
        CHECK_EQ(memory.outstanding, 0);
    }
}
