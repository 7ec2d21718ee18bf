/* test_text.c - str and bytes objects of a made-up process, whole, strange and broken. */
#include "harness.h"
#include "made_memory.h"
#include "oom.h"

#include "remote/text.h"

static tare_status read_text(made_memory *made, tare_raddr address, tare_buffer *out)
{
    out->alloc = tare_alloc_system();
    return tare_remote_text(&made->memory, &made->layout, address, out, NULL);
}

static bool reads_as(made_memory *made, tare_raddr address, const char *bytes, size_t size)
{
    tare_buffer out = {0};
    bool        same = read_text(made, address, &out) == TARE_OK && out.size == size &&
                (size == 0 || memcmp(out.bytes, bytes, size) == 0);
    tare_buffer_deinit(&out);
    return same;
}

static tare_status status_of(made_memory *made, tare_raddr address)
{
    tare_buffer out = {0};
    tare_status status = read_text(made, address, &out);
    tare_buffer_deinit(&out);
    return status;
}

TEST(each_width_becomes_utf_8)
{
    static const uint8_t  latin[] = {'n', 0xe9, 0xff, 0};
    static const uint16_t wide[] = {'a', 0x7ff, 0x800, 0x20ac, 0xffff};
    static const uint32_t widest[] = {'a', 0xffff, 0x10000, 0x1f40d, 0x10ffff};
    for (uint32_t minor = 11; minor <= 12; minor++) {
        made_memory *made = made_new(minor);
        CHECK(reads_as(made, made_ascii(made, "Index.add"), "Index.add", 9));
        CHECK(reads_as(made, made_ascii(made, ""), "", 0));
        CHECK(reads_as(made, made_text(made, latin, 4, 1, MADE_COMPACT), "n\xc3\xa9\xc3\xbf\0", 6));
        CHECK(reads_as(made, made_text(made, wide, 5, 2, MADE_COMPACT),
                       "a\xdf\xbf\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf", 12));
        CHECK(reads_as(made, made_text(made, widest, 5, 4, MADE_COMPACT),
                       "a\xef\xbf\xbf\xf0\x90\x80\x80\xf0\x9f\x90\x8d\xf4\x8f\xbf\xbf", 16));
        free(made);
    }
}

/* os.fsdecode makes such names; they must come back as they were. */
TEST(lone_surrogates_are_kept)
{
    static const uint16_t characters[] = {0xdc80, 'x', 0xd800};
    made_memory          *made = made_new(12);
    CHECK(reads_as(made, made_text(made, characters, 3, 2, MADE_COMPACT),
                   "\xed\xb2\x80x\xed\xa0\x80", 7));
    free(made);
}

TEST(long_text_comes_in_pieces)
{
    static char     letters[5001];
    static uint16_t wide[5000];
    made_memory    *made = made_new(12);
    for (int i = 0; i < 5000; i++) {
        letters[i] = (char)('a' + i % 26);
        wide[i] = (uint16_t)letters[i];
    }
    CHECK(reads_as(made, made_ascii(made, letters), letters, 5000));
    CHECK(reads_as(made, made_text(made, wide, 5000, 2, MADE_COMPACT), letters, 5000));
    free(made);
}

TEST(text_is_appended)
{
    made_memory *made = made_new(12);
    tare_buffer  out = {0};
    CHECK_EQ(read_text(made, made_ascii(made, "one"), &out), TARE_OK);
    CHECK_EQ(read_text(made, made_ascii(made, "two"), &out), TARE_OK);
    CHECK_EQ(out.size, 6);
    CHECK(memcmp(out.bytes, "onetwo", 6) == 0);
    tare_buffer_deinit(&out);
    free(made);
}

TEST(what_is_no_str_is_corrupt)
{
    made_memory *made = made_new(12);
    CHECK_EQ(status_of(made, made_text(made, "ab", 2, 1, MADE_ASCII)), TARE_CORRUPT);
    CHECK_EQ(status_of(made, made_text(made, "abcdef", 2, 3, MADE_COMPACT)), TARE_CORRUPT);
    CHECK_EQ(status_of(made, made_text(made, "", 0, 0, MADE_COMPACT)), TARE_CORRUPT);
    CHECK_EQ(status_of(made, made_text(made, "abcd", 2, 2, MADE_COMPACT | MADE_ASCII)),
             TARE_CORRUPT);
    free(made);
}

