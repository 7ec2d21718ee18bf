/* test_export.c - exports to the byte for small profiles, and under failing allocations.
 * What other programs make of them is tested in tests/python/test_export.py. */
#include "harness.h"
#include "oom.h"

#include "io/export.h"
#include "known_lines.h"
#include "known_trace.h"

typedef tare_status (*exporter)(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                                tare_error *err);

static void check_export(exporter write, const tare_profile *profile, uint32_t metric,
                         const char *expected, size_t expected_size)
{
    tare_buffer out = {.alloc = tare_alloc_system()};
    CHECK_EQ(write(profile, metric, &out, NULL), TARE_OK);
    CHECK_EQ(out.size, expected_size);
    bool same = out.size == expected_size &&
                (out.size == 0 || memcmp(out.bytes, expected, out.size) == 0);
    CHECK(same);
    if (!same)
        printf("%.*s\n", (int)out.size, (const char *)out.bytes);
    tare_buffer_deinit(&out);
}

#define CHECK_TEXT(write, profile, metric, text) \
    check_export(write, profile, metric, text, sizeof text - 1)

/* main calls f; f recurses once: 1 tick in the outer f, 2 in the inner one; "run" is the
 * run's own account at the root. */
static void small_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    uint32_t top = known_function(profile, "main", "main", "m.py", 1, TARE_FUNCTION_PYTHON);
    uint32_t f = known_function(profile, "f", "C.f", "m.py", 9, TARE_FUNCTION_PYTHON);
    uint32_t outer = known_child(profile, known_child(profile, 0, top, 2), f, 10);
    known_sample(profile, 0, 0, "python_ns", 50);
    known_sample(profile, outer, 0, "python_ns", 1);
    known_sample(profile, known_child(profile, outer, f, 10), 0, "python_ns", 2);
}

TEST(collapsed_of_a_small_profile)
{
    tare_profile profile;
    small_profile(&profile, tare_alloc_system());
    CHECK_TEXT(tare_export_collapsed, &profile, 0,
               "main (m.py:2);C.f (m.py:10) 1\n"
               "main (m.py:2);C.f (m.py:10);C.f (m.py:10) 2\n");
    tare_profile_deinit(&profile);
}

TEST(speedscope_of_a_small_profile)
{
    tare_profile profile;
    small_profile(&profile, tare_alloc_system());
    CHECK_TEXT(tare_export_speedscope, &profile, 0,
               "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\","
               "\"exporter\":\"tare\",\"name\":\"\",\"activeProfileIndex\":0,"
               "\"shared\":{\"frames\":[\n"
               "{\"name\":\"main\",\"file\":\"m.py\",\"line\":1},\n"
               "{\"name\":\"C.f\",\"file\":\"m.py\",\"line\":9}]},\"profiles\":[\n"
               "{\"type\":\"sampled\",\"name\":\"all threads\",\"unit\":\"none\","
               "\"startValue\":0,\"samples\":[\n"
               "[0,1],\n"
               "[0,1,1]],\"weights\":[1,2],\"endValue\":3}]}\n");
    tare_profile_deinit(&profile);
}

#define KEY_MAIN "(\3\0\0\0u\4\0\0\0m.pyi\1\0\0\0u\4\0\0\0main"
#define KEY_F "(\3\0\0\0u\4\0\0\0m.pyi\11\0\0\0u\1\0\0\0f"
#define COUNTS(first, second) "i" first "\0\0\0i" second "\0\0\0"
/* Doubles of 0, 0.001, 0.002 and 0.003 seconds. */
#define MS_0 "g\0\0\0\0\0\0\0\0"
#define MS_1 "g\xfc\xa9\xf1\xd2\x4d\x62\x50\x3f"
#define MS_2 "g\xfc\xa9\xf1\xd2\x4d\x62\x60\x3f"
#define MS_3 "g\xfa\x7e\x6a\xbc\x74\x93\x68\x3f"

TEST(pstats_of_a_small_profile)
{
    tare_profile profile;
    small_profile(&profile, tare_alloc_system());
    CHECK_TEXT(tare_export_pstats, &profile, 1,
               "{" KEY_MAIN "(\5\0\0\0" COUNTS("\0", "\3") MS_0 MS_3
               "{0" KEY_F "(\5\0\0\0" COUNTS("\3", "\3") MS_3 MS_3
               "{" KEY_F "(\4\0\0\0" COUNTS("\2", "\2") MS_2 MS_2 KEY_MAIN
               "(\4\0\0\0" COUNTS("\3", "\1") MS_1 MS_3 "00");
    tare_profile_deinit(&profile);
}

TEST(pstats_has_no_place_for_native_functions)
{
    tare_profile profile;
    empty_profile(&profile, tare_alloc_system());
    uint32_t native = known_function(&profile, "sleep", "sleep", "t.c", 7, TARE_FUNCTION_NATIVE);
    known_sample(&profile, known_child(&profile, 0, native, 8), 0, "native_ns", 1);
    CHECK_TEXT(tare_export_pstats, &profile, 1,
               "{(\3\0\0\0u\1\0\0\0~i\0\0\0\0u\5\0\0\0sleep"
               "(\5\0\0\0" COUNTS("\1", "\1") MS_1 MS_1 "{00");
    tare_profile_deinit(&profile);
}

