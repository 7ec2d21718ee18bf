/* test_profile.c - the tables of a profile: ids, limits, invariants, failed allocations. */
#include "harness.h"
#include "oom.h"

#include "model/profile.h"

static void check_ok(tare_status status)
{
    CHECK_EQ(status, TARE_OK);
}

static tare_profile make(void)
{
    tare_profile profile;
    check_ok(tare_profile_init(&profile, tare_alloc_system(), NULL));
    return profile;
}

/* With this seed, which no table chooses, all functions and all label sets hash alike. */
static tare_profile make_colliding(void)
{
    tare_profile profile = make();
    profile.strings.by_hash.seed = UINT64_C(1) << 63;
    return profile;
}

static uint32_t string(tare_profile *profile, const char *text)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_string(profile, text, strlen(text), &id, NULL));
    return id;
}

static uint32_t function(tare_profile *profile, const char *name, uint32_t first_line)
{
    uint32_t      id = TARE_NONE;
    tare_function made = {.first_line = first_line, .file = string(profile, "app.py")};
    made.name = made.qualname = string(profile, name);
    check_ok(tare_profile_function(profile, &made, &id, NULL));
    return id;
}

static uint32_t frame(tare_profile *profile, uint32_t of_function, uint32_t line)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_frame(profile, of_function, line, &id, NULL));
    return id;
}

static uint32_t child(tare_profile *profile, uint32_t parent, uint32_t of_frame)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_child(profile, parent, of_frame, &id, NULL));
    return id;
}

static uint32_t metric(tare_profile *profile, const char *name)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_metric(profile, name, "ns", &id, NULL));
    return id;
}

static uint32_t label_set(tare_profile *profile, const tare_label *labels, uint32_t count)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_label_set(profile, labels, count, &id, NULL));
    return id;
}

static uint32_t series(tare_profile *profile, const char *name, uint32_t of_set)
{
    uint32_t id = TARE_NONE;
    check_ok(tare_profile_series(profile, name, "bytes", of_set, &id, NULL));
    return id;
}

static bool is_text(tare_text text, const char *expected)
{
    return text.bytes != NULL && text.size == strlen(expected) &&
           memcmp(text.bytes, expected, text.size) == 0;
}

/* ---- metrics by name ---- */

TEST(known_metrics_are_found_by_name)
{
    for (int id = 0; id < TARE_METRIC_COUNT; id++) {
        const tare_metric_info *info = tare_metric_get((tare_metric_id)id);
        CHECK(tare_metric_find(info->name) == info);
    }
    CHECK_EQ(tare_metric_find("wall_ns")->role, TARE_ROLE_TOTAL);
    CHECK_EQ(tare_metric_find("wait_disk_ns")->role, TARE_ROLE_WAIT);
    CHECK_EQ(tare_metric_get(TARE_METRIC_gc_ns)->role, TARE_ROLE_BUSY);
    CHECK(strcmp(tare_metric_get(TARE_METRIC_samples)->unit, "count") == 0);
    CHECK(tare_metric_find("wall") == NULL && tare_metric_find("") == NULL);
}

/* ---- strings to nodes ---- */

TEST(new_profile_has_a_root_and_nothing_else)
{
    tare_profile profile = make();
    CHECK_EQ(profile.node_count, 1);
    CHECK_EQ(profile.nodes[0].parent, TARE_NONE);
    CHECK_EQ(profile.nodes[0].frame, TARE_NONE);
    CHECK_EQ(profile.label_set_count, 1);
    CHECK_EQ(profile.label_sets[0].count, 0);
    CHECK_EQ(profile.strings.count, 1);
    CHECK_EQ(profile.function_count + profile.frame_count + profile.value_count, 0);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
    CHECK(profile.nodes == NULL && profile.alloc == NULL);
    tare_profile_deinit(&profile); /* zeroed: nothing to do */
}

TEST(functions_are_told_apart_by_four_fields)
{
    tare_profile  profile = make_colliding();
    uint32_t      id;
    tare_function base = {.name = string(&profile, "f"), .qualname = string(&profile, "C.f")};
    base.file = string(&profile, "a.py");
    base.first_line = 3;
    uint32_t      other = string(&profile, "g");
    tare_function changed[5] = {base, base, base, base, base};
    changed[1].name = other;
    changed[2].qualname = other;
    changed[3].file = other;
    changed[4].first_line = 4;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5; i++) {
            check_ok(tare_profile_function(&profile, &changed[i], &id, NULL));
            CHECK_EQ(id, i);
        }
    }
    base.kind = TARE_FUNCTION_NATIVE; /* says more about the same function */
    check_ok(tare_profile_function(&profile, &base, &id, NULL));
    CHECK_EQ(id, 0);
    CHECK_EQ(profile.functions[0].kind, TARE_FUNCTION_PYTHON);
    CHECK_EQ(profile.function_count, 5);
    tare_profile_deinit(&profile);
}

