/* test_layout.c - offsets per version against CPython's own headers, and tables that lie. */
#include "harness.h"
#include "layouts.h"
#include "made_memory.h"

enum { FIELD_COUNT = offsetof(tare_layout, opcodes) / sizeof(uint32_t), MAX_WORDS = 128 };

static bool is_same(const tare_layout *layout, const tare_layout *known, bool say_where)
{
    uint32_t fields[2][FIELD_COUNT];
    bool     same = true;
    memcpy(fields[0], layout, sizeof fields[0]);
    memcpy(fields[1], known, sizeof fields[1]);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (fields[0][i] != fields[1][i] && say_where)
            printf("    3.%u: field %zu is %u, the headers say %u\n", known->minor, i, fields[0][i],
                   fields[1][i]);
        same = same && fields[0][i] == fields[1][i];
    }
    return same;
}

/* From a copy of exactly that size: a sanitizer sees a read behind it. */
static tare_status lay_out(tare_layout *layout, uint32_t minor, const uint64_t *words,
                           size_t word_count)
{
    uint64_t *copy = malloc(word_count * sizeof *words + 1);
    if (word_count > 0)
        memcpy(copy, words, word_count * sizeof *words);
    tare_status status = tare_layout_from_table(layout, minor, copy, word_count, NULL);
    free(copy);
    return status;
}

static const known_layout *find_known(uint32_t minor)
{
    for (size_t i = 0; i < known_layout_count; i++)
        if (known_layouts[i].layout.minor == minor)
            return &known_layouts[i];
    abort();
}

TEST(every_offset_is_what_the_headers_say)
{
    CHECK_EQ(known_layout_count, 5);
    for (size_t i = 0; i < known_layout_count; i++) {
        const known_layout *known = &known_layouts[i];
        tare_layout         layout;
        CHECK_EQ(lay_out(&layout, known->layout.minor, known->words, known->word_count), TARE_OK);
        CHECK(is_same(&layout, &known->layout, true));
        CHECK_EQ(layout.opcodes->minor, known->layout.minor);
        CHECK_EQ(known->gil_holder, TARE_GIL_HOLDER);
        CHECK_EQ(known->gil_locked, TARE_GIL_LOCKED);
        CHECK(known->gil_bytes >= TARE_GIL_LOCKED + 4 && known->gil_bytes <= TARE_GIL_BYTES);
    }
}

/* A table that is read from a process. */
TEST(the_table_takes_one_read)
{
    for (uint32_t minor = 11; minor <= 15; minor++) {
        const known_layout *known = find_known(minor);
        made_memory        *made = made_new(12);
        tare_layout         layout;
        tare_runtime        runtime = {.address = made_room(made, MAX_WORDS * sizeof(uint64_t)),
                                       .version_hex = 0x030000f0 | minor << 16};
        made_put(made, runtime.address, known->words, known->word_count * sizeof(uint64_t));
        CHECK_EQ(tare_layout_init(&layout, &runtime, &made->memory, NULL), TARE_OK);
        CHECK(is_same(&layout, &known->layout, true));
        CHECK_EQ(made->memory.read_count, minor >= 13);
        made->size -= MAX_WORDS * sizeof(uint64_t);
        CHECK_EQ(tare_layout_init(&layout, &runtime, &made->memory, NULL),
                 minor >= 13 ? TARE_TORN : TARE_OK);
        free(made);
    }
}

TEST(versions_without_a_row_are_unsupported)
{
    static const uint32_t minors[] = {0, 7, 10, 16, 255, UINT32_MAX};
    tare_layout           layout;
    tare_error            err = {0};
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++)
        CHECK_EQ(lay_out(&layout, minors[i], NULL, 0), TARE_UNSUPPORTED);
    CHECK_EQ(tare_layout_from_table(&layout, 16, NULL, 0, &err), TARE_UNSUPPORTED);
    CHECK(strstr(err.message, "3.16") != NULL && strstr(err.message, "3.11 to 3.15") != NULL);
}

