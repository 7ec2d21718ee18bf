/* known_profile.h - profiles whose every number is known, for the tests of core/io.
 *
 * Strings are added before what they name: their order, and with it the bytes of the file
 * in tests/golden, must not depend on the order in which the model looks at its arguments.
 *
 * known_step adds one third of the known profile, as a sampler would between two flushes:
 * all of it is there after steps 0, 1 and 2. Python tests know the same numbers. */
#ifndef TARE_TESTS_KNOWN_PROFILE_H
#define TARE_TESTS_KNOWN_PROFILE_H

#include "io/tare_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KNOWN_STEPS = 3, KNOWN_TICK_NS = 1000000, HOSTILE_LONG_BYTES = 10240 };

/* Building is no test: it must not fail. */
static inline void must(tare_status status)
{
    if (status == TARE_OK)
        return;
    fprintf(stderr, "cannot build the profile: %s\n", tare_status_text(status));
    abort();
}

static inline uint32_t known_string(tare_profile *profile, const char *bytes, size_t size)
{
    uint32_t id;
    must(tare_profile_string(profile, bytes, size, &id, NULL));
    return id;
}

static inline uint32_t known_function(tare_profile *profile, const char *name, const char *qualname,
                                      const char *file, uint32_t line, tare_function_kind kind)
{
    tare_function function = {.first_line = line, .kind = kind};
    function.name = known_string(profile, name, strlen(name));
    function.qualname = known_string(profile, qualname, strlen(qualname));
    function.file = known_string(profile, file, strlen(file));
    uint32_t id;
    must(tare_profile_function(profile, &function, &id, NULL));
    return id;
}

static inline uint32_t known_child(tare_profile *profile, uint32_t parent, uint32_t function,
                                   uint32_t line)
{
    uint32_t frame, node;
    must(tare_profile_frame(profile, function, line, &frame, NULL));
    must(tare_profile_child(profile, parent, frame, &node, NULL));
    return node;
}

static inline uint32_t known_metric(tare_profile *profile, const char *name, const char *unit)
{
    uint32_t id;
    known_string(profile, name, strlen(name));
    known_string(profile, unit, strlen(unit));
    must(tare_profile_metric(profile, name, unit, &id, NULL));
    return id;
}

static inline uint32_t known_thread(tare_profile *profile, const char *process, const char *thread,
                                    const char *is_main)
{
    const char *pairs[][2] = {{"process", process}, {"thread", thread}, {"main", is_main}};
    tare_label  labels[3];
    uint32_t    count = is_main != NULL ? 3 : 2;
    for (uint32_t i = 0; i < count; i++) {
        labels[i].key = known_string(profile, pairs[i][0], strlen(pairs[i][0]));
        labels[i].value = known_string(profile, pairs[i][1], strlen(pairs[i][1]));
    }
    uint32_t id;
    must(tare_profile_label_set(profile, labels, count, &id, NULL));
    return id;
}

/* So many ticks with node on top, in that state. */
static inline void known_sample(tare_profile *profile, uint32_t node, uint32_t label_set,
                                const char *state, uint64_t tick_count)
{
    uint32_t samples = known_metric(profile, "samples", "count");
    uint32_t wall = known_metric(profile, "wall_ns", "ns");
    uint32_t in_state = known_metric(profile, state, "ns");
    uint64_t ns = tick_count * KNOWN_TICK_NS;
    must(tare_profile_add(profile, node, label_set, samples, tick_count, NULL));
    must(tare_profile_add(profile, node, label_set, wall, ns, NULL));
    must(tare_profile_add(profile, node, label_set, in_state, ns, NULL));
}

static inline void known_point(tare_profile *profile, const char *series, uint64_t time_ns,
                               int64_t amount)
{
    uint32_t id;
    known_string(profile, series, strlen(series));
    known_string(profile, "bytes", 5);
    must(tare_profile_series(profile, series, "bytes", 1, &id, NULL));
    must(tare_profile_point(profile, id, time_ns, amount, NULL));
}

