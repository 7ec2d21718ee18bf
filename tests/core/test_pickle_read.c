/* test_pickle_read.c - the instructions that make data, and that no other is obeyed. Files of
 * every protocol are read in tests/python/test_import_formats.py. */
#include "harness.h"
#include "oom.h"

#include "io/pickle_read.h"

#define READ(values, root, literal) \
    read_bytes(values, root, literal, sizeof literal - 1, tare_alloc_system())

static tare_status read_bytes(tare_values *values, uint32_t *root, const char *bytes, size_t size,
                              const tare_alloc *alloc)
{
    *values = (tare_values){.alloc = alloc};
    *root = 0;
    return tare_pickle_read((const uint8_t *)bytes, size, values, root, NULL);
}

static const tare_plain_value *item(const tare_values *values, uint32_t container, uint32_t index)
{
    uint32_t cell = values->values[container].as.items.first;
    while (index-- > 0)
        cell = tare_values_next(values, cell);
    return tare_values_at(values, cell);
}

TEST(plain_values)
{
    tare_values values;
    uint32_t    root;
    CHECK_EQ(READ(&values, &root,
                  "\x80\2(NJ\xff\xff\xff\xffK\7M\1\1\x8a\2\0\x80\x88G\x3f\xf8\0\0\0\0\0\0"
                  "X\1\0\0\0xI12\nL34L\nF0.5\nt."),
             TARE_OK);
    const tare_plain_value *tuple = &values.values[root];
    CHECK(tuple->kind == TARE_VALUE_TUPLE && tuple->count == 11);
    CHECK_EQ(item(&values, root, 0)->kind, TARE_VALUE_NONE);
    const int64_t integers[] = {-1, 7, 257, -32768, 1};
    for (uint32_t i = 0; i < 5; i++)
        CHECK_EQ(item(&values, root, i + 1)->as.integer, integers[i]);
    CHECK(item(&values, root, 6)->as.number == 1.5);
    CHECK(item(&values, root, 7)->count == 1 && item(&values, root, 7)->as.text[0] == 'x');
    CHECK_EQ(item(&values, root, 8)->as.integer, 12);
    CHECK_EQ(item(&values, root, 9)->as.integer, 34);
    CHECK(item(&values, root, 10)->as.number == 0.5);
    tare_values_deinit(&values);
}

TEST(containers_and_memory)
{
    tare_values values;
    uint32_t    root;
    CHECK_EQ(READ(&values, &root, "}q\0(K\1]q\1(K\2K\3eK\4h\1uK\5Ns."), TARE_OK);
    CHECK(values.values[root].kind == TARE_VALUE_DICT && values.values[root].count == 6);
    CHECK_EQ(item(&values, root, 1)->count, 2);
    CHECK(item(&values, root, 1) == item(&values, root, 3)); /* one list, twice */
    tare_values_deinit(&values);
    CHECK_EQ(READ(&values, &root, "]q\0h\0a."), TARE_OK); /* a list in itself: its reader's care */
    CHECK(item(&values, root, 0) == &values.values[root]);
    tare_values_deinit(&values);
}

TEST(instances_are_never_made)
{
    tare_values values;
    uint32_t    root;
    CHECK_EQ(READ(&values, &root, "cos\nsystem\n(X\2\0\0\0lstR."), TARE_OK);
    CHECK(values.values[root].kind == TARE_VALUE_OTHER && values.values[root].count == 0);
    tare_values_deinit(&values);
    CHECK_EQ(READ(&values, &root, "cm\nC\n)\x81}b."), TARE_OK);
    CHECK(values.values[root].kind == TARE_VALUE_OTHER && values.values[root].count == 1);
    CHECK_EQ(item(&values, root, 0)->kind, TARE_VALUE_DICT);
    tare_values_deinit(&values);
}

TEST(what_is_refused)
{
    static const char *const broken[] = {
        "",
        ".",
        "K",
        "N",
        "NN.",
        "(.",
        "t.",
        "(Nd.",
        "u.",
        "Na.",
        "}(Nu.",
        "}Ns.",
        "Nb.",
        "Nh\1.",
        "q\1.",
        "R.",
        "\x81.",
        "P1\n.",
        "i",
        "c.",
        "cos\nsystem",
        "I.\n.",
        "X\1",
        "\x85.",
        "NQ.",
        "]K\1(a.",
        "(]e.",
        "I99999999999999999999\n.",
        "g7\n.",
        "V",
        "\x8a\x0bxxxxxxxxxxx.",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        tare_values values;
        uint32_t    root;
        tare_status status = read_bytes(&values, &root, broken[i], strlen(broken[i]),
                                        tare_alloc_system());
        if (status != TARE_CORRUPT)
            printf("    %s\n", broken[i]);
        CHECK_EQ(status, TARE_CORRUPT);
        tare_values_deinit(&values);
    }
}

TEST(without_memory)
{
    static const char bytes[] = "}q\0(K\1](K\2eK\3(K\4tu.";
    tare_status       status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom         memory;
        tare_values values;
        uint32_t    root;
        oom_init(&memory, fail_at);
        status = read_bytes(&values, &root, bytes, sizeof bytes - 1, &memory.alloc);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        tare_values_deinit(&values);
        CHECK_EQ(memory.outstanding, 0);
    }
}