/* As above with calls: 4 of f, of which 1 is on no other; main has no time of its own. */
static void small_trace(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    uint32_t top = known_function(profile, "main", "main", "m.py", 1, TARE_FUNCTION_PYTHON);
    uint32_t f = known_function(profile, "f", "C.f", "m.py", 9, TARE_FUNCTION_PYTHON);
    uint32_t main_node = trace_node(profile, 0, top, 0, 2, 0);
    uint32_t outer = trace_node(profile, main_node, f, 0, 1, 1);
    trace_node(profile, outer, f, 0, 3, 2);
}

TEST(pstats_of_a_trace_has_real_calls)
{
    tare_profile profile;
    small_trace(&profile, tare_alloc_system());
    CHECK_TEXT(tare_export_pstats, &profile, 1,
               "{" KEY_MAIN "(\5\0\0\0" COUNTS("\2", "\2") MS_0 MS_3
               "{0" KEY_F "(\5\0\0\0" COUNTS("\1", "\4") MS_3 MS_3
               "{" KEY_F "(\4\0\0\0" COUNTS("\3", "\3") MS_2 MS_2 KEY_MAIN
               "(\4\0\0\0" COUNTS("\1", "\1") MS_1 MS_3 "00");
    tare_profile_deinit(&profile);
}

/* Its callee names main as a caller, so main must be there. */
TEST(pstats_keeps_what_was_traced_without_time_or_calls)
{
    tare_profile profile;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    uint32_t top = known_function(&profile, "main", "main", "m.py", 1, TARE_FUNCTION_PYTHON);
    uint32_t f = known_function(&profile, "f", "C.f", "m.py", 9, TARE_FUNCTION_PYTHON);
    known_function(&profile, "g", "g", "m.py", 20, TARE_FUNCTION_PYTHON); /* in no node */
    trace_node(&profile, known_child(&profile, 0, top, 0), f, 0, 3, 0);
    CHECK_TEXT(tare_export_pstats, &profile, 1,
               "{" KEY_MAIN "(\5\0\0\0" COUNTS("\0", "\0") MS_0 MS_0
               "{0" KEY_F "(\5\0\0\0" COUNTS("\3", "\3") MS_0 MS_0
               "{" KEY_MAIN "(\4\0\0\0" COUNTS("\3", "\3") MS_0 MS_0 "00");
    tare_profile_deinit(&profile);
}

TEST(pstats_of_a_trace_has_cprofiles_words_for_native_functions)
{
    tare_profile profile;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    uint32_t get = known_function(&profile, "get", "dict.get", "", 0, TARE_FUNCTION_NATIVE);
    uint32_t said = known_function(&profile, "<x>", "<x>", "", 0, TARE_FUNCTION_NATIVE);
    trace_node(&profile, 0, get, 0, 1, 1);
    trace_node(&profile, 0, said, 0, 2, 2);
    CHECK_TEXT(tare_export_pstats, &profile, 1,
               "{(\3\0\0\0u\1\0\0\0~i\0\0\0\0u\32\0\0\0<built-in method dict.get>"
               "(\5\0\0\0" COUNTS("\1", "\1") MS_1 MS_1 "{0"
                                                        "(\3\0\0\0u\1\0\0\0~i\0\0\0\0u\3\0\0\0<x>"
                                                        "(\5\0\0\0" COUNTS("\2", "\2") MS_2 MS_2
               "{00");
    tare_profile_deinit(&profile);
}

TEST(json_of_a_small_profile)
{
    tare_profile profile;
    small_profile(&profile, tare_alloc_system());
    CHECK_TEXT(tare_export_json, &profile, 0,
               "{\"schema\":\"tare.profile/1\",\n\"meta\":{},\n\"metrics\":[\n"
               "{\"name\":\"samples\",\"unit\":\"count\"},\n"
               "{\"name\":\"wall_ns\",\"unit\":\"ns\"},\n"
               "{\"name\":\"python_ns\",\"unit\":\"ns\"}],\n\"label_sets\":[\n{}],\n"
               "\"functions\":[\n"
               "{\"name\":\"main\",\"qualname\":\"main\",\"file\":\"m.py\",\"first_line\":1,"
               "\"kind\":\"python\"},\n"
               "{\"name\":\"f\",\"qualname\":\"C.f\",\"file\":\"m.py\",\"first_line\":9,"
               "\"kind\":\"python\"}],\n"
               "\"frames\":[\n[0,2],\n[1,10]],\n"
               "\"nodes\":[\n[null,null],\n[0,0],\n[1,1],\n[2,1]],\n"
               "\"values\":[\n[0,0,0,50],\n[0,0,1,50000000],\n[0,0,2,50000000],\n"
               "[2,0,0,1],\n[2,0,1,1000000],\n[2,0,2,1000000],\n"
               "[3,0,0,2],\n[3,0,1,2000000],\n[3,0,2,2000000]],\n\"series\":[]}\n");
    tare_profile_deinit(&profile);
}