static inline void known_meta(tare_profile *profile, const char *key, const char *value)
{
    known_string(profile, key, strlen(key));
    known_string(profile, value, strlen(value));
    must(tare_profile_set_meta(profile, key, value, strlen(value), NULL));
}

static inline void known_step(tare_profile *profile, int step)
{
    uint32_t module = known_function(profile, "<module>", "<module>", "/srv/main.py", 1,
                                     TARE_FUNCTION_PYTHON);
    uint32_t parse = known_function(profile, "parse", "Reader.parse", "/srv/reader.py", 10,
                                    TARE_FUNCTION_PYTHON);
    uint32_t first = known_thread(profile, "41 app", "41 MainThread", "1");
    uint32_t at_3 = known_child(profile, 0, module, 3);
    uint32_t parse_12 = known_child(profile, at_3, parse, 12);
    known_sample(profile, parse_12, first, "python_ns", 5);
    known_sample(profile, 0, 0, "python_ns", 5);
    if (step == 0) {
        known_meta(profile, "target.command", "python main.py");
        known_meta(profile, "wall_ns", "5000000");
        known_sample(profile, known_child(profile, at_3, parse, 14), first, "python_ns", 2);
        known_point(profile, "rss_bytes", 1000, 4096);
    }
    if (step == 1) {
        uint32_t fib = known_function(profile, "fib", "fib", "/srv/main.py", 30,
                                      TARE_FUNCTION_PYTHON);
        uint32_t outer = known_child(profile, known_child(profile, 0, module, 4), fib, 31);
        uint32_t middle = known_child(profile, outer, fib, 32);
        uint32_t inner = known_child(profile, middle, fib, 31);
        known_sample(profile, outer, first, "python_ns", 1);
        known_sample(profile, inner, first, "python_ns", 7);
        known_sample(profile, known_child(profile, inner, parse, 12), first, "gc_ns", 3);
        known_point(profile, "rss_bytes", 2000, 12288);
        known_point(profile, "balance", 2000, INT64_MIN);
        known_point(profile, "balance", 2000, INT64_MAX);
    }
    if (step == 2) {
        uint32_t sleep = known_function(profile, "<built-in function sleep>", "sleep", "", 0,
                                        TARE_FUNCTION_NATIVE);
        uint32_t run = known_function(profile, "run", "Worker.run", "/srv/worker.py", 5,
                                      TARE_FUNCTION_PYTHON);
        uint32_t overflow = known_function(profile, "(overflow)", "(overflow)", "", 0,
                                           TARE_FUNCTION_SYNTHETIC);
        uint32_t second = known_thread(profile, "41 app", "42 pool-0", NULL);
        uint32_t run_7 = known_child(profile, 0, run, 7);
        known_sample(profile, run_7, second, "python_ns", 4);
        known_sample(profile, known_child(profile, run_7, sleep, 0), second, "wait_sleep_ns", 6);
        known_sample(profile, known_child(profile, 0, overflow, 0), second, "python_ns", 1);
        known_meta(profile, "wall_ns", "15000000");
    }
}

static inline void known_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    for (int step = 0; step < KNOWN_STEPS; step++)
        known_step(profile, step);
}

/* Of the two points of the first series the second stays, and two more come: a writer that
 * only counts points would not notice. */
static inline void known_thin_out(tare_profile *profile)
{
    tare_series *series = &profile->series[0];
    series->points[0] = series->points[1];
    tare_profile_set_points(profile, 0, 1);
    known_point(profile, "rss_bytes", 3000, 16384);
    known_point(profile, "rss_bytes", 4000, 8192);
}

/* The same in as many flushes as there are steps, and a fourth for a series that was thinned
 * out: all kinds of block are in the file. profile is empty at first. */
static inline void known_flushes(tare_writer *writer, tare_profile *profile)
{
    for (int step = 0; step < KNOWN_STEPS; step++) {
        known_step(profile, step);
        must(tare_writer_flush(writer, profile, NULL));
    }
    known_thin_out(profile);
    must(tare_writer_flush(writer, profile, NULL));
}

