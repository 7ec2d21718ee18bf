/* test_profile_join.c - one profile of what several measured; a profile that begins anew. */
#include "harness.h"
#include "known_profile.h"
#include "oom.h"

static uint32_t same_string(const tare_profile *theirs, uint32_t string, tare_profile *ours)
{
    tare_text text = tare_profile_text(theirs, string);
    return known_string(ours, text.bytes, text.size);
}

static uint32_t same_node(const tare_profile *theirs, uint32_t node, tare_profile *ours)
{
    if (node == 0)
        return 0;
    const tare_frame    *frame = &theirs->frames[theirs->nodes[node].frame];
    const tare_function *function = &theirs->functions[frame->function];
    tare_function        same = *function;
    uint32_t             id;
    same.name = same_string(theirs, function->name, ours);
    same.qualname = same_string(theirs, function->qualname, ours);
    same.file = same_string(theirs, function->file, ours);
    must(tare_profile_function(ours, &same, &id, NULL));
    return known_child(ours, same_node(theirs, theirs->nodes[node].parent, ours), id, frame->line);
}

static uint32_t same_label_set(const tare_profile *theirs, uint32_t set, tare_profile *ours)
{
    tare_label labels[TARE_PROFILE_MAX_LABELS_PER_SET];
    uint32_t   count = theirs->label_sets[set].count;
    uint32_t   id;
    for (uint32_t i = 0; i < count; i++) {
        const tare_label *label = &theirs->labels[theirs->label_sets[set].first + i];
        labels[i].key = same_string(theirs, label->key, ours);
        labels[i].value = same_string(theirs, label->value, ours);
    }
    must(tare_profile_label_set(ours, labels, count, &id, NULL));
    return id;
}

/* Each value of expected is in actual, of things called the same, and nothing else is. */
static void check_same_values(const tare_profile *expected, tare_profile *actual)
{
    uint32_t node_count = actual->node_count;
    uint32_t set_count = actual->label_set_count;
    CHECK_EQ(tare_profile_check(actual, NULL), TARE_OK);
    CHECK_EQ(actual->value_count, expected->value_count);
    for (uint32_t i = 0; i < expected->value_count; i++) {
        const tare_value  *value = &expected->values[i];
        const tare_metric *metric = &expected->metrics[value->metric];
        uint32_t           id;
        must(tare_profile_metric(actual, tare_profile_text(expected, metric->name).bytes,
                                 tare_profile_text(expected, metric->unit).bytes, &id, NULL));
        CHECK_EQ(tare_profile_value(actual, same_node(expected, value->node, actual),
                                    same_label_set(expected, value->label_set, actual), id),
                 value->amount);
    }
    CHECK_EQ(actual->node_count, node_count);
    CHECK_EQ(actual->label_set_count, set_count);
}

static void make_step(tare_profile *profile, int step, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    known_step(profile, step);
}

/* The steps by themselves, in another order than in the whole: no id is the same. */
TEST(parts_make_the_whole)
{
    tare_profile whole, joined, part;
    known_profile(&whole, tare_alloc_system());
    make_step(&joined, 2, tare_alloc_system());
    for (int step = 1; step >= 0; step--) {
        make_step(&part, step, tare_alloc_system());
        CHECK_EQ(tare_profile_join(&joined, &part, NULL), TARE_OK);
        tare_profile_deinit(&part);
    }
    check_same_values(&whole, &joined);
    tare_profile_deinit(&whole);
    tare_profile_deinit(&joined);
}

TEST(what_has_no_value_is_left_out)
{
    tare_profile joined, part;
    must(tare_profile_init(&joined, tare_alloc_system(), NULL));
    make_step(&part, 0, tare_alloc_system());
    uint32_t function = known_function(&part, "idle", "idle", "a.py", 1, TARE_FUNCTION_PYTHON);
    known_child(&part, 0, function, 1);
    known_thread(&part, "7 gone", "7 gone", NULL);
    CHECK_EQ(tare_profile_join(&joined, &part, NULL), TARE_OK);
    CHECK_EQ(joined.node_count, part.node_count - 1);
    CHECK_EQ(joined.label_set_count, part.label_set_count - 1);
    CHECK_EQ(joined.series_count + joined.meta_count, 0);
    check_same_values(&part, &joined);
    tare_profile_deinit(&joined);
    tare_profile_deinit(&part);
}

TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 0;
    while (status == TARE_NO_MEMORY) {
        oom          memory;
        tare_profile joined, part;
        oom_init(&memory, 0);
        make_step(&joined, 0, &memory.alloc);
        make_step(&part, 1, tare_alloc_system());
        memory.fail_at = memory.requests + ++fail_at;
        status = tare_profile_join(&joined, &part, NULL);
        CHECK_EQ(tare_profile_check(&joined, NULL), TARE_OK);
        tare_profile_deinit(&joined);
        tare_profile_deinit(&part);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
}

/* Functions keep their ids; what is measured from then on is all there is. */
TEST(cleared_it_begins_anew)
{
    oom          memory;
    tare_profile profile, step;
    oom_init(&memory, 0);
    known_profile(&profile, &memory.alloc);
    uint32_t parse = known_function(&profile, "parse", "Reader.parse", "/srv/reader.py", 10,
                                    TARE_FUNCTION_PYTHON);
    CHECK_EQ(tare_profile_clear(&profile, NULL), TARE_OK);
    CHECK_EQ(tare_profile_check(&profile, NULL), TARE_OK);
    CHECK_EQ(profile.node_count, 1);
    CHECK_EQ(profile.label_set_count, 1);
    CHECK_EQ(profile.value_count + profile.series_count + profile.meta_count, 0);
    CHECK_EQ(parse, known_function(&profile, "parse", "Reader.parse", "/srv/reader.py", 10,
                                   TARE_FUNCTION_PYTHON));
    known_step(&profile, 1);
    make_step(&step, 1, tare_alloc_system());
    check_same_values(&step, &profile);
    CHECK_EQ(profile.series_count, step.series_count);
    tare_profile_deinit(&step);
    tare_profile_deinit(&profile);
    CHECK_EQ(memory.outstanding, 0);
}