TEST(free_threaded_builds_are_unsupported)
{
    for (uint32_t minor = 13; minor <= 15; minor++) {
        const known_layout *known = find_known(minor);
        uint64_t            words[MAX_WORDS];
        tare_layout         layout;
        tare_error          err = {0};
        memcpy(words, known->words, known->word_count * sizeof words[0]);
        words[2] = 1; /* magic, version, free_threaded */
        CHECK_EQ(tare_layout_from_table(&layout, minor, words, known->word_count, &err),
                 TARE_UNSUPPORTED);
        CHECK(strstr(err.message, "free-threaded") != NULL);
    }
}

TEST(a_table_cut_short_is_corrupt)
{
    for (uint32_t minor = 13; minor <= 15; minor++) {
        const known_layout *known = find_known(minor);
        tare_layout         layout;
        for (size_t count = 0; count < known->word_count; count++)
            if (lay_out(&layout, minor, known->words, count) != TARE_CORRUPT)
                CHECK_EQ(count, known->word_count);
    }
}

/* How many words are looked at: a huge one is refused there, and changes nothing elsewhere. */
static int count_refusals(const known_layout *known, uint64_t word)
{
    uint64_t    words[MAX_WORDS];
    tare_layout layout;
    int         count = 0;
    for (size_t i = 0; i < known->word_count; i++) {
        memcpy(words, known->words, known->word_count * sizeof words[0]);
        words[i] = word;
        if (lay_out(&layout, known->layout.minor, words, known->word_count) != TARE_OK)
            count++;
        else
            CHECK(is_same(&layout, &known->layout, true));
    }
    return count;
}

/* 29 offsets, the part of the collector's that is in a structure of its own, and the mark of
 * free-threaded builds. */
TEST(no_word_is_believed_blindly)
{
    for (uint32_t minor = 13; minor <= 15; minor++) {
        const known_layout *known = find_known(minor);
        CHECK_EQ(count_refusals(known, UINT64_MAX), 31);
        CHECK_EQ(count_refusals(known, (uint64_t)1 << 32), 31); /* 0 when it is cut */
        CHECK_EQ(count_refusals(known, 1 << 22), 31);
    }
}

typedef struct lie {
    const char *what;
    size_t      word; /* of the table of 3.13 */
    uint64_t    offset;
} lie;

static const lie lies[] = {
    {"a frame of odd length", 32, 73},
    {"a frame shorter than its fields", 32, 64},
    {"a frame of impossible length", 32, 264},
    {"no frame", 32, 0},
    {"code and link in one place", 30, 8},
    {"code and instruction in one place", 30, 56},
    {"link and instruction in one place", 29, 56},
    {"code behind the frame", 30, 80},
    {"owner behind the frame", 33, 80},
    {"bytecode before the line table", 43, 136},
    {"a code object longer than its copy", 43, 520},
    {"a name behind the code object", 36, 200},
    {"a first line behind the line table", 39, 140},
    {"a line table before the first line", 38, 68},
    {"a stack of the thread behind its copy", 26, 1008},
    {"a link behind what is read of the thread", 21, 256},
    {"a system's number behind what is read", 25, 249},
    {"a current frame behind what is read", 23, 1020},
    {"a str without a header", 70, 16},
    {"a str with a huge header", 70, 72},
    {"a length behind the header", 69, 40},
    {"a kind behind the header", 68, 40},
    {"bytes that begin in their size", 66, 16},
    {"bytes with a huge header", 66, 72},
};

TEST(tables_that_contradict_themselves_are_corrupt)
{
    const known_layout *known = find_known(13);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint64_t    words[MAX_WORDS];
        tare_layout layout;
        memcpy(words, known->words, known->word_count * sizeof words[0]);
        words[lies[i].word] = lies[i].offset;
        if (!CHECK(lay_out(&layout, 13, words, known->word_count) == TARE_CORRUPT))
            printf("    %s\n", lies[i].what);
    }
}
