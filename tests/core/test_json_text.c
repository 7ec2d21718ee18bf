/* test_json_text.c - bytes as text: which sequences are characters, and what is escaped. */
#include "harness.h"
#include "oom.h"

#include "io/json_text.h"

static void check_next(const char *bytes, size_t size, size_t taken, uint32_t character)
{
    uint32_t seen;
    CHECK_EQ(tare_utf8_next(bytes, size, &seen), taken);
    CHECK_EQ(seen, character);
}

TEST(every_character_is_read_back)
{
    tare_buffer out = {.alloc = tare_alloc_system()};
    uint32_t    wrong_count = 0;
    for (uint32_t character = 0; character < 0x110000; character++) {
        uint32_t seen;
        tare_buffer_clear(&out);
        tare_utf8_append(&out, character);
        size_t taken = tare_utf8_next((const char *)out.bytes, out.size, &seen);
        bool   surrogate = character >= 0xD800 && character < 0xE000;
        bool   same = taken == out.size && seen == character;
        wrong_count += surrogate ? seen != 0xFFFD : !same;
    }
    CHECK_EQ(wrong_count, 0);
    tare_buffer_deinit(&out);
}

TEST(damage_takes_as_many_bytes_as_belong_together)
{
    check_next("\x80", 1, 1, 0xFFFD);             /* nothing before it */
    check_next("\xC0\xAF", 2, 1, 0xFFFD);         /* overlong */
    check_next("\xE0\x9F\xBF", 3, 1, 0xFFFD);     /* overlong */
    check_next("\xF0\x8F\xBF\xBF", 4, 1, 0xFFFD); /* overlong */
    check_next("\xED\xA0\x80", 3, 1, 0xFFFD);     /* surrogate */
    check_next("\xF4\x90\x80\x80", 4, 1, 0xFFFD); /* above U+10FFFF */
    check_next("\xF5\x80", 2, 1, 0xFFFD);
    check_next("\xFF", 1, 1, 0xFFFD);
    check_next("\xE2\x82", 2, 2, 0xFFFD); /* cut */
    check_next("\xE2", 1, 1, 0xFFFD);
    check_next("\xE2\x82X", 3, 2, 0xFFFD);
    check_next("\xF0\x9F\x90X", 4, 3, 0xFFFD);
    check_next("\xE2\x82\xAC", 2, 2, 0xFFFD); /* the rest is out of reach */
    check_next("\xE2\x82\xAC", 3, 3, 0x20AC);
    check_next("\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF);
    check_next("\xED\x9F\xBF", 3, 3, 0xD7FF);
}

static void check_json(const char *bytes, size_t size, const char *expected)
{
    tare_buffer out = {.alloc = tare_alloc_system()};
    tare_json_string(&out, bytes, size);
    CHECK_EQ(out.size, strlen(expected));
    CHECK(memcmp(out.bytes, expected, out.size) == 0);
    tare_buffer_deinit(&out);
}

TEST(json_strings_are_escaped)
{
    check_json("", 0, "\"\"");
    check_json("plain", 5, "\"plain\"");
    check_json("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    check_json("\0\n\x1f\x7f", 4, "\"\\u0000\\u000a\\u001f\\u007f\"");
    check_json("</script>", 9, "\"\\u003c/script>\"");
    check_json("\xC2\x85\xC2\xA0", 4, "\"\\u0085\xC2\xA0\"");
    check_json("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", 9, "\"\\u2028\\u2029\xE2\x80\xAA\"");
    check_json("\xFF\xE2\x82", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    check_json("\xF0\x9F\x90\x8D", 4, "\"\xF0\x9F\x90\x8D\"");
}

TEST(text_that_does_not_fit_is_noticed)
{
    oom memory;
    oom_init(&memory, 1);
    tare_buffer out = {.alloc = &memory.alloc};
    tare_json_string(&out, "text", 4);
    CHECK(out.failed);
    tare_buffer_deinit(&out);
    CHECK_EQ(memory.outstanding, 0);
}
