/* test_cost.c - costs from loops whose every part is known. */
#include "harness.h"

#include "trace/cost.h"

static bool is_near(double seen, double true_value)
{
    double apart = seen - true_value;
    return apart < 1e-9 && apart > -1e-9;
}

/* A turn: 10 of the loop's own, 5 for the call, 4 of the callee; hearing adds 30 in, 40 beside. */
static tare_cost_loop python_loop(double slowdown, double more)
{
    return (tare_cost_loop){.kind = TARE_COST_CALL,
                            .plain_ns = 19,
                            .heard_ns = slowdown * 19 + 30 + 40 + more,
                            .callee_ns = slowdown * 4 + 30,
                            .body_ns = 4};
}

TEST(parts_of_a_call)
{
    const double slowdowns[] = {1, 1.8};
    for (int i = 0; i < 2; i++) {
        tare_costs     costs = {.slowdown = slowdowns[i]};
        tare_cost_loop loop = python_loop(slowdowns[i], 0);
        tare_costs_measured(&costs, &loop, 1);
        CHECK(is_near(costs.of[TARE_COST_CALL].inside_ns, 30));
        CHECK(is_near(costs.of[TARE_COST_CALL].outside_ns, 40));
        CHECK(is_near(costs.of[TARE_COST_CALL].error_ns, 0));
        CHECK(is_near(costs.of[TARE_COST_NATIVE].inside_ns, 0));
        CHECK(is_near(costs.slowdown, slowdowns[i]));
    }
}

/* Its own instructions are the processor's, whatever listens. */
TEST(native_bodies_are_not_slowed_down)
{
    tare_costs     costs = {.slowdown = 2};
    tare_cost_loop loop = {.kind = TARE_COST_NATIVE,
                           .plain_ns = 25, /* 10 of Python, 15 native */
                           .heard_ns = 2 * 10 + 15 + 20 + 10,
                           .callee_ns = 15 + 20,
                           .body_ns = 15};
    tare_costs_measured(&costs, &loop, 1);
    CHECK(is_near(costs.of[TARE_COST_NATIVE].inside_ns, 20));
    CHECK(is_near(costs.of[TARE_COST_NATIVE].outside_ns, 10));
}

TEST(shapes_differ)
{
    tare_costs     costs = {.slowdown = 1};
    tare_cost_loop loops[] = {python_loop(1, 0), python_loop(1, 6)};
    tare_costs_measured(&costs, loops, 2);
    CHECK(is_near(costs.of[TARE_COST_CALL].inside_ns, 30));
    CHECK(is_near(costs.of[TARE_COST_CALL].outside_ns, 43));
    CHECK(is_near(costs.of[TARE_COST_CALL].error_ns, 3));
    double pace = tare_cost_error_ns(&costs.of[TARE_COST_CALL], 10) - 10 * 3;
    CHECK(pace > 0 && pace < 10 * 73);
    CHECK(is_near(tare_cost_error_ns(&costs.of[TARE_COST_CALL], 0), 0));
}

/* The heard run was luckier than the plain one: nothing is added to a program's time for it. */
TEST(a_cost_is_not_negative)
{
    tare_costs     costs = {.slowdown = 1};
    tare_cost_loop loop = {
        .kind = TARE_COST_RESUME, .plain_ns = 20, .heard_ns = 15, .callee_ns = 3, .body_ns = 4};
    tare_costs_measured(&costs, &loop, 1);
    CHECK(is_near(costs.of[TARE_COST_RESUME].inside_ns, 0));
    CHECK(is_near(costs.of[TARE_COST_RESUME].outside_ns, 0));
}
