/* dominators.h - what goes if a thing goes.
 *
 * A node dominates another when every way from the process to the other leads through it: the
 * other then is freed with it. Each node has an immediate dominator, the nearest, and these form
 * a tree; what a node retains is the sum over its part of that tree.
 *
 *     owners[n] < n          but for 0, whose owner is itself; so one pass backwards sums
 *
 * A pinned node is never freed: the process owns it, whoever refers to it.
 *
 * Cost: O(references * log nodes) at worst, near to linear; nodes that only one other refers to,
 * and that lead to no others than such, take a bit and no more: nine of ten in most heaps. */
#ifndef TARE_HEAP_DOMINATORS_H
#define TARE_HEAP_DOMINATORS_H

#include "heap/graph.h"

/* owners_out: room for graph->count. Every node of the graph was opened. */
TARE_MUST_USE tare_status tare_dominators_find(const tare_graph *graph, uint32_t *owners_out,
                                               tare_error *err);

/* amounts: for each node its own; becomes what it retains, itself included. */
void tare_dominators_sum(const uint32_t *owners, uint32_t count, uint64_t *amounts);

#endif
