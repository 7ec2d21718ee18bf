/* test_import.c - every format: a known file, the same file cut, changed and without memory. What
 * the formats mean is tested in tests/python/test_import_formats.py. */
#include "harness.h"
#include "known_imports.h"
#include "known_profile.h"
#include "oom.h"

#include "io/import.h"
#include "io/imported.h"

static tare_status import_with(tare_profile *profile, const known_import *known,
                               const uint8_t *bytes, size_t size, const tare_alloc *alloc)
{
    *profile = (tare_profile){0};
    return tare_import(bytes, size, known->format, alloc, profile, NULL);
}

static uint64_t sum_of(const tare_profile *profile, const char *name)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        tare_text         metric = tare_profile_text(profile, profile->metrics[value->metric].name);
        if (value->node != 0 && strcmp(metric.bytes, name) == 0)
            sum += value->amount;
    }
    return sum;
}

TEST(known_files_have_what_is_in_them)
{
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        const known_import *known = &known_imports[i];
        tare_profile        profile = {0};
        tare_error          err;
        tare_status         status = tare_import((const uint8_t *)known->bytes, known->size, NULL,
                                                 tare_alloc_system(), &profile, &err);
        if (status != TARE_OK)
            printf("    %s: %s\n", known->name, err.message);
        CHECK_EQ(status, TARE_OK);
        tare_text format = tare_profile_get_meta(&profile, "import.format");
        CHECK(format.bytes != NULL && strcmp(format.bytes, known->format) == 0);
        CHECK(tare_profile_get_meta(&profile, "import.note").size > 0);
        CHECK_EQ(sum_of(&profile, "wall_ns"), known->wall_ns);
        CHECK_EQ(sum_of(&profile, "calls"), known->calls);
        CHECK_EQ(sum_of(&profile, "samples"), known->samples);
        CHECK_EQ(tare_profile_check(&profile, NULL), TARE_OK);
        tare_profile_deinit(&profile);
    }
}

/* Two functions that call each other `count` times, each called by its number. */
static size_t count_requests(int count)
{
    static char  text[1 << 16];
    oom          memory;
    tare_profile profile = {0};
    int          size = snprintf(text, sizeof text,
                                 "events: ns\nfl=(1) a.py\nfn=(1) f\n1 5\nfn=(2) g\n1 5\n");
    for (int i = 0; i < count; i++)
        size += snprintf(text + size, sizeof text - (size_t)size,
                         "fn=(1)\ncfn=(2)\ncalls=1 1\n1 5\n");
    oom_init(&memory, 0);
    CHECK_EQ(tare_import((const uint8_t *)text, (size_t)size, "callgrind", &memory.alloc, &profile,
                         NULL),
             TARE_OK);
    CHECK_EQ(sum_of(&profile, "calls"), (uint64_t)count);
    tare_profile_deinit(&profile);
    CHECK_EQ(memory.outstanding, 0);
    return memory.requests;
}

TEST(names_of_callgrind_files_are_looked_at_once)
{
    CHECK_EQ(count_requests(10), count_requests(1000));
}

/* A copy of its own, so that a sanitizer sees a read behind the end. */
static bool is_safe(const known_import *known, const char *bytes, size_t size)
{
    tare_profile profile;
    uint8_t     *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        return false;
    memcpy(copy, bytes, size);
    tare_status status = import_with(&profile, known, copy, size, tare_alloc_system());
    bool        whole = status != TARE_OK || tare_profile_check(&profile, NULL) == TARE_OK;
    tare_profile_deinit(&profile);
    free(copy);
    return whole && (status == TARE_OK || status == TARE_CORRUPT);
}

TEST(cut_at_every_byte)
{
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        for (size_t size = 0; size < known_imports[i].size; size++)
            CHECK(is_safe(&known_imports[i], known_imports[i].bytes, size));
    }
}

TEST(changed_at_every_byte)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xFF, 0x20};
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        const known_import *known = &known_imports[i];
        char               *copy = malloc(known->size);
        memcpy(copy, known->bytes, known->size);
        for (size_t at = 0; at < known->size; at++) {
            for (size_t change = 0; change < sizeof changes; change++) {
                copy[at] = (char)(copy[at] ^ changes[change]);
                CHECK(is_safe(known, copy, known->size));
                copy[at] = known->bytes[at];
            }
        }
        free(copy);
    }
}

