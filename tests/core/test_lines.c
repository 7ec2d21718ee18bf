/* test_lines.c - lines of a thread: exact hits, exact times, whatever calls what. */
#include "harness.h"
#include "oom.h"

#include "trace/lines.h"

/* f has lines 1 to 9, g 11 to 19. */
static const tare_line_code f = {.index = 0, .first_line = 1, .line_count = 9};
static const tare_line_code g = {.index = 1, .first_line = 11, .line_count = 9};

static tare_lines lines;

static void begin(void)
{
    CHECK_EQ(tare_lines_init(&lines, tare_alloc_system(), NULL), TARE_OK);
}

static void end(void)
{
    CHECK(lines.top == lines.activations);
    for (uint32_t i = 0; i < lines.body_capacity; i++)
        for (uint32_t n = 0; lines.bodies[i] != NULL && n < lines.bodies[i]->code->line_count; n++)
            CHECK_EQ(lines.bodies[i]->lines[n].held, 0);
    tare_lines_deinit(&lines);
}

static bool visit(const tare_line_code *code, uint32_t number, uint64_t now)
{
    const tare_line *unused;
    return tare_lines_visit(&lines, code, number, now, &unused);
}

static const tare_line *at(const tare_line_code *code, uint32_t number)
{
    return &lines.bodies[code->index]->lines[number - code->first_line];
}

TEST(a_line_lasts_until_the_next)
{
    begin();
    tare_lines_enter(&lines, &f, 100);
    visit(&f, 2, 103);
    visit(&f, 3, 110);
    visit(&f, 2, 130);
    visit(&f, 3, 131);
    tare_lines_leave(&lines, &f, 151);
    CHECK_EQ(at(&f, 2)->own_ticks, 3 + 7 + 1); /* what was before its first line, too */
    CHECK_EQ(at(&f, 3)->own_ticks, 20 + 20);
    CHECK_EQ(at(&f, 2)->visits, 2);
    CHECK_EQ(at(&f, 3)->inclusive_ticks, 40);
    CHECK_EQ(lines.bodies[0]->calls, 1);
    end();
}

TEST(what_is_called_is_in_the_inclusive_time)
{
    begin();
    tare_lines_enter(&lines, &f, 0);
    visit(&f, 2, 0);
    tare_lines_enter(&lines, &g, 10);
    visit(&g, 12, 11);
    tare_lines_leave(&lines, &g, 31);
    visit(&f, 3, 35);
    tare_lines_leave(&lines, &f, 40);
    CHECK_EQ(at(&f, 2)->own_ticks, 10 + 4);
    CHECK_EQ(at(&f, 2)->inclusive_ticks, 35);
    CHECK_EQ(at(&f, 3)->own_ticks, 5);
    CHECK_EQ(at(&g, 12)->own_ticks, 21);
    end();
}

/* Three deep at the same line, 10 ticks in each before and after. */
TEST(each_moment_counts_once_however_deep)
{
    begin();
    for (uint64_t i = 0; i < 3; i++) {
        tare_lines_enter(&lines, &f, 10 * i);
        visit(&f, 4, 10 * i);
    }
    for (uint64_t i = 0; i < 3; i++)
        tare_lines_leave(&lines, &f, 30 + 10 * i);
    CHECK_EQ(at(&f, 4)->own_ticks, 50);
    CHECK_EQ(at(&f, 4)->inclusive_ticks, 50);
    CHECK_EQ(at(&f, 4)->visits, 3);
    end();
}

TEST(suspended_time_is_nobodys_own)
{
    begin();
    tare_lines_enter(&lines, &g, 0);
    visit(&g, 12, 0);
    tare_lines_leave(&lines, &g, 7);
    tare_lines_resume(&lines, &g, 12, 1000, 993);
    visit(&g, 13, 1004);
    tare_lines_leave(&lines, &g, 1010);
    CHECK_EQ(at(&g, 12)->own_ticks, 7 + 4); /* the rest of the line, too */
    CHECK_EQ(at(&g, 12)->visits, 1);
    CHECK_EQ(at(&g, 12)->suspended_ticks, 993);
    CHECK_EQ(at(&g, 13)->own_ticks, 6);
    CHECK_EQ(lines.bodies[1]->calls, 1);
    CHECK_EQ(lines.bodies[1]->resumes, 1);
    end();
}

static void tell(const tare_line_code *code, uint32_t number, bool begins)
{
    const tare_line *before;
    if (tare_lines_visit(&lines, code, number, 0, &before) && tare_lines_must_tell(&lines, before))
        tare_lines_tell(&lines, before, begins);
}

static int64_t hits(const tare_line_code *code, uint32_t number)
{
    return (int64_t)at(code, number)->visits - at(code, number)->again;
}