static inline void empty_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
}

/* Names that break careless programs; tests/python/test_format.py has the same list. */
static const struct {
    const char *bytes;
    size_t      size;
} hostile_names[] = {
#define HOSTILE(literal) {literal, sizeof literal - 1}
    HOSTILE(""),
    HOSTILE("nul\0inside"),
    HOSTILE("line\nbreak\r\n"),
    HOSTILE("quote\" back\\slash"),
    HOSTILE("semi;colon 12"),
    HOSTILE(" space "),
    HOSTILE("\x1b[31mred\x7f"),
    HOSTILE("</script>"),
    HOSTILE("\xe2\x80\xae"
            "exe.txt"),                      /* right-to-left override */
    HOSTILE("\xed\xa0\x80 \xed\xb3\xbf"),    /* lone surrogates */
    HOSTILE("\xff\xfe latin \xe9"),          /* not UTF-8 */
    HOSTILE("cut \xe2\x82"),                 /* half a character */
    HOSTILE("\xc0\xaf \xf4\x90\x80\x80"),    /* overlong; above U+10FFFF */
    HOSTILE("\xf0\x9f\x90\x8d \xc3\xa9"),    /* U+1F40D, U+00E9 */
    HOSTILE("\xe2\x80\xa8\xc2\x85\xc2\x9b"), /* U+2028, U+0085, U+009B */
#undef HOSTILE
};

enum { HOSTILE_COUNT = sizeof hostile_names / sizeof hostile_names[0] };

/* One stack of one tick for each hostile name as name, file, label and provenance, and
 * one for a name of HOSTILE_LONG_BYTES letters. */
static inline void hostile_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    char long_name[HOSTILE_LONG_BYTES];
    memset(long_name, 'x', sizeof long_name);
    uint32_t key = known_string(profile, "thread", 6);
    for (uint32_t i = 0; i <= HOSTILE_COUNT; i++) {
        const char   *bytes = i < HOSTILE_COUNT ? hostile_names[i].bytes : long_name;
        size_t        size = i < HOSTILE_COUNT ? hostile_names[i].size : sizeof long_name;
        uint32_t      name = known_string(profile, bytes, size);
        tare_function function = {.name = name, .qualname = name, .file = name, .first_line = i};
        uint32_t      function_id, label_set;
        must(tare_profile_function(profile, &function, &function_id, NULL));
        tare_label label = {.key = key, .value = name};
        must(tare_profile_label_set(profile, &label, 1, &label_set, NULL));
        known_sample(profile, known_child(profile, 0, function_id, i), label_set, "python_ns", 1);
        must(tare_profile_set_meta(profile, "target.command", bytes, size, NULL));
    }
}

/* A tree of 400 nodes over 9 names, full of direct and mutual recursion. Every name stands for
 * two functions that differ in their qualname only, and the last sample is a huge one. */
static inline void tangled_profile(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    uint32_t label_set = known_thread(profile, "1 p", "1 t", "1");
    uint64_t state = 1;
    while (profile->node_count < 400) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint32_t random = (uint32_t)(state >> 33);
        uint32_t back = random % 11;
        uint32_t parent = back < profile->node_count ? profile->node_count - 1 - back : 0;
        char     name[16], qualname[32];
        snprintf(name, sizeof name, "f%u", random / 11 % 9);
        snprintf(qualname, sizeof qualname, "%s%s", random / 396 % 2 ? "C." : "", name);
        uint32_t function = known_function(profile, name, qualname, "t.py", 1,
                                           TARE_FUNCTION_PYTHON);
        uint32_t node = known_child(profile, parent, function, 1 + random / 99 % 2);
        known_sample(profile, node, label_set, "python_ns", random / 198 % 5);
    }
    known_sample(profile, profile->node_count - 1, label_set, "python_ns", UINT64_C(1) << 40);
}

#endif
