/* edges_settle.h - edges.c and edges_tree.c between themselves. */
#ifndef TARE_IO_EDGES_SETTLE_H
#define TARE_IO_EDGES_SETTLE_H

#include "io/edges.h"

/* What the graph says of each function, once the pairs agree with the functions. */
typedef struct tare_edge_place {
    uint32_t first_in, in_count;   /* edges to it: in[first_in] ... */
    uint32_t first_out, out_count; /* edges from it: out[first_out] ... */
    bool     recursive;            /* on a cycle */
    bool     is_root;              /* has a context of its own at the root */
    double   root_weight;          /* of that context */
    double   weight_sum;           /* with those of all edges to it */
} tare_edge_place;

typedef struct tare_edge_graph {
    const tare_edges *edges;
    tare_edge_place  *places;       /* owned; by function */
    uint32_t         *in, *out;     /* owned; edge ids */
    double           *weights;      /* owned; by edge: what its callee's callees took */
    uint64_t         *root_amounts; /* owned; by function: what no caller accounts for */
} tare_edge_graph;

/* Makes the amounts of the edges to each function add up to no more than the function's, and
 * finds roots, cycles and weights. On failure safe to deinit. */
TARE_MUST_USE tare_status tare_edge_graph_init(tare_edge_graph *graph, tare_edges *edges,
                                               tare_error *err);
void                      tare_edge_graph_deinit(tare_edge_graph *graph);

#endif