/* In 1 to 9 a statement over lines 3 to 5, and a with at 7. */
TEST(a_statement_counts_once)
{
    uint32_t       shared = 2 | TARE_LINE_SHARED;
    uint32_t       with = 6 | TARE_LINE_SHARED | TARE_LINE_RETURNS;
    uint32_t       heads[] = {0, 1, shared, shared, shared, 5, with, 7, 8};
    tare_line_code code = f;
    code.heads = heads;
    begin();
    tare_lines_enter(&lines, &code, 0);
    for (int turn = 0; turn < 4; turn++) {
        tell(&code, 3, true); /* x = f( */
        tell(&code, 4, false);
        tell(&code, 5, false);
        tell(&code, 3, false); /* the call itself */
        tell(&code, 6, true);
        tell(&code, 7, true); /* with a: */
        tell(&code, 8, true);
        tell(&code, 7, false); /* its end */
    }
    CHECK_EQ(hits(&code, 3), 4);
    CHECK_EQ(hits(&code, 4), 4);
    CHECK_EQ(hits(&code, 7), 4);
    CHECK_EQ(hits(&code, 8), 4);
    CHECK_EQ(at(&code, 3)->visits, 8);
    tare_lines_leave(&lines, &code, 7);
    end();
}

TEST(a_statement_that_begins_at_another_of_its_lines)
{
    uint32_t       shared = 2 | TARE_LINE_SHARED;
    uint32_t       heads[] = {0, 1, shared, shared, shared, 5, 6, 7, 8};
    tare_line_code code = f;
    code.heads = heads;
    begin();
    tare_lines_enter(&lines, &code, 0);
    tell(&code, 5, true); /* z = [i for i in range(10)] over three lines */
    for (int i = 0; i < 10; i++) {
        tell(&code, 4, false);
        tell(&code, 5, false);
    }
    tell(&code, 3, false);
    tell(&code, 6, true);
    CHECK_EQ(hits(&code, 3), 1);
    CHECK_EQ(hits(&code, 4), 10);
    tare_lines_leave(&lines, &code, 7);
    end();
}

/* A loop without a header of its own and a comprehension, both on one line. */
TEST(one_line_again_and_again)
{
    begin();
    tare_lines_enter(&lines, &f, 0);
    for (int i = 0; i < 10; i++)
        tell(&f, 2, true);
    for (int i = 0; i < 10; i++)
        tell(&f, 3, i == 0);
    CHECK_EQ(hits(&f, 2), 10);
    CHECK_EQ(hits(&f, 3), 1);
    tare_lines_leave(&lines, &f, 7);
    end();
}

TEST(a_loop_on_one_line_counts_for_each_turn)
{
    uint32_t       heads[] = {0, 1 | TARE_LINE_LOOPS, 2, 3, 4, 5, 6, 7, 8};
    tare_line_code code = f;
    code.heads = heads;
    begin();
    tare_lines_enter(&lines, &code, 0);
    for (int i = 0; i < 11; i++)
        tell(&code, 2, i == 0);
    CHECK_EQ(hits(&code, 2), 11);
    tare_lines_leave(&lines, &code, 7);
    end();
}

/* The header of a loop over two lines: its second one is not seen again. */
TEST(the_header_of_a_loop_counts_for_each_turn)
{
    uint32_t       shared = 2 | TARE_LINE_SHARED;
    uint32_t       heads[] = {0, 1, shared, shared, 4, 5, 6, 7, 8};
    tare_line_code code = f;
    code.heads = heads;
    begin();
    tare_lines_enter(&lines, &code, 0);
    tell(&code, 3, true);
    tell(&code, 4, false);
    tell(&code, 3, false);
    for (int i = 0; i < 5; i++) {
        tell(&code, 5, true);
        tell(&code, 3, false);
    }
    CHECK_EQ(hits(&code, 3), 6);
    tare_lines_leave(&lines, &code, 7);
    end();
}

TEST(hearing_takes_no_time)
{
    begin();
    lines.visit_cost = 5;
    lines.call_cost = 7;
    tare_lines_enter(&lines, &f, 0);
    visit(&f, 2, 7 + 10);
    tare_lines_enter(&lines, &g, 7 + 10 + 5 + 20);
    visit(&g, 12, 2 * 7 + 10 + 5 + 20);
    visit(&g, 13, 2 * 7 + 10 + 2 * 5 + 20 + 30);
    tare_lines_leave(&lines, &g, 2 * 7 + 10 + 3 * 5 + 20 + 30);
    tare_lines_leave(&lines, &f, 3 * 7 + 10 + 3 * 5 + 20 + 30 + 40);
    CHECK_EQ(at(&f, 2)->own_ticks, 10 + 20 + 40);
    CHECK_EQ(at(&f, 2)->inclusive_ticks, 10 + 20 + 30 + 40);
    CHECK_EQ(at(&g, 12)->own_ticks, 30);
    CHECK_EQ(at(&g, 13)->own_ticks, 0);
    end();
}