/* Every file as every format. */
TEST(taken_for_another_format)
{
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        for (size_t j = 0; j < KNOWN_IMPORT_COUNT; j++) {
            known_import mistaken = known_imports[i];
            mistaken.format = known_imports[j].format;
            CHECK(is_safe(&mistaken, mistaken.bytes, mistaken.size));
        }
    }
}

TEST(what_nobody_knows)
{
    tare_profile  profile = {0};
    tare_error    err;
    const uint8_t junk[] = "nothing of the kind";
    CHECK_EQ(tare_import(junk, sizeof junk - 1, NULL, tare_alloc_system(), &profile, &err),
             TARE_UNSUPPORTED);
    CHECK_EQ(tare_import(junk, sizeof junk - 1, "x", tare_alloc_system(), &profile, &err),
             TARE_USAGE);
    tare_profile_deinit(&profile);
}

TEST(names)
{
    static const struct {
        const char        *name, *file;
        bool               named_files;
        const char        *qualname, *last;
        tare_function_kind kind;
    } names[] = {
        {"K.f", "w.py", false, "K.f", "f", TARE_FUNCTION_PYTHON},
        {"f.<locals>.<lambda>", "w.py", true, "f.<locals>.<lambda>", "<lambda>",
         TARE_FUNCTION_PYTHON},
        {"<built-in method time.sleep>", "~", true, "time.sleep", "sleep", TARE_FUNCTION_NATIVE},
        {"<method 'append' of 'list' objects>", "~", true, "<method 'append' of 'list' objects>",
         "<method 'append' of 'list' objects>", TARE_FUNCTION_NATIVE},
        {"malloc", "", true, "malloc", "malloc", TARE_FUNCTION_NATIVE},
        {"main", "", false, "main", "main", TARE_FUNCTION_PYTHON},
        {"(overflow)", "", true, "(overflow)", "(overflow)", TARE_FUNCTION_SYNTHETIC},
        {"", "", true, "", "", TARE_FUNCTION_NATIVE},
        {"x.", "w.py", true, "x.", "x.", TARE_FUNCTION_PYTHON},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tare_profile     profile = {0};
        tare_imported    im = {.profile = &profile, .named_files = names[i].named_files};
        tare_import_name name = {.name = tare_text_of(names[i].name),
                                 .file = tare_text_of(names[i].file)};
        uint32_t         id;
        must(tare_profile_init(&profile, tare_alloc_system(), NULL));
        must(tare_imported_function(&im, &name, &id));
        const tare_function *function = &profile.functions[id];
        CHECK_EQ(function->kind, names[i].kind);
        CHECK(strcmp(tare_profile_text(&profile, function->qualname).bytes, names[i].qualname) ==
              0);
        CHECK(strcmp(tare_profile_text(&profile, function->name).bytes, names[i].last) == 0);
        tare_profile_deinit(&profile);
    }
}

TEST(metrics_of_files_do_not_take_our_names)
{
    static const struct {
        const char *given, *used;
    } names[] = {{"Ir", "Ir"},
                 {"wall_ns", "file.wall_ns"},
                 {"duration_log2_03", "file.duration_log2_03"},
                 {"", "file."},
                 {"a b\n", "a_b_"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tare_profile  profile = {0};
        tare_imported im = {.profile = &profile};
        uint32_t      id;
        must(tare_profile_init(&profile, tare_alloc_system(), NULL));
        must(tare_imported_metric(&im, tare_text_of(names[i].given), "count", &id));
        CHECK(strcmp(tare_profile_text(&profile, profile.metrics[id].name).bytes, names[i].used) ==
              0);
        tare_profile_deinit(&profile);
    }
}

TEST(without_memory)
{
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        const known_import *known = &known_imports[i];
        tare_status         status = TARE_NO_MEMORY;
        for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
            oom          memory;
            tare_profile profile;
            oom_init(&memory, fail_at);
            status = import_with(&profile, known, (const uint8_t *)known->bytes, known->size,
                                 &memory.alloc);
            CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
            tare_profile_deinit(&profile);
            CHECK_EQ(memory.outstanding, 0);
        }
    }
}
