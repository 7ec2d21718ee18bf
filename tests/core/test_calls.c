/* test_calls.c - calls of a thread: exact counts, exact times, along exact paths. */
#include "harness.h"
#include "oom.h"

#include "trace/calls.h"

#include <string.h>

enum { F = 2, G = 4, H = 6, NATIVE = 9, PLENTY = 1 << 24 };

static tare_calls        calls;
static tare_calls_budget budget;

static void begin(uint64_t now, uint32_t node_limit)
{
    budget = (tare_calls_budget){.node_limit = node_limit};
    CHECK_EQ(tare_calls_init(&calls, &budget, now, tare_alloc_system(), NULL), TARE_OK);
}

static void end(void)
{
    CHECK_EQ(tare_calls_check(&calls, NULL), TARE_OK);
    tare_calls_deinit(&calls);
    CHECK_EQ(budget.node_count, 0);
}

static void enter(uint32_t key, uint64_t now)
{
    tare_calls_enter(&calls, key, 0, now);
}

static uint64_t sum_self(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < calls.node_count; i++)
        sum += tare_calls_node(&calls, i)->self_ticks;
    return sum;
}

/* The node on this path, keys ending in 0; NULL when there is none. */
static const tare_call_node *find(const uint32_t *path)
{
    uint32_t index = 0;
    for (; *path != 0; path++) {
        index = tare_map_get(&calls.by_path, tare_pack(index, *path));
        if (index == TARE_MAP_ABSENT)
            return NULL;
    }
    return tare_calls_node(&calls, index);
}

#define PATH(...) find((const uint32_t[]){__VA_ARGS__, 0})

TEST(time_goes_to_whoever_runs)
{
    begin(100, PLENTY);
    enter(F, 110);
    enter(G, 113);
    tare_calls_leave(&calls, G, 120);
    enter(G, 121);
    tare_calls_leave(&calls, G, 131);
    tare_calls_leave(&calls, F, 136);
    tare_calls_charge(&calls, 140);
    CHECK_EQ(calls.root->self_ticks, 10 + 4);
    CHECK_EQ(PATH(F)->self_ticks, 3 + 1 + 5);
    CHECK_EQ(PATH(F)->calls, 1);
    CHECK_EQ(PATH(F, G)->self_ticks, 7 + 10);
    CHECK_EQ(PATH(F, G)->calls, 2);
    CHECK(PATH(G) == NULL);
    CHECK_EQ(sum_self(), 140 - 100);
    end();
}

TEST(the_same_function_is_another_node_on_another_path)
{
    begin(0, PLENTY);
    for (uint64_t i = 0; i < 10; i++) {
        enter(i % 2 == 0 ? F : G, 10 * i);
        enter(H, 10 * i + 1);
        tare_calls_leave(&calls, H, 10 * i + 4);
        tare_calls_leave(&calls, i % 2 == 0 ? F : G, 10 * i + 5);
    }
    CHECK_EQ(PATH(F, H)->calls, 5);
    CHECK_EQ(PATH(G, H)->calls, 5);
    CHECK_EQ(PATH(F, H)->self_ticks, 15);
    CHECK_EQ(calls.node_count, 2 + 4);
    end();
}

/* Children in turns, in any order: found by the one that followed, or by the map. */
TEST(many_children_are_told_apart)
{
    enum { COUNT = 1000, ROUNDS = 7 };
    begin(0, PLENTY);
    enter(F, 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            uint32_t key = 10 + 2 * (i * (round + 1) % 1009 % COUNT);
            enter(key, 0);
            tare_calls_leave(&calls, key, 1);
        }
    }
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        const tare_call_node *node = PATH(F, 10 + 2 * i);
        sum += node != NULL ? node->calls : 0;
    }
    CHECK_EQ(sum, COUNT * ROUNDS);
    end();
}

TEST(a_million_deep)
{
    enum { DEPTH = 1000000 };
    begin(0, PLENTY);
    for (uint64_t i = 0; i < DEPTH; i++)
        enter(F, i);
    for (uint64_t i = 0; i < DEPTH; i++)
        tare_calls_leave(&calls, F, DEPTH + i);
    CHECK(calls.current == calls.root);
    CHECK_EQ(calls.node_count, DEPTH + 2);
    CHECK_EQ(sum_self(), 2 * DEPTH - 1);
    CHECK_EQ(calls.resync_count, 0);
    end();
}

