/* graph.h - who refers to whom: things in memory as numbered nodes, in breadth-first order.
 *
 * Node 0 is the process; what it refers to are the roots. A walk opens one node after the other,
 * in the order of their numbers, and tells what each refers to; a thing met for the first time
 * gets the next number. So the numbering is the queue, the references of a node lie together, and
 * the node that met it first leads back to the process by a shortest path:
 *
 *     tare_graph_begin(&graph, &err);                      opens node 0
 *     tare_graph_refer(&graph, address of a root, &err);
 *     while (tare_graph_open_next(&graph))                 is graph.source
 *         tare_graph_refer(&graph, address of what it refers to, &err); ...
 *
 *     parents[n] < n                      but for 0
 *     targets[first[n]] ... targets[first[n + 1] - 1]      what n refers to, in the order told
 *
 * Zeroed storage with an allocator is a valid empty graph.
 * Cost: refer has O(1), one access to memory for the number and one when the thing was met by
 * another; 33 bytes for each node and 4 for each reference, beside 256 KiB of numbers for each
 * MiB of heap. */
#ifndef TARE_HEAP_GRAPH_H
#define TARE_HEAP_GRAPH_H

#include "heap/numbers.h"

#include <stdbool.h>

enum {
    TARE_GRAPH_SHARED = 1, /* more than one node refers to it */
    TARE_GRAPH_PINNED = 2  /* is never freed, whoever refers to it */
};

#define TARE_GRAPH_NONE UINT32_MAX

typedef struct tare_graph {
    const tare_alloc *alloc; /* borrowed; must outlive the graph */
    tare_numbers      numbers;
    uint64_t         *addresses;     /* owned; 0 = no thing but a place: the process */
    uint64_t         *bytes;         /* owned; written by the walk */
    uint32_t         *parents;       /* owned; who met it first */
    uint32_t         *first;         /* owned; opened_count + 1 are valid */
    uint32_t         *tags;          /* owned; written by the walk */
    uint8_t          *flags;         /* owned */
    uint32_t         *targets;       /* owned */
    uint32_t          capacities[6]; /* of those with an item for each node, in this order */
    uint32_t          count;         /* of nodes */
    uint32_t          opened_count;
    uint32_t          source; /* the node that is open: opened_count - 1 */
    uint32_t          target_count, target_capacity;
} tare_graph;

void tare_graph_deinit(tare_graph *graph);

TARE_MUST_USE tare_status tare_graph_begin(tare_graph *graph, tare_error *err);

/* A thing that was not met; the open node does not refer to it. The caller gives it its number. */
TARE_MUST_USE tare_status tare_graph_add(tare_graph *graph, uint64_t address, uint32_t *number_out,
                                         tare_error *err);
TARE_MUST_USE tare_status tare_graph_grow_targets(tare_graph *graph, tare_error *err);

/* The open node refers to a place of its own that is no thing. */
TARE_MUST_USE tare_status tare_graph_refer_place(tare_graph *graph, uint32_t *number_out,
                                                 tare_error *err);

/* The number of a thing, or TARE_GRAPH_NONE. */
uint32_t tare_graph_find(const tare_graph *graph, uint64_t address);

/* Those who refer to target, each once, in order of their numbers, capacity at most; the count of
 * all. Cost: one look at every reference. */
uint32_t tare_graph_holders(const tare_graph *graph, uint32_t target, uint32_t *out,
                            uint32_t capacity);

/* Some of what node 0 refers to, so that from them everything is reached: those that nothing but
 * it refers to, then one of each ring. out: room for graph->count. Every node was opened. */
TARE_MUST_USE tare_status tare_graph_heads(const tare_graph *graph, uint32_t *out,
                                           uint32_t *count_out, tare_error *err);

/* Opens the next node that was met and not opened; false when there is none. */
static inline bool tare_graph_open_next(tare_graph *graph)
{
    if (graph->opened_count == graph->count)
        return false;
    graph->source = graph->opened_count++;
    graph->first[graph->opened_count] = graph->target_count;
    return true;
}

/* The open node refers to the thing at the address. */
static inline TARE_MUST_USE tare_status tare_graph_refer(tare_graph *graph, uint64_t address,
                                                         tare_error *err)
{
    uint32_t *slot;
    TARE_TRY(tare_numbers_slot(&graph->numbers, address, &slot, err));
    if (graph->target_count == graph->target_capacity)
        TARE_TRY(tare_graph_grow_targets(graph, err));
    uint32_t number = *slot;
    if (number == 0) {
        TARE_TRY(tare_graph_add(graph, address, &number, err));
        *slot = number;
    } else if (graph->parents[number] != graph->source && number != graph->source) {
        graph->flags[number] |= TARE_GRAPH_SHARED;
    }
    graph->targets[graph->target_count++] = number;
    graph->first[graph->opened_count] = graph->target_count;
    return TARE_OK;
}

#endif
