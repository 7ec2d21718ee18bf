/* test_edges.c - from pairs to a tree: what is known, what is divided, what is conserved. Many
 * more graphs are in tests/python/test_import_edges.py. */
#include "harness.h"
#include "known_profile.h"
#include "oom.h"

#include "io/edges.h"

typedef struct made_edges {
    tare_profile  profile;
    tare_edges    edges;
    tare_imported im;
} made_edges;

static tare_status init_made(made_edges *made, const tare_alloc *alloc)
{
    *made = (made_edges){.edges = {.alloc = alloc, .amount_count = TARE_EDGES_MORE}};
    made->im.profile = &made->profile;
    return tare_profile_init(&made->profile, alloc, NULL);
}

static void deinit_made(made_edges *made)
{
    tare_edges_deinit(&made->edges);
    tare_profile_deinit(&made->profile);
}

static tare_status add_function(made_edges *made, const char *name, uint64_t calls, uint64_t own,
                                uint64_t inclusive)
{
    uint32_t         function, index;
    tare_import_name said = {.name = tare_text_of(name), .file = tare_text_of("w.py")};
    TARE_TRY(tare_imported_function(&made->im, &said, &function));
    TARE_TRY(tare_edges_function(&made->edges, function, &index, NULL));
    tare_edges_function_amounts(&made->edges, index)[TARE_EDGES_CALLS] = calls;
    tare_edges_function_amounts(&made->edges, index)[TARE_EDGES_OWN] = own;
    made->edges.functions[index].inclusive = inclusive;
    made->edges.functions[index].primitive_calls = calls;
    return TARE_OK;
}

static tare_status add_pair(made_edges *made, uint32_t caller, uint32_t callee, uint64_t calls,
                            uint64_t own, uint64_t inclusive)
{
    uint32_t pair;
    TARE_TRY(tare_edges_pair(&made->edges, caller, callee, &pair, NULL));
    tare_call_edge *edge = &made->edges.edges[pair];
    edge->own_known = edge->inclusive_known = true;
    edge->inclusive = inclusive;
    tare_edges_pair_amounts(&made->edges, pair)[TARE_EDGES_CALLS] = calls;
    tare_edges_pair_amounts(&made->edges, pair)[TARE_EDGES_OWN] = own;
    return TARE_OK;
}

/* main calls a and b; both call f, at different cost; f calls g. */
static tare_status fill_shared(made_edges *made)
{
    TARE_TRY(add_function(made, "main", 1, 100, 1900));
    TARE_TRY(add_function(made, "a", 1, 0, 400));
    TARE_TRY(add_function(made, "b", 1, 0, 1400));
    TARE_TRY(add_function(made, "f", 2, 200, 1800));
    TARE_TRY(add_function(made, "g", 16, 1600, 1600));
    TARE_TRY(add_pair(made, 0, 1, 1, 0, 400));
    TARE_TRY(add_pair(made, 0, 2, 1, 0, 1400));
    TARE_TRY(add_pair(made, 1, 3, 1, 100, 400));
    TARE_TRY(add_pair(made, 2, 3, 1, 100, 1400));
    TARE_TRY(add_pair(made, 3, 4, 16, 1600, 1600));
    return tare_edges_build(&made->edges, &made->im, true, NULL);
}

static uint64_t value_of(const made_edges *made, uint32_t node, tare_metric_id metric)
{
    uint32_t id = made->im.metrics[metric];
    return id == 0 ? 0 : tare_profile_value(&made->profile, node, 0, id - 1);
}

/* The node at which the names lead from the root; 0 when there is none. */
static uint32_t find_node(const made_edges *made, const char *const *names)
{
    uint32_t node = 0;
    for (; *names != NULL; names++) {
        uint32_t found = 0;
        for (uint32_t id = 1; id < made->profile.node_count && found == 0; id++) {
            const tare_node *at = &made->profile.nodes[id];
            uint32_t         function = made->profile.frames[at->frame].function;
            tare_text        name = tare_profile_text(&made->profile,
                                                      made->profile.functions[function].name);
            if (at->parent == node && strcmp(name.bytes, *names) == 0)
                found = id;
        }
        node = found;
        if (node == 0)
            break;
    }
    return node;
}

static uint64_t sum_of(const made_edges *made, tare_metric_id metric)
{
    uint64_t sum = 0;
    for (uint32_t id = 1; id < made->profile.node_count; id++)
        sum += value_of(made, id, metric);
    return sum;
}

