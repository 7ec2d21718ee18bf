/* test_graph.c - the numbering is a breadth-first search, and everything that was told is there. */
#include "harness.h"
#include "oom.h"

#include "known_graphs.h"

#include <string.h>

enum { RANDOM_GRAPHS = 2000 };

static uint32_t depth_of(const tare_graph *graph, uint32_t node)
{
    uint32_t depth = 0;
    for (; node != 0; node = graph->parents[node])
        depth++;
    return depth;
}

TEST(zeroed_graph_can_be_dropped)
{
    tare_graph graph = {.alloc = tare_alloc_system()};
    CHECK_EQ(tare_graph_find(&graph, 16), TARE_GRAPH_NONE);
    tare_graph_deinit(&graph);
}

TEST(numbers_are_given_in_the_order_of_meeting)
{
    const known_graph known = {
        .thing_count = 6,
        .reference_count = 7,
        .sources = {0, 0, 5, 5, 3, 2, 2},
        .targets = {5, 3, 2, 3, 4, 2, 5},
    };
    const uint32_t things[] = {0, 5, 3, 2, 4};
    const uint32_t parents[] = {0, 0, 0, 1, 2};
    const uint32_t targets[] = {1, 2, 3, 2, 4, 3, 1};
    tare_graph     graph = {.alloc = tare_alloc_system()};
    CHECK_EQ(walk_known(&graph, &known), TARE_OK);
    CHECK_EQ(graph.count, 5);
    CHECK_EQ(graph.target_count, 7);
    for (uint32_t node = 0; node < 5; node++) {
        CHECK_EQ(thing_at(&graph, node), things[node]);
        CHECK_EQ(graph.parents[node], parents[node]);
        CHECK_EQ(graph.tags[node], things[node]);
    }
    for (uint32_t i = 0; i < 7; i++)
        CHECK_EQ(graph.targets[i], targets[i]);
    CHECK_EQ(graph.flags[1], TARE_GRAPH_SHARED); /* the process and thing 2 */
    CHECK_EQ(graph.flags[2], TARE_GRAPH_SHARED);
    CHECK_EQ(graph.flags[3], 0); /* refers to itself, which does not count */
    CHECK_EQ(tare_graph_find(&graph, address_of_thing(4)), 4);
    CHECK_EQ(tare_graph_find(&graph, address_of_thing(1)), TARE_GRAPH_NONE);
    tare_graph_deinit(&graph);
}

TEST(holders_are_told_once_each)
{
    const known_graph known = {
        .thing_count = 5,
        .reference_count = 8,
        .sources = {0, 0, 0, 1, 1, 2, 3, 3},
        .targets = {1, 2, 3, 4, 4, 4, 3, 1},
    };
    uint32_t   holders[4] = {0};
    tare_graph graph = {.alloc = tare_alloc_system()};
    CHECK_EQ(walk_known(&graph, &known), TARE_OK);
    CHECK_EQ(tare_graph_holders(&graph, 4, holders, 4), 2);
    CHECK_EQ(holders[0], 1);
    CHECK_EQ(holders[1], 2);
    CHECK_EQ(tare_graph_holders(&graph, 1, holders, 1), 2); /* more than there is room for */
    CHECK_EQ(holders[0], 0);
    CHECK_EQ(tare_graph_holders(&graph, 0, holders, 4), 0);
    tare_graph_deinit(&graph);
}

TEST(a_place_is_a_node_without_an_address)
{
    tare_graph graph = {.alloc = tare_alloc_system()};
    uint32_t   first, second;
    CHECK_EQ(tare_graph_begin(&graph, NULL), TARE_OK);
    CHECK_EQ(tare_graph_refer_place(&graph, &first, NULL), TARE_OK);
    CHECK_EQ(tare_graph_refer_place(&graph, &second, NULL), TARE_OK);
    CHECK(tare_graph_open_next(&graph));
    CHECK_EQ(graph.source, first);
    CHECK_EQ(tare_graph_refer(&graph, 64, NULL), TARE_OK);
    CHECK(tare_graph_open_next(&graph));
    CHECK(tare_graph_open_next(&graph));
    CHECK(!tare_graph_open_next(&graph));
    CHECK_EQ(graph.parents[tare_graph_find(&graph, 64)], first);
    CHECK_EQ(graph.addresses[second], 0);
    tare_graph_deinit(&graph);
}

