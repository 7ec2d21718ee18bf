/* known_graphs.h - graphs written as lists of references, and walked as the heap is.
 *
 * Thing i is at address (i + 1) * 16; thing 0 is the process, whose references are the roots. */
#ifndef TARE_TESTS_KNOWN_GRAPHS_H
#define TARE_TESTS_KNOWN_GRAPHS_H

#include "heap/graph.h"

enum { KNOWN_THINGS = 64, KNOWN_REFERENCES = 256 };

typedef struct known_graph {
    uint32_t thing_count, reference_count;
    uint32_t sources[KNOWN_REFERENCES], targets[KNOWN_REFERENCES];
    bool     pinned[KNOWN_THINGS];
} known_graph;

static inline uint64_t address_of_thing(uint32_t thing)
{
    return ((uint64_t)thing + 1) * TARE_NUMBERS_SPACING;
}

static inline uint32_t thing_at(const tare_graph *graph, uint32_t node)
{
    return node == 0 ? 0 : (uint32_t)(graph->addresses[node] / TARE_NUMBERS_SPACING - 1);
}

/* The graph as a walk tells it; what a thing weighs is a bit of its own, so that a sum says which
 * things are in it. */
static inline tare_status walk_known(tare_graph *graph, const known_graph *known)
{
    TARE_TRY(tare_graph_begin(graph, NULL));
    do {
        uint32_t thing = thing_at(graph, graph->source);
        graph->bytes[graph->source] = UINT64_C(1) << thing;
        graph->tags[graph->source] = thing;
        if (known->pinned[thing])
            graph->flags[graph->source] |= TARE_GRAPH_PINNED;
        for (uint32_t i = 0; i < known->reference_count; i++)
            if (known->sources[i] == thing)
                TARE_TRY(tare_graph_refer(graph, address_of_thing(known->targets[i]), NULL));
    } while (tare_graph_open_next(graph));
    return TARE_OK;
}

/* Which things there is a way to from those, not touching `without` (0 = any way). */
static inline uint64_t reach_from(const known_graph *known, uint64_t reached, uint32_t without)
{
    uint64_t before = 0;
    while (reached != before) {
        before = reached;
        for (uint32_t i = 0; i < known->reference_count; i++)
            if (reached >> known->sources[i] & 1 && known->targets[i] != without)
                reached |= UINT64_C(1) << known->targets[i];
    }
    return reached;
}

/* What is there without that thing: what is pinned stays, unless it is that itself. */
static inline uint64_t reach_known(const known_graph *known, uint32_t without)
{
    uint64_t from = 1, all = reach_from(known, 1, 0);
    for (uint32_t thing = 1; thing < known->thing_count; thing++)
        if (known->pinned[thing] && thing != without)
            from |= all & UINT64_C(1) << thing;
    return reach_from(known, from, without);
}

static inline uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

/* Of the process, which nothing refers to. Sparse ones have long ways, dense ones many. */
static inline void draw_known(known_graph *known, uint64_t *seed)
{
    *known = (known_graph){.thing_count = 2 + draw(seed, KNOWN_THINGS - 2)};
    uint32_t most = known->thing_count * (1 + draw(seed, 3));
    known->reference_count = most < KNOWN_REFERENCES ? most : KNOWN_REFERENCES;
    for (uint32_t i = 0; i < known->reference_count; i++) {
        known->sources[i] = draw(seed, known->thing_count);
        known->targets[i] = 1 + draw(seed, known->thing_count - 1);
    }
    for (uint32_t thing = 1; thing < known->thing_count; thing++)
        known->pinned[thing] = draw(seed, 16) == 0;
}

#endif
