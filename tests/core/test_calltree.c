/* test_calltree.c - merged calls, their order and totals; edges between functions. */
#include "known_calls.h"
#include "known_trace.h"
#include "stats/calltree.h"

static void check_row(const tare_calltree *tree, uint32_t index, uint32_t function, uint32_t depth,
                      uint64_t total_ms, uint64_t self_ms)
{
    if (!CHECK(index < tree->row_count))
        return;
    const tare_call_row *row = &tree->rows[index];
    CHECK_EQ(row->function, function);
    CHECK_EQ(row->depth, depth);
    CHECK_EQ(row->total_ns, total_ms * MS);
    CHECK_EQ(row->self_ns, self_ms * MS);
}

static uint64_t edge_ms(const tare_calltree *tree, uint32_t caller, uint32_t callee)
{
    for (uint32_t i = 0; i < tree->edge_count; i++) {
        if (tree->edges[i].caller == caller && tree->edges[i].callee == callee)
            return tree->edges[i].total_ns / MS;
    }
    return 0;
}

TEST(tree_merges_lines_and_puts_the_hottest_first)
{
    tare_profile          profile;
    const known_functions known = make_profile(&profile, tare_alloc_system());
    tare_calltree         tree;
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, 8);
    check_row(&tree, 0, known.main, 0, 70, 0);
    check_row(&tree, 1, known.parse, 1, 60, 60);
    check_row(&tree, 2, known.fetch, 1, 10, 10);
    check_row(&tree, 3, known.work, 0, 30, 0);
    check_row(&tree, 4, known.parse, 1, 30, 30);
    check_row(&tree, 5, known.fib, 0, 8, 0);
    check_row(&tree, 6, known.fib, 1, 8, 0);
    check_row(&tree, 7, known.fib, 2, 8, 8);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