TEST(code_that_was_running_before_is_followed_from_its_next_line)
{
    begin();
    visit(&f, 5, 100);
    visit(&f, 6, 110);
    tare_lines_leave(&lines, &f, 115);
    tare_lines_leave(&lines, &f, 120); /* of those before it nothing is known */
    tare_lines_leave(&lines, &g, 121);
    CHECK_EQ(at(&f, 5)->own_ticks, 10);
    CHECK_EQ(at(&f, 6)->own_ticks, 5);
    CHECK_EQ(lines.bodies[0]->calls, 0);
    end();
}

TEST(an_end_that_was_not_told_is_made_up_for)
{
    begin();
    tare_lines_enter(&lines, &f, 0);
    visit(&f, 2, 0);
    tare_lines_enter(&lines, &g, 5);
    visit(&g, 12, 6);
    visit(&f, 3, 16); /* g has ended somewhere */
    tare_lines_leave(&lines, &f, 20);
    CHECK_EQ(at(&g, 12)->own_ticks, 11);
    CHECK_EQ(at(&f, 2)->own_ticks, 5);
    CHECK_EQ(at(&f, 3)->own_ticks, 4);
    end();
}

TEST(numbers_that_are_not_its_lines_are_no_visits)
{
    begin();
    tare_lines_enter(&lines, &g, 0);
    visit(&g, 12, 1);
    CHECK(!visit(&g, 10, 2));
    CHECK(!visit(&g, 20, 3));
    CHECK(!visit(&g, UINT32_MAX, 4));
    tare_lines_leave(&lines, &g, 9);
    CHECK_EQ(at(&g, 12)->own_ticks, 9);
    end();
}

/* In the middle of three activations, and again at the end. */
TEST(settling_charges_all_that_is_under_way_once)
{
    for (int settle = 0; settle < 2; settle++) {
        begin();
        tare_lines_enter(&lines, &f, 0);
        visit(&f, 2, 0);
        tare_lines_enter(&lines, &f, 10);
        visit(&f, 2, 10);
        tare_lines_enter(&lines, &g, 20);
        visit(&g, 12, 20);
        for (uint64_t now = 25; settle && now < 50; now += 5)
            tare_lines_settle(&lines, now, now % 2 == 0);
        tare_lines_leave(&lines, &g, 50);
        tare_lines_leave(&lines, &f, 60);
        tare_lines_leave(&lines, &f, 75);
        CHECK_EQ(at(&f, 2)->own_ticks, 10 + 10 + 10 + 15);
        CHECK_EQ(at(&f, 2)->inclusive_ticks, 75);
        CHECK_EQ(at(&g, 12)->own_ticks, 30);
        CHECK_EQ(at(&g, 12)->inclusive_ticks, 30);
        end();
    }
}

TEST(forgotten_it_goes_on_from_there)
{
    begin();
    tare_lines_enter(&lines, &f, 0);
    visit(&f, 2, 0);
    tare_lines_enter(&lines, &g, 10);
    visit(&g, 12, 10);
    tare_lines_forget(&lines, 30);
    CHECK_EQ(at(&f, 2)->visits + at(&g, 12)->visits, 0);
    tare_lines_leave(&lines, &g, 50);
    tare_lines_leave(&lines, &f, 60);
    CHECK_EQ(at(&f, 2)->own_ticks, 10);
    CHECK_EQ(at(&f, 2)->inclusive_ticks, 30);
    CHECK_EQ(at(&g, 12)->own_ticks, 20);
    CHECK_EQ(lines.bodies[0]->calls, 0);
    end();
}

TEST(tares_own_work_is_no_time)
{
    begin();
    tare_lines_enter(&lines, &f, 0);
    visit(&f, 2, 0);
    tare_lines_shift(&lines, 1000);
    tare_lines_leave(&lines, &f, 1010);
    CHECK_EQ(at(&f, 2)->own_ticks, 10);
    end();
}

/* What cannot be followed is lost, and counted; what is there stays right. */
TEST(without_memory)
{
    uint64_t lost = 1;
    for (size_t fail_at = 1; lost > 0; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        if (tare_lines_init(&lines, &memory.alloc, NULL) == TARE_OK) {
            for (uint64_t i = 0; i < 40; i++) {
                const tare_line_code *code = i % 2 == 0 ? &f : &g;
                tare_lines_enter(&lines, code, 10 * i);
                visit(code, code->first_line + 1, 10 * i + 1);
            }
            for (uint64_t i = 40; i-- > 0;)
                tare_lines_leave(&lines, i % 2 == 0 ? &f : &g, 1000 - 10 * i);
            lost = lines.lost_count;
            while (lines.top > lines.activations)
                tare_lines_leave(&lines, lines.top->code, 2000);
            end();
        }
        CHECK_EQ(memory.outstanding, 0);
    }
}
