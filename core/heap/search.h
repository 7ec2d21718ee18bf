/* search.h - what is reached in a graph when some of it is left out.
 *
 *     tare_search_begin(&search, &graph, &err);
 *     tare_search_avoid(&search, node);
 *     tare_search_from(&search, 0);
 *
 * order[0] ... order[count - 1] are then the nodes that are reached, the nearest first, and
 * parents lead back to where the search began.
 * Cost: begin O(nodes), from O(nodes + references reached). */
#ifndef TARE_HEAP_SEARCH_H
#define TARE_HEAP_SEARCH_H

#include "heap/graph.h"

typedef struct tare_search {
    const tare_graph *graph;   /* borrowed; every node was opened */
    uint32_t         *parents; /* owned; of a beginning itself, of what is not reached NONE */
    uint32_t         *order;   /* owned */
    uint8_t          *avoided; /* owned */
    uint32_t          count;
} tare_search;

/* search is zeroed; the caller calls deinit whatever is returned. */
TARE_MUST_USE tare_status tare_search_begin(tare_search *search, const tare_graph *graph,
                                            tare_error *err);
void                      tare_search_deinit(tare_search *search);

void tare_search_avoid(tare_search *search, uint32_t node); /* before any from */
/* Goes on from there as well; nothing when it is reached already or avoided. */
void tare_search_from(tare_search *search, uint32_t node);

#endif