TEST(stacks_share_their_beginning)
{
    tare_profile profile = make();
    uint32_t     main_7 = frame(&profile, function(&profile, "main", 1), 7);
    uint32_t     parse_21 = frame(&profile, function(&profile, "parse", 20), 21);
    uint32_t     parse_22 = frame(&profile, function(&profile, "parse", 20), 22);
    CHECK(main_7 == 0 && parse_21 == 1 && parse_22 == 2);
    CHECK_EQ(frame(&profile, 1, 21), 1);
    for (int round = 0; round < 2; round++) {
        CHECK_EQ(child(&profile, 0, main_7), 1);
        CHECK_EQ(child(&profile, 1, parse_21), 2);
        CHECK_EQ(child(&profile, 1, parse_22), 3);
        CHECK_EQ(child(&profile, 2, parse_21), 4); /* recursion */
        CHECK_EQ(child(&profile, 0, parse_21), 5);
    }
    CHECK_EQ(profile.node_count, 6);
    CHECK_EQ(profile.nodes[4].parent, 2);
    CHECK_EQ(profile.nodes[4].frame, parse_21);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

TEST(long_keys_with_one_hash_are_told_apart)
{
    enum { COUNT = 100 };
    tare_profile profile = make_colliding();
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            tare_label label = {.key = string(&profile, "thread"), .value = i % 2};
            CHECK_EQ(function(&profile, "f", i), i);
            CHECK_EQ(label_set(&profile, &label, 1), 1 + i % 2);
        }
    }
    CHECK_EQ(tare_map_get(&profile.function_by_hash, COUNT - 1), COUNT - 1); /* they collided */
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

TEST(nodes_beyond_the_limit_become_overflow)
{
    tare_profile profile = make();
    uint32_t     main_1 = frame(&profile, function(&profile, "main", 1), 1);
    profile.node_limit = 4;
    uint32_t first = child(&profile, 0, main_1);
    uint32_t second = child(&profile, first, main_1);
    CHECK(first == 1 && second == 2 && profile.overflow_node == 0);
    uint32_t overflow = child(&profile, second, main_1);
    CHECK_EQ(overflow, 3);
    CHECK_EQ(profile.overflow_node, 3);
    CHECK_EQ(profile.nodes[3].parent, 0);
    const tare_function *made = &profile.functions[profile.frames[profile.nodes[3].frame].function];
    CHECK(is_text(tare_profile_text(&profile, made->name), "(overflow)"));
    CHECK_EQ(made->kind, TARE_FUNCTION_SYNTHETIC);
    for (uint32_t line = 2; line < 50; line++)
        CHECK_EQ(child(&profile, second, frame(&profile, 0, line)), overflow);
    CHECK_EQ(child(&profile, first, main_1), second); /* what is there is still found */
    CHECK_EQ(profile.node_count, 4);
    check_ok(tare_profile_check(&profile, NULL));
    profile.node_limit = 0;
    CHECK_EQ(child(&profile, second, main_1), 4);
    tare_profile_deinit(&profile);
}