/* Every reference of a random graph is there, and no way is shorter than that by parents. */
static void check_walked(const tare_graph *graph, const known_graph *known)
{
    uint64_t reached = 0;
    for (uint32_t node = 0; node < graph->count; node++) {
        uint32_t at = graph->first[node], source = thing_at(graph, node);
        reached |= UINT64_C(1) << source;
        CHECK(node == 0 || graph->parents[node] < node);
        for (uint32_t i = 0; i < known->reference_count; i++) {
            if (known->sources[i] != source)
                continue;
            uint32_t target = graph->targets[at++];
            CHECK_EQ(thing_at(graph, target), known->targets[i]);
            CHECK(depth_of(graph, target) <= depth_of(graph, node) + 1);
        }
        CHECK_EQ(at, graph->first[node + 1]);
    }
    CHECK(reached == reach_known(known, 0));
    CHECK_EQ(graph->target_count, graph->first[graph->count]);
}

TEST(random_graphs_are_walked_whole)
{
    uint64_t seed = 7;
    for (int i = 0; i < RANDOM_GRAPHS; i++) {
        known_graph known;
        tare_graph  graph = {.alloc = tare_alloc_system()};
        draw_known(&known, &seed);
        memset(known.pinned, 0, sizeof known.pinned);
        CHECK_EQ(walk_known(&graph, &known), TARE_OK);
        check_walked(&graph, &known);
        tare_graph_deinit(&graph);
    }
}

/* Heads: all is reached from them, and none of them from those before it. */
TEST(random_graphs_are_reached_from_their_heads)
{
    uint64_t seed = 23;
    for (int i = 0; i < RANDOM_GRAPHS; i++) {
        known_graph known;
        uint32_t    heads[KNOWN_THINGS], count;
        uint64_t    reached = 1;
        tare_graph  graph = {.alloc = tare_alloc_system()};
        draw_known(&known, &seed);
        CHECK_EQ(walk_known(&graph, &known), TARE_OK);
        CHECK_EQ(tare_graph_heads(&graph, heads, &count, NULL), TARE_OK);
        for (uint32_t head = 0; head < count; head++) {
            uint64_t bit = UINT64_C(1) << thing_at(&graph, heads[head]);
            CHECK_EQ(graph.parents[heads[head]], 0);
            CHECK((reached & bit) == 0);
            reached |= reach_from(&known, bit, 0);
        }
        CHECK(reached == reach_known(&known, 0));
        tare_graph_deinit(&graph);
    }
}

/* 1 <-> 2 is a ring that 3 holds; 4 <-> 5 one that nothing holds. */
TEST(what_is_held_is_no_head)
{
    const known_graph known = {
        .thing_count = 6,
        .reference_count = 10,
        .sources = {0, 0, 0, 0, 0, 1, 2, 3, 4, 5},
        .targets = {1, 2, 3, 4, 5, 2, 1, 1, 5, 4},
    };
    uint32_t   heads[KNOWN_THINGS], count;
    tare_graph graph = {.alloc = tare_alloc_system()};
    CHECK_EQ(walk_known(&graph, &known), TARE_OK);
    CHECK_EQ(tare_graph_heads(&graph, heads, &count, NULL), TARE_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(thing_at(&graph, heads[0]), 3);
    CHECK_EQ(thing_at(&graph, heads[1]), 4);
    tare_graph_deinit(&graph);
}

static tare_status walk_to_heads(const tare_alloc *alloc, const known_graph *known)
{
    tare_graph  graph = {.alloc = alloc};
    uint32_t    heads[KNOWN_THINGS], count;
    tare_status status = walk_known(&graph, known);
    if (status == TARE_OK)
        status = tare_graph_heads(&graph, heads, &count, NULL);
    tare_graph_deinit(&graph);
    return status;
}

TEST(survives_every_failed_allocation)
{
    uint64_t    seed = 11;
    known_graph known;
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    draw_known(&known, &seed);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = walk_to_heads(&memory.alloc, &known);
        CHECK_EQ(memory.outstanding, 0);
    }
}
