/* test_columns.c - the viewer's block to the byte for a small profile, and under failing
 * allocations. What the page makes of it is tested in tests/viewer. */
#include "harness.h"
#include "oom.h"

#include "io/columns.h"
#include "known_profile.h"

static void add(tare_profile *profile, uint32_t node, const char *metric, uint64_t amount)
{
    must(tare_profile_add(profile, node, 0, known_metric(profile, metric, "ns"), amount, NULL));
}

/* f under main twice, at lines 2 and 3, with g between: pre-order is not the order of ids.
 *
 *     id 1 main:1   2 f:9 under main   3 g:5 under main   4 g:5 under f
 *     place 1       2                  4                  3                    */
static void small_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    uint32_t top = known_function(profile, "main", "main", "m.py", 1, TARE_FUNCTION_PYTHON);
    uint32_t f = known_function(profile, "f", "f", "m.py", 9, TARE_FUNCTION_PYTHON);
    uint32_t g = known_function(profile, "g\xff", "g\xff", "", 0, TARE_FUNCTION_NATIVE);
    uint32_t main_node = known_child(profile, 0, top, 1);
    uint32_t f_node = known_child(profile, main_node, f, 9);
    uint32_t g_node = known_child(profile, main_node, g, 5);
    uint32_t deep = known_child(profile, f_node, g, 5);
    add(profile, g_node, "python_ns", 7);
    add(profile, deep, "python_ns", 300);
    add(profile, f_node, "calls", 2);
    uint32_t series;
    must(tare_profile_series(profile, "timeline", "node", 0, &series, NULL));
    must(tare_profile_point(profile, series, 5, (int64_t)g_node, NULL));
    must(tare_profile_point(profile, series, 8, (int64_t)deep, NULL));
    must(tare_profile_point(profile, series, 9, -(int64_t)g_node, NULL)); /* it waits there */
}

/* The payload of the count-th section with that tag. */
static tare_text find_section(const tare_buffer *block, uint8_t tag, int count)
{
    tare_cursor cursor = {.bytes = block->bytes, .size = block->size, .at = 8};
    while (cursor.at < cursor.size) {
        uint8_t        found = tare_cursor_u8(&cursor);
        uint64_t       size = tare_cursor_u64(&cursor);
        const uint8_t *payload = tare_cursor_take(&cursor, size);
        if (cursor.failed)
            break;
        if (found == tag && count-- == 0)
            return (tare_text){(const char *)payload, (uint32_t)size};
    }
    return (tare_text){NULL, 0};
}

static bool contains(tare_text text, const char *part, size_t size)
{
    for (uint32_t at = 0; at + size <= text.size; at++) {
        if (memcmp(text.bytes + at, part, size) == 0)
            return true;
    }
    return false;
}

static bool is_section(const tare_buffer *block, uint8_t tag, int count, const char *expected,
                       size_t size)
{
    tare_text found = find_section(block, tag, count);
    return found.bytes != NULL && found.size == size && memcmp(found.bytes, expected, size) == 0;
}

#define CHECK_SECTION(tag, count, text) CHECK(is_section(&out, tag, count, text, sizeof text - 1))

/* Of a file that says so; what fits no number is the largest. */
TEST(numbers_have_an_end)
{
    static const char *const weights[] = {"1000000000000", "4000000", "0"};
    static const char *const counts[] = {"18446744073709551615e-6", "16000000000000000000e-6",
                                         "0e-6"};
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        tare_profile profile;
        tare_buffer  block = {.alloc = tare_alloc_system()};
        small_profile(&profile, tare_alloc_system());
        must(tare_profile_set_meta(&profile, "sampler.weight", weights[i], strlen(weights[i]),
                                   NULL));
        must(tare_profile_set_meta(&profile, "sampler.weight_squared", "1", 1, NULL));
        must(tare_columns_write(&profile, &(tare_columns_origin){.complete = true}, &block, NULL));
        tare_text head = find_section(&block, 1, 0);
        CHECK(contains(head, counts[i], strlen(counts[i])));
        tare_buffer_deinit(&block);
        tare_profile_deinit(&profile);
    }
}

