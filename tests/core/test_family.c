/* test_family.c - a measured process and its children. */
#include "harness.h"
#include "known_profile.h"
#include "oom.h"

#include "trace/family.h"

static void make_trace(tare_profile *profile, const char *process, uint64_t calls,
                       const tare_alloc *alloc)
{
    char text[24];
    must(tare_profile_init(profile, alloc, NULL));
    uint32_t work = known_function(profile, "work", "work", "a.py", 1, TARE_FUNCTION_PYTHON);
    must(tare_profile_add(profile, known_child(profile, 0, work, 1),
                          known_thread(profile, process, process, "1"),
                          known_metric(profile, "calls", "count"), calls, NULL));
    snprintf(text, sizeof text, "%llu", (unsigned long long)calls);
    known_meta(profile, "engine", "trace");
    known_meta(profile, "process_count", "1");
    known_meta(profile, "wall_ns", text);
    known_meta(profile, "trace.fork_count", text);
    known_meta(profile, "memory.peak_rss_bytes", text);
}

static int number(const tare_profile *profile, const char *key)
{
    return (int)tare_profile_meta_number(profile, key, -1);
}

TEST(children_are_added_to_their_parent)
{
    tare_profile parent, child;
    make_trace(&parent, "1 python", 3, tare_alloc_system());
    for (uint64_t calls = 2; calls <= 5; calls += 3) {
        make_trace(&child, calls == 2 ? "2 python" : "3 python", calls, tare_alloc_system());
        CHECK_EQ(tare_family_join(&parent, &child, calls == 5, NULL), TARE_OK);
        tare_profile_deinit(&child);
    }
    CHECK_EQ(parent.node_count, 2);
    CHECK_EQ(parent.value_count, 3); /* one for each process */
    CHECK_EQ(parent.values[0].amount + parent.values[1].amount + parent.values[2].amount, 10);
    CHECK_EQ(number(&parent, "process_count"), 3);
    CHECK_EQ(number(&parent, "trace.fork_count"), 10);
    CHECK_EQ(number(&parent, "trace.cut_count"), 1);
    CHECK_EQ(number(&parent, "memory.peak_rss_bytes"), 5);
    CHECK_EQ(number(&parent, "wall_ns"), 3);
    tare_profile_deinit(&parent);
}

TEST(memory_is_joined_with_memory_alone)
{
    tare_profile parent, child;
    make_trace(&parent, "1 python", 3, tare_alloc_system());
    make_trace(&child, "2 python", 4, tare_alloc_system());
    known_meta(&parent, "engine", "memory");
    known_meta(&parent, "memory.live_bytes", "30");
    CHECK_EQ(tare_family_join(&parent, &child, false, NULL), TARE_INCOMPATIBLE);
    known_meta(&child, "engine", "memory");
    known_meta(&child, "memory.live_bytes", "12");
    CHECK_EQ(tare_family_join(&parent, &child, false, NULL), TARE_OK);
    CHECK_EQ(number(&parent, "memory.live_bytes"), 42);
    CHECK_EQ(number(&parent, "memory.lost_bytes"), -1); /* neither has it */
    tare_profile_deinit(&parent);
    tare_profile_deinit(&child);
}

TEST(what_is_no_trace_is_refused)
{
    tare_profile parent, other;
    make_trace(&parent, "1 python", 3, tare_alloc_system());
    known_profile(&other, tare_alloc_system());
    CHECK_EQ(tare_family_join(&parent, &other, false, NULL), TARE_INCOMPATIBLE);
    CHECK_EQ(tare_family_join(&other, &parent, false, NULL), TARE_INCOMPATIBLE);
    CHECK_EQ(parent.value_count, 1);
    tare_profile_deinit(&parent);
    tare_profile_deinit(&other);
}

TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 0;
    while (status == TARE_NO_MEMORY) {
        oom          memory;
        tare_profile parent, child;
        oom_init(&memory, 0);
        make_trace(&parent, "1 python", 3, &memory.alloc);
        make_trace(&child, "2 python", 4, tare_alloc_system());
        memory.fail_at = memory.requests + ++fail_at;
        status = tare_family_join(&parent, &child, false, NULL);
        tare_profile_deinit(&parent);
        tare_profile_deinit(&child);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
}