TEST(overflow_node_that_came_from_a_file_is_used_again)
{
    tare_profile  profile = make();
    uint32_t      id;
    tare_function made = {.kind = TARE_FUNCTION_SYNTHETIC};
    made.name = made.qualname = string(&profile, "(overflow)");
    check_ok(tare_profile_function(&profile, &made, &id, NULL));
    uint32_t overflow = child(&profile, 0, frame(&profile, id, 0));
    profile.node_limit = 3;
    CHECK_EQ(child(&profile, 0, frame(&profile, function(&profile, "f", 1), 1)), overflow);
    CHECK_EQ(profile.node_count, 2);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

/* ---- labels, metrics, values ---- */

TEST(label_sets_are_sorted_and_shared)
{
    tare_profile profile = make();
    uint32_t     a = string(&profile, "a"), b = string(&profile, "b"), c = string(&profile, "c");
    tare_label   falling[] = {{c, a}, {b, b}, {a, c}};
    tare_label   rising[] = {{a, c}, {b, b}, {c, a}};
    tare_label   swapped[] = {{a, a}, {b, b}, {c, c}};
    CHECK_EQ(label_set(&profile, falling, 3), 1);
    CHECK_EQ(label_set(&profile, rising, 3), 1);
    CHECK_EQ(label_set(&profile, swapped, 3), 2);
    CHECK_EQ(label_set(&profile, rising, 2), 3);
    CHECK_EQ(label_set(&profile, NULL, 0), 0);
    CHECK_EQ(profile.label_count, 8);
    CHECK_EQ(profile.label_sets[1].first, 0);
    CHECK(memcmp(profile.labels, rising, sizeof rising) == 0);
    CHECK_EQ(falling[0].key, c); /* the caller's are left alone */
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

TEST(label_sets_that_cannot_be_are_refused)
{
    tare_profile profile = make();
    tare_label   labels[TARE_PROFILE_MAX_LABELS_PER_SET + 1];
    uint32_t     id;
    tare_error   err;
    for (uint32_t i = 0; i <= TARE_PROFILE_MAX_LABELS_PER_SET; i++) {
        char name[16];
        snprintf(name, sizeof name, "key %u", i);
        labels[i] = (tare_label){.key = string(&profile, name)};
    }
    CHECK_EQ(
        tare_profile_label_set(&profile, labels, TARE_PROFILE_MAX_LABELS_PER_SET + 1, &id, &err),
        TARE_LIMIT);
    CHECK_EQ(label_set(&profile, labels, TARE_PROFILE_MAX_LABELS_PER_SET), 1);
    tare_label twice[] = {labels[1], labels[0], labels[1]};
    CHECK_EQ(tare_profile_label_set(&profile, twice, 3, &id, &err), TARE_USAGE);
    CHECK(strstr(err.message, "key 1 twice") != NULL);
    CHECK_EQ(profile.label_set_count, 2);
    tare_profile_deinit(&profile);
}

TEST(label_sets_and_metrics_fill_the_key_of_a_value)
{
    tare_profile profile = make();
    uint32_t     id;
    CHECK_EQ(label_set(&profile, &(tare_label){.value = 77}, 1), 1);
    profile.label_set_count = TARE_PROFILE_MAX_LABEL_SETS; /* as if there were so many */
    CHECK_EQ(tare_profile_label_set(&profile, &(tare_label){0}, 1, &id, NULL), TARE_LIMIT);
    CHECK_EQ(label_set(&profile, &(tare_label){.value = 77}, 1), 1);
    profile.label_set_count = 2;
    for (uint32_t i = 0; i < TARE_PROFILE_MAX_METRICS; i++) {
        char name[16];
        snprintf(name, sizeof name, "metric %u", i);
        CHECK_EQ(metric(&profile, name), i);
    }
    CHECK_EQ(tare_profile_metric(&profile, "one more", "ns", &id, NULL), TARE_LIMIT);
    CHECK_EQ(metric(&profile, "metric 5"), 5);
    uint32_t last_set = TARE_PROFILE_MAX_LABEL_SETS - 1, last = TARE_PROFILE_MAX_METRICS - 1;
    check_ok(tare_profile_add(&profile, 0, last_set, last, 1, NULL));
    check_ok(tare_profile_add(&profile, 0, last_set, 0, 2, NULL));
    check_ok(tare_profile_add(&profile, 0, 0, last, 4, NULL));
    CHECK_EQ(profile.value_count, 3);
    CHECK_EQ(tare_profile_value(&profile, 0, last_set, last), 1);
    tare_profile_deinit(&profile);
}

TEST(metric_keeps_its_first_unit)
{
    tare_profile profile = make();
    uint32_t     id;
    check_ok(tare_profile_metric(&profile, "rss", "bytes", &id, NULL));
    check_ok(tare_profile_metric(&profile, "rss", "pages", &id, NULL));
    CHECK_EQ(id, 0);
    CHECK_EQ(profile.metric_count, 1);
    CHECK(is_text(tare_profile_text(&profile, profile.metrics[0].unit), "bytes"));
    tare_profile_deinit(&profile);
}

TEST(values_add_up_and_never_wrap)
{
    tare_profile profile = make();
    uint32_t     node = child(&profile, 0, frame(&profile, function(&profile, "f", 1), 1));
    uint32_t     wall = metric(&profile, "wall_ns"), cpu = metric(&profile, "cpu_ns");
    uint32_t     set = label_set(&profile, &(tare_label){.key = 1, .value = 1}, 1);
    CHECK_EQ(tare_profile_value(&profile, node, set, wall), 0);
    check_ok(tare_profile_add(&profile, node, set, wall, 5, NULL));
    check_ok(tare_profile_add(&profile, node, set, wall, 7, NULL));
    check_ok(tare_profile_add(&profile, node, set, cpu, 1, NULL));
    check_ok(tare_profile_add(&profile, node, 0, wall, 2, NULL));
    check_ok(tare_profile_add(&profile, 0, set, wall, UINT64_MAX - 1, NULL));
    check_ok(tare_profile_add(&profile, 0, 0, wall, 0, NULL));
    CHECK_EQ(tare_profile_value(&profile, node, set, wall), 12);
    CHECK_EQ(tare_profile_value(&profile, node, set, cpu), 1);
    CHECK_EQ(tare_profile_value(&profile, node, 0, wall), 2);
    CHECK_EQ(profile.value_count, 5);
    check_ok(tare_profile_add(&profile, 0, set, wall, 1, NULL));
    CHECK(tare_profile_value(&profile, 0, set, wall) == UINT64_MAX);
    check_ok(tare_profile_add(&profile, 0, set, wall, 1, NULL));
    CHECK(tare_profile_value(&profile, 0, set, wall) == UINT64_MAX);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

/* ---- series and provenance ---- */

TEST(series_belong_to_a_name_and_a_label_set)
{
    tare_profile profile = make();
    tare_error   err;
    uint32_t     set = label_set(&profile, &(tare_label){.key = 0}, 1);
    CHECK_EQ(series(&profile, "rss", 0), 0);
    CHECK_EQ(series(&profile, "rss", set), 1);
    CHECK_EQ(series(&profile, "swap", 0), 2);
    CHECK_EQ(series(&profile, "rss", 0), 0);
    check_ok(tare_profile_point(&profile, 1, 10, -3, NULL));
    check_ok(tare_profile_point(&profile, 1, 10, INT64_MAX, NULL));
    check_ok(tare_profile_point(&profile, 1, 11, 0, NULL));
    CHECK_EQ(tare_profile_point(&profile, 1, 10, 0, &err), TARE_USAGE);
    CHECK(strstr(err.message, "series rss") != NULL);
    CHECK_EQ(profile.series[1].point_count, 3);
    CHECK_EQ(profile.series[0].point_count, 0);
    CHECK_EQ(profile.series[1].points[0].amount, -3);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

TEST(provenance_is_set_replaced_and_read)
{
    tare_profile profile = make();
    CHECK(tare_profile_get_meta(&profile, "target.command").bytes == NULL);
    check_ok(tare_profile_set_meta(&profile, "target.command", "python a.py", 6, NULL));
    check_ok(tare_profile_set_meta(&profile, "empty", "", 0, NULL));
    check_ok(tare_profile_format_meta(&profile, NULL, "wall_ns", "%d", 12));
    CHECK(is_text(tare_profile_get_meta(&profile, "target.command"), "python"));
    CHECK(is_text(tare_profile_get_meta(&profile, "empty"), ""));
    check_ok(tare_profile_set_meta(&profile, "target.command", "a\0b", 3, NULL));
    CHECK_EQ(tare_profile_get_meta(&profile, "target.command").size, 3);
    CHECK(is_text(tare_profile_get_meta(&profile, "wall_ns"), "12"));
    CHECK(tare_profile_get_meta(&profile, "python").bytes == NULL); /* a string, but no key */
    CHECK_EQ(profile.meta_count, 3);
    check_ok(tare_profile_check(&profile, NULL));
    tare_profile_deinit(&profile);
}

TEST(formatted_provenance_has_a_limit)
{
    tare_profile profile = make();
    check_ok(tare_profile_format_meta(&profile, NULL, "k", "%01000d", 0));
    CHECK_EQ(tare_profile_get_meta(&profile, "k").size, 1000);
    CHECK_EQ(tare_profile_format_meta(&profile, NULL, "k", "%01001d", 0), TARE_LIMIT);
    CHECK_EQ(tare_profile_get_meta(&profile, "k").size, 1000);
    tare_profile_deinit(&profile);
}

TEST(numbers_in_provenance)
{
    static const struct {
        const char *text;
        double      number; /* -1: is none */
    } rows[] = {
        {"0", 0},
        {"12", 12},
        {"1.003", 1.003},
        {"0.1", 0.1},
        {"-2.5", -2.5},
        {"9007199254740993", 9007199254740992.0},
        {"5.", 5},
        {".5", 0.5},
        {"18446744073709551615", 18446744073709551616.0},
        {"", -1},
        {"-", -1},
        {".", -1},
        {"1.2.3", -1},
        {"1e3", -1},
        {"0x10", -1},
        {" 1", -1},
        {"1 ", -1},
        {"+1", -1},
        {"nan", -1},
        {"inf", -1},
        {"1,5", -1},
        {"--1", -1},
        {"1-", -1},
        {"3.10.2", -1},
        {"00000000000000000000000000000000000000001", -1}, /* longer than numbers are */
    };
    tare_profile profile = make();
    CHECK(tare_profile_meta_number(&profile, "n", -1) == -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_ok(tare_profile_set_meta(&profile, "n", rows[i].text, strlen(rows[i].text), NULL));
        CHECK(tare_profile_meta_number(&profile, "n", -1) == rows[i].number);
    }
    check_ok(tare_profile_set_meta(&profile, "n", "1\0", 2, NULL));
    CHECK(tare_profile_meta_number(&profile, "n", -1) == -1);
    tare_profile_deinit(&profile);
}

/* ---- a profile with something in every table ---- */

static tare_status build_stacks(tare_profile *profile, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char          name[16];
        uint32_t      id, at, node = 0;
        tare_function made = {.first_line = i};
        int           size = snprintf(name, sizeof name, "f%u", i);
        TARE_TRY(tare_profile_string(profile, name, (size_t)size, &made.name, NULL));
        made.qualname = made.name;
        TARE_TRY(tare_profile_function(profile, &made, &id, NULL));
        TARE_TRY(tare_profile_frame(profile, id, i + 1, &at, NULL));
        TARE_TRY(tare_profile_child(profile, i / 2, at, &node, NULL));
        TARE_TRY(tare_profile_metric(profile, name, "ns", &id, NULL));
        TARE_TRY(tare_profile_add(profile, node, 0, id, i, NULL));
        TARE_TRY(tare_profile_child(profile, 0, at, &node, NULL));
        TARE_TRY(tare_profile_add(profile, node, 0, id, 1000, NULL));
    }
    return TARE_OK;
}

static tare_status build_rest(tare_profile *profile, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char       name[16];
        uint32_t   id, set;
        tare_label labels[] = {{2, i}, {1, 0}};
        snprintf(name, sizeof name, "s%u", i);
        TARE_TRY(tare_profile_label_set(profile, labels, 2, &set, NULL));
        TARE_TRY(tare_profile_series(profile, name, "bytes", set, &id, NULL));
        for (uint32_t point = profile->series[id].point_count; point < count; point++)
            TARE_TRY(tare_profile_point(profile, id, point, -(int64_t)point, NULL));
        TARE_TRY(tare_profile_format_meta(profile, NULL, name, "%u", i));
    }
    profile->node_limit = profile->node_count + 1; /* for the overflow node */
    uint32_t at, node;
    TARE_TRY(tare_profile_frame(profile, 0, 9999, &at, NULL));
    return tare_profile_child(profile, 0, at, &node, NULL);
}

enum { BUILT = 20 };

static bool same_tables(const tare_profile *a, const tare_profile *b)
{
#define SAME(items, count) \
    (a->count == b->count && memcmp(a->items, b->items, a->count * sizeof *a->items) == 0)
    return SAME(strings.bytes, strings.bytes_size) && SAME(functions, function_count) &&
           SAME(frames, frame_count) && SAME(nodes, node_count) && SAME(labels, label_count) &&
           SAME(label_sets, label_set_count) && SAME(metrics, metric_count) &&
           SAME(meta, meta_count) && a->value_count == b->value_count &&
           a->series_count == b->series_count;
#undef SAME
}

TEST(ids_do_not_depend_on_the_seeds)
{
    tare_profile one = make(), other = make();
    CHECK(one.strings.by_hash.seed != other.strings.by_hash.seed);
    check_ok(build_stacks(&one, BUILT));
    check_ok(build_rest(&one, BUILT));
    check_ok(build_stacks(&other, BUILT));
    check_ok(build_rest(&other, BUILT));
    CHECK(same_tables(&one, &other));
    tare_profile_deinit(&one);
    tare_profile_deinit(&other);
}

/* After any one failure the profile is whole, and doing the same again gives what would have
 * been: nothing was half added. */
TEST(failed_adds_leave_the_profile_whole)
{
    tare_profile expected = make();
    check_ok(build_stacks(&expected, BUILT));
    check_ok(build_rest(&expected, BUILT));
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom          memory;
        tare_profile profile;
        oom_init(&memory, fail_at);
        tare_status status = tare_profile_init(&profile, &memory.alloc, NULL);
        failed = status != TARE_OK;
        if (failed) {
            CHECK(profile.alloc == NULL);
            CHECK_EQ(memory.outstanding, 0);
            continue;
        }
        status = build_stacks(&profile, BUILT);
        bool was_adding = status != TARE_OK;
        if (status == TARE_OK)
            status = build_rest(&profile, BUILT);
        failed = status != TARE_OK;
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        check_ok(tare_profile_check(&profile, NULL));
        CHECK(tare_profile_value(&profile, 1, 0, 0) <= 1000);
        if (was_adding) {
            uint32_t values = profile.value_count;
            CHECK(values <= expected.value_count);
            for (uint32_t id = 0; id < values; id++)
                CHECK_EQ(profile.values[id].amount, expected.values[id].amount);
        }
        profile.node_limit = 0;
        for (uint32_t id = 0; failed && id < profile.value_count; id++)
            profile.values[id].amount = 0; /* so that adding again gives the same sums */
        if (failed) {
            check_ok(build_stacks(&profile, BUILT));
            check_ok(build_rest(&profile, BUILT));
        }
        CHECK(same_tables(&profile, &expected));
        check_ok(tare_profile_check(&profile, NULL));
        tare_profile_deinit(&profile);
        CHECK_EQ(memory.outstanding, 0);
    }
    tare_profile_deinit(&expected);
}

/* ---- broken invariants ---- */

static void set_second_point(tare_profile *p, int64_t node)
{
    check_ok(tare_profile_string(p, "node", 4, &p->series[2].unit, NULL));
    p->series[2].points[1].amount = node;
}

#define BREAK(name, statement)                \
    static void break_##name(tare_profile *p) \
    {                                         \
        statement;                            \
    }
BREAK(function_name, p->functions[3].name = p->strings.count)
BREAK(function_qualname, p->functions[3].qualname = TARE_NONE)
BREAK(function_file, p->functions[3].file = p->strings.count)
BREAK(function_kind, p->functions[3].kind = TARE_FUNCTION_SYNTHETIC + 1)
BREAK(function_twin, p->functions[3] = p->functions[2])
BREAK(function_index, p->functions[3].first_line++)
BREAK(frame_function, p->frames[4].function = p->function_count)
BREAK(frame_twin, p->frames[4] = p->frames[1])
BREAK(no_root, p->node_count = 0)
BREAK(root_parent, p->nodes[0].parent = 0)
BREAK(root_frame, p->nodes[0].frame = 0)
BREAK(node_parent, p->nodes[5].parent = 5)
BREAK(second_root, p->nodes[5].parent = TARE_NONE)
BREAK(node_frame, p->nodes[5].frame = p->frame_count)
BREAK(node_twin, p->nodes[5] = p->nodes[2])
BREAK(overflow, p->overflow_node = p->node_count)
BREAK(no_label_sets, p->label_set_count = 0)
BREAK(first_label_set, p->label_sets[0].count = 1)
BREAK(label_count, p->label_sets[2].count = TARE_PROFILE_MAX_LABELS_PER_SET + 1)
BREAK(label_first, p->label_sets[2].first = p->label_count + 1)
BREAK(label_end, p->label_sets[2].first = p->label_count - 1)
BREAK(label_key, p->labels[3].key = p->strings.count)
BREAK(label_value, p->labels[3].value = p->strings.count)
BREAK(label_order, p->labels[2].key = p->labels[3].key)
BREAK(label_set_twin, p->label_sets[2] = p->label_sets[1])
BREAK(metric_name, p->metrics[1].name = p->strings.count)
BREAK(metric_unit, p->metrics[1].unit = p->strings.count)
BREAK(metric_twin, p->metrics[1] = p->metrics[0])
BREAK(value_node, p->values[6].node = p->node_count)
BREAK(value_label_set, p->values[6].label_set = p->label_set_count)
BREAK(value_metric, p->values[6].metric = p->metric_count)
BREAK(value_twin, p->values[6] = p->values[0])
BREAK(series_name, p->series[2].name = p->strings.count)
BREAK(series_unit, p->series[2].unit = p->strings.count)
BREAK(series_label_set, p->series[2].label_set = p->label_set_count)
BREAK(series_twin, p->series[2].name = p->series[1].name;
      p->series[2].label_set = p->series[1].label_set)
BREAK(series_time, p->series[2].points[1].time_ns = UINT64_MAX)
BREAK(series_node, set_second_point(p, p->node_count))
BREAK(series_waiting_node, set_second_point(p, -(int64_t)p->node_count))
BREAK(series_least_node, set_second_point(p, INT64_MIN))
BREAK(meta_key, p->meta[2].key = p->strings.count)
BREAK(meta_value, p->meta[2].value = p->strings.count)
BREAK(meta_twin, p->meta[2].key = p->meta[1].key)
#undef BREAK

TEST(check_names_each_broken_invariant)
{
    static const struct {
        void (*damage)(tare_profile *p);
        const char *words;
    } rows[] = {
        {break_function_name, "function 3 names a string that is not there"},
        {break_function_qualname, "function 3 names a string that is not there"},
        {break_function_file, "function 3 names a string that is not there"},
        {break_function_kind, "function 3 is of no known kind"},
        {break_function_twin, "function 3 is there twice"},
        {break_function_index, "function 3 is there twice"},
        {break_frame_function, "frame 4 names a function that is not there"},
        {break_frame_twin, "frame 4 is there twice"},
        {break_no_root, "node 0 is no root"},
        {break_root_parent, "node 0 is no root"},
        {break_root_frame, "node 0 is no root"},
        {break_node_parent, "node 5 does not stand behind its parent"},
        {break_second_root, "node 5 does not stand behind its parent"},
        {break_node_frame, "node 5 names a frame that is not there"},
        {break_node_twin, "node 5 is there twice"},
        {break_overflow, "takes the overflow, but is not there"},
        {break_no_label_sets, "label set 0 is not the empty one"},
        {break_first_label_set, "label set 0 is not the empty one"},
        {break_label_count, "label set 2 has too many labels"},
        {break_label_first, "label set 2 has labels that are not there"},
        {break_label_end, "label set 2 has labels that are not there"},
        {break_label_key, "label set 2 names a string that is not there"},
        {break_label_value, "label set 2 names a string that is not there"},
        {break_label_order, "label set 2 is not in order"},
        {break_label_set_twin, "label set 2 is there twice"},
        {break_metric_name, "metric 1 names a string that is not there"},
        {break_metric_unit, "metric 1 names a string that is not there"},
        {break_metric_twin, "metric 1 is there twice"},
        {break_value_node, "value 6 belongs to something that is not there"},
        {break_value_label_set, "value 6 belongs to something that is not there"},
        {break_value_metric, "value 6 belongs to something that is not there"},
        {break_value_twin, "value 6 is there twice"},
        {break_series_name, "series 2 names a string that is not there"},
        {break_series_unit, "series 2 names a string that is not there"},
        {break_series_label_set, "series 2 names a label set that is not there"},
        {break_series_twin, "series 2 is there twice"},
        {break_series_time, "series 2 goes back in time"},
        {break_series_node, "series 2 is at a node that is not there"},
        {break_series_waiting_node, "series 2 is at a node that is not there"},
        {break_series_least_node, "series 2 is at a node that is not there"},
        {break_meta_key, "provenance 2 names a string that is not there"},
        {break_meta_value, "provenance 2 names a string that is not there"},
        {break_meta_twin, "provenance 2 is there twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_profile profile = make();
        tare_error   err;
        check_ok(build_stacks(&profile, BUILT));
        check_ok(build_rest(&profile, BUILT));
        check_ok(tare_profile_check(&profile, NULL));
        rows[i].damage(&profile);
        if (!CHECK(tare_profile_check(&profile, &err) == TARE_CORRUPT &&
                   strstr(err.message, rows[i].words) != NULL))
            printf("    no \"%s\"\n", rows[i].words);
        tare_profile_deinit(&profile);
    }
}