TEST(resumptions_are_no_calls)
{
    begin(0, PLENTY);
    enter(F, 1);
    enter(G, 2);
    tare_calls_leave(&calls, G, 4);
    tare_calls_resume(&calls, G, 0, 9, 5);
    tare_calls_leave(&calls, G, 12);
    CHECK_EQ(PATH(F, G)->calls, 1);
    CHECK_EQ(PATH(F, G)->resumes, 1);
    CHECK_EQ(PATH(F, G)->suspended_ticks, 5);
    CHECK_EQ(PATH(F, G)->self_ticks, 2 + 3);
    end();
}

TEST(an_end_that_was_never_told)
{
    begin(0, PLENTY);
    enter(F, 1);
    enter(G, 2);
    enter(NATIVE, 3);
    tare_calls_leave(&calls, F, 4); /* and with it both others */
    CHECK(calls.current == calls.root);
    CHECK_EQ(calls.resync_count, 1);
    tare_calls_leave(&calls, H, 5); /* was there before us */
    CHECK(calls.current == calls.root);
    CHECK_EQ(calls.resync_count, 1);
    enter(F, 6);
    tare_calls_leave_native(&calls, 7); /* of a call that was not told */
    CHECK(calls.current == PATH(F));
    end();
}

TEST(natives_leave_without_a_name)
{
    begin(0, PLENTY);
    tare_calls_leave_native(&calls, 1);
    CHECK(calls.current == calls.root);
    enter(F, 1);
    enter(NATIVE, 2);
    tare_calls_leave_native(&calls, 5);
    CHECK(calls.current == PATH(F));
    CHECK_EQ(PATH(F, NATIVE)->self_ticks, 3);
    end();
}

TEST(an_owner_is_left_by_its_name)
{
    begin(0, PLENTY);
    tare_calls_enter(&calls, F, 0x1000, 1);
    tare_calls_enter(&calls, F, 0x2000, 2); /* the same function, made again */
    CHECK(!tare_calls_leave_owner(&calls, 0x1000, 3));
    CHECK(calls.current == PATH(F, F));
    CHECK(tare_calls_leave_owner(&calls, 0x2000, 4));
    CHECK(tare_calls_leave_owner(&calls, 0x1000, 6));
    CHECK(calls.current == calls.root);
    CHECK(!tare_calls_leave_owner(&calls, 0x1000, 7));
    CHECK_EQ(PATH(F, F)->self_ticks, 2);
    CHECK_EQ(PATH(F)->self_ticks, 1 + 2);
    end();
}

TEST(a_clock_that_runs_backwards_adds_nothing)
{
    begin(100, PLENTY);
    enter(F, 110);
    tare_calls_leave(&calls, F, 105);
    tare_calls_charge(&calls, 112);
    CHECK_EQ(PATH(F)->self_ticks, 0);
    CHECK_EQ(sum_self(), 12);
    end();
}

TEST(too_many_paths_are_one)
{
    begin(0, 4); /* the root, the overflow and two more */
    enter(F, 0);
    enter(G, 1);
    enter(H, 2); /* no node any more */
    enter(G, 3);
    tare_calls_leave(&calls, G, 5);
    tare_calls_leave(&calls, H, 9);
    tare_calls_leave(&calls, G, 11);
    enter(NATIVE, 12);
    tare_calls_leave_native(&calls, 15);
    tare_calls_leave(&calls, F, 16);
    CHECK(calls.current == calls.root);
    CHECK_EQ(calls.overflow->self_ticks, 7 + 3);
    CHECK_EQ(calls.overflow->calls, 3);
    CHECK_EQ(PATH(F, G)->self_ticks, 1 + 2);
    CHECK_EQ(calls.lost_calls, 0);
    CHECK_EQ(calls.node_count, 4);
    CHECK_EQ(sum_self(), 16);
    end();
}

/* Whatever fails: the time stays, the stack comes back to where it was, losses are counted. */
TEST(without_memory_calls_go_to_their_callers)
{
    enum { KEYS = 200 };
    bool whole = false;
    for (size_t fail_at = 1; !whole; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        budget = (tare_calls_budget){.node_limit = PLENTY};
        if (tare_calls_init(&calls, &budget, 0, &memory.alloc, NULL) == TARE_OK) {
            uint64_t counted = 0;
            for (uint32_t i = 0; i < KEYS; i++)
                enter(10 + 2 * i, i);
            for (uint32_t i = KEYS; i-- > 0;)
                tare_calls_leave(&calls, 10 + 2 * i, 2 * KEYS - i);
            for (uint32_t i = 0; i < calls.node_count; i++)
                counted += tare_calls_node(&calls, i)->calls;
            CHECK(calls.current == calls.root && calls.skipped == 0);
            CHECK_EQ(counted + calls.lost_calls, KEYS);
            CHECK_EQ(sum_self(), 2 * KEYS);
            CHECK_EQ(tare_calls_check(&calls, NULL), TARE_OK);
            whole = calls.lost_calls == 0;
        }
        tare_calls_deinit(&calls);
        CHECK_EQ(memory.outstanding, 0);
        CHECK_EQ(budget.node_count, 0);
    }
}

