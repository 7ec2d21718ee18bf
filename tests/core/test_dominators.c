/* test_dominators.c - who owns whom: against taking each thing away and looking what is left. */
#include "harness.h"
#include "oom.h"

#include "heap/dominators.h"
#include "known_graphs.h"

enum { RANDOM_GRAPHS = 3000, LONG = 1000000 };

static void check_against_brute_force(const tare_graph *graph, const known_graph *known)
{
    uint32_t owners[KNOWN_THINGS];
    uint64_t retained[KNOWN_THINGS];
    uint64_t all = reach_known(known, 0), walked = 0;
    for (uint32_t node = 0; node < graph->count; node++)
        walked |= retained[node] = graph->bytes[node];
    CHECK_EQ(tare_dominators_find(graph, owners, NULL), TARE_OK);
    tare_dominators_sum(owners, graph->count, retained);
    CHECK_EQ(owners[0], 0);
    CHECK(retained[0] == walked);
    for (uint32_t node = 1; node < graph->count; node++) {
        uint32_t thing = thing_at(graph, node);
        uint64_t gone = all & ~reach_known(known, thing) & walked;
        CHECK(owners[node] < node);
        CHECK(retained[node] == gone);
    }
}

/* A thing's weight is its bit, so what is retained says which things, not only how many. */
TEST(random_graphs_lose_what_brute_force_says)
{
    uint64_t seed = 3;
    for (int i = 0; i < RANDOM_GRAPHS; i++) {
        known_graph known;
        tare_graph  graph = {.alloc = tare_alloc_system()};
        draw_known(&known, &seed);
        CHECK_EQ(walk_known(&graph, &known), TARE_OK);
        check_against_brute_force(&graph, &known);
        tare_graph_deinit(&graph);
    }
}

TEST(of_an_empty_graph_there_is_none)
{
    tare_graph graph = {.alloc = tare_alloc_system()};
    CHECK_EQ(tare_dominators_find(&graph, NULL, NULL), TARE_OK);
    tare_graph_deinit(&graph);
}

/* Thing i is at address (i + 1) * 16, as in known_graphs.h; extra(i) is one more that it refers to
 * beside the next, 0 = none. */
static uint32_t *owners_of_chain(tare_graph *graph, uint32_t (*extra)(uint32_t))
{
    void *owners = NULL;
    CHECK_EQ(tare_graph_begin(graph, NULL), TARE_OK);
    do {
        uint32_t thing = thing_at(graph, graph->source), other = extra(thing);
        graph->bytes[graph->source] = 1;
        if (thing < LONG)
            CHECK_EQ(tare_graph_refer(graph, address_of_thing(thing + 1), NULL), TARE_OK);
        if (other != 0)
            CHECK_EQ(tare_graph_refer(graph, address_of_thing(other), NULL), TARE_OK);
    } while (tare_graph_open_next(graph));
    CHECK_EQ(tare_acquire(graph->alloc, &owners, graph->count, sizeof(uint32_t), NULL), TARE_OK);
    CHECK_EQ(tare_dominators_find(graph, owners, NULL), TARE_OK);
    return owners;
}

static void check_chain(uint32_t (*extra)(uint32_t), uint32_t (*owner)(uint32_t))
{
    tare_graph graph = {.alloc = tare_alloc_system()};
    uint32_t  *owners = owners_of_chain(&graph, extra);
    uint32_t   wrong = 0;
    for (uint32_t node = 1; node < graph.count; node++)
        wrong += thing_at(&graph, owners[node]) != owner(thing_at(&graph, node));
    CHECK_EQ(graph.count, LONG + 1);
    CHECK_EQ(wrong, 0);
    tare_release(graph.alloc, owners, graph.count, sizeof(uint32_t));
    tare_graph_deinit(&graph);
}

static uint32_t nothing(uint32_t thing)
{
    (void)thing;
    return 0;
}

static uint32_t one_before(uint32_t thing)
{
    return thing > 0 ? thing - 1 : 0;
}

static uint32_t head_from_tail(uint32_t thing)
{
    return thing == LONG ? 1 : 0;
}

static uint32_t over_one(uint32_t thing)
{
    return thing + 2 <= LONG ? thing + 2 : 0;
}

static uint32_t the_process(uint32_t thing)
{
    (void)thing;
    return 0;
}

TEST(a_chain_of_a_million)
{
    check_chain(nothing, one_before);
}

TEST(a_ring_of_a_million)
{
    check_chain(head_from_tail, one_before);
}

/* 0 -> 1, 2; 1 -> 2, 3; 2 -> 3, 4 ...: whichever is taken away, there is a way around it. */
TEST(a_braid_of_a_million)
{
    check_chain(over_one, the_process);
}

static tare_status find_owners(const tare_alloc *alloc, const known_graph *known)
{
    tare_graph  graph = {.alloc = alloc};
    uint32_t    owners[KNOWN_THINGS];
    tare_status status = walk_known(&graph, known);
    if (status == TARE_OK)
        status = tare_dominators_find(&graph, owners, NULL);
    tare_graph_deinit(&graph);
    return status;
}

TEST(survives_every_failed_allocation)
{
    uint64_t    seed = 19;
    known_graph known;
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    draw_known(&known, &seed);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = find_owners(&memory.alloc, &known);
        CHECK_EQ(memory.outstanding, 0);
    }
}
