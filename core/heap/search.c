/* search.c - see search.h. The order is the queue, as in graph.h. */
#include "heap/search.h"

#include <string.h>

tare_status tare_search_begin(tare_search *search, const tare_graph *graph, tare_error *err)
{
    void *parents, *order, *avoided;
    search->graph = graph;
    TARE_TRY(tare_acquire(graph->alloc, &parents, graph->count, sizeof(uint32_t), err));
    search->parents = parents;
    TARE_TRY(tare_acquire(graph->alloc, &order, graph->count, sizeof(uint32_t), err));
    search->order = order;
    TARE_TRY(tare_acquire(graph->alloc, &avoided, graph->count, 1, err));
    search->avoided = avoided;
    if (graph->count > 0)
        memset(parents, 0xFF, graph->count * sizeof(uint32_t)); /* NONE, each */
    return TARE_OK;
}

void tare_search_deinit(tare_search *search)
{
    if (search->graph != NULL) {
        const tare_alloc *alloc = search->graph->alloc;
        tare_release(alloc, search->parents, search->graph->count, sizeof(uint32_t));
        tare_release(alloc, search->order, search->graph->count, sizeof(uint32_t));
        tare_release(alloc, search->avoided, search->graph->count, 1);
    }
    *search = (tare_search){0};
}

void tare_search_avoid(tare_search *search, uint32_t node)
{
    search->avoided[node] = 1;
}

static void reach(tare_search *search, uint32_t node, uint32_t parent)
{
    if (search->parents[node] != TARE_GRAPH_NONE || search->avoided[node])
        return;
    search->parents[node] = parent;
    search->order[search->count++] = node;
}

void tare_search_from(tare_search *search, uint32_t node)
{
    const tare_graph *graph = search->graph;
    uint32_t          done = search->count;
    reach(search, node, node);
    for (; done < search->count; done++) {
        uint32_t source = search->order[done];
        for (uint32_t at = graph->first[source]; at < graph->first[source + 1]; at++)
            reach(search, graph->targets[at], source);
    }
}
