/* test_restlessness.c - when a thread passes for restless, and that it does not flip. */
#include "harness.h"
#include "remote/restlessness.h"

enum { MANY = 100000, STEP_NS = 1000000 };

/* Notes, every period-th of which is a move; returns how often high changed. */
static int note_often(tare_restlessness *r, uint64_t *now_ns, int count, int period)
{
    int changes = 0;
    for (int i = 1; i <= count; i++) {
        bool before = r->high;
        *now_ns += STEP_NS;
        CHECK(tare_restlessness_is_due(r, *now_ns));
        tare_restlessness_note(r, *now_ns, i % period == 0);
        CHECK(!tare_restlessness_is_due(r, *now_ns));
        changes += r->high != before;
    }
    return changes;
}

TEST(one_move_in_three_is_restless_after_a_few_notes)
{
    tare_restlessness r = {0};
    uint64_t          now_ns = 0;
    CHECK_EQ(note_often(&r, &now_ns, 8, 3), 1);
    CHECK(r.high);
    CHECK_EQ(note_often(&r, &now_ns, MANY, 3), 0);
}

TEST(hardly_any_moves_are_calm)
{
    tare_restlessness r = {0};
    uint64_t          now_ns = 0;
    CHECK_EQ(note_often(&r, &now_ns, MANY, 100), 0);
    CHECK(!r.high);
}

/* One in 18 lies between the two limits: it stays what it was. */
TEST(between_the_limits_nothing_changes)
{
    tare_restlessness r = {0};
    uint64_t          now_ns = 0;
    CHECK_EQ(note_often(&r, &now_ns, MANY, 18), 0);
    note_often(&r, &now_ns, 1000, 2);
    CHECK(r.high);
    CHECK_EQ(note_often(&r, &now_ns, MANY, 18), 0);
}

/* Turns of 10 notes with and without moves: it does not follow them. */
TEST(short_stretches_do_not_flip_it)
{
    tare_restlessness r = {0};
    uint64_t          now_ns = 0;
    int               changes = 0;
    for (int turn = 0; turn < MANY / 20; turn++) {
        changes += note_often(&r, &now_ns, 10, 2);
        changes += note_often(&r, &now_ns, 10, MANY);
    }
    CHECK(r.high);
    CHECK(changes <= 3); /* in the first windows */
}

TEST(it_calms_down)
{
    tare_restlessness r = {0};
    uint64_t          now_ns = 0;
    note_often(&r, &now_ns, MANY, 2);
    CHECK(r.high);
    CHECK_EQ(note_often(&r, &now_ns, 600, MANY), 1);
    CHECK(!r.high);
}