TEST(two_callers_divide_what_is_below_by_what_they_took)
{
    made_edges made;
    must(init_made(&made, tare_alloc_system()));
    must(fill_shared(&made));
    uint32_t known = find_node(&made, (const char *const[]){"main", "b", NULL});
    uint32_t left = find_node(&made, (const char *const[]){"main", "a", "f", "g", NULL});
    uint32_t right = find_node(&made, (const char *const[]){"main", "b", "f", "g", NULL});
    CHECK(known != 0 && left != 0 && right != 0);
    CHECK_EQ(made.profile.node_count, 8);
    CHECK_EQ(value_of(&made, left, TARE_METRIC_wall_ns), 300);
    CHECK_EQ(value_of(&made, right, TARE_METRIC_wall_ns), 1300);
    CHECK_EQ(value_of(&made, left, TARE_METRIC_calls), 3);
    CHECK_EQ(value_of(&made, right, TARE_METRIC_calls), 13);
    CHECK_EQ(value_of(&made, known, TARE_METRIC_estimated), 0);
    CHECK_EQ(value_of(&made, right, TARE_METRIC_estimated), 0);
    CHECK_EQ(value_of(&made, left, TARE_METRIC_certain_ns), 200); /* 1400 fit into b's at most */
    CHECK_EQ(value_of(&made, right, TARE_METRIC_certain_ns), 1200);
    CHECK_EQ(sum_of(&made, TARE_METRIC_wall_ns), 1900);
    CHECK_EQ(sum_of(&made, TARE_METRIC_inclusive_ns), 1900 + 400 + 1400 + 1800 + 1600);
    CHECK_EQ(tare_profile_check(&made.profile, NULL), TARE_OK);
    deinit_made(&made);
}

TEST(recursion_ends)
{
    made_edges made;
    uint32_t   deepest = 0;
    must(init_made(&made, tare_alloc_system()));
    must(add_function(&made, "f", 1000, 1000, 1000000));
    must(add_function(&made, "g", 1000, 999000, 999000));
    made.edges.functions[0].primitive_calls = 1;
    must(add_pair(&made, 0, 0, 999, 999, 999000));
    must(add_pair(&made, 0, 1, 1000, 999000, 999000));
    must(tare_edges_build(&made.edges, &made.im, true, NULL));
    for (uint32_t id = 1; id < made.profile.node_count; id++) {
        uint32_t depth = 0;
        for (uint32_t at = id; at != 0; at = made.profile.nodes[at].parent)
            depth++;
        deepest = depth > deepest ? depth : deepest;
    }
    CHECK(deepest > 5 && deepest <= TARE_EDGES_MAX_DEPTH + 2);
    CHECK_EQ(sum_of(&made, TARE_METRIC_wall_ns), 1000000);
    CHECK_EQ(sum_of(&made, TARE_METRIC_calls), 2000);
    CHECK(find_node(&made, (const char *const[]){"(path not known)", "g", NULL}) != 0);
    deinit_made(&made);
}

TEST(numbers_that_do_not_agree_are_scaled_to_the_functions)
{
    made_edges made;
    must(init_made(&made, tare_alloc_system()));
    must(add_function(&made, "main", 1, 7, 10));
    must(add_function(&made, "f", 3, 11, 11));
    must(add_pair(&made, 0, 1, 50, 1000, 3));
    must(tare_edges_build(&made.edges, &made.im, true, NULL));
    uint32_t node = find_node(&made, (const char *const[]){"main", "f", NULL});
    CHECK_EQ(value_of(&made, node, TARE_METRIC_wall_ns), 11);
    CHECK_EQ(value_of(&made, node, TARE_METRIC_calls), 3);
    deinit_made(&made);
}

/* What a double makes of INT64_MAX is more than it. */
TEST(parts_of_large_numbers_are_no_more_than_the_whole)
{
    made_edges made;
    must(init_made(&made, tare_alloc_system()));
    must(add_function(&made, "main", 1, 0, 0));
    must(add_function(&made, "f", INT64_MAX, INT64_MAX, INT64_MAX));
    must(add_pair(&made, 0, 1, INT64_MAX - 1, 0, 0));
    made.edges.edges[0].own_known = made.edges.edges[0].inclusive_known = false;
    must(tare_edges_build(&made.edges, &made.im, true, NULL));
    CHECK_EQ(sum_of(&made, TARE_METRIC_wall_ns), INT64_MAX);
    deinit_made(&made);
}

TEST(sums_stop)
{
    uint64_t sum = INT64_MAX - 1;
    tare_edges_raise(&sum, 5);
    CHECK_EQ(sum, INT64_MAX);
    tare_edges_raise(&sum, UINT64_MAX);
    CHECK_EQ(sum, INT64_MAX);
}

TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom        memory;
        made_edges made;
        oom_init(&memory, fail_at);
        status = init_made(&made, &memory.alloc);
        if (status == TARE_OK)
            status = fill_shared(&made);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        deinit_made(&made);
        CHECK_EQ(memory.outstanding, 0);
    }
}
