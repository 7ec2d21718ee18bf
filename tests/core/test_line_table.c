/* test_line_table.c - location tables: as five compilers made them, made by hand, and broken. */
#include "harness.h"
#include "line_tables.h"

#include "remote/line_table.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_UNITS = 1024, FORMS = 16, UNTOUCHED = 777 };

static size_t count_units(const line_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->run_count; i++)
        count += table->runs[i].unit_count;
    return count;
}

static bool decode(const char *bytes, size_t size, int32_t first_line, uint32_t *lines,
                   size_t unit_count)
{
    /* A copy of exactly that size: a sanitizer sees a read behind it. */
    uint8_t *table = malloc(size > 0 ? size : 1);
    memcpy(table, bytes, size);
    lines[unit_count] = UNTOUCHED;
    bool whole = tare_line_table_decode(table, size, first_line, lines, unit_count);
    CHECK_EQ(lines[unit_count], UNTOUCHED);
    free(table);
    return whole;
}

#define DECODE(bytes, first_line, lines, unit_count) \
    decode((bytes), sizeof(bytes) - 1, (first_line), (lines), (unit_count))

TEST(real_tables_mean_what_their_interpreter_says)
{
    uint32_t lines[MAX_UNITS + 1];
    for (size_t i = 0; i < line_table_count; i++) {
        const line_table *table = &line_tables[i];
        size_t            unit_count = count_units(table);
        size_t            unit = 0;
        bool              same = true;
        CHECK(decode(table->bytes, table->size, table->first_line, lines, unit_count));
        for (size_t run = 0; run < table->run_count; run++)
            for (uint32_t j = 0; j < table->runs[run].unit_count; j++)
                same = same && lines[unit++] == table->runs[run].line;
        if (!CHECK(same))
            printf("    in %s\n", table->name);
    }
}

/* Only head bytes have their highest bit set. */
TEST(every_form_occurs_in_the_real_tables)
{
    bool seen[FORMS] = {false};
    for (size_t i = 0; i < line_table_count; i++)
        for (size_t at = 0; at < line_tables[i].size; at++)
            if ((line_tables[i].bytes[at] & 0x80) != 0)
                seen[line_tables[i].bytes[at] >> 3 & 15] = true;
    for (int form = 0; form < FORMS; form++)
        if (!CHECK(seen[form]))
            printf("    form %d is missing\n", form);
}

/* Whatever is cut off, the units before the cut keep their lines. */
TEST(a_cut_table_keeps_what_stands_before_the_cut)
{
    const line_table *table = &line_tables[0];
    size_t            unit_count = count_units(table);
    uint32_t          whole[MAX_UNITS + 1];
    uint32_t          lines[MAX_UNITS + 1];
    CHECK(decode(table->bytes, table->size, table->first_line, whole, unit_count));
    for (size_t size = 0; size < table->size; size++) {
        CHECK(!decode(table->bytes, size, table->first_line, lines, unit_count));
        size_t unit = 0;
        while (unit < unit_count && lines[unit] == whole[unit])
            unit++;
        for (; unit < unit_count; unit++)
            CHECK_EQ(lines[unit], 0);
    }
}

/* 0x80 | form << 3 | units - 1, then the payload */
TEST(each_form_by_hand)
{
    uint32_t lines[9];
    CHECK(DECODE("\x80\x11", 7, lines, 1)); /* form 0, one unit */
    CHECK_EQ(lines[0], 7);
    CHECK(DECODE("\xcf\x11", 7, lines, 8)); /* form 9, eight units */
    CHECK_EQ(lines[7], 7);
    CHECK(DECODE("\xd8\x01\x02"
                 "\xe0\x01\x02"
                 "\xd0\x01\x02",
                 7, lines, 3)); /* forms 11, 12, 10: +1, +2, +0 */
    CHECK_EQ(lines[0], 8);
    CHECK_EQ(lines[1], 10);
    CHECK_EQ(lines[2], 10);
    CHECK(DECODE("\xe8\x05"
                 "\xe8\x04",
                 7, lines, 2)); /* form 13: 5 = -2, 4 = +2 */
    CHECK_EQ(lines[0], 5);
    CHECK_EQ(lines[1], 7);
    CHECK(DECODE("\xf1\x40\x01\x00\x41\x01\x7f\x01", 7, lines, 2)); /* form 14: 0x40 = +32 */
    CHECK_EQ(lines[0], 39);
    CHECK_EQ(lines[1], 39);
    CHECK(DECODE("\xf8"
                 "\x80\x11",
                 7, lines, 2)); /* form 15: none; the line before goes on behind it */
    CHECK_EQ(lines[0], 0);
    CHECK_EQ(lines[1], 7);
}

TEST(a_table_may_be_longer_but_not_shorter_than_the_code)
{
    uint32_t lines[4];
    CHECK(DECODE("\x87\x11"
                 "\xd8\x01\x02",
                 7, lines, 3));
    CHECK_EQ(lines[2], 7);
    CHECK(!DECODE("\x81\x11", 7, lines, 3));
    CHECK_EQ(lines[1], 7);
    CHECK_EQ(lines[2], 0);
    CHECK(!DECODE("", 7, lines, 1));
    CHECK(DECODE("", 7, lines, 0));
}

TEST(lines_that_are_none)
{
    uint32_t lines[3];
    CHECK(DECODE("\xe8\x0f"
                 "\xe8\x12",
                 7, lines, 2)); /* 7 - 7 = 0, then +9 */
    CHECK_EQ(lines[0], 0);
    CHECK_EQ(lines[1], 9);
    CHECK(DECODE("\x80\x11", 0, lines, 1)); /* a shim's first line is 0, some have -1 */
    CHECK_EQ(lines[0], 0);
    CHECK(DECODE("\x80\x11", -1, lines, 1));
    CHECK_EQ(lines[0], 0);
}

TEST(malformed_tables_are_refused)
{
    uint32_t lines[3];
    CHECK(!DECODE("\x11", 7, lines, 1));                             /* no head byte */
    CHECK(!DECODE("\x80", 7, lines, 1));                             /* no payload */
    CHECK(!DECODE("\xd8\x01", 7, lines, 1));                         /* half a payload */
    CHECK(!DECODE("\xe8\x40", 7, lines, 1));                         /* a varint that goes on */
    CHECK(!DECODE("\xe8\x7f\x7f\x7f\x7f\x7f\x7f\x01", 7, lines, 1)); /* 42 bits */
    CHECK(!DECODE("\xf0\x02\x01\x01", 7, lines, 1));                 /* form 14 without its end */
    CHECK_EQ(lines[0], 0);
}

TEST(lines_beyond_32_bits_are_refused)
{
    uint32_t lines[3];
    CHECK(DECODE("\xe8\x7e\x7f\x7f\x7f\x7f\x03", 0, lines, 1)); /* 2^31 - 1, doubled */
    CHECK_EQ(lines[0], INT32_MAX);
    CHECK(!DECODE("\xe8\x7e\x7f\x7f\x7f\x7f\x03", 1, lines, 1));
    CHECK(!DECODE("\xd8\x01\x02", INT32_MAX, lines, 1));
    CHECK(!DECODE("\xe8\x7f\x7f\x7f\x7f\x7f\x03", INT32_MIN, lines, 1));
}
