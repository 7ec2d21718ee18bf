/* edges.h - from a file that knows only who called whom to a tree.
 *
 * Such a file (pstats, callgrind) has for each function what it cost, and for each pair (caller,
 * callee) what the callee cost when that caller called it. Paths of three and more are not in it.
 * The tree made here is an estimate, and says where:
 *
 *     root      a function that nobody calls, or that was also called by nobody; of a cycle into
 *               which nothing leads, the member with the most time
 *     known     a path that surely was: every function on it, but for the first, has exactly one
 *               caller, and none is on a cycle; or the file leaves no other place for a tenth of
 *               the time of its last pair. Of f's 10 s in g no more than 3 s can have been where f
 *               spent 3 s for others, so that 7 s were here: `certain_ns`. All other nodes have
 *               the metric `estimated`.
 *     share     a function that called others in several contexts took in each the part of their
 *               time that the callees' own time there stands for: if f spent 1 s in callees for
 *               its caller a and 3 s for b, each callee of f is found under a.f with 1/4 of what f
 *               called, under b.f with 3/4. What f itself cost for a and for b the file says.
 *
 * So per pair the tree has exactly the file's numbers, once pairs were made to agree with the
 * functions, and as long as there is no recursion also its cumulative times, to rounding.
 * Recursion repeats in the tree, with ever smaller shares; it ends where less than TARE_EDGES_CUT
 * of the whole is left, at TARE_EDGES_MAX_DEPTH, or where the tree has TARE_EDGES_MAX_NODES. Known
 * paths go first, then whatever has most time; what would take less than TARE_EDGES_LEAST of the
 * whole is not guessed at all. Where it ends the node has a child "(not expanded)" whose
 * `unexpanded_ns` is what the functions called from there took. That time itself stands, by
 * function, below the root's child "(path not known)". Therefore
 *
 *     over all nodes of a function own costs and calls == the file's, exactly
 *     over the whole tree          own costs           == the sum of the file's
 *
 * Cumulative times and primitive calls of the file are kept on the first node of each function,
 * as `inclusive_ns` and `primitive_calls`. */
#ifndef TARE_IO_EDGES_H
#define TARE_IO_EDGES_H

#include "io/imported.h"

enum {
    TARE_EDGES_MAX_NODES = 200000, /* contexts but for one of each function: its only one, or
                                      that at the root; whatever the file says */
    TARE_EDGES_MAX_DEPTH = 1000,
    TARE_EDGES_MAX_AMOUNTS = 34 /* own cost, calls, and 32 more */
};

#define TARE_EDGES_CUT 1e-4   /* of the whole: recursion that takes less is not expanded */
#define TARE_EDGES_LEAST 1e-6 /* of the whole: a guessed context that takes less is not made */

/* What amounts[] of a function and of a pair mean; more may follow. */
enum { TARE_EDGES_OWN = 0, TARE_EDGES_CALLS = 1, TARE_EDGES_MORE = 2 };

typedef struct tare_edge_function {
    uint32_t function;        /* id in the profile */
    uint64_t inclusive;       /* with all it called; the same unit as the own cost */
    uint64_t primitive_calls; /* those not within another call of the function */
} tare_edge_function;

typedef struct tare_call_edge {
    uint32_t caller, callee;  /* indices of functions */
    uint64_t inclusive;       /* of the callee, with all that it called */
    bool     own_known;       /* the file says what the callee itself cost here */
    bool     inclusive_known; /* else only how often it was called is known */
} tare_call_edge;

typedef struct tare_edges {
    const tare_alloc   *alloc;            /* borrowed */
    uint32_t            amount_count;     /* 2 to TARE_EDGES_MAX_AMOUNTS */
    tare_edge_function *functions;        /* owned */
    uint64_t           *function_amounts; /* owned; amount_count for each function */
    uint32_t            function_count;
    uint32_t            function_capacity, function_amounts_capacity;
    tare_call_edge     *edges;        /* owned; one per pair */
    uint64_t           *edge_amounts; /* owned; amount_count for each pair */
    uint32_t            edge_count;
    uint32_t            edge_capacity, edge_amounts_capacity;
    tare_map            function_by_id; /* id in the profile -> index */
    tare_map            edge_by_pair;
} tare_edges;

void tare_edges_deinit(tare_edges *edges);

/* The index of the function, old or new. */
TARE_MUST_USE tare_status tare_edges_function(tare_edges *edges, uint32_t function,
                                              uint32_t *index_out, tare_error *err);
/* The edge of the pair, old or new. */
TARE_MUST_USE tare_status tare_edges_pair(tare_edges *edges, uint32_t caller, uint32_t callee,
                                          uint32_t *edge_out, tare_error *err);
/* Valid until the next function, or pair, is added. */
uint64_t *tare_edges_function_amounts(const tare_edges *edges, uint32_t index);
uint64_t *tare_edges_pair_amounts(const tare_edges *edges, uint32_t edge);

/* Sums stop at INT64_MAX, so that no later sum can overflow. */
void tare_edges_raise(uint64_t *sum, uint64_t amount);

/* Writes the tree into the profile. is_time: the own cost is in nanoseconds, and becomes wall_ns;
 * else it is the metric metrics[0]. metrics[TARE_EDGES_MORE] and on: ids in the profile.
 * The amounts of edges are changed. O(functions + edges + nodes log nodes), and a fixed number of
 * steps that a file made for it can use up: then nothing more is guessed. */
TARE_MUST_USE tare_status tare_edges_build(tare_edges *edges, tare_imported *im, bool is_time,
                                           const uint32_t *metrics);

#endif
