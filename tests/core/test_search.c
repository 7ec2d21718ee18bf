/* test_search.c - what is reached without some, and how far away it is. */
#include "harness.h"
#include "oom.h"

#include "heap/search.h"
#include "known_graphs.h"

#include <string.h>

enum { RANDOM_GRAPHS = 2000 };

static uint32_t depth_of(const tare_search *search, uint32_t node)
{
    uint32_t depth = 0;
    for (; search->parents[node] != node; node = search->parents[node])
        depth++;
    return depth;
}

static void check_search(const tare_graph *graph, const known_graph *known, uint32_t avoided)
{
    uint64_t    reached = 0;
    uint32_t    before = 0;
    tare_search search = {0};
    CHECK_EQ(tare_search_begin(&search, graph, NULL), TARE_OK);
    tare_search_avoid(&search, avoided);
    tare_search_from(&search, 0);
    for (uint32_t i = 0; i < search.count; i++) {
        uint32_t depth = depth_of(&search, search.order[i]);
        reached |= UINT64_C(1) << thing_at(graph, search.order[i]);
        CHECK(depth >= before);
        before = depth;
    }
    CHECK(reached == reach_from(known, 1, thing_at(graph, avoided)));
    tare_search_from(&search, 0);
    CHECK_EQ(search.count, __builtin_popcountll(reached));
    tare_search_deinit(&search);
}

TEST(random_graphs_without_each_of_their_nodes)
{
    uint64_t seed = 29;
    for (int i = 0; i < RANDOM_GRAPHS / 10; i++) {
        known_graph known;
        tare_graph  graph = {.alloc = tare_alloc_system()};
        draw_known(&known, &seed);
        CHECK_EQ(walk_known(&graph, &known), TARE_OK);
        for (uint32_t node = 1; node < graph.count; node++)
            check_search(&graph, &known, node);
        tare_graph_deinit(&graph);
    }
}

/* 1 -> 2 -> 3, 4 -> 3: from 4 and then from 1, without 2. */
TEST(several_beginnings_add_up)
{
    const known_graph known = {
        .thing_count = 5,
        .reference_count = 5,
        .sources = {0, 0, 1, 2, 4},
        .targets = {1, 4, 2, 3, 3},
    };
    tare_graph  graph = {.alloc = tare_alloc_system()};
    tare_search search = {0};
    CHECK_EQ(walk_known(&graph, &known), TARE_OK);
    uint32_t one = tare_graph_find(&graph, address_of_thing(1));
    uint32_t two = tare_graph_find(&graph, address_of_thing(2));
    uint32_t three = tare_graph_find(&graph, address_of_thing(3));
    uint32_t four = tare_graph_find(&graph, address_of_thing(4));
    CHECK_EQ(tare_search_begin(&search, &graph, NULL), TARE_OK);
    tare_search_avoid(&search, two);
    tare_search_from(&search, four);
    CHECK_EQ(search.count, 2);
    CHECK_EQ(search.parents[three], four);
    tare_search_from(&search, one);
    tare_search_from(&search, two);
    CHECK_EQ(search.count, 3);
    CHECK_EQ(search.parents[one], one);
    CHECK_EQ(search.parents[two], TARE_GRAPH_NONE);
    tare_search_deinit(&search);
    tare_graph_deinit(&graph);
}

static tare_status search_known(const tare_alloc *alloc, const known_graph *known)
{
    tare_graph  graph = {.alloc = alloc};
    tare_search search = {0};
    tare_status status = walk_known(&graph, known);
    if (status == TARE_OK)
        status = tare_search_begin(&search, &graph, NULL);
    tare_search_deinit(&search);
    tare_graph_deinit(&graph);
    return status;
}

TEST(survives_every_failed_allocation)
{
    uint64_t    seed = 31;
    known_graph known;
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    draw_known(&known, &seed);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = search_known(&memory.alloc, &known);
        CHECK_EQ(memory.outstanding, 0);
    }
}
