/* test_json_read.c - tokens of good text, and what is refused. */
#include "harness.h"
#include "oom.h"

#include "io/json_read.h"

/* One letter per token: { } [ ] k s n t f z, and what stopped it: . at the end, ! for an error. */
static const char *letters_with(const char *text, size_t size, const tare_alloc *alloc,
                                tare_status *status)
{
    static const char signs[] = ".{}[]ksntfz";
    static char       letters[256];
    size_t            count = 0;
    tare_json         json = tare_json_open((const uint8_t *)text, size, alloc);
    tare_json_token   token = {.kind = TARE_JSON_NULL};
    *status = TARE_OK;
    while (*status == TARE_OK && token.kind != TARE_JSON_END && count < sizeof letters - 2) {
        *status = tare_json_next(&json, &token, NULL);
        letters[count++] = *status == TARE_OK ? signs[token.kind] : '!';
    }
    letters[count] = '\0';
    tare_json_close(&json);
    return letters;
}

static bool gives(const char *text, const char *expected)
{
    tare_status status;
    const char *found = letters_with(text, strlen(text), tare_alloc_system(), &status);
    if (strcmp(found, expected) == 0)
        return true;
    printf("    %s gives %s\n", text, found);
    return false;
}

/* The text of the first string. */
static bool reads(const char *text, const char *expected)
{
    tare_json       json = tare_json_open((const uint8_t *)text, strlen(text), tare_alloc_system());
    tare_json_token token;
    bool same = tare_json_next(&json, &token, NULL) == TARE_OK && token.kind == TARE_JSON_STRING &&
                token.text.size == strlen(expected) &&
                memcmp(token.text.bytes, expected, token.text.size) == 0;
    tare_json_close(&json);
    return same;
}

TEST(good_text)
{
    CHECK(gives("{}", "{}."));
    CHECK(gives(" [ ] \n", "[]."));
    CHECK(
        gives("{\"a\": [1, -2.5e3, \"x\", true,false , null, {}], \"b\":{}}", "{k[nnstfz{}]k{}}."));
    CHECK(gives("12", "n."));
    CHECK(gives("\xEF\xBB\xBF\"x\"", "s."));
}

TEST(broken_text)
{
    static const char *const broken[] = {
        "",        "{",         "[1",          "[1,]",       "[,1]", "[1 2]",
        "{\"a\"}", "{\"a\":}",  "{1:2}",       "{\"a\":1,}", "[}",   "]",
        "{\"a\"]", "[1]]",      "1 2",         "tru",        "+1",   "\"",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"",     "[1}",  "{\"a\":1 \"b\":2}",
        "nul",     "[-]",       "{\"a\" 1}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        tare_status status;
        letters_with(broken[i], strlen(broken[i]), tare_alloc_system(), &status);
        CHECK_EQ(status, TARE_CORRUPT);
    }
}

TEST(text_of_strings)
{
    CHECK(reads("\"plain\"", "plain"));
    CHECK(reads("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"));
    CHECK(reads("\"\\u00e9\\u20AC\"", "\xC3\xA9\xE2\x82\xAC"));
    CHECK(reads("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"));
    CHECK(reads("\"\\ud83d!\"", "\xEF\xBF\xBD!"));
    CHECK(reads("\"\\ude00\"", "\xEF\xBF\xBD"));
    CHECK(reads("\"\\ud83d\\u0041\"", "\xEF\xBF\xBD"
                                      "A"));
    CHECK(reads("\"\xFF\"", "\xFF"));
    CHECK(reads("\"x\\u0000\"", "x") == false); /* the NUL is kept: one byte more */
}

TEST(depth_has_a_bound)
{
    char        text[2 * TARE_JSON_MAX_DEPTH + 4];
    tare_status status;
    memset(text, '[', sizeof text);
    letters_with(text, TARE_JSON_MAX_DEPTH + 1, tare_alloc_system(), &status);
    CHECK_EQ(status, TARE_CORRUPT);
    memset(text + TARE_JSON_MAX_DEPTH, ']', TARE_JSON_MAX_DEPTH);
    letters_with(text, (size_t)2 * TARE_JSON_MAX_DEPTH, tare_alloc_system(), &status);
    CHECK_EQ(status, TARE_OK);
}

TEST(skipping_and_forking)
{
    static const char text[] = "{\"a\": [1, {\"x\": [2]}], \"b\": 3, \"c\": [4, 5]}";
    tare_json json = tare_json_open((const uint8_t *)text, sizeof text - 1, tare_alloc_system());
    tare_json part;
    tare_json_token token;
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_skip(&json, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK(token.kind == TARE_JSON_KEY && token.text.bytes[0] == 'b');
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_skip(&json, &token, NULL), TARE_OK); /* a number: nothing more */
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_fork(&json, &part, NULL), TARE_OK);
    CHECK_EQ(tare_json_next(&json, &token, NULL), TARE_OK);
    CHECK_EQ(token.kind, TARE_JSON_OBJECT_END);
    for (uint64_t number = 4; number <= 5; number++) {
        CHECK_EQ(tare_json_next(&part, &token, NULL), TARE_OK);
        if (number == 4)
            CHECK_EQ(tare_json_next(&part, &token, NULL), TARE_OK);
        CHECK(token.kind == TARE_JSON_NUMBER && token.number.digits == number);
    }
    CHECK_EQ(tare_json_next(&part, &token, NULL), TARE_OK);
    CHECK_EQ(tare_json_next(&part, &token, NULL), TARE_OK);
    CHECK_EQ(token.kind, TARE_JSON_END);
    tare_json_close(&json);
    tare_json_close(&part);
}

TEST(cut_at_every_byte)
{
    static const char text[] = "{\"a\\u00e9\": [1.5, true, null, \"\\ud83d\\ude00\"], \"b\": {}}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        tare_status status;
        letters_with(text, size, tare_alloc_system(), &status);
        CHECK_EQ(status, TARE_CORRUPT);
    }
}

TEST(without_memory)
{
    static const char text[] = "[\"a long text with an escape: \\n\"]";
    tare_status       status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        letters_with(text, sizeof text - 1, &memory.alloc, &status);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(memory.outstanding, 0);
    }
}