TEST(sums_stop_at_the_largest_number)
{
    tare_profile profile;
    tare_buffer  out = {.alloc = tare_alloc_system()};
    small_profile(&profile, tare_alloc_system());
    must(tare_profile_add(&profile, 2, 0, 0, UINT64_MAX, NULL));
    CHECK_EQ(tare_export_speedscope(&profile, 0, &out, NULL), TARE_OK);
    static const char end[] =
        "\"weights\":[18446744073709551615,2],\"endValue\":18446744073709551615}]}\n";
    size_t size = sizeof end - 1;
    CHECK(out.size > size && memcmp(out.bytes + out.size - size, end, size) == 0);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

TEST(metrics_that_are_not_there_are_refused)
{
    tare_profile profile;
    small_profile(&profile, tare_alloc_system());
    for (const tare_export_format *format = tare_export_formats(); format->name; format++) {
        tare_buffer out = {.alloc = tare_alloc_system()};
        tare_status expected = format->write == tare_export_json ? TARE_OK : TARE_USAGE;
        CHECK_EQ(format->write(&profile, 3, &out, NULL), expected);
        tare_buffer_deinit(&out);
    }
    tare_profile_deinit(&profile);
}

TEST(profile_without_stacks_is_exported_where_the_format_allows)
{
    tare_profile profile;
    tare_error   err;
    tare_buffer  out = {.alloc = tare_alloc_system()};
    empty_profile(&profile, tare_alloc_system());
    known_sample(&profile, 0, 0, "python_ns", 5);
    CHECK_TEXT(tare_export_collapsed, &profile, 0, "");
    CHECK_EQ(tare_export_speedscope(&profile, 0, &out, NULL), TARE_OK);
    tare_buffer_clear(&out);
    CHECK_EQ(tare_export_pstats(&profile, 0, &out, &err), TARE_UNSUPPORTED);
    CHECK(strstr(err.message, "no stacks") != NULL);
    CHECK_EQ(out.size, 0);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

TEST(lprof_has_the_lines_of_a_function_in_one_tuple_each)
{
    tare_profile profile;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    uint32_t f = lines_function(&profile, "f", 258);
    lines_add(&profile, f, 259, 0, "hits", 3);
    lines_add(&profile, f, 259, 0, "inclusive_ns", UINT64_MAX);
    known_metric(&profile, "wall_ns", "ns");
    CHECK_TEXT(tare_export_lprof, &profile, 2,
               "\x80\2cline_profiler._line_profiler\nLineStats\n)\x81}("
               "X\7\0\0\0timings}("
               "X\4\0\0\0a.pyJ\2\1\0\0X\1\0\0\0f\x87"
               "](J\3\1\0\0J\3\0\0\0\x8a\t\xff\xff\xff\xff\xff\xff\xff\xff\0\x87"
               "eu"
               "X\4\0\0\0unitG\x3e\x11\x2e\x0b\xe8\x26\xd6\x95"
               "ub.");
    tare_profile_deinit(&profile);
}

TEST(lprof_is_for_the_time_of_lines_only)
{
    tare_profile profile;
    tare_error   err;
    tare_buffer  out = {.alloc = tare_alloc_system()};
    known_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_export_lprof(&profile, 1, &out, &err), TARE_UNSUPPORTED);
    CHECK(strstr(err.message, "no hits of lines") != NULL);
    tare_profile_deinit(&profile);
    lines_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_export_lprof(&profile, 0, &out, &err), TARE_UNSUPPORTED);
    CHECK(strstr(err.message, "export hits to lprof") != NULL);
    CHECK_EQ(out.size, 0);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

/* Profile and output from one allocator that fails the n-th request of the export. */
static tare_status export_with_failure(const tare_export_format *format, size_t fail_at)
{
    oom          memory;
    tare_profile profile;
    oom_init(&memory, 0);
    if (format->write == tare_export_lprof)
        lines_profile(&profile, &memory.alloc);
    else
        known_profile(&profile, &memory.alloc);
    memory.fail_at = memory.requests + fail_at;
    tare_buffer out = {.alloc = &memory.alloc};
    tare_status status = format->write(&profile, 1, &out, NULL);
    CHECK_EQ(tare_profile_check(&profile, NULL), TARE_OK);
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
    CHECK_EQ(memory.outstanding, 0);
    return status;
}

TEST(failed_allocations_leave_nothing_when_exporting)
{
    for (const tare_export_format *format = tare_export_formats(); format->name; format++) {
        tare_status status = TARE_NO_MEMORY;
        size_t      fail_at = 1;
        for (; status == TARE_NO_MEMORY; fail_at++)
            status = export_with_failure(format, fail_at);
        CHECK_EQ(status, TARE_OK);
        CHECK(fail_at > 3);
    }
}