TEST(settling_and_shifting_keep_the_sum)
{
    begin(0, PLENTY);
    enter(F, 5);
    tare_calls_settle(&calls, 9);
    CHECK_EQ(PATH(F)->self_ticks, 4);
    tare_calls_shift(&calls, 100); /* Tare's own work */
    tare_calls_leave(&calls, F, 110);
    CHECK_EQ(PATH(F)->self_ticks, 5);
    CHECK_EQ(sum_self(), calls.last_ticks - calls.first_ticks);
    end();
}

TEST(cpu_time_is_at_most_what_the_thread_had)
{
    begin(0, PLENTY);
    tare_calls_use_cpu_clock(&calls, 1.0);
    enter(F, 1);
    for (uint64_t i = 0; i < 1000; i++)
        enter(G, 2 + i), tare_calls_leave(&calls, G, 2 + i);
    tare_calls_leave(&calls, F, UINT64_C(1000000000000)); /* a thousand seconds, asleep */
    uint64_t cpu_ns = 0;
    for (uint32_t i = 0; i < calls.node_count; i++)
        cpu_ns += tare_calls_node(&calls, i)->cpu_ns;
    CHECK(cpu_ns < UINT64_C(1000000000));
    end();
}

TEST(check_sees_damage)
{
    tare_error err;
    begin(0, PLENTY);
    enter(F, 1);
    calls.current->self_ticks = 99;
    CHECK_EQ(tare_calls_check(&calls, &err), TARE_CORRUPT);
    calls.current->self_ticks = 0;
    calls.current->key = G;
    CHECK_EQ(tare_calls_check(&calls, &err), TARE_CORRUPT);
    calls.current->key = F;
    end();
}

/* ---- durations ---- */

static uint64_t count_durations(uint32_t digits)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < calls.node_count; i++)
        count += tare_calls_node(&calls, i)->first_duration == digits + 1;
    for (uint32_t i = 0; i < calls.duration_count; i++)
        count += calls.durations[i]->counts[digits];
    return count;
}

static void call_for(uint32_t key, uint64_t begin_at, uint64_t ticks)
{
    enter(key, begin_at);
    tare_calls_leave(&calls, key, begin_at + ticks);
}

TEST(durations_by_their_digits)
{
    begin(0, PLENTY);
    tare_calls_use_durations(&calls, 2.0, 0, 0); /* two nanoseconds a tick */
    call_for(F, 10, 0);
    call_for(F, 20, 1);
    call_for(F, 30, 3);
    call_for(F, 40, 4);
    call_for(G, 100, 1000);
    CHECK_EQ(count_durations(0), 1);
    CHECK_EQ(count_durations(2), 1);  /* 2 */
    CHECK_EQ(count_durations(3), 1);  /* 6 */
    CHECK_EQ(count_durations(4), 1);  /* 8 */
    CHECK_EQ(count_durations(11), 1); /* 2000, kept in the node */
    CHECK_EQ(calls.duration_count, 1);
    end();
}

/* F takes 40 and calls G twice: 30 less for these two, 5 for itself. */
TEST(durations_without_what_hearing_cost)
{
    begin(0, PLENTY);
    tare_calls_use_durations(&calls, 1.0, 15, 5);
    enter(F, 100);
    call_for(G, 105, 6);
    call_for(G, 120, 3); /* less than it costs */
    tare_calls_leave(&calls, F, 140);
    CHECK_EQ(count_durations(0), 1);
    CHECK_EQ(count_durations(1), 1);
    CHECK_EQ(count_durations(3), 1); /* 40 - 30 - 5 */
    end();
}

TEST(no_durations_unless_asked_for)
{
    begin(0, PLENTY);
    call_for(F, 10, 3);
    call_for(F, 20, 3);
    for (uint32_t digits = 0; digits < TARE_CALLS_DURATIONS; digits++)
        CHECK_EQ(count_durations(digits), 0);
    end();
}