TEST(every_section_of_a_small_profile)
{
    tare_profile        profile;
    tare_columns_origin origin = {.complete = false, .lost_bytes = 12};
    tare_buffer         out = {.alloc = tare_alloc_system()};
    small_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_columns_write(&profile, &origin, &out, NULL), TARE_OK);
    CHECK(out.size > 8 && memcmp(out.bytes, "TareCol\1", 8) == 0);
    /* (up, frame): main, f below it, g below that, then g beside f */
    CHECK_SECTION(5, 0,
                  "\0\0"
                  "\0\1"
                  "\0\2"
                  "\2\2");
    /* metric, label set, count, then (node, amount) by place: 300 = 2c 01 + ac 02 */
    CHECK_SECTION(6, 0,
                  "\0\0\2"
                  "\3\xac\2"
                  "\1\7");
    CHECK_SECTION(6, 1,
                  "\1\0\1"
                  "\2\2");
    CHECK_EQ(find_section(&out, 6, 2).size, 0);
    tare_text  series = find_section(&out, 7, 0);
    const char head[] = "\x2f{\"name\":\"timeline\",\"unit\":\"node\",\"label_set\":0}";
    CHECK(series.size > sizeof head && memcmp(series.bytes, head, sizeof head - 1) == 0);
    /* at 5 place 4, at 8 place 3, at 9 waiting at place 4: the difference of -7 is 13 */
    CHECK(memcmp(series.bytes + sizeof head - 1,
                 "\3"
                 "\5\x8"
                 "\3\1"
                 "\1\xd",
                 7) == 0);
    tare_text strings = find_section(&out, 2, 0);
    CHECK(contains(strings, "\4g\xef\xbf\xbd", 5));
    tare_text  json = find_section(&out, 1, 0);
    const char start[] = "\"kind\":\"trace\",\"complete\":false,\"lost_bytes\":12,";
    CHECK(contains(json, start, sizeof start - 1));
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

TEST(sources_that_a_profile_keeps_are_nowhere)
{
    tare_profile        profile;
    tare_columns_origin origin = {.complete = true};
    tare_buffer         out = {.alloc = tare_alloc_system()};
    small_profile(&profile, tare_alloc_system());
    must(tare_profile_format_meta(&profile, NULL, "source:m.py:1", "key = 'kept'"));
    must(tare_profile_format_meta(&profile, NULL, "sources", "of them"));
    must(tare_profile_format_meta(&profile, NULL, "source:m.py:9", "other = 'kept'"));
    CHECK_EQ(tare_columns_write(&profile, &origin, &out, NULL), TARE_OK);
    CHECK(!contains((tare_text){(const char *)out.bytes, (uint32_t)out.size}, "kept", 4));
    tare_text  json = find_section(&out, 1, 0);
    const char meta[] = "\"meta\":{\"sources\":\"of them\"}";
    CHECK(contains(json, meta, sizeof meta - 1));
    CHECK(!contains(find_section(&out, 2, 0), "of them", 7));
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

TEST(an_empty_profile_has_a_head_and_no_nodes)
{
    tare_profile        profile;
    tare_columns_origin origin = {.complete = true};
    tare_buffer         out = {.alloc = tare_alloc_system()};
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(tare_columns_write(&profile, &origin, &out, NULL), TARE_OK);
    CHECK(find_section(&out, 1, 0).size > 0);
    CHECK(find_section(&out, 5, 0).bytes != NULL);
    CHECK_EQ(find_section(&out, 5, 0).size, 0);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

static tare_status write_with_failure(size_t fail_at)
{
    oom                 memory;
    tare_profile        profile;
    tare_columns_origin origin = {.complete = true};
    oom_init(&memory, 0);
    small_profile(&profile, &memory.alloc);
    memory.fail_at = memory.requests + fail_at;
    tare_buffer out = {.alloc = &memory.alloc};
    tare_status status = tare_columns_write(&profile, &origin, &out, NULL);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
    CHECK_EQ(memory.outstanding, 0);
    return status;
}

TEST(failed_allocations_leave_nothing)
{
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 1;
    for (; status == TARE_NO_MEMORY; fail_at++)
        status = write_with_failure(fail_at);
    CHECK_EQ(status, TARE_OK);
    CHECK(fail_at > 10);
}