TEST(tree_of_one_thread_has_nothing_of_the_others)
{
    tare_profile          profile;
    const known_functions known = make_profile(&profile, tare_alloc_system());
    tare_calltree         tree;
    CHECK_EQ(tare_calltree_init(&tree, &profile, WORKER_SET, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, 2);
    check_row(&tree, 0, known.work, 0, 30, 0);
    check_row(&tree, 1, known.parse, 1, 30, 30);
    CHECK_EQ(tree.edge_count, 2);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

TEST(edges_count_a_recurring_pair_once)
{
    tare_profile          profile;
    const known_functions known = make_profile(&profile, tare_alloc_system());
    tare_calltree         tree;
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(tree.edge_count, 7);
    CHECK_EQ(edge_ms(&tree, TARE_NONE, known.main), 70);
    CHECK_EQ(edge_ms(&tree, known.main, known.parse), 60);
    CHECK_EQ(edge_ms(&tree, known.main, known.fetch), 10);
    CHECK_EQ(edge_ms(&tree, known.work, known.parse), 30);
    CHECK_EQ(edge_ms(&tree, TARE_NONE, known.fib), 8);
    CHECK_EQ(edge_ms(&tree, known.fib, known.fib), 8);
    for (uint32_t i = 1; i < tree.edge_count; i++)
        CHECK(tree.edges[i - 1].total_ns >= tree.edges[i].total_ns);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

TEST(empty_profile_has_an_empty_tree)
{
    tare_profile  profile;
    tare_calltree tree;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, 0);
    CHECK_EQ(tree.edge_count, 0);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

TEST(deep_stacks_need_no_stack_of_ours)
{
    enum { DEPTH = 200000 };
    tare_profile  profile;
    tare_calltree tree;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    const known_functions known = make_functions(&profile);
    uint32_t              node = 0;
    for (int i = 0; i < DEPTH; i++)
        node = known_child(&profile, node, i % 2 == 0 ? known.main : known.work, 1);
    known_sample(&profile, node, 0, "python_ns", 3);
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, DEPTH);
    CHECK_EQ(tree.rows[DEPTH - 1].depth, DEPTH - 1);
    CHECK_EQ(tree.edge_count, 3);
    CHECK_EQ(edge_ms(&tree, known.main, known.work), 3);
    CHECK_EQ(edge_ms(&tree, known.work, known.main), 3);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

TEST(tree_of_a_trace_has_its_calls)
{
    tare_profile      profile;
    tare_calltree     tree;
    const known_trace known = trace_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    const uint64_t calls[] = {1, 1, 2, 2, 1, 1, 1, 1, 4, 2, 1, 2};
    CHECK_EQ(tree.row_count, sizeof calls / sizeof calls[0]);
    for (uint32_t i = 0; i < tree.row_count; i++)
        CHECK_EQ(tree.rows[i].calls, calls[i]);
    check_row(&tree, 0, known.main, 0, 14, 3);
    check_row(&tree, 9, known.work, 0, 7, 4);
    tare_calltree_deinit(&tree);
    CHECK_EQ(tare_calltree_init(&tree, &profile, TRACE_WORKER, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, 3);
    CHECK_EQ(tree.rows[0].calls, 2);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

/* ---- picks ---- */

static void check_picks(const tare_calltree *tree, uint64_t least_ms, uint32_t most,
                        const char *expected)
{
    tare_tree_picks picks;
    CHECK_EQ(tare_calltree_pick(&picks, tree, least_ms * MS, most, NULL), TARE_OK);
    CHECK_EQ(picks.count, strlen(expected));
    for (uint32_t i = 0; i < picks.count; i++)
        CHECK_EQ(picks.items[i].row, expected[i] - '0');
    tare_tree_picks_deinit(&picks);
}

TEST(picks_are_the_hottest_in_the_order_of_the_tree)
{
    tare_profile  profile;
    tare_calltree tree;
    make_profile(&profile, tare_alloc_system());
    CHECK_EQ(tare_calltree_init(&tree, &profile, TARE_NONE, NULL), TARE_OK);
    /* totals: 70 (60 10) 30 (30) 8 (8 (8)) */
    check_picks(&tree, 0, 100, "01234567");
    check_picks(&tree, 0, 3, "013");
    check_picks(&tree, 0, 1, "0");
    check_picks(&tree, 0, 0, "");
    check_picks(&tree, 0, 6, "012345"); /* of equal ones the outer ones */
    check_picks(&tree, 9, 100, "01234");
    check_picks(&tree, 9, 4, "0134");
    check_picks(&tree, 71, 100, "");
    tare_tree_picks picks;
    CHECK_EQ(tare_calltree_pick(&picks, &tree, 9 * MS, 2, NULL), TARE_OK);
    CHECK_EQ(picks.fit_count, 5);
    tare_tree_picks_deinit(&picks);
    tare_calltree_deinit(&tree);
    tare_profile_deinit(&profile);
}

/* ---- memory ---- */

static tare_status pick_rows(tare_profile *profile)
{
    tare_calltree   tree;
    tare_tree_picks picks = {0};
    tare_status     status = tare_calltree_init(&tree, profile, TARE_NONE, NULL);
    if (status == TARE_OK)
        status = tare_calltree_pick(&picks, &tree, 0, 100, NULL);
    CHECK_EQ(picks.count, status == TARE_OK ? 8 : 0);
    tare_tree_picks_deinit(&picks);
    tare_calltree_deinit(&tree);
    return status;
}

static tare_status make_tree(tare_profile *profile)
{
    tare_calltree tree;
    tare_status   status = tare_calltree_init(&tree, profile, TARE_NONE, NULL);
    CHECK_EQ(tree.row_count, status == TARE_OK ? 8 : 0);
    tare_calltree_deinit(&tree);
    return status;
}

TEST(failed_allocations_leave_nothing)
{
    fail_each_request(make_tree);
    fail_each_request(pick_rows);
}