/* A function's are together, whatever path it was called on; none is lost for want of memory but
 * those after it. */
TEST(durations_are_the_functions)
{
    for (size_t fail_at = 1;; fail_at++) {
        oom memory;
        oom_init(&memory, 0);
        budget = (tare_calls_budget){.node_limit = PLENTY};
        CHECK_EQ(tare_calls_init(&calls, &budget, 0, &memory.alloc, NULL), TARE_OK);
        tare_calls_use_durations(&calls, 1.0, 0, 0);
        call_for(H, 5, 1);
        enter(F, 10);
        call_for(H, 11, 1);
        memory.fail_at = memory.requests + fail_at;
        call_for(H, 13, 1);
        bool failed = memory.requests >= memory.fail_at;
        memory.fail_at = 0;
        call_for(H, 15, 1);
        tare_calls_leave(&calls, F, 20);
        call_for(H, 25, 1);
        CHECK(failed || count_durations(1) == 5);
        CHECK(count_durations(1) >= 3 && calls.duration_count == 1);
        end();
        CHECK_EQ(memory.outstanding, 0);
        if (!failed)
            break;
    }
}

/* ---- beginning again ---- */

TEST(what_is_under_way_ends_in_the_new_tree)
{
    begin(0, PLENTY);
    enter(F, 1);
    enter(H, 2);
    tare_calls_leave(&calls, H, 3);
    tare_calls_enter(&calls, G, 77, 4);
    enter(NATIVE, 6);
    CHECK_EQ(tare_calls_begin_again(&calls, 100, NULL), TARE_OK);
    CHECK_EQ(sum_self(), 0);
    CHECK(PATH(F, H) == NULL);
    CHECK_EQ(calls.node_count, 5); /* with the root, and the overflow node */
    tare_calls_leave_native(&calls, 103);
    CHECK(tare_calls_leave_owner(&calls, 77, 105));
    enter(H, 106);
    tare_calls_leave(&calls, H, 110);
    tare_calls_leave(&calls, F, 111);
    tare_calls_charge(&calls, 120);
    CHECK_EQ(PATH(F, G, NATIVE)->self_ticks, 3);
    CHECK_EQ(PATH(F, G)->self_ticks, 2);
    CHECK_EQ(PATH(F)->self_ticks, 1 + 1);
    CHECK_EQ(PATH(F, H)->self_ticks, 4);
    CHECK_EQ(calls.root->self_ticks, 9);
    CHECK_EQ(PATH(F)->calls + PATH(F, G)->calls + PATH(F, G, NATIVE)->calls, 0);
    CHECK_EQ(PATH(F, H)->calls, 1);
    CHECK_EQ(calls.resync_count, 0);
    end();
}

/* Its room is the new tree's. */
TEST(what_was_skipped_is_skipped_again)
{
    begin(0, 4);
    enter(F, 1);
    enter(G, 2);
    enter(H, 3);
    enter(NATIVE, 4);
    CHECK_EQ(tare_calls_begin_again(&calls, 10, NULL), TARE_OK);
    CHECK(calls.current == calls.overflow);
    tare_calls_leave(&calls, NATIVE, 12);
    tare_calls_leave(&calls, H, 13);
    CHECK(calls.current == PATH(F, G));
    tare_calls_leave(&calls, G, 17);
    tare_calls_leave(&calls, F, 18);
    CHECK(calls.current == calls.root);
    CHECK_EQ(calls.overflow->self_ticks, 3);
    CHECK_EQ(calls.overflow->calls, 0);
    CHECK_EQ(budget.node_count, 4);
    end();
}

TEST(without_memory_it_does_not_begin_again)
{
    enum { KEYS = 200 };
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom memory;
        oom_init(&memory, 0);
        budget = (tare_calls_budget){.node_limit = PLENTY};
        CHECK_EQ(tare_calls_init(&calls, &budget, 0, &memory.alloc, NULL), TARE_OK);
        for (uint32_t i = 0; i < KEYS; i++)
            enter(10 + 2 * i, i);
        memory.fail_at = memory.requests + fail_at;
        failed = tare_calls_begin_again(&calls, KEYS, NULL) != TARE_OK;
        CHECK_EQ(failed, calls.current == NULL);
        CHECK(failed || calls.node_count == KEYS + 2);
        tare_calls_deinit(&calls);
        CHECK_EQ(memory.outstanding, 0);
        CHECK_EQ(budget.node_count, 0);
    }
}