TEST(a_length_beyond_the_limit_is_corrupt)
{
    made_memory *made = made_new(12);
    tare_raddr   text = made_text(made, "abcd", 1, 4, MADE_COMPACT);
    tare_raddr   length = text + made->layout.object.text_length;
    made_word(made, length, TARE_REMOTE_MAX_TEXT_BYTES / 4 + 1);
    CHECK_EQ(status_of(made, text), TARE_CORRUPT);
    made_word(made, length, UINT64_MAX);
    CHECK_EQ(status_of(made, text), TARE_CORRUPT);
    made_word(made, length, TARE_REMOTE_MAX_TEXT_BYTES / 4);
    CHECK_EQ(status_of(made, text), TARE_TORN); /* allowed, but not there */
    free(made);
}

TEST(unmapped_text_is_torn)
{
    made_memory *made = made_new(12);
    CHECK_EQ(status_of(made, 0), TARE_TORN);
    CHECK_EQ(status_of(made, MADE_BASE + made->size - 8), TARE_TORN);
    CHECK_EQ(status_of(made, UINT64_MAX - 4), TARE_TORN);
    free(made);
}

TEST(a_failed_read_is_passed_on)
{
    made_memory *made = made_new(12);
    tare_raddr   text = made_ascii(made, "name");
    tare_raddr   bytes = made_bytes(made, "value", 5);
    for (uint64_t reads_before = 0; reads_before < 2; reads_before++) {
        tare_buffer out = {.alloc = tare_alloc_system()};
        made_event(made, reads_before, TARE_GONE, 0);
        CHECK_EQ(tare_remote_text(&made->memory, &made->layout, text, &out, NULL), TARE_GONE);
        made_event(made, reads_before, TARE_PERMISSION, 0);
        CHECK_EQ(tare_remote_bytes(&made->memory, &made->layout, bytes, 5, &out, NULL),
                 TARE_PERMISSION);
        tare_buffer_deinit(&out);
    }
    free(made);
}

TEST(bytes_up_to_a_limit)
{
    static uint8_t value[3000];
    made_memory   *made = made_new(12);
    tare_buffer    out = {.alloc = tare_alloc_system()};
    for (int i = 0; i < 3000; i++)
        value[i] = (uint8_t)(i % 251);
    tare_raddr bytes = made_bytes(made, value, sizeof value);
    CHECK_EQ(tare_remote_bytes(&made->memory, &made->layout, bytes, 3000, &out, NULL), TARE_OK);
    CHECK_EQ(out.size, 3000);
    CHECK(memcmp(out.bytes, value, sizeof value) == 0);
    CHECK_EQ(tare_remote_bytes(&made->memory, &made->layout, bytes, 2999, &out, NULL),
             TARE_CORRUPT);
    CHECK_EQ(
        tare_remote_bytes(&made->memory, &made->layout, made_bytes(made, "", 0), 0, &out, NULL),
        TARE_OK);
    CHECK_EQ(out.size, 3000);
    CHECK_EQ(tare_remote_bytes(&made->memory, &made->layout, 8, 10, &out, NULL), TARE_TORN);
    tare_buffer_deinit(&out);
    free(made);
}

TEST(without_memory_it_says_so)
{
    made_memory *made = made_new(12);
    tare_raddr   text = made_ascii(made, "name");
    tare_raddr   bytes = made_bytes(made, "value", 5);
    tare_status  status = TARE_NO_MEMORY;
    oom          memory;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        tare_buffer out = {.alloc = &memory.alloc};
        status = tare_remote_text(&made->memory, &made->layout, text, &out, NULL);
        if (status == TARE_OK)
            status = tare_remote_bytes(&made->memory, &made->layout, bytes, 5, &out, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        tare_buffer_deinit(&out);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK(memory.requests > 1);
    free(made);
}
